/* Configurations of other programs, wg-quick's and openvpn's, taken into a profile: any text
 * becomes one that passes the checks and is written as a driver reads it, or is refused in one
 * line. The first byte chooses. */
#include "lib/room/tunnel_import.h"

#include <string.h>

#include "lib/base/list.h"
#include "lib/base/mem.h"
#include "tests/fuzz/fuzz.h"

static void check_profile(const struct tunnel *tunnel)
{
	struct buf profile = BUF_INIT;

	must(tunnel->server && *tunnel->server && !tunnel_check_server(tunnel->server, NULL));
	for (size_t i = 0; i < tunnel->field_count; i++) {
		const struct tunnel_field *field = &tunnel->fields[i];

		must(!tunnel_check_key(field->key, NULL));
		must(tunnel_key_secret(field->key) == field->secret);
	}
	/* Each value on a line of its own. */
	tunnel_write(tunnel, &profile);
	for (const char *at = profile.at, *end; *at; at = end + 1) {
		end = strchr(at, '\n');
		must(end && memchr(at, '=', (size_t)(end - at)));
	}
	buf_wipe(&profile);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct tunnel tunnel = {.name = mem_text("vpn"), .user = mem_text("")};
	struct list notes = LIST_INIT;
	struct err err = ERR_INIT;
	char *text = mem_text_n((const char *)bytes + (count > 0), count ? count - 1 : 0);
	int rc = -1;

	if (!count || strlen(text) != count - 1)
		goto out; /* a file with NUL is refused before */
	if (*bytes % 2)
		rc = tunnel_import_wireguard(&tunnel, text, &notes, &err);
	else if (!strstr(text, " /") &&
		 !strstr(text, "..")) /* the files that it names are not there */
		rc = tunnel_import_openvpn(&tunnel, text, "/nonexistent", &notes, &err);
	else
		goto out;
	must(!rc == !*err.text);
	if (!rc)
		check_profile(&tunnel);
out:
	list_finish(&notes);
	tunnel_finish(&tunnel);
	free(text);
	return 0;
}
