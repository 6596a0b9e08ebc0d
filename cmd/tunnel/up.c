#include <stdlib.h>

#include "cmd/tunnel/tunnel.h"
#include "lib/base/num.h"
#include "lib/base/opt.h"
#include "lib/wire/route.h"

#define COMMAND "mroom tunnel up"

struct up_opts {
	bool yes, quiet;
	long process;
};

static const struct opt up_table[] = {
    {.letter = 'y',
     .name = "yes",
     .type = OPT_FLAG,
     .offset = offsetof(struct up_opts, yes),
     .help = "also when this SSH session's traffic goes into it"},
    {.letter = 'q',
     .name = "quiet",
     .type = OPT_FLAG,
     .offset = offsetof(struct up_opts, quiet),
     .help = "say nothing unless something fails"},
    {.name = "for",
     .type = OPT_INT,
     .offset = offsetof(struct up_opts, process),
     .arg = "PID",
     .help = "not until down, but as long as process PID lives",
     .min = 1,
     .max = 0x7fffffff},
    {.type = OPT_END},
};

static int bring_up(struct console *console, const char *name, const struct up_opts *opts,
		    struct err *err)
{
	int64_t started = clock_mono_ms();
	struct tunnel tunnel = TUNNEL_INIT;
	struct buf text = BUF_INIT;
	long users;
	int result = store_tunnel_need(console->store, name, &tunnel, err);

	if (!result && route_ask(&console->home, name, ROUTE_QUERY, &text, &users) == ROUTE_DOWN)
		result = protect_ask(console, &tunnel, err);
	buf_clear(&text);
	if (!result)
		result = route_bring_up(&console->home, name, (pid_t)opts->process, err);
	if (!result && !opts->quiet) {
		num_show_duration(&text, clock_mono_ms() - started);
		fprintf(stderr, "tunnel %s is up after %s\n", name, text.at);
	}
	buf_finish(&text);
	tunnel_finish(&tunnel);
	return result;
}

/* All of them, whatever happens to one. */
static int bring_all_up(struct console *console, char **names, size_t count,
			const struct up_opts *opts, struct err *err)
{
	int status = STATUS_OK;

	if (!count)
		return err_set(err, STATUS_USAGE, "no tunnel named");
	if (opts->yes)
		protect_say_yes();
	for (size_t i = 0; i < count; i++) {
		struct err own = ERR_INIT;

		if (!bring_up(console, names[i], opts, &own))
			continue;
		if (status != STATUS_OK)
			err_report(err, COMMAND);
		*err = own;
		status = (int)status_worst((enum status)status, own.status);
	}
	err->status = (enum status)status;
	return status ? -1 : 0;
}

int tunnel_up(int argc, char **argv)
{
	static const char *const examples[] = {"mroom tunnel up prod-vpn", NULL};
	struct console console = CONSOLE_INIT;
	struct up_opts opts = {.yes = false};
	const struct opt_group groups[] = {{NULL, up_table, &opts}};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "NAME...",
	    .about = "Brings tunnels up, and leaves them up until they are taken down.",
	    .operand_complete = "tunnels",
	    .groups = groups,
	    .group_count = 1,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int operands;
	int result = -1;

	switch (opt_parse(&spec, argc, argv, &operands, NULL, &err)) {
	case OPT_SHOWN:
		return STATUS_OK;
	case OPT_BAD:
		break;
	case OPT_RUN:
		if (!console_open(&console, &err))
			result = bring_all_up(&console, argv + operands, (size_t)(argc - operands),
					      &opts, &err);
		console_close(&console);
		break;
	}
	return result ? err_report(&err, COMMAND) : STATUS_OK;
}
