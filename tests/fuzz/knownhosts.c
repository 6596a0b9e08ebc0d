/* A known_hosts may hold anything; whatever it holds, a key that no line of it has is never taken for known. */
#include "lib/wire/knownhosts.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void each(void *ctx, const struct hostkey_where *where, const void *blob, size_t size)
{
	(void)ctx;
	(void)blob;
	must(where != NULL && size > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	/* An ed25519 key of zeros but for one byte, in the form of the wire. */
	static const char key[] = "\0\0\0\013ssh-ed25519\0\0\0\040"
				  "mroom's fuzzer's very own key!!";
	static const char *const none[] = {NULL};
	const char *path = fuzz_file(bytes, count);
	struct err err = ERR_INIT;
	struct knownhosts *known = knownhosts_open(path, none, &err);
	struct hostkey_where where;
	struct buf types = BUF_INIT;

	unlink(path);
	if (!known)
		return 0;
	/* No input of this size guesses it. */
	must(knownhosts_check(known, "web-01", 22, key, sizeof(key), &where) != HOSTKEY_KNOWN);
	knownhosts_check(known, "10.0.0.1", 2222, key, sizeof(key), &where);
	knownhosts_types(known, "web-01", 22, true, &types);
	knownhosts_authority(known, "web-01", 22);
	knownhosts_each(known, "web-01", 22, each, NULL);
	buf_finish(&types);
	knownhosts_close(known);
	return 0;
}
