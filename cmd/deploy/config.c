/* config: a template, rendered for each server, put in place with its service in mind. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/deploy/deploy.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"
#include "lib/room/store_state.h"
#include "lib/room/template.h"

#define COMMAND "mroom deploy config"
#define TEMPLATE_MAX ((size_t)16 * 1024 * 1024)

struct config_args {
	const char *to, *mode, *owner, *validate, *restart, *reload, *command, *verify;
	long keep;
	bool check, diff;
};

#define AT(field) offsetof(struct config_args, field)

static const struct opt config_opts[] = {
    {0, "to", OPT_TEXT, AT(to), "PATH", "where the file is on servers", NULL, 0, 0, NULL},
    {0, "mode", OPT_TEXT, AT(mode), "MODE", "its mode, in octal (as it is; else 644)", NULL, 0, 0,
     NULL},
    {0, "owner", OPT_TEXT, AT(owner), "USER[:GROUP]", "its owner (as it is)", NULL, 0, 0, NULL},
    {0, "validate", OPT_TEXT, AT(validate), "COMMAND",
     "has to succeed on the new file, %s, before it replaces anything", NULL, 0, 0, NULL},
    {0, "restart", OPT_TEXT, AT(restart), "SERVICE", "restart it when something changed", NULL, 0,
     0, NULL},
    {0, "reload", OPT_TEXT, AT(reload), "SERVICE", "reload it when something changed", NULL, 0, 0,
     NULL},
    {0, "command", OPT_TEXT, AT(command), "COMMAND", "run this instead when something changed",
     NULL, 0, 0, NULL},
    {0, "verify", OPT_TEXT, AT(verify), "COMMAND",
     "has to succeed afterwards, within 5 s (the service runs)", NULL, 0, 0, NULL},
    {0, "keep", OPT_INT, AT(keep), "N", "backups to keep (5)", NULL, 1, 1000, NULL},
    {'C', "check", OPT_FLAG, AT(check), NULL, "only tell what would change", NULL, 0, 0, NULL},
    {'D', "diff", OPT_FLAG, AT(diff), NULL, "show differences", NULL, 0, 0, NULL},
    {0, NULL, OPT_END, 0, NULL, NULL, NULL, 0, 0, NULL},
};

static const struct out_column columns[] = {
    {"id", OUT_TEXT, false}, {"result", OUT_TEXT, false}, {"why", OUT_TEXT, false}};

struct configure {
	struct frame frame;
	struct config_args args;
	const char *name;   /* of the template */
	struct buf text;    /* and what is in it */
	struct buf current; /* rendered for the server whose arguments were made last */
	size_t total, changed, same, failed;
};

static int config_deed_args(void *ctx, const struct server *server, struct list *args,
			    struct err *err)
{
	struct configure *configure = ctx;
	const struct config_args *wants = &configure->args;
	char size[24], keep[24];
	const char *values[] = {wants->to,
				size,
				wants->mode,
				wants->owner,
				wants->validate,
				wants->restart	? "restart"
				: wants->reload ? "reload"
						: NULL,
				wants->restart ? wants->restart : wants->reload,
				wants->command,
				wants->verify,
				keep,
				wants->check ? "check" : NULL,
				wants->diff ? "diff" : NULL};

	buf_clear(&configure->current);
	if (template_render(configure->frame.console.store, server, configure->name,
			    &configure->text, &configure->current, err))
		return -1;
	snprintf(size, sizeof(size), "%zu", configure->current.len);
	snprintf(keep, sizeof(keep), "%ld", wants->keep ? wants->keep : 5);
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		list_add(args, values[i] ? values[i] : "");
	return 0;
}

/* Called right after the arguments were made, for the same server. */
static int config_deed_input(void *ctx, const struct server *server, struct buf *input,
			     struct err *err)
{
	struct configure *configure = ctx;

	(void)server;
	(void)err;
	buf_add(input, configure->current.at, configure->current.len);
	return 0;
}

/* The difference, line by line behind the server's id. */
static void print_diff(const struct answer *answer)
{
	const char *at = strchr(answer->out.at, '\n');
	bool terminal = isatty(STDOUT_FILENO);

	for (at = at ? at + 1 : ""; *at; at += strcspn(at, "\n") + 1) {
		struct buf line = BUF_INIT;

		quote_terminal(&line, at, strcspn(at, "\n"), true);
		printf("%s%s%s\n", answer->server->id, terminal ? ": " : "\t", line.at);
		buf_finish(&line);
		if (!at[strcspn(at, "\n")])
			break;
	}
}

static void config_deed_done(void *ctx, const struct answer *answer, const struct result *result)
{
	struct configure *configure = ctx;
	bool same = !strncmp(answer->out.at, "same\n", 5);
	bool created = !strncmp(answer->out.at, "created\n", 8);
	const char *values[] = {answer->server->id,
				result->outcome != OUTCOME_OK ? outcome_name(result->outcome)
				: same			      ? "same"
				: created		      ? "created"
							      : "changed",
				result->outcome != OUTCOME_OK ? result->message : NULL};

	configure->total++;
	if (result->outcome != OUTCOME_OK)
		configure->failed++;
	else if (same)
		configure->same++;
	else
		configure->changed++;
	if (configure->args.diff)
		print_diff(answer);
	else
		out_row(configure->frame.out, values);
	if (result->outcome == OUTCOME_OK && !configure->args.check)
		store_state_set(configure->frame.console.store, answer->server->id,
				"config_applied", "true", "deploy", &configure->frame.trouble);
}

static const struct deed config_deed = {
    .script = "deploy-config.sh",
    .args = config_deed_args,
    .input = config_deed_input,
    .done = config_deed_done,
};

static int check_args(const struct config_args *args, size_t count, struct err *err)
{
	if (count == 0)
		return err_set(err, STATUS_USAGE, "a template is missing (try: mroom deploy config --help)");
	if (!args->to || !*args->to)
		return err_set(err, STATUS_USAGE, "--to PATH is missing: where the file is on servers");
	if (args->mode && (strspn(args->mode, "01234567") != strlen(args->mode) ||
			   strlen(args->mode) < 3 || strlen(args->mode) > 5))
		return err_set(err, STATUS_USAGE, "--mode: '%s' is no mode in octal, such as 0644",
			       args->mode);
	if (args->owner && (!*args->owner || *args->owner == '-'))
		return err_set(err, STATUS_USAGE, "--owner: '%s' is not USER or USER:GROUP",
			       args->owner);
	if ((args->restart && args->reload) || (args->command && (args->restart || args->reload)))
		return err_set(err, STATUS_USAGE,
			       "--restart, --reload and --command exclude each other");
	return 0;
}

static int config_go(void *ctx, char **operands, size_t count, struct err *err)
{
	struct configure *configure = ctx;
	char *line;
	int status;

	if (check_args(&configure->args, count, err))
		return (int)err->status;
	configure->name = operands[0];
	if (io_read_file(operands[0], TEMPLATE_MAX, &configure->text, err))
		return (int)err->status;
	line = mem_format("config %s --to %s", operands[0], configure->args.to);
	status = frame_deed(&configure->frame, &config_deed, configure, line, false, operands + 1,
			    count - 1, err);
	free(line);
	if (configure->total > 0 && !configure->frame.run_args.quiet)
		fprintf(stderr, "%zu in all: %zu %s, %zu unchanged, %zu failed\n", configure->total,
			configure->changed, configure->args.check ? "would change" : "changed",
			configure->same, configure->failed);
	return status;
}

int deploy_config(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom deploy config app.conf --to /etc/app.conf -C -D @production",
	    "mroom deploy config nginx.conf --to /etc/nginx/nginx.conf --validate 'nginx -t -c %s' "
	    "--reload nginx -w 'web*'",
	    NULL};
	struct configure configure = {.text = BUF_INIT, .current = BUF_INIT};
	const struct frame_spec spec = {
	    .command = COMMAND,
	    .args = "TEMPLATE --to PATH [TARGETS]",
	    .about = "Renders a template for each server and puts it in place.",
	    .complete = "file targets",
	    .examples = examples,
	    .title = "File",
	    .opts = config_opts,
	    .into = &configure.args,
	    .columns = columns,
	    .column_count = 3,
	    .go = config_go,
	    .ctx = &configure,
	};
	int status = frame_main(&configure.frame, &spec, argc, argv);

	buf_finish(&configure.text);
	buf_finish(&configure.current);
	return status;
}
