#include "lib/wire/sshhosts.h"

#include <string.h>

#include "lib/base/io.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"

struct sshhosts {
	struct sshconfig *config;
	char *own, *file;
	struct map *known; /* the other files' paths, joined -> struct knownhosts */
};

/* ssh's own defaults (ssh_config(5)). */
static const char *const user_files[] = {"~/.ssh/known_hosts", "~/.ssh/known_hosts2"};
static const char *const global_files[] = {"/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"};

void sshhosts_close(struct sshhosts *hosts)
{
	const char *files;
	void *value;
	size_t at = 0;

	if (!hosts)
		return;
	while (map_next(hosts->known, &at, &files, &value))
		knownhosts_close(value);
	map_destroy(hosts->known);
	sshconfig_close(hosts->config);
	free(hosts->own);
	free(hosts->file);
	free(hosts);
}

bool sshhosts_unheeded(const struct sshhosts *hosts, struct buf *line)
{
	struct list words = LIST_INIT;
	char *text;

	sshconfig_unheeded(hosts->config, &words);
	if (words.count == 0)
		return false;
	text = list_join(&words, " ");
	buf_format(line, "ssh_config: not heeded: %s\n", text);
	free(text);
	list_finish(&words);
	return true;
}

static void add_files(struct list *paths, const struct list *said, const char *const *usual,
		      size_t usual_count, const struct ssh_tokens *tokens)
{
	for (size_t i = 0; i < said->count; i++) {
		if (strcmp(said->at[i], "none") != 0)
			list_take(paths, sshconfig_expand(said->at[i], tokens));
	}
	for (size_t i = 0; said->count == 0 && i < usual_count; i++)
		list_take(paths, io_expand_home(usual[i]));
}

/* The index over our file and these; made once per set of files. */
static struct knownhosts *known_of(struct sshhosts *hosts, struct list *paths, struct err *err)
{
	char *name = list_join(paths, "\n");
	struct knownhosts *known = map_get(hosts->known, name);

	if (!known) {
		list_take(paths, NULL); /* the array ends with NULL */
		known = knownhosts_open(hosts->own, (const char *const *)paths->at, err);
		if (known)
			map_set(hosts->known, name, known);
	}
	free(name);
	return known;
}

struct sshhosts *sshhosts_open(const char *own, const char *file, struct err *err)
{
	static const struct list nothing = LIST_INIT;
	struct sshhosts *hosts = mem_zero(1, sizeof(*hosts));
	struct list paths = LIST_INIT;
	bool good;

	hosts->own = mem_text(own);
	hosts->file = mem_text(file);
	hosts->known = map_create();
	hosts->config = sshconfig_open(file, err);
	add_files(&paths, &nothing, user_files, 2, NULL);
	add_files(&paths, &nothing, global_files, 2, NULL);
	/* What cannot be read is told before anybody is dialled. */
	good = hosts->config && known_of(hosts, &paths, err);
	list_finish(&paths);
	if (good)
		return hosts;
	sshhosts_close(hosts);
	return NULL;
}

static bool accept_new(const struct fleet_args *args, const char *said)
{
	if (args->host_key_chosen || !said || !strcmp(said, "ask"))
		return args->accept_new;
	return strcmp(said, "yes") != 0; /* a changed key is refused even where ssh would not */
}

/* New keys go to the first file that ssh is told of, as with us. */
static void add_ssh_args(struct list *args, const struct sshhosts *hosts, const struct list *files)
{
	struct buf option = BUF_INIT;

	if (hosts->file) {
		list_add(args, "-F");
		list_add(args, hosts->file);
	}
	buf_format(&option, "UserKnownHostsFile=\"%s\"", hosts->own);
	for (size_t i = 0; i < files->count; i++)
		buf_format(&option, " \"%s\"", files->at[i]);
	list_add(args, "-o");
	list_add(args, option.at);
	buf_finish(&option);
}

int sshhost_open(struct sshhost *host, struct sshhosts *hosts, const struct fleet_args *args,
		 const struct server *server, const char *user, long port, struct login *login,
		 struct err *err)
{
	struct ssh_settings *settings = &host->settings;
	struct list paths = LIST_INIT;
	struct ssh_tokens tokens;

	*host = (struct sshhost){.files = LIST_INIT, .ssh_args = LIST_INIT};
	sshconfig_settings(hosts->config, server->host, user ? user : server->user, settings);
	login->host = settings->host;
	login->port = port	       ? port
		      : server->port   ? server->port
		      : settings->port ? settings->port
				       : args->default_port;
	login->user = settings->user ? settings->user : args->default_user;
	login->accept_new = accept_new(args, settings->host_key);
	login->known_as = settings->alias;
	login->needs_ssh = settings->needs_ssh;
	login->asked_for = server->host;
	login->ssh_args = &host->ssh_args;
	host->connect_timeout_ms = args->timeout_chosen || !settings->connect_timeout_ms
				       ? args->connect_timeout_ms
				       : settings->connect_timeout_ms;
	tokens = (struct ssh_tokens){server->host,    login->host,    login->user,
				     login->known_as, settings->jump, login->port};
	for (size_t i = 0; i < settings->identities.count; i++)
		list_take(&host->files, sshconfig_expand(settings->identities.at[i], &tokens));
	add_files(&paths, &settings->known_hosts, user_files, 2, &tokens);
	add_ssh_args(&host->ssh_args, hosts, &paths);
	add_files(&paths, &settings->global, global_files, 2, &tokens);
	login->known = known_of(hosts, &paths, err);
	list_finish(&paths);
	return login->known ? 0 : -1;
}

void sshhost_finish(struct sshhost *host)
{
	ssh_settings_finish(&host->settings);
	list_finish(&host->files);
	list_finish(&host->ssh_args);
}
