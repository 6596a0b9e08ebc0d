#include "cmd/connect/connect.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/quote.h"

/* Goes home and becomes the login shell. A home that is not there is said, and no obstacle. */
static const char login[] = "case $1 in '~' | '~/'*) set -- \"$HOME${1#'~'}\" ;; esac\n"
			    "cd -- \"$1\"\n"
			    "exec \"${SHELL:-/bin/sh}\" -l";

static void add_option(struct list *words, const char *name, const char *value)
{
	list_add(words, "-o");
	list_take(words, mem_format("%s=%s", name, value));
}

static void add_pair(struct list *words, const char *letter, const char *value)
{
	list_add(words, letter);
	list_add(words, value);
}

/* What mroom knows of host keys first, then what ssh would look into. */
static void add_host_keys(struct console *console, const struct connect_opts *opts,
			  struct list *words)
{
	const char *source = config_source(console->config, "ssh", "host_key");
	const char *how =
	    opts->host_key ? opts->host_key : config_text(console->config, "ssh", "host_key");
	char *known = home_path(&console->home, "known_hosts");

	if (!strpbrk(known, "\"\\%\n")) {
		char *files = mem_format("\"%s\" ~/.ssh/known_hosts ~/.ssh/known_hosts2", known);

		add_option(words, "UserKnownHostsFile", files);
		free(files);
	}
	/* What nobody chose is ssh's own to say, which asks a person. */
	if (opts->host_key || strcmp(source, "default") != 0)
		add_option(words, "StrictHostKeyChecking",
			   strcmp(how, "strict") ? "accept-new" : "yes");
	free(known);
}

static void add_host(const struct server *host, struct buf *chain)
{
	bool v6 = strchr(host->host, ':') != NULL;

	if (chain->len)
		buf_char(chain, ',');
	if (host->user)
		buf_format(chain, "%s@", host->user);
	buf_format(chain, v6 ? "[%s]" : "%s", host->host);
	if (host->port)
		buf_format(chain, ":%ld", host->port);
}

/* One jump host, by id or as ssh has it: appended to `chain`. */
static int add_hop(struct console *console, const char *word, struct buf *chain, struct err *err)
{
	struct server hop;
	int found = store_server_get(console->store, word, &hop, err);

	if (found == 1) {
		add_host(&hop, chain);
		server_finish(&hop);
	} else if (!found) {
		buf_format(chain, "%s%s", chain->len ? "," : "", word);
	}
	return found < 0 ? -1 : 0;
}

static int add_jump(struct console *console, const char *jump, const struct server *first,
		    struct list *words, struct err *err)
{
	struct list hops = LIST_INIT;
	struct buf chain = BUF_INIT;
	int result = 0;

	if (first)
		add_host(first, &chain);
	if (jump && !(first && !strcmp(jump, "none")))
		list_split(&hops, jump, ',');
	for (size_t i = 0; i < hops.count && !result; i++) {
		if (*hops.at[i] == '-')
			result =
			    err_set(err, STATUS_USAGE, "jump host '%s' begins with -", hops.at[i]);
		else
			result = add_hop(console, hops.at[i], &chain, err);
	}
	if (!result && chain.len)
		add_pair(words, "-J", chain.at);
	buf_finish(&chain);
	list_finish(&hops);
	return result;
}

static void add_login(struct console *console, const struct connect_opts *opts,
		      const struct server *server, struct list *words)
{
	const char *configured = config_text(console->config, "ssh", "user");
	const char *user = opts->user ? opts->user : server->user;
	long port = opts->port ? opts->port : server->port;
	char number[24];

	if (!user && *configured)
		user = configured;
	if (user)
		add_pair(words, "-l", user);
	if (port) {
		snprintf(number, sizeof(number), "%ld", port);
		add_pair(words, "-p", number);
	}
	for (size_t i = 0; i < opts->keys.count; i++)
		add_pair(words, "-i", opts->keys.at[i]);
	if (server->key)
		add_pair(words, "-i", server->key);
}

static void add_going_home(struct list *words, const char *home)
{
	const char *const args[] = {home, NULL};
	struct buf line = BUF_INIT;

	quote_command(&line, login, args);
	list_take(words, buf_detach(&line));
}

static void add_forwards(const struct connect_opts *opts, struct list *words)
{
	for (size_t i = 0; i < opts->ssh_options.count; i++)
		add_pair(words, "-o", opts->ssh_options.at[i]);
	for (size_t i = 0; i < opts->locals.count; i++)
		add_pair(words, "-L", opts->locals.at[i]);
	for (size_t i = 0; i < opts->remotes.count; i++)
		add_pair(words, "-R", opts->remotes.at[i]);
	for (size_t i = 0; i < opts->socks.count; i++)
		add_pair(words, "-D", opts->socks.at[i]);
	if (opts->no_command)
		list_add(words, "-N");
}

int connect_words(struct console *console, const struct connect_opts *opts,
		  const struct server *server, const struct server *first, char **command,
		  const char *home, bool answered, struct list *words, struct err *err)
{
	list_add(words, "ssh");
	for (int i = 0; i < opts->verbose; i++)
		list_add(words, "-v");
	if (opts->ssh_config)
		add_pair(words, "-F", opts->ssh_config);
	add_host_keys(console, opts, words);
	add_login(console, opts, server, words);
	if (add_jump(console, opts->jump ? opts->jump : server->jump, first, words, err))
		return -1;
	/* The same wrong answer again would only lock accounts. */
	if (answered)
		add_option(words, "NumberOfPasswordPrompts", "1");
	add_forwards(opts, words);
	if (home)
		list_add(words, "-t");
	list_add(words, "--");
	list_add(words, server->host);
	for (; *command; command++)
		list_add(words, *command);
	if (home)
		add_going_home(words, home);
	return 0;
}
