#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/deploy/app_rollout.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"

#define SAVED_MAX ((size_t)64 * 1024 * 1024)

static json_t *texts(const struct list *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(array, json_string(list->at[i]));
	return array;
}

static void read_texts(const json_t *json, const char *key, struct list *into)
{
	const json_t *array = json_object_get(json, key);

	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *text = json_string_value(json_array_get(array, i));

		if (text)
			list_add(into, text);
	}
}

static char *read_text(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return mem_text(text ? text : "");
}

/* Opens one that nobody holds, and holds it; false where that cannot be. */
static bool open_one(struct saved *saved, const char *dir, const char *name)
{
	struct err ignored = ERR_INIT;
	struct buf text = BUF_INIT;
	json_t *json = NULL;

	saved->path = mem_format("%s/%s", dir, name);
	saved->fd = open(saved->path, O_RDWR | O_CLOEXEC);
	if (saved->fd >= 0 && flock(saved->fd, LOCK_EX | LOCK_NB) == 0 &&
	    !io_read_file(saved->path, SAVED_MAX, &text, &ignored))
		json = json_loadb(text.at, text.len, 0, NULL);
	if (json) {
		snprintf(saved->id, sizeof(saved->id), "%s", name);
		read_texts(json, "argv", &saved->argv);
		read_texts(json, "ids", &saved->ids);
		read_texts(json, "apps", &saved->names);
		saved->cwd = read_text(json, "cwd");
		saved->sum = read_text(json, "sum");
	}
	json_decref(json);
	buf_finish(&text);
	if (saved->argv.count == 0)
		saved_finish(saved);
	return saved->fd >= 0;
}

/* All that nobody holds, one after the other, until fn says true: then that one is left in
 * `saved`. */
static bool each_saved(struct saved *saved, const char *dir, bool (*fn)(struct saved *, void *),
		       void *ctx)
{
	DIR *list = opendir(dir);
	const struct dirent *entry;
	bool found = false;

	while (list && !found && (entry = readdir(list)) != NULL) {
		if (*entry->d_name == '.' || !open_one(saved, dir, entry->d_name))
			continue;
		found = fn(saved, ctx);
		if (!found)
			saved_finish(saved);
	}
	if (list)
		closedir(list);
	return found;
}

static bool drop_same(struct saved *saved, void *ctx)
{
	const struct list *names = ctx;

	for (size_t i = 0; i < saved->names.count; i++)
		if (saved->fd >= 0 && list_has(names, saved->names.at[i]))
			saved_end(saved);
	return false;
}

int saved_begin(struct rollout *rollout, struct err *err)
{
	struct saved *saved = &rollout->saved, other = {.fd = -1};
	struct list argv = LIST_INIT;
	char *dir = home_path(&rollout->frame.console.home, "rollouts"), *text = NULL;
	char *cwd = realpath(".", NULL);
	unsigned char noise[8];
	json_t *json;
	int rc = io_make_dirs(dir, 0700, err);

	randombytes_buf(noise, sizeof(noise));
	sodium_bin2hex(saved->id, sizeof(saved->id), noise, sizeof(noise));
	each_saved(&other, dir, drop_same, &rollout->apps->names);
	for (int i = 0; i < rollout->argc; i++)
		list_add(&argv, rollout->argv[i]);
	json = json_pack("{s:s,s:s,s:o,s:o,s:o}", "cwd", cwd ? cwd : "/", "sum", rollout->apps->sum,
			 "argv", texts(&argv), "ids", texts(&rollout->ids), "apps",
			 texts(&rollout->apps->names));
	text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	saved->path = mem_format("%s/%s", dir, saved->id);
	if (rc == 0 && text)
		rc = io_replace_file(saved->path, text, strlen(text), 0600, err);
	else if (rc == 0)
		rc = err_set(err, STATUS_USAGE, "a word of the command line is not UTF-8");
	if (rc == 0) {
		saved->fd = open(saved->path, O_RDWR | O_CLOEXEC);
		if (saved->fd < 0 || flock(saved->fd, LOCK_EX | LOCK_NB))
			rc = err_sys(err, STATUS_CONSOLE, errno, "%s", saved->path);
	}
	json_decref(json);
	free(text);
	free(cwd);
	free(dir);
	list_finish(&argv);
	return rc;
}

struct newest {
	char *name;
	struct timespec at;
};

static bool look_at(struct saved *saved, void *ctx)
{
	struct newest *newest = ctx;
	struct stat st;

	if (fstat(saved->fd, &st) == 0 &&
	    (!newest->name || st.st_mtim.tv_sec > newest->at.tv_sec ||
	     (st.st_mtim.tv_sec == newest->at.tv_sec && st.st_mtim.tv_nsec > newest->at.tv_nsec))) {
		free(newest->name);
		newest->name = mem_text(saved->id);
		newest->at = st.st_mtim;
	}
	return false;
}

int saved_load(struct saved *saved, const struct home *home, struct err *err)
{
	char *dir = home_path(home, "rollouts");
	struct newest newest = {.name = NULL};
	int rc = 0;

	each_saved(saved, dir, look_at, &newest);
	if (newest.name)
		rc = open_one(saved, dir, newest.name)
			 ? 1
			 : err_set(err, STATUS_POLICY, "another console resumes it");
	free(newest.name);
	free(dir);
	return rc;
}

void saved_end(struct saved *saved)
{
	if (saved->fd >= 0)
		unlink(saved->path);
	saved_finish(saved);
}

void saved_finish(struct saved *saved)
{
	if (saved->fd >= 0)
		close(saved->fd);
	saved->fd = -1;
	free(saved->path);
	free(saved->cwd);
	free(saved->sum);
	saved->path = saved->cwd = saved->sum = NULL;
	list_finish(&saved->argv);
	list_finish(&saved->ids);
	list_finish(&saved->names);
}
