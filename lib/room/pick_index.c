/* --index, --from and --to: servers of a room by their position in its file. */
#include <limits.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/pick_words.h"

struct span {
	long low, high;
};

struct chosen {
	struct span *spans;
	size_t count;
	struct pick_set *set;
	size_t servers; /* of the room */
	long last;	/* its last position */
};

/* N or N-M. */
static int read_span(char *text, struct span *span, struct err *err)
{
	char *dash = strchr(text, '-');
	struct err ignored = ERR_INIT;
	int bad;

	if (dash)
		*dash = '\0';
	bad = num_parse(text, 0, LONG_MAX, &span->low, &ignored);
	span->high = span->low;
	if (dash && !bad)
		bad = num_parse(dash + 1, 0, LONG_MAX, &span->high, &ignored);
	if (dash)
		*dash = '-';
	if (bad)
		return err_set(err, STATUS_USAGE,
			       "'%s' is not a position (such as 0,2,4-7)", text);
	if (span->low > span->high)
		return err_set(err, STATUS_USAGE, "'%s' runs backwards", text);
	return 0;
}

static int read_spans(const char *index, struct chosen *chosen, struct err *err)
{
	struct list words = LIST_INIT;
	int result = 0;

	list_split(&words, index, ',');
	chosen->spans = mem_zero(words.count + 1, sizeof(*chosen->spans));
	for (; chosen->count < words.count && !result; chosen->count++)
		result = read_span(words.at[chosen->count], &chosen->spans[chosen->count], err);
	if (!words.count)
		result = err_set(err, STATUS_USAGE, "no position is named (such as 0,2,4-7)");
	list_finish(&words);
	return result;
}

static int measure(void *ctx, const struct server *server, struct err *err)
{
	struct chosen *chosen = ctx;

	(void)err;
	chosen->servers++;
	if (server->position > chosen->last)
		chosen->last = server->position;
	return 0;
}

/* A list that ends beyond the room means "to the end"; one that starts there is a mistake. */
static int check_spans(const struct chosen *chosen, const char *room, struct err *err)
{
	for (size_t i = 0; i < chosen->count; i++) {
		if (chosen->spans[i].low <= chosen->last)
			continue;
		if (!chosen->servers)
			return err_set(err, STATUS_USAGE, "room '%s' has no servers", room);
		return err_set(err, STATUS_USAGE,
			       "position %ld is beyond the room's %zu server%s (0-%ld)",
			       chosen->spans[i].low, chosen->servers,
			       chosen->servers == 1 ? "" : "s", chosen->last);
	}
	return 0;
}

static int choose(void *ctx, const struct server *server, struct err *err)
{
	struct chosen *chosen = ctx;

	(void)err;
	for (size_t i = 0; i < chosen->count; i++)
		if (server->position >= chosen->spans[i].low &&
		    server->position <= chosen->spans[i].high) {
			pick_set_add(chosen->set, server);
			break;
		}
	return 0;
}

int pick_index(struct pick_words *words, const char *room, const char *index, const char *option,
	       struct err *err)
{
	struct store *store = words->store;
	struct server_query query = {.room = room, .with_retired = true};
	struct chosen chosen = {NULL, 0, words->set, 0, -1};
	int result = -1;
	int known;

	if (read_spans(index, &chosen, err)) {
		err_prefix(err, "%s", option);
		goto out;
	}
	known = store_room_exists(store, room, err);
	if (!known)
		pick_unknown_room(store, room, err);
	if (known < 1 || store_server_each(store, &query, measure, &chosen, err))
		goto out;
	if (check_spans(&chosen, room, err)) {
		err_prefix(err, "%s", option);
		goto out;
	}
	query.with_retired = words->retired;
	result = store_server_each(store, &query, choose, &chosen, err);
out:
	free(chosen.spans);
	return result;
}
