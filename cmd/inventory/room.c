/* room: lists the rooms, or moves servers into one. */
#include "cmd/inventory/edit.h"
#include "cmd/inventory/inventory.h"
#include "lib/base/mem.h"
#include "lib/room/store_edit.h"

#define COMMAND "mroom inventory room"

struct room {
	bool none;
	const char *name; /* NULL: none */
};

static const struct opt room_opts[] = {
    {.name = "none",
     .type = OPT_FLAG,
     .offset = offsetof(struct room, none),
     .help = "out of their rooms, into none"},
    {.type = OPT_END},
};

static const char *const examples[] = {
    "mroom inventory room",
    "mroom inventory room production web-07 web-08",
    "mroom inventory room --none web-07",
    NULL,
};

static int take_name(void *ctx, struct edit *edit, char ***operands, size_t *count, struct err *err)
{
	struct room *room = ctx;

	(void)edit;
	if (room->none)
		return 0;
	if (!*count)
		return err_set(err, STATUS_USAGE, "which room? (try: room NAME TARGETS)");
	room->name = **operands;
	++*operands;
	--*count;
	return server_check_name("room", room->name, err);
}

static int move(void *ctx, struct edit *edit, const struct server *server, unsigned *fields,
		struct err *err)
{
	const struct room *room = ctx;
	const struct server to = {.room = (char *)(uintptr_t)room->name};

	return store_server_set(edit->console.store, server->row, &to, IMPORT_ROOM, fields, err)
		   ? -1
		   : *fields != 0;
}

/* --- the list --- */

static const struct out_column room_columns[] = {
    {.name = "room", .type = OUT_TEXT},
    {.name = "servers", .type = OUT_INT},
    {.name = "retired", .type = OUT_INT},
};

struct tally {
	long servers, retired;
};

static int count_server(void *ctx, const struct server *server, struct err *err)
{
	struct tally *tally = ctx;

	(void)err;
	tally->servers++;
	tally->retired += server->retired;
	return 0;
}

static int list_room(struct store *store, const char *name, struct out *out, struct err *err)
{
	const struct server_query query = {.room = name, .with_retired = true};
	struct tally tally = {0, 0};
	char servers[24], retired[24];
	const char *const values[] = {name, servers, retired};

	if (store_server_each(store, &query, count_server, &tally, err))
		return -1;
	snprintf(servers, sizeof(servers), "%ld", tally.servers);
	snprintf(retired, sizeof(retired), "%ld", tally.retired);
	out_row(out, values);
	return 0;
}

static int list_rooms(void)
{
	const struct out_args form = {.form = NULL};
	struct console console = CONSOLE_INIT;
	struct list names = LIST_INIT;
	struct err err = ERR_INIT;
	struct out *out = NULL;
	int result = -1;

	if (console_open(&console, &err) || store_room_names(console.store, &names, &err))
		goto out;
	out = out_create(stdout, &form, room_columns, 3, &err);
	if (!out)
		goto out;
	result = 0;
	for (size_t i = 0; i < names.count && !result; i++)
		result = list_room(console.store, names.at[i], out, &err);
out:
	if (out_finish(out, result ? NULL : &err))
		result = -1;
	list_finish(&names);
	console_close(&console);
	return result ? err_report(&err, COMMAND) : STATUS_OK;
}

int inventory_room(int argc, char **argv)
{
	static const struct edit_verb verb = {
	    .command = COMMAND,
	    .args = "[NAME TARGETS]",
	    .operand_complete = "rooms targets",
	    .about = "Lists the rooms; or moves servers to the end of the room NAME.",
	    .examples = examples,
	    .title = "Room",
	    .opts = room_opts,
	    .done = "moved",
	    .words = take_name,
	    .apply = move,
	    .settle = edit_close_ranks,
	};
	struct room room = {.none = false};

	return argc == 1 ? list_rooms() : edit_main(&verb, &room, argc, argv);
}
