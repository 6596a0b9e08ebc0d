#include "lib/room/sshconfig.h"

#include <pwd.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/base/glob.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/room/sshconfig_parts.h"

#define SYSTEM_FILE "/etc/ssh/ssh_config"

void ssh_settings_finish(struct ssh_settings *settings)
{
	free(settings->host);
	free(settings->user);
	list_finish(&settings->identities);
	free(settings->jump);
	list_finish(&settings->known_hosts);
	list_finish(&settings->global);
	free(settings->alias);
	free(settings->host_key);
	*settings = (struct ssh_settings){.host = NULL};
}

/* Which blocks are found by a name, and which must be looked at for every host. */
static void index_blocks(struct sshconfig *config)
{
	config->others = mem_zero(config->block_count + 1, sizeof(*config->others));
	for (size_t i = 0; i < config->block_count; i++) {
		const struct ssh_block *block = &config->blocks[i];

		if (!block->literal)
			config->others[config->other_count++] = i;
		for (size_t j = 0; block->literal && j < block->words.count; j++) {
			struct ssh_named *named = map_get(config->named, block->words.at[j]);

			if (!named) {
				named = mem_zero(1, sizeof(*named));
				map_set(config->named, block->words.at[j], named);
			}
			named->blocks =
			    mem_resize(named->blocks, named->count + 1, sizeof(*named->blocks));
			named->blocks[named->count++] = i;
		}
	}
}

struct sshconfig *sshconfig_open(const char *file, struct err *err)
{
	struct sshconfig *config = mem_zero(1, sizeof(*config));
	char *path = io_expand_home(file ? file : "~/.ssh/config");
	int rc = 0;

	config->named = map_create();
	if (!file)
		rc = sshconfig_read(config, path, false, false, err) ||
		     sshconfig_read(config, SYSTEM_FILE, true, false, err);
	else if (strcmp(file, "none") != 0)
		rc = sshconfig_read(config, path, false, true, err);
	free(path);
	if (rc) {
		sshconfig_close(config);
		return NULL;
	}
	index_blocks(config);
	return config;
}

void sshconfig_close(struct sshconfig *config)
{
	const char *name;
	void *value;
	size_t at = 0;

	if (!config)
		return;
	for (size_t i = 0; i < config->block_count; i++) {
		for (size_t j = 0; j < config->blocks[i].line_count; j++)
			list_finish(&config->blocks[i].lines[j].words);
		free(config->blocks[i].lines);
		list_finish(&config->blocks[i].words);
	}
	free(config->blocks);
	while (map_next(config->named, &at, &name, &value)) {
		free(((struct ssh_named *)value)->blocks);
		free(value);
	}
	map_destroy(config->named);
	free(config->others);
	list_finish(&config->unheeded);
	free(config);
}

/* --- what holds for a host --- */

struct asking {
	const struct sshconfig *config;
	const char *host; /* as it was asked for */
	struct ssh_settings *settings;
	char *hostname; /* HostName as written */
	bool proxied;	/* ProxyJump or ProxyCommand was decided upon */
	bool port_set, timeout_set, only_set, known_set, global_set, gssapi_set;
	char *states; /* per block: 0 not looked at, 'y', 'n' */
};

static const char *local_user(void)
{
	const struct passwd *entry = getpwuid(getuid());

	return entry ? entry->pw_name : "";
}

/* Words of a Host line. */
static bool names_host(const struct list *words, const char *host)
{
	bool yes = false;

	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->at[i];

		if (!glob_match(word + (*word == '!'), host))
			continue;
		if (*word == '!')
			return false;
		yes = true;
	}
	return yes;
}

/* HostName with %h and %% filled in. */
static char *expand_hostname(const char *text, const char *host)
{
	struct buf out = BUF_INIT;

	for (; *text; text++) {
		if (*text == '%' && text[1] == 'h')
			buf_text(&out, host);
		else if (*text == '%' && text[1] == '%')
			buf_char(&out, '%');
		else {
			buf_char(&out, *text);
			continue;
		}
		text++;
	}
	return buf_detach(&out);
}

/* A criterion of a Match line that needs no outside help: yes, no, or ('?') what only ssh can tell.
 */
static char criterion(const struct asking *ask, const char *name, const char *value)
{
	const char *user = ask->settings->user ? ask->settings->user : local_user();
	char answer;

	if (!strcasecmp(name, "host")) {
		char *host = expand_hostname(ask->hostname ? ask->hostname : "%h", ask->host);

		answer = glob_list_match(value, host) ? 'y' : 'n';
		free(host);
		return answer;
	}
	if (!strcasecmp(name, "originalhost"))
		return glob_list_match(value, ask->host) ? 'y' : 'n';
	if (!strcasecmp(name, "user"))
		return glob_list_match(value, user) ? 'y' : 'n';
	if (!strcasecmp(name, "localuser"))
		return glob_list_match(value, local_user()) ? 'y' : 'n';
	return '?';
}

static bool matches(struct asking *ask, const struct list *words)
{
	bool unsure = false;

	for (size_t i = 0; i < words->count; i++) {
		bool negated = words->at[i][0] == '!';
		const char *name = words->at[i] + negated;
		char answer;

		if (!strcasecmp(name, "all"))
			continue;
		if (!strcasecmp(name, "canonical") || !strcasecmp(name, "final")) {
			unsure = true;
			continue;
		}
		answer = criterion(ask, name, i + 1 < words->count ? words->at[i + 1] : "");
		i++;
		if (answer == '?')
			unsure = true;
		else if ((answer == 'y') == negated)
			return false;
	}
	if (unsure && !ask->settings->needs_ssh)
		ask->settings->needs_ssh = "Match";
	return !unsure;
}

static bool holds(struct asking *ask, size_t index)
{
	const struct ssh_block *block = &ask->config->blocks[index];
	bool yes = true;

	if (ask->states[index])
		return ask->states[index] == 'y';
	if (block->parent >= 0)
		yes = holds(ask, (size_t)block->parent);
	if (yes && block->kind == SSH_HOST)
		yes = names_host(&block->words, ask->host);
	else if (yes && block->kind == SSH_MATCH)
		yes = matches(ask, &block->words);
	ask->states[index] = yes ? 'y' : 'n';
	return yes;
}

static void set_text(char **to, const struct ssh_line *line)
{
	if (!*to)
		*to = mem_text(line->words.at[0]);
}

static void set_list(struct list *to, bool *set, const struct ssh_line *line)
{
	for (size_t i = 0; !*set && i < line->words.count; i++)
		list_add(to, line->words.at[i]);
	*set = true;
}

static void set_number(long *to, bool *set, const struct ssh_line *line)
{
	if (!*set)
		*to = line->number;
	*set = true;
}

static void set_proxy(struct asking *ask, const struct ssh_line *line)
{
	bool none = !strcasecmp(line->words.at[0], "none");

	if (ask->proxied)
		return;
	ask->proxied = true;
	if (none)
		return;
	if (line->keyword == SSH_PROXYJUMP)
		set_text(&ask->settings->jump, line);
	else if (!ask->settings->needs_ssh)
		ask->settings->needs_ssh = "ProxyCommand";
}

static void apply(struct asking *ask, const struct ssh_block *block, const struct ssh_line *line)
{
	struct ssh_settings *settings = ask->settings;
	const char *word = line->words.at[0];
	long number = 0;

	switch (line->keyword) {
	case SSH_HOSTNAME:
		set_text(&ask->hostname, line);
		break;
	case SSH_PORT:
		set_number(&settings->port, &ask->port_set, line);
		break;
	case SSH_USER:
		set_text(&settings->user, line);
		break;
	case SSH_IDENTITY:
		if (!list_has(&settings->identities, word))
			list_add(&settings->identities, word);
		break;
	case SSH_IDENTITIES_ONLY:
		set_number(&number, &ask->only_set, line);
		settings->identities_only |= number != 0;
		break;
	case SSH_PROXYJUMP:
	case SSH_PROXYCOMMAND:
		set_proxy(ask, line);
		break;
	case SSH_KNOWN_HOSTS:
		set_list(&settings->known_hosts, &ask->known_set, line);
		break;
	case SSH_GLOBAL_KNOWN_HOSTS:
		set_list(&settings->global, &ask->global_set, line);
		break;
	case SSH_ALIAS:
		set_text(&settings->alias, line);
		break;
	case SSH_HOST_KEY:
		set_text(&settings->host_key, line);
		break;
	case SSH_TIMEOUT:
		if (line->number < 0)
			break;
		set_number(&number, &ask->timeout_set, line);
		settings->connect_timeout_ms += number;
		break;
	case SSH_GSSAPI:
		set_number(&number, &ask->gssapi_set, line);
		settings->gssapi |= number != 0 && !block->etc;
		break;
	default:
		if (!settings->needs_ssh && strcasecmp(word, "none") != 0 && strcasecmp(word, "no") != 0)
			settings->needs_ssh = line->name;
	}
}

/* But for the zone of an IPv6 address. */
static void lower(char *text)
{
	for (; *text && *text != '%'; text++) {
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text + 32);
	}
}

void sshconfig_settings(const struct sshconfig *config, const char *host, const char *user,
			struct ssh_settings *settings)
{
	struct asking ask = {.config = config, .host = host, .settings = settings};
	const struct ssh_named *named = map_get(config->named, host);
	size_t other = 0, literal = 0, literals = named ? named->count : 0;

	*settings = (struct ssh_settings){.user = mem_text(user)};
	ask.states = mem_zero(config->block_count + 1, 1);
	while (other < config->other_count || literal < literals) {
		bool by_name =
		    literal < literals && (other == config->other_count ||
					   named->blocks[literal] < config->others[other]);
		size_t index = by_name ? named->blocks[literal++] : config->others[other++];
		const struct ssh_block *block = &config->blocks[index];

		if (!holds(&ask, index))
			continue;
		for (size_t i = 0; i < block->line_count; i++)
			apply(&ask, block, &block->lines[i]);
	}
	settings->host = expand_hostname(ask.hostname ? ask.hostname : "%h", host);
	lower(settings->host);
	if (settings->alias)
		lower(settings->alias);
	free(ask.hostname);
	free(ask.states);
}

/* --- which hosts there are --- */

bool sshconfig_names(const struct sshconfig *config, const char *host)
{
	if (map_get(config->named, host))
		return true;
	for (size_t i = 0; i < config->other_count; i++) {
		const struct ssh_block *block = &config->blocks[config->others[i]];
		bool plain = false;

		if (block->kind != SSH_HOST || !names_host(&block->words, host))
			continue;
		/* "Host *" names nobody in particular. */
		for (size_t j = 0; j < block->words.count; j++) {
			const char *word = block->words.at[j];

			plain |= *word != '!' && word[strspn(word, "*?")] && glob_match(word, host);
		}
		if (plain)
			return true;
	}
	return false;
}

void sshconfig_hosts(const struct sshconfig *config, struct list *into)
{
	for (size_t i = 0; i < config->block_count; i++) {
		const struct ssh_block *block = &config->blocks[i];

		for (size_t j = 0; block->kind == SSH_HOST && j < block->words.count; j++) {
			if (!strpbrk(block->words.at[j], "*?!") &&
			    !list_has(into, block->words.at[j]))
				list_add(into, block->words.at[j]);
		}
	}
}

void sshconfig_unheeded(const struct sshconfig *config, struct list *into)
{
	for (size_t i = 0; i < config->unheeded.count; i++)
		list_add(into, config->unheeded.at[i]);
}
