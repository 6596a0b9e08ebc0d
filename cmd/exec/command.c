/* What each server is to run: the words of a command or a script with its arguments, with
 * placeholders filled, in the place and environment that were asked for. */
#include "cmd/exec/command.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/exec/subst.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"

/* A script of more bytes is a mistake. */
#define SCRIPT_MAX ((size_t)64 << 20)

#define AT(field) offsetof(struct command_args, field)

const struct opt command_opts[] = {
    {0, "script", OPT_TEXT, AT(script), "FILE",
     "send FILE and run it by its own #! line; words are its arguments", NULL, 0, 0, "file"},
    {0, "cd", OPT_TEXT, AT(dir), "DIR", "run it in DIR on the server", NULL, 0, 0, NULL},
    {0, "env", OPT_LIST, AT(env), "NAME=VALUE", "with this in its environment", NULL, 0, 0, NULL},
    {0, "subst", OPT_FLAG, AT(subst), NULL,
     "fill in %h (id) %u (user) %n (number in the run) %{key} (state) %%", NULL, 0, 0, NULL},
    {0, "tty", OPT_FLAG, AT(tty), NULL, "on a terminal of its own", NULL, 0, 0, NULL},
    {0, "raw", OPT_FLAG, AT(raw), NULL,
     "send the command as it is, to what has no sh; it cannot be stopped", NULL, 0, 0, NULL},
    {0, "title", OPT_TEXT, AT(title), "TEXT", "what the journal calls it, instead of the command", NULL, 0, 0,
     NULL},
    {0, "detach", OPT_FLAG, AT(detach), NULL,
     "let it go on without us, and remember it in the journal", NULL, 0, 0, NULL},
    {0, "collect", OPT_TEXT, AT(collect), "RUN",
     "fetch what the detached commands of that run said, and how they ended", NULL, 0, 0, "runs"},
    {0, NULL, OPT_END, 0, NULL, NULL, NULL, 0, 0, NULL},
};

static int check_setting(const char *setting, struct err *err)
{
	const char *at = setting;

	while (isalnum((unsigned char)*at) || *at == '_')
		at++;
	if (at == setting || *at != '=' || isdigit((unsigned char)*setting))
		return err_set(err, STATUS_USAGE, "--env: '%s' is not NAME=VALUE", setting);
	return 0;
}

static int check(const struct command *command, const struct command_args *args, struct err *err)
{
	if (args->raw && (args->script || args->dir || args->env.count))
		return err_set(
		    err, STATUS_USAGE,
		    "--raw sends the command as it is: no --script, --cd or --env with it");
	if (args->tty && args->script)
		return err_set(
		    err, STATUS_USAGE,
		    "--tty and --script do not go together: a terminal changes what is sent");
	for (size_t i = 0; i < args->env.count; i++)
		if (check_setting(args->env.at[i], err))
			return -1;
	for (size_t i = 0; args->subst && i < command->words.count; i++)
		if (subst_check(command->words.at[i], err))
			return -1;
	return 0;
}

int command_open(struct command *command, const struct command_args *args, struct console *console,
		 char **words, struct err *err)
{
	struct buf title = BUF_INIT;

	command->args = args;
	command->store = console->store;
	if (args->script)
		buf_format(&title, "--script %s", args->script);
	for (; *words; words++) {
		list_add(&command->words, *words);
		buf_format(&title, "%s%s", title.len > 0 ? " " : "", *words);
	}
	command->title = buf_detach(&title);
	if (*command->title && args->title) {
		free(command->title);
		command->title = mem_text(args->title);
	}
	if (!*command->title)
		return err_set(err, STATUS_USAGE,
			       "no command given (try: mroom exec -w TARGETS -- COMMAND)");
	if (check(command, args, err))
		return -1;
	if (args->script && io_read_file(args->script, SCRIPT_MAX, &command->script, err))
		return -1;
	if (args->script && !command->script.len)
		return err_set(err, STATUS_USAGE, "%s: the script is empty", args->script);
	if (!args->dir && !args->env.count)
		return 0;
	command->at = remote_script(&console->home, "at.sh", err);
	return command->at ? 0 : -1;
}

void command_close(struct command *command)
{
	list_finish(&command->words);
	buf_finish(&command->script);
	free(command->title);
	free(command->at);
}

static int fill(const struct command *command, struct session *session, const char *word,
		size_t number, struct buf *to, struct err *err)
{
	struct subst subst = {command->store, session_server(session)->id, session_user(session),
			      number, !command->args->script};

	if (command->args->subst)
		return subst_fill(&subst, word, to, err);
	buf_text(to, word);
	return 0;
}

/* The words, filled: joined by blanks as ssh does, or the script's arguments, each as it is. */
static int compose(const struct command *command, struct session *session, size_t number,
		   struct buf *line, struct err *err)
{
	struct list words = LIST_INIT;
	struct buf word = BUF_INIT;
	char *joined;

	for (size_t i = 0; i < command->words.count; i++) {
		buf_clear(&word);
		if (fill(command, session, command->words.at[i], number, &word, err))
			break;
		list_add(&words, word.at);
	}
	if (words.count == command->words.count && command->args->script) {
		list_take(&words, NULL);
		remote_file(session_remote(session), command->script.len, "own",
			    (const char *const *)words.at, line);
	} else if (words.count == command->words.count) {
		joined = list_join(&words, " ");
		buf_text(line, joined);
		free(joined);
	}
	buf_finish(&word);
	list_finish(&words);
	return err->status == STATUS_OK ? 0 : -1;
}

/* The line in its place and environment. */
static void place(const struct command *command, struct buf *line)
{
	const struct command_args *args = command->args;
	struct list words = LIST_INIT;
	struct buf placed = BUF_INIT;

	list_add(&words, args->dir ? args->dir : "");
	list_add(&words, line->at);
	for (size_t i = 0; i < args->env.count; i++)
		list_add(&words, args->env.at[i]);
	list_take(&words, NULL);
	quote_command(&placed, command->at, (const char *const *)words.at);
	list_finish(&words);
	buf_finish(line);
	*line = placed;
}

int command_line(const struct command *command, struct session *session, size_t number,
		 struct buf *line, struct err *err)
{
	if (compose(command, session, number, line, err))
		return -1;
	if (command->at)
		place(command, line);
	return 0;
}

void command_exec(const struct command *command, struct session *session, size_t number)
{
	const struct exec_how how = {.raw = command->args->raw,
				     .tty = command->args->tty,
				     .bytes = command->script.at,
				     .count = command->script.len};
	struct buf line = BUF_INIT;
	struct err err = ERR_INIT;

	if (command_line(command, session, number, &line, &err))
		session_end(session, OUTCOME_FAILED, "command", "%s", err.text);
	else
		session_exec(session, line.at, &how);
	buf_finish(&line);
}
