/*
 * mroom complete: what could stand at the cursor, for completion in shells. It knows nothing itself:
 * commands, verbs and options are the tools' own answers to --list-options, names come from the store.
 *
 * A candidate is a line, "WORD TAB HELP"; WORD stands for all of the word at the cursor. A line that begins with a
 * tab asks the shell for files instead: "TAB file|dir TAB FRONT", FRONT being what is no part of the path.
 */
#ifndef MROOM_CMD_COMPLETE_H
#define MROOM_CMD_COMPLETE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/list.h"
#include "lib/room/home.h"
#include "lib/room/store.h"

struct completion {
	struct home home;
	struct store *store; /* opened when it is first wanted */
	struct list words;   /* as typed; the first is mroom itself */
	const char *current; /* the last of them, to be completed */
};

/* The lines that mroom prints when it is run with these words; none where it fails. */
void ask(const struct completion *completion, const struct list *arguments, struct list *lines);

/* One answer to --list-options. */
struct answer {
	struct list lines; /* whose tabs have become ends of texts */
	struct option {
		const char *letter, *name, *type, *complete, *help;
	} *options;
	size_t count;
	const char *operand; /* what completes operands, or NULL: forms, of kinds */
	bool verbs;	     /* options[].name are verbs */
};

void answer_get(const struct completion *completion, const struct list *command,
		struct answer *answer);
void answer_finish(struct answer *answer);
const struct option *answer_name(const struct answer *answer, const char *name, size_t size);
const struct option *answer_letter(const struct answer *answer, char letter);
bool option_wants_value(const struct option *option);

/* Prints front and candidate where the candidate begins with `prefix`. */
void offer(const char *front, const char *candidate, const char *prefix, const char *help);
/* Offers all of a kind, such as targets or a|b|c, that begin with `prefix`. */
void offer_kind(struct completion *completion, const char *kind, const char *prefix,
		const char *front);
/* Names that the store has; false where it has nothing to do with that kind. */
bool offer_stored(struct completion *completion, const char *kind, const char *prefix,
		  const char *front);

#endif
