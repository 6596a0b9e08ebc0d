/*
 * Is it the server we know? Judges the host key that the key exchange proved, and chooses which types
 * to ask for.
 */
#include <string.h>

#include "lib/base/list.h"
#include "lib/wire/knownhosts.h"
#include "lib/wire/ssh2.h"

/* What known_hosts calls the server. */
static const char *known_name(const struct login *login)
{
	return login->known_as ? login->known_as : login->host;
}

static long known_port(const struct login *login)
{
	return login->known_as ? 22 : login->port;
}

/* Which host key types to ask for first: those the name is known by. */
void ssh2_prefer_known_types(struct ssh2 *ssh2, bool hashed)
{
	const struct login *login = ssh2->login;
	struct buf types = BUF_INIT;
	struct list list = LIST_INIT;
	size_t at = 0;

	knownhosts_types(login->known, known_name(login), known_port(login), hashed, &types);
	list_split(&list, types.at, ',');
	ssh2->hostkey_types[0] = '\0';
	for (size_t i = 0; i < list.count && at < sizeof(ssh2->hostkey_types); i++) {
		const char *type = strcmp(list.at[i], "ssh-rsa") ? list.at[i]
								 : "rsa-sha2-512,rsa-sha2-256";

		if (strstr(ssh2->hostkey_types, type))
			continue;
		at += (size_t)snprintf(ssh2->hostkey_types + at, sizeof(ssh2->hostkey_types) - at,
				       "%s%s", at ? "," : "", type);
	}
	list_finish(&list);
	buf_finish(&types);
}

/* Tells who wants to know of new and changed keys. */
static void hostkey_met(struct ssh2 *ssh2, const void *key, size_t size, const char *fingerprint,
			const struct hostkey_where *where, bool accepted)
{
	const struct login *login = ssh2->login;
	struct stranger stranger = {key, size, fingerprint, where != NULL, NULL, NULL, 0, accepted};

	if (where) {
		stranger.old = where->fingerprint;
		stranger.file = where->file;
		stranger.line = where->line;
	}
	if (login->met)
		login->met(login->ctx, &stranger);
}

static void hostkey_changed(struct ssh2 *ssh2, const char *fingerprint,
			    const struct hostkey_where *where)
{
	ssh2_fail(ssh2, OUTCOME_HOSTKEY, "changed",
		  "HOST KEY CHANGED: server presents %s, but %s:%ld knows %s "
		  "(if the change is meant: mroom cert hosts accept)",
		  fingerprint, where->file, where->line, where->fingerprint);
}

static enum step hostkey_unknown(struct ssh2 *ssh2, const char *key, size_t size,
				 const char *fingerprint)
{
	const struct login *login = ssh2->login;
	struct err err = ERR_INIT;

	if (!login->accept_new) {
		hostkey_met(ssh2, key, size, fingerprint, NULL, false);
		ssh2_fail(ssh2, OUTCOME_HOSTKEY, "unknown",
			  "host key %s is not known (try: mroom cert hosts review, or --host-key accept-new)", fingerprint);
		return STEP_FAILED;
	}
	if (knownhosts_add(login->known, known_name(login), known_port(login), key, size, &err)) {
		ssh2_fail(ssh2, OUTCOME_HOSTKEY, "console", "the new host key cannot be kept: %s",
			  err.text);
		return STEP_FAILED;
	}
	hostkey_met(ssh2, key, size, fingerprint, NULL, true);
	return STEP_ON;
}

enum step ssh2_check_hostkey(struct ssh2 *ssh2)
{
	const struct login *login = ssh2->login;
	struct hostkey_where where = {NULL, 0, ""};
	char fingerprint[64];
	size_t size = 0;
	int type;
	const char *key = libssh2_session_hostkey(ssh2->session, &size, &type);

	if (!key) {
		ssh2_fail(ssh2, OUTCOME_HOSTKEY, "missing", "server presented no host key");
		return STEP_FAILED;
	}
	hostkey_fingerprint(key, size, fingerprint);
	switch (knownhosts_check(login->known, known_name(login), known_port(login), key, size, &where)) {
	case HOSTKEY_KNOWN:
		return STEP_ON;
	case HOSTKEY_UNKNOWN:
		return hostkey_unknown(ssh2, key, size, fingerprint);
	case HOSTKEY_REVOKED:
		ssh2_fail(ssh2, OUTCOME_HOSTKEY, "revoked", "host key %s is marked @revoked in %s:%ld",
			  fingerprint, where.file, where.line);
		return STEP_FAILED;
	case HOSTKEY_OTHER:
		if (!ssh2->redialled) {
			ssh2_redial(ssh2);
			return STEP_WAIT;
		}
		hostkey_met(ssh2, key, size, fingerprint, &where, false);
		hostkey_changed(ssh2, fingerprint, &where);
		return STEP_FAILED;
	default:
		hostkey_met(ssh2, key, size, fingerprint, &where, false);
		hostkey_changed(ssh2, fingerprint, &where);
		return STEP_FAILED;
	}
}
