#include "lib/room/journal_log.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/quote.h"
#include "lib/base/when.h"
#include "lib/room/logfile.h"

struct journal_log {
	struct logfile *file;
	bool json;
	struct buf line;
};

int journal_log_open(struct journal_log **log, const struct config *config, const char *file,
		     struct err *err)
{
	*log = NULL;
	if (!file && config)
		file = config_text(config, "log", "file");
	if (!file || !*file)
		return 0;
	*log = mem_zero(1, sizeof(**log));
	buf_init(&(*log)->line);
	(*log)->json = config && !strcmp(config_text(config, "log", "format"), "json");
	(*log)->file = logfile_open(file, config ? config_size(config, "log", "rotate_size") : 0,
				    config ? config_int(config, "log", "rotate_keep") : 1, err);
	if ((*log)->file)
		return 0;
	journal_log_close(*log);
	*log = NULL;
	return -1;
}

void journal_log_close(struct journal_log *log)
{
	if (!log)
		return;
	logfile_close(log->file);
	buf_finish(&log->line);
	free(log);
}

static void add_visible(struct buf *line, const char *text)
{
	quote_terminal(line, text, strlen(text), false);
}

/* ,"name":"text"; nothing for NULL. */
static void add_member(struct buf *line, const char *name, const char *text)
{
	struct buf visible = BUF_INIT;
	json_t *string;
	char *json;

	if (!text)
		return;
	/* Bytes that are not UTF-8 have to become something that is. */
	string = json_string(text);
	if (!string) {
		add_visible(&visible, text);
		string = json_string(visible.at);
	}
	json = json_dumps(string, JSON_ENCODE_ANY);
	buf_format(line, ",\"%s\":%s", name, json ? json : "null");
	free(json);
	json_decref(string);
	buf_finish(&visible);
}

/* The beginning of every line. */
static void begin_line(struct journal_log *log, int64_t run, const char *event)
{
	struct buf *line = &log->line;

	buf_clear(line);
	if (log->json)
		buf_text(line, "{\"time\":\"");
	when_stamp(line, clock_wall_ms());
	if (log->json)
		buf_format(line, "\",\"event\":\"%s\",\"run\":%lld", event, (long long)run);
	else
		buf_format(line, " run %lld ", (long long)run);
}

static int end_line(struct journal_log *log, struct err *err)
{
	buf_text(&log->line, log->json ? "}\n" : "\n");
	return logfile_write(log->file, log->line.at, log->line.len, err);
}

int journal_log_begin(struct journal_log *log, int64_t run, const struct run_row *row,
		      struct err *err)
{
	if (!log)
		return 0;
	begin_line(log, run, "begin");
	if (log->json) {
		add_member(&log->line, "tool", row->tool);
		add_member(&log->line, "command", row->command);
		add_member(&log->line, "user", row->user);
	} else {
		buf_format(&log->line, "begin %s by %s: ", row->tool, row->user);
		add_visible(&log->line, row->command);
	}
	return end_line(log, err);
}

int journal_log_result(struct journal_log *log, int64_t run, const struct result_row *row,
		       struct err *err)
{
	double seconds = (double)row->duration_ms / 1000.0;

	if (!log)
		return 0;
	begin_line(log, run, "result");
	if (log->json) {
		add_member(&log->line, "id", row->server);
		add_member(&log->line, "outcome", row->outcome);
		if (row->exit_status >= 0)
			buf_format(&log->line, ",\"status\":%d", row->exit_status);
		buf_format(&log->line, ",\"seconds\":%.3f", seconds);
		add_member(&log->line, "reason", row->reason);
		add_member(&log->line, "message", row->message);
	} else {
		add_visible(&log->line, row->server);
		buf_format(&log->line, " %s after %.3f s", row->outcome, seconds);
		if (row->message) {
			buf_text(&log->line, ": ");
			add_visible(&log->line, row->message);
		}
	}
	return end_line(log, err);
}

int journal_log_end(struct journal_log *log, int64_t run, int exit_status, struct err *err)
{
	if (!log)
		return 0;
	begin_line(log, run, "end");
	buf_format(&log->line, log->json ? ",\"status\":%d" : "end with status %d", exit_status);
	return end_line(log, err);
}
