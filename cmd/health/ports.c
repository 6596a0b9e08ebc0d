/* mroom health ports: what listens, and what is new or gone since the last time. */
#include "cmd/health/ports.h"

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/health/health.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/facts.h"
#include "lib/room/store_state.h"

#define KEY "ports" /* the state they are kept in: a list of "tcp 0.0.0.0 22 sshd" */

struct ports_opts {
	bool reach, changes;
};

static const struct opt ports_opts[] = {
    {.name = "changes",
     .type = OPT_FLAG,
     .offset = offsetof(struct ports_opts, changes),
     .help = "show only what is new or gone since the last time"},
    {.name = "reach",
     .type = OPT_FLAG,
     .offset = offsetof(struct ports_opts, reach),
     .help = "try from here which of them can be reached"},
    {.type = OPT_END},
};

static const char *const examples[] = {
    "mroom health ports @production",
    "mroom health ports -a --changes",
    "mroom health ports web-01 --reach",
    NULL,
};

static const struct ask_spec spec = {
    .command = "mroom health ports",
    .args = "[TARGETS]",
    .about = "What listens on servers, kept, and compared with the last time.",
    .opts = ports_opts,
    .touches = true,
    .examples = examples,
};

static const struct out_column columns[] = {
    {"id", OUT_TEXT, false},	  {"protocol", OUT_TEXT, false}, {"port", OUT_INT, false},
    {"address", OUT_TEXT, false}, {"program", OUT_TEXT, false},	 {"state", OUT_TEXT, false},
    {"reach", OUT_TEXT, false},
};

struct scan {
	struct ask *ask;
	struct ports_opts opts;
	struct ports ports;
	bool changed, unknown;
};

struct port *ports_add(struct ports *ports, const char *id, const char *host,
		       const struct listening *at, const char *program)
{
	struct port *port;

	if (ports->count == ports->cap) {
		ports->cap = ports->cap ? ports->cap * 2 : 64;
		ports->at = mem_resize(ports->at, ports->cap, sizeof(*ports->at));
	}
	port = &ports->at[ports->count++];
	*port =
	    (struct port){.id = mem_text(id), .host = mem_text(host), .at = *at, .state = "known"};
	snprintf(port->program, sizeof(port->program), "%s", program);
	return port;
}

void ports_finish(struct ports *ports)
{
	for (size_t i = 0; i < ports->count; i++) {
		free(ports->at[i].id);
		free(ports->at[i].host);
	}
	free(ports->at);
}

static const char *owner(const struct facts *facts, const struct listening *at)
{
	const struct fact *fact = NULL;

	while ((fact = facts_find(facts, "owner", fact)))
		if (!strcmp(fact->field[0], at->protocol) &&
		    strtol(fact->field[1], NULL, 10) == at->port)
			return fact->field[2];
	return "";
}

/* "tcp 0.0.0.0 22 sshd" and back. What was kept may have been changed by hand. */
static char *port_text(const struct port *port)
{
	return mem_format("%s %s %ld %s", port->at.protocol, port->at.address, port->at.port,
			  port->program);
}

static bool read_port(const char *text, struct listening *at, char program[64])
{
	char port[8];

	memset(at, 0, sizeof(*at));
	*program = '\0';
	return text &&
	       sscanf(text, "%7s %63s %7s %63[^\n]", at->protocol, at->address, port, program) >=
		   3 &&
	       !num_parse(port, 0, 65535, &at->port, NULL);
}

static bool same_port(const struct listening *a, const struct listening *b)
{
	return a->port == b->port && !strcmp(a->protocol, b->protocol) &&
	       !strcmp(a->address, b->address);
}

static struct port *find(struct ports *ports, size_t from, size_t until, const struct listening *at)
{
	for (size_t i = from; i < until; i++)
		if (same_port(&ports->at[i].at, at))
			return &ports->at[i];
	return NULL;
}

/* Compares what was found (from `start` on) with the last time; what is gone is added. */
static void compare(struct scan *scan, const struct server *server, size_t start,
		    const json_t *before)
{
	size_t found = scan->ports.count;
	bool *known = mem_zero(found - start + 1, sizeof(*known));

	for (size_t i = 0; i < json_array_size(before); i++) {
		struct listening at;
		char program[64];
		struct port *port;

		if (!read_port(json_string_value(json_array_get(before, i)), &at, program))
			continue;
		port = find(&scan->ports, start, found, &at);
		if (port) {
			known[port - scan->ports.at - (ptrdiff_t)start] = true;
			continue;
		}
		ports_add(&scan->ports, server->id, server->host, &at, program)->state = "gone";
		scan->changed = true;
	}
	for (size_t i = start; i < found; i++)
		if (!known[i - start]) {
			scan->ports.at[i].state = "new";
			scan->changed = true;
		}
	free(known);
}

static void keep(struct scan *scan, const char *id, size_t start)
{
	json_t *list = json_array();
	char *text;

	for (size_t i = start; i < scan->ports.count; i++) {
		if (!strcmp(scan->ports.at[i].state, "gone"))
			continue;
		text = port_text(&scan->ports.at[i]);
		json_array_append_new(list, json_string(text));
		free(text);
	}
	text = json_dumps(list, JSON_COMPACT);
	store_state_set(scan->ask->console.store, id, KEY, text, "health", &scan->ask->err);
	free(text);
	json_decref(list);
}

static void scan_done(void *ctx, const struct answer *answer, const struct result *result)
{
	struct scan *scan = ctx;
	const struct server *server = answer->server;
	size_t start = scan->ports.count, count;
	struct buf json = BUF_INIT;
	struct listening *at = NULL;
	json_t *before = NULL;
	struct facts facts;

	facts_parse(&facts, answer->out.at, answer->out.len);
	if (result->outcome != OUTCOME_OK || !facts.whole) {
		scan->unknown = true;
		goto out;
	}
	at = listening_read(&facts, &count);
	for (size_t i = 0; i < count; i++)
		ports_add(&scan->ports, server->id, server->host, &at[i], owner(&facts, &at[i]));
	if (store_state_get(scan->ask->console.store, server->id, KEY, &json, NULL) == 1)
		before = json_loads(json.at, 0, NULL);
	if (json_is_array(before))
		compare(scan, server, start, before);
	keep(scan, server->id, start);
out:
	json_decref(before);
	buf_finish(&json);
	free(at);
	facts_finish(&facts);
}

static int print_ports(struct scan *scan)
{
	static const char *const words[] = {NULL, "open", "closed", "silent"};
	struct out *out = out_create(stdout, &scan->ask->form, columns,
				     sizeof(columns) / sizeof(*columns), &scan->ask->err);

	if (!out)
		return -1;
	for (size_t i = 0; i < scan->ports.count; i++) {
		const struct port *port = &scan->ports.at[i];
		char number[24];
		const char *values[] = {port->id,
					port->at.protocol,
					number,
					port->at.address,
					*port->program ? port->program : NULL,
					port->state,
					words[port->reach]};

		snprintf(number, sizeof(number), "%ld", port->at.port);
		if (!scan->opts.changes || strcmp(port->state, "known") != 0)
			out_row(out, values);
	}
	return out_finish(out, &scan->ask->err);
}

static int go(struct scan *scan)
{
	const struct deed deed = {.script = "health-ports.sh", .done = scan_done};
	int status = ask_deed(scan->ask, &deed, scan, "ports");

	if (scan->opts.reach)
		ports_reach(&scan->ports);
	if (print_ports(scan))
		return HEALTH_UNKNOWN;
	if (status)
		return status;
	return scan->unknown ? HEALTH_UNKNOWN : scan->changed ? HEALTH_WARNING : HEALTH_OK;
}

int health_ports(int argc, char **argv)
{
	struct ask ask = {.operands = NULL};
	struct scan scan = {.ask = &ask};
	struct ask_spec own = spec;
	int status = HEALTH_UNKNOWN;

	own.into = &scan.opts;
	switch (ask_begin(&ask, &own, argc, argv)) {
	case OPT_RUN:
		if (ask.targets.list)
			status = ask_list(&ask, PICK_ACT);
		else
			status = go(&scan);
		break;
	case OPT_SHOWN:
		status = HEALTH_OK;
		break;
	case OPT_BAD:
		break;
	}
	ports_finish(&scan.ports);
	return ask_end(&ask, &own, status);
}
