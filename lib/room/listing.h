/*
 * Lists of servers in the forms that other tools keep them in. Each parser makes a struct roster of
 * bytes, as roster_parse does: every bad line is a problem, and the good ones are servers.
 */
#ifndef MROOM_ROOM_LISTING_H
#define MROOM_ROOM_LISTING_H

#include "lib/room/roster.h"

enum listing_form {
	LISTING_ROSTER,
	LISTING_CACHE,	 /* cache.db of the first MachineRoom: a file, not bytes */
	LISTING_SSH,	 /* ssh_config: a file, not bytes */
	LISTING_ANSIBLE, /* what ansible-inventory --list prints */
	LISTING_JSON,	 /* an object per line, or an array of them */
	LISTING_CSV,	 /* with a header; separated by commas, semicolons or TABs */
	LISTING_HOSTS	 /* /etc/hosts */
};

/* The names of the forms: "roster|cache|...". */
#define LISTING_FORMS "roster|cache|ssh_config|ansible|json|csv|hosts"
/* The form of that name; it is one of LISTING_FORMS. */
enum listing_form listing_form(const char *name);

/* What the bytes look like. *err is set, and -1 returned, where they are surely something else that
 * has to be converted first, such as an Ansible inventory in YAML. */
int listing_recognise(const char *bytes, size_t count, enum listing_form *form, struct err *err);

/* Reads bytes of any form but LISTING_CACHE and LISTING_SSH. `source` names them in messages. */
struct roster *listing_parse(enum listing_form form, const char *source, const char *bytes,
			     size_t count);
/* Reads a cache.db (store_cache.c), without changing it. NULL when it cannot be opened at all. */
struct roster *listing_cache(const char *source, const char *path, struct err *err);
/* Reads an ssh_config, with what it includes (listing_ssh.c). NULL on error. */
struct roster *listing_ssh(const char *source, const char *path, struct err *err);

#endif
