/*
 * A rotation's place on a server, kept as state cert_rotation until it is done. At every step the
 * old key still opens the server; only the last one, made with the new key alone, takes it away.
 *
 *   begun      the new key may be there
 *   installed  it is there
 *   proven     it opens the server
 *   switched   the console uses it
 */
#ifndef MROOM_CMD_CERT_ROTATION_H
#define MROOM_CMD_CERT_ROTATION_H

#include "cmd/cert/work.h"

struct rotation {
	char *id;
	char *new_key;	  /* path as given: NAME.pub */
	char *old_key;	  /* base64 of the one to go */
	const char *step; /* static text */
};

struct rotations {
	struct rotation *at;
	size_t count;
};

void rotations_add(struct rotations *all, const char *id, const char *new_key, const char *old_key,
		   const char *step);
void rotations_finish(struct rotations *all);
const struct rotation *rotations_find(const struct rotations *all, const char *id);

/* Those that are under way. */
int rotations_load(struct rotations *all, struct console *console, struct err *err);
/* Notes the step; "done" ends it. */
int rotation_note(struct console *console, const struct rotation *rotation, const char *step,
		  struct err *err);

#endif
