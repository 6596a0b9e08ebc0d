/* Which form a list of servers has, seen from its first lines. */
#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "lib/base/mem.h"
#include "lib/room/listing.h"
#include "lib/room/listing_build.h"

static const char *const form_names[] = {
    [LISTING_ROSTER] = "roster",   [LISTING_CACHE] = "cache", [LISTING_SSH] = "ssh_config",
    [LISTING_ANSIBLE] = "ansible", [LISTING_JSON] = "json",   [LISTING_CSV] = "csv",
    [LISTING_HOSTS] = "hosts",
};

enum listing_form listing_form(const char *name)
{
	size_t i = 0;

	while (strcmp(form_names[i], name) != 0)
		i++;
	return (enum listing_form)i;
}

/* An object of groups: values that are objects with hosts, children or vars. */
static bool is_ansible(const char *bytes, size_t count)
{
	json_t *object = json_loadb(bytes, count, 0, NULL);
	bool found = json_object_get(object, "_meta") != NULL;
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		(void)key;
		found |= json_object_get(value, "hosts") || json_object_get(value, "children");
	}
	json_decref(object);
	return found;
}

static bool is_address(const char *text)
{
	struct in6_addr parsed;

	return inet_pton(AF_INET, text, &parsed) == 1 || inet_pton(AF_INET6, text, &parsed) == 1;
}

/* "KEYWORD value" of an ssh_config. */
static bool is_ssh_config(const char *line)
{
	static const char *const keywords[] = {"Host",		 "Match",
					       "Include",	 "HostName",
					       "User",		 "Port",
					       "IdentityFile",	 "ProxyJump",
					       "ForwardAgent",	 "StrictHostKeyChecking",
					       "AddKeysToAgent", "ServerAliveInterval",
					       "IdentitiesOnly", "UserKnownHostsFile",
					       "ControlMaster",	 "HashKnownHosts",
					       "SendEnv",	 "Compression",
					       "UseKeychain"};
	size_t size = strcspn(line, " \t=");

	for (size_t i = 0; line[size] && i < sizeof(keywords) / sizeof(*keywords); i++)
		if (strlen(keywords[i]) == size && !strncasecmp(line, keywords[i], size))
			return true;
	return false;
}

/* A header: fields of which one names the id, and another something else of a server. */
static bool is_header(const char *line)
{
	char separator = strchr(line, '\t') ? '\t' : strchr(line, ',') ? ',' : ';';
	struct list names = LIST_INIT;
	size_t known = 0;
	bool id = false;

	list_split(&names, line + (*line == '#'), separator);
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.at[i];

		id |= !strcasecmp(name, "id") || !strcasecmp(name, "name") ||
		      !strcasecmp(name, "server_id");
		known += listing_knows(name);
	}
	list_finish(&names);
	return id && known > 1;
}

static enum listing_form of_line(const char *line)
{
	char *word = mem_text_n(line, strcspn(line, " \t"));
	enum listing_form form = LISTING_ROSTER;

	if (is_header(line))
		form = LISTING_CSV;
	else if (is_ssh_config(line))
		form = LISTING_SSH;
	else if (line[strlen(word)] && is_address(word))
		form = LISTING_HOSTS;
	free(word);
	return form;
}

/* What ansible-inventory has to read first. */
static int refuse_foreign(const char *line, struct err *err)
{
	size_t size = strlen(line);
	bool ini = size > 2 && *line == '[' && line[size - 1] == ']';
	bool yaml = !strcmp(line, "---") || !strcmp(line, "all:") || !strcmp(line, "ungrouped:");

	if (!ini && !yaml)
		return 0;
	return err_set(
	    err, STATUS_USAGE,
	    "this looks like an Ansible inventory: let Ansible read it (ansible-inventory "
	    "-i FILE --list | mroom inventory import - --room NAME)");
}

int listing_recognise(const char *bytes, size_t count, enum listing_form *form, struct err *err)
{
	const char *end = bytes + count;

	*form = LISTING_ROSTER;
	if (count >= 16 && !memcmp(bytes, "SQLite format 3", 16)) {
		*form = LISTING_CACHE;
		return 0;
	}
	if (count >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3))
		bytes += 3;
	for (const char *next; bytes < end; bytes = next) {
		const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
		size_t size = (size_t)((stop ? stop : end) - bytes);
		size_t blank = 0;
		char *line;
		int result;

		next = stop ? stop + 1 : end;
		while (size && strchr(" \t\r", bytes[size - 1]))
			size--;
		while (blank < size && (bytes[blank] == ' ' || bytes[blank] == '\t'))
			blank++;
		if (size <= blank)
			continue;
		if (bytes[blank] == '{' || bytes[blank] == '[') {
			/* "[group]" is no JSON */
			json_t *array = bytes[blank] == '['
					    ? json_loadb(bytes, (size_t)(end - bytes), 0, NULL)
					    : NULL;

			if (bytes[blank] == '{' || array) {
				json_decref(array);
				*form = !array && is_ansible(bytes, (size_t)(end - bytes))
					    ? LISTING_ANSIBLE
					    : LISTING_JSON;
				return 0;
			}
		}
		line = mem_text_n(bytes + blank, size - blank);
		if (*line == '#' && !is_header(line)) {
			free(line);
			continue;
		}
		result = refuse_foreign(line, err);
		*form = of_line(line);
		free(line);
		return result;
	}
	return 0;
}
