/* mroom health watch: the room on a full screen, checked again and again by a child. */
#include <signal.h>
#include <stdlib.h>

#include "cmd/health/watch.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/flow/screen.h"

#define RELOAD_MS 1000
#define EVERY_MS 60000

struct watch_opts {
	int64_t every_ms;
	bool no_check;
};

static const struct opt watch_opts[] = {
    {.name = "every",
     .type = OPT_TIME,
     .offset = offsetof(struct watch_opts, every_ms),
     .arg = "TIME",
     .help = "check the servers this often (1m)"},
    {.name = "no-check",
     .type = OPT_FLAG,
     .offset = offsetof(struct watch_opts, no_check),
     .help = "show what others find out, and check nothing"},
    {.type = OPT_END},
};

static const char *const examples[] = {
    "mroom health watch",
    "mroom health watch @production --every 30s",
    NULL,
};

static const struct ask_spec spec = {
    .command = "mroom health watch",
    .args = "[TARGETS]",
    .about = "Shows the health of servers on a full screen; all when none are named.",
    .opts = watch_opts,
    .examples = examples,
};

/* The loop around a watch. */
struct room_screen {
	struct watch watch;
	struct watch_opts opts;
	uv_loop_t loop;
	struct screen *screen;
	uv_process_t child;
	int64_t next_check; /* on the monotonic clock */
	int status;
};

static void check_over(uv_handle_t *child)
{
	struct room_screen *room = child->data;

	room->watch.checking = false;
	room->next_check = clock_mono_ms() + room->opts.every_ms;
	if (room->watch.over)
		return;
	watch_reload(&room->watch);
	screen_draw(room->screen);
}

static void end(struct room_screen *room, int status)
{
	if (room->watch.over)
		return;
	room->status = status;
	room->watch.over = true;
	if (room->watch.checking && !uv_is_closing((uv_handle_t *)&room->child)) {
		uv_process_kill(&room->child, SIGTERM);
		uv_close((uv_handle_t *)&room->child, check_over);
	}
	screen_close(room->screen);
}

/* --- checks --- */

static void checked(uv_process_t *child, int64_t status, int number)
{
	(void)status;
	(void)number;
	uv_close((uv_handle_t *)child, check_over);
}

/* mroom health check on the same servers; it leaves in the store what it finds. */
static void check(struct room_screen *room)
{
	struct list *ids = &room->watch.ids;
	char *program = mem_format("%s/mroom-health", room->watch.ask->console.home.exec_path);
	char **argv = mem_zero(ids->count + 6, sizeof(*argv));
	uv_process_options_t options = {.exit_cb = checked, .file = program, .args = argv};

	if (room->watch.checking || !ids->count)
		goto out;
	argv[0] = program;
	argv[1] = (char *)"check";
	argv[2] = (char *)"-q";
	argv[3] = (char *)"--";
	memcpy(argv + 4, ids->at, ids->count * sizeof(*argv));
	room->child.data = room;
	room->watch.checking = true;
	/* Without standard streams of ours: the screen is not its place. */
	if (uv_spawn(&room->loop, &room->child, &options))
		uv_close((uv_handle_t *)&room->child, check_over);
out:
	free(argv);
	free(program);
}

/* --- events --- */

static void on_key(void *ctx, int key)
{
	struct room_screen *room = ctx;

	switch (watch_key(&room->watch, key)) {
	case WATCH_CHECK:
		check(room);
		break;
	case WATCH_LEAVE:
		end(room, HEALTH_OK);
		break;
	case WATCH_ON:
		break;
	}
}

static void on_tick(void *ctx)
{
	struct room_screen *room = ctx;

	if (!room->opts.no_check && clock_mono_ms() >= room->next_check)
		check(room);
	if (watch_reload(&room->watch))
		end(room, HEALTH_UNKNOWN);
}

static void on_draw(void *ctx)
{
	struct room_screen *room = ctx;

	watch_draw(&room->watch);
}

static void on_interrupt(void *ctx)
{
	end(ctx, STATUS_INTERRUPTED);
}

static const struct screen_events events = {on_key, on_tick, on_draw, on_interrupt};

static int add_id(void *ctx, const struct server *server, struct err *err)
{
	struct watch *watch = ctx;

	(void)err;
	list_add(&watch->ids, server->id);
	return 0;
}

static int go(struct room_screen *room)
{
	struct ask *ask = room->watch.ask;

	if (ask_each(ask, add_id, &room->watch))
		return HEALTH_UNKNOWN;
	pick_args_finish(&ask->targets);
	ask->targets = (struct pick_args){.all = false};
	uv_loop_init(&room->loop);
	room->screen = screen_open(&room->loop, &events, room, RELOAD_MS);
	if (room->screen)
		uv_run(&room->loop, UV_RUN_DEFAULT);
	else
		err_set(&ask->err, STATUS_USAGE, "watch needs a terminal");
	uv_loop_close(&room->loop);
	return room->status;
}

int health_watch(int argc, char **argv)
{
	struct ask ask = {.operands = NULL};
	struct room_screen room = {.watch = {.ask = &ask, .filter = BUF_INIT},
				   .status = HEALTH_UNKNOWN};
	struct ask_spec own = spec;
	int status = HEALTH_UNKNOWN;

	own.into = &room.opts;
	switch (ask_begin(&ask, &own, argc, argv)) {
	case OPT_RUN:
		if (!room.opts.every_ms)
			room.opts.every_ms = EVERY_MS;
		status = ask.targets.list ? ask_list(&ask, PICK_SHOW) : go(&room);
		break;
	case OPT_SHOWN:
		status = HEALTH_OK;
		break;
	case OPT_BAD:
		break;
	}
	ward_finish(&room.watch.ward);
	list_finish(&room.watch.ids);
	buf_finish(&room.watch.filter);
	free(room.watch.selected);
	free(room.watch.shown);
	return ask_end(&ask, &own, status);
}
