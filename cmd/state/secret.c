/* mroom state secret: passwords, passphrases and keys, sealed; never shown. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/state/state.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"

struct secret_args {
	const char *kind, *file, *to;
};

static const struct opt kind_opts[] = {
    {.letter = 'K',
     .name = "kind",
     .type = OPT_CHOICE,
     .offset = offsetof(struct secret_args, kind),
     .help = "what NAME is the name of (default: a server, its password)",
     .choices = SECRET_SERVER_PASSWORD "|" SECRET_TUNNEL_PASSWORD "|" SECRET_KEY_PASSPHRASE
				       "|" SECRET_APPLICATION},
    {.type = OPT_END},
};

static const struct opt file_opts[] = {
    {.name = "file",
     .type = OPT_TEXT,
     .offset = offsetof(struct secret_args, file),
     .arg = "FILE",
     .help = "read it from FILE, which only its owner may read",
     .complete = "file"},
    {.type = OPT_END},
};

static const struct opt rekey_opts[] = {
    {.name = "to",
     .type = OPT_TEXT,
     .offset = offsetof(struct secret_args, to),
     .arg = "FILE",
     .help = "under the key in FILE, which [secret] key_command is to print from then on",
     .complete = "file"},
    {.type = OPT_END},
};

/* The kind and the name: a server has to exist. */
static int check_name(struct call *call, struct secret_args *args, struct err *err)
{
	struct server server;
	int found;

	if (call_expect(call, 1, 1, "one NAME", err))
		return -1;
	if (args->kind && strcmp(args->kind, SECRET_SERVER_PASSWORD) != 0)
		return 0;
	args->kind = SECRET_SERVER_PASSWORD;
	found = store_server_get(call->console.store, call->operands[0], &server, err);
	if (found == 1)
		server_finish(&server);
	if (!found)
		err_set(err, STATUS_USAGE, "no server '%s' (see: mroom inventory ls)",
			call->operands[0]);
	return found == 1 ? 0 : -1;
}

/* From a file, a pipe, or the terminal with echo off. */
static int read_value(const struct secret_args *args, const char *name, struct buf *text,
		      struct err *err)
{
	char *prompt;
	int result;

	if (args->file)
		return io_read_secret(args->file, SECRET_MAX, text, err);
	buf_reserve(text, SECRET_MAX + 2); /* it does not grow then: no copy stays behind */
	if (!isatty(STDIN_FILENO)) {
		result = io_read_file("-", SECRET_MAX + 1, text, err);
		if (!result && text->len && text->at[text->len - 1] == '\n')
			buf_cut(text, text->len - 1);
		return result;
	}
	prompt = mem_format("%s for %s: ", args->kind, name);
	result = secret_prompt(prompt, text, err);
	free(prompt);
	return result;
}

static int set(struct call *call, struct secret_args *args, struct err *err)
{
	struct buf text = BUF_INIT;
	int result = -1;

	if (!check_name(call, args, err) && !read_value(args, call->operands[0], &text, err)) {
		if (!text.len)
			err_set(err, STATUS_USAGE, "an empty secret (rm removes one)");
		else
			result = secret_set(call->console.box, call->console.store, args->kind,
					    call->operands[0], text.at, text.len, err);
	}
	buf_wipe(&text);
	return result;
}

static int rm(struct call *call, struct secret_args *args, struct err *err)
{
	if (call_expect(call, 1, 1, "one NAME", err))
		return -1;
	return store_secret_remove(call->console.store,
				   args->kind ? args->kind : SECRET_SERVER_PASSWORD,
				   call->operands[0], err);
}

enum { NAME, KIND, CHANGED, COLUMNS };
static const struct out_column columns[COLUMNS] = {
    [NAME] = {.name = "id", .type = OUT_TEXT},
    [KIND] = {.name = "kind", .type = OUT_TEXT},
    [CHANGED] = {.name = "changed", .type = OUT_TEXT},
};

static int print_secret(void *ctx, const struct secret_row *row, struct err *err)
{
	struct call *call = ctx;
	struct buf changed = BUF_INIT;

	(void)err;
	call_moment(call, &changed, row->changed_at);
	const char *values[COLUMNS] = {row->name, row->kind, changed.at};

	out_row(call->out, values);
	buf_finish(&changed);
	return 0;
}

static int ls(struct call *call, struct secret_args *args, struct err *err)
{
	(void)args;
	if (call_expect(call, 0, 0, "no operands", err) || call_rows(call, columns, COLUMNS, err))
		return -1;
	return store_secret_each(call->console.store, print_secret, call, err);
}

static int rekey(struct call *call, struct secret_args *args, struct err *err)
{
	const char *command = config_text(call->console.config, "secret", "key_command");
	size_t count;

	if (call_expect(call, 0, 0, "no operands", err))
		return -1;
	if (*command && !args->to)
		return err_set(
		    err, STATUS_USAGE,
		    "the key comes from [secret] key_command: put a new one in a file and "
		    "name it with --to");
	if (secret_rekey(call->console.box, call->console.store, &call->console.home, args->to,
			 &count, err))
		return -1;
	fprintf(stderr, "%zu secret%s sealed anew%s\n", count, count == 1 ? "" : "s",
		args->to ? ": key_command has to print that key from now on" : "");
	return 0;
}

static const char *const set_examples[] = {
    "mroom state secret set web-01",
    "pass show web-01 | mroom state secret set web-01",
    "mroom state secret set -K key-passphrase ~/.ssh/id_ed25519 --file passphrase",
    NULL,
};
static const char *const ls_examples[] = {"mroom state secret ls", NULL};
static const char *const rm_examples[] = {"mroom state secret rm web-01", NULL};
static const char *const rekey_examples[] = {"mroom state secret rekey", NULL};

/* A verb of secret: what it takes and what it does. */
struct secret_verb {
	const char *name, *command, *args, *about;
	const struct opt *opts[2];
	const char *const *examples;
	bool rows;
	int (*act)(struct call *call, struct secret_args *args, struct err *err);
};

static const struct secret_verb verbs[] = {
    {"set",
     "mroom state secret set",
     "NAME",
     "Seals a secret: from a file, a pipe, or as it is typed.",
     {kind_opts, file_opts},
     set_examples,
     false,
     set},
    {"ls",
     "mroom state secret ls",
     "",
     "Lists which secrets there are, and shows none.",
     {NULL, NULL},
     ls_examples,
     true,
     ls},
    {"rm",
     "mroom state secret rm",
     "NAME",
     "Removes a secret.",
     {kind_opts, NULL},
     rm_examples,
     false,
     rm},
    {"rekey",
     "mroom state secret rekey",
     "",
     "Seals all secrets under a new key.",
     {rekey_opts, NULL},
     rekey_examples,
     false,
     rekey},
};

static int run_verb(const struct secret_verb *verb, int argc, char **argv)
{
	struct call call = {.console = CONSOLE_INIT};
	struct secret_args args = {.kind = NULL};
	struct opt_group groups[3];
	struct opt_spec spec = {
	    .command = verb->command,
	    .args = verb->args,
	    .about = verb->about,
	    .operand_complete = *verb->args ? "targets" : NULL,
	    .groups = groups,
	    .examples = verb->examples,
	};
	struct err err = ERR_INIT;
	int result;

	for (size_t i = 0; i < 2 && verb->opts[i]; i++)
		groups[spec.group_count++] =
		    (struct opt_group){i ? "Value" : "Secret", verb->opts[i], &args};
	if (verb->rows)
		groups[spec.group_count++] = (struct opt_group){"Output", out_opts, &call.form};
	result = call_begin(&call, &spec, argc, argv, &err);
	if (result == 1)
		result = verb->act(&call, &args, &err);
	return call_end(&call, verb->command, result, &err);
}

static int run_set(int argc, char **argv)
{
	return run_verb(&verbs[0], argc, argv);
}

static int run_ls(int argc, char **argv)
{
	return run_verb(&verbs[1], argc, argv);
}

static int run_rm(int argc, char **argv)
{
	return run_verb(&verbs[2], argc, argv);
}

static int run_rekey(int argc, char **argv)
{
	return run_verb(&verbs[3], argc, argv);
}

int state_secret(int argc, char **argv)
{
	static const struct verb table[] = {
	    {"set", "seal a secret", run_set},
	    {"ls", "list which secrets there are", run_ls},
	    {"rm", "remove a secret", run_rm},
	    {"rekey", "seal all under a new key", run_rekey},
	};

	return verb_main("mroom state secret", "Passwords, passphrases and keys, sealed.", table,
			 sizeof(table) / sizeof(*table), argc, argv);
}
