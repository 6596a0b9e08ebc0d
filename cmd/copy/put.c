/* put and sync: the same engine, another idea of what the target is. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/copy/copy.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"

#define AT(field) offsetof(struct copy_args, field)

static const struct opt put_opts[] = {
    {0, "owner", OPT_TEXT, AT(owner), "USER[:GROUP]", "who is to own it", NULL, 0, 0, NULL},
    {0, "mode", OPT_TEXT, AT(mode), "MODE", "mode of files, in octal (as they have here)", NULL, 0,
     0, NULL},
    {0, "backup", OPT_FLAG, AT(backup), NULL, "keep what is replaced, with the time in its name",
     NULL, 0, 0, NULL},
    {0, "quick", OPT_FLAG, AT(quick), NULL, "equal size and time mean equal contents", NULL, 0, 0,
     NULL},
    {0, "bwlimit", OPT_SIZE, AT(rate), "SIZE", "bytes a second, to all servers together", NULL, 0,
     0, NULL},
    {0, "sftp", OPT_FLAG, AT(sftp), NULL, "go over SFTP, even where the server has a shell", NULL, 0, 0,
     NULL},
    {'C', "check", OPT_FLAG, AT(check), NULL, "only tell what would be done", NULL, 0, 0, NULL},
    {'D', "diff", OPT_FLAG, AT(diff), NULL, "show differences", NULL, 0, 0, NULL},
    {0, "pass", OPT_MAYBE, AT(pass), "OUTCOMES",
     "instead, print id, outcome, status and seconds of servers that ended so (ok)", NULL, 0, 0,
     "outcomes"},
    {0, NULL, OPT_END, 0, NULL, NULL, NULL, 0, 0, NULL},
};

static const struct opt sync_opts[] = {
    {0, "delete", OPT_FLAG, AT(delete), NULL, "remove there what is not here", NULL, 0, 0, NULL},
    {0, NULL, OPT_END, 0, NULL, NULL, NULL, 0, 0, NULL},
};

static const char *const put_examples[] = {
    "mroom copy put -w 'web*' motd /etc/motd",
    "mroom copy put -a --owner www-data:www-data --backup site /srv/",
    "mroom exec --pass -w 'web*' -- test -d /opt | mroom copy put --pass app /opt | mroom exec -- "
    "/opt/app",
    NULL,
};

static const char *const sync_examples[] = {
    "mroom copy sync -w 'web*' --delete public /srv/www",
    "mroom copy sync -a -C -D conf.d /etc/app/conf.d",
    NULL,
};

static int read_mode(const char *text, long *mode, struct err *err)
{
	char *end;

	*mode = -1;
	if (!text)
		return 0;
	*mode = strtol(text, &end, 8);
	if (*end || end == text || *mode < 0 || *mode > 07777 || *text == '-' || *text == '+')
		return err_set(err, STATUS_USAGE, "--mode: '%s' is no mode in octal, such as 0644",
			       text);
	return 0;
}

static int check_owner(const char *owner, struct err *err)
{
	if (owner && (!*owner || *owner == '-' || !strcmp(owner, ":") || strchr(owner, '\n')))
		return err_set(err, STATUS_USAGE, "--owner: '%s' is not USER, USER:GROUP or :GROUP",
			       owner);
	return 0;
}

static void backup_suffix(char *into, size_t room)
{
	time_t now = time(NULL);
	struct tm parts;

	strftime(into, room, ".%Y%m%dT%H%M%SZ.bak", gmtime_r(&now, &parts));
}

static void tell_passed_over(const struct copy *copy, const struct tree *tree)
{
	for (size_t i = 0; i < tree->passed_over.count && !copy->run_args.quiet; i++) {
		struct buf shown = BUF_INIT;

		quote_terminal(&shown, tree->passed_over.at[i], strlen(tree->passed_over.at[i]),
			       false);
		fprintf(stderr, "%s: %s: passed over: neither file, directory nor link\n",
			copy->command, shown.at);
		buf_finish(&shown);
	}
}

static int put_transfer(struct copy *copy, struct transfer_put_args *args, const char *line,
			struct err *err)
{
	copy->put = transfer_put_create(args, &copy->console, err);
	if (!copy->put || report_open(copy, false, err) ||
	    copy_run_create(copy, line, &transfer_put_handler, copy->put, err))
		return (int)err->status;
	transfer_put_begin(copy->put, copy->run);
	run_progress(copy->run, progress_say, copy);
	return copy_run_go(copy, err);
}

static int put_go(struct copy *copy, char **operands, size_t count, const char *line,
		  struct err *err)
{
	struct tree tree = TREE_INIT;
	struct transfer_put_args args = {.tree = &tree,
					 .owner = copy->args.owner,
					 .rate = copy->args.rate,
					 .sftp = copy->args.sftp,
					 .sudo = copy->run_args.sudo != NULL,
					 .check = copy->args.check,
					 .old = copy->args.diff,
					 .done = report_put,
					 .ctx = copy};
	char *name = NULL;
	char suffix[64];
	int status = STATUS_USAGE;

	args.wish = (struct plan_wish){.quick = copy->args.quick,
				       .delete = copy->args.delete,
				       .owner = copy->args.owner != NULL};
	backup_suffix(suffix, sizeof(suffix));
	args.suffix = copy->args.backup ? suffix : NULL;
	if (read_mode(copy->args.mode, &args.wish.mode, err) ||
	    check_owner(copy->args.owner, err) || check_sftp(copy, err) ||
	    sources_read(copy, operands, count, copy->sync, &tree, &args, &name, err))
		goto out;
	tell_passed_over(copy, &tree);
	status = put_transfer(copy, &args, line, err);
out:
	run_destroy(copy->run);
	transfer_put_destroy(copy->put);
	tree_finish(&tree);
	free(name);
	return status;
}

int copy_put(int argc, char **argv)
{
	struct copy copy = {.command = "mroom copy put", .console = CONSOLE_INIT};
	const struct opt_group groups[] = {
	    {"Targets", pick_opts, &copy.targets},
	    {"Copy", put_opts, &copy.args},
	    {"Output", out_opts, &copy.form},
	    {"Connection", run_opts, &copy.run_args},
	};
	const struct opt_spec spec = {
	    .command = copy.command,
	    .args = "[-w TARGETS] SOURCE... DEST",
	    .about = "Copies files and trees to servers; only what differs travels.",
	    .operand_complete = "file",
	    .groups = groups,
	    .group_count = 4,
	    .examples = put_examples,
	};

	return copy_main(&copy, &spec, put_go, argc, argv);
}

int copy_sync(int argc, char **argv)
{
	struct copy copy = {
	    .command = "mroom copy sync", .sync = true, .console = CONSOLE_INIT};
	const struct opt_group groups[] = {
	    {"Targets", pick_opts, &copy.targets},    {"Copy", put_opts, &copy.args},
	    {"Sync", sync_opts, &copy.args},	      {"Output", out_opts, &copy.form},
	    {"Connection", run_opts, &copy.run_args},
	};
	const struct opt_spec spec = {
	    .command = copy.command,
	    .args = "[-w TARGETS] SOURCE DEST",
	    .about = "Makes the directory DEST on servers hold what SOURCE holds here.",
	    .operand_complete = "file",
	    .groups = groups,
	    .group_count = 5,
	    .examples = sync_examples,
	};

	return copy_main(&copy, &spec, put_go, argc, argv);
}
