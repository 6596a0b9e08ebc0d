#include <stddef.h>

#include "cmd/cert/cert.h"
#include "cmd/cert/record.h"

#define COMMAND "mroom cert off"

struct off {
	const char *name;
	struct console *console;
	struct list ids;
};

static const struct opt opts[] = {
    {.name = "name",
     .type = OPT_TEXT,
     .offset = offsetof(struct off, name),
     .arg = "NAME",
     .help = "forget custom_cert_NAME instead"},
    {.type = OPT_END},
};

static int collect(void *ctx, const struct server *server, struct err *err)
{
	struct off *off = ctx;

	(void)err;
	list_add(&off->ids, server->id);
	return 0;
}

static const char *const examples[] = {
    "mroom cert off web-07",
    NULL,
};

int cert_off(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct off off = {.console = &console};
	struct pick_args picked = {.all = false};
	const struct opt_group groups[] = {
	    {"Targets", pick_opts, &picked},
	    {"Key", opts, &off},
	};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "TARGETS",
	    .about = "Forgets, here alone, that a key was installed; servers are not touched.",
	    .operand_complete = "targets",
	    .groups = groups,
	    .group_count = 2,
	    .examples = examples,
	};
	struct pick *pick = NULL;
	struct err err = ERR_INIT;
	size_t kept = 0;
	int operands;

	if (cert_parse(&spec, argc, argv, &operands, &err) < 1 || console_open(&console, &err) ||
	    (off.name && record_check_name(off.name, &err)))
		goto out;
	if (picked.list) {
		pick_list(console.store, &picked, argv + operands, (size_t)(argc - operands),
			  PICK_ACT, &err);
		goto out;
	}
	pick = pick_create(console.store, &picked, argv + operands, (size_t)(argc - operands),
			   PICK_ACT, collect, &off, &err);
	if (!pick || pick_all(pick, &err))
		goto out;
	for (size_t i = 0; i < off.ids.count; i++) {
		bool own;

		if (record_off(&console, off.ids.at[i], off.name, &own, &err))
			goto out;
		kept += own;
	}
	fprintf(stderr, "forgotten for %zu server%s\n", off.ids.count,
		off.ids.count == 1 ? "" : "s");
	if (kept > 0)
		fprintf(stderr,
			"%zu of them keep%s it as their key in the inventory, and log in with it "
			"(try: mroom inventory set --key '')\n",
			kept, kept == 1 ? "s" : "");
out:
	pick_destroy(pick);
	list_finish(&off.ids);
	console_close(&console);
	pick_args_finish(&picked);
	return cert_exit(COMMAND, STATUS_OK, &err);
}
