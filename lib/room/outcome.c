#include "lib/room/outcome.h"

#include <string.h>

static const struct {
	const char *name;
	enum status status;
} outcomes[OUTCOME_COUNT] = {
	[OUTCOME_OK] = {"ok", STATUS_OK},
	[OUTCOME_FAILED] = {"failed", STATUS_FAILED},
	[OUTCOME_TIMEOUT] = {"timeout", STATUS_TIMEOUT},
	[OUTCOME_UNREACHABLE] = {"unreachable", STATUS_UNREACHABLE},
	[OUTCOME_DENIED] = {"denied", STATUS_UNREACHABLE},
	[OUTCOME_HOSTKEY] = {"hostkey", STATUS_UNREACHABLE},
	[OUTCOME_CANCELLED] = {"cancelled", STATUS_POLICY},
	[OUTCOME_SKIPPED] = {"skipped", STATUS_POLICY},
};

const char *outcome_name(enum outcome outcome)
{
	return outcomes[outcome].name;
}

bool outcome_parse(const char *name, enum outcome *outcome)
{
	for (int i = 0; i < OUTCOME_COUNT; i++) {
		if (!strcmp(name, outcomes[i].name)) {
			*outcome = (enum outcome)i;
			return true;
		}
	}
	return false;
}

enum status outcome_status(enum outcome outcome)
{
	return outcomes[outcome].status;
}
