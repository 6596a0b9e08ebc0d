/* Every setting there is. share/config.ini shows the same; tests/unit/config.c holds them equal. */
#include "lib/room/config.h"

#include <limits.h>

static const struct config_key keys[] = {
	{"paths", "local_workspace", CONFIG_PATH, "",
	 .about = "where files for servers lie on this console; empty: the current directory"},
	{"paths", "remote_workspace", CONFIG_TEXT, "",
	 .about = "where files go on a server; empty: the login user's home directory"},

	{"identity", "public_key", CONFIG_PATH, "~/.ssh/id_ed25519.pub",
	 .about = "the public key that servers are to accept"},
	{"identity", "key_dir", CONFIG_PATH, "~/.ssh",
	 .about = "where private keys are looked for"},
	{"identity", "key_feature", CONFIG_TEXT, "",
	 .about = "text by which your key is known among a server's keys, such as its comment"},

	{"require", "ram_gb", CONFIG_INT, "4", .min = 0, .max = 1000000,
	 .about = "memory a server should have, in GB"},
	{"require", "disk_gb", CONFIG_INT, "100", .min = 0, .max = 1000000,
	 .about = "disk space a server should have, in GB"},

	{"ssh", "host_key", CONFIG_CHOICE, "strict", .choices = "strict|accept-new",
	 .about = "what to do about a host key that was never seen: refuse it, or learn it"},
	{"ssh", "transport", CONFIG_CHOICE, "auto", .choices = "auto|libssh2|openssh",
	 .about = "what speaks SSH"},
	{"ssh", "connect_timeout", CONFIG_TIME, "10s", .min = 1, .max = LONG_MAX,
	 .about = "from the start of dialling a server until it is logged in"},
	{"ssh", "handshakes", CONFIG_INT, "64", .min = 1, .max = 4096,
	 .about = "servers that are being logged in to at once"},
	{"ssh", "user", CONFIG_TEXT, "",
	 .about = "login user where a server names none; empty: your own name"},
	{"ssh", "port", CONFIG_INT, "22", .min = 1, .max = 65535,
	 .about = "port where a server names none"},
	{"ssh", "identity", CONFIG_LIST, "",
	 .about = "private keys to try, comma-separated, besides the usual"},
	{"ssh", "agent", CONFIG_BOOL, "yes",
	 .about = "whether to ask the agent at SSH_AUTH_SOCK for keys"},
	{"ssh", "keepalive", CONFIG_TIME, "15s",
	 .about = "a silent server is asked for a sign of life this often; 0: never"},

	{"exec", "fanout", CONFIG_INT, "64", .min = 1, .max = 65535,
	 .about = "servers worked on at once"},
	{"exec", "timeout", CONFIG_TIME, "0",
	 .about = "a command still running by then is killed; 0: never"},
	{"exec", "line_limit", CONFIG_SIZE, "1M", .min = 1, .max = LONG_MAX,
	 .about = "a line of output longer than this waits in a file instead of memory"},

	{"docker", "compose_version", CONFIG_TEXT, "2.24.6",
	 .about = "version of docker compose to install"},
	{"docker", "log_max_size", CONFIG_SIZE, "10m", .min = 1, .max = LONG_MAX,
	 .about = "size at which a container's log is rotated"},
	{"docker", "log_max_file", CONFIG_INT, "5", .min = 1, .max = 1000,
	 .about = "rotated logs kept of a container"},

	{"deploy", "stages", CONFIG_LIST, "cert,docker,env",
	 .about = "what is done to a new server, in this order"},
	{"deploy", "workers", CONFIG_INT, "5", .min = 1, .max = 65535,
	 .about = "servers deployed to at once"},
	{"deploy", "timeout", CONFIG_TIME, "300s",
	 .about = "the longest a deployment to one server may take"},
	{"deploy", "retries", CONFIG_INT, "3", .min = 0, .max = 1000,
	 .about = "how often a failed deployment is tried again"},

	{"secret", "secret_command", CONFIG_TEXT, "", .about = "command that fetches passwords"},

	{"journal", "output", CONFIG_CHOICE, "none", .choices = "none|hash|head|full",
	 .about = "how much of what servers answer is kept in the journal"},

	{"log", "debug", CONFIG_BOOL, "no",
	 .about = "say what happens to each server, as --debug does"},
};

const struct config_key *config_keys(size_t *count)
{
	*count = sizeof(keys) / sizeof(keys[0]);
	return keys;
}
