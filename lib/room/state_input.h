/* Values that come as records, from a file or standard input. */
#ifndef MROOM_ROOM_STATE_INPUT_H
#define MROOM_ROOM_STATE_INPUT_H

#include <stdbool.h>

#include "lib/base/err.h"
#include "lib/room/console.h"

enum state_input_form {
	STATE_INPUT_VALUE, /* id TAB value */
	STATE_INPUT_KEYED  /* id TAB key TAB value */
};

/* Valid during the call. */
struct state_input {
	const char *id, *key; /* key NULL with STATE_INPUT_VALUE */
	const char *json;
};
typedef int state_input_fn(void *ctx, const struct state_input *input, struct err *err);

/*
 * Reads all of `path` ("-": standard input), then calls fn per record, in one transaction; JSON
 * objects with the members id, key and value do as well. Values are read as on the command line,
 * those of objects as they are. An unknown server, a record of another form, and what fn refuses
 * are errors that name the line, and nothing is changed then.
 *
 * The transaction begins when all is read: what feeds us may have to write to the store itself.
 */
int state_input_load(struct console *console, const char *path, enum state_input_form form, bool as_text,
	       state_input_fn *fn, void *ctx, struct err *err);

#endif
