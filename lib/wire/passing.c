#include "lib/wire/passing.h"

#include <jansson.h>
#include <string.h>

#include "lib/base/list.h"
#include "lib/base/quote.h"

int passing_parse(struct passing *passing, const char *text, struct err *err)
{
	struct list words = LIST_INIT;
	enum outcome outcome;
	int rc = 0;

	memset(passing, 0, sizeof(*passing));
	if (!text)
		return 0;
	passing->on = true;
	list_split(&words, *text ? text : "ok", ',');
	for (size_t i = 0; i < words.count && rc == 0; i++) {
		if (outcome_parse(words.at[i], &outcome))
			passing->outcomes[outcome] = true;
		else
			rc = err_set(
			    err, STATUS_USAGE,
			    "--pass: '%s' is no outcome (ok failed timeout unreachable denied "
			    "hostkey cancelled skipped)",
			    words.at[i]);
	}
	list_finish(&words);
	return rc;
}

void passing_record(struct buf *to, const char *id, const struct result *result)
{
	buf_format(to, "%s\t%s\t", id, outcome_name(result->outcome));
	if (result->exit_status >= 0)
		buf_format(to, "%d", result->exit_status);
	buf_format(to, "\t%.3f\n", (double)result->duration_ms / 1000.0);
}

static int dump(const char *bytes, size_t count, void *to)
{
	buf_add(to, bytes, count);
	return 0;
}

/* NULL where a text is not UTF-8. */
static json_t *pack(const char *id, const char *message, const struct result *result)
{
	return json_pack(
	    "{s:s, s:s, s:o, s:f, s:s*, s:s*}", "id", id, "outcome", outcome_name(result->outcome),
	    "status", result->exit_status < 0 ? json_null() : json_integer(result->exit_status),
	    "seconds", (double)result->duration_ms / 1000.0, "reason", result->reason, "message",
	    message);
}

void passing_record_json(struct buf *to, const char *id, const struct result *result)
{
	json_t *object = pack(id, result->message, result);

	if (!object) { /* what a server said: shown as on a terminal */
		struct buf name = BUF_INIT, message = BUF_INIT;

		quote_terminal(&name, id, strlen(id), true);
		if (result->message)
			quote_terminal(&message, result->message, strlen(result->message), true);
		object = pack(name.at, result->message ? message.at : NULL, result);
		buf_finish(&name);
		buf_finish(&message);
	}
	json_dump_callback(object, dump, to, JSON_COMPACT | JSON_REAL_PRECISION(6));
	buf_char(to, '\n');
	json_decref(object);
}
