/* ssh_config: a Host for each server, to be named by Include. */
#include <string.h>

#include "lib/room/export.h"

/* ssh(1) reads quotes anywhere in a value, newer ones also what is behind a backslash. */
static bool holds(const char *value)
{
	for (; value && *value; value++)
		if (*value == '"' || *value == '\\' || (unsigned char)*value < ' ' || *value == 0x7f)
			return false;
	return true;
}

/* It also takes % for the beginning of a token. */
static void add_value(struct buf *into, const char *keyword, const char *value)
{
	bool quoted = strpbrk(value, " #'") != NULL;

	buf_format(into, "    %s %s", keyword, quoted ? "\"" : "");
	for (; *value; value++) {
		if (*value == '%')
			buf_char(into, '%');
		buf_char(into, *value);
	}
	buf_text(into, quoted ? "\"\n" : "\n");
}

static void add_server(struct buf *into, const struct server *server)
{
	buf_format(into, "Host %s\n", server->id);
	if (server->tunnel)
		buf_format(into, "    # behind the tunnel %s\n", server->tunnel);
	add_value(into, "HostName", server->host);
	if (server->port)
		buf_format(into, "    Port %ld\n", server->port);
	if (server->user)
		add_value(into, "User", server->user);
	if (server->jump)
		add_value(into, "ProxyJump", server->jump);
	if (server->key)
		add_value(into, "IdentityFile", server->key);
}

int export_ssh_config(struct export *export, struct buf *into, struct err *err)
{
	char *known = home_path(&export->console->home, "known_hosts");

	(void)err;
	buf_text(into, "# written by mroom inventory export\n");
	for (size_t i = 0; i < export->count; i++) {
		const struct server *server = &export->servers[i];

		if (!holds(server->key) || !holds(server->user) || !holds(server->jump) ||
		    strchr(server->user ? server->user : "", '%'))
			export_leave_out(export, server->id, "ssh_config cannot hold its fields");
		else
			add_server(into, server);
	}
	/* Last, as the first value for a host counts: what mroom knows of host keys. */
	if (export->count && holds(known))
		buf_format(into,
			   "Host *\n    UserKnownHostsFile \"%s\" ~/.ssh/known_hosts "
			   "~/.ssh/known_hosts2\n",
			   known);
	free(known);
	return 0;
}
