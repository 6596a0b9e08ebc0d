/* What the store knows of the targets' health. */
#include <stdlib.h>

#include "cmd/health/report.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/store_checkup.h"

struct load {
	struct ask *ask;
	struct ward *ward;
	int64_t now, stale;
};

static void add_unknown(struct checkup *checkup, const char *name, const char *text)
{
	checkup_add(checkup, HEALTH_UNKNOWN, text, "%s", name);
	checkup_close(checkup);
}

static int load_server(void *ctx, const struct server *server, struct err *err)
{
	struct load *load = ctx;
	struct checkup checkup = CHECKUP_INIT;
	struct buf text = BUF_INIT;
	int found = store_checkup_get(load->ask->console.store, server->id, &checkup, err);

	if (found < 0)
		return -1;
	if (!found) {
		add_unknown(&checkup, "reach", "never checked");
	} else if (load->stale && load->now - checkup.at_ms > load->stale) {
		buf_text(&text, "last checked ");
		num_show_duration(&text, load->now - checkup.at_ms);
		buf_text(&text, " ago");
		add_unknown(&checkup, "stale", text.at);
	}
	ward_add(load->ward, server->id, &checkup);
	load->ward->at[load->ward->count - 1].room = mem_text(server->room ? server->room : "");
	buf_finish(&text);
	return 0;
}

static int by_gravity(const void *a, const void *b)
{
	const struct patient *one = a, *other = b;

	if (one->checkup.status != other->checkup.status)
		return health_worse(one->checkup.status, other->checkup.status) ==
			       one->checkup.status
			   ? -1
			   : 1;
	return natural_compare(one->id, other->id);
}

int report_load(struct ask *ask, struct ward *ward)
{
	struct load load = {ask, ward, clock_wall_ms(),
			    config_time(ask->console.config, "health", "stale")};

	if (ask_each(ask, load_server, &load))
		return -1;
	if (ward->count)
		qsort(ward->at, ward->count, sizeof(*ward->at), by_gravity);
	return 0;
}
