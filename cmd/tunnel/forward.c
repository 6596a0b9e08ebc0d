#include "cmd/tunnel/forward.h"

#include <signal.h>
#include <unistd.h>

#include "cmd/tunnel/tunnel.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/flow/out.h"
#include "lib/wire/hop.h"

#define COMMAND "mroom tunnel forward"

static const struct out_column columns[FORWARD_COLUMNS] = {
    [FORWARD_NAME] = {"forward", OUT_TEXT, false},
    [FORWARD_STATE] = {"state", OUT_TEXT, false},
    [FORWARD_REASON] = {"reason", OUT_TEXT, false},
};

struct forward_opts {
	struct list locals, remotes, socks;
	bool fail_closed;
};

#define AT(field) offsetof(struct forward_opts, field)
static const struct opt forward_table[] = {
    {.letter = 'L',
     .name = "local",
     .type = OPT_LIST,
     .offset = AT(locals),
     .arg = "[ADDRESS:]PORT:HOST:PORT",
     .help = "a port here leads to HOST:PORT as seen from there"},
    {.letter = 'R',
     .name = "remote",
     .type = OPT_LIST,
     .offset = AT(remotes),
     .arg = "[ADDRESS:]PORT:HOST:PORT",
     .help = "a port there leads to HOST:PORT as seen from here"},
    {.letter = 'D',
     .name = "socks",
     .type = OPT_LIST,
     .offset = AT(socks),
     .arg = "[ADDRESS:]PORT",
     .help = "a SOCKS proxy here leads wherever it can connect to"},
    {.name = "fail-closed",
     .type = OPT_FLAG,
     .offset = AT(fail_closed),
     .help = "keep the local ports while it is down, and reset who comes"},
    {.type = OPT_END},
};

/* --- the whole --- */

#define KILL_MS 3000

static void forwarder_insist(uv_timer_t *timer)
{
	forwarder_kill(timer->data, SIGKILL);
}

static void forwarder_end(uv_signal_t *signal, int number)
{
	struct forwarder *forwarder = signal->data;

	(void)number;
	if (forwarder->ending)
		return;
	forwarder->ending = true;
	forward_probe_cancel(forwarder->probe);
	forwarder->probe = NULL;
	if (forwarder->child_open || forwarder->complaint_open) {
		forwarder_kill(forwarder, SIGTERM);
		uv_timer_start(&forwarder->timer, forwarder_insist, KILL_MS, 0);
	} else {
		forwarder_finish(forwarder);
	}
}

static int forwarder_run(struct forwarder *forwarder, bool fail_closed, struct err *err)
{
	char parent[24];
	int result = 0;

	snprintf(parent, sizeof(parent), "%ld", (long)getpid());
	setenv("MROOM_CONNECT_PARENT", parent, 1); /* ssh is not to outlive us */
	uv_loop_init(&forwarder->loop);
	uv_timer_init(&forwarder->loop, &forwarder->timer);
	uv_signal_init(&forwarder->loop, &forwarder->terminate);
	uv_signal_init(&forwarder->loop, &forwarder->interrupt);
	forwarder->timer.data = forwarder->terminate.data = forwarder->interrupt.data = forwarder;
	if (fail_closed) {
		result = forward_specs_hide(&forwarder->specs, forwarder->sockets.dir, err);
		forwarder->door =
		    result ? NULL : forward_door_open(&forwarder->loop, &forwarder->specs, err);
		result = forwarder->door ? 0 : -1;
	}
	if (result) {
		forwarder_finish(forwarder);
	} else {
		uv_signal_start(&forwarder->terminate, forwarder_end, SIGTERM);
		uv_signal_start(&forwarder->interrupt, forwarder_end, SIGINT);
		uv_timer_start(&forwarder->timer, forwarder_start, 0, 0);
	}
	uv_run(&forwarder->loop, UV_RUN_DEFAULT);
	uv_loop_close(&forwarder->loop);
	return result || err->status ? -1 : 0;
}

/* Whether the name is a tunnel's, which must be one of SSH then. */
static int find_gate(struct console *console, const char *name, bool *gate, struct err *err)
{
	struct tunnel tunnel = TUNNEL_INIT;
	int found = store_tunnel_get(console->store, name, &tunnel, err);

	*gate = found == 1;
	if (found == 1 && !hop_is(&tunnel)) {
		err_set(err, STATUS_USAGE,
			"%s is a tunnel of type %s, and forwards go through SSH: name a server "
			"behind it",
			name, tunnel.type);
		found = -1;
	}
	tunnel_finish(&tunnel);
	return found < 0 ? -1 : 0;
}

static int prepare(struct forwarder *forwarder, struct console *console,
		   const struct forward_opts *opts, struct err *err)
{
	if (forward_specs_add(&forwarder->specs, 'L', &opts->locals, err) ||
	    forward_specs_add(&forwarder->specs, 'R', &opts->remotes, err) ||
	    forward_specs_add(&forwarder->specs, 'D', &opts->socks, err))
		return -1;
	if (!forwarder->specs.count)
		return err_set(err, STATUS_USAGE, "nothing to forward (give -L, -R or -D)");
	if (console_open(console, err) ||
	    find_gate(console, forwarder->name, &forwarder->gate, err))
		return -1;
	forwarder->exec = mem_format("%s/mroom-connect", console->home.exec_path);
	forwarder->timeout_ms = config_time(console->config, "tunnel", "timeout");
	forwarder->check_ms = config_time(console->config, "tunnel", "check");
	forwarder->pause_ms = FORWARD_FIRST_MS;
	if (sockdir_make(&forwarder->sockets, "mroom-forward", err))
		return -1;
	forwarder->control = mem_format("%s/c", forwarder->sockets.dir);
	forwarder->specs.control = forwarder->control;
	forwarder->specs.said = &forwarder->said;
	return 0;
}

static void finish(struct forwarder *forwarder, struct forward_opts *opts)
{
	sockdir_remove(&forwarder->sockets);
	free(forwarder->control);
	free(forwarder->exec);
	buf_finish(&forwarder->said);
	forward_specs_finish(&forwarder->specs);
	list_finish(&opts->locals);
	list_finish(&opts->remotes);
	list_finish(&opts->socks);
}

int tunnel_forward(int argc, char **argv)
{
	static const char *const examples[] = {"mroom tunnel forward -L 5432:127.0.0.1:5432 db-01",
					       "mroom tunnel forward --fail-closed -D 1080 gate",
					       NULL};
	struct console console = CONSOLE_INIT;
	struct forward_opts opts = {.fail_closed = false};
	struct out_args form = {.form = NULL};
	const struct opt_group groups[] = {{NULL, forward_table, &opts},
					   {"Output", out_opts, &form}};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "SERVER|TUNNEL",
	    .about = "Keeps forwards of ssh up until a signal ends it; a line for each change.",
	    .operand_complete = "targets",
	    .groups = groups,
	    .group_count = 2,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	struct forwarder forwarder = {.said = BUF_INIT, .err = &err};
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
	if (argc - operands != 1) {
		err_set(&err, STATUS_USAGE, "expected one SERVER or TUNNEL");
		goto out;
	}
	forwarder.name = argv[operands];
	if (prepare(&forwarder, &console, &opts, &err))
		goto out;
	if (!form.form)
		form.form = "tsv"; /* a table would wait for its end */
	forwarder.out = out_create(stdout, &form, columns, FORWARD_COLUMNS, &err);
	if (forwarder.out)
		result = forwarder_run(&forwarder, opts.fail_closed, &err);
out:
	if (out_finish(forwarder.out, result ? NULL : &err))
		result = -1;
	finish(&forwarder, &opts);
	console_close(&console);
	return result ? err_report(&err, COMMAND) : STATUS_OK;
}
