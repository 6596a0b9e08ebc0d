/* mroom log show: one run; what its servers answered, as far as that was kept. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/log/log.h"
#include "lib/base/num.h"
#include "lib/base/quote.h"
#include "lib/room/store_output.h"

struct show_args {
	bool output;
};

static const struct opt show_opts[] = {
    {.name = "output-kept",
     .type = OPT_FLAG,
     .offset = offsetof(struct show_args, output),
     .help = "what the servers answered, as mroom exec printed it"},
    {.type = OPT_END},
};

/* A few lines about the run itself, for people. */
static int print_head(void *ctx, const struct run_info *info, struct err *err)
{
	struct buf text = BUF_INIT;

	(void)ctx;
	(void)err;
	buf_format(&text, "run %lld: %s by %s, ", (long long)info->run, info->tool, info->user);
	clock_show(&text, info->started_at);
	if (info->ended_at >= 0) {
		buf_text(&text, ", ");
		num_show_duration(&text, info->ended_at - info->started_at);
		buf_format(&text, ", exit status %d", info->exit_status);
	} else {
		buf_text(&text, ", not ended");
	}
	buf_text(&text, "\n");
	quote_terminal(&text, info->command, strlen(info->command), true);
	buf_text(&text, "\n\n");
	fwrite(text.at, 1, text.len, stdout);
	buf_finish(&text);
	return 0;
}

static int print_results(struct call *call, int64_t run, struct err *err)
{
	const struct run_query runs = {.run = run};
	struct result_query query = {.run = run, .order = RESULT_AS_ENDED};
	size_t first = call->count ? 1 : 0;

	if (!call->form.columns)
		call->form.columns = "id,outcome,status,seconds,reason,message";
	if (call_rows(call, result_columns, RESULT_COLUMNS, err))
		return -1;
	if (out_form(call->out) == OUT_TABLE &&
	    store_run_each(call->console.store, &runs, print_head, call, err))
		return -1;
	do {
		query.server = first < call->count ? call->operands[first] : NULL;
		if (store_result_each(call->console.store, &query, call_result, call, err))
			return -1;
	} while (++first < call->count);
	return 0;
}

/* One stream of one server, line by line, where it went when it came. */
static int print_output(void *ctx, const struct output_row *row, struct err *err)
{
	FILE *to = strcmp(row->stream, "err") ? stdout : stderr;
	bool people = isatty(fileno(to));
	struct buf lines = BUF_INIT;
	const char *at = row->text->at, *end = at + row->text->len;

	(void)ctx;
	(void)err;
	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t size = (size_t)((newline ? newline : end) - at);

		buf_format(&lines, people ? "%s: " : "%s\t", row->server);
		if (people)
			quote_terminal(&lines, at, size, true);
		else
			buf_add(&lines, at, size);
		buf_char(&lines, '\n');
		at += size + (newline != NULL);
	}
	fwrite(lines.at, 1, lines.len, to);
	buf_finish(&lines);
	if (row->kept < row->size)
		fprintf(stderr, "%s: %lld of %lld bytes are kept ([journal] output)\n", row->server,
			(long long)row->kept, (long long)row->size);
	return 0;
}

static int print_outputs(struct call *call, int64_t run, struct err *err)
{
	size_t first = call->count ? 1 : 0;

	do {
		if (store_output_each(call->console.store, run,
				      first < call->count ? call->operands[first] : NULL, true,
				      print_output, call, err))
			return -1;
	} while (++first < call->count);
	return 0;
}

int log_show(int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	struct show_args args = {.output = false};
	static const char *const examples[] = {
	    "mroom log show",
	    "mroom log show 12 web-01 --output-kept",
	    NULL,
	};
	const struct opt_group groups[] = {
	    {"Show", show_opts, &args},
	    {"Output", out_opts, &call.form},
	};
	const struct opt_spec spec = {
	    .command = "mroom log show",
	    .args = "[RUN [ID...]]",
	    .operand_complete = "runs servers",
	    .about = "Shows what came of the servers of a run, the last one unless it is named.",
	    .groups = groups,
	    .group_count = 2,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int64_t run;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1) {
		if (call_run(&call, call.count ? call.operands[0] : NULL, &run, &err))
			result = -1;
		else
			result = args.output ? print_outputs(&call, run, &err)
					     : print_results(&call, run, &err);
	}
	return call_end(&call, spec.command, result, &err);
}
