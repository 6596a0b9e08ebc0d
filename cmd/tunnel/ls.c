#include "cmd/tunnel/look.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/opt.h"
#include "lib/flow/out.h"

enum { NAME, STATE, REASON, USERS, TYPE, SERVER, USER, SERVERS, DRIVER, SINCE, COLUMNS };

static const struct out_column columns[COLUMNS] = {
    [NAME] = {"tunnel", OUT_TEXT, false},   [STATE] = {"state", OUT_TEXT, false},
    [REASON] = {"reason", OUT_TEXT, false}, [USERS] = {"users", OUT_INT, false},
    [TYPE] = {"type", OUT_TEXT, false},	    [SERVER] = {"server", OUT_TEXT, false},
    [USER] = {"user", OUT_TEXT, true},	    [SERVERS] = {"servers", OUT_INT, false},
    [DRIVER] = {"driver", OUT_TEXT, true},  [SINCE] = {"since", OUT_TEXT, true},
};

/* `ls` and `status` print the same rows: status answers with its exit status as well. */
struct listing {
	struct console *console;
	struct out *out;
	bool all_up;
};

static int print_tunnel(struct listing *listing, const char *name, struct err *err)
{
	struct tunnel tunnel = TUNNEL_INIT;
	struct look look = {.reason = BUF_INIT};
	struct buf since = BUF_INIT;
	char users[24], servers[24];
	char *driver;
	int result = store_tunnel_need(listing->console->store, name, &tunnel, err);

	if (result || look_at(listing->console, name, &look, err)) {
		tunnel_finish(&tunnel);
		return -1;
	}
	driver = tunnel_driver_name(tunnel.type);
	snprintf(users, sizeof(users), "%ld", look.users);
	snprintf(servers, sizeof(servers), "%ld", tunnel.servers);
	if (look.since)
		clock_show(&since, look.since);
	listing->all_up = listing->all_up && !strcmp(look.state, "up");
	out_row(listing->out, (const char *const[COLUMNS]){
				  [NAME] = tunnel.name,
				  [STATE] = look.state,
				  [REASON] = look.reason.len ? look.reason.at : NULL,
				  [USERS] = users,
				  [TYPE] = tunnel.type,
				  [SERVER] = *tunnel.server ? tunnel.server : NULL,
				  [USER] = *tunnel.user ? tunnel.user : NULL,
				  [SERVERS] = servers,
				  [DRIVER] = driver,
				  [SINCE] = since.len ? since.at : NULL,
			      });
	free(driver);
	buf_finish(&since);
	buf_finish(&look.reason);
	tunnel_finish(&tunnel);
	return 0;
}

static int print_tunnels(struct listing *listing, char **operands, size_t count, struct err *err)
{
	struct list names = LIST_INIT;
	int result = 0;

	for (size_t i = 0; i < count; i++)
		list_add(&names, operands[i]);
	if (!count)
		result = store_tunnel_names(listing->console->store, &names, err);
	for (size_t i = 0; i < names.count && !result; i++)
		result = print_tunnel(listing, names.at[i], err);
	list_finish(&names);
	return result;
}

static int list(const struct opt_spec *spec, const struct out_args *form, int argc, char **argv,
		bool tell)
{
	struct console console = CONSOLE_INIT;
	struct listing listing = {&console, NULL, true};
	struct err err = ERR_INIT;
	int operands;
	int result = -1;

	switch (opt_parse(spec, argc, argv, &operands, NULL, &err)) {
	case OPT_SHOWN:
		return STATUS_OK;
	case OPT_BAD:
		goto out;
	case OPT_RUN:
		break;
	}
	if (console_open(&console, &err))
		goto out;
	listing.out = out_create(stdout, form, columns, COLUMNS, &err);
	if (listing.out)
		result = print_tunnels(&listing, argv + operands, (size_t)(argc - operands), &err);
out:
	if (out_finish(listing.out, result ? NULL : &err))
		result = -1;
	console_close(&console);
	if (result)
		return err_report(&err, spec->command);
	return tell && !listing.all_up ? STATUS_UNREACHABLE : STATUS_OK;
}

int tunnel_ls(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom tunnel ls", "mroom tunnel ls --columns tunnel,driver,since", NULL};
	struct out_args form = {.form = NULL};
	const struct opt_group groups[] = {{"Output", out_opts, &form}};
	const struct opt_spec spec = {
	    .command = "mroom tunnel ls",
	    .args = "[NAME...]",
	    .about = "Lists tunnels, how they are and who uses them.",
	    .operand_complete = "tunnels",
	    .groups = groups,
	    .group_count = 1,
	    .examples = examples,
	};

	return list(&spec, &form, argc, argv, false);
}

int tunnel_status(int argc, char **argv)
{
	static const char *const examples[] = {"mroom tunnel status prod-vpn",
					       "mroom tunnel status -o json", NULL};
	struct out_args form = {.form = NULL};
	const struct opt_group groups[] = {{"Output", out_opts, &form}};
	const struct opt_spec spec = {
	    .command = "mroom tunnel status",
	    .args = "[NAME...]",
	    .about = "Tells how tunnels are; exits 4 unless all of them are up.",
	    .operand_complete = "tunnels",
	    .groups = groups,
	    .group_count = 1,
	    .examples = examples,
	};

	return list(&spec, &form, argc, argv, true);
}
