/* Whatever a server answers, judges must come to a checkup that JSON carries unchanged. */
#include "lib/room/judge.h"

#include <string.h>

#include "lib/room/listening.h"
#include "lib/room/points.h"
#include "tests/fuzz/fuzz.h"

static void same(const struct checkup *a, const struct checkup *b)
{
	must(a->count == b->count && a->status == b->status);
	for (size_t i = 0; i < a->count; i++) {
		must(!strcmp(a->at[i].name, b->at[i].name) && !strcmp(a->at[i].text, b->at[i].text));
		must(a->at[i].status == b->at[i].status && a->at[i].has_value == b->at[i].has_value);
	}
}

static void judge_answer(const struct config *config, const uint8_t *bytes, size_t count)
{
	const struct server server = {.id = (char *)"web"};
	struct checkup checkup = CHECKUP_INIT, back = CHECKUP_INIT;
	struct buf json = BUF_INIT;
	struct facts facts;
	struct judge judge;
	size_t ports;

	judge_init(&judge, config, &server);
	judge.sent_ms = judge.got_ms = 1000000000000;
	facts_parse(&facts, (const char *)bytes, count);
	judge_facts(&judge, &facts, &checkup);
	checkup_write(&checkup, &json);
	must(!checkup_read(&back, json.at, NULL));
	same(&checkup, &back);
	free(listening_read(&facts, &ports));
	checkup_finish(&checkup);
	checkup_finish(&back);
	buf_finish(&json);
	facts_finish(&facts);
	judge_finish(&judge);
}

/* What comes out of packed bytes is packed and read again as the same. */
static void unpack(const uint8_t *bytes, size_t count)
{
	struct points points = {NULL, 0, 0}, back = {NULL, 0, 0};
	struct buf packed = BUF_INIT;

	points_unpack(&points, bytes, count);
	points_pack(&points, &packed);
	points_unpack(&back, packed.at, packed.len);
	must(back.count == points.count);
	points_finish(&points);
	points_finish(&back);
	buf_finish(&packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	static const struct home home = {.dir = (char *)"/nonexistent"};
	static struct config *config; /* the same for all inputs */

	if (!config)
		config = config_open(&home, NULL);
	must(config != NULL);
	judge_answer(config, bytes, count);
	unpack(bytes, count);
	return 0;
}
