/*
 * Rosters: id--host--user--password--port--key. The delimiter of a line is the first that reads
 * back as what was written. A tunnel line holds for what follows it, so that a server without a
 * tunnel cannot come after one that has one.
 */
#include "lib/base/mem.h"
#include "lib/room/export.h"
#include "lib/room/roster_line.h"

static bool same(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

/* Whether the line means just this server. */
static bool reads_back(const struct buf *line, const struct server *server, const char *password)
{
	struct roster_fields fields;
	struct server parsed;
	char *got = NULL;
	bool good = false;

	server_init(&parsed);
	roster_split(&fields, line->at, line->len);
	if (!roster_read_server(&fields, &parsed, &got, NULL)) {
		good = same(parsed.id, server->id) && same(parsed.host, server->host) &&
		       same(parsed.user, server->user) && same(parsed.key, server->key) &&
		       parsed.port == server->port && same(got, password);
		server_finish(&parsed);
	}
	mem_wipe_free(got);
	roster_fields_finish(&fields);
	return good;
}

static void format_line(struct buf *line, const struct server *server, const char *user,
			const char *password, const char *d)
{
	bool v6 = strchr(server->host, ':') != NULL;

	buf_format(line, "%s%s%s%s%s%s%s%s%s%s%ld", server->id, d, v6 ? "[" : "", server->host,
		   v6 ? "]" : "", d, user, d, password, d, server->port);
	if (server->key)
		buf_format(line, "%s%s", d, server->key);
}

static void write_server(struct export *export, const struct server *server, const char *password,
			 struct buf *into)
{
	static const char *const delimiters[] = {"--", "---", "----", "\xe2\x80\x94\xe2\x80\x94"};
	struct server whole = *server;
	struct buf line = BUF_INIT;
	bool good = false;

	if (!server->user) {
		export_leave_out(export, server->id, "a roster needs a user");
		return;
	}
	if (!whole.port)
		whole.port = 22;
	for (size_t i = 0; i < sizeof(delimiters) / sizeof(*delimiters) && !good; i++) {
		buf_wipe(&line);
		format_line(&line, &whole, server->user, password, delimiters[i]);
		good = reads_back(&line, &whole, password);
	}
	if (good) {
		buf_add(into, line.at, line.len);
		buf_char(into, '\n');
		if (server->jump)
			export_lose(export, server->id, "jump hosts");
	} else {
		export_leave_out(export, server->id, "a roster's line cannot hold its fields");
	}
	buf_wipe(&line);
}

/* "#name--TYPE--server--user--password": 1, 0 when a line cannot say it, -1. */
static int write_tunnel(struct export *export, const char *name, struct buf *into, struct err *err)
{
	struct roster_tunnel tunnel = {.name = NULL}, parsed = {.name = NULL};
	struct buf password = BUF_INIT, line = BUF_INIT;
	int found = store_tunnel_line(export->console->store, name, &tunnel, err);
	int result = found < 0 ? -1 : 0;
	bool good = false;

	if (found == 1 && export->secrets &&
	    secret_get(export->console->box, export->console->store, SECRET_TUNNEL_PASSWORD, name,
		       &password, err) < 0)
		result = -1;
	for (const char *d = "--"; found == 1 && !result && !good && *d; d = d[2] ? "" : "---") {
		buf_wipe(&line);
		buf_format(&line, "%s%s%s%s%s%s%s%s%s", tunnel.name, d, tunnel.type, d,
			   tunnel.server, d, tunnel.user, d, password.at);
		good = roster_read_tunnel(line.at, line.len, &parsed, NULL) == 1;
		if (good) {
			good = same(parsed.password, password.at) &&
			       same(parsed.user, tunnel.user) && same(parsed.server, tunnel.server);
			roster_tunnel_finish(&parsed);
		}
	}
	if (good)
		buf_format(into, "#%s\n", line.at);
	if (!result)
		result = good;
	roster_tunnel_finish(&tunnel);
	buf_wipe(&password);
	buf_wipe(&line);
	return result;
}

int export_roster(struct export *export, struct buf *into, struct err *err)
{
	const char *tunnel = NULL;

	for (size_t i = 0; i < export->count; i++) {
		const struct server *server = &export->servers[i];
		struct buf password = BUF_INIT;

		if (tunnel && !server->tunnel) {
			export_leave_out(export, server->id,
					 "it has no tunnel, but stands behind one that has");
			continue;
		}
		if (server->tunnel && !same(server->tunnel, tunnel)) {
			int written = write_tunnel(export, server->tunnel, into, err);

			if (written < 0)
				return -1;
			if (!written) {
				export_leave_out(export, server->id,
						 "a roster's line cannot say its tunnel");
				continue;
			}
			tunnel = server->tunnel;
		}
		if (export_password(export, server->id, &password, err) < 0)
			return -1;
		write_server(export, server, password.at, into);
		buf_wipe(&password);
	}
	return 0;
}
