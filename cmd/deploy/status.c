/* Which server went through which stage, as it is remembered: no server is asked. */
#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/deploy/deploy.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/store_state.h"

#define COMMAND "mroom deploy status"

static const struct out_column columns[] = {{"id", OUT_TEXT, false},
					    {"stage", OUT_TEXT, false},
					    {"result", OUT_TEXT, false},
					    {"since", OUT_TEXT, false}};

struct shown {
	struct frame frame;
};

/* A row per stage that is remembered of a server. */
static int status_row(void *ctx, const struct state_row *row, struct err *err)
{
	struct shown *shown = ctx;
	struct buf since = BUF_INIT;
	json_t *json;

	(void)err;
	if (strncmp(row->key, "stage_", 6) != 0)
		return 0;
	json = json_loads(row->json, JSON_DECODE_ANY, NULL);
	clock_show(&since, row->changed_at);
	if (json_is_string(json)) {
		const char *values[] = {row->id, row->key + 6, json_string_value(json), since.at};

		out_row(shown->frame.out, values);
	}
	json_decref(json);
	buf_finish(&since);
	return 0;
}

static int status_server(void *ctx, const struct server *server, struct err *err)
{
	struct shown *shown = ctx;

	return store_state_each(shown->frame.console.store, server->id, NULL, status_row, shown,
				err);
}

static int status_go(void *ctx, char **operands, size_t count, struct err *err)
{
	struct shown *shown = ctx;
	struct store *store = shown->frame.console.store;
	const struct pick_args *targets = &shown->frame.targets;
	struct pick *pick;
	int rc;

	if (targets->list)
		return pick_list(store, targets, operands, count, PICK_SHOW, err) ? (int)err->status
										  : STATUS_OK;
	pick = pick_create(store, targets, operands, count, PICK_SHOW, status_server, shown, err);
	rc = pick ? pick_all(pick, err) : -1;
	pick_destroy(pick);
	return rc ? (int)err->status : STATUS_OK;
}

int deploy_status(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom deploy status @production",
	    "mroom deploy status | grep failed | mroom deploy run", NULL};
	struct shown shown = {.frame = {.locked = false}};
	const struct frame_spec spec = {
	    .command = COMMAND,
	    .args = "[TARGETS]",
	    .about = "Shows which server went through which stage.",
	    .complete = "targets",
	    .examples = examples,
	    .local = true,
	    .columns = columns,
	    .column_count = 4,
	    .go = status_go,
	    .ctx = &shown,
	};

	return frame_main(&shown.frame, &spec, argc, argv);
}
