#include "lib/room/roster.h"

#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/base/utf8.h"
#include "lib/room/roster_line.h"

struct parser {
	struct roster *roster;
	const char *source;
	long line;
	size_t server_cap, tunnel_cap;
	struct map *ids;     /* id -> its line */
	struct map *tunnels; /* name -> index + 1 in roster->tunnels */
	const char *tunnel;  /* the name that holds now, or NULL */
	bool lost;	     /* the tunnel that holds now could not be read */
	size_t lost_problem; /* index of its problem */
	size_t lost_count;   /* servers left out because of it */
};

static void *number_value(size_t number)
{
	return (void *)(uintptr_t)number;
}

static size_t value_number(const void *value)
{
	return (size_t)(uintptr_t)value;
}

static void add_problem(struct parser *parser, const char *text)
{
	list_take(&parser->roster->problems,
		  mem_format("%s:%ld: %s", parser->source, parser->line, text));
}

/* What no server or tunnel line may hold. */
static int check_bytes(const char *line, size_t size, struct err *err)
{
	uint32_t point;

	if (size > ROSTER_LINE_MAX)
		return err_set(err, STATUS_USAGE, "the line is longer than %d bytes",
			       ROSTER_LINE_MAX);
	for (size_t at = 0, step; at < size; at += step) {
		step = utf8_read(line + at, size - at, &point);
		if (!step)
			return err_set(err, STATUS_USAGE,
				       "byte %zu is not UTF-8 (save the file as UTF-8)", at + 1);
		if (point < ' ' || (point >= 0x7f && point < 0xa0))
			return err_set(err, STATUS_USAGE, "byte %zu is a control byte, 0x%02x",
				       at + 1, (unsigned)point);
	}
	return 0;
}

/* Ends the stretch of servers behind an unreadable tunnel line: its problem says how many. */
static void close_lost(struct parser *parser)
{
	char **problem;
	char *longer;

	if (parser->lost && parser->lost_count) {
		problem = &parser->roster->problems.at[parser->lost_problem];
		longer =
		    mem_format("%s; the %zu server%s behind it cannot be imported without it",
			       *problem, parser->lost_count, parser->lost_count == 1 ? "" : "s");
		free(*problem);
		*problem = longer;
	}
	parser->lost = false;
	parser->lost_count = 0;
}

/* The same tunnel may be named again, to go on with it; another one of its name may not. */
static int keep_tunnel(struct parser *parser, struct roster_tunnel *tunnel, struct err *err)
{
	struct roster *roster = parser->roster;
	size_t known = value_number(map_get(parser->tunnels, tunnel->name));

	if (known) {
		const struct roster_tunnel *first = &roster->tunnels[known - 1];

		if (!roster_tunnel_equal(tunnel, first)) {
			err_set(err, STATUS_USAGE, "tunnel '%s' is defined differently on line %ld",
				tunnel->name, first->line);
			roster_tunnel_finish(tunnel);
			return -1;
		}
		roster_tunnel_finish(tunnel);
		parser->tunnel = first->name;
		return 0;
	}
	if (roster->tunnel_count == parser->tunnel_cap) {
		parser->tunnel_cap = parser->tunnel_cap ? parser->tunnel_cap * 2 : 4;
		roster->tunnels =
		    mem_resize(roster->tunnels, parser->tunnel_cap, sizeof(*roster->tunnels));
	}
	tunnel->line = parser->line;
	roster->tunnels[roster->tunnel_count++] = *tunnel;
	map_set(parser->tunnels, tunnel->name, number_value(roster->tunnel_count));
	parser->tunnel = tunnel->name;
	return 0;
}

static void read_hash_line(struct parser *parser, const char *line, size_t size)
{
	struct roster_tunnel tunnel;
	struct err err = ERR_INIT;
	int result = roster_read_tunnel(line + 1, size - 1, &tunnel, &err);

	if (!result)
		return;
	close_lost(parser);
	if (result == 1) {
		if (!check_bytes(line, size, &err)) {
			if (!keep_tunnel(parser, &tunnel, &err))
				return;
		} else {
			roster_tunnel_finish(&tunnel);
		}
	}
	add_problem(parser, err.text);
	parser->tunnel = NULL;
	parser->lost = true;
	parser->lost_problem = parser->roster->problems.count - 1;
}

static int keep_server(struct parser *parser, struct roster_server *server, struct err *err)
{
	struct roster *roster = parser->roster;
	void *line = number_value((size_t)parser->line);
	size_t first = value_number(map_get(parser->ids, server->server.id));

	if (first)
		return err_set(err, STATUS_USAGE, "id '%s' is on line %zu already",
			       server->server.id, first);
	map_set(parser->ids, server->server.id, line);
	if (parser->lost) {
		parser->lost_count++;
		server_finish(&server->server);
		mem_wipe_free(server->password);
		return 0;
	}
	if (roster->server_count == parser->server_cap) {
		parser->server_cap = parser->server_cap ? parser->server_cap * 2 : 16;
		roster->servers =
		    mem_resize(roster->servers, parser->server_cap, sizeof(*roster->servers));
	}
	server->server.tunnel = mem_text(parser->tunnel);
	server->line = parser->line;
	server->says = ROSTER_SAYS;
	roster->servers[roster->server_count++] = *server;
	return 0;
}

static void read_server_line(struct parser *parser, const char *line, size_t size)
{
	struct roster_fields fields = {.bytes = NULL};
	struct roster_server server = {.password = NULL};
	struct err err = ERR_INIT;

	server_init(&server.server);
	if (check_bytes(line, size, &err))
		goto fail;
	roster_split(&fields, line, size);
	if (roster_read_server(&fields, &server.server, &server.password, &err) ||
	    keep_server(parser, &server, &err))
		goto fail;
	roster_fields_finish(&fields);
	return;
fail:
	add_problem(parser, err.text);
	server_finish(&server.server);
	mem_wipe_free(server.password);
	if (fields.bytes)
		roster_fields_finish(&fields);
}

static void read_line(struct parser *parser, const char *line, size_t size)
{
	while (size && strchr(" \t\r", line[size - 1]))
		size--;
	while (size && strchr(" \t", *line)) {
		line++;
		size--;
	}
	if (!size)
		return;
	if (*line == '#')
		read_hash_line(parser, line, size);
	else
		read_server_line(parser, line, size);
}

/* Whether it is a text at all: one problem says why not, rather than one for each of its lines. */
static bool check_text(struct parser *parser, const char *bytes, size_t count)
{
	const char *nul = memchr(bytes, '\0', count);

	if (count >= 2 && (!memcmp(bytes, "\xff\xfe", 2) || !memcmp(bytes, "\xfe\xff", 2))) {
		parser->line = 1;
		add_problem(parser, "the file is UTF-16 (save it as UTF-8)");
		return false;
	}
	if (!nul)
		return true;
	parser->line = 1;
	for (const char *at = bytes; at < nul; at++)
		parser->line += *at == '\n';
	add_problem(parser, "a NUL byte, so this is no text file");
	return false;
}

struct roster *roster_parse(const char *source, const char *bytes, size_t count)
{
	struct roster *roster = mem_zero(1, sizeof(*roster));
	struct parser parser = {.roster = roster, .source = source};
	const char *end = bytes + count;
	const char *next;

	if (!check_text(&parser, bytes, count))
		return roster;
	parser.ids = map_create();
	parser.tunnels = map_create();
	if (count >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3))
		bytes += 3;
	for (; bytes < end; bytes = next) {
		const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));

		parser.line++;
		next = stop ? stop + 1 : end;
		read_line(&parser, bytes, (size_t)((stop ? stop : end) - bytes));
	}
	close_lost(&parser);
	map_destroy(parser.ids);
	map_destroy(parser.tunnels);
	return roster;
}

void roster_server_finish(struct roster_server *entry)
{
	server_finish(&entry->server);
	mem_wipe_free(entry->password);
	list_finish(&entry->state);
	list_finish(&entry->schedule);
}

void roster_destroy(struct roster *roster)
{
	if (!roster)
		return;
	for (size_t i = 0; i < roster->server_count; i++)
		roster_server_finish(&roster->servers[i]);
	for (size_t i = 0; i < roster->tunnel_count; i++)
		roster_tunnel_finish(&roster->tunnels[i]);
	free(roster->servers);
	free(roster->tunnels);
	list_finish(&roster->problems);
	list_finish(&roster->notes);
	free(roster);
}
