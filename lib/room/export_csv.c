/* CSV with a header, RFC 4180 but for its line ends; and /etc/hosts. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "lib/room/export.h"

static void add_field(struct buf *into, const char *text, bool first)
{
	if (!first)
		buf_char(into, ',');
	if (!text)
		return;
	if (!text[strcspn(text, ",\"\r\n")]) {
		buf_text(into, text);
		return;
	}
	buf_char(into, '"');
	for (; *text; text++) {
		if (*text == '"')
			buf_char(into, '"');
		buf_char(into, *text);
	}
	buf_char(into, '"');
}

static void add_server(struct buf *into, const struct server *server)
{
	char port[24] = "";
	const char *const values[] = {
	    server->id,
	    server->host,
	    port,
	    server->user,
	    server->key,
	    server->room,
	    server->tunnel,
	    server->jump,
	    server->tags,
	    server->retired ? "true" : "false",
	    server->description,
	};

	if (server->port)
		snprintf(port, sizeof(port), "%ld", server->port);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		add_field(into, values[i], !i);
}

int export_csv(struct export *export, struct buf *into, struct err *err)
{
	buf_text(into, "id,host,port,user,key,room,tunnel,jump,tags,retired,description");
	buf_text(into, export->secrets ? ",password\n" : "\n");
	for (size_t i = 0; i < export->count; i++) {
		struct buf password = BUF_INIT;
		int found = export_password(export, export->servers[i].id, &password, err);

		if (found < 0)
			return -1;
		add_server(into, &export->servers[i]);
		if (export->secrets)
			add_field(into, password.at, false);
		buf_char(into, '\n');
		buf_wipe(&password);
	}
	return 0;
}

static bool is_address(const char *text)
{
	struct in6_addr parsed;

	return inet_pton(AF_INET, text, &parsed) == 1 || inet_pton(AF_INET6, text, &parsed) == 1;
}

int export_hosts(struct export *export, struct buf *into, struct err *err)
{
	(void)err;
	for (size_t i = 0; i < export->count; i++) {
		const struct server *server = &export->servers[i];

		if (is_address(server->host))
			buf_format(into, "%s\t%s\n", server->host, server->id);
		else
			export_leave_out(export, server->id, "its host is a name, not an address");
	}
	return 0;
}
