/*
 * An Ansible inventory, as --list of a dynamic one has it: hosts with their variables under _meta,
 * rooms and tags as groups. Group names are made of letters, digits and _, as Ansible wants them.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/room/export.h"

static void set_text(json_t *object, const char *key, const char *value)
{
	if (value)
		json_object_set_new(object, key, json_string(value));
}

/* [user@]host[:port] of a jump host, which may be a server of the inventory. 1; 0 when there is more to
 * reaching it; -1. */
static int add_hop(struct export *export, const char *word, struct buf *into, struct err *err)
{
	struct server server;
	int found = store_server_get(export->console->store, word, &server, err);
	bool v6, plain;

	if (found < 1) {
		buf_text(into, word);
		return found < 0 ? -1 : 1;
	}
	v6 = strchr(server.host, ':') != NULL;
	plain = !server.jump && !server.tunnel && !server.key;
	buf_format(into, "%s%s%s%s%s", server.user ? server.user : "", server.user ? "@" : "",
		   v6 ? "[" : "", server.host, v6 ? "]" : "");
	if (server.port)
		buf_format(into, ":%ld", server.port);
	server_finish(&server);
	return plain;
}

/* The arguments for ssh(1), with the way there. The caller's own. */
static char *with_jump(struct export *export, const struct server *server, const char *arguments,
		       struct err *err)
{
	struct buf text = BUF_INIT;
	struct list hops = LIST_INIT;
	size_t start;
	int plain = 1;

	buf_format(&text, "%s%s-o ProxyJump=", arguments ? arguments : "", arguments ? " " : "");
	start = text.len;
	list_split(&hops, server->jump, ',');
	for (size_t i = 0; i < hops.count && plain == 1; i++) {
		if (i > 0)
			buf_char(&text, ',');
		plain = add_hop(export, hops.at[i], &text, err);
	}
	list_finish(&hops);
	if (plain == 1 && !strpbrk(text.at + start, " '\"\\%$`;|&<>()"))
		return buf_detach(&text);
	buf_finish(&text);
	if (plain >= 0)
		export_lose(export, server->id, "jump hosts");
	return plain < 0 ? NULL : mem_text(arguments ? arguments : "");
}

/* The variables of one host. NULL when the store failed. */
static json_t *variables(struct export *export, const struct server *server, const char *arguments,
			 struct err *err)
{
	json_t *vars = json_object();
	struct buf password = BUF_INIT;
	int found = export_password(export, server->id, &password, err);
	char *own = server->jump ? with_jump(export, server, arguments, err) : NULL;

	if (server->jump && !own)
		found = -1;
	set_text(vars, "ansible_host", server->host);
	if (server->port)
		json_object_set_new(vars, "ansible_port", json_integer(server->port));
	set_text(vars, "ansible_user", server->user);
	set_text(vars, "ansible_ssh_private_key_file", server->key);
	set_text(vars, "ansible_ssh_common_args", own && *own ? own : arguments);
	free(own);
	if (found == 1)
		json_object_set_new(vars, "ansible_password",
				    json_stringn(password.at, password.len));
	set_text(vars, "mroom_room", server->room);
	set_text(vars, "mroom_tunnel", server->tunnel);
	set_text(vars, "mroom_jump", server->jump);
	set_text(vars, "mroom_tags", server->tags);
	set_text(vars, "mroom_description", server->description);
	if (server->retired)
		json_object_set_new(vars, "mroom_retired", json_true());
	buf_wipe(&password);
	if (found >= 0)
		return vars;
	json_decref(vars);
	return NULL;
}

static void add_to_group(json_t *all, const char *name, const char *id)
{
	char *group_name = mem_text(name);
	json_t *group, *hosts;

	for (char *at = group_name; *at; at++)
		if (strchr(".-", *at))
			*at = '_';
	group = json_object_get(all, group_name);
	if (!group) {
		group = json_object();
		json_object_set_new(group, "hosts", json_array());
		json_object_set_new(all, group_name, group);
	}
	hosts = json_object_get(group, "hosts");
	json_array_append_new(hosts, json_string(id));
	free(group_name);
}

static void add_to_groups(json_t *all, const struct server *server)
{
	struct list names = LIST_INIT;

	list_split(&names, server->tags ? server->tags : "", ',');
	if (server->room && !list_has(&names, server->room))
		list_add(&names, server->room);
	if (!names.count)
		list_add(&names, "ungrouped");
	for (size_t i = 0; i < names.count; i++)
		add_to_group(all, names.at[i], server->id);
	list_finish(&names);
}

/* Where mroom keeps host keys: Ansible is to know them as well. */
static char *ssh_arguments(struct export *export)
{
	char *known = home_path(&export->console->home, "known_hosts");
	char *arguments =
	    strpbrk(known, " '\"\\%")
		? NULL
		: mem_format("-o 'UserKnownHostsFile=%s ~/.ssh/known_hosts ~/.ssh/known_hosts2'",
			     known);

	free(known);
	return arguments;
}

int export_ansible(struct export *export, struct buf *into, struct err *err)
{
	json_t *all = json_object();
	json_t *hostvars = json_object();
	char *arguments = ssh_arguments(export);
	char *text = NULL;
	int result = -1;

	json_object_set_new(all, "_meta", json_pack("{s:o}", "hostvars", hostvars));
	for (size_t i = 0; i < export->count; i++) {
		const struct server *server = &export->servers[i];
		json_t *vars = variables(export, server, arguments, err);

		if (!vars)
			goto out;
		json_object_set_new(hostvars, server->id, vars);
		add_to_groups(all, server);
	}
	text = json_dumps(all, JSON_INDENT(2));
	buf_text(into, text ? text : "{}");
	buf_char(into, '\n');
	result = 0;
out:
	mem_wipe_free(text);
	free(arguments);
	json_decref(all);
	return result;
}
