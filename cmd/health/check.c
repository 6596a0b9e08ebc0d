/* mroom health check: one probe, one round trip, what it answers judged and kept. */
#include <fnmatch.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/health/report.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/judge.h"
#include "lib/room/store_checkup.h"
#include "lib/room/store_sample.h"

struct check_opts {
	bool problems, full, deep;
	struct list only;
};

static const struct opt check_opts[] = {
    {.name = "problems",
     .type = OPT_FLAG,
     .offset = offsetof(struct check_opts, problems),
     .help = "show only what is not OK (so does a table)"},
    {.name = "full",
     .type = OPT_FLAG,
     .offset = offsetof(struct check_opts, full),
     .help = "show all checks (so do records and JSON)"},
    {.name = "only",
     .type = OPT_LIST,
     .offset = offsetof(struct check_opts, only),
     .arg = "PATTERN",
     .help = "show and count only checks called so, such as 'disk:*'; all of them are kept"},
    {.name = "deep",
     .type = OPT_FLAG,
     .offset = offsetof(struct check_opts, deep),
     .help = "ask the package manager for security updates, which takes its time"},
    {.type = OPT_END},
};

static const char *const examples[] = {
    "mroom health check @production",
    "mroom health check -a | awk -F'\\t' '$2==\"CRITICAL\"' | mroom exec -- df -h",
    "mroom health check -o nagios web-01",
    NULL,
};

static const struct ask_spec spec = {
    .command = "mroom health check",
    .args = "[TARGETS]",
    .about = "Checks servers: one probe in one round trip, judged by [health] of the settings.",
    .opts = check_opts,
    .form_opts = check_form_opts,
    .touches = true,
    .examples = examples,
};

/* The round that is being made. */
struct round {
	struct ask *ask;
	struct check_opts opts;
	enum health_form form;
	struct out *out; /* NULL: the form waits for all of them */
	struct buf archive;
	struct map *sent; /* id -> struct visit, of those under way */
	struct ward ward;
};

/* A server on which the probe runs. */
struct visit {
	struct server server;
	int64_t sent_ms;
};

static void add_setting(struct list *args, const struct judge *judge, const char *key)
{
	char *text = mem_text(judge_setting(judge, key));

	for (char *at = text; *at; at++)
		if (*at == ',')
			*at = ' ';
	list_take(args, text);
}

static int round_args(void *ctx, const struct server *server, struct list *args, struct err *err)
{
	struct round *round = ctx;
	struct visit *visit = mem_zero(1, sizeof(*visit));
	struct judge judge;

	(void)err;
	judge_init(&judge, round->ask->console.config, server);
	list_add(args, judge_setting(&judge, "ping_address"));
	list_add(args, judge_setting(&judge, "dns_name"));
	add_setting(args, &judge, "certificates");
	add_setting(args, &judge, "services");
	list_add(args, round->opts.deep ? "deep" : "");
	list_add(args, round->archive.len ? "checks" : "");
	list_add(args, *judge_setting(&judge, "listen") ? "ports" : "");
	judge_finish(&judge);
	server_copy(&visit->server, server);
	visit->sent_ms = clock_wall_ms();
	map_set(round->sent, server->id, visit);
	return 0;
}

static int round_input(void *ctx, const struct server *server, struct buf *input, struct err *err)
{
	const struct round *round = ctx;

	(void)server;
	(void)err;
	buf_add(input, round->archive.at, round->archive.len);
	return 0;
}

/* What came of a server that was visited, or was not to be had: then nothing is known but that. */
static void examine(const struct round *round, const struct visit *visit,
		    const struct answer *answer, const struct result *result,
		    const struct checkup *before, struct checkup *checkup)
{
	struct judge judge;
	struct facts facts;
	char *text;

	checkup->at_ms = clock_wall_ms();
	if (before)
		checkup->cpu = before->cpu;
	if (!visit || !answer->out.len) {
		text = mem_format("%s%s%s", outcome_name(result->outcome),
				  result->message && *result->message ? ": " : "",
				  result->message ? result->message : "");
		checkup_add(checkup, HEALTH_UNKNOWN, text, "%s", "reach");
		free(text);
		checkup_close(checkup);
		checkup_compare(checkup, before);
		return;
	}
	judge_init(&judge, round->ask->console.config, &visit->server);
	judge.sent_ms = visit->sent_ms;
	judge.got_ms = checkup->at_ms;
	judge.before = before;
	facts_parse(&facts, answer->out.at, answer->out.len);
	if (result->outcome == OUTCOME_TIMEOUT)
		facts.whole = false;
	judge_facts(&judge, &facts, checkup);
	facts_finish(&facts);
	judge_finish(&judge);
}

/* Every value of the checkup goes to the samples. */
static int keep_samples(const struct round *round, const char *id, const struct checkup *checkup,
			struct err *err)
{
	int64_t every = config_time(round->ask->console.config, "health", "sample_every") / 1000;
	struct sample samples[SAMPLE_METRICS_MAX];
	size_t count = 0;

	/* Control groups may be many, and come and go: they get what room is left. */
	for (int groups = 0; groups < 2; groups++) {
		for (size_t i = 0; i < checkup->count && count < SAMPLE_METRICS_MAX; i++) {
			const struct check *check = &checkup->at[i];

			if (check->has_value && (strncmp(check->name, "cgroup:", 7) == 0) == groups)
				samples[count++] = (struct sample){check->name, check->value};
		}
	}
	return store_sample_add(round->ask->console.store, id, checkup->at_ms / 1000, every,
				samples, count, err);
}

static void keep(struct round *round, const char *id, const struct checkup *checkup)
{
	struct store *store = round->ask->console.store;
	struct err err = ERR_INIT;

	if (store_begin(store, &err))
		goto bad;
	if (store_checkup_set(store, id, checkup, &err) || keep_samples(round, id, checkup, &err)) {
		store_rollback(store);
		goto bad;
	}
	if (!store_commit(store, &err))
		return;
bad:
	if (round->ask->err.status == STATUS_OK)
		round->ask->err = err;
}

/* What --only leaves. That a server could not be checked always counts. */
static void narrow(struct checkup *checkup, const struct list *only)
{
	size_t kept = 0;

	for (size_t i = 0; i < checkup->count; i++) {
		struct check *check = &checkup->at[i];
		bool wanted = !strcmp(check->name, "reach") || !strcmp(check->name, "probe");

		for (size_t j = 0; j < only->count && !wanted; j++)
			wanted = !fnmatch(only->at[j], check->name, 0);
		if (wanted) {
			checkup->at[kept++] = *check;
		} else {
			free(check->name);
			free(check->text);
		}
	}
	checkup->count = kept;
	if (kept == 0)
		checkup_add(checkup, HEALTH_UNKNOWN, "nothing that --only names was checked", "only");
	checkup_close(checkup);
}

static void round_done(void *ctx, const struct answer *answer, const struct result *result)
{
	struct round *round = ctx;
	const char *id = answer->server->id;
	struct visit *visit = map_remove(round->sent, id);
	struct checkup checkup = CHECKUP_INIT, before = CHECKUP_INIT;
	bool known = store_checkup_get(round->ask->console.store, id, &before, NULL) == 1;

	examine(round, visit, answer, result, known ? &before : NULL, &checkup);
	/* What we broke off ourselves says nothing about the server. */
	if (result->outcome != OUTCOME_CANCELLED && result->outcome != OUTCOME_SKIPPED)
		keep(round, id, &checkup);
	if (round->opts.only.count)
		narrow(&checkup, &round->opts.only);
	if (round->out) {
		check_rows(round->out, id, &checkup, round->opts.problems);
		out_flush(round->out, NULL);
	}
	ward_add(&round->ward, id, &checkup);
	checkup_finish(&before);
	if (visit)
		server_finish(&visit->server);
	free(visit);
}

/* Makes the round: the status of Nagios. */
static int go(struct round *round)
{
	struct deed deed = {.script = "health-system.sh health.sh", .args = round_args, .done = round_done};
	struct ask *ask = round->ask;
	struct buf counts = BUF_INIT;
	int status;

	if (check_archive(&ask->console.home, &round->archive, &ask->err))
		return HEALTH_UNKNOWN;
	if (round->archive.len)
		deed.input = round_input;
	round->form = check_form(&ask->form);
	if (round->form == FORM_ROWS) {
		round->out =
		    out_create(stdout, &ask->form, check_columns, CHECK_COLUMNS, &ask->err);
		if (!round->out)
			return HEALTH_UNKNOWN;
		if (!round->opts.full && out_form(round->out) == OUT_TABLE)
			round->opts.problems = true;
	}
	status = ask_deed(ask, &deed, round, "check");
	if (out_finish(round->out, &ask->err))
		return HEALTH_UNKNOWN;
	if (round->form == FORM_NAGIOS)
		check_nagios(&round->ward, stdout);
	if (round->form == FORM_PROMETHEUS)
		report_prometheus(&round->ward, stdout);
	check_counts(&round->ward, &counts);
	if (!ask->run.quiet && counts.len)
		fprintf(stderr, "health: %s\n", counts.at);
	buf_finish(&counts);
	return status ? status : (int)ward_status(&round->ward);
}

int health_check(int argc, char **argv)
{
	struct ask ask = {.operands = NULL};
	struct round round = {.ask = &ask, .archive = BUF_INIT};
	struct ask_spec own = spec;
	int status = HEALTH_UNKNOWN;

	own.into = &round.opts;
	round.sent = map_create();
	switch (ask_begin(&ask, &own, argc, argv)) {
	case OPT_RUN:
		if (ask.targets.list)
			status = ask_list(&ask, PICK_ACT);
		else
			status = go(&round);
		break;
	case OPT_SHOWN:
		status = HEALTH_OK;
		break;
	case OPT_BAD:
		break;
	}
	map_destroy(round.sent);
	ward_finish(&round.ward);
	buf_finish(&round.archive);
	list_finish(&round.opts.only);
	return ask_end(&ask, &own, status);
}
