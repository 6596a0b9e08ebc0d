/* mroom health facts: what servers are, asked once and remembered for a while. */
#include <fnmatch.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/health/health.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/facts.h"
#include "lib/room/store_state.h"

#define KEY "facts" /* the state they are kept in */

struct facts_opts {
	struct list only, programs, processes;
	bool fresh;
};

static const struct opt facts_opts[] = {
    {.name = "only",
     .type = OPT_LIST,
     .offset = offsetof(struct facts_opts, only),
     .arg = "PATTERN",
     .help = "show only facts called so, such as os or 'ram*'"},
    {.name = "program",
     .type = OPT_LIST,
     .offset = offsetof(struct facts_opts, programs),
     .arg = "NAME",
     .help = "tell whether the server has this program"},
    {.name = "process",
     .type = OPT_LIST,
     .offset = offsetof(struct facts_opts, processes),
     .arg = "NAME",
     .help = "count the server's processes of this name, now"},
    {.name = "fresh",
     .type = OPT_FLAG,
     .offset = offsetof(struct facts_opts, fresh),
     .help = "ask the servers, however new what is remembered"},
    {.type = OPT_END},
};

static const char *const examples[] = {
    "mroom health facts web-01",
    "mroom health facts -a --only os --only version",
    "mroom health facts -a --program docker | awk -F'\\t' '$3==\"no\"'",
    NULL,
};

static const struct ask_spec spec = {
    .command = "mroom health facts",
    .args = "[TARGETS]",
    .about = "What servers are: system, hardware, addresses, programs. Remembered for [health] "
	     "facts_stale.",
    .opts = facts_opts,
    .touches = true,
    .examples = examples,
};

static const struct out_column columns[] = {
    {"id", OUT_TEXT, false},
    {"fact", OUT_TEXT, false},
    {"value", OUT_TEXT, false},
};

/* The question and what becomes of the answers. */
struct inquiry {
	struct ask *ask;
	struct facts_opts opts;
	struct out *out;
	struct list stale; /* ids that have to be asked */
	bool unknown;	   /* a server did not answer */
};

/* The words that come several times, and what their list is called. */
static const char *list_name(const char *word)
{
	static const char *const names[][2] = {
	    {"disk", "disks"},	     {"address", "addresses"}, {"shell", "shells"},
	    {"program", "programs"}, {"process", "processes"}, {"free_port", "free_ports"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(word, names[i][0]))
			return names[i][1];
	return NULL;
}

static json_t *facts_json(const struct facts *facts, const struct list *asked)
{
	json_t *object = json_object(), *names = json_array();

	json_object_set_new(object, "at", json_integer(clock_wall_ms()));
	for (size_t i = 0; i + 1 < facts->count; i++) {
		const struct fact *fact = &facts->at[i];
		const char *name = list_name(fact->word);
		json_t *list = name ? json_object_get(object, name) : NULL;

		if (name && !list) {
			list = json_array();
			json_object_set_new(object, name, list);
		}
		if (name)
			json_array_append_new(list, json_string(fact->field[0]));
		else
			json_object_set_new(object, fact->word, json_string(fact->field[0]));
	}
	for (size_t i = 0; i < asked->count; i++)
		json_array_append_new(names, json_string(asked->at[i]));
	json_object_set_new(object, "asked_programs", names);
	return object;
}

static bool array_has(const json_t *array, const char *text)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		if (!strcmp(json_string_value(json_array_get(array, i)), text))
			return true;
	return false;
}

static void print_row(struct inquiry *inquiry, const char *id, const char *fact, const char *value)
{
	const char *values[] = {id, fact, value};
	const struct list *only = &inquiry->opts.only;
	bool wanted = !only->count;

	for (size_t i = 0; i < only->count && !wanted; i++)
		wanted = !fnmatch(only->at[i], fact, 0);
	if (wanted)
		out_row(inquiry->out, values);
}

/* A list is shown joined by commas. */
static void print_value(struct inquiry *inquiry, const char *id, const char *key,
			const json_t *value)
{
	struct buf text = BUF_INIT;

	if (json_is_string(value))
		buf_text(&text, json_string_value(value));
	else if (json_is_integer(value))
		clock_show(&text, json_integer_value(value));
	for (size_t i = 0; i < json_array_size(value); i++) {
		const char *item = json_string_value(json_array_get(value, i));

		buf_format(&text, "%s%s", i ? "," : "", item ? item : "");
	}
	print_row(inquiry, id, key, text.at);
	buf_finish(&text);
}

/* What was asked for by name: "program:docker yes", "process:sshd 3". */
static void print_asked(struct inquiry *inquiry, const char *id, const json_t *object)
{
	const json_t *processes = json_object_get(object, "processes");
	char *name;

	for (size_t i = 0; i < inquiry->opts.programs.count; i++) {
		name = mem_format("program:%s", inquiry->opts.programs.at[i]);
		print_row(
		    inquiry, id, name,
		    array_has(json_object_get(object, "programs"), inquiry->opts.programs.at[i])
			? "yes"
			: "no");
		free(name);
	}
	for (size_t i = 0; i < json_array_size(processes); i++) {
		const char *item = json_string_value(json_array_get(processes, i));
		const char *blank = item ? strrchr(item, ' ') : NULL;

		if (!blank)
			continue;
		name = mem_format("process:%.*s", (int)(blank - item), item);
		print_row(inquiry, id, name, blank + 1);
		free(name);
	}
}

static void print_json(const char *id, json_t *object)
{
	json_t *whole = json_pack("{s:s}", "id", id);
	char *text;

	json_object_update(whole, object);
	text = json_dumps(whole, JSON_COMPACT);
	printf("%s\n", text);
	free(text);
	json_decref(whole);
}

static void print_facts(struct inquiry *inquiry, const char *id, json_t *object)
{
	const char *key;
	json_t *value;

	if (out_form(inquiry->out) == OUT_JSON) {
		print_json(id, object);
	} else if (inquiry->opts.programs.count || inquiry->opts.processes.count) {
		print_asked(inquiry, id, object);
	} else {
		json_object_foreach(object, key, value) if (strcmp(key, "asked_programs") != 0)
		    print_value(inquiry, id, key, value);
	}
	out_flush(inquiry->out, NULL);
}

/* What is remembered, when it will do; NULL otherwise. The caller lets go of it. */
static json_t *remembered(struct inquiry *inquiry, const char *id)
{
	int64_t stale = config_time(inquiry->ask->console.config, "health", "facts_stale");
	struct buf json = BUF_INIT;
	json_t *object = NULL;
	bool good = store_state_get(inquiry->ask->console.store, id, KEY, &json, NULL) == 1;

	if (good)
		object = json_loads(json.at, 0, NULL);
	good =
	    json_is_object(object) && !inquiry->opts.fresh && !inquiry->opts.processes.count &&
	    (!stale || clock_wall_ms() - json_integer_value(json_object_get(object, "at")) < stale);
	for (size_t i = 0; good && i < inquiry->opts.programs.count; i++)
		good =
		    array_has(json_object_get(object, "programs"), inquiry->opts.programs.at[i]) ||
		    array_has(json_object_get(object, "asked_programs"),
			      inquiry->opts.programs.at[i]);
	buf_finish(&json);
	if (good)
		return object;
	json_decref(object);
	return NULL;
}

static int sort_out(void *ctx, const struct server *server, struct err *err)
{
	struct inquiry *inquiry = ctx;
	json_t *object = remembered(inquiry, server->id);

	(void)err;
	if (object)
		print_facts(inquiry, server->id, object);
	else
		list_add(&inquiry->stale, server->id);
	json_decref(object);
	return 0;
}

static int inquiry_args(void *ctx, const struct server *server, struct list *args, struct err *err)
{
	const struct inquiry *inquiry = ctx;

	(void)server;
	(void)err;
	list_take(args, list_join(&inquiry->opts.programs, " "));
	list_take(args, list_join(&inquiry->opts.processes, " "));
	return 0;
}

static void inquiry_done(void *ctx, const struct answer *answer, const struct result *result)
{
	struct inquiry *inquiry = ctx;
	const char *id = answer->server->id;
	struct facts facts;
	json_t *object;
	char *text;

	facts_parse(&facts, answer->out.at, answer->out.len);
	if (result->outcome != OUTCOME_OK || !facts.whole) {
		inquiry->unknown = true;
		facts_finish(&facts);
		return;
	}
	object = facts_json(&facts, &inquiry->opts.programs);
	print_facts(inquiry, id, object);
	json_object_del(object, "processes"); /* true for a moment only */
	text = json_dumps(object, JSON_COMPACT);
	store_state_set(inquiry->ask->console.store, id, KEY, text, "health", &inquiry->ask->err);
	free(text);
	json_decref(object);
	facts_finish(&facts);
}

static int go(struct inquiry *inquiry)
{
	const struct deed deed = {
	    .script = "health-facts.sh", .args = inquiry_args, .done = inquiry_done};
	struct ask *ask = inquiry->ask;
	int status;

	inquiry->out =
	    out_create(stdout, &ask->form, columns, sizeof(columns) / sizeof(*columns), &ask->err);
	if (!inquiry->out || ask_gather(ask, sort_out, inquiry))
		return HEALTH_UNKNOWN;
	status = HEALTH_OK;
	if (inquiry->stale.count) {
		/* Only those are asked; what named them has done its part. */
		pick_args_finish(&ask->targets);
		ask->targets = (struct pick_args){.all = false};
		ask->operands = inquiry->stale.at;
		ask->operand_count = inquiry->stale.count;
		status = ask_deed(ask, &deed, inquiry, "facts");
	}
	return status ? status : inquiry->unknown ? HEALTH_UNKNOWN : HEALTH_OK;
}

int health_facts(int argc, char **argv)
{
	struct ask ask = {.operands = NULL};
	struct inquiry inquiry = {.ask = &ask};
	struct ask_spec own = spec;
	int status = HEALTH_UNKNOWN;

	own.into = &inquiry.opts;
	switch (ask_begin(&ask, &own, argc, argv)) {
	case OPT_RUN:
		if (ask.targets.list)
			status = ask_list(&ask, PICK_ACT);
		else
			status = go(&inquiry);
		break;
	case OPT_SHOWN:
		status = HEALTH_OK;
		break;
	case OPT_BAD:
		break;
	}
	if (out_finish(inquiry.out, &ask.err))
		status = HEALTH_UNKNOWN;
	list_finish(&inquiry.stale);
	list_finish(&inquiry.opts.only);
	list_finish(&inquiry.opts.programs);
	list_finish(&inquiry.opts.processes);
	return ask_end(&ask, &own, status);
}
