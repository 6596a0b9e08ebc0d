/*
 * What a job says: lines "@RUN WORD ..." are ours, everything else is what a stage printed and is
 * kept only as the reason of a failure. The first line, "@ RUN", tells the run.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/deploy/deploy.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"
#include "lib/room/store_state.h"

const struct out_column report_columns[] = {{"id", OUT_TEXT, false},
					    {"stage", OUT_TEXT, false},
					    {"result", OUT_TEXT, false},
					    {"why", OUT_TEXT, false}};
const size_t report_column_count = 4;

struct reading {
	struct deploy *deploy;
	const char *id;
	struct buf last; /* what the stage said last */
	char *message;
	size_t room;
	bool undoing;
};

/* json NULL: it is forgotten. */
static void remember(struct reading *reading, const char *key, const char *json)
{
	if (store_state_set(reading->deploy->frame.console.store, reading->id, key, json, "deploy",
			    &reading->deploy->frame.trouble))
		err_prefix(&reading->deploy->frame.trouble, "%s: %s", reading->id, key);
}

/* A fact: JSON where the text is some, else a string. */
static void remember_fact(struct reading *reading, char *fact)
{
	char *value = strchr(fact, ' ');
	json_t *json;
	char *text;

	if (!value || !*fact || *fact == ' ')
		return;
	*value++ = '\0';
	json = json_loads(value, JSON_DECODE_ANY, NULL);
	if (!json)
		json = json_string(value);
	text = json ? json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	if (text)
		remember(reading, fact, text);
	free(text);
	json_decref(json);
}

static void row(struct reading *reading, const char *stage, const char *result, const char *why)
{
	const char *values[] = {reading->id, stage, result, *why ? why : NULL};

	out_row(reading->deploy->frame.out, values);
	if (reading->deploy->results)
		map_set(reading->deploy->results, reading->id,
			!strcmp(result, "same")	     ? "same"
			: !strcmp(result, "changed") ? "changed"
						     : "failed");
}

static void remember_stage(struct reading *reading, const char *stage, const char *result)
{
	/* What became of an application is told by its version. */
	if (!strncmp(stage, "app:", 4))
		return;
	char *key = stage_key(stage), *json = mem_format("\"%s\"", result);

	remember(reading, key, json);
	free(key);
	free(json);
}

void report_result(struct deploy *deploy, const char *id, const char *stage, const char *result,
		   const char *why)
{
	struct reading reading = {.deploy = deploy, .id = id};
	bool failed = !strcmp(result, "failed");

	row(&reading, stage, result, why);
	remember_stage(&reading, stage, failed ? "failed" : "ok");
	out_flush(deploy->frame.out, &deploy->frame.trouble);
	if (failed)
		fprintf(stderr, "%s: failed: stage %s: %s\n", id, stage, why);
}

void report_version(const struct console *console, const char *id, const char *name,
		    const char *version, struct err *err)
{
	const char *const keys[] = {"version", "deployed"};

	for (int i = 0; i < 2; i++) {
		char *key = mem_format("%s_%s", name, keys[i]);
		json_t *value = i == 0 ? json_string(version ? version : "") : json_true();
		char *json = version ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;

		for (char *c = key; *c; c++)
			if (*c == '-' || *c == '.')
				*c = '_';
		store_state_set(console->store, id, key, json, "deploy", err);
		json_decref(value);
		free(json);
		free(key);
	}
}

void report_said(const char *id, const char *text)
{
	struct buf line = BUF_INIT;

	quote_terminal(&line, text, strlen(text), true);
	fprintf(stderr, "%s: log: %s\n", id, line.at);
	buf_finish(&line);
}

/* What became of an application, whose version is `rest`. */
static void read_app(struct reading *reading, const char *word, const char *stage, const char *rest)
{
	row(reading, stage, word, rest);
	report_version(&reading->deploy->frame.console, reading->id, stage + 4,
		       strcmp(word, "removed") ? rest : NULL, &reading->deploy->frame.trouble);
}

/* "WORD STAGE REST" */
static void read_ours(struct reading *reading, char *line)
{
	char *word = line, *stage = strchr(line, ' '), *rest = NULL;

	if (!stage)
		return;
	*stage++ = '\0';
	if (!strcmp(word, "fact")) {
		remember_fact(reading, stage);
		return;
	}
	if (!strcmp(word, "forget")) {
		remember(reading, stage, NULL);
		return;
	}
	rest = strchr(stage, ' ');
	if (rest)
		*rest++ = '\0';
	else
		rest = stage + strlen(stage);
	if (!strcmp(word, "begin")) {
		buf_clear(&reading->last);
	} else if (!strcmp(word, "log")) {
		report_said(reading->id, rest);
	} else if (!strncmp(stage, "app:", 4) && strcmp(word, "failed") != 0) {
		read_app(reading, word, stage, rest);
	} else if (!strcmp(word, "late")) {
		snprintf(reading->message, reading->room,
			 "still running after %s s; it was stopped", stage);
	} else if (!strcmp(word, "same") || !strcmp(word, "changed")) {
		row(reading, stage, word, rest);
		remember_stage(reading, stage, "ok");
	} else if (!strcmp(word, "would")) {
		row(reading, stage, word, rest);
	} else if (!strcmp(word, "undone")) {
		row(reading, stage, word, rest);
		remember_stage(reading, stage, "undone");
	} else if (!strcmp(word, "failed")) {
		const char *why = reading->last.len > 0 ? reading->last.at : rest;

		row(reading, stage, word, why);
		remember_stage(reading, stage, "failed");
		snprintf(reading->message, reading->room, "stage %s: %s", stage, why);
	}
}

static void read_line(void *ctx, char *ours, const char *line, size_t size)
{
	struct reading *reading = ctx;

	if (ours) {
		read_ours(reading, ours);
	} else if (size > 0) {
		buf_clear(&reading->last);
		quote_terminal(&reading->last, line, size < 400 ? size : 400, false);
	}
}

void report_lines(const struct buf *log, report_fn *fn, void *ctx)
{
	const char *at = log->at, *end = log->at + log->len, *next;
	char *mark = NULL; /* "@RUN " */

	for (; (next = memchr(at, '\n', (size_t)(end - at))) != NULL; at = next + 1) {
		char *line = mem_text_n(at, (size_t)(next - at));
		bool ours = mark && !strncmp(line, mark, strlen(mark));

		if (mark)
			fn(ctx, ours ? line + strlen(mark) : NULL, line, (size_t)(next - at));
		else if (!strncmp(line, "@ ", 2) && line[2])
			mark = mem_format("@%s ", line + 2);
		free(line);
	}
	free(mark);
}

void report_log(struct deploy *deploy, const struct server *server, const struct buf *log,
		char *message, size_t room)
{
	struct reading reading = {
	    .deploy = deploy, .id = server->id, .message = message, .room = room};

	buf_init(&reading.last);
	report_lines(log, read_line, &reading);
	out_flush(deploy->frame.out, &deploy->frame.trouble);
	buf_finish(&reading.last);
}
