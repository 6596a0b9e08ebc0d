/* Lists of servers that other tools wrote, JSON among them: any bytes in any form must be read into servers that pass
 * the checks, or into problems. The first byte chooses the form; 0 to 9 recognise it. */
#include "lib/room/listing.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	static const enum listing_form forms[] = {LISTING_ROSTER, LISTING_ANSIBLE, LISTING_JSON, LISTING_CSV,
						  LISTING_HOSTS};
	enum listing_form form;
	struct err err = ERR_INIT;
	struct roster *roster;
	const char *text;

	if (!count)
		return 0;
	text = (const char *)bytes + 1;
	form = forms[*bytes % (sizeof(forms) / sizeof(*forms))];
	if (*bytes >= '0' && *bytes <= '9' &&
	    (listing_recognise(text, count - 1, &form, &err) || form == LISTING_CACHE || form == LISTING_SSH))
		return 0;
	roster = listing_parse(form, "fuzz", text, count - 1);
	must(roster != NULL);
	for (size_t i = 0; i < roster->server_count; i++) {
		must(!server_check_id(roster->servers[i].server.id, NULL));
		must(!server_check_host(roster->servers[i].server.host, NULL));
	}
	for (size_t i = 0; i < roster->problems.count; i++)
		must(!strncmp(roster->problems.at[i], "fuzz:", 5));
	roster_destroy(roster);
	return 0;
}
