/* Stages are files of sh in $MROOM_HOME/stages and share/stages, or programs mroom-stage-NAME here.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/deploy/deploy.h"
#include "lib/base/io.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"

#define STAGE_MAX (256 * 1024)
#define LOCAL_PREFIX "mroom-stage-"

static bool is_name(const char *text)
{
	return *text && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789_-") == strlen(text);
}

char *stage_path(const struct console *console, const char *name)
{
	char *relative = mem_format("stages/%s", name);
	char *own = home_path(&console->home, relative);
	char *shipped = home_share(&console->home, relative);

	free(relative);
	if (!access(own, F_OK)) {
		free(shipped);
		return own;
	}
	free(own);
	if (!access(shipped, F_OK))
		return shipped;
	free(shipped);
	return NULL;
}

/* Those whose files begin with prefix; it is not part of the name. */
static int add_names(const char *dir, const char *prefix, struct map *seen, struct list *names)
{
	size_t skip = strlen(prefix);
	DIR *open = opendir(dir);
	struct dirent *entry;

	while (open && (entry = readdir(open)) != NULL)
		if (!strncmp(entry->d_name, prefix, skip) && is_name(entry->d_name + skip) &&
		    map_mark(seen, entry->d_name + skip))
			list_add(names, entry->d_name + skip);
	if (open)
		closedir(open);
	return 0;
}

int stages_all(const struct console *console, struct list *names, struct err *err)
{
	struct map *seen = map_create();
	struct list path = LIST_INIT;
	char *own = home_path(&console->home, "stages");
	char *shipped = home_share(&console->home, "stages");

	(void)err;
	add_names(own, "", seen, names);
	add_names(shipped, "", seen, names);
	list_split(&path, getenv("PATH") ? getenv("PATH") : "", ':');
	for (size_t i = 0; i < path.count; i++)
		add_names(path.at[i], LOCAL_PREFIX, seen, names);
	list_finish(&path);
	list_sort(names);
	free(own);
	free(shipped);
	map_destroy(seen);
	return 0;
}

char *stage_program(const char *name)
{
	const char *path = getenv("PATH");
	struct list dirs = LIST_INIT;
	char *found = NULL;

	list_split(&dirs, path ? path : "", ':');
	for (size_t i = 0; i < dirs.count && !found; i++) {
		found = mem_format("%s/" LOCAL_PREFIX "%s", dirs.at[i], name);
		if (!access(found, X_OK) && !io_is_dir(found))
			break;
		free(found);
		found = NULL;
	}
	list_finish(&dirs);
	return found;
}

/* A hook beside the stages of the home. NULL: there is none. */
static char *stage_hook(const struct console *console, const char *name, const char *when)
{
	char *relative = mem_format("stages/%s.%s", name, when);
	char *path = home_path(&console->home, relative);

	free(relative);
	if (!access(path, X_OK))
		return path;
	free(path);
	return NULL;
}

/* The text of a stage that a program here does. */
static char *local_text(const char *program)
{
	static const char *const verbs[] = {"check", "apply", "undo", "facts"};
	struct buf text = BUF_INIT;

	buf_text(&text, "mroom_program=");
	quote_word(&text, program);
	buf_text(&text, "\nmroom_call() {\n"
			"\tprintf '%s\\n' \"$MROOM_SERVER\" | \"$mroom_program\" \"$@\"\n}\n");
	for (int i = 0; i < 4; i++)
		buf_format(&text, "%s() {\n\tmroom_call %s \"$@\"\n}\n", verbs[i], verbs[i]);
	return buf_detach(&text);
}

static int unknown_stage(const struct console *console, const char *name, struct err *err)
{
	struct list names = LIST_INIT;
	const char *near;

	stages_all(console, &names, err);
	near = list_nearest(name, (const char *const *)names.at, names.count);
	if (near)
		err_set(err, STATUS_USAGE, "no stage is called '%s' (did you mean %s?)", name,
			near);
	else
		err_set(err, STATUS_USAGE,
			"no stage is called '%s' (mroom deploy stages lists them)", name);
	list_finish(&names);
	return -1;
}

static bool is_shipped(const struct console *console, const char *path)
{
	char *shipped = home_share(&console->home, "stages");
	bool result = !strncmp(path, shipped, strlen(shipped)) && path[strlen(shipped)] == '/';

	free(shipped);
	return result;
}

/* Reads one, and checks that the shell could. */
static int stage_read(struct stage *stage, const struct console *console, const char *asked,
		      struct err *err)
{
	const char *colon = strchr(asked, ':');
	struct buf text = BUF_INIT;
	char *path;
	int rc;

	stage->asked = mem_text(asked);
	stage->name = colon ? mem_text_n(asked, (size_t)(colon - asked)) : mem_text(asked);
	stage->argument = colon ? mem_text(colon + 1) : NULL;
	if (!is_name(stage->name) ||
	    (stage->argument &&
	     (!*stage->argument || *stage->argument == '-' || strpbrk(stage->argument, " \t\r\n"))))
		return err_set(err, STATUS_USAGE, "'%s' is no stage (NAME or NAME:ARGUMENT)",
			       asked);
	stage->pre = stage_hook(console, stage->name, "pre");
	stage->post = stage_hook(console, stage->name, "post");
	path = stage_path(console, stage->name);
	if (!path) {
		path = stage_program(stage->name);
		if (!path)
			return unknown_stage(console, stage->name, err);
		stage->local = true;
		stage->text = local_text(path);
		free(path);
		return 0;
	}
	stage->reboots = !strcmp(stage->name, "reboot") && is_shipped(console, path);
	rc = io_read_file(path, STAGE_MAX, &text, err);
	if (rc == 0 && memchr(text.at, '\0', text.len))
		rc = err_set(err, STATUS_USAGE, "%s: not a file of sh", path);
	stage->text = buf_detach(&text);
	free(path);
	return rc;
}

int stages_find(struct stages *stages, const struct console *console, const char *list,
		struct err *err)
{
	struct list names = LIST_INIT;
	int rc = 0;

	if (list)
		list_split(&names, list, ',');
	else
		config_list(console->config, "deploy", "stages", &names);
	if (names.count == 0)
		rc = err_set(err, STATUS_USAGE, "no stage is named");
	stages->at = mem_zero(names.count + 1, sizeof(*stages->at));
	for (size_t i = 0; rc == 0 && i < names.count; i++) {
		stages->count++;
		rc = stage_read(&stages->at[i], console, names.at[i], err);
	}
	list_finish(&names);
	return rc;
}

void stages_finish(struct stages *stages)
{
	for (size_t i = 0; i < stages->count; i++) {
		free(stages->at[i].asked);
		free(stages->at[i].name);
		free(stages->at[i].argument);
		free(stages->at[i].text);
		free(stages->at[i].pre);
		free(stages->at[i].post);
	}
	free(stages->at);
	stages->at = NULL;
	stages->count = 0;
}

char *stage_key(const char *asked)
{
	char *key = mem_format("stage_%s", asked);

	for (char *c = key; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", *c))
			*c = '_';
	return key;
}
