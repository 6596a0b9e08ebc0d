#include "lib/room/pick.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/flow/record.h"
#include "lib/room/pick_set.h"
#include "lib/room/pick_words.h"

#define AT(field) offsetof(struct pick_args, field)

const struct opt pick_opts[] = {
	{'w', "targets", OPT_LIST, AT(where), "LIST",
	 "servers: ids, web*, web-[01-12], @room, @tag, key=value, ^file, - (stdin)", NULL, 0, 0, "targets"},
	{'x', "exclude", OPT_LIST, AT(exclude), "LIST", "leave these servers out", NULL, 0, 0,
	 "targets"},
	{'g', "group", OPT_LIST, AT(rooms), "NAME", "servers of this room or tag", NULL, 0, 0, "groups"},
	{'a', "all", OPT_FLAG, AT(all), NULL, "all servers that are not retired", NULL, 0, 0, NULL},
	{0, "index", OPT_TEXT, AT(index), "LIST", "positions in the room: 0,2,4-7", NULL, 0, 0, NULL},
	{0, "from", OPT_TEXT, AT(from), "N", "from this position in the room on", NULL, 0, 0, NULL},
	{0, "to", OPT_TEXT, AT(to), "N", "up to this position in the room", NULL, 0, 0, NULL},
	{0, "list", OPT_FLAG, AT(list), NULL, "show the servers that would be touched, and stop", NULL,
	 0, 0, NULL},
	{0, NULL, OPT_END, 0, NULL, NULL, NULL, 0, 0, NULL},
};

void pick_args_finish(struct pick_args *args)
{
	list_finish(&args->where);
	list_finish(&args->exclude);
	list_finish(&args->rooms);
}

struct pick {
	struct store *store;
	struct list where; /* -w and operands */
	struct list exclude;
	struct list rooms;
	char *index;	   /* NULL: none */
	const char *index_option; /* where it came from */
	const char *wcoll; /* a file of targets, when nothing else is named; else NULL */
	const char *stdin_taken; /* by another option; NULL */
	bool all, retired, reads_stdin;
	struct pick_ssh ssh;
	struct pick_set set;
	pick_fn *fn;
	void *ctx;
	size_t handed;
	struct buf note;
	struct record_reader *reader;
};

/* Whether standard input can bring ids: not a terminal, nor what is fed to a command. */
static bool stdin_speaks(const struct pick *pick)
{
	return !pick->stdin_taken && !isatty(STDIN_FILENO);
}

/* pdsh's file of targets. What is piped in is nearer than a variable; an empty device such as /dev/null,
 * which cron and daemons give, brings nothing. */
static const char *wcoll_file(const struct pick *pick)
{
	const char *file = getenv("WCOLL");
	struct stat st;

	if (!file || !*file)
		return NULL;
	return !stdin_speaks(pick) || (!fstat(STDIN_FILENO, &st) && S_ISCHR(st.st_mode)) ? file : NULL;
}

/* Nothing is named: what the mode and the surroundings say. */
static int choose_default(struct pick *pick, enum pick_mode mode, struct err *err)
{
	if (mode == PICK_SHOW) {
		pick->all = true;
		return 0;
	}
	pick->wcoll = wcoll_file(pick);
	pick->reads_stdin = !pick->wcoll && stdin_speaks(pick);
	if (pick->wcoll || pick->reads_stdin)
		return 0;
	if (pick->stdin_taken)
		return err_set(err, STATUS_USAGE,
			       "no target named, and %s takes standard input (try: -w SERVER,..., -g ROOM, -a)",
			       pick->stdin_taken);
	return err_set(err, STATUS_USAGE,
		       "no target named (try: -w SERVER,..., -g ROOM, -a, or ids on standard input)");
}

/* --from and --to are an --index of one span. */
static int take_index(struct pick *pick, const struct pick_args *args, struct err *err)
{
	pick->index_option = args->index ? "--index" : args->from ? "--from" : "--to";
	if (args->index && (args->from || args->to))
		return err_set(err, STATUS_USAGE, "--index and --from, --to exclude each other");
	if (args->from && args->from[strspn(args->from, "0123456789")])
		return err_set(err, STATUS_USAGE, "--from: '%s' is not a position", args->from);
	if (args->to && args->to[strspn(args->to, "0123456789")])
		return err_set(err, STATUS_USAGE, "--to: '%s' is not a position", args->to);
	if (args->index)
		pick->index = mem_text(args->index);
	else if (args->from || args->to)
		pick->index = mem_format("%s-%s", args->from ? args->from : "0",
					 args->to ? args->to : "999999999");
	return 0;
}

/* Positions count within exactly one room, named by -g or @. */
static int check_index(struct pick *pick, struct err *err)
{
	const char *word = pick->where.count ? pick->where.at[0] : "";

	if (pick->all || pick->where.count + pick->rooms.count != 1 ||
	    (pick->where.count && (*word != '@' || strpbrk(word, ",[*?"))) ||
	    (pick->rooms.count && strchr(pick->rooms.at[0], ',')))
		return err_set(err, STATUS_USAGE,
			       "%s counts within one room (name it with -g ROOM, and nothing else)",
			       pick->index_option);
	return 0;
}

static int take_record(void *ctx, const struct record *record, struct err *err);

struct pick *pick_create(struct store *store, const struct pick_args *args, char **operands,
			 size_t operand_count, enum pick_mode mode, pick_fn *fn, void *ctx,
			 struct err *err)
{
	struct pick *pick = mem_zero(1, sizeof(*pick));

	pick->store = store;
	pick->all = args->all;
	pick->retired = args->retired;
	pick->stdin_taken = args->stdin_taken;
	pick->ssh.file = args->ssh_config;
	pick->fn = fn;
	pick->ctx = ctx;
	buf_init(&pick->note);
	pick_set_init(&pick->set);
	for (size_t i = 0; i < args->where.count; i++)
		list_add(&pick->where, args->where.at[i]);
	for (size_t i = 0; i < operand_count; i++)
		list_add(&pick->where, operands[i]);
	for (size_t i = 0; i < args->exclude.count; i++)
		list_add(&pick->exclude, args->exclude.at[i]);
	for (size_t i = 0; i < args->rooms.count; i++)
		list_add(&pick->rooms, args->rooms.at[i]);
	/* The rest of a line may be anything: it is not looked at. */
	pick->reader = record_reader_create("standard input", 2, take_record, pick);
	if (take_index(pick, args, err) ||
	    (pick->index ? check_index(pick, err)
			: !pick->where.count && !pick->rooms.count && !pick->all &&
			      choose_default(pick, mode, err))) {
		pick_destroy(pick);
		return NULL;
	}
	return pick;
}

void pick_destroy(struct pick *pick)
{
	if (!pick)
		return;
	list_finish(&pick->where);
	list_finish(&pick->exclude);
	list_finish(&pick->rooms);
	pick_set_finish(&pick->set);
	pick_ssh_finish(&pick->ssh);
	record_reader_destroy(pick->reader);
	buf_finish(&pick->note);
	free(pick->index);
	free(pick);
}

/* --- what the options name --- */

/* NAME[,NAME...] as -g takes it. */
static int take_rooms(struct pick_words *words, const char *text, struct err *err)
{
	struct list names = LIST_INIT;
	int result = 0;

	list_split(&names, text, ',');
	if (!names.count)
		result = err_set(err, STATUS_USAGE, "-g lacks the name of a room or tag");
	for (size_t i = 0; i < names.count && !result; i++) {
		const char *name = names.at[i];

		result = pick_words_room(words, name + (*name == '@'), err);
	}
	list_finish(&names);
	return result;
}

static int collect(struct pick *pick, struct err *err)
{
	struct pick_words words = {
		.store = pick->store, .ssh = &pick->ssh, .set = &pick->set, .retired = pick->retired, .exclude = true, .note = &pick->note};
	const char *room;

	for (size_t i = 0; i < pick->exclude.count; i++)
		if (pick_words_list(&words, pick->exclude.at[i], err))
			return -1;
	words.exclude = false;
	if (pick->index) {
		room = pick->rooms.count ? pick->rooms.at[0] : pick->where.at[0];
		return pick_index(&words, room + (*room == '@'), pick->index, pick->index_option,
				  err);
	}
	for (size_t i = 0; i < pick->where.count; i++)
		if (pick_words_list(&words, pick->where.at[i], err))
			return -1;
	for (size_t i = 0; i < pick->rooms.count; i++)
		if (take_rooms(&words, pick->rooms.at[i], err))
			return -1;
	if (pick->all && pick_words_all(&words, err))
		return -1;
	if (pick->wcoll && pick_words_file(&words, pick->wcoll, err))
		return err_prefix(err, "WCOLL");
	if (words.saw_stdin && pick->stdin_taken)
		return err_set(err, STATUS_USAGE, "-: %s takes standard input, ids cannot come from there",
			       pick->stdin_taken);
	pick->reads_stdin |= words.saw_stdin;
	return 0;
}

/* Hands out what was collected, and forgets it but for the ids. */
static int hand_out(struct pick *pick, struct err *err)
{
	int result = 0;

	for (size_t i = 0; i < pick->set.count && !result; i++) {
		const struct server *server = pick->set.at[i];

		if (pick_set_excluded(&pick->set, server))
			continue;
		pick->handed++;
		result = pick->fn(pick->ctx, server, err);
	}
	pick_set_empty(&pick->set);
	return result;
}

int pick_resolve(struct pick *pick, struct err *err)
{
	int result;

	if (store_read(pick->store, err))
		return -1;
	result = collect(pick, err);
	store_rollback(pick->store);
	return result ? -1 : hand_out(pick, err);
}

/* --- what standard input names --- */

bool pick_reads_stdin(const struct pick *pick)
{
	return pick->reads_stdin;
}

static int unknown_word(struct pick *pick, const char *id, struct err *err)
{
	struct list ids = LIST_INIT;

	list_add(&ids, id);
	pick_unknown_ids(pick->store, &ids, err);
	list_finish(&ids);
	return -1;
}

static int take_id(struct pick *pick, const char *id, struct err *err)
{
	struct server server;
	int found;

	if (pick_set_has(&pick->set, id))
		return 0;
	found = pick_server(pick->store, &pick->ssh, id, &server, err);
	if (found < 1)
		return found ? -1 : unknown_word(pick, id, err);
	pick_set_add(&pick->set, &server);
	server_finish(&server);
	return 0;
}

static int take_record(void *ctx, const struct record *record, struct err *err)
{
	const struct buf *field = &record->fields[0];
	const char *id = field->at + strspn(field->at, " ");
	size_t size = strlen(id);
	char *word;
	int result;

	while (size && id[size - 1] == ' ')
		size--;
	word = mem_text_n(id, size);
	if (strlen(field->at) != field->len)
		result = err_set(err, STATUS_USAGE, "the id holds a NUL byte");
	else if (!size)
		result = err_set(err, STATUS_USAGE, "the first field, the server's id, is empty");
	else
		result = take_id(ctx, word, err);
	free(word);
	return result ? err_prefix(err, "%s:%ld", record->source, record->line) : 0;
}

/* Looks up what these bytes name, then hands it out: what stands before a bad line as well. NULL bytes
 * are the end. */
static int feed(struct pick *pick, const char *bytes, size_t count, struct err *err)
{
	struct err handing = ERR_INIT;
	int result;

	if (store_read(pick->store, err))
		return -1;
	result = bytes ? record_feed(pick->reader, bytes, count, err)
		       : record_end(pick->reader, err);
	store_rollback(pick->store);
	if (hand_out(pick, &handing)) {
		*err = handing;
		return -1;
	}
	return result;
}

int pick_feed(struct pick *pick, const char *bytes, size_t count, struct err *err)
{
	return feed(pick, bytes, count, err);
}

int pick_end(struct pick *pick, struct err *err)
{
	return pick->reads_stdin ? feed(pick, NULL, 0, err) : 0;
}

/* All of standard input. */
static int drain(struct pick *pick, struct err *err)
{
	char *bytes = mem_alloc(65536);
	int result = 0;
	ssize_t got;

	while (!result && (got = read(STDIN_FILENO, bytes, 65536)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		result = got < 0 ? err_sys(err, STATUS_USAGE, errno, "standard input")
				 : feed(pick, bytes, (size_t)got, err);
	}
	free(bytes);
	return result ? -1 : pick_end(pick, err);
}

int pick_all(struct pick *pick, struct err *err)
{
	if (pick_resolve(pick, err))
		return -1;
	return pick->reads_stdin ? drain(pick, err) : 0;
}

const char *pick_note(const struct pick *pick)
{
	return pick->note.at;
}

size_t pick_count(const struct pick *pick)
{
	return pick->handed;
}
