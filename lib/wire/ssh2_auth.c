/*
 * Proving who we are: what let us in last time, then keys in the order given, then, when the server accepts
 * it and there is one, a password. A key that the server knows costs two round trips, a remembered password
 * one; the list of accepted methods is asked for only when nothing of that did.
 */
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/blob.h"
#include "lib/wire/ssh2.h"

/* A signature arrived. It may do so from inside libssh2 (a key file) or from the loop (an RSA key, an agent). */
static void auth_signed(void *ctx, const void *signature, size_t size, const char *problem)
{
	struct ssh2 *ssh2 = ctx;
	struct ssh2_auth *auth = &ssh2->auth;

	auth->signing = false;
	auth->request = NULL;
	auth->signed_ = true;
	buf_clear(&auth->signature);
	auth->sign_problem[0] = '\0';
	if (signature)
		buf_add(&auth->signature, signature, size);
	else
		snprintf(auth->sign_problem, sizeof(auth->sign_problem), "%s", problem);
	ssh2_pump(ssh2);
}

static const char cert_suffix[] = "-cert-v01@openssh.com";
#define CERT_SUFFIX (sizeof(cert_suffix) - 1)

/* The algorithm that libssh2 settled on, out of the data to be signed (RFC 4252, section 7). */
static struct blob algorithm_in(const unsigned char *data, size_t size)
{
	struct blob blob = blob_of(data, size);

	blob_string(&blob); /* session id */
	blob_byte(&blob);
	blob_string(&blob); /* user, service, "publickey" */
	blob_string(&blob);
	blob_string(&blob);
	blob_byte(&blob);
	struct blob name = blob_string(&blob);
	/* A certificate signs as its key does. */
	if (!name.bad && name.left > CERT_SUFFIX &&
	    !memcmp(name.at + name.left - CERT_SUFFIX, cert_suffix, CERT_SUFFIX))
		name.left -= CERT_SUFFIX;
	return name;
}

/* libssh2 wants a signature; until there is one it is told to come again. */
static int auth_sign(LIBSSH2_SESSION *session, unsigned char **sig, size_t *sig_len,
		     const unsigned char *data, size_t data_len, void **abstract)
{
	struct ssh2 *ssh2 = (struct ssh2 *)abstract;
	struct ssh2_auth *auth = &ssh2->auth;

	(void)session;
	if (!auth->signing && !auth->signed_) {
		struct blob name = algorithm_in(data, data_len);

		if (name.bad)
			return LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED;
		auth->signing = true;
		auth->request = identity_sign(ssh2->login->identities[auth->identity],
					      ssh2->wire->loop, (const char *)name.at, name.left,
					      data, data_len, auth_signed, ssh2);
	}
	if (!auth->signed_)
		return LIBSSH2_ERROR_EAGAIN;
	auth->signed_ = false;
	if (auth->sign_problem[0])
		return LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED;
	*sig = mem_copy(auth->signature.at, auth->signature.len);
	*sig_len = auth->signature.len;
	return 0;
}

static void auth_proved(struct ssh2 *ssh2, const char *how)
{
	const struct login *login = ssh2->login;

	if (login->proved)
		login->proved(login->ctx, how);
}

static void auth_proved_key(struct ssh2 *ssh2)
{
	char how[80];

	snprintf(how, sizeof(how), "publickey %s",
		 ssh2->login->identities[ssh2->auth.identity]->fingerprint);
	auth_proved(ssh2, how);
}

static enum step auth_keys(struct ssh2 *ssh2)
{
	struct ssh2_auth *auth = &ssh2->auth;
	const struct login *login = ssh2->login;
	int code;

	while (auth->identity < login->identity_count) {
		const struct buf *blob = &login->identities[auth->identity]->blob;

		code = libssh2_userauth_publickey(ssh2->session, login->user,
						  (const unsigned char *)blob->at, blob->len,
						  auth_sign, (void **)ssh2);
		if (code == 0) {
			auth_proved_key(ssh2);
			return STEP_ON;
		}
		if (code == LIBSSH2_ERROR_EAGAIN)
			return STEP_WAIT;
		if (ssh2_connection_lost(ssh2, code))
			return STEP_FAILED;
		auth->identity++;
	}
	auth->step = AUTH_METHODS;
	return STEP_ON;
}

static bool accepts(const struct ssh2 *ssh2, const char *method)
{
	const char *at = ssh2->auth.methods;
	size_t size = strlen(method);

	while (at) {
		if (!strncmp(at, method, size) && (at[size] == ',' || at[size] == '\0'))
			return true;
		at = strchr(at, ',');
		at = at ? at + 1 : NULL;
	}
	return false;
}

static bool fetch_password(struct ssh2 *ssh2)
{
	struct ssh2_auth *auth = &ssh2->auth;

	if (!auth->password_asked && ssh2->login->password)
		auth->have_password =
		    ssh2->login->password(ssh2->login->ctx, &auth->password) == 1;
	auth->password_asked = true;
	return auth->have_password;
}

static enum step auth_methods(struct ssh2 *ssh2)
{
	const char *user = ssh2->login->user;
	const char *methods = libssh2_userauth_list(ssh2->session, user, (unsigned)strlen(user));
	int code;

	if (methods) {
		snprintf(ssh2->auth.methods, sizeof(ssh2->auth.methods), "%s", methods);
		ssh2->auth.step = AUTH_INTERACTIVE;
		/* A key was taken and more is wanted: what failed before may be right now. */
		if (ssh2->auth.recalled && !accepts(ssh2, "publickey"))
			ssh2->auth.password_tried = false;
		return STEP_ON;
	}
	if (libssh2_userauth_authenticated(ssh2->session))
		return STEP_ON; /* the server asks for nothing at all */
	code = libssh2_session_last_errno(ssh2->session);
	if (code == LIBSSH2_ERROR_EAGAIN)
		return STEP_WAIT;
	return STEP_FAILED;
}

/* The server judged a password. */
static enum step auth_answered(struct ssh2 *ssh2, int code, bool recalling, const char *method)
{
	struct ssh2_auth *auth = &ssh2->auth;
	bool interactive = auth->step == AUTH_INTERACTIVE || auth->step == AUTH_RECALL_INTERACTIVE;

	if (code == 0) {
		/* After a stale memory, or with more than one proof, no single method is worth remembering. */
		auth_proved(ssh2, auth->recalled && !recalling ? NULL : method);
		return STEP_ON;
	}
	if (ssh2_connection_lost(ssh2, code))
		return STEP_FAILED;
	auth->password_tried = !interactive || auth->interactive_answered;
	auth->interactive_answered = false;
	auth->step = recalling ? AUTH_KEYS : interactive ? AUTH_PASSWORD : AUTH_DENIED;
	return STEP_ON;
}

static enum step auth_password(struct ssh2 *ssh2)
{
	struct ssh2_auth *auth = &ssh2->auth;
	const char *user = ssh2->login->user;
	bool recalling = auth->step == AUTH_RECALL_PASSWORD;
	int code;

	if (!fetch_password(ssh2) ||
	    (!recalling && (auth->password_tried || !accepts(ssh2, "password")))) {
		auth->step = recalling ? AUTH_KEYS : AUTH_DENIED;
		return STEP_ON;
	}
	code = libssh2_userauth_password_ex(ssh2->session, user, (unsigned)strlen(user),
					    auth->password.at, (unsigned)auth->password.len, NULL);
	if (code == LIBSSH2_ERROR_EAGAIN)
		return STEP_WAIT;
	return auth_answered(ssh2, code, recalling, "password");
}

/* The first question that hides its answer is the password's; any other is answered with nothing. */
static void interactive_answer(const char *name, int name_len, const char *instruction,
			       int instruction_len, int count,
			       const LIBSSH2_USERAUTH_KBDINT_PROMPT *prompts,
			       LIBSSH2_USERAUTH_KBDINT_RESPONSE *responses, void **abstract)
{
	struct ssh2 *ssh2 = *abstract;
	struct ssh2_auth *auth = &ssh2->auth;

	(void)name;
	(void)name_len;
	(void)instruction;
	(void)instruction_len;
	for (int i = 0; i < count; i++) {
		bool answer = !prompts[i].echo && !auth->interactive_answered;

		responses[i].text =
		    mem_text_n(answer ? auth->password.at : "", answer ? auth->password.len : 0);
		responses[i].length = answer ? (unsigned)auth->password.len : 0;
		auth->interactive_answered |= answer;
	}
}

static enum step auth_interactive(struct ssh2 *ssh2)
{
	struct ssh2_auth *auth = &ssh2->auth;
	const char *user = ssh2->login->user;
	bool recalling = auth->step == AUTH_RECALL_INTERACTIVE;
	int code;

	if (!fetch_password(ssh2) ||
	    (!recalling && (auth->password_tried || !accepts(ssh2, "keyboard-interactive")))) {
		auth->step = recalling ? AUTH_KEYS : AUTH_PASSWORD;
		return STEP_ON;
	}
	code = libssh2_userauth_keyboard_interactive_ex(ssh2->session, user, (unsigned)strlen(user),
							interactive_answer);
	if (code == LIBSSH2_ERROR_EAGAIN)
		return STEP_WAIT;
	return auth_answered(ssh2, code, recalling, "keyboard-interactive");
}

static enum step auth_denied(struct ssh2 *ssh2)
{
	const struct login *login = ssh2->login;
	const struct ssh2_auth *auth = &ssh2->auth;
	bool takes_password = accepts(ssh2, "password") || accepts(ssh2, "keyboard-interactive");
	const char *keys = login->identity_count ? "no key offered matched" : "there is no key to offer";

	if (auth->password_tried)
		ssh2_fail(ssh2, OUTCOME_DENIED, "password",
			  "the password for %s is wrong, or %s may not log in%s", login->user,
			  login->user, login->identity_count ? "; no key offered matched" : "");
	else if (takes_password)
		ssh2_fail(ssh2, OUTCOME_DENIED, "auth",
			  "server accepts %s for %s; %s and no password is known "
			  "(try: -i KEY, or --ask-pass)",
			  auth->methods, login->user, keys);
	else
		ssh2_fail(ssh2, OUTCOME_DENIED, "auth",
			  "server accepts %s only for %s; %s (try: -i KEY)",
			  auth->methods, login->user, keys);
	return STEP_FAILED;
}

/* A password that let us in last time goes first, unless a key was asked for. */
static enum step auth_recall(struct ssh2 *ssh2)
{
	struct ssh2_auth *auth = &ssh2->auth;
	const char *how = ssh2->login->remembered;

	auth->step = AUTH_KEYS;
	if (!how || ssh2->login->key_named)
		return STEP_ON;
	if (!strcmp(how, "password"))
		auth->step = AUTH_RECALL_PASSWORD;
	else if (!strcmp(how, "keyboard-interactive"))
		auth->step = AUTH_RECALL_INTERACTIVE;
	auth->recalled = auth->step != AUTH_KEYS;
	return STEP_ON;
}

static enum step auth_once(struct ssh2 *ssh2)
{
	switch (ssh2->auth.step) {
	case AUTH_RECALL:
		return auth_recall(ssh2);
	case AUTH_RECALL_PASSWORD:
		return auth_password(ssh2);
	case AUTH_RECALL_INTERACTIVE:
		return auth_interactive(ssh2);
	case AUTH_KEYS:
		return auth_keys(ssh2);
	case AUTH_METHODS:
		return auth_methods(ssh2);
	case AUTH_PASSWORD:
		return auth_password(ssh2);
	case AUTH_INTERACTIVE:
		return auth_interactive(ssh2);
	default:
		return auth_denied(ssh2);
	}
}

enum step ssh2_authenticate(struct ssh2 *ssh2)
{
	enum step step;

	do {
		step = auth_once(ssh2);
	} while (step == STEP_ON && !libssh2_userauth_authenticated(ssh2->session));
	if (step == STEP_FAILED && ssh2->state == SSH2_AUTH)
		ssh2_fail(ssh2, OUTCOME_DENIED, "hangup", "server hung up during authentication%s%s",
			  ssh2->disconnect[0] ? ": " : "", ssh2->disconnect);
	return step;
}

void ssh2_auth_finish(struct ssh2 *ssh2)
{
	struct ssh2_auth *auth = &ssh2->auth;

	if (auth->signing && auth->identity < ssh2->login->identity_count)
		identity_forget(ssh2->login->identities[auth->identity], auth->request, ssh2);
	auth->signing = false;
	auth->request = NULL;
	buf_wipe(&auth->signature);
	buf_wipe(&auth->password);
}
