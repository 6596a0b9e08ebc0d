#include "lib/wire/keyring_inside.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"

#define AGENT_PATIENCE_MS 2000
#define SECRET_FILE_MAX 4096

static const char *const default_keys[] = {"~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"};

static void add_path(struct list *list, const char *path)
{
	list_take(list, io_expand_home(path));
}

/* The agent's socket, where there is one and it may be asked. */
static const char *agent_socket(const struct keyring *keyring)
{
	const char *socket = getenv("SSH_AUTH_SOCK");

	return socket && *socket && config_bool(keyring->console->config, "ssh", "agent") ? socket
											  : NULL;
}

/* A key that was asked for must be there: in the file, or, when only its public half is, maybe in the agent. */
static int read_wanted(struct keyring *keyring, const char *path, struct err *err)
{
	const struct keyfile *file = keyfiles_get(keyring->files, path, true);

	if (file->identity || (file->half.len > 0 && agent_socket(keyring)))
		return 0;
	return err_set(err, STATUS_USAGE, "%s", file->trouble);
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
		if (read_wanted(keyring, keyring->named.at[i], err))
			goto out;
	}
	for (size_t i = 0; i < keyring->usual.count; i++)
		keyfiles_get(keyring->files, keyring->usual.at[i], true);
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

/* A private key beside NAME.pub, else the file itself; with NAME-cert.pub the certificate of NAME. */
static int read_only(struct keyring *keyring, const char *path, struct err *err)
{
	static const char suffix[] = "-cert.pub";
	size_t size = strlen(path);

	keyring->only = io_expand_home(path);
	if (size > sizeof(suffix) && !strcmp(path + size - sizeof(suffix) + 1, suffix)) {
		keyring->only[strlen(keyring->only) - sizeof(suffix) + 1] = '\0';
		keyring->only_cert = true;
		if (read_wanted(keyring, keyring->only, err))
			return -1;
		return keyfiles_get(keyring->files, keyring->only, true)->certified
			   ? 0
			   : err_set(err, STATUS_USAGE, "%s: no certificate that is valid now", path);
	}
	if (size > 4 && !strcmp(path + size - 4, ".pub")) {
		char *private = mem_text_n(keyring->only, strlen(keyring->only) - 4);

		if (access(private, F_OK) == 0) {
			free(keyring->only);
			keyring->only = private;
		} else {
			free(private);
		}
	}
	/* One that is of no use is told server by server: what was done to them before may have to go on. */
	keyfiles_get(keyring->files, keyring->only, true);
	return 0;
}

static int read_passwords(struct keyring *keyring, const struct keyring_args *args, struct err *err)
{
	keyring->have_password = args->password_file != NULL;
	if (args->password_file &&
	    io_read_secret(args->password_file, SECRET_FILE_MAX, &keyring->password, err))
		return -1;
	if (!args->ask_password || args->only || keyring->have_password)
		return 0;
	keyring->have_password = true;
	return secret_prompt("Password for the servers: ", &keyring->password, err);
}

struct keyring *keyring_create(struct console *console, const struct keyring_args *args,
			       struct err *err)
{
	struct keyring *keyring = mem_zero(1, sizeof(*keyring));

	keyring->console = console;
	keyring->without = args->without && args->without->count > 0 ? args->without : NULL;
	keyring->files = keyfiles_create(console);
	buf_init(&keyring->password);
	keyring->fetch =
	    secret_fetch_create(config_text(console->config, "secret", "secret_command"));
	if (args->passphrase_file && keyfiles_passphrase(keyring->files, args->passphrase_file, err))
		goto bad;
	if ((args->only && read_only(keyring, args->only, err)) || read_named(keyring, args, err) ||
	    read_passwords(keyring, args, err))
		goto bad;
	return keyring;
bad:
	keyring_destroy(keyring);
	return NULL;
}

void keyring_destroy(struct keyring *keyring)
{
	if (!keyring)
		return;
	keyfiles_destroy(keyring->files);
	for (size_t i = 0; i < keyring->agent_count; i++)
		identity_destroy(keyring->agents[i]);
	free(keyring->agents);
	list_finish(&keyring->named);
	list_finish(&keyring->usual);
	list_finish(&keyring->defaults);
	free(keyring->only);
	buf_wipe(&keyring->password);
	secret_fetch_destroy(keyring->fetch);
	free(keyring);
}

static void tell_ready(struct keyring *keyring)
{
	if (keyring->answered || !keyring->agent_known || !keyring->files_open)
		return;
	keyring->answered = true;
	keyring->ready(keyring->ctx);
}

static void agent_ready(struct keyring *keyring)
{
	uv_timer_stop(&keyring->patience);
	keyring->agent_known = true;
	tell_ready(keyring);
}

static void files_ready(void *ctx)
{
	struct keyring *keyring = ctx;

	keyring->files_open = true;
	tell_ready(keyring);
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
	const char *socket = agent_socket(keyring);

	keyfiles_quiet(keyring->files); /* from here on servers are being worked on */
	keyring->ready = ready;
	keyring->ctx = ctx;
	keyring->started = true;
	uv_timer_init(loop, &keyring->patience);
	keyring->patience.data = keyring;
	if (socket) {
		uv_timer_start(&keyring->patience, agent_too_slow, AGENT_PATIENCE_MS, 0);
		keyring->agent = agent_create(loop, socket);
		agent_list(keyring->agent, agent_key, keyring);
	}
	keyring->agent_known |= !socket;
	keyfiles_open(keyring->files, loop, files_ready, keyring);
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

bool keyring_is_restricted(const struct keyring *keyring)
{
	return keyring->only || keyring->without;
}

int keyring_password(struct keyring *keyring, const struct server *server, bool on_the_way,
		     struct buf *password, struct err *err)
{
	struct console *console = keyring->console;
	int found;

	if (keyring_is_restricted(keyring) && !on_the_way)
		return 0;
	if (!password)
		return keyring->have_password || secret_fetch_can(keyring->fetch) ||
		       secret_known(console->store, SECRET_SERVER_PASSWORD, server->id, err) == 1;
	if (keyring->have_password) {
		buf_add(password, keyring->password.at, keyring->password.len);
		return 1;
	}
	found = secret_fetch_get(keyring->fetch, server->id, password, err);
	return found ? found : secret_get(console->box, console->store, SECRET_SERVER_PASSWORD,
					  server->id, password, err);
}

int64_t keyring_spent_ms(const struct keyring *keyring)
{
	return secret_fetch_spent_ms(keyring->fetch);
}

void keyring_expect(struct keyring *keyring, const struct server *server)
{
	char *path;

	secret_fetch_expect(keyring->fetch, server->id);
	/* Once the run has begun a key is opened when it is wanted. */
	if (!server->key || keyring->started)
		return;
	path = io_expand_home(server->key);
	keyfiles_expect(keyring->files, path);
	free(path);
}
