#include "cmd/cert/hosts.h"
#include "lib/base/mem.h"

#define COMMAND "mroom cert hosts forget"

struct forgetting {
	struct console *console;
	char *own;
	size_t servers, lines;
};

/* What other files still know is told: it is not ours to change. */
static void tell_others(void *ctx, const struct hostkey_where *where, const void *blob, size_t size)
{
	const struct forgetting *forgetting = ctx;

	(void)blob;
	(void)size;
	if (strcmp(where->file, forgetting->own) != 0)
		fprintf(stderr, "%s: still known by %s:%ld\n", COMMAND, where->file, where->line);
}

static int forget_place(void *ctx, const struct place *place, struct err *err)
{
	struct forgetting *forgetting = ctx;
	size_t removed;

	knownhosts_each(place->known, place->host, place->port, tell_others, forgetting);
	if (knownhosts_forget(forgetting->own, place->host, place->port, &removed, err) ||
	    store_hostkey_remove(forgetting->console->store, place->host, place->port, err))
		return -1;
	forgetting->servers++;
	forgetting->lines += removed;
	return 0;
}

static const char *const examples[] = {
    "mroom cert hosts forget web-07",
    NULL,
};

int hosts_forget(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct pick_args picked = {.all = false};
	const struct opt_group groups[] = {{"Targets", pick_opts, &picked}};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "TARGETS",
	    .about = "Forgets the host keys of servers: they are new the next time.",
	    .operand_complete = "targets",
	    .groups = groups,
	    .group_count = 1,
	    .examples = examples,
	};
	struct forgetting forgetting = {.console = &console};
	struct err err = ERR_INIT;
	int operands, rc = cert_parse(&spec, argc, argv, &operands, &err);

	if (rc < 1 || console_open(&console, &err))
		goto out;
	if (picked.list) {
		pick_list(console.store, &picked, argv + operands, (size_t)(argc - operands),
			  PICK_ACT, &err);
		goto out;
	}
	forgetting.own = home_path(&console.home, "known_hosts");
	if (!hosts_each(
		&console,
		&(struct place_call){&picked, argv + operands, (size_t)(argc - operands), PICK_ACT},
		forget_place, &forgetting, &err))
		fprintf(stderr, "%zu server%s: %zu key%s forgotten\n", forgetting.servers,
			forgetting.servers == 1 ? "" : "s", forgetting.lines,
			forgetting.lines == 1 ? "" : "s");
out:
	free(forgetting.own);
	console_close(&console);
	pick_args_finish(&picked);
	return cert_exit(COMMAND, STATUS_OK, &err);
}
