/* mroom health db: whether SQLite databases on servers are whole. */
#include <stdlib.h>

#include "cmd/health/check.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/facts.h"

static const char *const examples[] = {
    "mroom health db /var/lib/app/cache.db @production",
    "mroom health db '/srv/*/data/*.db' -a",
    NULL,
};

static const struct opt db_opts[] = {{.type = OPT_END}};

static const struct ask_spec spec = {
    .command = "mroom health db",
    .args = "PATH [TARGETS]",
    .complete = "- targets",
    .about =
	"Runs SQLite's integrity check on servers: on a file, a pattern, or *.db of a directory.",
    .opts = db_opts,
    .form_opts = check_form_opts,
    .touches = true,
    .examples = examples,
};

struct databases {
	const char *path;
	struct out *out;
	struct ward ward;
};

static int db_args(void *ctx, const struct server *server, struct list *args, struct err *err)
{
	const struct databases *databases = ctx;

	(void)server;
	(void)err;
	list_add(args, databases->path);
	return 0;
}

static void judge_database(struct checkup *checkup, const struct fact *fact)
{
	enum health status = HEALTH_UNKNOWN;
	struct check *check;

	if (!strcmp(fact->field[0], "ok"))
		status = HEALTH_OK;
	else if (!strcmp(fact->field[0], "bad"))
		status = HEALTH_CRITICAL;
	check = checkup_add(checkup, status, fact->field[3], "db:%s", fact->field[2]);
	if (check)
		check->has_value = fact_number(fact, 1, &check->value);
}

static void db_done(void *ctx, const struct answer *answer, const struct result *result)
{
	struct databases *databases = ctx;
	struct checkup checkup = CHECKUP_INIT;
	const struct fact *fact = NULL;
	struct facts facts;
	char *text;

	checkup.at_ms = clock_wall_ms();
	facts_parse(&facts, answer->out.at, answer->out.len);
	while ((fact = facts_find(&facts, "db", fact)))
		judge_database(&checkup, fact);
	if (result->outcome != OUTCOME_OK || !facts.whole) {
		text = mem_format("%s: %s", outcome_name(result->outcome),
				  result->message ? result->message : "");
		checkup_add(&checkup, HEALTH_UNKNOWN, text, "%s", "reach");
		free(text);
	} else if (!checkup.count) {
		checkup_add(&checkup, HEALTH_UNKNOWN, "no such file", "db:%s", databases->path);
	}
	checkup_close(&checkup);
	if (databases->out) {
		check_rows(databases->out, answer->server->id, &checkup, false);
		out_flush(databases->out, NULL);
	}
	ward_add(&databases->ward, answer->server->id, &checkup);
	facts_finish(&facts);
}

static int go(struct ask *ask, struct databases *databases)
{
	const struct deed deed = {.script = "health-db.sh", .args = db_args, .done = db_done};
	enum health_form form = check_form(&ask->form);
	char *command;
	int status;

	if (!ask->operand_count) {
		err_set(&ask->err, STATUS_USAGE, "no PATH given");
		return HEALTH_UNKNOWN;
	}
	databases->path = *ask->operands++;
	ask->operand_count--;
	if (form == FORM_PROMETHEUS) {
		err_set(&ask->err, STATUS_USAGE, "-o prometheus is for check and report");
		return HEALTH_UNKNOWN;
	}
	if (form == FORM_ROWS) {
		databases->out =
		    out_create(stdout, &ask->form, check_columns, CHECK_COLUMNS, &ask->err);
		if (!databases->out)
			return HEALTH_UNKNOWN;
	}
	command = mem_format("db %s", databases->path);
	status = ask_deed(ask, &deed, databases, command);
	free(command);
	if (out_finish(databases->out, &ask->err))
		return HEALTH_UNKNOWN;
	if (form == FORM_NAGIOS)
		check_nagios(&databases->ward, stdout);
	return status ? status : (int)ward_status(&databases->ward);
}

int health_db(int argc, char **argv)
{
	struct ask ask = {.operands = NULL};
	struct databases databases = {.path = NULL};
	int status = HEALTH_UNKNOWN;

	switch (ask_begin(&ask, &spec, argc, argv)) {
	case OPT_RUN:
		if (ask.targets.list && ask.operand_count) {
			ask.operands++;
			ask.operand_count--;
			status = ask_list(&ask, PICK_ACT);
		} else {
			status = go(&ask, &databases);
		}
		break;
	case OPT_SHOWN:
		status = HEALTH_OK;
		break;
	case OPT_BAD:
		break;
	}
	ward_finish(&databases.ward);
	return ask_end(&ask, &spec, status);
}
