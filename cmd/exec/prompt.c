#include "cmd/exec/prompt.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/exec/editor.h"
#include "lib/flow/range.h"

struct prompt {
	struct exec *exec;
	struct console *console;
	const struct run_args *run_args;
	struct editor *editor;
	struct pick_args targets; /* ids, one by one: what @failed was stays what it was */
	int status;
	bool quit;
};

bool prompt_wanted(const struct exec *exec, char **words)
{
	const struct command_args *args = &exec->command_args;
	bool reads = exec->args.input && !strcmp(exec->args.input, "-");

	return !*words && !args->script && !args->detach && !args->collect && !reads &&
	       isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* --- who the lines go to --- */

static int add_id(void *ctx, const struct server *server, struct err *err)
{
	(void)err;
	list_add(ctx, server->id);
	return 0;
}

static void say_targets(const struct prompt *prompt)
{
	const struct list *ids = &prompt->targets.where;
	struct buf text = BUF_INIT;

	range_fold(&text, (const char *const *)ids->at, ids->count);
	fprintf(stderr, "%s (%zu)\n", text.at, ids->count);
	buf_finish(&text);
}

static int set_targets(struct prompt *prompt, const struct pick_args *args, struct err *err)
{
	struct list ids = LIST_INIT;
	struct pick *pick = pick_create(prompt->console->store, args, NULL, 0, PICK_ACT, add_id,
					&ids, err);
	int result = -1;

	if (!pick || pick_resolve(pick, err))
		goto out;
	if (pick_reads_stdin(pick)) {
		err_set(err, STATUS_USAGE, "ids cannot be read from where the commands are typed");
		goto out;
	}
	if (pick_end(pick, err))
		goto out;
	if (ids.count == 0) {
		err_set(err, STATUS_USAGE, "no servers");
		goto out;
	}
	if (*pick_note(pick))
		fprintf(stderr, "%s\n", pick_note(pick));
	list_finish(&prompt->targets.where);
	prompt->targets.where = ids;
	result = 0;
out:
	if (result)
		list_finish(&ids);
	pick_destroy(pick);
	return result;
}

/* To what is in `with` (NULL: the present ones), but not `without`. */
static void change(struct prompt *prompt, const char *with, bool add, const char *without)
{
	struct pick_args args = {.ssh_config = prompt->targets.ssh_config};
	struct err err = ERR_INIT;

	for (size_t i = 0; i < prompt->targets.where.count && (add || !with); i++)
		list_add(&args.where, prompt->targets.where.at[i]);
	if (with)
		list_add(&args.where, with);
	if (without)
		list_add(&args.exclude, without);
	if (set_targets(prompt, &args, &err))
		err_report(&err, "mroom exec");
	else
		say_targets(prompt);
	list_finish(&args.where);
	list_finish(&args.exclude);
}

/* --- what is no command for servers --- */

static void verb_help(struct prompt *prompt, const char *rest);

static void verb_targets(struct prompt *prompt, const char *rest)
{
	if (!*rest)
		say_targets(prompt);
	else if (*rest == '+')
		change(prompt, rest + 1, true, NULL);
	else if (*rest == '-' && rest[1])
		change(prompt, NULL, false, rest + 1);
	else
		change(prompt, rest, false, NULL);
}

static void verb_gather(struct prompt *prompt, const char *rest)
{
	struct exec_args *args = &prompt->exec->args;

	(void)rest;
	args->gather = !args->gather;
	args->normalize = args->diff = false;
	fprintf(stderr, "output is %s\n",
		args->gather ? "gathered: equal outputs once" : "shown line by line");
}

static void verb_quit(struct prompt *prompt, const char *rest)
{
	(void)rest;
	prompt->quit = true;
}

static const struct {
	const char *name, *arg;
	void (*run)(struct prompt *prompt, const char *rest);
	const char *about;
} verbs[] = {
    {"help", "", verb_help, "this"},
    {"w", "[LIST]", verb_targets, "show the servers, or go on with others (+LIST: more, -LIST: fewer)"},
    {"b", "", verb_gather, "gather equal outputs, or show lines as they come"},
    {"quit", "", verb_quit, "leave (so do ^D, quit and exit)"},
};
#define VERBS (sizeof(verbs) / sizeof(*verbs))

static void verb_help(struct prompt *prompt, const char *rest)
{
	(void)prompt;
	(void)rest;
	fprintf(stderr, "A line is run on every server; ^C stops it there. Besides:\n");
	for (size_t i = 0; i < VERBS; i++)
		fprintf(stderr, "  :%-5s %-7s %s\n", verbs[i].name, verbs[i].arg, verbs[i].about);
	fprintf(stderr, "As in clush: ? is :w, = is :b, and @LIST +LIST -LIST are :w's.\n");
}

/* clush's: a sign in front of the list. */
static bool sign(struct prompt *prompt, const char *line)
{
	if (!strcmp(line, "?"))
		say_targets(prompt);
	else if (!strcmp(line, "="))
		verb_gather(prompt, "");
	else if (strchr("@+-", *line) && line[1] && !strchr(line, ' '))
		verb_targets(prompt, line);
	else
		return false;
	return true;
}

static void verb(struct prompt *prompt, const char *name)
{
	size_t size = strcspn(name, " \t");
	const char *rest = name + size + strspn(name + size, " \t");

	for (size_t i = 0; i < VERBS; i++) {
		if (strlen(verbs[i].name) != size || strncmp(verbs[i].name, name, size) != 0)
			continue;
		verbs[i].run(prompt, rest);
		return;
	}
	fprintf(stderr, "mroom exec: ':%.*s' is nothing here (try: :help)\n", (int)size, name);
}

/* --- what is --- */

static void run_line_everywhere(struct prompt *prompt, char *line)
{
	struct exec *exec = prompt->exec;
	char *words[] = {line, NULL};
	struct err err = ERR_INIT;

	memset(&exec->command, 0, sizeof(exec->command));
	if (command_open(&exec->command, &exec->command_args, prompt->console, words, &err)) {
		prompt->status = err.status;
	} else {
		exec->begun = 0;
		exec_forget_output(exec);
		exec_choose_output(exec);
		run_again(exec->run, exec->command.title);
		prompt->status = exec_go(exec, prompt->run_args, &prompt->targets, &err);
	}
	if (err.status != STATUS_OK)
		err_report(&err, "mroom exec");
	command_close(&exec->command);
	memset(&exec->command, 0, sizeof(exec->command));
	/* A full disk, a store that cannot be written: the next would fare no better. */
	prompt->quit = prompt->status == STATUS_CONSOLE;
}

static void take(struct prompt *prompt, struct buf *line)
{
	char *text = line->at + strspn(line->at, " \t");

	while (line->len > 0 && strchr(" \t", line->at[line->len - 1]))
		buf_cut(line, line->len - 1);
	if (!*text)
		return;
	editor_remember(prompt->editor, line->at);
	if (!strcmp(text, "quit") || !strcmp(text, "exit"))
		prompt->quit = true;
	else if (*text == ':' && text[1])
		verb(prompt, text + 1);
	else if (!sign(prompt, text))
		run_line_everywhere(prompt, text);
}

static void ask(struct prompt *prompt)
{
	struct buf line = BUF_INIT;
	char shown[40];

	while (!prompt->quit) {
		snprintf(shown, sizeof(shown), "mroom (%zu)> ", prompt->targets.where.count);
		switch (editor_read(prompt->editor, shown, &line)) {
		case EDITOR_LINE:
			take(prompt, &line);
			break;
		case EDITOR_BROKEN_OFF:
			fprintf(stderr, "\n");
			break;
		case EDITOR_KILLED:
			prompt->status = STATUS_INTERRUPTED;
			prompt->quit = true;
			break;
		default:
			fprintf(stderr, "\n");
			prompt->quit = true;
			break;
		}
	}
	buf_finish(&line);
}

int prompt_run(struct exec *exec, struct console *console, const struct run_args *run_args,
	       const struct pick_args *targets, struct err *err)
{
	struct prompt prompt = {.exec = exec, .console = console, .run_args = run_args};
	char *path = home_path(&console->home, "history");
	struct err trouble = ERR_INIT;

	prompt.targets.ssh_config = targets->ssh_config;
	if (!set_targets(&prompt, targets, err)) {
		run_keep(exec->run);
		prompt.editor = editor_create(run_loop(exec->run), path, &trouble);
		if (trouble.status != STATUS_OK)
			err_report(&trouble, "mroom exec");
		if (!run_args->quiet)
			fprintf(stderr, "Each line is run on all of these; :help for more, ^D to leave.\n");
		say_targets(&prompt);
		ask(&prompt);
		editor_close(prompt.editor);
	} else {
		prompt.status = err->status;
	}
	free(path);
	list_finish(&prompt.targets.where);
	return prompt.status;
}
