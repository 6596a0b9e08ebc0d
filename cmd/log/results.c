/* mroom log failed, servers, slow, export: results, seen from several sides. */
#include "cmd/log/log.h"

/* What they are asked about. */
static int print_results(struct call *call, struct result_query *query, const char *columns,
			 struct err *err)
{
	if (!call->form.columns)
		call->form.columns = columns;
	query->since = call->since;
	query->limit = call->limit;
	if (call_rows(call, result_columns, RESULT_COLUMNS, err))
		return -1;
	return store_result_each(call->console.store, query, call_result, call, err);
}

static int failed(struct call *call, struct err *err)
{
	struct result_query query = {.not_ok = true};

	if (call_expect(call, 0, 1, "a RUN", err) ||
	    call_run(call, call->count ? call->operands[0] : NULL, &query.run, err))
		return -1;
	return print_results(call, &query, "id,outcome,status,seconds,message", err);
}

static int servers(struct call *call, struct err *err)
{
	struct result_query query = {.order = RESULT_NEWEST_FIRST};

	if (call_expect(call, 1, 1, "an ID", err))
		return -1;
	query.server = call->operands[0];
	if (print_results(call, &query, "id,run,tool,started,outcome,status,seconds,command", err))
		return -1;
	out_none(call->out, "the journal has no result of", query.server);
	return 0;
}

static int slow(struct call *call, struct err *err)
{
	struct result_query query = {.order = RESULT_SLOWEST_FIRST};

	if (call_expect(call, 0, 1, "a RUN", err) ||
	    (!call->since_text &&
	     call_run(call, call->count ? call->operands[0] : NULL, &query.run, err)))
		return -1;
	if (call->since_text && call->count)
		return err_set(err, STATUS_USAGE, "a RUN and --since exclude each other");
	if (!call->limit)
		call->limit = 10;
	return print_results(call, &query, "id,seconds,outcome,run,command", err);
}

static int export(struct call *call, struct err *err)
{
	struct result_query query = {.order = RESULT_AS_ENDED};

	if (call_expect(call, 0, 1, "a RUN", err) ||
	    (call->count && call_run(call, call->operands[0], &query.run, err)))
		return -1;
	if (!call->form.form)
		call->form.json = true;
	return print_results(call, &query, call->form.columns, err);
}

/* The frame of all four. */
static int results_verb(int argc, char **argv, const char *command, const char *args,
			const char *about, const char *const *examples,
			int (*act)(struct call *call, struct err *err))
{
	struct call call = {.console = CONSOLE_INIT};
	const struct opt_group groups[] = {
	    {"Results", log_since_opts, &call},
	    {"Output", out_opts, &call.form},
	};
	const struct opt_spec spec = {
	    .command = command,
	    .args = args,
	    .about = about,
	    .operand_complete = strstr(args, "RUN") ? "runs" : "servers",
	    .groups = groups,
	    .group_count = 2,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1)
		result = act(&call, &err);
	return call_end(&call, command, result, &err);
}

int log_failed(int argc, char **argv)
{
	static const char *const examples[] = {"mroom log failed | mroom exec -- uptime",
					       "mroom log failed 12", NULL};

	return results_verb(argc, argv, "mroom log failed", "[RUN]",
			    "Prints the servers that did not end well in a run: the last one.",
			    examples, failed);
}

int log_servers(int argc, char **argv)
{
	static const char *const examples[] = {"mroom log servers web-01 -n 5", NULL};

	return results_verb(argc, argv, "mroom log servers", "ID",
			    "Tells what came of one server, run by run, the newest first.",
			    examples, servers);
}

int log_slow(int argc, char **argv)
{
	static const char *const examples[] = {"mroom log slow", "mroom log slow --since 7d -n 20",
					       NULL};

	return results_verb(
	    argc, argv, "mroom log slow", "[RUN]",
	    "Prints the slowest servers of a run, the last one, or of all since a time.", examples,
	    slow);
}

int log_export(int argc, char **argv)
{
	static const char *const examples[] = {"mroom log export --since 30d > runs.jsonl", NULL};

	return results_verb(argc, argv, "mroom log export", "[RUN]",
			    "Prints all results with their runs, oldest first, as JSON lines.",
			    examples, export);
}
