#include "lib/room/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "lib/base/list.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/utf8.h"
#include "lib/room/outcome.h"

/* `mroom WORD` runs a command: its own, or one of the names that the first MachineRoom gave it.
 * Sorted, for bsearch. */
/* clang-format off */
static const char *const reserved[] = {
	"add-cert", "addingcert", "cert", "cert-on", "certificatessh", "certremove", "complete", "config",
	"connect", "copy", "customcert", "demo", "deploy", "docker", "doctor", "exec",
	"gen-profile", "generateprofile", "health", "help", "import", "inventory", "inventory-ansible", "list", "log",
	"loginat", "loginstart", "ls", "makecert", "mroom", "off-cert", "on-cert",
	"remove-custom-cert", "removecert", "retire", "retired", "retires", "scan_docker",
	"scan_port", "scan_ports", "scandocker", "scanport", "scanports", "set-home", "sethome",
	"show", "sshcertifcate", "sshcertificate", "startpath", "state", "stripcert", "takeoff",
	"takeout", "tell", "tunnel", "update_conf", "update_file", "updateconfig",
	"updateconfiguration", "updateconfigurations", "v", "valid", "validation", "ver",
	"version", "versions", "watch-profile", "watch_file", "watchscan",
};
/* clang-format on */

void server_init(struct server *server)
{
	*server = (struct server){.position = -1};
}

void server_finish(struct server *server)
{
	free(server->id);
	free(server->host);
	free(server->user);
	free(server->key);
	free(server->room);
	free(server->tunnel);
	free(server->jump);
	free(server->tags);
	free(server->description);
	free(server->auth);
	server_init(server);
}

void server_copy(struct server *to, const struct server *from)
{
	*to = *from;
	to->id = mem_text(from->id);
	to->host = mem_text(from->host);
	to->user = mem_text(from->user);
	to->key = mem_text(from->key);
	to->room = mem_text(from->room);
	to->tunnel = mem_text(from->tunnel);
	to->jump = mem_text(from->jump);
	to->tags = mem_text(from->tags);
	to->description = mem_text(from->description);
	to->auth = mem_text(from->auth);
}

static int compare_word(const void *word, const void *entry)
{
	return strcmp(word, *(const char *const *)entry);
}

bool server_id_reserved(const char *id)
{
	return bsearch(id, reserved, sizeof(reserved) / sizeof(*reserved), sizeof(*reserved),
		       compare_word) != NULL;
}

/* isalnum without the locale. */
static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* How much of an overlong text a message repeats. */
static int excerpt(const char *text)
{
	return (int)strnlen(text, 60);
}

/* What ids, rooms, tags and tunnels have in common. */
static int check_word(const char *what, const char *word, struct err *err)
{
	if (!*word)
		return err_set(err, STATUS_USAGE, "the %s is empty", what);
	if (strlen(word) > SERVER_ID_MAX)
		return err_set(err, STATUS_USAGE, "%s '%.*s...' is longer than %d bytes", what,
			       excerpt(word), word, SERVER_ID_MAX);
	if (*word == '-')
		return err_set(err, STATUS_USAGE, "%s '%s' begins with -, as options do", what,
			       word);
	if (!strcmp(word, ".") || !strcmp(word, ".."))
		return err_set(err, STATUS_USAGE, "%s '%s' is the name of a directory", what, word);
	for (const char *at = word; *at; at++)
		if (!is_alnum(*at) && !strchr("._-", *at))
			return err_set(err, STATUS_USAGE,
				       "%s '%s' may hold letters, digits and . _ - only", what,
				       word);
	return 0;
}

int server_check_id(const char *id, struct err *err)
{
	if (check_word("id", id, err))
		return -1;
	if (server_id_reserved(id))
		return err_set(err, STATUS_USAGE,
			       "id '%s' is a command's name, so 'mroom %s' could not mean a server",
			       id, id);
	return 0;
}

int server_check_name(const char *what, const char *name, struct err *err)
{
	enum outcome outcome;

	if (check_word(what, name, err))
		return -1;
	if (outcome_parse(name, &outcome) || !strcmp(name, "retired"))
		return err_set(err, STATUS_USAGE, "%s '%s' is a reserved word: @%s has a meaning",
			       what, name, name);
	return 0;
}

/* An IPv6 address, with or without %ZONE. */
static bool is_ipv6(const char *host)
{
	char address[INET6_ADDRSTRLEN];
	struct in6_addr parsed;
	size_t size = strcspn(host, "%");

	if (size >= sizeof(address))
		return false;
	memcpy(address, host, size);
	address[size] = '\0';
	if (inet_pton(AF_INET6, address, &parsed) != 1)
		return false;
	if (!host[size])
		return true;
	for (const char *at = host + size + 1; *at; at++)
		if (!is_alnum(*at) && !strchr("._-", *at))
			return false;
	return host[size + 1] != '\0';
}

int server_check_jump(const char *jump, struct err *err)
{
	struct list hops = LIST_INIT;
	int result = 0;

	list_split(&hops, jump, ',');
	for (size_t i = 0; i < hops.count && !result; i++)
		if (*hops.at[i] == '-' || hops.at[i][strcspn(hops.at[i], " \t\r\n\"'")])
			result =
			    err_set(err, STATUS_USAGE, "jump host '%.100s' is none", hops.at[i]);
	list_finish(&hops);
	return result;
}

int server_check_host(const char *host, struct err *err)
{
	if (!*host)
		return err_set(err, STATUS_USAGE, "the host is empty");
	if (strlen(host) > 253)
		return err_set(err, STATUS_USAGE, "host '%.*s...' is longer than 253 bytes",
			       excerpt(host), host);
	if (is_ipv6(host))
		return 0;
	if (*host == '-')
		return err_set(err, STATUS_USAGE, "host '%s' begins with -, as options do", host);
	for (const char *at = host; *at; at++) {
		if (is_alnum(*at) || strchr("._-", *at))
			continue;
		if (*at & 0x80)
			return err_set(err, STATUS_USAGE,
				       "host '%s' is not ASCII (write its xn-- form)", host);
		if (*at == ':')
			return err_set(err, STATUS_USAGE,
				       "host '%s' has a : but is no IPv6 address", host);
		return err_set(
		    err, STATUS_USAGE,
		    "host '%s' may hold letters, digits and . _ - only, or be an IP address", host);
	}
	return 0;
}

int server_check_user(const char *user, struct err *err)
{
	size_t size = strlen(user);
	uint32_t point;

	if (!size)
		return err_set(err, STATUS_USAGE, "the user is empty");
	if (size > 255)
		return err_set(err, STATUS_USAGE, "the user is longer than 255 bytes");
	if (*user == '-')
		return err_set(err, STATUS_USAGE, "the user begins with -, as options do");
	for (size_t at = 0, step; at < size; at += step) {
		step = utf8_read(user + at, size - at, &point);
		if (!step)
			return err_set(err, STATUS_USAGE, "the user is not UTF-8");
		if (point <= ' ' || (point >= 0x7f && point < 0xa0))
			return err_set(err, STATUS_USAGE,
				       "the user has a blank or control byte in it");
	}
	return 0;
}

/* Splits "host", "host:port", "[v6]", "[v6]:port" or bare v6; *port is NULL when there is none. */
static int split_port(char *text, char **host, char **port, struct err *err)
{
	char *end;

	*host = text;
	*port = NULL;
	if (*text == '[') {
		end = strchr(text, ']');
		if (!end || (end[1] && end[1] != ':'))
			return err_set(err, STATUS_USAGE,
				       "'%s': expected [ADDRESS] or [ADDRESS]:PORT", text);
		*port = end[1] ? end + 2 : NULL;
		*host = text + 1;
		*end = '\0';
		if (!is_ipv6(*host))
			return err_set(err, STATUS_USAGE, "[%s] is no IPv6 address", *host);
		return 0;
	}
	end = strchr(text, ':');
	if (end && !is_ipv6(text)) {
		*end = '\0';
		*port = end + 1;
	}
	return 0;
}

int server_parse_address(const char *text, struct server *server, struct err *err)
{
	char *copy = mem_text(text);
	char *at = strrchr(copy, '@');
	char *host, *port;
	struct server parsed;
	struct err why = ERR_INIT;
	int result = -1;

	server_init(&parsed);
	if (at)
		*at = '\0';
	if (split_port(at ? at + 1 : copy, &host, &port, &why))
		goto out;
	if (!at && !port && !strpbrk(host, ".:")) {
		result = 0;
		goto out;
	}
	if ((at && server_check_user(copy, &why)) || server_check_host(host, &why) ||
	    (port && num_parse(port, 1, 65535, &parsed.port, &why)))
		goto out;
	parsed.id = mem_text(text);
	parsed.host = mem_text(host);
	parsed.user = at ? mem_text(copy) : NULL;
	*server = parsed;
	result = 1;
out:
	if (result < 0)
		err_set(err, STATUS_USAGE, "%.*s: %s", excerpt(text), text, why.text);
	free(copy);
	return result;
}
