#include "cmd/cert/work.h"

#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/wire/deed.h"

void work_init(struct work *work, struct console *console, const struct run_args *run_args,
	       const char *command)
{
	*work = (struct work){.console = console,
			      .run_args = *run_args,
			      .tool = "cert",
			      .command = command,
			      .ids = map_create()};
	/* The phases are many, the summary is one. */
	work->run_args.quiet = true;
}

void work_finish(struct work *work)
{
	for (size_t i = 0; i < work->count; i++) {
		free(work->at[i].id);
		free(work->at[i].message);
		free(work->at[i].note);
		list_finish(&work->at[i].args);
		buf_finish(&work->at[i].out);
	}
	free(work->at);
	if (work->ids)
		map_destroy(work->ids);
	work->ids = NULL;
}

struct subject *work_subject(struct work *work, const char *id)
{
	size_t index = (size_t)(uintptr_t)map_get(work->ids, id);
	struct subject *subject;

	if (index > 0)
		return &work->at[index - 1];
	work->at = mem_resize(work->at, work->count + 1, sizeof(*work->at));
	subject = &work->at[work->count++];
	*subject = (struct subject){.id = mem_text(id), .out = BUF_INIT};
	map_set(work->ids, id, (void *)(uintptr_t)work->count);
	return subject;
}

void work_choose_good(struct work *work)
{
	for (size_t i = 0; i < work->count; i++)
		work->at[i].chosen = work->at[i].good;
}

size_t work_chosen(const struct work *work)
{
	size_t count = 0;

	for (size_t i = 0; i < work->count; i++)
		count += work->at[i].chosen;
	return count;
}

static void ended(struct work *work, const char *id, const struct result *result)
{
	struct subject *subject = work_subject(work, id);

	subject->good = result->outcome == OUTCOME_OK;
	subject->outcome = result->outcome;
	subject->untried = result->reason && !strcmp(result->reason, REASON_UNTRIED);
	free(subject->message);
	subject->message = NULL;
	if (!subject->good)
		subject->message =
		    mem_format("%s%s%s", outcome_name(result->outcome), result->message ? ": " : "",
			       result->message ? result->message : "");
}

/* --- scripts --- */

struct round {
	struct work *work;
	const struct work_script *script;
};

static int script_args(void *ctx, const struct server *server, struct list *args, struct err *err)
{
	const struct round *round = ctx;
	const struct subject *subject = work_subject(round->work, server->id);

	(void)err;
	for (size_t i = 0; round->script->args && round->script->args[i]; i++)
		list_add(args, round->script->args[i]);
	for (size_t i = 0; i < subject->args.count; i++)
		list_add(args, subject->args.at[i]);
	return 0;
}

/* A script that ended well says "done"; anything else ran in its place. */
static void script_judge(void *ctx, const struct answer *answer, int exit_status,
			 struct verdict *verdict)
{
	(void)ctx;
	if (strstr(answer->out.at, "done\t"))
		return;
	if (exit_status == 0 || !*answer->err.at) {
		verdict->outcome = OUTCOME_FAILED;
		verdict->reason = "command";
		snprintf(
		    verdict->message, sizeof(verdict->message),
		    "the server ran a command of its own instead (a forced command, or no shell)");
	}
}

static void script_done(void *ctx, const struct answer *answer, const struct result *result)
{
	const struct round *round = ctx;
	struct work *work = round->work;
	struct subject *subject;

	ended(work, answer->server->id, result);
	subject = work_subject(work, answer->server->id);
	buf_clear(&subject->out);
	buf_add(&subject->out, answer->out.at, answer->out.len);
}

static void targets_of(const struct work *work, struct pick_args *picked)
{
	*picked = (struct pick_args){.retired = true};
	for (size_t i = 0; i < work->count; i++) {
		if (work->at[i].chosen)
			list_add(&picked->where, work->at[i].id);
	}
}

/* The status of a phase; -1 when it could not be one. */
static int settle(struct work *work, int status, const struct err *err)
{
	work->status = work->status
			   ? (int)status_worst((enum status)work->status, (enum status)status)
			   : status;
	return err->status == STATUS_OK ? 0 : -1;
}

static int by_id(const void *a, const void *b)
{
	return natural_compare(((const struct subject *)a)->id, ((const struct subject *)b)->id);
}

/* Servers answer in any order; they are told of in that of their ids. */
static void sort_subjects(struct work *work)
{
	if (work->count > 0)
		qsort(work->at, work->count, sizeof(*work->at), by_id);
	for (size_t i = 0; i < work->count; i++)
		map_set(work->ids, work->at[i].id, (void *)(uintptr_t)(i + 1));
}

int work_script(struct work *work, const struct work_script *script, struct err *err)
{
	static const struct deed deed = {.limit = (size_t)64 << 20,
					 .args = script_args,
					 .judge = script_judge,
					 .done = script_done};
	struct deed this = deed;
	struct round round = {work, script};
	struct pick_args picked = {.all = false};
	struct deed_call call = {work->tool,
				 work->command,
				 script->run_args ? script->run_args : &work->run_args,
				 script->targets,
				 script->operands,
				 script->operand_count};
	int status;

	this.script = script->name;
	if (!script->targets) {
		targets_of(work, &picked);
		call.targets = &picked;
		if (picked.where.count == 0)
			return 0;
	}
	status = deed_go(work->console, &this, &round, &call, err);
	pick_args_finish(&picked);
	if (script->targets)
		sort_subjects(work);
	return settle(work, status, err);
}

/* --- logins --- */

static void login_ready(void *own, struct session *session)
{
	(void)own;
	session_end(session, OUTCOME_OK, NULL, "%s", "");
}

static void login_closed(void *ctx, void *own, const struct server *server,
			 const struct result *result)
{
	(void)own;
	ended(ctx, server->id, result);
}

int work_login(struct work *work, const char *key, struct err *err)
{
	static const struct fleet_handler handler = {.ready = login_ready, .closed = login_closed};
	struct run_args args = work->run_args;
	struct pick_args picked;
	struct run *run;
	int status = 0;

	if (work_chosen(work) == 0)
		return 0;
	args.only_key = key;
	args.sudo = NULL;
	targets_of(work, &picked);
	run = run_create(work->console, work->tool, work->command, &args, &handler, work, err);
	if (run)
		status = run_go(run, &picked, NULL, 0, err);
	if (run && err->status == STATUS_OK)
		run_summary(run, stderr);
	run_destroy(run);
	pick_args_finish(&picked);
	return settle(work, status, err);
}

/* --- answers --- */

void work_facts(const struct subject *subject, const char *word, work_fact_fn *fn, void *ctx)
{
	const char *at = subject->out.at, *end = at + subject->out.len;
	size_t size = strlen(word);

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t count = (size_t)((newline ? newline : end) - at);

		if (count > size && at[size] == '\t' && !memcmp(at, word, size)) {
			char *value = mem_text_n(at + size + 1, count - size - 1);

			fn(ctx, value);
			free(value);
		}
		at += count + 1;
	}
}

static void keep_last(void *ctx, const char *value)
{
	char **kept = ctx;

	free(*kept);
	*kept = mem_text(value);
}

char *work_fact(const struct subject *subject, const char *word)
{
	char *value = NULL;

	work_facts(subject, word, keep_last, &value);
	return value;
}

/* --- the report --- */

static const struct out_column columns[] = {
    {"id", OUT_TEXT, false},
    {"result", OUT_TEXT, false},
    {"note", OUT_TEXT, false},
};

/* More kinds of results than this there are not. */
#define KINDS 16

static void summarise(const struct work *work)
{
	struct {
		const char *did;
		size_t count;
	} kinds[KINDS] = {{NULL, 0}};
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < work->count; i++) {
		const char *did = work->at[i].did ? work->at[i].did : "failed";
		size_t kind = 0;

		while (kind < KINDS - 1 && kinds[kind].did && strcmp(kinds[kind].did, did) != 0)
			kind++;
		kinds[kind].did = did;
		kinds[kind].count++;
	}
	buf_format(&text, "%zu server%s", work->count, work->count == 1 ? "" : "s");
	for (size_t kind = 0; kind < KINDS && kinds[kind].did; kind++)
		buf_format(&text, "%s%zu %s", kind ? ", " : ": ", kinds[kind].count,
			   kinds[kind].did);
	fprintf(stderr, "%s\n", text.at);
	buf_finish(&text);
}

int work_report(struct work *work, const struct out_args *form, struct err *err)
{
	struct out *out = out_create(stdout, form, columns, 3, err);

	if (!out)
		return -1;
	for (size_t i = 0; i < work->count; i++) {
		const struct subject *subject = &work->at[i];

		out_row(out,
			(const char *const[]){subject->id, subject->did ? subject->did : "failed",
					      subject->note ? subject->note : subject->message});
	}
	if (out_finish(out, err))
		return -1;
	summarise(work);
	return 0;
}
