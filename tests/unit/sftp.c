/* SFTP: replies however the bytes are cut, and servers that talk nonsense. */
#include <stdlib.h>

#include "lib/base/buf.h"
#include "lib/wire/sftp.h"
#include "tests/unit/tap.h"

#define VERSION "\0\0\0\5\2\0\0\0\3"
#define WITH_RENAME "\0\0\0\46\2\0\0\0\3\0\0\0\30posix-rename@openssh.com\0\0\0\1" "1"

static void ready(void *ctx)
{
	buf_text(ctx, "ready;");
}

static void told(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct buf *notes = ctx;
	struct sftp_handle handle;
	struct sftp_name name;

	buf_format(notes, "%zu:%u", tag, reply->status);
	if (tag == 1 && sftp_take_handle(reply, &handle))
		buf_format(notes, " handle %.*s", (int)handle.size, handle.bytes);
	while (tag == 2 && sftp_next_name(reply, &name))
		buf_format(notes, " name %.*s %o", (int)name.size, name.name, name.attrs.mode);
	buf_char(notes, ';');
}

/* Feeds `size` bytes in pieces to a client that has asked three things. What it said, and -1 at the end when it
 * refused. */
static void feed(const char *bytes, size_t size, size_t piece, const char *want, const char *what)
{
	struct buf notes = BUF_INIT;
	struct sftp *sftp = sftp_create(ready, &notes);
	struct err err = ERR_INIT;
	char sent[256];
	int rc = sftp_feed(sftp, WITH_RENAME, sizeof(WITH_RENAME) - 1, &err);

	sftp_stat(sftp, "x", true, (struct sftp_call){told, &notes, 0});
	sftp_opendir(sftp, "x", (struct sftp_call){told, &notes, 1});
	sftp_readlink(sftp, "x", (struct sftp_call){told, &notes, 2});
	sftp_take(sftp, sent, sizeof(sent));
	for (size_t at = 0; at < size && !rc; at += piece)
		rc = sftp_feed(sftp, bytes + at, size - at < piece ? size - at : piece, &err);
	if (rc)
		buf_text(&notes, "-1");
	tap_text(notes.at, want, what);
	sftp_destroy(sftp);
	buf_finish(&notes);
}

#define FEED(bytes, want, what) feed(bytes, sizeof(bytes) - 1, 1000, want, what)

static void test_replies(void)
{
	static const char all[] =
	    "\0\0\0\11" "\151" "\0\0\0\0" "\0\0\0\0"		/* attributes: none */
	    "\0\0\0\13" "\146" "\0\0\0\1" "\0\0\0\2" "hh"	/* a handle */
	    "\0\0\0\33" "\150" "\0\0\0\2" "\0\0\0\1" "\0\0\0\2" "ab" "\0\0\0\0" "\0\0\0\4" "\0\0\201\244";

	feed(all, sizeof(all) - 1, 1000, "ready;0:0;1:0 handle hh;2:0 name ab 100644;",
	     "each reply comes to who asked");
	feed(all, sizeof(all) - 1, 1, "ready;0:0;1:0 handle hh;2:0 name ab 100644;",
	     "however the bytes are cut");
	FEED("\0\0\0\11" "\145" "\0\0\0\1" "\0\0\0\2", "ready;1:2;", "a status without words is one");
	FEED("\0\0\0\11" "\151" "\0\0\0\0", "ready;", "half a reply is none yet");
}

static void test_nonsense(void)
{
	FEED("\0\0\0\0", "ready;-1", "an empty packet is refused");
	FEED("\377\377\377\377", "ready;-1", "and an endless one");
	FEED("\0\0\0\11" "\151" "\0\0\0\7" "\0\0\0\0", "ready;-1", "a reply that nobody waits for");
	FEED("\0\0\0\11" "\151" "\0\0\1\0" "\0\0\0\0", "ready;-1", "a number beyond the table");
	FEED("\0\0\0\11" "\151" "\0\0\0\0" "\0\0\0\4", "ready;-1", "attributes that are missing");
	FEED("\0\0\0\11" "\146" "\0\0\0\1" "\0\0\0\11", "ready;-1", "a handle that is longer than its packet");
	FEED("\0\0\0\15" "\146" "\0\0\0\1" "\377\377\377\377" "abcd", "ready;-1", "and one without an end");
	FEED("\0\0\0\11" "\150" "\0\0\0\2" "\377\377\377\377", "ready;2:0;", "names that are counted but not there");
	FEED("\0\0\0\5" "\377" "\0\0\0\0", "ready;-1", "a kind of reply that there is not");
}

static void test_version(void)
{
	struct buf notes = BUF_INIT;
	struct sftp *sftp = sftp_create(ready, &notes);
	struct err err = ERR_INIT;

	tap_int((long)sftp_room(sftp), 0, "nothing may be asked before the server has said its version");
	tap_int(sftp_feed(sftp, VERSION, 9, &err), 0, "which it says");
	tap_int((long)sftp_room(sftp), SFTP_WINDOW, "and then as much as fits");
	tap_ok(!sftp_offers(sftp, SFTP_POSIX_RENAME), "what is not offered is not there");
	sftp_destroy(sftp);
	sftp = sftp_create(ready, &notes);
	tap_int(sftp_feed(sftp, "\0\0\0\5\2\0\0\0\2", 9, &err), -1, "an older version is refused");
	tap_int(err.status, STATUS_FAILED, "which is the server's fault");
	sftp_destroy(sftp);
	buf_finish(&notes);
}

int main(void)
{
	test_replies();
	test_nonsense();
	test_version();
	return tap_done();
}
