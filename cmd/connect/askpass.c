/*
 * ssh asks SSH_ASKPASS, which is this program again, when it wants a password: so the password is
 * in no argument and in no environment. What is not about the server's own login is asked on the
 * terminal, as ssh would have.
 */
#include "cmd/connect/connect.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/wire/askpass.h"

/* "Enter passphrase for key 'PATH': ": the path, or NULL. */
static char *key_of(const char *question)
{
	const char *start = strstr(question, "passphrase for key '");
	const char *end = start ? strrchr(start, '\'') : NULL;

	start = start ? start + 20 : NULL;
	return start && end && end > start ? mem_text_n(start, (size_t)(end - start)) : NULL;
}

/* From the sealed store: 1 and text, 0, -1. */
static int look_up(const char *id, const char *question, struct buf *text, struct err *err)
{
	struct console console = CONSOLE_INIT;
	const char *kind = NULL, *name = id;
	char *key = key_of(question);
	int found = 0;

	if (key) {
		kind = SECRET_KEY_PASSPHRASE;
		name = key;
	} else if (askpass_wants(question, getenv(CONNECT_LOGIN))) {
		kind = SECRET_SERVER_PASSWORD;
	} else if (askpass_wants(question, getenv(CONNECT_TUNNEL_LOGIN))) {
		kind = SECRET_TUNNEL_PASSWORD;
		name = getenv(CONNECT_TUNNEL);
	}
	if (!kind || !name)
		goto out;
	if (console_open(&console, err))
		found = -1;
	else
		found = secret_get(console.box, console.store, kind, name, text, err);
out:
	console_close(&console);
	free(key);
	return found;
}

/* What only a person can confirm ("yes/no") and what needs no answer at all. */
static int ask_person(const char *question, struct buf *text, struct err *err)
{
	const char *kind = getenv("SSH_ASKPASS_PROMPT");

	if (kind && !strcmp(kind, "none"))
		return 0;
	return secret_prompt(question, text, err);
}

int askpass_answer(const char *id, const char *question)
{
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	int found, result;

	/* Where a tool of ours runs ssh, it answers, and nobody else. */
	if (askpass_is_relay()) {
		result = askpass_relay(question, &text, &err) == 1 ? 0 : 1;
	} else {
		found = look_up(id, question, &text, &err);
		result = found < 0 ? -1 : 0;
		if (!found)
			result = ask_person(question, &text, &err);
	}
	if (!result) {
		buf_char(&text, '\n');
		result = io_write_all(STDOUT_FILENO, text.at, text.len, &err);
	}
	buf_wipe(&text);
	return result < 0 ? err_report(&err, "mroom connect") : result;
}

void askpass_offer(struct console *console, const struct connect_opts *opts,
			  const struct server *server, const struct server *first)
{
	const struct passwd *entry = getpwuid(geteuid());
	const char *user = opts->user ? opts->user : server->user;
	char *self, *login;

	if (!user && *config_text(console->config, "ssh", "user"))
		user = config_text(console->config, "ssh", "user");
	if (!user)
		user = entry ? entry->pw_name : "root";
	self = mem_format("%s/mroom-connect", console->home.exec_path);
	login = mem_format("%s@%s", user, server->host);
	setenv("SSH_ASKPASS", self, 1);
	setenv("SSH_ASKPASS_REQUIRE", "force", 1);
	setenv("MROOM_HOME", console->home.dir, 1);
	setenv(CONNECT_FOR, server->id, 1);
	if (opts->gate)
		unsetenv(CONNECT_LOGIN);
	else
		setenv(CONNECT_LOGIN, login, 1);
	free(self);
	free(login);
	if (!first)
		return;
	login = mem_format("%s@%s", first->user ? first->user : entry ? entry->pw_name : "root",
			   first->host);
	setenv(CONNECT_TUNNEL, server->tunnel, 1);
	setenv(CONNECT_TUNNEL_LOGIN, login, 1);
	free(login);
}
