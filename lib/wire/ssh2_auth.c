/*
 * Proving who we are: keys in the order given, then, when the server accepts it and there is one, a
 * password. A key that the server knows costs two round trips; the list of accepted methods is asked for
 * only when no key did.
 */
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/agent.h"
#include "lib/wire/blob.h"
#include "lib/wire/ssh2.h"

/* A signature arrived. It may do so from inside libssh2 (a key file) or from the loop (an agent). */
static void auth_signed(void *ctx, const void *signature, size_t size, const char *problem)
{
	struct ssh2 *ssh2 = ctx;
	struct ssh2_auth *auth = &ssh2->auth;

	auth->signing = false;
	auth->signed_ = true;
	buf_clear(&auth->signature);
	auth->sign_problem[0] = '\0';
	if (signature)
		buf_add(&auth->signature, signature, size);
	else
		snprintf(auth->sign_problem, sizeof(auth->sign_problem), "%s", problem);
	ssh2_pump(ssh2);
}

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
	return blob_string(&blob);
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
		identity_sign(ssh2->login->identities[auth->identity], (const char *)name.at,
			      name.left, data, data_len, auth_signed, ssh2);
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
		if (code == 0)
			return STEP_ON;
		if (code == LIBSSH2_ERROR_EAGAIN)
			return STEP_WAIT;
		if (ssh2_connection_lost(ssh2, code))
			return STEP_FAILED;
		auth->identity++;
	}
	auth->step = AUTH_METHODS;
	return STEP_ON;
}

static enum step auth_methods(struct ssh2 *ssh2)
{
	const char *user = ssh2->login->user;
	const char *methods = libssh2_userauth_list(ssh2->session, user, (unsigned)strlen(user));
	int code;

	if (methods) {
		snprintf(ssh2->auth.methods, sizeof(ssh2->auth.methods), "%s", methods);
		ssh2->auth.step = AUTH_PASSWORD;
		return STEP_ON;
	}
	if (libssh2_userauth_authenticated(ssh2->session))
		return STEP_ON; /* the server asks for nothing at all */
	code = libssh2_session_last_errno(ssh2->session);
	if (code == LIBSSH2_ERROR_EAGAIN)
		return STEP_WAIT;
	return STEP_FAILED;
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
		    ssh2->login->password(ssh2->login->password_ctx, &auth->password) == 1;
	auth->password_asked = true;
	return auth->have_password;
}

static enum step auth_password(struct ssh2 *ssh2)
{
	struct ssh2_auth *auth = &ssh2->auth;
	const char *user = ssh2->login->user;
	int code;

	auth->step = AUTH_INTERACTIVE;
	if (!accepts(ssh2, "password") || !fetch_password(ssh2))
		return STEP_ON;
	auth->step = AUTH_PASSWORD;
	code = libssh2_userauth_password_ex(ssh2->session, user, (unsigned)strlen(user),
					    auth->password.at, (unsigned)auth->password.len, NULL);
	if (code == LIBSSH2_ERROR_EAGAIN)
		return STEP_WAIT;
	auth->password_tried = true;
	if (code == 0)
		return STEP_ON;
	if (ssh2_connection_lost(ssh2, code))
		return STEP_FAILED;
	auth->step = AUTH_INTERACTIVE;
	return STEP_ON;
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
	int code;

	auth->step = AUTH_DENIED;
	if (auth->password_tried || !accepts(ssh2, "keyboard-interactive") || !fetch_password(ssh2))
		return STEP_ON;
	auth->step = AUTH_INTERACTIVE;
	code = libssh2_userauth_keyboard_interactive_ex(ssh2->session, user, (unsigned)strlen(user),
							interactive_answer);
	if (code == LIBSSH2_ERROR_EAGAIN)
		return STEP_WAIT;
	if (code == 0)
		return STEP_ON;
	if (ssh2_connection_lost(ssh2, code))
		return STEP_FAILED;
	auth->password_tried = true;
	auth->step = AUTH_DENIED;
	return STEP_ON;
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

static enum step auth_once(struct ssh2 *ssh2)
{
	switch (ssh2->auth.step) {
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

	if (auth->signing && auth->identity < ssh2->login->identity_count &&
	    ssh2->login->identities[auth->identity]->agent)
		agent_forget(ssh2->login->identities[auth->identity]->agent, ssh2);
	auth->signing = false;
	buf_wipe(&auth->signature);
	buf_wipe(&auth->password);
}
