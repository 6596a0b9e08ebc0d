#include "lib/wire/account.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/io.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/wire/learned.h"

/* A chain of jump hosts longer than this goes in a circle. */
#define CHAIN_MAX 16

struct bastion {
	struct server server;
	struct account account;
};

/* A tunnel's: neither when it is of a kind that is brought up. */
struct hop {
	struct bastion *host;
	char *trouble;
};

struct bastions {
	const struct fleet_args *args;
	struct map *known; /* what -J or a server calls it, and behind which tunnel -> struct bastion */
	struct map *hops;  /* the tunnel's name -> struct hop */
};

struct bastions *bastions_create(const struct fleet_args *args)
{
	struct bastions *bastions = mem_zero(1, sizeof(*bastions));

	bastions->args = args;
	bastions->known = map_create();
	bastions->hops = map_create();
	return bastions;
}

static void bastion_free(struct bastion *bastion)
{
	account_finish(&bastion->account);
	server_finish(&bastion->server);
	free(bastion);
}

void bastions_destroy(struct bastions *bastions)
{
	const char *spec;
	void *value;
	size_t at = 0;

	if (!bastions)
		return;
	while (map_next(bastions->known, &at, &spec, &value))
		bastion_free(value);
	map_destroy(bastions->known);
	for (at = 0; map_next(bastions->hops, &at, &spec, &value);) {
		struct hop *hop = value;

		if (hop->host)
			bastion_free(hop->host);
		free(hop->trouble);
		free(hop);
	}
	map_destroy(bastions->hops);
	free(bastions);
}

static int account_password(void *ctx, struct buf *password)
{
	struct account *account = ctx;
	struct err err = ERR_INIT;
	int found = keyring_password(account->args->keyring, account->server, account->on_the_way,
				     password, &err);

	if (found < 0)
		buf_format(&account->trouble, "%s%s", account->trouble.len ? "; " : "", err.text);
	return found;
}

static bool account_has_password(void *ctx)
{
	struct account *account = ctx;

	return keyring_password(account->args->keyring, account->server, account->on_the_way, NULL,
				NULL) == 1;
}

static void account_proved(void *ctx, const char *how)
{
	struct account *account = ctx;

	learned_auth(account->args->learned, account->server, how);
}

static void account_met(void *ctx, const struct stranger *stranger)
{
	struct account *account = ctx;
	const struct login *login = &account->login;

	learned_hostkey(account->args->learned, account->server, login->host, login->port,
			stranger);
}

/* The path of a key on a FIDO token, as its public half says; NULL: it is none. Caller frees. */
static char *fido_key(const char *key)
{
	char *path = io_expand_home(key), *public = mem_format("%s.pub", path);
	struct buf text = BUF_INIT;
	bool fido = io_read_file(public, 16384, &text, NULL) == 0 && !strncmp(text.at, "sk-", 3);

	buf_finish(&text);
	free(public);
	if (fido)
		return path;
	free(path);
	return NULL;
}

/* Why libssh2 will not do, beside what ssh_config says; NULL. */
static const char *account_needs_ssh(const struct account *account)
{
	const struct login *login = &account->login;
	const char *name = login->known_as ? login->known_as : login->host;
	long port = login->known_as ? 22 : login->port;
	struct buf types = BUF_INIT;
	bool plain;

	if (login->token_key)
		return "a key on a FIDO token";
	if (!knownhosts_authority(login->known, name, port))
		return NULL;
	knownhosts_types(login->known, name, port, true, &types);
	plain = types.len > 0;
	buf_finish(&types);
	return plain ? NULL : "a certificate of an @cert-authority";
}

/* -l and -p are meant for the servers, not for what is on the way to them. */
static int account_fill(struct account *account, const struct fleet_args *args,
			const struct server *server, bool on_the_way, struct err *err)
{
	struct login *login = &account->login;
	struct sshhost *ssh = &account->ssh;
	struct keyring_choice choice;

	account->server = server;
	account->args = args;
	account->on_the_way = on_the_way;
	buf_init(&account->trouble);
	if (sshhost_open(ssh, args->hosts, args, server, on_the_way ? NULL : args->user,
			 on_the_way ? 0 : args->port, login, err))
		return -1;
	keyring_identities(
	    args->keyring,
	    &(struct keyring_wish){server, &ssh->files, ssh->settings.identities_only, on_the_way},
	    &choice,
	    &account->trouble);
	account->identities = choice.at;
	login->name = server->id;
	login->identities = account->identities;
	login->identity_count = choice.count;
	login->key_named = choice.named;
	login->remembered = server->auth;
	login->password = account_password;
	login->has_password = account_has_password;
	login->proved = args->learned ? account_proved : NULL;
	login->met = args->learned ? account_met : NULL;
	login->ctx = account;
	if (server->key && account->trouble.len > 0)
		account->token_key = fido_key(server->key);
	login->token_key = account->token_key;
	if (!login->needs_ssh)
		login->needs_ssh = account_needs_ssh(account);
	return 0;
}

/* The server that a word of -J means: one that the console knows, or an address. */
static int bastion_server(const struct fleet_args *args, const char *word, struct server *server,
			  struct err *err)
{
	int found = args->find ? args->find(args->find_ctx, word, server, err) : 0;

	if (found)
		return found < 0 ? -1 : 0;
	found = server_parse_address(word, server, err);
	if (found)
		return found < 0 ? -1 : 0;
	if (server_check_host(word, err))
		return -1;
	server->id = mem_text(word);
	server->host = mem_text(word);
	return 0;
}

/* How to get somewhere: the hosts before it, as -J has them, NULL: its own; and behind which tunnel
 * the first of all is, NULL: none. */
struct way {
	const char *before, *tunnel;
	int depth;
};

static int bastions_get(struct bastions *bastions, const char *spec, const struct way *way,
			const struct login **login, struct err *err);

/* Which way to an account: `before`, or what is kept with the server, or what ssh_config says. */
static int account_route(struct account *account, struct bastions *bastions, const struct way *way,
			 struct err *err)
{
	const char *jump = way->before			? way->before
			   : account->server->jump	? account->server->jump
			   : account->ssh.settings.jump ? account->ssh.settings.jump
							: "none";

	if (!*jump || !strcmp(jump, "none")) {
		if (!way->tunnel || bastions_hop(bastions, way->tunnel, &account->login.via, err) >= 0)
			return 0;
		return err_prefix(err, "tunnel %s", way->tunnel);
	}
	if (bastions_get(bastions, jump, way, &account->login.via, err))
		return way->depth > 0 ? -1 : err_prefix(err, "jump host %s", jump);
	return 0;
}

/* The login to the last host of the list, which is reached through those before it. */
static int bastions_get(struct bastions *bastions, const char *spec, const struct way *way,
			const struct login **login, struct err *err)
{
	char *key = mem_format("%s\n%s", spec, way->tunnel ? way->tunnel : "");
	struct bastion *bastion = map_get(bastions->known, key);
	const char *comma = strrchr(spec, ',');
	char *before = comma ? mem_text_n(spec, (size_t)(comma - spec)) : NULL;
	const struct way on = {before, way->tunnel, way->depth + 1};
	int rc = -1;

	if (bastion)
		goto found;
	if (way->depth > CHAIN_MAX) {
		err_set(err, STATUS_USAGE, "jump hosts go in a circle");
		goto out;
	}
	bastion = mem_zero(1, sizeof(*bastion));
	server_init(&bastion->server);
	if (bastion_server(bastions->args, comma ? comma + 1 : spec, &bastion->server, err) ||
	    account_fill(&bastion->account, bastions->args, &bastion->server, true, err) ||
	    account_route(&bastion->account, bastions, &on, err)) {
		bastion_free(bastion);
		goto out;
	}
	map_set(bastions->known, key, bastion);
found:
	*login = &bastion->account.login;
	rc = 0;
out:
	free(before);
	free(key);
	return rc;
}

static int tunnel_password(void *ctx, struct buf *password)
{
	struct account *account = ctx;
	const struct fleet_args *args = account->args;
	struct err err = ERR_INIT;
	int found = args->hop_password(args->find_ctx, account->tunnel, password, &err);

	if (found < 0)
		buf_format(&account->trouble, "%s%s", account->trouble.len ? "; " : "", err.text);
	return found;
}

static bool tunnel_has_password(void *ctx)
{
	struct buf password = BUF_INIT;
	struct account *account = ctx;
	bool has = account->args->hop_password(account->args->find_ctx, account->tunnel, &password,
					       NULL) == 1;

	buf_wipe(&password);
	return has;
}

/* Makes the host of a tunnel; NULL with err set, or without when the tunnel is of another kind. */
static struct bastion *hop_open(struct bastions *bastions, const char *tunnel, struct err *err)
{
	const struct fleet_args *args = bastions->args;
	struct bastion *host = mem_zero(1, sizeof(*host));
	struct account *account = &host->account;
	int found = args->hop ? args->hop(args->find_ctx, tunnel, &host->server, err) : 0;

	if (found <= 0) {
		free(host);
		return NULL;
	}
	account->tunnel = mem_text(tunnel);
	if (account_fill(account, args, &host->server, true, err) ||
	    account_route(account, bastions, &(struct way){.depth = 1}, err)) {
		bastion_free(host);
		return NULL;
	}
	account->login.name = account->tunnel;
	account->login.tunnel = true;
	account->login.password = tunnel_password;
	account->login.has_password = tunnel_has_password;
	return host;
}

int bastions_hop(struct bastions *bastions, const char *tunnel, const struct login **login,
		 struct err *err)
{
	struct hop *hop = map_get(bastions->hops, tunnel);
	struct err own = ERR_INIT;

	if (!hop) {
		hop = mem_zero(1, sizeof(*hop));
		hop->host = hop_open(bastions, tunnel, &own);
		hop->trouble = *own.text ? mem_text(own.text) : NULL;
		map_set(bastions->hops, tunnel, hop);
	}
	if (hop->trouble)
		return err_set(err, STATUS_USAGE, "%s", hop->trouble);
	if (hop->host && login)
		*login = &hop->host->account.login;
	return hop->host != NULL;
}

int account_open(struct account *account, struct bastions *bastions, const struct fleet_args *args,
		 const struct server *server, struct err *err)
{
	const struct way way = {args->jump, args->no_tunnel ? NULL : server->tunnel, 0};

	if (account_fill(account, args, server, false, err))
		return -1;
	return account_route(account, bastions, &way, err);
}

void account_finish(struct account *account)
{
	buf_finish(&account->trouble);
	sshhost_finish(&account->ssh);
	free(account->identities);
	free(account->token_key);
	free(account->tunnel);
	account->identities = NULL;
	account->tunnel = NULL;
	account->token_key = NULL;
}
