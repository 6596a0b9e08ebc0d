#include <stdlib.h>
#include <string.h>

#include "cmd/deploy/app.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/room/config_read.h"

#define FILE_MAX ((size_t)64 * 1024 * 1024)
#define NAME_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"

struct reading {
	struct apps *apps;
	struct err *err;
	bool bad;
};

static void wrong(struct reading *reading, long line, const char *what)
{
	if (!reading->bad)
		err_set(reading->err, STATUS_USAGE, "%s:%ld: %s", reading->apps->path, line, what);
	reading->bad = true;
}

static bool is_deployment(const struct app_section *section)
{
	return !section->name;
}

/* The section that has all an application is, without a tag. */
static struct app_section *find_section(const struct apps *apps, const char *name)
{
	for (size_t i = 0; i < apps->section_count; i++)
		if (apps->sections[i].name && !strcmp(apps->sections[i].name, name) &&
		    !apps->sections[i].tag)
			return &apps->sections[i];
	return NULL;
}

static void check_section(struct reading *reading, const struct app_section *section)
{
	const char *name = section->name;

	if (!name || !*name || strspn(name, NAME_BYTES) != strlen(name) || *name == '-' ||
	    *name == '.')
		wrong(reading, section->number, "an application's name has letters, digits, . _ -");
	else if (section->tag &&
		 (!*section->tag || strspn(section->tag, NAME_BYTES) != strlen(section->tag)))
		wrong(reading, section->number, "a tag has letters, digits, . _ -");
	else if (section->tag && !find_section(reading->apps, name))
		wrong(reading, section->number,
		      "this application is not there, or only further down");
	else if (!section->tag && find_section(reading->apps, name))
		wrong(reading, section->number, "this application is there twice");
}

/* "app.NAME", "app.NAME..TAG", "deployment" */
static void begin_section(struct reading *reading, const struct config_entry *entry)
{
	struct apps *apps = reading->apps;
	struct app_section section = {.number = entry->line};

	if (!strncmp(entry->section, "app.", 4)) {
		const char *name = entry->section + 4, *tag = strstr(name, "..");

		section.name = tag ? mem_text_n(name, (size_t)(tag - name)) : mem_text(name);
		section.tag = tag ? mem_text(tag + 2) : NULL;
		check_section(reading, &section);
	} else if (strcmp(entry->section, "deployment") != 0) {
		wrong(reading, entry->line,
		      "a section is [app NAME], [app NAME @TAG] or [deployment]");
	}
	apps->sections =
	    mem_resize(apps->sections, apps->section_count + 1, sizeof(*apps->sections));
	apps->sections[apps->section_count++] = section;
}

static void read_entry(void *ctx, const struct config_entry *entry)
{
	struct reading *reading = ctx;
	struct app_section *section;

	if (!entry->key) {
		begin_section(reading, entry);
		return;
	}
	if (reading->apps->section_count == 0)
		return;
	section = &reading->apps->sections[reading->apps->section_count - 1];
	if (section->tag && !strcmp(entry->key, "after"))
		wrong(reading, entry->line, "what comes before is the same for all servers");
	section->lines = mem_resize(section->lines, section->count + 1, sizeof(*section->lines));
	section->lines[section->count++] =
	    (struct app_line){mem_text(entry->key), mem_text(entry->value), entry->line};
}

/* The reader knows no blanks in the names of sections: [app NAME @TAG] becomes [app.NAME..TAG], in
 * place. */
static void join_names(struct buf *text)
{
	for (char *line = text->at; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "[app ", 5) != 0)
			continue;
		line[4] = '.';
		for (char *c = line; *c && *c != '\n'; c++)
			if (c[0] == ' ' && c[1] == '@')
				c[0] = c[1] = '.';
	}
}

/* --- what an application is for a server --- */

static bool has_tag(const char *tags, const char *tag)
{
	struct list list = LIST_INIT;
	bool has;

	list_split(&list, tags ? tags : "", ',');
	has = list_has(&list, tag);
	list_finish(&list);
	return has;
}

static const struct app_line *find_line(const struct app_section *section, const char *key)
{
	for (size_t i = 0; i < section->count; i++)
		if (!strcmp(section->lines[i].key, key))
			return &section->lines[i];
	return NULL;
}

static bool holds(const struct app_section *section, const char *name, const char *tags)
{
	return section->name && !strcmp(section->name, name) &&
	       (!section->tag || has_tag(tags, section->tag));
}

/* Whether a later section that holds says something else under that key. */
static bool is_overridden(const struct apps *apps, size_t from, const char *name, const char *tags,
			  const char *key)
{
	for (size_t i = from; i < apps->section_count; i++)
		if (holds(&apps->sections[i], name, tags) && find_line(&apps->sections[i], key))
			return true;
	return false;
}

/* health is a script, unless it is a URL, or left to the container. */
static void sort_health(struct app *app)
{
	if (!app->health)
		return;
	if (!strncmp(app->health, "http://", 7) || !strncmp(app->health, "https://", 8)) {
		app->url = app->health;
		app->health = NULL;
	} else if (!strcmp(app->health, "container")) {
		free(app->health);
		app->health = NULL;
	}
}

static struct app *build(struct apps *apps, const char *name, const char *tags, struct err *err)
{
	struct app *app = mem_zero(1, sizeof(*app));

	app->name = mem_text(name);
	app->health_ms = 30000;
	app->keep = 3;
	app->timeout_ms = apps->defaults.timeout_ms;
	app->retries = apps->defaults.retries;
	app->workers = apps->defaults.workers;
	for (size_t i = 0; i < apps->section_count; i++) {
		const struct app_section *section = &apps->sections[i];

		for (size_t at = 0; holds(section, name, tags) && at < section->count; at++) {
			const struct app_line *line = &section->lines[at];

			if (is_overridden(apps, i + 1, name, tags, line->key))
				continue;
			if (app_set(apps, app, line->key, line->value, err)) {
				err_prefix(err, "%s:%ld", apps->path, line->number);
				goto fail;
			}
		}
	}
	if (app_check(app, err)) {
		err_prefix(err, "%s: [app %s]", apps->path, name);
		goto fail;
	}
	sort_health(app);
	return app;
fail:
	app_finish(app);
	free(app);
	return NULL;
}

const struct app *apps_for(struct apps *apps, const char *name, const char *tags, struct err *err)
{
	char *key = mem_format("%s\n%s", name, tags ? tags : "");
	struct app *app = map_get(apps->variants, key);

	if (!app) {
		app = build(apps, name, tags, err);
		if (app)
			map_set(apps->variants, key, app);
	}
	free(key);
	return app;
}

/* --- the file --- */

/* Whether all that an application comes after is among those in order. */
static bool may_follow(const struct apps *apps, const char *name)
{
	const struct app_line *after = find_line(find_section(apps, name), "after");
	struct list list = LIST_INIT;
	bool may = true;

	list_split(&list, after ? after->value : "", ',');
	for (size_t i = 0; i < list.count; i++)
		may = may && list_has(&apps->names, list.at[i]);
	list_finish(&list);
	return may;
}

/* Each behind those that it comes after, else in the order of the file. */
static int put_in_order(struct apps *apps, struct err *err)
{
	const char *stuck;
	bool went = true;

	while (went) {
		went = false;
		stuck = NULL;
		for (size_t i = 0; i < apps->section_count && !went; i++) {
			const struct app_section *section = &apps->sections[i];

			if (!section->name || section->tag || list_has(&apps->names, section->name))
				continue;
			if (may_follow(apps, section->name)) {
				list_add(&apps->names, section->name);
				went = true;
			} else {
				stuck = section->name;
			}
		}
	}
	if (stuck)
		return err_set(err, STATUS_USAGE,
			       "%s: [app %s] comes after one that is not there, or in a circle",
			       apps->path, stuck);
	return apps->names.count > 0
		   ? 0
		   : err_set(err, STATUS_USAGE, "%s: no [app NAME] in it", apps->path);
}

static int read_defaults(struct apps *apps, struct err *err)
{
	for (size_t i = 0; i < apps->section_count; i++) {
		const struct app_section *section = &apps->sections[i];

		for (size_t at = 0; is_deployment(section) && at < section->count; at++) {
			const struct app_line *line = &section->lines[at];
			const char *key = line->key;
			int rc = -1;

			if (!strcmp(key, "timeout") || !strcmp(key, "retries") ||
			    !strcmp(key, "workers"))
				rc = app_set(apps, &apps->defaults, key, line->value, err);
			else
				err_set(err, STATUS_USAGE,
					"[deployment] has timeout, retries and workers");
			if (rc)
				return err_prefix(err, "%s:%ld", apps->path, line->number);
		}
	}
	return 0;
}

/* Everything is read once, so that what is wrong is told before any server is asked. */
static int try_all(struct apps *apps, struct err *err)
{
	unsigned char sum[16];

	for (size_t i = 0; i < apps->section_count; i++) {
		const struct app_section *section = &apps->sections[i];

		if (section->name && !apps_for(apps, section->name, section->tag, err))
			return -1;
	}
	crypto_generichash_final(&apps->hash, sum, sizeof(sum));
	sodium_bin2hex(apps->sum, sizeof(apps->sum), sum, sizeof(sum));
	return 0;
}

int apps_read(struct apps *apps, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	struct reading reading = {.apps = apps, .err = err};
	struct list problems = LIST_INIT;
	struct buf text = BUF_INIT;
	int rc = -1;

	memset(apps, 0, sizeof(*apps));
	apps->path = mem_text(path);
	apps->dir = slash ? mem_text_n(path, (size_t)(slash - path + 1)) : mem_text(".");
	apps->variants = map_create();
	crypto_generichash_init(&apps->hash, NULL, 0, 16);
	if (io_read_file(path, FILE_MAX, &text, err))
		goto out;
	crypto_generichash_update(&apps->hash, (unsigned char *)text.at, text.len);
	join_names(&text);
	config_read(path, text.at, text.len, read_entry, &reading, &problems);
	if (problems.count > 0)
		err_set(err, STATUS_USAGE, "%s", problems.at[0]);
	else if (!reading.bad && !put_in_order(apps, err) && !read_defaults(apps, err))
		rc = try_all(apps, err);
out:
	list_finish(&problems);
	buf_finish(&text);
	return rc;
}

void apps_finish(struct apps *apps)
{
	const char *key;
	void *app;

	for (size_t at = 0; apps->variants && map_next(apps->variants, &at, &key, &app);) {
		app_finish(app);
		free(app);
	}
	map_destroy(apps->variants);
	for (size_t i = 0; i < apps->section_count; i++) {
		struct app_section *section = &apps->sections[i];

		for (size_t at = 0; at < section->count; at++) {
			free(section->lines[at].key);
			free(section->lines[at].value);
		}
		free(section->lines);
		free(section->name);
		free(section->tag);
	}
	free(apps->sections);
	list_finish(&apps->names);
	free(apps->path);
	free(apps->dir);
	memset(apps, 0, sizeof(*apps));
}
