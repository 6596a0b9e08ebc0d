#include "lib/wire/transfer_way.h"

#include "lib/room/store_state.h"

#define KEY "copy_by"
#define SFTP "\"sftp\""

bool transfer_way_is_sftp(const struct console *console, const char *id)
{
	struct buf json = BUF_INIT;
	struct err err = ERR_INIT;
	bool is = store_state_get(console->store, id, KEY, &json, &err) == 1 &&
		  buf_equals(&json, SFTP);

	buf_finish(&json);
	return is;
}

/* A copy does not fail because this could not be noted: it is found out again. */
void transfer_way_learn(const struct console *console, const char *id, bool known, bool sftp)
{
	struct err ignored = ERR_INIT;

	if (known != sftp)
		store_state_set(console->store, id, KEY, sftp ? SFTP : NULL, "copy", &ignored);
}

bool transfer_way_wanted(const struct session *session, const struct ending *ending)
{
	switch (ending->how) {
	case ENDING_REFUSED:
		return true;
	case ENDING_UNTOLD:
		return !session_announced(session);
	case ENDING_EXIT:
		return !session_announced(session) || ending->status == TRANSFER_LACKS;
	default:
		return false;
	}
}
