#include "lib/room/listing.h"

#include <strings.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/listing_build.h"
#include "lib/room/schedule_json.h"
#include "lib/room/state_key.h"

void listing_begin(struct listing *listing, const char *source)
{
	*listing = (struct listing){
	    .roster = mem_zero(1, sizeof(*listing->roster)), .source = source, .ids = map_create()};
}

struct roster *listing_end(struct listing *listing)
{
	map_destroy(listing->ids);
	return listing->roster;
}

void listing_problem(struct listing *listing, long line, const char *text)
{
	list_take(&listing->roster->problems,
		  line ? mem_format("%s:%ld: %s", listing->source, line, text)
		       : mem_format("%s: %s", listing->source, text));
}

void listing_entry(struct roster_server *entry)
{
	*entry = (struct roster_server){.password = NULL};
	server_init(&entry->server);
}

static int check_tags(const char *tags, struct err *err)
{
	struct list names = LIST_INIT;
	int result = 0;

	list_split(&names, tags, ',');
	for (size_t i = 0; i < names.count && !result; i++)
		result = server_check_name("tag", names.at[i], err);
	list_finish(&names);
	return result;
}

static int check_keys(const struct list *pairs, struct err *err)
{
	struct state_key key;
	int result = 0;

	for (size_t i = 0; i + 1 < pairs->count && !result; i += 2) {
		key = (struct state_key)STATE_KEY_INIT;
		result = state_key_parse(&key, pairs->at[i], err);
		state_key_finish(&key);
	}
	return result;
}

static int check_schedule(const struct list *pairs, struct err *err)
{
	struct schedule_row row;

	for (size_t i = 0; i + 1 < pairs->count; i += 2)
		if (schedule_from_json(pairs->at[i + 1], &row, err))
			return -1;
	return check_keys(pairs, err);
}

static int check_entry(const struct roster_server *entry, struct err *err)
{
	const struct server *server = &entry->server;

	if (!server->id)
		return err_set(err, STATUS_USAGE, "it has no id");
	if (server_check_id(server->id, err))
		return -1;
	if (!server->host)
		return err_set(err, STATUS_USAGE, "%s has no host", server->id);
	if (server_check_host(server->host, err) ||
	    (server->user && server_check_user(server->user, err)) ||
	    (server->room && server_check_name("room", server->room, err)) ||
	    (server->tunnel && server_check_name("tunnel", server->tunnel, err)) ||
	    (server->jump && server_check_jump(server->jump, err)) ||
	    (server->tags && check_tags(server->tags, err)) || check_keys(&entry->state, err) ||
	    check_schedule(&entry->schedule, err))
		return err_prefix(err, "%s", server->id);
	return 0;
}

void listing_take(struct listing *listing, long line, struct roster_server *entry)
{
	struct roster *roster = listing->roster;
	struct err err = ERR_INIT;
	const char *id = entry->server.id;
	size_t first = id ? (uintptr_t)map_get(listing->ids, id) : 0;

	if (first && !listing->first_wins)
		err_set(&err, STATUS_USAGE, "id '%s' is there already, on line %zu", id, first);
	if (first || check_entry(entry, &err)) {
		if (err.status != STATUS_OK)
			listing_problem(listing, line, err.text);
		roster_server_finish(entry);
		return;
	}
	map_set(listing->ids, id, (void *)(uintptr_t)(line ? line : 1));
	if (roster->server_count == listing->cap) {
		listing->cap = listing->cap ? listing->cap * 2 : 16;
		roster->servers =
		    mem_resize(roster->servers, listing->cap, sizeof(*roster->servers));
	}
	entry->line = line;
	roster->servers[roster->server_count++] = *entry;
}

/* --- fields by name --- */

static const struct {
	const char *name;
	unsigned bit; /* 0: the id */
} names[] = {
    {"id", 0},
    {"name", 0},
    {"server_id", 0},
    {"host", IMPORT_HOST},
    {"hostname", IMPORT_HOST},
    {"address", IMPORT_HOST},
    {"ip", IMPORT_HOST},
    {"port", IMPORT_PORT},
    {"user", IMPORT_USER},
    {"username", IMPORT_USER},
    {"key", IMPORT_KEY},
    {"key_path", IMPORT_KEY},
    {"ssh_key_path", IMPORT_KEY},
    {"password", IMPORT_PASSWORD},
    {"pass", IMPORT_PASSWORD},
    {"room", IMPORT_ROOM},
    {"tunnel", IMPORT_TUNNEL},
    {"jump", IMPORT_JUMP},
    {"tags", IMPORT_TAGS},
    {"retired", IMPORT_RETIREMENT},
    {"description", IMPORT_DESCRIPTION},
};
#define NAME_COUNT (sizeof(names) / sizeof(*names))

static size_t find_name(const char *name)
{
	size_t i = 0;

	while (i < NAME_COUNT && strcasecmp(names[i].name, name) != 0)
		i++;
	return i;
}

bool listing_knows(const char *name)
{
	return find_name(name) < NAME_COUNT;
}

static int read_bool(const char *value, bool *into, struct err *err)
{
	static const char *const yes[] = {"1", "true", "yes", "y"},
				 *no[] = {"", "0", "false", "no", "n"};

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		if (!strcasecmp(value, yes[i])) {
			*into = true;
			return 0;
		}
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		if (!strcasecmp(value, no[i])) {
			*into = false;
			return 0;
		}
	return err_set(err, STATUS_USAGE, "retired is true or false, not '%.40s'", value);
}

static void replace(char **text, const char *value)
{
	free(*text);
	*text = *value ? mem_text(value) : NULL;
}

int listing_set(struct roster_server *entry, const char *name, const char *value, struct err *err)
{
	struct server *server = &entry->server;
	size_t at = find_name(name);
	char **text = NULL;

	if (at == NAME_COUNT)
		return 0;
	switch (names[at].bit) {
	case 0:
		replace(&server->id, value);
		return 1;
	case IMPORT_HOST:
		text = &server->host;
		break;
	case IMPORT_USER:
		text = &server->user;
		break;
	case IMPORT_KEY:
		text = &server->key;
		break;
	case IMPORT_ROOM:
		text = &server->room;
		break;
	case IMPORT_TUNNEL:
		text = &server->tunnel;
		break;
	case IMPORT_JUMP:
		text = &server->jump;
		break;
	case IMPORT_TAGS:
		text = &server->tags;
		break;
	case IMPORT_DESCRIPTION:
		text = &server->description;
		break;
	case IMPORT_PASSWORD:
		/* None given keeps what is stored. */
		mem_wipe_free(entry->password);
		entry->password = *value ? mem_text(value) : NULL;
		return 1;
	case IMPORT_PORT:
		server->port = 0;
		if (*value && num_parse(value, 1, 65535, &server->port, err))
			return -1;
		break;
	case IMPORT_RETIREMENT:
		if (read_bool(value, &server->retired, err))
			return -1;
		break;
	}
	if (text)
		replace(text, value);
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there is an entry */
	entry->says |= names[at].bit;
	return 1;
}

struct roster *listing_parse(enum listing_form form, const char *source, const char *bytes,
			     size_t count)
{
	struct listing listing;

	if (form == LISTING_ROSTER)
		return roster_parse(source, bytes, count);
	listing_begin(&listing, source);
	if (count >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3)) {
		bytes += 3;
		count -= 3;
	}
	if (form != LISTING_JSON && memchr(bytes, '\0', count))
		listing_problem(&listing, 0, "a NUL byte, so this is no text file");
	else if (form == LISTING_JSON)
		listing_read_json(&listing, bytes, count);
	else if (form == LISTING_ANSIBLE)
		listing_read_ansible(&listing, bytes, count);
	else if (form == LISTING_CSV)
		listing_read_csv(&listing, bytes, count);
	else
		listing_read_hosts(&listing, bytes, count);
	return listing_end(&listing);
}
