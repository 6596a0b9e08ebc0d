/* What an import reads, of whatever kind, and the rooms that it is for. */
#include "cmd/inventory/import.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/room/listing.h"

/* Two million servers; more is a mistake. */
#define FILE_MAX ((size_t)128 * 1024 * 1024)

/* Databases and ssh_config, which includes others, are read by their path. */
static struct roster *read_path(const struct import_source *source, enum listing_form form,
				struct err *err)
{
	if (!strcmp(source->path, "-")) {
		err_set(err, STATUS_USAGE, "%s is read from a file, not from standard input",
			form == LISTING_CACHE ? "a database" : "an ssh_config");
		return NULL;
	}
	return form == LISTING_CACHE ? listing_cache(source->name, source->path, err)
				     : listing_ssh(source->name, source->path, err);
}

struct roster *import_read(struct import_source *source, const char *format, struct err *err)
{
	enum listing_form form = LISTING_ROSTER;
	struct roster *roster = NULL;
	struct buf text = BUF_INIT;
	int bad = 0;

	/* Room for all at once: a buffer that grew would leave copies of passwords behind. */
	buf_reserve(&text, (source->size < FILE_MAX ? source->size : 0) + 4096);
	if (format)
		form = listing_form(format);
	if (form != LISTING_CACHE && form != LISTING_SSH)
		bad = io_read_file(source->path, FILE_MAX, &text, err);
	if (!bad && !format) {
		bad = listing_recognise(text.at, text.len, &form, err);
		if (bad)
			err_prefix(err, "%s", source->name);
	}
	source->known_stay = form != LISTING_ROSTER;
	if (!bad && (form == LISTING_CACHE || form == LISTING_SSH))
		roster = read_path(source, form, err);
	else if (!bad)
		roster = listing_parse(form, source->name, text.at, text.len);
	buf_wipe(&text);
	return roster;
}

/* The room that this server is for; *known is false where nobody says. */
static const char *room_of(const struct import_source *source, const struct import_args *args,
			   const struct roster_server *entry, bool *known)
{
	*known = true;
	if (args->room)
		return args->room;
	if (entry->says & IMPORT_ROOM)
		return entry->server.room;
	*known = source->room != NULL;
	return source->room;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static int check_room(const struct import_source *source, const char *room, bool known,
		      struct err *err)
{
	if (!known)
		return err_set(err, STATUS_USAGE,
			       "%s has no name to call the room by (use --room NAME)",
			       source->name);
	if (room && server_check_name("room", room, err))
		return err_prefix(err, "%s: name the room with --room", source->name);
	return 0;
}

/* Imports those of `from` on that are for the same room as that one, and marks them. */
static int import_one_room(struct console *console, const struct import_source *source,
			   const struct roster *roster, const struct import_args *args, bool *done,
			   size_t from, struct import_report *report, struct err *err)
{
	const struct roster_server *first = &roster->servers[from];
	struct roster part = *roster;
	struct import_args own = *args;
	bool known;
	int result = -1;

	own.room = room_of(source, args, first, &known);
	own.stay = source->known_stay && !args->room;
	part.servers = mem_zero(roster->server_count, sizeof(*part.servers));
	part.server_count = 0;
	for (size_t i = from; i < roster->server_count; i++) {
		const struct roster_server *entry = &roster->servers[i];
		bool ignored;

		if (done[i] || !same(own.room, room_of(source, args, entry, &ignored)))
			continue;
		done[i] = true;
		part.servers[part.server_count++] = *entry;
	}
	if (!check_room(source, own.room, known, err))
		result = store_import(console->store, console->box, &part, &own, report, err);
	free(part.servers);
	return result;
}

/* A list without servers makes the room all the same, and says what is gone from it. */
static int import_nothing(struct console *console, const struct import_source *source,
			  const struct roster *roster, const struct import_args *args,
			  struct import_report *report, struct err *err)
{
	struct import_args own = *args;

	own.room = args->room ? args->room : source->room;
	return check_room(source, own.room, own.room != NULL, err)
		   ? -1
		   : store_import(console->store, console->box, roster, &own, report, err);
}

int import_rooms(struct console *console, struct import_source *source, const struct roster *roster,
		 const struct import_args *args, struct import_report *report, struct err *err)
{
	bool *done = mem_zero(roster->server_count + 1, sizeof(*done));
	int result = store_begin(console->store, err);

	if (result)
		goto out;
	if (!roster->server_count)
		result = import_nothing(console, source, roster, args, report, err);
	for (size_t i = 0; i < roster->server_count && !result; i++)
		if (!done[i])
			result =
			    import_one_room(console, source, roster, args, done, i, report, err);
	if (result || args->dry_run)
		store_rollback(console->store);
	else
		result = store_commit(console->store, err);
out:
	free(done);
	return result;
}
