/* mroom connect ID [COMMAND...]: becomes ssh(1). */
#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cmd/connect/connect.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/opt.h"
#include "lib/base/quote.h"
#include "lib/room/journal.h"
#include "lib/room/pick.h"
#include "lib/room/store_state.h"
#include "lib/wire/askpass.h"
#include "lib/wire/hop.h"
#include "lib/wire/route.h"

#define COMMAND "mroom connect"
#define AT(field) offsetof(struct connect_opts, field)

static const struct opt connect_table[] = {
    {.letter = 'l',
     .name = "user",
     .type = OPT_TEXT,
     .offset = AT(user),
     .arg = "USER",
     .help = "log in as USER"},
    {.letter = 'p',
     .name = "port",
     .type = OPT_INT,
     .offset = AT(port),
     .arg = "PORT",
     .help = "connect to PORT",
     .min = 1,
     .max = 65535},
    {.letter = 'i',
     .name = "identity",
     .type = OPT_LIST,
     .offset = AT(keys),
     .arg = "FILE",
     .help = "try this private key first",
     .complete = "file"},
    {.letter = 'J',
     .name = "jump",
     .type = OPT_TEXT,
     .offset = AT(jump),
     .arg = "HOSTS",
     .help = "go through these jump hosts (ids or [user@]host[:port]; none: straight)",
     .complete = "servers"},
    {.letter = 'F',
     .name = "ssh-config",
     .type = OPT_TEXT,
     .offset = AT(ssh_config),
     .arg = "FILE",
     .help = "read this instead of the usual ssh_config files",
     .complete = "file"},
    {.name = "host-key",
     .type = OPT_CHOICE,
     .offset = AT(host_key),
     .help = "what to do about host keys not seen before",
     .choices = "strict|accept-new"},
    {.name = "no-tunnel",
     .type = OPT_FLAG,
     .offset = AT(no_tunnel),
     .help = "reach a server behind a tunnel without bringing it up"},
    {.letter = 'L',
     .name = "local",
     .type = OPT_LIST,
     .offset = AT(locals),
     .arg = "SPEC",
     .help = "forward a port of this machine, as ssh -L"},
    {.letter = 'R',
     .name = "remote",
     .type = OPT_LIST,
     .offset = AT(remotes),
     .arg = "SPEC",
     .help = "forward a port of the server, as ssh -R"},
    {.letter = 'D',
     .name = "socks",
     .type = OPT_LIST,
     .offset = AT(socks),
     .arg = "SPEC",
     .help = "be a SOCKS proxy, as ssh -D"},
    {.letter = 'N',
     .name = "no-command",
     .type = OPT_FLAG,
     .offset = AT(no_command),
     .help = "no login and no command: for forwards alone"},
    {.name = "ssh-option",
     .type = OPT_LIST,
     .offset = AT(ssh_options),
     .arg = "KEY=VALUE",
     .help = "tell ssh this too, as ssh -o"},
    {.name = "gate",
     .type = OPT_FLAG,
     .offset = AT(gate),
     .help = "ID is a tunnel of type SSH: log in to its own host"},
    {.letter = 'C',
     .name = "dry-run",
     .type = OPT_FLAG,
     .offset = AT(dry_run),
     .help = "print ssh's command line, and stop"},
    {.letter = 'v',
     .name = "verbose",
     .type = OPT_COUNT,
     .offset = AT(verbose),
     .help = "let ssh say what it does"},
    {.type = OPT_END},
};

static const char *const examples[] = {
    "mroom connect web-01",
    "mroom web-01",
    "mroom connect db-01 -- tail -f /var/log/syslog",
    NULL,
};

static int keep(void *ctx, const struct server *server, struct err *err)
{
	struct server *kept = ctx;

	if (kept->id)
		return err_set(err, STATUS_USAGE, "one server at a time (for many: mroom exec)");
	server_copy(kept, server);
	return 0;
}

static int find_server(struct console *console, const struct connect_opts *opts, const char *word,
		       struct server *server, struct err *err)
{
	struct pick_args args = {.ssh_config = opts->ssh_config};
	struct pick *pick;
	int result;

	list_add(&args.where, word);
	pick = pick_create(console->store, &args, NULL, 0, PICK_ACT, keep, server, err);
	result = pick ? pick_resolve(pick, err) : -1;
	pick_destroy(pick);
	pick_args_finish(&args);
	if (!result && !server->id)
		return err_set(err, STATUS_USAGE, "'%s' names no server", word);
	return result;
}

/* The directory where a login begins, malloc'ed; NULL where nothing is said. */
static char *find_home(struct console *console, const struct server *server)
{
	struct buf json = BUF_INIT;
	struct err ignored = ERR_INIT;
	char *home = NULL;
	json_t *value;

	if (store_state_get(console->store, server->id, "home_path", &json, &ignored) == 1) {
		value = json_loads(json.at, JSON_DECODE_ANY, NULL);
		if (json_is_string(value) && json_string_length(value))
			home = mem_text(json_string_value(value));
		json_decref(value);
	}
	buf_finish(&json);
	return home;
}

static void print_words(const struct list *words)
{
	struct buf line = BUF_INIT;

	for (size_t i = 0; i < words->count; i++) {
		if (i)
			buf_char(&line, ' ');
		quote_word(&line, words->at[i]);
	}
	printf("%s\n", line.at);
	buf_finish(&line);
}

/* The journal knows that somebody went there; how it ended only ssh will know. */
static int note(struct console *console, const struct server *server, char **command,
		struct err *err)
{
	struct list words = LIST_INIT;
	struct journal *journal;
	char *line;

	list_add(&words, server->id);
	for (; *command; command++)
		list_add(&words, *command);
	line = list_join(&words, " ");
	journal = journal_begin(
	    &(struct journal_args){.console = console, .tool = "connect", .command = line}, err);
	free(line);
	list_finish(&words);
	return journal ? journal_end(journal, 0, err) : -1;
}

/* A supervisor that is killed does not leave ssh behind. */
static void follow_parent(void)
{
	const char *parent = getenv("MROOM_CONNECT_PARENT");

	if (!parent)
		return;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (strtol(parent, NULL, 10) != getppid())
		raise(SIGTERM);
	unsetenv("MROOM_CONNECT_PARENT");
}

static int become(struct list *words, struct err *err)
{
	char **argv = mem_zero(words->count + 1, sizeof(*argv));

	for (size_t i = 0; i < words->count; i++)
		argv[i] = words->at[i];
	follow_parent();
	execvp("ssh", argv);
	free(argv);
	return err_sys(err, STATUS_CONSOLE, errno, "cannot run ssh");
}

/* The tunnel of type SSH that the server is behind: 1 and its host, 0, -1. */
static int find_first(struct console *console, const struct connect_opts *opts,
		      const struct server *server, struct server *first, struct err *err)
{
	int found;

	if (!server->tunnel || opts->no_tunnel || opts->gate)
		return 0;
	found = hop_find(console, server->tunnel, first, err);
	return found < 0 ? err_prefix(err, "tunnel %s", server->tunnel) : found;
}

/* Everything that must be before ssh is run. */
static int get_ready(struct console *console, const struct connect_opts *opts,
		     const struct server *server, bool tunnel, char **command, struct err *err)
{
	if (tunnel && !opts->no_tunnel &&
	    route_bring_up(&console->home, server->tunnel, getpid(), err))
		return -1;
	return note(console, server, command, err);
}

static int connect_to(struct console *console, const struct connect_opts *opts,
		      const struct server *server, char **command, struct err *err)
{
	struct list words = LIST_INIT;
	struct server host, *first = &host;
	char *home = *command || opts->no_command ? NULL : find_home(console, server);
	int answered =
	    opts->gate ? 0 : secret_known(console->store, SECRET_SERVER_PASSWORD, server->id, err);
	int behind, result = -1;

	server_init(&host);
	behind = find_first(console, opts, server, &host, err);
	if (behind < 1)
		first = NULL;
	if (behind > 0 || opts->gate)
		answered |=
		    secret_known(console->store, SECRET_TUNNEL_PASSWORD, server->tunnel, err);
	if (answered < 0 || behind < 0 ||
	    connect_words(console, opts, server, first, command, home, answered == 1, &words, err))
		goto out;
	if (opts->dry_run) {
		print_words(&words);
		result = io_close_stdout(err);
		goto out;
	}
	if (get_ready(console, opts, server, server->tunnel && !first && !opts->gate, command, err))
		goto out;
	unsetenv("MROOM_UNKNOWN");
	if (answered)
		askpass_offer(console, opts, server, opts->gate ? server : first);
	result = become(&words, err);
out:
	server_finish(&host);
	list_finish(&words);
	free(home);
	return result;
}

/* The host of a tunnel, which remembers whose it is. */
static int find_gate(struct console *console, const char *name, struct server *server,
		     struct err *err)
{
	int found = hop_find(console, name, server, err);

	if (found == 1)
		server->tunnel = mem_text(name);
	else if (!found)
		err_set(err, STATUS_USAGE, "no tunnel of type SSH '%s'", name);
	return found == 1 ? 0 : -1;
}

static int connect_run(const struct connect_opts *opts, char **operands, int count, struct err *err)
{
	struct console console = CONSOLE_INIT;
	struct server server;
	int result = -1;

	server_init(&server);
	if (!count)
		return err_set(err, STATUS_USAGE, "which server? (try: mroom connect ID)");
	if (console_open(&console, err) ||
	    (opts->gate ? find_gate(&console, operands[0], &server, err)
			: find_server(&console, opts, operands[0], &server, err)))
		goto out;
	operands++;
	if (*operands && !strcmp(*operands, "--"))
		operands++;
	result = connect_to(&console, opts, &server, operands, err);
out:
	server_finish(&server);
	console_close(&console);
	return result;
}

/*
 * `mroom WORD` with a WORD that is no command comes here, and brings what the dispatcher would have
 * said of it: that is the better answer, unless the word is nearly a server's.
 */
static int report(struct err *err)
{
	const char *unknown = getenv("MROOM_UNKNOWN");
	bool near = strstr(err->text, "did you mean") != NULL;

	if (!unknown || strncmp(err->text, "no server '", 11) != 0)
		return err_report(err, COMMAND);
	if (near && !strstr(unknown, "did you mean"))
		err_prefix(err, "no such command");
	else
		err_set(err, STATUS_USAGE, "%s", unknown);
	return err_report(err, "mroom");
}

int main(int argc, char **argv)
{
	struct connect_opts opts = {.user = NULL};
	const struct opt_group groups[] = {{"Connection", connect_table, &opts}};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "ID [--] [COMMAND...]",
	    .about = "Becomes ssh for one server: a login, or a command.",
	    .operand_complete = "servers -",
	    .stop_at_operand = true,
	    .groups = groups,
	    .group_count = 1,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	const char *asked_for = getenv(CONNECT_FOR);
	int operands;
	int result = -1;

	/* A question has blanks in it, an id has none. */
	if ((asked_for || askpass_is_relay()) && argc == 2 && strchr(argv[1], ' '))
		return askpass_answer(asked_for, argv[1]);
	switch (opt_parse(&spec, argc, argv, &operands, NULL, &err)) {
	case OPT_SHOWN:
		return io_close_stdout(&err) ? err_report(&err, COMMAND) : STATUS_OK;
	case OPT_BAD:
		break;
	case OPT_RUN:
		result = connect_run(&opts, argv + operands, argc - operands, &err);
		break;
	}
	list_finish(&opts.keys);
	list_finish(&opts.locals);
	list_finish(&opts.remotes);
	list_finish(&opts.socks);
	list_finish(&opts.ssh_options);
	return result ? report(&err) : STATUS_OK;
}
