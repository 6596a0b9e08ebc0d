/*
 * Is it the server we know? Judges the host key that the key exchange proved, and chooses which types
 * to ask for.
 */
#include <string.h>

#include "lib/base/list.h"
#include "lib/wire/knownhosts.h"
#include "lib/wire/ssh2.h"

/* Which host key types to ask for first: those the name is known by. */
void ssh2_prefer_known_types(struct ssh2 *ssh2, bool hashed)
{
	const struct login *login = ssh2->login;
	struct buf types = BUF_INIT;
	struct list list = LIST_INIT;
	size_t at = 0;

	knownhosts_types(login->known, login->host, login->port, hashed, &types);
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

static void hostkey_changed(struct ssh2 *ssh2, const char *fingerprint,
			    const struct hostkey_where *where)
{
	ssh2_fail(ssh2, OUTCOME_HOSTKEY, "changed",
		  "HOST KEY CHANGED: server presents %s, but %s:%ld knows %s "
		  "(if the change is meant, remove that line)",
		  fingerprint, where->file, where->line, where->fingerprint);
}

static enum step hostkey_unknown(struct ssh2 *ssh2, const char *key, size_t size,
				 const char *fingerprint)
{
	const struct login *login = ssh2->login;
	struct err err = ERR_INIT;

	if (!login->accept_new) {
		ssh2_fail(ssh2, OUTCOME_HOSTKEY, "unknown",
			  "host key %s is not known (try: --host-key accept-new)", fingerprint);
		return STEP_FAILED;
	}
	if (knownhosts_add(login->known, login->host, login->port, key, size, &err)) {
		ssh2_fail(ssh2, OUTCOME_HOSTKEY, "console", "the new host key cannot be kept: %s",
			  err.text);
		return STEP_FAILED;
	}
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
	switch (knownhosts_check(login->known, login->host, login->port, key, size, &where)) {
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
		hostkey_changed(ssh2, fingerprint, &where);
		return STEP_FAILED;
	default:
		hostkey_changed(ssh2, fingerprint, &where);
		return STEP_FAILED;
	}
}
