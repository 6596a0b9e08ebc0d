/* The output of a check of the user's own, in Nagios' form: whatever it prints becomes one check,
 * whose value is a number. The first byte is its exit status. */
#include "lib/room/judge.h"

#include <math.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

static void judge_output(const struct config *config, struct buf *answer, struct checkup *checkup)
{
	const struct server server = {.id = (char *)"web"};
	struct facts facts;
	struct judge judge;

	judge_init(&judge, config, &server);
	facts_parse(&facts, answer->at, answer->len);
	judge_facts(&judge, &facts, checkup);
	facts_finish(&facts);
	judge_finish(&judge);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	static const struct home home = {.dir = (char *)"/nonexistent"};
	static struct config *config; /* the same for all inputs */
	struct checkup checkup = CHECKUP_INIT;
	struct buf answer = BUF_INIT;
	size_t found = 0;

	if (!config)
		config = config_open(&home, NULL);
	must(config != NULL);
	if (!count)
		return 0;
	buf_format(&answer, "check\tq\t%d\t", bytes[0] & 7);
	for (size_t i = 1; i < count; i++) /* as the probe sends it: one line, without TABs */
		buf_char(&answer, strchr("\t\n", bytes[i]) ? ' ' : (char)bytes[i]);
	buf_text(&answer, "\nend\n");
	judge_output(config, &answer, &checkup);
	for (size_t i = 0; i < checkup.count; i++) {
		const struct check *check = &checkup.at[i];

		if (strcmp(check->name, "check:q") != 0)
			continue;
		found++;
		must(*check->text && !strchr(check->text, '|'));
		must(check->status ==
		     ((bytes[0] & 7) > 3 ? HEALTH_UNKNOWN : (enum health)(bytes[0] & 7)));
		must(!check->has_value || isfinite(check->value));
	}
	must(found == 1);
	buf_finish(&answer);
	checkup_finish(&checkup);
	return 0;
}
