#include "lib/wire/passing.h"

#include <jansson.h>
#include <string.h>

#include "lib/base/list.h"

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

void passing_record_json(struct buf *to, const char *id, const struct result *result)
{
	json_t *object = json_pack(
	    "{s:s, s:s, s:o, s:f, s:s*, s:s*}", "id", id, "outcome", outcome_name(result->outcome),
	    "status", result->exit_status < 0 ? json_null() : json_integer(result->exit_status),
	    "seconds", (double)result->duration_ms / 1000.0, "reason", result->reason, "message",
	    result->message);

	if (!object) /* a message with bytes that are not UTF-8 */
		object =
		    json_pack("{s:s, s:s}", "id", id, "outcome", outcome_name(result->outcome));
	json_dump_callback(object, dump, to, JSON_COMPACT | JSON_REAL_PRECISION(6));
	buf_char(to, '\n');
	json_decref(object);
}
