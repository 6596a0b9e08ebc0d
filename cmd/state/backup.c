/* mroom state backup, restore, check: the database as a whole. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cmd/state/state.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/quote.h"
#include "lib/room/store_backup.h"

static void say(const char *text)
{
	struct buf line = BUF_INIT;

	quote_terminal(&line, text, strlen(text), false);
	fprintf(stderr, "%s\n", line.at);
	buf_finish(&line);
}

/* A copy whose secrets cannot be opened is a surprise best had now. */
static int say_key(struct call *call, struct err *err)
{
	int64_t count = 0;
	char *text;

	if (store_secret_count(call->console.store, &count, err))
		return -1;
	if (!count)
		return 0;
	text = mem_format(
	    "the key that seals its %lld secret%s is not in it: keep a copy of %s/secret.key, "
	    "or of what [secret] key_command prints, in another place",
	    (long long)count, count == 1 ? "" : "s", call->console.home.dir);
	say(text);
	free(text);
	return 0;
}

int state_backup(int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	static const char *const examples[] = {
	    "mroom state backup mroom-$(date +%F).db",
	    NULL,
	};
	const struct opt_spec spec = {
	    .command = "mroom state backup",
	    .args = "FILE",
	    .about = "Copies the database to FILE while others use it: whole, as of one moment.",
	    .operand_complete = "file",
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1) {
		result = call_expect(&call, 1, 1, "one FILE", &err) ||
				 store_backup(call.console.store, call.operands[0], &err) ||
				 say_key(&call, &err)
			     ? -1
			     : 0;
	}
	return call_end(&call, spec.command, result, &err);
}

struct restore_args {
	bool yes;
};

static const struct opt restore_opts[] = {
    {.letter = 'y',
     .name = "yes",
     .type = OPT_FLAG,
     .offset = offsetof(struct restore_args, yes),
     .help = "really replace all that is there"},
    {.type = OPT_END},
};

static int restore(struct call *call, bool yes, struct err *err)
{
	char *aside, *text;
	int result;

	if (call_expect(call, 1, 1, "one FILE", err))
		return -1;
	if (!yes)
		return err_set(err, STATUS_USAGE,
			       "this replaces everything that mroom knows by what is in %s (say so "
			       "with -y)",
			       call->operands[0]);
	aside = mem_format("%s/mroom.db.before-restore-%lld", call->console.home.dir,
			   (long long)(clock_wall_ms() / 1000));
	result =
	    store_restore(call->console.store, &call->console.home, call->operands[0], aside, err);
	if (!result) {
		text = mem_format("restored; what was there before is in %s", aside);
		say(text);
		free(text);
	}
	free(aside);
	return result;
}

int state_restore(int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	struct restore_args args = {.yes = false};
	static const char *const examples[] = {
	    "mroom state restore -y mroom-2026-11-23.db",
	    NULL,
	};
	const struct opt_group groups[] = {{"Restore", restore_opts, &args}};
	const struct opt_spec spec = {
	    .command = "mroom state restore",
	    .args = "-y FILE",
	    .about = "Puts a backup in the database's place; what was there is kept beside it.",
	    .operand_complete = "file",
	    .groups = groups,
	    .group_count = 1,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1)
		result = restore(&call, args.yes, &err);
	return call_end(&call, spec.command, result, &err);
}

static int check(struct call *call, struct err *err)
{
	struct list problems = LIST_INIT;
	int result = -1;

	if (call_expect(call, 0, 0, "no operands", err) ||
	    store_check(call->console.store, &problems, err))
		goto out;
	for (size_t i = 0; i < problems.count; i++)
		say(problems.at[i]);
	if (problems.count)
		err_set(
		    err, STATUS_CONSOLE,
		    "%s/mroom.db: the database is damaged (restore a backup: mroom state restore)",
		    call->console.home.dir);
	else
		result = printf("ok\n") < 0 ? -1 : 0;
out:
	list_finish(&problems);
	return result;
}

int state_check(int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	static const char *const examples[] = {"mroom state check", NULL};
	const struct opt_spec spec = {
	    .command = "mroom state check",
	    .args = "",
	    .about = "Reads all of the database and says whether it is whole.",
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int result = call_begin(&call, &spec, argc, argv, &err);

	if (result == 1)
		result = check(&call, &err);
	return call_end(&call, spec.command, result, &err);
}
