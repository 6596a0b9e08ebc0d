#include "cmd/cert/record.h"

#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/room/store_edit.h"
#include "lib/room/store_state.h"
#include "lib/wire/authorized.h"

#define BY "cert"
#define CUSTOM "custom_cert_"

int record_check_name(const char *name, struct err *err)
{
	for (const char *at = name; *at; at++) {
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-",
			    *at))
			return err_set(err, STATUS_USAGE,
				       "name '%.60s' may hold letters, digits, _ and - only", name);
	}
	return *name && strlen(name) <= 100
		   ? 0
		   : err_set(err, STATUS_USAGE, "a name has 1 to 100 letters");
}

/* A text as JSON, and back (malloc'ed; NULL when it is no JSON text). */
static char *text_json(const char *text)
{
	json_t *value = json_string(text);
	char *json = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;

	json_decref(value);
	return json;
}

static char *json_text(const char *json)
{
	json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
	char *text = json_is_string(value) ? mem_text(json_string_value(value)) : NULL;

	json_decref(value);
	return text;
}

static int set_key(struct store *store, const char *id, const char *private, bool become,
		   struct err *err)
{
	struct server server;
	unsigned changed;
	int found = store_server_get(store, id, &server, err);

	if (found < 1)
		return found;
	if (become || !server.key) {
		free(server.key);
		server.key = mem_text(private);
		found = store_server_set(store, server.row, &server, IMPORT_KEY, &changed, err);
	} else {
		found = 0;
	}
	server_finish(&server);
	return found;
}

int record_installed(struct console *console, const char *id, const char *private, const char *name,
		     bool become, struct err *err)
{
	struct store *store = console->store;
	char *json = text_json(private);
	char *custom = name ? mem_format(CUSTOM "%s", name) : NULL;
	int rc = -1;

	if (store_begin(store, err))
		goto out;
	if (custom)
		rc = store_state_set(store, id, custom, json, BY, err);
	else
		rc = store_state_set(store, id, "identity_cert_installed", "true", BY, err) ||
		     store_state_set(store, id, "local_cert_path", json, BY, err) ||
		     set_key(store, id, private, become, err);
	if (rc)
		store_rollback(store);
	else
		rc = store_commit(store, err);
out:
	free(json);
	free(custom);
	return rc ? -1 : 0;
}

static int unset_own(struct store *store, const char *id, struct err *err)
{
	return store_state_set(store, id, "identity_cert_installed", NULL, BY, err) ||
		       store_state_set(store, id, "local_cert_path", NULL, BY, err)
		   ? -1
		   : 0;
}

/* Whether the inventory's key is the one that state remembers: 1, 0, -1. */
static int is_own(struct store *store, const char *id, struct err *err)
{
	struct buf json = BUF_INIT;
	struct server server;
	char *path = NULL;
	int found = store_state_get(store, id, "local_cert_path", &json, err);

	if (found == 1)
		path = json_text(json.at);
	buf_finish(&json);
	if (found == 1)
		found = store_server_get(store, id, &server, err);
	if (found == 1) {
		found = path && server.key && !strcmp(path, server.key);
		server_finish(&server);
	}
	free(path);
	return found;
}

int record_off(struct console *console, const char *id, const char *name, bool *kept,
	       struct err *err)
{
	struct store *store = console->store;
	char *custom = name ? mem_format(CUSTOM "%s", name) : NULL;
	int rc = store_begin(store, err), own = 0;

	*kept = false;
	if (rc)
		goto out;
	if (!custom)
		own = is_own(store, id, err);
	*kept = own > 0;
	if (own < 0)
		rc = -1;
	else
		rc = custom ? store_state_set(store, id, custom, NULL, BY, err)
			    : unset_own(store, id, err);
	if (rc)
		store_rollback(store);
	else
		rc = store_commit(store, err);
out:
	free(custom);
	return rc ? -1 : 0;
}

/* --- keys that are gone --- */

struct gone {
	const struct list *keys;
	bool located; /* state says which key is the own one */
	struct list states;
};

/* Whether that private half is of one of the keys. */
static bool gone_has(const struct gone *gone, const char *private)
{
	char *public = mem_format("%s.pub", private);
	struct err unknown = ERR_INIT;
	struct authorized key;
	bool has = !authorized_read(public, &key, &unknown) && list_has(gone->keys, key.base64);

	authorized_finish(&key);
	free(public);
	return has;
}

static int gone_state(void *ctx, const struct state_row *row, struct err *err)
{
	struct gone *gone = ctx;
	bool own = !strcmp(row->key, "local_cert_path");
	char *private;

	(void)err;
	if (!own && strncmp(row->key, CUSTOM, sizeof(CUSTOM) - 1) != 0)
		return 0;
	private = json_text(row->json);
	gone->located |= own && private;
	if (private && gone_has(gone, private))
		list_add(&gone->states, row->key);
	free(private);
	return 0;
}

/* Where nothing says which key is the own one, it is the usual one. */
static bool gone_usual(const struct gone *gone, const struct console *console)
{
	char *private = authorized_private(config_text(console->config, "identity", "public_key"));
	bool has = !gone->located && gone_has(gone, private);

	free(private);
	return has;
}

/* A certificate beside the key may open the server still. */
static int unset_key(struct store *store, const char *id, const struct gone *gone, char **was,
		     struct err *err)
{
	struct server server;
	int found = store_server_get(store, id, &server, err);
	char *path, *certificate;
	unsigned changed;

	if (found < 1)
		return found;
	found = 0;
	path = server.key ? io_expand_home(server.key) : mem_text("");
	certificate = mem_format("%s-cert.pub", path);
	if (server.key && access(certificate, F_OK) && gone_has(gone, path)) {
		*was = server.key;
		server.key = NULL;
		found = store_server_set(store, server.row, &server, IMPORT_KEY, &changed, err);
	}
	free(path);
	free(certificate);
	server_finish(&server);
	return found;
}

int record_gone(struct console *console, const char *id, const struct list *keys, char **was,
		struct err *err)
{
	struct store *store = console->store;
	struct gone gone = {keys, false, LIST_INIT};
	int rc;

	*was = NULL;
	if (store_begin(store, err))
		return -1;
	rc = store_state_each(store, id, NULL, gone_state, &gone, err);
	if (!rc && gone_usual(&gone, console))
		list_add(&gone.states, "local_cert_path");
	for (size_t i = 0; i < gone.states.count && !rc; i++)
		rc = strcmp(gone.states.at[i], "local_cert_path")
			 ? store_state_set(store, id, gone.states.at[i], NULL, BY, err)
			 : unset_own(store, id, err);
	rc = rc || unset_key(store, id, &gone, was, err) ? -1 : 0;
	if (rc)
		store_rollback(store);
	else
		rc = store_commit(store, err);
	list_finish(&gone.states);
	return rc;
}
