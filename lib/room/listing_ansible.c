/*
 * Ansible inventories as ansible-inventory --list prints them, whatever they were written in: one
 * JSON object of groups, and _meta.hostvars with the variables of each host. Groups become tags.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/room/listing_build.h"

/* Groups within groups: more than this is a circle. */
#define DEPTH_MAX 32

struct groups {
	struct listing *listing;
	json_t *all;	  /* the whole inventory */
	struct map *tags; /* host -> struct list * */
};

/* Variables, the first that is there wins. */
static const struct {
	const char *variable, *field;
} variables[] = {
    {"ansible_host", "host"},
    {"ansible_ssh_host", "host"},
    {"ansible_port", "port"},
    {"ansible_ssh_port", "port"},
    {"ansible_user", "user"},
    {"ansible_ssh_user", "user"},
    {"ansible_ssh_private_key_file", "key"},
    {"ansible_private_key_file", "key"},
    {"ansible_password", "password"},
    {"ansible_ssh_pass", "password"},
    /* what mroom-inventory-ansible says of itself */
    {"mroom_room", "room"},
    {"mroom_tunnel", "tunnel"},
    {"mroom_jump", "jump"},
    {"mroom_tags", "tags"},
    {"mroom_retired", "retired"},
    {"mroom_description", "description"},
};

static void add_tag(struct groups *groups, const char *host, const char *tag)
{
	struct list *tags = map_get(groups->tags, host);

	if (!tags) {
		tags = mem_zero(1, sizeof(*tags));
		map_set(groups->tags, host, tags);
	}
	if (!list_has(tags, tag))
		list_add(tags, tag);
}

/* Hosts of a group and of the groups in it have the tag. */
static void walk_group(struct groups *groups, const char *name, const char *tag, struct map *seen,
		       int depth)
{
	json_t *group = json_object_get(groups->all, name);
	size_t i;
	json_t *member;

	/* Once is enough, however many groups it is in. */
	if (depth > DEPTH_MAX || !map_mark(seen, name))
		return;
	json_array_foreach(json_object_get(group, "hosts"), i, member)
	{
		if (json_is_string(member))
			add_tag(groups, json_string_value(member), tag);
	}
	json_array_foreach(json_object_get(group, "children"), i, member)
	{
		if (json_is_string(member))
			walk_group(groups, json_string_value(member), tag, seen, depth + 1);
	}
}

static void read_host(struct groups *groups, const char *name, const struct list *tags,
		      const json_t *vars)
{
	struct roster_server entry;
	struct err err = ERR_INIT;
	char *joined = list_join(tags, ",");
	int result;

	listing_entry(&entry);
	result = listing_set(&entry, "id", name, &err);
	for (size_t i = 0; result >= 0 && i < sizeof(variables) / sizeof(*variables); i++) {
		char *text = listing_json_text(json_object_get(vars, variables[i].variable));

		if (text && strstr(text, "{{"))
			result = err_set(&err, STATUS_USAGE, "%s: %s is a template", name,
					 variables[i].variable);
		else if (text)
			result = listing_set(&entry, variables[i].field, text, &err);
		mem_wipe_free(text);
	}
	if (result >= 0 && !entry.server.host)
		result = listing_set(&entry, "host", name, &err);
	/* Where mroom wrote it, the groups are rooms as well: its own words say which are tags. */
	if (result >= 0 && !(entry.says & (IMPORT_TAGS | IMPORT_ROOM)) && *joined)
		result = listing_set(&entry, "tags", joined, &err);
	free(joined);
	if (result >= 0) {
		listing_take(groups->listing, 0, &entry);
		return;
	}
	listing_problem(groups->listing, 0, err.text);
	roster_server_finish(&entry);
}

static void read_all(struct groups *groups)
{
	json_t *hostvars = json_object_get(json_object_get(groups->all, "_meta"), "hostvars");
	const char *name;
	json_t *group;
	size_t at = 0;
	void *tags;

	/* In the order of the hosts' variables, then who has none. */
	json_object_foreach(hostvars, name, group)
	{
		(void)group;
		if (!map_get(groups->tags, name))
			map_set(groups->tags, name, mem_zero(1, sizeof(struct list)));
	}
	json_object_foreach(groups->all, name, group)
	{
		bool counts =
		    strcmp(name, "all") != 0 && strcmp(name, "ungrouped") != 0 &&
		    strcmp(name, "_meta") != 0;
		size_t i;
		json_t *host;

		if (counts) {
			struct map *seen = map_create();

			walk_group(groups, name, name, seen, 0);
			map_destroy(seen);
		}
		json_array_foreach(json_object_get(group, "hosts"), i, host)
		{
			if (json_is_string(host) && !map_get(groups->tags, json_string_value(host)))
				map_set(groups->tags, json_string_value(host),
					mem_zero(1, sizeof(struct list)));
		}
	}
	while (map_next(groups->tags, &at, &name, &tags)) {
		read_host(groups, name, tags, json_object_get(hostvars, name));
		list_finish(tags);
		free(tags);
	}
}

void listing_read_ansible(struct listing *listing, const char *bytes, size_t count)
{
	struct groups groups = {.listing = listing};
	json_error_t why;

	groups.all = json_loadb(bytes, count, 0, &why);
	if (!json_is_object(groups.all)) {
		listing_problem(listing, groups.all ? 1 : why.line,
				groups.all ? "expected an object of groups" : why.text);
	} else {
		groups.tags = map_create();
		read_all(&groups);
		map_destroy(groups.tags);
	}
	json_decref(groups.all);
}
