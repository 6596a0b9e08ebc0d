/* mroom log prune: an end of what is old. */
#include <stdio.h>

#include "cmd/log/log.h"
#include "lib/base/num.h"
#include "lib/room/store_history.h"

struct prune_args {
	int64_t keep;
	bool quiet;
};

static const struct opt prune_opts[] = {
    {.name = "keep",
     .type = OPT_TIME,
     .offset = offsetof(struct prune_args, keep),
     .arg = "TIME",
     .help = "what is younger stays: 90d"},
    {.letter = 'q',
     .name = "quiet",
     .type = OPT_FLAG,
     .offset = offsetof(struct prune_args, quiet),
     .help = "no summary"},
    {.type = OPT_END},
};

static int prune(struct call *call, const struct prune_args *args, struct err *err)
{
	int64_t before = clock_wall_ms() - args->keep;
	int64_t runs, changes;

	if (call_expect(call, 0, 0, "no operands", err))
		return -1;
	if (!args->keep)
		return err_set(err, STATUS_USAGE, "say what is to stay, such as --keep 90d");
	if (store_run_prune(call->console.store, before, &runs, err) ||
	    store_history_prune(call->console.store, before, &changes, err))
		return -1;
	if (!args->quiet)
		fprintf(stderr, "forgotten: %lld run%s, %lld change%s of state\n", (long long)runs,
			runs == 1 ? "" : "s", (long long)changes, changes == 1 ? "" : "s");
	return 0;
}

int log_prune(int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	struct prune_args args = {.keep = 0};
	static const char *const examples[] = {"mroom log prune --keep 90d", NULL};
	const struct opt_group groups[] = {{"Prune", prune_opts, &args}};
	const struct opt_spec spec = {
	    .command = "mroom log prune",
	    .args = "--keep TIME",
	    .about = "Forgets runs, their results and output, and changes of state that are older.",
	    .groups = groups,
	    .group_count = 1,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1)
		result = prune(&call, &args, &err);
	return call_end(&call, spec.command, result, &err);
}
