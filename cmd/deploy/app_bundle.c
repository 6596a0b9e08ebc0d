#include <openssl/evp.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/deploy/app.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"
#include "lib/room/project.h"
#include "lib/room/secret.h"
#include "lib/room/template.h"
#include "lib/wire/transfer_tar.h"

struct bundle {
	const struct app *app;
	const struct console *console;
	const struct server *server;
	struct buf *to;
	struct err *err;
};

/* The same contents give the same bytes, so that their sum tells versions apart: no times, no
 * owners. */
void app_put(struct buf *to, const char *name, const void *bytes, size_t count)
{
	const struct tar_head head = {
	    .name = name, .type = '0', .mode = 0600, .size = (int64_t)count};
	static const char zeros[TAR_BLOCK];

	tar_head(to, &head);
	buf_add(to, bytes, count);
	buf_add(to, zeros, tar_padding(head.size));
}

static void put(const struct bundle *bundle, const char *name, const struct buf *bytes)
{
	char *path = mem_format("bundle/%s", name);

	app_put(bundle->to, path, bytes->at, bytes->len);
	free(path);
}

static int render(const struct bundle *bundle, const char *text, struct buf *to)
{
	struct buf from = BUF_INIT;
	int rc;

	buf_text(&from, text);
	rc = template_render(bundle->console->store, bundle->server, bundle->app->name, &from, to,
			     bundle->err);
	buf_finish(&from);
	return rc;
}

/* The same, for what has to stay one line. Caller frees; NULL on error. */
static char *render_line(const struct bundle *bundle, const char *text)
{
	struct buf to = BUF_INIT;

	if (render(bundle, text, &to) == 0 && (strchr(to.at, '\n') || strlen(to.at) != to.len))
		err_set(bundle->err, STATUS_USAGE, "%s: %s becomes more than a line",
			bundle->app->name, text);
	else if (bundle->err->status == STATUS_OK)
		return buf_detach(&to);
	buf_finish(&to);
	return NULL;
}

/* Optional: nothing for NULL. */
static int put_text(const struct bundle *bundle, const char *name, const char *text)
{
	struct buf rendered = BUF_INIT;
	int rc = text ? render(bundle, text, &rendered) : 0;

	if (rc == 0 && text) {
		if (rendered.len == 0 || rendered.at[rendered.len - 1] != '\n')
			buf_char(&rendered, '\n');
		put(bundle, name, &rendered);
	}
	buf_finish(&rendered);
	return rc;
}

/* A link's target, as a file's contents. */
static int put_link(const struct bundle *bundle, const char *name, const char *target)
{
	char *text = render_line(bundle, target);
	struct buf bytes = BUF_INIT;

	if (!text)
		return -1;
	buf_text(&bytes, text);
	put(bundle, name, &bytes);
	buf_finish(&bytes);
	free(text);
	return 0;
}

static int put_parts(const struct bundle *bundle)
{
	const struct app *app = bundle->app;
	struct buf place = BUF_INIT;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < app->part_count; i++) {
		const struct app_part *part = &app->parts[i];
		char *path = render_line(bundle, part->remote);
		char *name = mem_format("files/%zu", i);

		if (!path)
			rc = -1;
		else if (*path != '/' || strchr(path, '\t'))
			rc = err_set(bundle->err, STATUS_USAGE, "%s: '%s' is no place for a file",
				     app->name, path);
		buf_format(&place, "%zu\t%s\t", i, path ? path : "");
		if (part->target) {
			buf_text(&place, "link\t\n");
			rc = rc ? rc : put_link(bundle, name, part->target);
		} else {
			buf_format(&place, "%o\t%s\n", part->mode, part->owner ? part->owner : "");
			put(bundle, name, &part->contents);
		}
		free(path);
		free(name);
	}
	put(bundle, "place", &place);
	buf_finish(&place);
	return rc;
}

static int put_dirs(const struct bundle *bundle)
{
	struct buf dirs = BUF_INIT;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < bundle->app->dirs.count; i++) {
		rc = render(bundle, bundle->app->dirs.at[i], &dirs);
		buf_char(&dirs, '\n');
	}
	put(bundle, "dirs", &dirs);
	buf_finish(&dirs);
	return rc;
}

/* --- the environment --- */

/* "NAME=NAME OF THE SECRET" becomes NAME=SECRET. */
static int add_secret(const struct bundle *bundle, const char *pair, struct buf *to)
{
	const char *value = strchr(pair, '=') + 1;
	char *name = render_line(bundle, value);
	struct buf text = BUF_INIT;
	int found = name ? secret_get(bundle->console->box, bundle->console->store,
				      SECRET_APPLICATION, name, &text, bundle->err)
			 : -1;

	if (found == 0)
		err_set(bundle->err, STATUS_USAGE,
			"%s: no secret '%s' (try: mroom state secret set -K " SECRET_APPLICATION
			" %s)",
			bundle->app->name, name, name);
	else if (found == 1 && (strchr(text.at, '\n') || strlen(text.at) != text.len))
		found = err_set(bundle->err, STATUS_USAGE,
				"%s: the secret '%s' is more than a line, which no variable can be",
				bundle->app->name, name);
	else if (found == 1) {
		buf_reserve(to, (size_t)(value - pair) + text.len + 1);
		buf_add(to, pair, (size_t)(value - pair));
		buf_add(to, text.at, text.len);
		buf_char(to, '\n');
	}
	buf_wipe(&text);
	free(name);
	return found == 1 ? 0 : -1;
}

static int put_env(const struct bundle *bundle)
{
	const struct app *app = bundle->app;
	struct buf env = BUF_INIT;
	int rc = 0;

	/* It does not grow then: no copy stays behind. */
	buf_reserve(&env, (app->secrets.count + 1) * (SECRET_MAX + 300));
	for (size_t i = 0; rc == 0 && i < app->env.count; i++) {
		char *line = render_line(bundle, app->env.at[i]);

		rc = line ? 0 : -1;
		buf_format(&env, "%s\n", line ? line : "");
		free(line);
	}
	for (size_t i = 0; rc == 0 && i < app->secrets.count; i++)
		rc = add_secret(bundle, app->secrets.at[i], &env);
	put(bundle, "env", &env);
	buf_wipe(&env);
	return rc;
}

/* --- the container --- */

static int render_list(const struct bundle *bundle, const struct list *from, struct list *to)
{
	for (size_t i = 0; i < from->count; i++) {
		char *line = render_line(bundle, from->at[i]);

		if (!line)
			return -1;
		list_take(to, line);
	}
	return 0;
}

static int add_variable(const struct bundle *bundle, struct buf *to, const char *name,
			const char *text)
{
	char *value = render_line(bundle, text ? text : "");

	if (!value)
		return -1;
	buf_format(to, "%s=", name);
	quote_word(to, value);
	buf_char(to, '\n');
	free(value);
	return 0;
}

/* Options, "--", and the command in the container. */
static int container_words(const struct bundle *bundle, struct list *words)
{
	const struct app *app = bundle->app;
	struct container container = {.restart = app->restart, .user = app->user};
	int rc = -1;

	if (!render_list(bundle, &app->volumes, &container.volumes) &&
	    !render_list(bundle, &app->binds, &container.binds) &&
	    !render_list(bundle, &app->ports, &container.ports) &&
	    !render_list(bundle, &app->labels, &container.labels) &&
	    !render_list(bundle, &app->options, &container.options) &&
	    !container_options(&container, bundle->console->config, words, bundle->err)) {
		list_add(words, "--");
		rc = render_list(bundle, &app->command, words);
	}
	container_finish(&container);
	return rc;
}

static int put_container(const struct bundle *bundle)
{
	const struct app *app = bundle->app;
	struct list words = LIST_INIT;
	struct buf text = BUF_INIT;
	int rc = -1;

	if (!app->image)
		return 0;
	if (!add_variable(bundle, &text, "image", app->image) &&
	    !add_variable(bundle, &text, "network", app->network))
		rc = container_words(bundle, &words);
	buf_text(&text, "set --");
	for (size_t i = 0; i < words.count; i++) {
		buf_char(&text, ' ');
		quote_word(&text, words.at[i]);
	}
	buf_char(&text, '\n');
	if (rc == 0)
		put(bundle, "container", &text);
	list_finish(&words);
	buf_finish(&text);
	return rc;
}

/* What the container, or the project, is called. */
static int put_name(const struct bundle *bundle)
{
	const struct app *app = bundle->app;
	struct buf text = BUF_INIT;
	char *name = render_line(bundle, app->container ? app->container : app->name);
	int rc = !name || (app->compose && project_check(name, bundle->err)) ? -1 : 0;

	buf_format(&text, "%s\n", name ? name : "");
	put(bundle, "name", &text);
	buf_finish(&text);
	free(name);
	return rc;
}

int app_bundle(const struct app *app, const struct console *console, const struct server *server,
	       struct buf *to, char sum[65], struct err *err)
{
	const struct bundle bundle = {app, console, server, to, err};
	unsigned char hash[32];
	size_t before = to->len;
	struct buf text = BUF_INIT;

	buf_format(&text, "%lld\n", (long long)(app->health_ms + 999) / 1000);
	put(&bundle, "timeout", &text);
	buf_finish(&text);
	if (put_dirs(&bundle) || put_parts(&bundle) || put_env(&bundle) || put_name(&bundle) ||
	    put_container(&bundle) || put_text(&bundle, "compose", app->compose) ||
	    put_text(&bundle, "start", app->start) || put_text(&bundle, "stop", app->stop) ||
	    put_text(&bundle, "health", app->health) || put_text(&bundle, "health_url", app->url) ||
	    put_text(&bundle, "log", app->log) || put_text(&bundle, "version", app->version))
		return -1;
	if (!EVP_Digest(to->at + before, to->len - before, hash, NULL, EVP_sha256(), NULL))
		return err_set(err, STATUS_CONSOLE, "no SHA-256 here");
	sodium_bin2hex(sum, 65, hash, sizeof(hash));
	return 0;
}
