/* What a server sends over SFTP: any bytes, cut anywhere, bring the same replies or the same
 * refusal, each request is answered at most once, and no name that a directory holds leads out of
 * it. The first byte says how they are cut. */
#include "lib/wire/sftp_list.h"

#include <string.h>

#include "lib/base/buf.h"
#include "tests/fuzz/fuzz.h"

#define DOOR "dir" /* opened once the server has said its version */

struct client {
	struct sftp *sftp;
	struct lister lister;
	struct buf notes;
	unsigned answered; /* a bit for each request */
};

static void told(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct client *client = ctx;
	struct sftp_handle handle;
	struct sftp_name name;

	must(!(client->answered & 1u << tag));
	client->answered |= 1u << tag;
	must(sftp_words(reply) != NULL);
	buf_format(&client->notes, "%zu:%u:%zu:%u;", tag, reply->status, reply->count,
		   reply->attrs.has);
	if (tag == 1 && sftp_take_handle(reply, &handle))
		buf_add(&client->notes, handle.bytes, handle.size);
	else if (tag == 2)
		buf_add(&client->notes, reply->bytes, reply->count);
	while (tag == 3 && sftp_next_name(reply, &name))
		buf_add(&client->notes, name.name, name.size);
}

static void found(void *ctx, const char *path, const char *name, const struct sftp_attrs *attrs)
{
	struct client *client = ctx;

	must(!strcmp(path, DOOR) && *name && !strchr(name, '/') && strcmp(name, ".") != 0 &&
	     strcmp(name, "..") != 0);
	buf_format(&client->notes, "found %s %o;", name, attrs->mode);
}

/* All requests are made in here or by replies, so that they do not depend on the cut. */
static void ready(void *ctx)
{
	struct client *client = ctx;
	const struct sftp_handle handle = {1, "h"};

	sftp_stat(client->sftp, "x", true, (struct sftp_call){told, client, 0});
	sftp_open(client->sftp, "x", false, (struct sftp_call){told, client, 1});
	sftp_read(client->sftp, &handle, 0, 100, (struct sftp_call){told, client, 2});
	sftp_readlink(client->sftp, "x", (struct sftp_call){told, client, 3});
	lister_go(&client->lister);
}

static int talk(struct client *client, const char *bytes, size_t count, size_t piece)
{
	struct err err = ERR_INIT;
	char sent[4096];
	int rc = 0;

	*client = (struct client){.notes = BUF_INIT};
	client->sftp = sftp_create(ready, client);
	client->lister = (struct lister){.sftp = client->sftp, .found = found, .ctx = client};
	lister_add(&client->lister, DOOR);
	for (size_t at = 0; at < count && !rc; at += piece) {
		rc = sftp_feed(client->sftp, bytes + at, count - at < piece ? count - at : piece,
			       &err);
		while (sftp_take(client->sftp, sent, sizeof(sent)) > 0)
			;
	}
	must(!rc == !*err.text);
	must(sftp_room(client->sftp) <= SFTP_WINDOW);
	sftp_destroy(client->sftp);
	lister_finish(&client->lister);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	struct client whole, pieces;
	const char *stream = (const char *)bytes + 1;

	if (!count--)
		return 0;
	must(talk(&whole, stream, count, count + 1) == talk(&pieces, stream, count, 1 + bytes[0]));
	must(whole.answered == pieces.answered && whole.notes.len == pieces.notes.len &&
	     !memcmp(whole.notes.at, pieces.notes.at, whole.notes.len));
	buf_finish(&whole.notes);
	buf_finish(&pieces.notes);
	return 0;
}
