#include <stddef.h>

#include "cmd/cert/ca.h"
#include "cmd/cert/call.h"
#include "lib/base/mem.h"

#define TRUST "mroom cert ca trust"
#define UNTRUST "mroom cert ca untrust"

struct trust {
	const char *proof;
	bool no_proof;
};

static const struct opt opts[] = {
    {.name = "proof",
     .type = OPT_TEXT,
     .offset = offsetof(struct trust, proof),
     .arg = "KEY-cert.pub",
     .help = "the certificate to log in with as the proof ([identity] public_key's)",
     .complete = "file"},
    {.name = "no-proof",
     .type = OPT_FLAG,
     .offset = offsetof(struct trust, no_proof),
     .help = "do not log in with a certificate afterwards"},
    {.type = OPT_END},
};

static int run_script(struct work *work, const char *verb, const char *line,
		      const struct pick_args *targets, char **operands, size_t count,
		      struct err *err)
{
	const char *const args[] = {verb, line, NULL};
	const struct work_script script = {.name = "cert.sh cert-ca.sh",
					   .args = args,
					   .targets = targets,
					   .operands = operands,
					   .operand_count = count};

	return work_script(work, &script, err);
}

#define ALREADY "trusted already"

static void name_results(struct work *work, const char *changed, const char *unchanged)
{
	for (size_t i = 0; i < work->count; i++) {
		char *same = work_fact(&work->at[i], "present");

		if (work->at[i].good)
			work->at[i].did = same ? unchanged : changed;
		free(same);
	}
}

/* Those that the certificate does not open go back to how they were. */
static int roll_back(struct work *work, struct err *err)
{
	for (size_t i = 0; i < work->count; i++) {
		struct subject *subject = &work->at[i];

		subject->chosen = subject->chosen && !subject->good;
		if (!subject->chosen)
			continue;
		subject->note = mem_format("the certificate did not open it: %s", subject->message);
		if (!strcmp(subject->did, ALREADY)) {
			/* Others may have come in by it for long. */
			subject->did = "unproven";
			subject->chosen = false;
		} else {
			subject->did = "rolled back";
		}
	}
	if (run_script(work, "undo", "", NULL, NULL, 0, err))
		return -1;
	for (size_t i = 0; i < work->count; i++) {
		if (work->at[i].chosen && !work->at[i].good)
			work->at[i].did = "failed";
	}
	return 0;
}

/* The proof could not even be tried. */
static void take_back(struct work *work, const char *why)
{
	struct err ignored = ERR_INIT;

	for (size_t i = 0; i < work->count; i++) {
		struct subject *subject = &work->at[i];

		if (!subject->chosen)
			continue;
		subject->good = false;
		free(subject->message);
		subject->message = mem_text(why);
	}
	roll_back(work, &ignored);
}

static int trust_all(struct work *work, const struct trust *trust, const char *line,
		     const struct pick_args *targets, char **operands, size_t count,
		     struct err *err)
{
	char *proof = NULL, *private;
	int rc;

	if (run_script(work, "trust", line, targets, operands, count, err))
		return -1;
	name_results(work, "trusts", ALREADY);
	work_choose_good(work);
	if (trust->no_proof)
		return 0;
	private = authorized_private(config_text(work->console->config, "identity", "public_key"));
	proof = trust->proof ? mem_text(trust->proof) : mem_format("%s-cert.pub", private);
	rc = work_login(work, proof, err);
	if (rc)
		take_back(work, err->text);
	else
		rc = roll_back(work, err);
	free(proof);
	free(private);
	return rc;
}

/* Both verbs: `trusting` or not. */
static int ca_change(int argc, char **argv, const struct opt_spec *about, bool trusting)
{
	struct trust trust = {NULL, false};
	const struct opt_group own = {"Proof", opts, &trust};
	struct call call = CALL_INIT;
	struct authorized key = {.blob = BUF_INIT};
	char *ca = NULL, *line = NULL;

	if (!call_begin(&call, about, &own, trusting, argc, argv))
		goto out;
	ca = ca_key(&call.console);
	if (authorized_read(ca, &key, &call.err))
		goto out;
	line = mem_format("%s %s %s", key.type, key.base64, key.comment);
	if (!call_works(&call, trusting ? "ca trust" : "ca untrust"))
		goto out;
	if (trusting)
		trust_all(&call.work, &trust, line, &call.picked, call.operands, call.count,
			  &call.err);
	else if (!run_script(&call.work, "untrust", line, &call.picked, call.operands, call.count,
			     &call.err))
		name_results(&call.work, "untrusted", "did not trust it");
	if (call.err.status == STATUS_OK)
		work_report(&call.work, &call.form, &call.err);
	call.status = call.work.status;
out:
	authorized_finish(&key);
	free(ca);
	free(line);
	return call_end(&call, about->command);
}

static const char *const trust_examples[] = {
    "mroom cert ca trust --proof ~/.ssh/id_ed25519-cert.pub @production",
    NULL,
};

int ca_trust(int argc, char **argv)
{
	static const struct opt_spec about = {
	    .command = TRUST,
	    .about = "Makes servers' sshd trust the authority; undone where the proof fails.",
	    .examples = trust_examples,
	};

	return ca_change(argc, argv, &about, true);
}

static const char *const untrust_examples[] = {
    "mroom cert ca untrust web-07",
    NULL,
};

int ca_untrust(int argc, char **argv)
{
	static const struct opt_spec about = {
	    .command = UNTRUST,
	    .about = "Makes servers' sshd trust the authority no more.",
	    .examples = untrust_examples,
	};

	return ca_change(argc, argv, &about, false);
}
