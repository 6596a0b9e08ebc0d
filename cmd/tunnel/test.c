#include "cmd/tunnel/tunnel.h"
#include "lib/base/num.h"
#include "lib/base/opt.h"
#include "lib/flow/out.h"
#include "lib/wire/route.h"

#define COMMAND "mroom tunnel test"

enum { NAME, RESULT, REASON, MS, COLUMNS };

static const struct out_column columns[COLUMNS] = {
    [NAME] = {"tunnel", OUT_TEXT, false},
    [RESULT] = {"result", OUT_TEXT, false},
    [REASON] = {"reason", OUT_TEXT, false},
    [MS] = {"ms", OUT_INT, false},
};

struct test_opts {
	bool yes;
};

static const struct opt test_table[] = {
    {.letter = 'y',
     .name = "yes",
     .type = OPT_FLAG,
     .offset = offsetof(struct test_opts, yes),
     .help = "also when this SSH session's traffic goes into it"},
    {.type = OPT_END},
};

/* One tunnel, used by us until it has answered: it goes down again unless others want it. */
static int test_tunnel(struct console *console, const char *name, struct out *out, bool *well,
		       struct err *err)
{
	int64_t started = clock_mono_ms();
	struct tunnel tunnel = TUNNEL_INIT;
	struct err why = ERR_INIT;
	char ms[24];
	int result = store_tunnel_need(console->store, name, &tunnel, err);

	if (result)
		return -1;
	result = route_try_out(&console->home, name, &why);
	snprintf(ms, sizeof(ms), "%lld", (long long)(clock_mono_ms() - started));
	out_row(out, (const char *const[COLUMNS]){
			 [NAME] = name,
			 [RESULT] = result ? "failed" : "up",
			 [REASON] = result ? why.text : NULL,
			 [MS] = ms,
		     });
	*well = *well && !result;
	tunnel_finish(&tunnel);
	return 0;
}

int tunnel_test(int argc, char **argv)
{
	static const char *const examples[] = {"mroom tunnel test prod-vpn", NULL};
	struct console console = CONSOLE_INIT;
	struct out_args form = {.form = NULL};
	struct test_opts opts = {.yes = false};
	const struct opt_group groups[] = {{NULL, test_table, &opts}, {"Output", out_opts, &form}};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "NAME...",
	    .about = "Brings each tunnel up and lets it go again; exits 4 unless all came up.",
	    .operand_complete = "tunnels",
	    .groups = groups,
	    .group_count = 2,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	struct out *out = NULL;
	bool well = true;
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
	if (operands == argc)
		err_set(&err, STATUS_USAGE, "no tunnel named");
	else if (!console_open(&console, &err))
		out = out_create(stdout, &form, columns, COLUMNS, &err);
	if (!out)
		goto out;
	result = 0;
	for (int i = operands; i < argc && !result; i++)
		result = test_tunnel(&console, argv[i], out, &well, &err);
out:
	if (out_finish(out, result ? NULL : &err))
		result = -1;
	console_close(&console);
	if (result)
		return err_report(&err, COMMAND);
	return well ? STATUS_OK : STATUS_UNREACHABLE;
}
