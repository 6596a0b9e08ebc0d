#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/cert/call.h"
#include "cmd/cert/record.h"
#include "cmd/cert/rotation.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/wire/authorized.h"

#define COMMAND "mroom cert rotate"

struct rotate {
	const char *new_path, *old_path;
	char *absolute; /* new_path, which is remembered */
	bool resume;
	struct authorized new_key, old_key;
	struct rotations all, begun; /* those of now; all that are under way */
	struct console *console;
};

static const struct opt opts[] = {
    {.name = "new",
     .type = OPT_TEXT,
     .offset = offsetof(struct rotate, new_path),
     .arg = "FILE",
     .help = "the public key that is to open the servers from now on",
     .complete = "file"},
    {.name = "old",
     .type = OPT_TEXT,
     .offset = offsetof(struct rotate, old_path),
     .arg = "FILE",
     .help = "the one it replaces (the server's key, else [identity] public_key)",
     .complete = "file"},
    {.name = "resume",
     .type = OPT_FLAG,
     .offset = offsetof(struct rotate, resume),
     .help = "go on with what was not finished"},
    {.type = OPT_END},
};

/* The key that opens the server until now. */
static int old_key_of(const struct rotate *rotate, const struct server *server,
		      struct authorized *key, struct err *err)
{
	const char *path = rotate->old_path ? rotate->old_path
			   : server->key
			       ? server->key
			       : config_text(rotate->console->config, "identity", "public_key");

	return authorized_read(path, key, err)
		   ? err_prefix(err, "%s: its old key (say which: --old)", server->id)
		   : 0;
}

/* Who is to be rotated; nothing is done before all old keys are known. */
static int take_server(void *ctx, const struct server *server, struct err *err)
{
	struct rotate *rotate = ctx;
	const struct rotation *before;
	struct authorized old;
	int rc = 0;

	if (!server->row)
		return err_set(
		    err, STATUS_USAGE,
		    "%s: only servers of the inventory can be rotated (mroom inventory add)",
		    server->id);
	before = rotations_find(&rotate->begun, server->id);
	if (before && strcmp(before->new_key, rotate->new_path) != 0)
		return err_set(err, STATUS_USAGE,
			       "%s: its rotation to %s is not finished (mroom cert rotate --resume)",
			       server->id, before->new_key);
	if (before) {
		rotations_add(&rotate->all, server->id, before->new_key, before->old_key,
			      before->step);
		return 0;
	}
	if (old_key_of(rotate, server, &old, err))
		return -1;
	if (strcmp(old.fingerprint, rotate->new_key.fingerprint) != 0)
		rotations_add(&rotate->all, server->id, rotate->new_path, old.base64, "begun");
	else
		fprintf(stderr, "%s: %s has the new key already\n", COMMAND, server->id);
	authorized_finish(&old);
	return rc;
}

static int note_all(struct work *work, const struct rotations *all, const char *step,
		    struct err *err)
{
	for (size_t i = 0; i < work->count; i++) {
		struct subject *subject = &work->at[i];

		if (!subject->chosen || !subject->good)
			continue;
		if (rotation_note(work->console, rotations_find(all, subject->id), step, err))
			return -1;
		subject->did = strcmp(step, "done") ? step : "rotated";
	}
	return 0;
}

static void explain(struct work *work, const char *what)
{
	for (size_t i = 0; i < work->count; i++) {
		struct subject *subject = &work->at[i];

		if (!subject->chosen || subject->good)
			continue;
		free(subject->note);
		subject->note = mem_format("%s; %s: %s",
					   strcmp(subject->did, "switched")
					       ? "the old key still opens it"
					       : "the new key opens it, and so may the old one",
					   what, subject->message ? subject->message : "");
	}
}

static int switch_all(struct work *work, const char *private, struct err *err)
{
	for (size_t i = 0; i < work->count; i++) {
		if (work->at[i].chosen &&
		    record_installed(work->console, work->at[i].id, private, NULL, true, err))
			return -1;
	}
	return 0;
}

/* The old key goes by way of a login that has the new one alone. */
static int remove_old(struct work *work, const struct rotations *all, const char *private,
		      struct err *err)
{
	static const char *const args[] = {"remove", NULL};
	struct run_args with_new = work->run_args;
	const struct work_script script = {.name = CERT_KEYS, .args = args, .run_args = &with_new};

	with_new.only_key = private;
	for (size_t i = 0; i < work->count; i++) {
		list_finish(&work->at[i].args);
		list_add(&work->at[i].args, rotations_find(all, work->at[i].id)->old_key);
	}
	return work_script(work, &script, err);
}

/* All steps for those that share a new key. Each can be done again. */
static int rotate_group(struct work *work, const struct rotations *all, const char *new_path,
			struct err *err)
{
	struct authorized key = {.blob = BUF_INIT};
	char *private = authorized_private(new_path), *line = NULL;
	int rc = -1;

	if (authorized_read(new_path, &key, err))
		goto out;
	line = mem_format("%s %s%s%s", key.type, key.base64, *key.comment ? " " : "", key.comment);
	const char *const args[] = {"install", line, NULL};
	const struct work_script script = {.name = CERT_KEYS, .args = args};
	if (work_script(work, &script, err) || note_all(work, all, "installed", err))
		goto out;
	explain(work, "the new one could not be added");
	work_choose_good(work);
	if (work_login(work, private, err) || note_all(work, all, "proven", err))
		goto out;
	explain(work, "the new one is there and was not let in");
	work_choose_good(work);
	if (switch_all(work, private, err) || note_all(work, all, "switched", err) ||
	    remove_old(work, all, private, err) || note_all(work, all, "done", err))
		goto out;
	explain(work, "the old one was not removed");
	rc = 0;
out:
	authorized_finish(&key);
	free(private);
	free(line);
	return rc;
}

/* What each subject is at before anything is done. */
static void enter(struct work *work, const struct rotations *all, const char *new_path)
{
	for (size_t i = 0; i < all->count; i++) {
		struct subject *subject;

		if (strcmp(all->at[i].new_key, new_path) != 0)
			continue;
		subject = work_subject(work, all->at[i].id);
		subject->good = subject->chosen = true;
		subject->did = all->at[i].step;
	}
}

static int rotate_all(struct rotate *rotate, const struct run_args *run_args,
		      const struct out_args *form, int *status, struct err *err)
{
	const struct rotations *all = &rotate->all;
	struct err quiet = ERR_INIT;

	for (size_t i = 0; i < all->count && err->status == STATUS_OK; i++) {
		const char *new_path = all->at[i].new_key;
		struct work work;
		bool done = false;

		for (size_t j = 0; j < i && !done; j++)
			done = !strcmp(all->at[j].new_key, new_path);
		if (done)
			continue;
		work_init(&work, rotate->console, run_args, "rotate");
		enter(&work, all, new_path);
		rotate_group(&work, all, new_path, err);
		work_report(&work, form, err->status == STATUS_OK ? err : &quiet);
		*status = work.status && *status
			      ? (int)status_worst((enum status) * status, (enum status)work.status)
			      : *status + work.status;
		work_finish(&work);
	}
	return err->status == STATUS_OK ? 0 : -1;
}

static int prepare(struct rotate *rotate, struct pick_args *picked, char **operands, size_t count,
		   struct err *err)
{
	struct pick *pick;
	char *path;
	int rc;

	if (rotate->resume)
		return count || rotate->new_path
			   ? err_set(err, STATUS_USAGE,
				     "--resume goes on with all that is not finished")
			   : rotations_load(&rotate->all, rotate->console, err);
	if (!rotate->new_path)
		return err_set(err, STATUS_USAGE, "which key? (--new KEY.pub, or --resume)");
	rotate->new_path = rotate->absolute = io_absolute(rotate->new_path);
	if (authorized_read(rotate->new_path, &rotate->new_key, err) ||
	    rotations_load(&rotate->begun, rotate->console, err))
		return -1;
	path = authorized_private(rotate->new_path);
	if (access(path, R_OK) && !getenv("SSH_AUTH_SOCK"))
		err_set(err, STATUS_USAGE, "%s: the new key's private half is not there", path);
	free(path);
	if (err->status != STATUS_OK)
		return -1;
	pick = pick_create(rotate->console->store, picked, operands, count, PICK_ACT, take_server,
			   rotate, err);
	rc = pick ? pick_all(pick, err) : -1;
	pick_destroy(pick);
	for (size_t i = 0; i < rotate->all.count && !rc; i++)
		if (!strcmp(rotate->all.at[i].step, "begun"))
			rc = rotation_note(rotate->console, &rotate->all.at[i], "begun", err);
	return rc;
}

static const char *const examples[] = {
    "mroom cert rotate --new ~/.ssh/id_2027.pub @production",
    "mroom cert rotate --resume",
    NULL,
};

int cert_rotate(int argc, char **argv)
{
	static const struct opt_spec about = {
	    .command = COMMAND,
	    .about = "Replaces a key: installs, proves, switches, removes; can be resumed.",
	    .examples = examples,
	};
	struct call call = CALL_INIT;
	struct rotate rotate = {.console = &call.console};
	const struct opt_group own = {"Key", opts, &rotate};

	if (!call_begin(&call, &about, &own, 1, argc, argv) || call_listed(&call) ||
	    prepare(&rotate, &call.picked, call.operands, call.count, &call.err))
		goto out;
	if (rotate.all.count == 0)
		fprintf(stderr, "nothing to rotate\n");
	rotate_all(&rotate, &call.run_args, &call.form, &call.status, &call.err);
out:
	rotations_finish(&rotate.all);
	rotations_finish(&rotate.begun);
	free(rotate.absolute);
	authorized_finish(&rotate.new_key);
	authorized_finish(&rotate.old_key);
	return call_end(&call, COMMAND);
}
