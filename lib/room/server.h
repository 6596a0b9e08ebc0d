/*
 * A server as the console knows it. All texts are malloc'ed and owned by the struct; NULL is "not
 * set". Passwords are never part of it: lib/room/secret.h hands them out one at a time.
 */
#ifndef MROOM_ROOM_SERVER_H
#define MROOM_ROOM_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

#define SERVER_ID_MAX 100

struct server {
	int64_t row; /* in the store; 0: not in it (an ad-hoc or ssh_config target) */
	char *id;
	char *host; /* name or address; IPv6 without brackets */
	long port;  /* 0: not set, meaning 22 or what ssh_config says */
	char *user; /* NULL: the default */
	char *key;  /* private key path, ~ not expanded */
	char *room;
	long position; /* in its room, from 0; -1: in no room */
	char *tunnel;  /* name of the tunnel it is reached through */
	char *jump;    /* jump hosts on the way to it, as -J has them; "none": no, whatever ssh_config says */
	char *tags;    /* comma-joined, sorted */
	bool retired;
	char *description;
	char *auth; /* how it let us in last: "publickey SHA256:...", "password", ...; NULL */
};

void server_init(struct server *server);
void server_finish(struct server *server); /* releases; the server is as after server_init */
/* A deep copy; `to` need not be initialised. */
void server_copy(struct server *to, const struct server *from);

/* Checks an id: letters, digits, . _ -, 1 to SERVER_ID_MAX bytes, not beginning with -, not . or ..
 * (ids name folders), not a command's name. Status 2 and what is wrong. */
int server_check_id(const char *id, struct err *err);
/* Whether the word is a command, verb alias or otherwise reserved (server ids and aliases may not
 * be). */
bool server_id_reserved(const char *id);
/* Checks the name of a room, a tag or a tunnel: made of the bytes of an id; not an outcome word,
 * nor "retired", because @failed and @retired mean those. `what` begins the message: "room". */
int server_check_name(const char *what, const char *name, struct err *err);
/* Checks a host: a name (letters, digits, . _ -, not beginning with -, at most 253 bytes), an IPv4
 * address, or an IPv6 address without brackets, with %ZONE when it has one. */
int server_check_host(const char *host, struct err *err);
int server_check_jump(const char *jump, struct err *err); /* several, separated by commas */
/* Checks a user name: 1 to 255 bytes of UTF-8 without blanks and control bytes, not beginning with
 * -. The message does not repeat the text: a misread line may have put a password there. */
int server_check_user(const char *user, struct err *err);

/* Reads [user@]host[:port] ("[::1]:22" and bare IPv6 too) into server: id is the text as given.
 * Returns 1 when it is of that form (has user@ or :port, is an address, or has a dot), 0 when it is
 * a bare word, -1 when malformed. */
int server_parse_address(const char *text, struct server *server, struct err *err);

#endif
