/* The options that every tool shares that touches servers; letters follow pdsh and clush. */
#include <stddef.h>

#include "lib/wire/run.h"

#define AT(field) offsetof(struct run_args, field)

const struct opt run_opts[] = {
	{'f', "fanout", OPT_INT, AT(fanout), "N", "servers worked on at once", NULL, 1, 65535, NULL},
	{'t', "connect-timeout", OPT_TIME, AT(connect_timeout_ms), "TIME",
	 "give up a server that is not logged in by then (10s)", NULL, 0, 0, NULL},
	{'u', "command-timeout", OPT_TIME, AT(command_timeout_ms), "TIME",
	 "kill a command that still runs by then", NULL, 0, 0, NULL},
	{'l', "user", OPT_TEXT, AT(user), "USER", "log in as USER everywhere", NULL, 0, 0, NULL},
	{'p', "port", OPT_INT, AT(port), "PORT", "connect to PORT everywhere", NULL, 1, 65535, NULL},
	{'i', "identity", OPT_LIST, AT(keys), "FILE", "try this private key first", NULL, 0, 0, "file"},
	{'F', "ssh-config", OPT_TEXT, AT(ssh_config), "FILE",
	 "read FILE instead of the usual ssh_config files (none: read none)", NULL, 0, 0, "file"},
	{'J', "jump", OPT_TEXT, AT(jump), "HOSTS",
	 "go through these jump hosts (ids or [user@]host[:port], nearest first; none: straight)", NULL, 0,
	 0, "servers"},
	{0, "passphrase-file", OPT_TEXT, AT(passphrase_file), "FILE",
	 "what opens encrypted keys (mode 0600)", NULL, 0, 0, "file"},
	{0, "ask-pass", OPT_FLAG, AT(ask_password), NULL, "ask once for the servers' password", NULL, 0,
	 0, NULL},
	{0, "password-file", OPT_TEXT, AT(password_file), "FILE",
	 "read the servers' password from FILE (mode 0600)", NULL, 0, 0, "file"},
	{0, "sudo", OPT_MAYBE, AT(sudo), "USER", "do it there as USER (root), through sudo", NULL, 0, 0,
	 NULL},
	{'K', "ask-sudo-pass", OPT_FLAG, AT(ask_sudo), NULL,
	 "ask once for the password that sudo wants", NULL, 0, 0, NULL},
	{0, "sudo-password-file", OPT_TEXT, AT(sudo_password_file), "FILE",
	 "read that password from FILE (mode 0600)", NULL, 0, 0, "file"},
	{0, "host-key", OPT_CHOICE, AT(host_key), "HOW", "what to do about host keys not seen before",
	 "strict|accept-new", 0, 0, NULL},
	{0, "no-tunnel", OPT_FLAG, AT(no_tunnel), NULL,
	 "reach servers behind a tunnel without bringing it up", NULL, 0, 0, NULL},
	{'S', "largest-status", OPT_FLAG, AT(largest), NULL, "exit with the largest remote status",
	 NULL, 0, 0, NULL},
	{0, "log-file", OPT_TEXT, AT(log_file), "FILE", "append what happens to FILE, a line each", NULL,
	 0, 0, "file"},
	{'q', "quiet", OPT_FLAG, AT(quiet), NULL, "no summary line; trouble is still told", NULL, 0, 0, NULL},
	{'v', "verbose", OPT_COUNT, AT(verbose), NULL, "say how each server ended, as it ends", NULL, 0,
	 0, NULL},
	{0, "debug", OPT_FLAG, AT(debug), NULL, "say what happens to each server", NULL, 0, 0, NULL},
	{0, NULL, OPT_END, 0, NULL, NULL, NULL, 0, 0, NULL},
};

void run_args_finish(struct run_args *args)
{
	list_finish(&args->keys);
}
