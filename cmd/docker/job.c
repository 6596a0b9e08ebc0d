#include "cmd/docker/job.h"

#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"
#include "lib/flow/pairs.h"
#include "lib/flow/record.h"
#include "lib/room/project.h"
#include "lib/room/template.h"

#define AT(field) offsetof(struct choice, field)

const struct opt choice_opts[] = {
    {0, "keyword", OPT_TEXT, AT(keyword), "TEXT", "containers with TEXT in name, image or ports",
     NULL, 0, 0, NULL},
    {0, "label", OPT_LIST, AT(labels), "KEY[=VALUE]", "containers with this label", NULL, 0, 0,
     NULL},
    {0, "image", OPT_TEXT, AT(image), "IMAGE", "containers of this image", NULL, 0, 0, NULL},
    {0, "state", OPT_CHOICE, AT(state), NULL, "containers in this state",
     "created|restarting|running|removing|paused|exited|dead", 0, 0, NULL},
    {0, "health", OPT_CHOICE, AT(health), NULL, "containers of this health",
     "starting|healthy|unhealthy|none", 0, 0, NULL},
    {.type = OPT_END},
};

/* --- what the script is told --- */

static void add_selector(struct list *args, const char *key, const char *value)
{
	if (value)
		list_take(args, mem_format("%s=%s", key, value));
}

static int job_args(void *ctx, const struct server *server, struct list *args, struct err *err)
{
	struct job *job = ctx;
	const struct list *names = job->pairs ? map_get(job->pairs, server->id) : &job->names;

	for (size_t i = 0; i < job->words.count; i++)
		list_add(args, job->words.at[i]);
	if (job->template_name) {
		buf_clear(&job->rendered);
		if (template_render(job->console.store, server, job->template_name, &job->input,
				    &job->rendered, err))
			return -1;
		list_take(args, mem_format("%zu", job->rendered.len));
	}
	if (!job->spec->chooses)
		return 0;
	/* Without a name it would be all of them. */
	if (job->pairs && (!names || !names->count))
		return err_set(err, STATUS_USAGE, "standard input names no container of %s",
			       server->id);
	for (size_t i = 0; names && i < names->count; i++)
		add_selector(args, "name", names->at[i]);
	for (size_t i = 0; i < job->choice.labels.count; i++)
		add_selector(args, "label", job->choice.labels.at[i]);
	add_selector(args, "keyword", job->choice.keyword);
	add_selector(args, "image", job->choice.image);
	add_selector(args, "state", job->choice.state);
	add_selector(args, "health", job->choice.health);
	return 0;
}

static int job_input(void *ctx, const struct server *server, struct buf *input, struct err *err)
{
	const struct job *job = ctx;
	const struct buf *from = job->template_name ? &job->rendered : &job->input;

	(void)server;
	(void)err;
	buf_add(input, from->at, from->len);
	return 0;
}

/* --- what it answers --- */

void job_row(struct job *job, const struct server *server, const struct record *record)
{
	const char *values[16] = {server->id};

	for (size_t i = 0; i < record->count && i + 1 < job->spec->column_count; i++)
		values[i + 1] = record->fields[i].len ? record->fields[i].at : NULL;
	out_row(job->out, values);
}

struct line_ctx {
	struct job *job;
	const struct server *server;
};

static int job_line(void *ctx, const struct record *record, struct err *err)
{
	struct line_ctx *line = ctx;

	(void)err;
	(line->job->spec->line ? line->job->spec->line : job_row)(line->job, line->server, record);
	return 0;
}

void job_judge(void *ctx, const struct answer *answer, int exit_status, struct verdict *verdict)
{
	const char *reason = exit_status ? reason_of(answer->err.at) : NULL;
	char text[sizeof(verdict->message)];

	(void)ctx;
	if (!reason)
		return;
	verdict->reason = "docker";
	/* Our own words for it may say just that. */
	if (!strncmp(verdict->message, reason, strlen(reason)))
		return;
	snprintf(text, sizeof(text), "%s", verdict->message);
	snprintf(verdict->message, sizeof(verdict->message), "%s: %.400s", reason, text);
}

int job_lines(const struct answer *answer,
	      int (*line)(void *ctx, const struct record *record, struct err *err), void *ctx,
	      struct err *err)
{
	struct record_reader *reader = record_reader_create(answer->server->id, 0, line, ctx);
	int result = record_feed(reader, answer->out.at, answer->out.len, err) ||
			     record_end(reader, err)
			 ? -1
			 : 0;

	record_reader_destroy(reader);
	return result;
}

/* All that a script said before its last line, which the summary has. */
static void tell_why(const struct answer *answer)
{
	const char *line = answer->err.at, *next;
	struct buf shown = BUF_INIT;

	for (; (next = strchr(line, '\n')) && next[1]; line = next + 1) {
		buf_format(&shown, "%s: ", answer->server->id);
		quote_terminal(&shown, line, (size_t)(next - line), false);
		buf_char(&shown, '\n');
	}
	fputs(shown.at, stderr);
	buf_finish(&shown);
}

static void job_done(void *ctx, const struct answer *answer, const struct result *result)
{
	struct job *job = ctx;
	struct line_ctx line = {ctx, answer->server};
	struct err err = ERR_INIT;

	if (job->spec->tells_why && result->outcome == OUTCOME_FAILED)
		tell_why(answer);
	if (job_lines(answer, job_line, &line, &err))
		fprintf(stderr, "%s: the answer cannot be read: %s\n", answer->server->id,
			err.text);
	out_flush(line.job->out, &err);
}

/* --- the verb --- */

/* Operands are containers; "-" says what standard input brings. */
/* One server and no pattern: whoever expanded to more would have no containers named. */
static int add_server(struct job *job, const char *id)
{
	struct server address = {.id = NULL};
	bool good = !server_check_id(id, NULL) || server_parse_address(id, &address, NULL) == 1;

	server_finish(&address);
	if (!good)
		return err_set(&job->err, STATUS_USAGE, "standard input: '%.100s' is no server's id",
			       id);
	list_add(&job->targets.where, id);
	return 0;
}

static int take_operands(struct job *job, char **operands, size_t count)
{
	struct list servers = LIST_INIT;
	bool dash = false;

	if (job->spec->of_project) {
		char *label;

		if (count != 1)
			return err_set(&job->err, STATUS_USAGE, "one compose file is to be named");
		label = project_label(operands[0], &job->err);
		if (!label)
			return -1;
		list_take(&job->choice.labels, label);
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		if (strcmp(operands[i], "-") != 0)
			list_add(&job->names, operands[i]);
		else
			dash = true;
	}
	if (dash && job->names.count) {
		list_add(&job->targets.where, "-");
	} else if (dash) {
		if (job->targets.where.count || job->targets.rooms.count || job->targets.all)
			return err_set(&job->err, STATUS_USAGE,
				       "pairs on standard input name their servers: no -w, -g or -a "
				       "with them");
		job->pairs = pairs_read(STDIN_FILENO, "standard input", &servers, &job->err);
		for (size_t i = 0; i < servers.count && job->pairs; i++)
			if (add_server(job, servers.at[i]))
				break;
		list_finish(&servers);
		return job->err.status == STATUS_OK ? 0 : -1;
	}
	if (job->spec->needs_choice && !job->names.count && !job->choice.keyword &&
	    !job->choice.image && !job->choice.state && !job->choice.health &&
	    !job->choice.labels.count)
		return err_set(&job->err, STATUS_USAGE,
			       "no container named (try: NAME, 'web*', --label, or - for pairs on "
			       "standard input)");
	return 0;
}

struct deed job_deed(const struct job *job)
{
	return (struct deed){
	    .script = job->spec->script,
	    .limit = (size_t)16 * 1024 * 1024,
	    .args = job_args,
	    .input = job->has_input || job->template_name ? job_input : NULL,
	    .judge = job_judge,
	    .done = job_done,
	};
}

int job_go(struct job *job, const char *command)
{
	const struct deed deed = job_deed(job);
	const struct deed_call call = {
	    .tool = "docker", .command = command, .run_args = &job->run, .targets = &job->targets};

	if (job->pairs && map_count(job->pairs) == 0) {
		if (!job->run.quiet)
			fputs("no servers\n", stderr);
		return STATUS_OK;
	}
	return deed_go(&job->console, &deed, job, &call, &job->err);
}

static int job_run(struct job *job, int argc, char **argv, char **operands)
{
	const struct job_spec *spec = job->spec;
	size_t count = (size_t)(argc - (operands - argv));
	struct list words = LIST_INIT;
	char *command = NULL;
	int status = -1;

	for (int i = 0; i < argc; i++)
		list_add(&words, argv[i]);
	command = list_join(&words, " ");
	job->targets.ssh_config = job->run.ssh_config;
	if (console_open(&job->console, &job->err))
		goto out;
	job->out = out_create(stdout, &job->form, spec->columns, spec->column_count, &job->err);
	if (!job->out || (spec->chooses && take_operands(job, operands, count)) ||
	    (spec->prepare && !job->targets.list && spec->prepare(job, operands, count)))
		goto out;
	status = job->targets.list
		     ? pick_list(job->console.store, &job->targets, NULL, 0, PICK_ACT, &job->err)
		 : spec->go	   ? spec->go(job, command)
				   : job_go(job, command);
	if (spec->finish)
		spec->finish(job);
out:
	free(command);
	list_finish(&words);
	return status < 0 ? (int)job->err.status : status;
}

static void job_finish(struct job *job)
{
	pick_args_finish(&job->targets);
	run_args_finish(&job->run);
	list_finish(&job->choice.labels);
	list_finish(&job->names);
	list_finish(&job->words);
	pairs_destroy(job->pairs);
	buf_wipe(&job->input);
	buf_wipe(&job->rendered);
	console_close(&job->console);
}

int job_main(const struct job_spec *spec, int argc, char **argv)
{
	static const struct opt none[] = {{.type = OPT_END}};
	struct job job = {.spec = spec, .input = BUF_INIT, .rendered = BUF_INIT};
	const struct opt_group groups[] = {
	    /* First: what a verb calls --from is meant, and no position in a room. */
	    {"Doing", spec->opts ? spec->opts : none, spec->into},
	    {"Targets", pick_opts, &job.targets},
	    {spec->chooses ? "Containers" : NULL, spec->chooses ? choice_opts : none, &job.choice},
	    {"Output", out_opts, &job.form},
	    {"Connection", run_opts, &job.run},
	};
	const struct opt_spec options = {
	    .command = spec->command,
	    .args = spec->args,
	    .about = spec->about,
	    .operand_complete = spec->chooses && !spec->of_project ? "containers"
				: spec->of_project		   ? "file"
								   : spec->complete,
	    .stop_at_operand = spec->stop_at_operand,
	    .groups = groups,
	    .group_count = sizeof(groups) / sizeof(*groups),
	    .examples = spec->examples,
	};
	int operands, status = STATUS_USAGE;

	secret_harden_process();
	switch (opt_parse(&options, argc, argv, &operands, NULL, &job.err)) {
	case OPT_RUN:
		status = job_run(&job, argc, argv, argv + operands);
		break;
	case OPT_SHOWN:
		status = STATUS_OK;
		break;
	case OPT_BAD:
		break;
	}
	if (out_finish(job.out, job.err.status == STATUS_OK ? &job.err : NULL))
		status = STATUS_CONSOLE;
	if (job.err.status != STATUS_OK)
		err_report(&job.err, spec->command);
	job_finish(&job);
	return status;
}
