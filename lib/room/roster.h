/*
 * Roster files (mroom-roster(5)): id--host--user--password--port--key_path, one server a line,
 * tunnels as "#name--TYPE--server--user--password" lines that hold for the servers after them.
 *
 * The parser is pure: bytes in, a struct roster out. It reports every bad line, not only the first.
 * Servers behind a tunnel line that cannot be read are left out as well: to import them would mean
 * contact outside the tunnel. No message repeats a field that may hold a password.
 */
#ifndef MROOM_ROOM_ROSTER_H
#define MROOM_ROOM_ROSTER_H

#include <stddef.h>

#include "lib/base/buf.h"
#include "lib/base/list.h"
#include "lib/room/import_field.h"
#include "lib/room/server.h"

/* A longer line is a mistake. */
#define ROSTER_LINE_MAX 65536

/* What a roster's line says of a server; other fields a known server keeps. */
#define ROSTER_SAYS (IMPORT_HOST | IMPORT_PORT | IMPORT_USER | IMPORT_KEY | IMPORT_TUNNEL)

struct roster_tunnel {
	char *name, *type;   /* type in its canonical spelling: L2TP/IPSEC, IKEV2, ... */
	char *server, *user; /* user may be empty */
	char *password;	     /* NULL: none in the file; wiped on destroy */
	long line;
};

struct roster_server {
	struct server server; /* room and position are not set; tunnel is a name or NULL */
	char *password;	      /* NULL: none in the file; wiped on destroy */
	long line;
	unsigned says;	       /* bits of import_field; IMPORT_ROOM: server.room is where it is */
	struct list state;     /* key, JSON, key, JSON, ... */
	struct list schedule;  /* key, JSON (schedule_json.h), ... */
};

struct roster {
	struct roster_server *servers;
	size_t server_count;
	struct roster_tunnel *tunnels; /* each name once, in the order of its first line */
	size_t tunnel_count;
	struct list problems; /* "file:line: what, why", in file order */
	struct list notes;    /* what was left out without being wrong */
};

/* `source` names the file in messages. Always returns a roster; look at problems.count. */
struct roster *roster_parse(const char *source, const char *bytes, size_t count);
void roster_destroy(struct roster *roster); /* NULL is allowed */
void roster_server_finish(struct roster_server *entry);

/* The canonical tunnel type for a spelling (case-blind; IKV2 is IKEV2), or NULL. */
const char *tunnel_type(const char *text);
/* "L2TP/IPSEC, CISCO/IPSEC, ...": for messages. */
const char *tunnel_types(void);

#endif
