#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/mroom/mroom.h"
#include "lib/base/mem.h"

#define PREFIX "mroom-"

/* Files of these names are something else: mroom-stage-NAME is a stage of mroom deploy. */
#define STAGE "stage-"

bool find_is_name(const char *name)
{
	static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";

	return *name && *name != '-' && *name != '.' && !name[strspn(name, bytes)] &&
	       strncmp(name, STAGE, strlen(STAGE)) != 0;
}

static bool is_executable(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

/* The directories of PATH, an empty one being the current directory. */
static void path_dirs(struct list *dirs)
{
	const char *at = getenv("PATH");

	while (at && *at) {
		size_t size = strcspn(at, ":");

		if (size)
			list_add_n(dirs, at, size);
		else
			list_add(dirs, ".");
		at += size + (at[size] == ':');
	}
}

static char *find_in(const char *dir, const char *name)
{
	char *path = mem_format("%s/" PREFIX "%s", dir, name);

	if (is_executable(path))
		return path;
	free(path);
	return NULL;
}

char *find_tool(const struct home *home, const char *name)
{
	struct list dirs = LIST_INIT;
	char *beside = NULL;
	char *path = NULL;

	if (!find_is_name(name))
		return NULL;
	path = find_in(home->exec_path, name);
	if (path)
		return path;
	beside = home_tools_beside();
	path = beside ? find_in(beside, name) : NULL;
	path_dirs(&dirs);
	for (size_t i = 0; i < dirs.count && !path; i++)
		path = find_in(dirs.at[i], name);
	list_finish(&dirs);
	free(beside);
	return path;
}

/* Adds the commands of one directory that `known` and `names` do not have yet. */
static void scan(const char *dir, const struct list *known, struct list *names)
{
	DIR *open = opendir(dir);
	const struct dirent *entry;

	while (open && (entry = readdir(open))) {
		const char *name = entry->d_name + strlen(PREFIX);
		char *path;

		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0 || !find_is_name(name) ||
		    list_has(names, name) || (known && list_has(known, name)))
			continue;
		path = find_in(dir, name);
		if (path)
			list_add(names, name);
		free(path);
	}
	if (open)
		closedir(open);
}

void find_tools(const struct home *home, struct list *own, struct list *foreign)
{
	struct list dirs = LIST_INIT;
	char *beside = home_tools_beside();

	scan(home->exec_path, NULL, own);
	if (beside)
		scan(beside, NULL, own);
	path_dirs(&dirs);
	for (size_t i = 0; i < dirs.count; i++)
		scan(dirs.at[i], own, foreign);
	list_sort(own);
	list_sort(foreign);
	list_finish(&dirs);
	free(beside);
}
