#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "cmd/tunnel/keeper.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/opt.h"

#define COMMAND "mroom tunnel hold"

#define PAUSE_NS 20000000L
/* A keeper that takes its tunnel down is waited for that long. */
#define LOCK_MS (DRIVE_DOWN_MS + 15000)

/*
 * Waits until the tunnel is ours: 0; 1 when another keeper answers, so that we are not needed; -1.
 * The one before us may be taking the tunnel down still, and answers nobody any more.
 */
static int take_lock(struct keeper *keeper, const char *name, struct err *err)
{
	const struct timespec pause = {0, PAUSE_NS};
	int64_t deadline = clock_mono_ms() + LOCK_MS;

	for (;;) {
		int fd;

		keeper->lock = route_lock(&keeper->console.home, name, err);
		if (keeper->lock >= 0)
			return 0;
		if (keeper->lock == -2)
			return -1;
		fd = route_connect(&keeper->console.home, name);
		if (fd >= 0) {
			close(fd);
			return 1;
		}
		if (clock_mono_ms() > deadline)
			return err_set(err, STATUS_POLICY, "another keeper is taking it down");
		nanosleep(&pause, NULL);
	}
}

/* What came down to us from whoever started us is not ours to keep open. */
static void close_inherited(void)
{
	long most = sysconf(_SC_OPEN_MAX);

	for (int fd = 3; fd < (most < 1024 ? (int)most : 1024); fd++)
		close(fd);
}

static void leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd < 3 && null >= 0; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
}

/* Everything that can be wrong before the tunnel is tried. */
static int open_keeper(struct keeper *keeper, const char *name, struct err *err)
{
	struct console *console = &keeper->console;
	struct check check = CHECK_INIT;
	char *runs = NULL;
	int result = -1;

	if (console_open(console, err) ||
	    store_tunnel_need(console->store, name, &keeper->tunnel, err))
		goto out;
	runs = route_dir(&console->home);
	keeper->driver = tunnel_driver_find(&console->home, keeper->tunnel.type, err);
	if (!keeper->driver || io_make_dirs(runs, 0700, err) ||
	    check_ask(&console->home, keeper->driver, &keeper->tunnel, &check, err) ||
	    check_ready(&keeper->tunnel, &check, err) ||
	    protect_check(console, name, &check, err))
		goto out;
	keeper->dir = route_tunnel_dir(&console->home, name);
	keeper->timeout_ms = config_time(console->config, "tunnel", "timeout");
	keeper->check_ms = config_time(console->config, "tunnel", "check");
	keeper->keep =
	    tunnel_keeps(&keeper->tunnel, config_bool(console->config, "tunnel", "keep"));
	keeper->pinned = keeper->keep;
	tunnel_write(&keeper->tunnel, &keeper->plain);
	result = 0;
out:
	free(runs);
	check_finish(&check);
	return result;
}

static void keeper_signalled(uv_signal_t *signal, int number)
{
	(void)number;
	keeper_leave(signal->data);
}

static void open_handles(struct keeper *keeper)
{
	uv_timer_init(&keeper->loop, &keeper->check);
	uv_timer_init(&keeper->loop, &keeper->watch);
	uv_timer_init(&keeper->loop, &keeper->probe);
	uv_signal_init(&keeper->loop, &keeper->terminate);
	uv_signal_init(&keeper->loop, &keeper->interrupt);
	keeper->check.data = keeper->watch.data = keeper->probe.data = keeper;
	keeper->terminate.data = keeper->interrupt.data = keeper;
	uv_signal_start(&keeper->terminate, keeper_signalled, SIGTERM);
	uv_signal_start(&keeper->interrupt, keeper_signalled, SIGINT);
}

static int hold(struct keeper *keeper, const char *name, struct err *err)
{
	struct err none = ERR_INIT;
	int taken;

	if (open_keeper(keeper, name, err)) {
		if (keeper->tunnel.name)
			store_tunnel_event(keeper->console.store, name, "failed", err->text, &none);
		return -1;
	}
	taken = take_lock(keeper, name, err);
	if (taken)
		return taken < 0 ? -1 : 0;
	uv_loop_init(&keeper->loop);
	open_handles(keeper);
	if (keeper_listen(keeper, err)) {
		route_unlock(&keeper->console.home, name, keeper->lock);
		return -1;
	}
	leave_terminal();
	keeper_start(keeper);
	uv_run(&keeper->loop, UV_RUN_DEFAULT);
	route_unlock(&keeper->console.home, name, keeper->lock);
	uv_loop_close(&keeper->loop);
	return 0;
}

static void finish(struct keeper *keeper)
{
	buf_wipe(&keeper->profile);
	buf_wipe(&keeper->plain);
	buf_finish(&keeper->reason);
	buf_finish(&keeper->said_reason);
	free(keeper->driver);
	free(keeper->left_by);
	free(keeper->dir);
	tunnel_finish(&keeper->tunnel);
	console_close(&keeper->console);
}

int tunnel_hold(int argc, char **argv)
{
	static const char *const examples[] = {"mroom tunnel hold prod-vpn", NULL};
	struct keeper keeper = {.console = CONSOLE_INIT,
				.profile = BUF_INIT,
				.plain = BUF_INIT,
				.reason = BUF_INIT,
				.said_reason = BUF_INIT,
				.lock = -1};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "NAME",
	    .about = "Keeps a tunnel for whoever uses it: started by the tools themselves.",
	    .operand_complete = "tunnels",
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int operands;
	int result = -1;

	switch (opt_parse(&spec, argc, argv, &operands, NULL, &err)) {
	case OPT_SHOWN:
		return STATUS_OK;
	case OPT_BAD:
		return err_report(&err, COMMAND);
	case OPT_RUN:
		break;
	}
	close_inherited();
	signal(SIGHUP, SIG_IGN);
	if (argc - operands == 1)
		result = hold(&keeper, argv[operands], &err);
	else
		err_set(&err, STATUS_USAGE, "expected one NAME");
	finish(&keeper);
	if (!result)
		return STATUS_OK;
	/* One line, for the tool that started us. */
	fprintf(stderr, "%s\n", err.text);
	return (int)err.status;
}
