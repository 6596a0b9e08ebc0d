#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/mroom/mroom.h"
#include "lib/base/mem.h"

/* What the tool, and the tools it starts, find without looking for it. */
static void export_home(const struct home *home)
{
	setenv("MROOM_HOME", home->dir, 1);
	setenv("MROOM_EXEC_PATH", home->exec_path, 1);
	setenv("MROOM_SHARE", home->share, 1);
}

int run_tool(const struct home *home, const char *path, char **argv, struct err *err)
{
	char *name = argv[0];

	export_home(home);
	argv[0] = mem_text(path);
	execv(path, argv);
	if (errno == ENOEXEC)
		err_set(err, STATUS_USAGE, "%s: neither a program for this machine nor a script with a "
			"#! line", path);
	else if (errno == ENOENT) /* the file is there: find_tool saw it */
		err_set(err, STATUS_USAGE, "%s: the interpreter of its #! line is missing", path);
	else
		err_sys(err, STATUS_CONSOLE, errno, "%s", path);
	free(argv[0]);
	argv[0] = name;
	return -1;
}

int run_unknown(const struct home *home, const char *name, struct err *err)
{
	struct list names = LIST_INIT;
	struct list foreign = LIST_INIT;
	const char *near;

	find_tools(home, &names, &foreign);
	for (size_t i = 0; i < foreign.count; i++)
		list_add(&names, foreign.at[i]);
	alias_names(home, &names);
	list_add(&names, "help");
	near = list_nearest(name, (const char *const *)names.at, names.count);
	if (near)
		err_set(err, STATUS_USAGE, "'%.100s' is not a command (did you mean %s?)", name, near);
	else
		err_set(err, STATUS_USAGE, "'%.100s' is not a command (see: mroom help)", name);
	list_finish(&names);
	list_finish(&foreign);
	return -1;
}

static int run_version(void)
{
	printf("mroom " MROOM_VERSION "\n");
	return 0;
}

/* Whether the word can name a server: an id, an address, a range of them. */
static bool may_be_server(const char *word)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@:[]%";

	return word[strspn(word, ".")] && *word != '-' && !word[strspn(word, chars)] && strlen(word) < 600;
}

/* mroom SERVER ... is mroom connect SERVER ... Should there be no such server either, connect says what we
 * would have said. */
static int run_server(const struct home *home, char **argv, struct err *err)
{
	char *path = may_be_server(argv[0]) ? find_tool(home, "connect") : NULL;
	size_t count = 0;
	char **made;

	run_unknown(home, argv[0], err);
	if (!path)
		return -1;
	setenv("MROOM_UNKNOWN", err->text, 1);
	while (argv[count])
		count++;
	made = mem_zero(count + 2, sizeof(*made));
	for (size_t i = 0; i < count; i++)
		made[i + 1] = argv[i];
	run_tool(home, path, made, err);
	free(made);
	free(path);
	return -1;
}

/* Where a command's tool is, after aliases and old words were put right; NULL when there is none: err is
 * set where that is a mistake. */
static char *find_command(const struct home *home, char ***argv, struct list *keep, struct err *err)
{
	char *path = find_tool(home, **argv);

	if (!path && alias_expand(home, argv, keep, err) < 0)
		return NULL;
	if (!path)
		path = find_tool(home, **argv);
	if (!path && habit_expand(home, argv, keep))
		path = find_tool(home, **argv);
	return path;
}

int run_command(const struct home *home, char **argv, struct err *err)
{
	struct list keep = LIST_INIT;
	char *path = find_command(home, &argv, &keep, err);
	int result = -1;

	if (path)
		run_tool(home, path, argv, err);
	else if (err->status == STATUS_OK)
		result = !strcmp(argv[0], "--version") ? run_version() : run_server(home, argv, err);
	free(path);
	list_finish(&keep);
	return result;
}
