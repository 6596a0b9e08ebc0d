#include "cmd/health/check.h"
#include "lib/base/mem.h"

void ward_add(struct ward *ward, const char *id, struct checkup *checkup)
{
	if (ward->count == ward->cap) {
		ward->cap = ward->cap ? ward->cap * 2 : 64;
		ward->at = mem_resize(ward->at, ward->cap, sizeof(*ward->at));
	}
	ward->at[ward->count++] = (struct patient){mem_text(id), NULL, *checkup};
	*checkup = (struct checkup)CHECKUP_INIT;
}

void ward_finish(struct ward *ward)
{
	for (size_t i = 0; i < ward->count; i++) {
		free(ward->at[i].id);
		free(ward->at[i].room);
		checkup_finish(&ward->at[i].checkup);
	}
	free(ward->at);
}

enum health ward_status(const struct ward *ward)
{
	enum health worst = HEALTH_OK;

	for (size_t i = 0; i < ward->count; i++)
		worst = health_worse(worst, ward->at[i].checkup.status);
	return worst;
}
