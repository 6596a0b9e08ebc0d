#include "cmd/cert/call.h"
#include "cmd/cert/keys.h"
#include "lib/base/mem.h"

#define COMMAND "mroom cert check"

struct seeking {
	const struct selector *selector;
	size_t count;
	char *comment;
};

static void seek(void *ctx, const struct authorized *key, const char *file, long line)
{
	struct seeking *seeking = ctx;

	(void)file;
	(void)line;
	if (!selector_has(seeking->selector, key))
		return;
	seeking->count++;
	free(seeking->comment);
	seeking->comment = mem_format("%s %s", key->fingerprint, key->comment);
}

/* Present, or absent; the door is tried where it can be. */
static void judge(struct work *work, const struct selector *selector)
{
	for (size_t i = 0; i < work->count; i++) {
		struct subject *subject = &work->at[i];
		struct seeking seeking = {selector, 0, NULL};

		if (!subject->good)
			continue;
		keys_each(subject, seek, &seeking);
		subject->did = seeking.count ? "present" : "absent";
		subject->note = seeking.comment;
		subject->chosen = seeking.count > 0;
	}
}

/* What came of trying the door. */
static void judge_login(struct work *work, int before)
{
	bool tried = false;

	for (size_t i = 0; i < work->count; i++) {
		struct subject *subject = &work->at[i];

		if (!subject->chosen)
			continue;
		tried |= !subject->untried;
		subject->did = subject->good	  ? "works"
			       : subject->untried ? "present, untried"
						  : "present, does not work";
		if (!subject->good) {
			free(subject->note);
			subject->note = mem_text(subject->message);
		}
	}
	/* That the key is not at hand is no fault of the servers'. */
	if (!tried)
		work->status = before;
}

static int check_all(struct work *work, struct selector *selector, const struct pick_args *targets,
		     char **operands, size_t count, struct err *err)
{
	char *private = selector->path ? authorized_private(selector->path) : NULL;
	int rc = keys_list(work, targets, operands, count, err), before = work->status;

	if (!rc)
		judge(work, selector);
	if (!rc && private) {
		rc = work_login(work, private, err);
		judge_login(work, before);
	}
	free(private);
	return rc;
}

/* A key that is not there is a check that failed. */
static int status_of(const struct work *work)
{
	int status = work->status;

	for (size_t i = 0; i < work->count; i++) {
		if (work->at[i].did && !strcmp(work->at[i].did, "absent"))
			status = (int)status_worst((enum status)status, STATUS_FAILED);
	}
	return status;
}

static const char *const examples[] = {
    "mroom cert check @production",
    "mroom cert check --feature alice@ -a",
    NULL,
};

int cert_check(int argc, char **argv)
{
	static const struct opt_spec about = {
	    .command = COMMAND,
	    .about = "Says whether a key is on servers and, where its private half is here, works.",
	    .examples = examples,
	};
	struct selector selector = {.key = {.blob = BUF_INIT}};
	const struct opt_group own = {"Key", selector_opts, &selector};
	struct call call = CALL_INIT;

	if (call_begin(&call, &about, &own, 1, argc, argv) &&
	    !selector_open(&selector, &call.console, &call.err) && call_works(&call, "check")) {
		check_all(&call.work, &selector, &call.picked, call.operands, call.count,
			  &call.err);
		if (call.err.status == STATUS_OK)
			work_report(&call.work, &call.form, &call.err);
		call.status = status_of(&call.work);
	}
	selector_close(&selector);
	return call_end(&call, COMMAND);
}
