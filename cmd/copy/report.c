#include <stdlib.h>
#include <string.h>

#include "cmd/copy/copy.h"
#include "lib/base/io.h"

enum { PUT_ID, PUT_OUTCOME, PUT_SENT, PUT_ADJUSTED, PUT_REMOVED, PUT_BYTES, PUT_SECONDS };

static const struct out_column put_columns[] = {
    [PUT_ID] = {"id", OUT_TEXT, false},		  [PUT_OUTCOME] = {"outcome", OUT_TEXT, false},
    [PUT_SENT] = {"sent", OUT_INT, false},	  [PUT_ADJUSTED] = {"adjusted", OUT_INT, false},
    [PUT_REMOVED] = {"removed", OUT_INT, false},  [PUT_BYTES] = {"bytes", OUT_INT, false},
    [PUT_SECONDS] = {"seconds", OUT_REAL, false},
};

enum { CHECK_ID, CHECK_WHAT, CHECK_PATH, CHECK_BYTES };

static const struct out_column check_columns[] = {
    [CHECK_ID] = {"id", OUT_TEXT, false},
    [CHECK_WHAT] = {"what", OUT_TEXT, false},
    [CHECK_PATH] = {"path", OUT_TEXT, false},
    [CHECK_BYTES] = {"bytes", OUT_INT, false},
};

enum { GET_ID, GET_OUTCOME, GET_FILES, GET_BYTES, GET_SECONDS };

static const struct out_column get_columns[] = {
    [GET_ID] = {"id", OUT_TEXT, false},		  [GET_OUTCOME] = {"outcome", OUT_TEXT, false},
    [GET_FILES] = {"fetched", OUT_INT, false},	  [GET_BYTES] = {"bytes", OUT_INT, false},
    [GET_SECONDS] = {"seconds", OUT_REAL, false},
};

int report_open(struct copy *copy, bool get, struct err *err)
{
	const struct out_column *columns = put_columns;
	size_t count = sizeof(put_columns) / sizeof(*put_columns);

	if (passing_parse(&copy->passing, copy->args.pass, err))
		return -1;
	if (copy->args.diff) {
		if (copy->passing.on)
			return err_set(err, STATUS_USAGE,
				       "--diff and --pass: which of them is to be printed?");
		return 0;
	}
	if (get) {
		columns = get_columns;
		count = sizeof(get_columns) / sizeof(*get_columns);
	} else if (copy->args.check) {
		columns = check_columns;
		count = sizeof(check_columns) / sizeof(*check_columns);
	}
	copy->out = out_create(stdout, &copy->form, columns, count, err);
	return copy->out ? 0 : -1;
}

static void report_passing(struct copy *copy, const char *id, const struct result *result)
{
	struct sink *sink = run_out(copy->run);

	if (!copy->passing.outcomes[result->outcome])
		return;
	if (out_form(copy->out) == OUT_JSON)
		passing_record_json(sink_buf(sink), id, result);
	else
		passing_record(sink_buf(sink), id, result);
	sink_push(sink);
}

static void flush(struct copy *copy)
{
	struct err err = ERR_INIT;

	if (out_flush(copy->out, &err))
		run_fail(copy->run, &err);
}

static void report_server(struct copy *copy, const char *id, const struct transfer_report *report,
			  const struct result *result)
{
	const struct plan *plan = report->plan;
	bool done = plan && result->outcome == OUTCOME_OK;
	char sent[24], adjusted[24], removed[24], bytes[24], seconds[32];
	const char *values[] = {id,
				outcome_name(result->outcome),
				done ? sent : NULL,
				done ? adjusted : NULL,
				done ? removed : NULL,
				bytes,
				seconds};

	snprintf(sent, sizeof(sent), "%zu", plan ? plan->sends : 0);
	snprintf(adjusted, sizeof(adjusted), "%zu", plan ? plan->attributes : 0);
	snprintf(removed, sizeof(removed), "%zu", plan ? plan->extra.count : 0);
	snprintf(bytes, sizeof(bytes), "%lld", (long long)report->sent);
	snprintf(seconds, sizeof(seconds), "%.3f", (double)result->duration_ms / 1000.0);
	out_row(copy->out, values);
}

const char *report_word(enum plan_what what)
{
	static const char *const words[] = {[PLAN_CREATE] = "create",
					    [PLAN_CHANGE] = "change",
					    [PLAN_ATTRIBUTES] = "adjust",
					    [PLAN_REPLACE] = "replace"};

	return words[what];
}

static void report_check(struct copy *copy, const char *id, const struct plan *plan,
			 const struct tree *tree)
{
	for (size_t i = 0; i < plan->count; i++) {
		enum plan_what what = plan->at[i].what;
		struct buf path = BUF_INIT;
		char bytes[24];
		const char *values[] = {id, NULL, NULL, bytes};

		if (what == PLAN_SAME)
			continue;
		values[CHECK_WHAT] = report_word(what);
		transfer_show_name(&path, copy->put, plan, i);
		values[CHECK_PATH] = path.at;
		snprintf(bytes, sizeof(bytes), "%lld",
			 what == PLAN_ATTRIBUTES ? 0LL : (long long)tree->at[i].size);
		out_row(copy->out, values);
		buf_finish(&path);
	}
	for (size_t i = 0; i < plan->extra.count; i++) {
		struct buf path = BUF_INIT;
		const char *values[] = {id, "delete", NULL, NULL};

		transfer_show_below(&path, copy->put, plan->extra.at[i] + 2);
		values[CHECK_PATH] = path.at;
		out_row(copy->out, values);
		buf_finish(&path);
	}
}

void report_put(void *ctx, const struct server *server, const struct transfer_report *report,
		const struct result *result)
{
	struct copy *copy = ctx;

	if (copy->args.diff) {
		if (result->outcome == OUTCOME_OK && report->plan)
			diff_server(copy, server->id, report);
		return;
	}
	if (copy->passing.on)
		report_passing(copy, server->id, result);
	else if (!copy->args.check)
		report_server(copy, server->id, report, result);
	else if (report->plan)
		report_check(copy, server->id, report->plan, transfer_put_tree(copy->put));
	if (!copy->passing.on)
		flush(copy);
}

void report_got(void *ctx, const struct server *server, const struct transfer_got *got,
		const struct result *result)
{
	struct copy *copy = ctx;
	char files[24], bytes[24], seconds[32];
	const char *values[] = {server->id, outcome_name(result->outcome), files, bytes, seconds};

	if (copy->passing.on) {
		report_passing(copy, server->id, result);
		return;
	}
	snprintf(files, sizeof(files), "%zu", got->files);
	snprintf(bytes, sizeof(bytes), "%lld", (long long)got->bytes);
	snprintf(seconds, sizeof(seconds), "%.3f", (double)result->duration_ms / 1000.0);
	if (result->outcome != OUTCOME_OK)
		values[GET_FILES] = values[GET_BYTES] = NULL;
	out_row(copy->out, values);
	flush(copy);
}

int report_close(struct copy *copy, struct err *err)
{
	int rc = out_finish(copy->out, err);

	copy->out = NULL;
	return rc;
}
