#include "lib/wire/passing.h"
#include "tests/unit/tap.h"

static void record(const char *message, const char *expected, const char *name)
{
	const struct result result = {.outcome = OUTCOME_DENIED,
				      .reason = "auth",
				      .message = message,
				      .exit_status = -1,
				      .duration_ms = 1500};
	struct buf text = BUF_INIT;

	passing_record_json(&text, "web-01", &result);
	tap_text(text.at, expected, name);
	buf_finish(&text);
}

int main(void)
{
	record("not today",
	       "{\"id\":\"web-01\",\"outcome\":\"denied\",\"status\":null,\"seconds\":1.5,"
	       "\"reason\":\"auth\",\"message\":\"not today\"}\n",
	       "a record has all that is known");
	record("na\xefve",
	       "{\"id\":\"web-01\",\"outcome\":\"denied\",\"status\":null,\"seconds\":1.5,"
	       "\"reason\":\"auth\",\"message\":\"na\\\\xefve\"}\n",
	       "bytes that are not UTF-8 are shown, and the rest stays");
	record(NULL,
	       "{\"id\":\"web-01\",\"outcome\":\"denied\",\"status\":null,\"seconds\":1.5,"
	       "\"reason\":\"auth\"}\n",
	       "without a message there is none");
	return tap_done();
}
