#include "lib/base/mem.h"
#include "lib/room/store_db.h"
#include "lib/room/store_tunnel.h"

#define SECRET_FIELD "tunnel-field" /* name: TUNNEL/KEY */

static bool is_password(const char *key)
{
	return !strcmp(key, "password");
}

/* Under which kind and name a field is sealed; caller frees. */
static const char *secret_kind(const char *key)
{
	return is_password(key) ? SECRET_TUNNEL_PASSWORD : SECRET_FIELD;
}

static char *secret_name(const char *tunnel, const char *key)
{
	return is_password(key) ? mem_text(tunnel) : mem_format("%s/%s", tunnel, key);
}

static int read_fields(struct store *store, struct tunnel *tunnel, struct err *err)
{
	static const char sql[] = "SELECT key, value FROM tunnel_field WHERE tunnel = ?1 UNION ALL "
				  "SELECT 'password', NULL FROM secret WHERE kind = "
				  "'" SECRET_TUNNEL_PASSWORD "' AND name = ?2 ORDER BY 1";
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "it", tunnel->row, tunnel->name);
	while ((result = store_step(store, statement, err)) == 1) {
		const char *value = store_column(statement, 1);

		tunnel_put(tunnel, store_column(statement, 0), value, !value);
	}
	store_reset(statement);
	return result;
}

int store_tunnel_get(struct store *store, const char *name, struct tunnel *tunnel, struct err *err)
{
	static const char sql[] =
	    "SELECT row, name, type, server, user, (SELECT count(*) FROM server WHERE tunnel = "
	    "tunnel.row) FROM tunnel WHERE name = ?1";
	sqlite3_stmt *statement = store_prepare(store, sql, err);
	int result;

	if (!statement)
		return -1;
	store_bind(statement, "t", name);
	result = store_step(store, statement, err);
	if (result == 1)
		*tunnel = (struct tunnel){
		    .row = sqlite3_column_int64(statement, 0),
		    .name = mem_text(store_column(statement, 1)),
		    .type = mem_text(store_column(statement, 2)),
		    .server = mem_text(store_column(statement, 3)),
		    .user = mem_text(store_column(statement, 4)),
		    .servers = (long)sqlite3_column_int64(statement, 5),
		};
	store_reset(statement);
	if (result == 1 && read_fields(store, tunnel, err)) {
		tunnel_finish(tunnel);
		return -1;
	}
	return result;
}

int store_tunnel_need(struct store *store, const char *name, struct tunnel *tunnel, struct err *err)
{
	struct list names = LIST_INIT;
	const char *near;
	int found = store_tunnel_get(store, name, tunnel, err);

	if (found)
		return found < 0 ? -1 : 0;
	if (store_tunnel_names(store, &names, err))
		return -1;
	near = list_nearest(name, (const char *const *)names.at, names.count);
	if (near)
		err_set(err, STATUS_USAGE, "no tunnel '%.100s' (did you mean %s?)", name, near);
	else
		err_set(err, STATUS_USAGE, "no tunnel '%.100s' (see: mroom tunnel ls)", name);
	list_finish(&names);
	return -1;
}

static int write_field(struct store *store, struct secret_box *box, const struct tunnel *tunnel,
		       const struct tunnel_field *field, struct err *err)
{
	char *name = secret_name(tunnel->name, field->key);
	int result = 0;

	if (field->secret && field->value)
		result = secret_set(box, store, secret_kind(field->key), name, field->value,
				    strlen(field->value), err);
	if (!result && !is_password(field->key))
		result = store_exec(
		    store, err, "INSERT INTO tunnel_field (tunnel, key, value) VALUES (?1, ?2, ?3)",
		    "itt", tunnel->row, field->key, field->secret ? NULL : field->value);
	free(name);
	return result;
}

/* Secrets of fields that the profile has no more. */
static int forget_secrets(struct store *store, const struct tunnel *tunnel, struct err *err)
{
	if (!tunnel_has(tunnel, "password") &&
	    store_secret_remove(store, SECRET_TUNNEL_PASSWORD, tunnel->name, err))
		return -1;
	return store_exec(
	    store, err,
	    "DELETE FROM secret WHERE kind = '" SECRET_FIELD "' AND "
	    "substr(name, 1, length(?1) + 1) = ?1 || '/' AND substr(name, length(?1) + "
	    "2) NOT IN (SELECT key FROM tunnel_field WHERE tunnel = ?2)",
	    "ti", tunnel->name, tunnel->row);
}

static int write_row(struct store *store, struct tunnel *tunnel, struct err *err)
{
	if (tunnel->row)
		return store_exec(
		    store, err,
		    "UPDATE tunnel SET type = ?2, server = ?3, user = ?4 WHERE row = ?1", "ittt",
		    tunnel->row, tunnel->type, tunnel->server, tunnel->user);
	if (store_exec(store, err,
		       "INSERT INTO tunnel (name, type, server, user) VALUES (?1, ?2, ?3, ?4)",
		       "tttt", tunnel->name, tunnel->type, tunnel->server, tunnel->user))
		return -1;
	tunnel->row = sqlite3_last_insert_rowid(store->db);
	return 0;
}

int store_tunnel_put(struct store *store, struct secret_box *box, struct tunnel *tunnel,
		     struct err *err)
{
	if (store_begin(store, err))
		return -1;
	if (write_row(store, tunnel, err) ||
	    store_exec(store, err, "DELETE FROM tunnel_field WHERE tunnel = ?1", "i", tunnel->row))
		goto fail;
	for (size_t i = 0; i < tunnel->field_count; i++)
		if (write_field(store, box, tunnel, &tunnel->fields[i], err))
			goto fail;
	if (forget_secrets(store, tunnel, err))
		goto fail;
	return store_commit(store, err);
fail:
	store_rollback(store);
	return -1;
}

int store_tunnel_remove(struct store *store, const struct tunnel *tunnel, struct err *err)
{
	struct tunnel bare = {.row = tunnel->row, .name = tunnel->name};

	if (tunnel->servers)
		return err_set(err, STATUS_POLICY,
			       "%ld server%s stand%s behind it: without it they would be contacted "
			       "directly (see: mroom inventory ls --columns id,tunnel)",
			       tunnel->servers, tunnel->servers == 1 ? "" : "s",
			       tunnel->servers == 1 ? "s" : "");
	if (store_begin(store, err))
		return -1;
	if (store_exec(store, err, "DELETE FROM tunnel_field WHERE tunnel = ?1", "i",
		       tunnel->row) ||
	    forget_secrets(store, &bare, err) ||
	    store_exec(store, err, "DELETE FROM tunnel WHERE row = ?1", "i", tunnel->row)) {
		store_rollback(store);
		return -1;
	}
	return store_commit(store, err);
}

int store_tunnel_unseal(struct store *store, struct secret_box *box, struct tunnel *tunnel,
			struct err *err)
{
	for (size_t i = 0; i < tunnel->field_count; i++) {
		struct tunnel_field *field = &tunnel->fields[i];
		struct buf text = BUF_INIT;
		char *name;
		int found;

		if (!field->secret || field->value)
			continue;
		name = secret_name(tunnel->name, field->key);
		buf_reserve(&text, SECRET_MAX); /* at once: growing would leave copies behind */
		found = secret_get(box, store, secret_kind(field->key), name, &text, err);
		if (found == 1)
			field->value = mem_text_n(text.at, text.len);
		buf_wipe(&text);
		free(name);
		if (found < 0)
			return -1;
	}
	return 0;
}
