#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/cert/call.h"
#include "cmd/cert/record.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/wire/authorized.h"

#define COMMAND "mroom cert install"

struct install {
	const char *path, *name;
	bool no_proof;
	struct authorized key;
	char *private, *line;
};

static const struct opt opts[] = {
    {.name = "key",
     .type = OPT_TEXT,
     .offset = offsetof(struct install, path),
     .arg = "FILE",
     .help = "the public key ([identity] public_key)",
     .complete = "file"},
    {.name = "name",
     .type = OPT_TEXT,
     .offset = offsetof(struct install, name),
     .arg = "NAME",
     .help = "remember it as custom_cert_NAME rather than as your own key"},
    {.name = "no-proof",
     .type = OPT_FLAG,
     .offset = offsetof(struct install, no_proof),
     .help = "do not log in with it afterwards: its private half is elsewhere"},
    {.type = OPT_END},
};

static const char *const examples[] = {
    "mroom cert install --ask-pass @new",
    "mroom cert install --key ~/.ssh/deploy.pub --name deploy -a",
    NULL,
};

static int prepare(struct install *install, struct console *console, struct err *err)
{
	char *absolute;

	if (!install->path)
		install->path = config_text(console->config, "identity", "public_key");
	if (authorized_read(install->path, &install->key, err))
		return -1;
	if (*install->key.options)
		return err_set(err, STATUS_USAGE, "%s: a public key has no options", install->path);
	/* It is remembered: another day's current directory is another one. */
	absolute = io_absolute(install->path);
	install->private = authorized_private(absolute);
	free(absolute);
	install->line = mem_format("%s %s%s%s", install->key.type, install->key.base64,
				   *install->key.comment ? " " : "", install->key.comment);
	if (!install->no_proof && access(install->private, R_OK) && !getenv("SSH_AUTH_SOCK"))
		return err_set(err, STATUS_USAGE,
			       "%s: its private half is not there, so that nothing could be proven "
			       "(try: --no-proof)",
			       install->private);
	return 0;
}

static void add_fixed(void *ctx, const char *value)
{
	struct buf *note = ctx;

	buf_format(note, "%sfixed: %s", note->len ? "; " : "", value);
}

/* What the script did to one server. */
static void judge_script(struct subject *subject)
{
	struct buf note = BUF_INIT;
	char *there = work_fact(subject, "present");

	if (subject->good) {
		subject->did = there ? "present" : "installed";
		work_facts(subject, "fixed", add_fixed, &note);
		if (note.len > 0)
			subject->note = mem_text(note.at);
	}
	free(there);
	buf_finish(&note);
}

/* Installed, but the door stays shut. */
static void judge_proof(struct subject *subject)
{
	if (subject->chosen && !subject->good) {
		subject->did = "unproven";
		free(subject->note);
		subject->note =
		    mem_format("the key is there and %s: %s",
			       subject->untried ? "was not tried" : "does not open", subject->message);
	}
}

static int install_all(struct install *install, struct work *work, const struct pick_args *targets,
		       char **operands, size_t count, struct err *err)
{
	const char *const args[] = {"install", install->line, NULL};
	const struct work_script script = {.name = CERT_KEYS,
					   .args = args,
					   .targets = targets,
					   .operands = operands,
					   .operand_count = count};

	if (work_script(work, &script, err))
		return -1;
	for (size_t i = 0; i < work->count; i++)
		judge_script(&work->at[i]);
	work_choose_good(work);
	if (!install->no_proof && work_login(work, install->private, err))
		return -1;
	for (size_t i = 0; i < work->count; i++) {
		judge_proof(&work->at[i]);
		if (work->at[i].good &&
		    record_installed(work->console, work->at[i].id, install->private, install->name,
				     false, err))
			return -1;
	}
	return 0;
}

int cert_install(int argc, char **argv)
{
	static const struct opt_spec about = {
	    .command = COMMAND,
	    .about = "Adds a public key to servers, and proves that it opens them.",
	    .examples = examples,
	};
	struct install install = {.key = {.blob = BUF_INIT}};
	const struct opt_group own = {"Key", opts, &install};
	struct call call = CALL_INIT;
	struct err quiet = ERR_INIT;

	if (call_begin(&call, &about, &own, 1, argc, argv) &&
	    !prepare(&install, &call.console, &call.err) &&
	    (!install.name || !record_check_name(install.name, &call.err)) &&
	    call_works(&call, "install")) {
		install_all(&install, &call.work, &call.picked, call.operands, call.count,
			    &call.err);
		if (call.work.count > 0 || call.err.status == STATUS_OK)
			work_report(&call.work, &call.form,
				    call.err.status == STATUS_OK ? &call.err : &quiet);
		call.status = call.work.status;
	}
	authorized_finish(&install.key);
	free(install.private);
	free(install.line);
	return call_end(&call, COMMAND);
}
