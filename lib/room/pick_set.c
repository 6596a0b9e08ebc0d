#include "lib/room/pick_set.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

void pick_set_init(struct pick_set *set)
{
	*set = (struct pick_set){
	    .ids = map_create(), .out = map_create(), .hosts = map_create()};
}

void pick_set_finish(struct pick_set *set)
{
	pick_set_empty(set);
	free(set->at);
	map_destroy(set->ids);
	map_destroy(set->out);
	map_destroy(set->hosts);
}

/* The texts of a server, as places in it. */
#define SERVER_TEXTS 10
static void server_texts(struct server *server, char **texts[SERVER_TEXTS])
{
	texts[0] = &server->id;
	texts[1] = &server->host;
	texts[2] = &server->user;
	texts[3] = &server->key;
	texts[4] = &server->room;
	texts[5] = &server->tunnel;
	texts[6] = &server->tags;
	texts[7] = &server->description;
	texts[8] = &server->auth;
	texts[9] = &server->jump;
}

struct server *pick_set_pack(const struct server *server)
{
	struct server view = *server;
	struct server *packed;
	char **texts[SERVER_TEXTS];
	size_t sizes[SERVER_TEXTS];
	size_t total = sizeof(view);
	char *at;

	server_texts(&view, texts);
	for (size_t i = 0; i < SERVER_TEXTS; i++) {
		sizes[i] = *texts[i] ? strlen(*texts[i]) + 1 : 0;
		total += sizes[i];
	}
	packed = mem_alloc(total);
	at = (char *)(packed + 1);
	for (size_t i = 0; i < SERVER_TEXTS; i++) {
		if (!sizes[i])
			continue;
		memcpy(at, *texts[i], sizes[i]);
		*texts[i] = at;
		at += sizes[i];
	}
	*packed = view;
	return packed;
}

bool pick_set_has(const struct pick_set *set, const char *id)
{
	return map_get(set->ids, id) != NULL;
}

void pick_set_empty(struct pick_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		free(set->at[i]);
	set->count = 0;
}

static void append(struct pick_set *set, struct server *packed)
{
	if (set->count == set->cap) {
		set->cap = set->cap ? set->cap * 2 : 64;
		set->at = mem_resize(set->at, set->cap, sizeof(*set->at));
	}
	set->at[set->count++] = packed;
}

void pick_set_add(struct pick_set *set, const struct server *server)
{
	if (map_mark(set->ids, server->id) && !set->ids_only)
		append(set, pick_set_pack(server));
}

void pick_set_take(struct pick_set *set, struct server *packed)
{
	if (map_mark(set->ids, packed->id) && !set->ids_only)
		append(set, packed);
	else
		free(packed);
}

/* "host port": a host has no blanks, so this cannot be mistaken for one. */
static char *place_of(const struct server *server)
{
	return mem_format("%s %ld", server->host, server->port ? server->port : 22);
}

void pick_set_exclude(struct pick_set *set, const struct server *server)
{
	char *place;

	map_mark(set->out, server->id);
	if (server->row)
		return;
	place = place_of(server);
	map_mark(set->hosts, server->port ? place : server->host);
	free(place);
}

bool pick_set_excluded(const struct pick_set *set, const struct server *server)
{
	char *place;
	bool excluded;

	if (map_get(set->out, server->id))
		return true;
	if (!map_count(set->hosts))
		return false;
	place = place_of(server);
	excluded = map_get(set->hosts, server->host) || map_get(set->hosts, place);
	free(place);
	return excluded;
}
