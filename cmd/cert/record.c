#include "cmd/cert/record.h"

#include <jansson.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/room/store_edit.h"
#include "lib/room/store_state.h"

#define BY "cert"

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

char *record_json(const char *text)
{
	json_t *value = json_string(text);
	char *json = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;

	json_decref(value);
	return json;
}

char *record_text(const char *json)
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
	char *json = record_json(private);
	char *custom = name ? mem_format("custom_cert_%s", name) : NULL;
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

int record_off(struct console *console, const char *id, const char *name, struct err *err)
{
	struct store *store = console->store;
	char *custom = name ? mem_format("custom_cert_%s", name) : NULL;
	int rc = store_begin(store, err);

	if (rc)
		goto out;
	rc = custom ? store_state_set(store, id, custom, NULL, BY, err)
		    : store_state_set(store, id, "identity_cert_installed", NULL, BY, err) ||
			  store_state_set(store, id, "local_cert_path", NULL, BY, err);
	if (rc)
		store_rollback(store);
	else
		rc = store_commit(store, err);
out:
	free(custom);
	return rc ? -1 : 0;
}
