/*
 * The name of what is remembered about a server: "docker_installed", or "ports.web.0" for what lies
 * inside a value. Up to the first dot it is the key; what follows is a path of names of fields, or
 * numbers that count from 0 where there is an array.
 */
#ifndef MROOM_ROOM_STATE_KEY_H
#define MROOM_ROOM_STATE_KEY_H

#include "lib/base/err.h"
#include "lib/base/list.h"

/* No key is longer. */
#define STATE_KEY_MAX 200

struct state_key {
	char *name;
	struct list path;
};
#define STATE_KEY_INIT          \
	{                       \
		NULL, LIST_INIT \
	}

/*
 * Takes text apart. A key is made of letters, digits and _ - : / @ +, beginning with a letter, a
 * digit or _; the parts of a path are anything but empty, without quotes, backslashes and control
 * bytes. Else status 2 and what is wrong. state_key_finish also after a failure.
 */
int state_key_parse(struct state_key *key, const char *text, struct err *err);
void state_key_finish(struct state_key *key);

#endif
