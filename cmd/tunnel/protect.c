#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cmd/tunnel/tunnel.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/tunnel_import.h"

#define YES "MROOM_TUNNEL_YES"
#define ADDRESS_BYTES 16

void protect_say_yes(void)
{
	setenv(YES, "yes", 1);
}

/* Bytes of an address: 4 or 16; 0 when it is none. */
static size_t address_parse(const char *text, unsigned char bytes[ADDRESS_BYTES])
{
	if (inet_pton(AF_INET, text, bytes) == 1)
		return 4;
	return inet_pton(AF_INET6, text, bytes) == 1 ? 16 : 0;
}

/* The value of SSH_CONNECTION that a process began with; false: none, or it is not for us to know. */
static bool session_of(long pid, char *value, size_t room)
{
	static const char name[] = "SSH_CONNECTION=";
	char path[64], text[65536];
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/environ", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	size = read(fd, text, sizeof(text) - 1);
	close(fd);
	for (char *at = text; size > 0 && at < text + size; at += strlen(at) + 1) {
		text[size] = '\0';
		if (strncmp(at, name, sizeof(name) - 1) != 0)
			continue;
		return (size_t)snprintf(value, room, "%s", at + sizeof(name) - 1) < room;
	}
	return false;
}

/* Its parent; 0: not known. */
static long parent_of(long pid)
{
	char path[64], text[1024];
	const char *behind;
	long parent = 0;
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	size = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	text[size > 0 ? size : 0] = '\0';
	/* Behind the name, which may hold anything: ") S PARENT". */
	behind = strrchr(text, ')');
	return behind && sscanf(behind, ") %*c %ld", &parent) == 1 ? parent : 0;
}

void protect_find_session(void)
{
	char value[256];
	long pid = (long)getppid();

	if (getenv("SSH_CONNECTION"))
		return;
	for (int up = 0; up < 32 && pid > 1; up++, pid = parent_of(pid)) {
		if (!session_of(pid, value, sizeof(value)))
			continue;
		setenv("SSH_CONNECTION", value, 1);
		return;
	}
}

bool protect_session(char address[PROTECT_ADDRESS])
{
	const char *session = getenv("SSH_CONNECTION");
	size_t size = session ? strcspn(session, " ") : 0;
	unsigned char bytes[ADDRESS_BYTES];

	if (!size || size >= PROTECT_ADDRESS)
		return false;
	snprintf(address, PROTECT_ADDRESS, "%.*s", (int)size, session);
	/* What comes from this machine itself goes into no tunnel. */
	switch (address_parse(address, bytes)) {
	case 4:
		return bytes[0] != 127;
	case 16:
		return strcmp(address, "::1") != 0;
	default:
		return false;
	}
}

/* The mask of a network of `size` bytes: /24, or 255.255.255.0; all of it when there is none. */
static bool mask_parse(const char *text, size_t size, unsigned char mask[ADDRESS_BYTES])
{
	long bits = (long)size * 8;

	if (*text && strchr(text, '.'))
		return address_parse(text, mask) == size;
	if (*text && num_parse(text, 0, (long)size * 8, &bits, NULL))
		return false;
	for (size_t i = 0; i < size; i++, bits -= 8)
		mask[i] = (unsigned char)(bits >= 8 ? 0xff : bits > 0 ? 0xff00 >> bits : 0);
	return true;
}

/* Whether NETWORK or NETWORK/BITS, or NETWORK with a mask, holds the address. */
static bool network_holds(const char *network, const char *mask_text, const char *address)
{
	unsigned char net[ADDRESS_BYTES], mask[ADDRESS_BYTES], bytes[ADDRESS_BYTES];
	const char *slash = strchr(network, '/');
	char *base = mem_text_n(network, strcspn(network, "/"));
	size_t size = address_parse(base, net);
	bool holds = size && address_parse(address, bytes) == size &&
		     mask_parse(slash ? slash + 1 : mask_text, size, mask);

	for (size_t i = 0; holds && i < size; i++)
		holds = ((net[i] ^ bytes[i]) & mask[i]) == 0;
	free(base);
	return holds;
}

/* The first network of a list that holds the address; NULL. Caller frees. */
static char *list_holds(const char *text, const char *address)
{
	struct list networks = LIST_INIT;
	char *found = NULL;

	list_split(&networks, text, ',');
	for (size_t i = 0; i < networks.count && !found; i++)
		if (network_holds(networks.at[i], "", address))
			found = mem_text(networks.at[i]);
	list_finish(&networks);
	return found;
}

/* A line of wg-quick's, or of openvpn's. */
static char *line_holds(const char *line, const char *address)
{
	struct list words = LIST_INIT;
	const char *equals = strchr(line, '=');
	char *found = NULL;

	if (!strncasecmp(line, "AllowedIPs", 10) && equals)
		return list_holds(equals + 1, address);
	list_split(&words, line, ' ');
	if (words.count && !strcmp(words.at[0], "redirect-gateway"))
		found = mem_text("redirect-gateway");
	else if (words.count > 1 && !strncmp(words.at[0], "route", 5) &&
		 network_holds(words.at[1], words.count > 2 ? words.at[2] : "", address))
		found = mem_text(words.at[1]);
	list_finish(&words);
	return found;
}

static char *config_holds(const char *config, const char *address)
{
	struct buf line = BUF_INIT;
	char *found = NULL;

	while (!found && tunnel_import_line(&config, &line))
		found = line_holds(line.at, address);
	buf_wipe(&line);
	return found;
}

int protect_check(struct console *console, const char *name, const struct check *check,
		  struct err *err)
{
	struct tunnel tunnel = TUNNEL_INIT;
	char address[PROTECT_ADDRESS];
	char *found = NULL;
	int result;

	if (getenv(YES) || !protect_session(address))
		return 0;
	result = store_tunnel_need(console->store, name, &tunnel, err);
	if (!result && tunnel_value(&tunnel, "routes"))
		found = list_holds(tunnel_value(&tunnel, "routes"), address);
	for (size_t i = 0; i < check->takes.count && !found; i++)
		found = list_holds(check->takes.at[i], address);
	if (!result && !found && tunnel_has(&tunnel, "config")) {
		result = store_tunnel_unseal(console->store, console->box, &tunnel, err);
		if (!result)
			found = config_holds(tunnel_value(&tunnel, "config"), address);
	}
	if (found)
		result = err_set(err, STATUS_POLICY,
				 "%s goes into it, and with it this SSH session from %s "
				 "(bring it up all the same: mroom tunnel up -y %s)",
				 found, address, name);
	free(found);
	tunnel_finish(&tunnel);
	return result;
}

int protect_ask(struct console *console, const struct tunnel *tunnel, struct err *err)
{
	struct check check = CHECK_INIT;
	char address[PROTECT_ADDRESS];
	char *driver;
	int result = -1;

	if (getenv(YES) || !protect_session(address))
		return 0;
	driver = tunnel_driver_find(&console->home, tunnel->type, err);
	if (driver && !check_ask(&console->home, driver, tunnel, &check, err))
		result = protect_check(console, tunnel->name, &check, err);
	if (result)
		err_prefix(err, "tunnel %s", tunnel->name);
	check_finish(&check);
	free(driver);
	return result;
}
