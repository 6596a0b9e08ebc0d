#include <stddef.h>

#include "cmd/cert/call.h"
#include "cmd/cert/keys.h"
#include "cmd/cert/record.h"
#include "lib/base/mem.h"

#define COMMAND "mroom cert remove"

struct removal {
	struct selector selector;
	bool force;
	struct list fingerprints; /* of all that is to go */
};

static const struct opt opts[] = {
    {.name = "force",
     .type = OPT_FLAG,
     .offset = offsetof(struct removal, force),
     .help = "even the key that mroom uses, and the last one that opens a server"},
    {.type = OPT_END},
};

struct finding {
	struct removal *removal;
	struct subject *subject;
	const char *used; /* the fingerprint that mroom logs in with; NULL */
	bool in_use;
};

static void find(void *ctx, const struct authorized *key, const char *file, long line)
{
	struct finding *finding = ctx;

	(void)file;
	(void)line;
	if (!selector_has(&finding->removal->selector, key))
		return;
	if (!list_has(&finding->subject->args, key->base64))
		list_add(&finding->subject->args, key->base64);
	if (!list_has(&finding->removal->fingerprints, key->fingerprint))
		list_add(&finding->removal->fingerprints, key->fingerprint);
	if (finding->used && !strcmp(finding->used, key->fingerprint))
		finding->in_use = true;
}

/* What let us in a moment ago. */
static char *used_key(struct console *console, const char *id)
{
	static const char publickey[] = "publickey ";
	struct server server;
	char *used = NULL;

	if (store_server_get(console->store, id, &server, &(struct err)ERR_INIT) != 1)
		return NULL;
	if (server.auth && !strncmp(server.auth, publickey, sizeof(publickey) - 1))
		used = mem_text(server.auth + sizeof(publickey) - 1);
	server_finish(&server);
	return used;
}

/* Which servers have such keys, and may lose them. */
static void choose(struct removal *removal, struct work *work)
{
	for (size_t i = 0; i < work->count; i++) {
		struct subject *subject = &work->at[i];
		char *used = used_key(work->console, subject->id);
		struct finding finding = {removal, subject, used, false};

		subject->chosen = false;
		if (subject->good) {
			keys_each(subject, find, &finding);
			subject->chosen = subject->args.count > 0;
			if (!subject->chosen)
				subject->did = "absent";
		}
		if (subject->chosen && finding.in_use && !removal->force) {
			subject->chosen = false;
			subject->did = "refused";
			subject->note = mem_text("mroom logs in with this key (mroom cert rotate "
						 "replaces it, --force removes it)");
			work->status = (int)status_worst((enum status)work->status, STATUS_POLICY);
		}
		free(used);
	}
}

/* What the console remembers of these keys is true no more. */
static int forget(struct work *work, struct subject *subject, struct err *err)
{
	char *was;
	int rc = record_gone(work->console, subject->id, &subject->args, &was, err);

	if (was) {
		free(subject->note);
		subject->note = mem_format("it was the server's key in the inventory (%s), which "
					   "names none now",
					   was);
	}
	free(was);
	return rc;
}

static int settle(struct removal *removal, struct work *work, struct err *err)
{
	for (size_t i = 0; i < work->count; i++) {
		struct subject *subject = &work->at[i];

		if (!subject->chosen)
			continue;
		if (subject->good) {
			subject->did = "removed";
			if (forget(work, subject, err))
				return -1;
		} else if (subject->outcome == OUTCOME_DENIED && !removal->force) {
			subject->did = "refused";
			subject->note = mem_text("no other key of yours opens this server, so the "
						 "key stays (--force removes it)");
			work->status = (int)status_worst((enum status)work->status, STATUS_POLICY);
		}
	}
	return 0;
}

static int remove_all(struct removal *removal, struct work *work, const struct pick_args *targets,
		      char **operands, size_t count, struct err *err)
{
	static const char *const args[] = {"remove", NULL};
	struct run_args without = work->run_args;
	const struct work_script script = {.name = CERT_KEYS, .args = args, .run_args = &without};

	if (keys_list(work, targets, operands, count, err))
		return -1;
	choose(removal, work);
	/* The login without these keys is the proof that another one opens the door. */
	if (!removal->force)
		without.without_keys = &removal->fingerprints;
	return work_script(work, &script, err) ? -1 : settle(removal, work, err);
}

static const char *const examples[] = {
    "mroom cert remove --feature bob@ -a",
    "mroom cert remove --fingerprint SHA256:9uV... web-07",
    NULL,
};

int cert_remove(int argc, char **argv)
{
	static const struct opt_spec about = {
	    .command = COMMAND,
	    .about = "Takes a key from servers, once another one is proven to open them.",
	    .examples = examples,
	};
	struct removal removal = {.selector = {.key = {.blob = BUF_INIT}}};
	const struct selector *selector = &removal.selector;
	const struct opt_group own[] = {{"Key", selector_opts, &removal.selector},
					{"Removal", opts, &removal}};
	struct call call = CALL_INIT;

	if (!call_begin(&call, &about, own, 2, argc, argv))
		goto out;
	if (!selector->feature && !selector->path && !selector->fingerprint) {
		err_set(&call.err, STATUS_USAGE,
			"which key? (--feature, --key or --fingerprint)");
		goto out;
	}
	if (selector_open(&removal.selector, &call.console, &call.err) ||
	    !call_works(&call, "remove"))
		goto out;
	remove_all(&removal, &call.work, &call.picked, call.operands, call.count, &call.err);
	if (call.err.status == STATUS_OK)
		work_report(&call.work, &call.form, &call.err);
	call.status = call.work.status;
out:
	list_finish(&removal.fingerprints);
	selector_close(&removal.selector);
	return call_end(&call, COMMAND);
}
