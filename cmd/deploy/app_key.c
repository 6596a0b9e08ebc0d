#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/deploy/app.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"

#define FILE_MAX ((size_t)64 * 1024 * 1024)
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
#define DIGITS "0123456789"

enum kind {
	TEXT,	/* char * */
	LONG,	/* char *, a file's contents behind @ */
	FILES,	/* char *, the contents of a file */
	WORDS,	/* list, quotes as in sh */
	LIST,	/* list, a line each */
	PAIRS,	/* list of NAME=VALUE, NAME from the key */
	PART,	/* a file */
	LINK,	/* a symbolic link, which is a part as well */
	TIME,	/* int64_t */
	NUMBER, /* long */
	AFTER,	/* app_file.c's own */
};

/* A name that ends with a dot is followed by one of the file's own. */
static const struct key {
	const char *name;
	enum kind kind;
	size_t at;
	long least, most;
} keys[] = {
    {"version", TEXT, offsetof(struct app, version), 0, 0},
    {"file.", PART, 0, 0, 0},
    {"link.", LINK, 0, 0, 0},
    {"dir.", LIST, offsetof(struct app, dirs), 0, 0},
    {"env.", PAIRS, offsetof(struct app, env), 0, 0},
    {"secret.", PAIRS, offsetof(struct app, secrets), 0, 0},
    {"image", TEXT, offsetof(struct app, image), 0, 0},
    {"container", TEXT, offsetof(struct app, container), 0, 0},
    {"command", WORDS, offsetof(struct app, command), 0, 0},
    {"network", TEXT, offsetof(struct app, network), 0, 0},
    {"port.", LIST, offsetof(struct app, ports), 0, 0},
    {"volume.", LIST, offsetof(struct app, volumes), 0, 0},
    {"bind.", LIST, offsetof(struct app, binds), 0, 0},
    {"label.", LIST, offsetof(struct app, labels), 0, 0},
    {"option.", LIST, offsetof(struct app, options), 0, 0},
    {"restart", TEXT, offsetof(struct app, restart), 0, 0},
    {"user", TEXT, offsetof(struct app, user), 0, 0},
    {"compose", FILES, offsetof(struct app, compose), 0, 0},
    {"start", LONG, offsetof(struct app, start), 0, 0},
    {"stop", LONG, offsetof(struct app, stop), 0, 0},
    {"health", LONG, offsetof(struct app, health), 0, 0},
    {"health_timeout", TIME, offsetof(struct app, health_ms), 0, 0},
    {"log", LONG, offsetof(struct app, log), 0, 0},
    {"keep", NUMBER, offsetof(struct app, keep), 1, 1000},
    {"timeout", TIME, offsetof(struct app, timeout_ms), 0, 0},
    {"retries", NUMBER, offsetof(struct app, retries), 1, 1000},
    {"workers", NUMBER, offsetof(struct app, workers), 1, 65535},
    {"after", AFTER, 0, 0, 0},
};
#define KEYS (sizeof(keys) / sizeof(*keys))

static const struct key *find_key(const char *name)
{
	for (size_t i = 0; i < KEYS; i++) {
		size_t size = strlen(keys[i].name);

		if (keys[i].name[size - 1] == '.' ? !strncmp(name, keys[i].name, size) && name[size]
						  : !strcmp(name, keys[i].name))
			return &keys[i];
	}
	return NULL;
}

static int unknown_key(const char *name, struct err *err)
{
	struct buf all = BUF_INIT;

	for (size_t i = 0; i < KEYS; i++)
		buf_format(&all, "%s%s%s", i > 0 ? ", " : "", keys[i].name,
			   strchr(keys[i].name, '.') ? "N" : "");
	err_set(err, STATUS_USAGE, "no such key: %s (%s)", name, all.at);
	buf_finish(&all);
	return -1;
}

int app_read_local(struct apps *apps, const char *name, struct buf *into, struct err *err)
{
	char *path = *name == '/' ? mem_text(name) : mem_format("%s/%s", apps->dir, name);
	size_t before = into->len;
	int rc = io_read_file(path, FILE_MAX, into, err);

	if (rc == 0 && !*apps->sum)
		crypto_generichash_update(&apps->hash, (unsigned char *)into->at + before,
					  into->len - before);
	free(path);
	return rc;
}

/* "LOCAL REMOTE [MODE] [OWNER]" */
static int set_part(struct apps *apps, struct app *app, const char *value, struct err *err)
{
	struct list words = LIST_INIT;
	struct app_part *part;
	char *end = NULL;
	int rc = -1;

	list_split(&words, value, ' ');
	if (words.count < 2 || words.count > 4) {
		err_set(err, STATUS_USAGE, "a file is LOCAL REMOTE [MODE] [OWNER]");
		goto out;
	}
	app->parts = mem_resize(app->parts, app->part_count + 1, sizeof(*app->parts));
	part = &app->parts[app->part_count++];
	*part = (struct app_part){.remote = mem_text(words.at[1]), .mode = 0644};
	buf_init(&part->contents);
	if (words.count > 2)
		part->mode = (unsigned)strtoul(words.at[2], &end, 8);
	if (words.count > 3)
		part->owner = mem_text(words.at[3]);
	if ((end && *end) || part->mode > 07777)
		err_set(err, STATUS_USAGE, "the mode is no number in octal");
	else if (*part->remote != '/' && strncmp(part->remote, "{{", 2) != 0)
		err_set(err, STATUS_USAGE, "a file's place on servers begins with /");
	else
		rc = app_read_local(apps, words.at[0], &part->contents, err);
out:
	list_finish(&words);
	return rc;
}

/* "TARGET PATH" */
static int set_link(struct app *app, const char *value, struct err *err)
{
	struct list words = LIST_INIT;
	int rc = 0;

	list_split(&words, value, ' ');
	if (words.count != 2)
		rc = err_set(err, STATUS_USAGE, "a link is TARGET PATH");
	else if (*words.at[1] != '/' && strncmp(words.at[1], "{{", 2) != 0)
		rc = err_set(err, STATUS_USAGE, "a link's place on servers begins with /");
	if (rc == 0) {
		app->parts = mem_resize(app->parts, app->part_count + 1, sizeof(*app->parts));
		app->parts[app->part_count++] = (struct app_part){
		    .remote = mem_text(words.at[1]), .target = mem_text(words.at[0]), .contents = BUF_INIT};
	}
	list_finish(&words);
	return rc;
}

static int set_file(struct apps *apps, char **to, const char *name, struct err *err)
{
	struct buf text = BUF_INIT;
	int rc = app_read_local(apps, name, &text, err);

	free(*to);
	*to = buf_detach(&text);
	return rc;
}

/* Blanks separate; '...', "..." and \ keep what they hold. */
static int set_words(struct list *words, const char *text, struct err *err)
{
	struct buf word = BUF_INIT;
	bool open = false;
	char quote = '\0';

	for (const char *c = text; *c; c++) {
		if (quote ? *c == quote : *c == '\'' || *c == '"') {
			quote = quote ? '\0' : *c;
			open = true;
		} else if (*c == '\\' && quote != '\'' && c[1]) {
			buf_char(&word, *++c);
			open = true;
		} else if (!quote && strchr(" \t\n", *c)) {
			if (open)
				list_add(words, word.at);
			buf_clear(&word);
			open = false;
		} else {
			buf_char(&word, *c);
			open = true;
		}
	}
	if (open && !quote)
		list_add(words, word.at);
	buf_finish(&word);
	return quote ? err_set(err, STATUS_USAGE, "a quote that does not end") : 0;
}

static int set_pair(struct list *list, const char *name, const char *value, struct err *err)
{
	if (strspn(name, LETTERS DIGITS) != strlen(name) || strchr(DIGITS, *name))
		return err_set(err, STATUS_USAGE, "'%s' is no name of a variable", name);
	list_take(list, mem_format("%s=%s", name, value));
	return 0;
}

int app_set(struct apps *apps, struct app *app, const char *key, const char *value, struct err *err)
{
	const struct key *known = find_key(key);
	char *at = (char *)app + (known ? known->at : 0);
	char **text = (char **)(void *)at;

	if (!known)
		return unknown_key(key, err);
	switch (known->kind) {
	case LONG:
		if (*value == '@')
			return set_file(apps, text, value + 1, err);
		/* fallthrough */
	case TEXT:
		free(*text);
		*text = mem_text(value);
		return 0;
	case FILES:
		return set_file(apps, text, value, err);
	case WORDS:
		return set_words((struct list *)(void *)at, value, err);
	case LIST:
		list_add((struct list *)(void *)at, value);
		return 0;
	case PAIRS:
		return set_pair((struct list *)(void *)at, key + strlen(known->name), value, err);
	case PART:
		return set_part(apps, app, value, err);
	case LINK:
		return set_link(app, value, err);
	case TIME:
		return num_duration(value, (int64_t *)(void *)at, err);
	case NUMBER:
		return num_parse(value, known->least, known->most, (long *)(void *)at, err);
	case AFTER:
		break;
	}
	return 0;
}

int app_check(const struct app *app, struct err *err)
{
	bool runs = app->image || app->compose;

	if (!app->version)
		return err_set(err, STATUS_USAGE, "has no version");
	if (app->image && app->compose)
		return err_set(err, STATUS_USAGE, "has both an image and a compose file");
	if (!app->image && (app->network || app->restart || app->user || app->command.count ||
			    app->volumes.count || app->binds.count || app->ports.count ||
			    app->labels.count || app->options.count))
		return err_set(err, STATUS_USAGE, "says how a container is to be, but no image");
	if (!runs && (app->container || (app->health && !strcmp(app->health, "container"))))
		return err_set(err, STATUS_USAGE, "speaks of a container, but has no image");
	return 0;
}

void app_finish(struct app *app)
{
	for (size_t i = 0; i < app->part_count; i++) {
		free(app->parts[i].remote);
		free(app->parts[i].owner);
		free(app->parts[i].target);
		buf_finish(&app->parts[i].contents);
	}
	free(app->parts);
	free(app->name);
	free(app->url);
	for (size_t i = 0; i < KEYS; i++) {
		char *at = (char *)app + keys[i].at;

		switch (keys[i].kind) {
		case TEXT:
		case LONG:
		case FILES:
			free(*(char **)(void *)at);
			break;
		case WORDS:
		case LIST:
		case PAIRS:
			list_finish((struct list *)(void *)at);
			break;
		default:
			break;
		}
	}
}
