#include <signal.h>

#include "cmd/tunnel/tunnel.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/opt.h"
#include "lib/flow/out.h"
#include "lib/wire/route.h"

#define COMMAND "mroom tunnel supervise"

/* A tunnel that failed is tried again after that long, then twice as long each time. */
#define FIRST_MS 1000
#define LONGEST_MS 60000

enum { NAME, STATE, REASON, COLUMNS };

static const struct out_column columns[COLUMNS] = {
    [NAME] = {"tunnel", OUT_TEXT, false},
    [STATE] = {"state", OUT_TEXT, false},
    [REASON] = {"reason", OUT_TEXT, false},
};

struct supervise_opts {
	bool yes;
};

static const struct opt supervise_table[] = {
    {.letter = 'y',
     .name = "yes",
     .type = OPT_FLAG,
     .offset = offsetof(struct supervise_opts, yes),
     .help = "also when this SSH session's traffic goes into them"},
    {.type = OPT_END},
};

struct supervisor {
	uv_loop_t loop;
	struct console *console;
	struct out *out;
	struct ward *wards;
	size_t count;
	uv_signal_t terminate, interrupt;
	bool ending;
};

/* One of the tunnels. We are a user of it like any other. */
struct ward {
	struct supervisor *supervisor;
	const char *name;
	struct route *route;
	uv_timer_t again;
	uint64_t pause_ms;
};

static void ward_told(void *ctx, enum route_state state, const char *reason, long users);

static void ward_try(uv_timer_t *timer)
{
	struct ward *ward = timer->data;

	ward->route = route_open(&ward->supervisor->loop, &ward->supervisor->console->home,
				 ward->name, ROUTE_USE, ward_told, ward);
}

static void ward_told(void *ctx, enum route_state state, const char *reason, long users)
{
	struct ward *ward = ctx;
	struct buf text = BUF_INIT;
	struct err none = ERR_INIT;
	bool over;

	(void)users;
	/* What it waits for meanwhile is no change. */
	if (state == ROUTE_CONNECTING && *reason)
		return;
	over = state != ROUTE_UP && state != ROUTE_CONNECTING;
	buf_text(&text, reason);
	if (over) {
		buf_text(&text, *reason ? " (again in " : "(again in ");
		num_show_duration(&text, (int64_t)ward->pause_ms);
		buf_char(&text, ')');
	}
	out_row(ward->supervisor->out,
		(const char *const[COLUMNS]){[NAME] = ward->name,
					     [STATE] = route_state_name(state),
					     [REASON] = text.len ? text.at : NULL});
	out_flush(ward->supervisor->out, &none);
	buf_finish(&text);
	if (state == ROUTE_UP)
		ward->pause_ms = FIRST_MS;
	if (!over)
		return;
	route_close(ward->route);
	ward->route = NULL;
	uv_timer_start(&ward->again, ward_try, ward->pause_ms, 0);
	ward->pause_ms = ward->pause_ms * 2 < LONGEST_MS ? ward->pause_ms * 2 : LONGEST_MS;
}

static void supervisor_end(uv_signal_t *signal, int number)
{
	struct supervisor *supervisor = signal->data;

	(void)number;
	if (supervisor->ending)
		return;
	supervisor->ending = true;
	for (size_t i = 0; i < supervisor->count; i++) {
		route_close(supervisor->wards[i].route);
		uv_close((uv_handle_t *)&supervisor->wards[i].again, NULL);
	}
	uv_close((uv_handle_t *)&supervisor->terminate, NULL);
	uv_close((uv_handle_t *)&supervisor->interrupt, NULL);
}

static void supervisor_run(struct supervisor *supervisor, char **names)
{
	uv_loop_init(&supervisor->loop);
	uv_signal_init(&supervisor->loop, &supervisor->terminate);
	uv_signal_init(&supervisor->loop, &supervisor->interrupt);
	supervisor->terminate.data = supervisor->interrupt.data = supervisor;
	uv_signal_start(&supervisor->terminate, supervisor_end, SIGTERM);
	uv_signal_start(&supervisor->interrupt, supervisor_end, SIGINT);
	supervisor->wards = mem_zero(supervisor->count, sizeof(*supervisor->wards));
	for (size_t i = 0; i < supervisor->count; i++) {
		struct ward *ward = &supervisor->wards[i];

		*ward = (struct ward){supervisor, names[i], NULL, {.data = NULL}, FIRST_MS};
		uv_timer_init(&supervisor->loop, &ward->again);
		ward->again.data = ward;
		uv_timer_start(&ward->again, ward_try, 0, 0);
	}
	uv_run(&supervisor->loop, UV_RUN_DEFAULT);
	uv_loop_close(&supervisor->loop);
	for (size_t i = 0; i < supervisor->count; i++)
		route_settle(&supervisor->console->home, names[i]);
	free(supervisor->wards);
}

static int check_names(struct console *console, char **names, size_t count, struct err *err)
{
	if (!count)
		return err_set(err, STATUS_USAGE, "no tunnel named");
	for (size_t i = 0; i < count; i++) {
		struct tunnel tunnel = TUNNEL_INIT;
		int result = store_tunnel_need(console->store, names[i], &tunnel, err);

		if (!result)
			result = protect_ask(console, &tunnel, err);
		tunnel_finish(&tunnel);
		if (result)
			return -1;
	}
	return 0;
}

int tunnel_supervise(int argc, char **argv)
{
	static const char *const examples[] = {"mroom tunnel supervise prod-vpn", NULL};
	struct console console = CONSOLE_INIT;
	struct supervisor supervisor = {.console = &console};
	struct out_args form = {.form = NULL};
	struct supervise_opts opts = {.yes = false};
	const struct opt_group groups[] = {{NULL, supervise_table, &opts},
					   {"Output", out_opts, &form}};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "NAME...",
	    .about = "Keeps tunnels up until a signal ends it; a line for each change.",
	    .operand_complete = "tunnels",
	    .groups = groups,
	    .group_count = 2,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int operands;
	int result = -1;

	switch (opt_parse(&spec, argc, argv, &operands, NULL, &err)) {
	case OPT_SHOWN:
		return STATUS_OK;
	case OPT_BAD:
		goto out;
	case OPT_RUN:
		break;
	}
	if (opts.yes)
		protect_say_yes();
	supervisor.count = (size_t)(argc - operands);
	if (console_open(&console, &err) ||
	    check_names(&console, argv + operands, supervisor.count, &err))
		goto out;
	if (!form.form)
		form.form = "tsv"; /* a table would wait for its end */
	supervisor.out = out_create(stdout, &form, columns, COLUMNS, &err);
	if (!supervisor.out)
		goto out;
	supervisor_run(&supervisor, argv + operands);
	result = 0;
out:
	if (out_finish(supervisor.out, result ? NULL : &err))
		result = -1;
	console_close(&console);
	return result ? err_report(&err, COMMAND) : STATUS_OK;
}
