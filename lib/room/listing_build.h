/* How a list of servers is put together; private to its parsers. */
#ifndef MROOM_ROOM_LISTING_BUILD_H
#define MROOM_ROOM_LISTING_BUILD_H

#include <jansson.h>

#include "lib/base/map.h"
#include "lib/room/listing.h"

struct listing {
	struct roster *roster;
	const char *source;
	struct map *ids; /* id -> its line */
	size_t cap;
	bool first_wins; /* another line for an id is left out without a word */
};

void listing_begin(struct listing *listing, const char *source);
/* The roster that came of it: the caller's. */
struct roster *listing_end(struct listing *listing);

/* Takes the entry over: checks it, and adds it or a problem. */
void listing_take(struct listing *listing, long line, struct roster_server *entry);
void listing_problem(struct listing *listing, long line, const char *text);

/* An entry with nothing in it. */
void listing_entry(struct roster_server *entry);
/* Sets a field by one of its usual names (host, hostname, address, ...); an empty value says that
 * there is none. 1; 0 when no field has that name; -1 and err. */
int listing_set(struct roster_server *entry, const char *name, const char *value, struct err *err);
/* Whether listing_set would know that name. */
bool listing_knows(const char *name);

void listing_read_json(struct listing *listing, const char *bytes, size_t count);
void listing_read_ansible(struct listing *listing, const char *bytes, size_t count);
void listing_read_csv(struct listing *listing, const char *bytes, size_t count);
void listing_read_hosts(struct listing *listing, const char *bytes, size_t count);

/* A JSON value as text: strings as they are, numbers and so on as JSON; NULL for null. Caller
 * frees. */
char *listing_json_text(const json_t *value);

#endif
