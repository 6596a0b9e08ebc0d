/* mroom state load: many values at once, all of them or none. */
#include <stdio.h>

#include "cmd/state/state.h"
#include "lib/room/state_input.h"
#include "lib/room/store_state.h"

struct load_args {
	bool text, quiet;
};

static const struct opt load_opts[] = {
    {.name = "text",
     .type = OPT_FLAG,
     .offset = offsetof(struct load_args, text),
     .help = "values are texts, whatever they look like"},
    {.letter = 'q',
     .name = "quiet",
     .type = OPT_FLAG,
     .offset = offsetof(struct load_args, quiet),
     .help = "no summary"},
    {.type = OPT_END},
};

struct loading {
	struct store *store;
	size_t count;
};

static int load_one(void *ctx, const struct state_input *input, struct err *err)
{
	struct loading *loading = ctx;

	loading->count++;
	return store_state_set(loading->store, input->id, input->key, input->json, "state", err);
}

static int load(struct call *call, const struct load_args *args, struct err *err)
{
	struct loading loading = {call->console.store, 0};
	const char *path = call->count ? call->operands[0] : "-";

	if (state_input_load(&call->console, path, STATE_INPUT_KEYED, args->text, load_one, &loading, err))
		return err_prefix(err, "nothing was loaded");
	if (!args->quiet)
		fprintf(stderr, "%zu value%s loaded\n", loading.count,
			loading.count == 1 ? "" : "s");
	return 0;
}

int state_load(int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	struct load_args args = {.text = false};
	static const char *const examples[] = {
	    "mroom state load state.tsv",
	    "printf 'web-01\\tcustom_port\\t8080\\n' | mroom state load",
	    NULL,
	};
	const struct opt_group groups[] = {{"Load", load_opts, &args}};
	const struct opt_spec spec = {
	    .command = "mroom state load",
	    .args = "[FILE|-]",
	    .about = "Reads records of id, key and value, or JSON objects, in one transaction.",
	    .operand_complete = "file",
	    .groups = groups,
	    .group_count = 1,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1)
		result = call_expect(&call, 0, 1, "one FILE", &err) ? -1 : load(&call, &args, &err);
	return call_end(&call, spec.command, result, &err);
}
