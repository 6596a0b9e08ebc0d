/* The rounds behind the table: all in this process, over sessions that stay open. */
#include <stdlib.h>
#include <unistd.h>

#include "cmd/docker/stats.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/flow/screen.h"

#define TICK_MS 1000
/* The longest that one server may keep a round waiting, unless -u says otherwise. */
#define ROUND_MS 30000

struct live {
	struct job *job;
	struct stats stats;
	struct deed_rounds *rounds;
	struct screen *screen;
	uv_timer_t rest; /* until the next round */
	bool in_round, over;
	int status;
};

bool stats_wants_screen(const struct job *job, const struct stats_args *args)
{
	return !args->once && isatty(STDOUT_FILENO) && !job->form.form && !job->form.json &&
	       !job->form.columns && !job->form.header;
}

/* --- the end --- */

static void leave(struct live *live, int status)
{
	if (live->over)
		return;
	live->over = true;
	live->status = status;
	screen_close(live->screen);
	if (live->in_round)
		deed_cancel(live->rounds);
	else
		uv_stop(deed_loop(live->rounds));
}

/* --- the screen --- */

static void on_key(void *ctx, int key)
{
	struct live *live = ctx;

	if (!stats_key(&live->stats, key))
		leave(live, STATUS_OK);
}

/* What has come since is shown once a second: by drawing. */
static void on_tick(void *ctx)
{
	(void)ctx;
}

static void on_draw(void *ctx)
{
	struct live *live = ctx;

	stats_draw(&live->stats);
}

static void on_interrupt(void *ctx)
{
	leave(ctx, STATUS_INTERRUPTED);
}

static const struct screen_events events = {on_key, on_tick, on_draw, on_interrupt};

/* --- the rounds --- */

static void done(void *ctx, const struct answer *answer, const struct result *result)
{
	struct live *live = ((struct job *)ctx)->live;
	char *trouble = NULL;

	if (live->over)
		return;
	if (result->outcome != OUTCOME_OK)
		trouble =
		    mem_format("%s%s%s", outcome_name(result->outcome), result->message ? ": " : "",
			       result->message ? result->message : "");
	stats_take(&live->stats, answer, trouble);
	free(trouble);
}

static int round_once(struct live *live)
{
	struct pick_args targets = {.ssh_config = NULL};
	const struct stats *stats = &live->stats;
	int64_t now = clock_mono_ms();
	int status = STATUS_OK;

	for (size_t i = 0; i < stats->server_count; i++)
		if (!stats->servers[i].in_trouble || stats->servers[i].again_ms <= now)
			list_add(&targets.where, stats->servers[i].id);
	if (targets.where.count) {
		live->in_round = true;
		status = deed_round(live->rounds, &targets, &live->job->err);
		live->in_round = false;
	}
	live->stats.heard_ms = clock_mono_ms();
	list_finish(&targets.where);
	return status;
}

static void wake(uv_timer_t *rest)
{
	uv_stop(rest->loop);
}

static void rest(struct live *live, int64_t until)
{
	int64_t left = until - clock_mono_ms();

	uv_timer_start(&live->rest, wake, (uint64_t)(left > 0 ? left : 0), 0);
	uv_run(deed_loop(live->rounds), UV_RUN_DEFAULT);
	uv_timer_stop(&live->rest);
}

static int turn(struct live *live, int64_t every_ms)
{
	while (!live->over) {
		int64_t began = clock_mono_ms();
		int status = round_once(live);

		if (live->job->err.status != STATUS_OK || status == STATUS_CONSOLE ||
		    status == STATUS_INTERRUPTED)
			leave(live, status);
		if (!live->over)
			rest(live, began + every_ms);
	}
	return live->status;
}

/* --- the whole --- */

static int add_id(void *ctx, const struct server *server, struct err *err)
{
	(void)err;
	list_add(ctx, server->id);
	return 0;
}

static int pick_ids(struct job *job, struct list *ids)
{
	struct pick *pick = pick_create(job->console.store, &job->targets, NULL, 0, PICK_ACT,
					add_id, ids, &job->err);
	int result = pick ? pick_all(pick, &job->err) : -1;

	pick_destroy(pick);
	return result;
}

/* Nothing but the screen is shown meanwhile. */
static struct run_args silent(const struct run_args *args)
{
	struct run_args run = *args;

	run.quiet = true;
	run.verbose = 0;
	run.debug = false;
	if (!run.command_timeout_ms)
		run.command_timeout_ms = ROUND_MS;
	return run;
}

int stats_live(struct job *job, const char *command, const struct stats_args *args)
{
	struct live live = {.job = job, .status = -1};
	struct deed deed = job_deed(job);
	const struct run_args run = silent(&job->run);
	const struct deed_call call = {
	    .tool = "docker", .command = command, .run_args = &run, .targets = &job->targets};
	struct list ids = LIST_INIT;
	bool shown;

	deed.done = done;
	if (pick_ids(job, &ids)) {
		list_finish(&ids);
		return -1;
	}
	/* Standard input brought them once. */
	pick_args_finish(&job->targets);
	job->targets = (struct pick_args){.where = ids};
	if (!ids.count) {
		if (!job->run.quiet)
			fputs("no servers\n", stderr);
		return STATUS_OK;
	}
	stats_init(&live.stats, &ids);
	job->live = &live;
	live.rounds = deed_open(&job->console, &deed, job, &call, &job->err);
	if (live.rounds) {
		uv_timer_init(deed_loop(live.rounds), &live.rest);
		live.screen = screen_open(deed_loop(live.rounds), &events, &live, TICK_MS);
	}
	shown = live.screen != NULL;
	if (shown)
		live.status = turn(&live, args->every_ms);
	deed_close(live.rounds);
	job->live = NULL;
	stats_finish(&live.stats);
	return shown || job->err.status != STATUS_OK ? live.status : job_go(job, command);
}
