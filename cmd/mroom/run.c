#include <errno.h>
#include <stdlib.h>
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

/* mroom SERVER ... is mroom connect SERVER ... */
static int run_server(const struct home *home, char **argv, struct err *err)
{
	char *path = *argv[0] ? find_tool(home, "connect") : NULL;
	size_t count = 0;
	char **made;

	if (!path)
		return run_unknown(home, argv[0], err);
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

int run_command(const struct home *home, char **argv, struct err *err)
{
	char *path = find_tool(home, argv[0]);

	if (!path && alias_expand(home, &argv, err) < 0)
		return -1;
	if (!path)
		path = find_tool(home, argv[0]);
	if (!path)
		return run_server(home, argv, err);
	run_tool(home, path, argv, err);
	free(path);
	return -1;
}
