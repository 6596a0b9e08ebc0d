#include <jansson.h>

#include "cmd/cert/call.h"
#include "cmd/cert/keys.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/store_state.h"

#define COMMAND "mroom cert ls"
#define SEEN "authorized_keys" /* state: fingerprint -> when it was first seen, ms */

static const struct out_column columns[] = {
    {"id", OUT_TEXT, false},	{"fingerprint", OUT_TEXT, false}, {"type", OUT_TEXT, false},
    {"bits", OUT_INT, false},	{"comment", OUT_TEXT, false},	  {"options", OUT_TEXT, false},
    {"since", OUT_TEXT, false}, {"file", OUT_TEXT, true},	  {"line", OUT_INT, true},
};
#define COLUMNS (sizeof(columns) / sizeof(*columns))

struct listing {
	struct out *out;
	const struct subject *subject;
	json_t *before, *now; /* when each key was first seen */
	int64_t today;
};

/* Since when it is known to be there: the file itself does not tell. */
static int64_t since(struct listing *listing, const struct authorized *key)
{
	json_t *first = json_object_get(listing->before, key->fingerprint);
	int64_t ms = json_is_integer(first) ? json_integer_value(first) : listing->today;

	json_object_set_new(listing->now, key->fingerprint, json_integer(ms));
	return ms;
}

static void list_key(void *ctx, const struct authorized *key, const char *file, long line)
{
	struct listing *listing = ctx;
	struct buf when = BUF_INIT;
	char bits[24], number[24];

	clock_show(&when, since(listing, key));
	snprintf(bits, sizeof(bits), "%ld", key->bits);
	snprintf(number, sizeof(number), "%ld", line);
	out_row(listing->out,
		(const char *const[COLUMNS]){listing->subject->id, key->fingerprint, key->type,
					     key->bits ? bits : NULL, key->comment, key->options,
					     when.at, file, number});
	buf_finish(&when);
}

static int list_subject(struct listing *listing, struct store *store, struct err *err)
{
	struct buf json = BUF_INIT;
	const char *id = listing->subject->id;
	char *text;
	int rc = store_state_get(store, id, SEEN, &json, err);

	if (rc < 0)
		return -1;
	listing->before = rc ? json_loads(json.at, 0, NULL) : NULL;
	listing->now = json_object();
	keys_each(listing->subject, list_key, listing);
	text = json_dumps(listing->now, JSON_SORT_KEYS | JSON_COMPACT);
	rc = store_state_set(store, id, SEEN, text, "cert", err);
	free(text);
	json_decref(listing->before);
	json_decref(listing->now);
	buf_finish(&json);
	return rc;
}

static const char *const examples[] = {
    "mroom cert ls @production",
    "mroom cert ls -a --json | jq -r 'select(.bits < 3072 and .type == \"ssh-rsa\") | .id'",
    NULL,
};

int cert_ls(int argc, char **argv)
{
	static const struct opt_spec about = {
	    .command = COMMAND,
	    .about = "Lists every key that opens the servers' accounts.",
	    .examples = examples,
	};
	struct listing listing = {.today = clock_wall_ms()};
	struct call call = CALL_INIT;
	struct work *work = &call.work;

	if (!call_begin(&call, &about, NULL, 0, argc, argv) || !call_works(&call, "ls"))
		return call_end(&call, COMMAND);
	listing.out = out_create(stdout, &call.form, columns, COLUMNS, &call.err);
	if (listing.out)
		keys_list(work, &call.picked, call.operands, call.count, &call.err);
	for (size_t i = 0; i < work->count && call.err.status == STATUS_OK; i++) {
		listing.subject = &work->at[i];
		if (work->at[i].good)
			list_subject(&listing, call.console.store, &call.err);
	}
	call.status = work->status;
	out_finish(listing.out, call.err.status == STATUS_OK ? &call.err : NULL);
	return call_end(&call, COMMAND);
}
