#include "lib/wire/keyring.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/wire/agent.h"

#define AGENT_PATIENCE_MS 2000
#define SECRET_FILE_MAX 4096

/* A key file as it turned out: an identity, or why not. */
struct keyfile {
	struct identity *identity;
	char *trouble;
};

struct keyring {
	struct console *console;
	struct map *files; /* path -> struct keyfile */
	struct list named, usual; /* paths: -i; [ssh] identity */
	struct list defaults;
	struct buf passphrase, password;
	bool have_passphrase, have_password, may_prompt;
	struct identity **agents;
	size_t agent_count;
	struct agent *agent;
	uv_timer_t patience;
	bool started, answered;
	void (*ready)(void *ctx);
	void *ctx;
};

static const char *const default_keys[] = {"~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"};

/* Opens a locked key: the passphrase file, then the sealed store, then (before the run) the terminal. */
static struct identity *unlock(struct keyring *keyring, const char *path, struct err *err)
{
	struct console *console = keyring->console;
	struct identity *identity = NULL;
	struct buf text = BUF_INIT;
	bool locked = true;

	if (keyring->have_passphrase)
		identity = identity_read(path, keyring->passphrase.at, &locked, err);
	if (!identity && locked &&
	    secret_get(console->box, console->store, "key-passphrase", path, &text, NULL) == 1)
		identity = identity_read(path, text.at, &locked, err);
	buf_wipe(&text);
	if (!identity && locked && keyring->may_prompt && !keyring->have_passphrase) {
		char *prompt = mem_format("Passphrase for %s: ", path);

		if (secret_prompt(prompt, &text, NULL) == 0)
			identity = identity_read(path, text.at, &locked, err);
		free(prompt);
	}
	buf_wipe(&text);
	return identity;
}

static struct keyfile *keyfile_get(struct keyring *keyring, const char *path, bool may_unlock)
{
	struct keyfile *file = map_get(keyring->files, path);
	struct err err = ERR_INIT;
	bool locked = false;

	if (file)
		return file;
	file = mem_zero(1, sizeof(*file));
	map_set(keyring->files, path, file);
	file->identity = identity_read(path, NULL, &locked, &err);
	if (!file->identity && locked && may_unlock)
		file->identity = unlock(keyring, path, &err);
	if (!file->identity)
		file->trouble = mem_text(err.text);
	return file;
}

static int read_secret_file(const char *path, struct buf *text, bool *have, struct err *err)
{
	if (!path)
		return 0;
	*have = true;
	return io_read_secret(path, SECRET_FILE_MAX, text, err);
}

static void add_path(struct list *list, const char *path)
{
	list_take(list, io_expand_home(path));
}

static int read_named(struct keyring *keyring, const struct keyring_args *args, struct err *err)
{
	struct list usual = LIST_INIT;
	int rc = -1;

	config_list(keyring->console->config, "ssh", "identity", &usual);
	for (size_t i = 0; i < usual.count; i++)
		add_path(&keyring->usual, usual.at[i]);
	for (size_t i = 0; i < args->keys->count; i++)
		add_path(&keyring->named, args->keys->at[i]);
	for (size_t i = 0; i < keyring->named.count; i++) {
		const struct keyfile *file = keyfile_get(keyring, keyring->named.at[i], true);

		if (!file->identity) {
			err_set(err, STATUS_USAGE, "%s", file->trouble);
			goto out;
		}
	}
	for (size_t i = 0; i < keyring->usual.count; i++)
		keyfile_get(keyring, keyring->usual.at[i], true);
	for (size_t i = 0; i < sizeof(default_keys) / sizeof(default_keys[0]); i++) {
		char *path = io_expand_home(default_keys[i]);

		if (access(path, R_OK) == 0)
			list_add(&keyring->defaults, path);
		free(path);
	}
	rc = 0;
out:
	list_finish(&usual);
	return rc;
}

struct keyring *keyring_create(struct console *console, const struct keyring_args *args,
			       struct err *err)
{
	struct keyring *keyring = mem_zero(1, sizeof(*keyring));

	keyring->console = console;
	keyring->files = map_create();
	keyring->may_prompt = true;
	buf_init(&keyring->passphrase);
	buf_init(&keyring->password);
	if (read_secret_file(args->passphrase_file, &keyring->passphrase,
			     &keyring->have_passphrase, err) ||
	    read_secret_file(args->password_file, &keyring->password, &keyring->have_password,
			     err) ||
	    read_named(keyring, args, err))
		goto bad;
	if (args->ask_password && !keyring->have_password) {
		if (secret_prompt("Password for the servers: ", &keyring->password, err))
			goto bad;
		keyring->have_password = true;
	}
	return keyring;
bad:
	keyring_destroy(keyring);
	return NULL;
}

void keyring_destroy(struct keyring *keyring)
{
	const char *path;
	void *value;
	size_t at = 0;

	if (!keyring)
		return;
	while (map_next(keyring->files, &at, &path, &value)) {
		struct keyfile *file = value;

		identity_destroy(file->identity);
		free(file->trouble);
		free(file);
	}
	map_destroy(keyring->files);
	for (size_t i = 0; i < keyring->agent_count; i++)
		identity_destroy(keyring->agents[i]);
	free(keyring->agents);
	list_finish(&keyring->named);
	list_finish(&keyring->usual);
	list_finish(&keyring->defaults);
	buf_wipe(&keyring->passphrase);
	buf_wipe(&keyring->password);
	free(keyring);
}

static void agent_ready(struct keyring *keyring)
{
	if (keyring->answered)
		return;
	keyring->answered = true;
	uv_timer_stop(&keyring->patience);
	keyring->ready(keyring->ctx);
}

static void agent_key(void *ctx, const void *blob, size_t size, const char *comment,
		      const char *problem)
{
	struct keyring *keyring = ctx;

	(void)problem; /* no agent is no trouble: other ways to log in may do */
	if (!blob) {
		agent_ready(keyring);
		return;
	}
	keyring->agents =
	    mem_resize(keyring->agents, keyring->agent_count + 1, sizeof(*keyring->agents));
	keyring->agents[keyring->agent_count++] =
	    identity_of_agent(keyring->agent, blob, size, comment);
}

static void agent_too_slow(uv_timer_t *timer)
{
	agent_ready(timer->data);
}

void keyring_start(struct keyring *keyring, uv_loop_t *loop, void (*ready)(void *ctx), void *ctx)
{
	const char *socket = getenv("SSH_AUTH_SOCK");

	keyring->may_prompt = false; /* from here on servers are being worked on */
	keyring->ready = ready;
	keyring->ctx = ctx;
	keyring->started = true;
	uv_timer_init(loop, &keyring->patience);
	keyring->patience.data = keyring;
	if (!socket || !*socket || !config_bool(keyring->console->config, "ssh", "agent")) {
		agent_ready(keyring);
		return;
	}
	uv_timer_start(&keyring->patience, agent_too_slow, AGENT_PATIENCE_MS, 0);
	keyring->agent = agent_create(loop, socket);
	agent_list(keyring->agent, agent_key, keyring);
}

void keyring_stop(struct keyring *keyring)
{
	if (!keyring->started)
		return;
	keyring->started = false;
	keyring->answered = true;
	agent_destroy(keyring->agent);
	keyring->agent = NULL;
	uv_close((uv_handle_t *)&keyring->patience, NULL);
}

struct choice {
	struct identity **at;
	size_t count;
};

static void choose(struct choice *choice, struct identity *identity)
{
	if (!identity)
		return;
	for (size_t i = 0; i < choice->count; i++) {
		const struct buf *a = &choice->at[i]->blob, *b = &identity->blob;

		if (a->len == b->len && !memcmp(a->at, b->at, a->len))
			return;
	}
	choice->at = mem_resize(choice->at, choice->count + 1, sizeof(*choice->at));
	choice->at[choice->count++] = identity;
}

static void choose_files(struct keyring *keyring, struct choice *choice, const struct list *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		choose(choice, keyfile_get(keyring, paths->at[i], false)->identity);
}

struct identity **keyring_identities(struct keyring *keyring, const struct server *server,
				     size_t *count, struct buf *trouble)
{
	struct choice choice = {NULL, 0};

	choose_files(keyring, &choice, &keyring->named);
	if (server->key) {
		char *path = io_expand_home(server->key);
		const struct keyfile *file = keyfile_get(keyring, path, true);

		choose(&choice, file->identity);
		if (file->trouble)
			buf_text(trouble, file->trouble);
		free(path);
	}
	choose_files(keyring, &choice, &keyring->usual);
	for (size_t i = 0; i < keyring->agent_count; i++)
		choose(&choice, keyring->agents[i]);
	choose_files(keyring, &choice, &keyring->defaults);
	*count = choice.count;
	return choice.at;
}

int keyring_password(struct keyring *keyring, const struct server *server, struct buf *password,
		     struct err *err)
{
	struct console *console = keyring->console;

	if (keyring->have_password) {
		buf_add(password, keyring->password.at, keyring->password.len);
		return 1;
	}
	return secret_get(console->box, console->store, "server-password", server->id, password,
			  err);
}
