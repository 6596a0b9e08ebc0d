/* Packets and who waits for them; the requests themselves are in sftp_request.c. */
#include "lib/wire/sftp.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/sftp_packet.h"

/* No honest reply is longer: sftp-server sends 256 KiB at most. */
#define PACKET_MAX (1024 * 1024)

/* Takes a packet apart. `bad` sticks once something was missing. */
struct parts {
	const char *at, *end;
	bool bad;
};

static uint32_t part_u32(struct parts *parts)
{
	const unsigned char *at = (const unsigned char *)parts->at;

	if (parts->end - parts->at < 4) {
		parts->bad = true;
		return 0;
	}
	parts->at += 4;
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint64_t part_u64(struct parts *parts)
{
	uint64_t high = part_u32(parts);

	return high << 32 | part_u32(parts);
}

static const char *part_text(struct parts *parts, size_t *size)
{
	const char *at;

	*size = part_u32(parts);
	if (parts->bad || *size > (size_t)(parts->end - parts->at)) {
		parts->bad = true;
		*size = 0;
		return "";
	}
	at = parts->at;
	parts->at += *size;
	return at;
}

static void part_attrs(struct parts *parts, struct sftp_attrs *attrs)
{
	uint32_t flags = part_u32(parts);
	size_t size;

	memset(attrs, 0, sizeof(*attrs));
	attrs->has = flags & 15;
	if (flags & SFTP_HAS_SIZE)
		attrs->size = (int64_t)part_u64(parts);
	if (flags & SFTP_HAS_OWNER) {
		attrs->uid = part_u32(parts);
		attrs->gid = part_u32(parts);
	}
	if (flags & SFTP_HAS_MODE)
		attrs->mode = part_u32(parts);
	if (flags & SFTP_HAS_TIMES) {
		part_u32(parts); /* when it was read last */
		attrs->mtime = part_u32(parts);
	}
	if (!(flags & SFTP_EXTENDED))
		return;
	for (uint32_t count = part_u32(parts); count > 0 && !parts->bad; count--) {
		part_text(parts, &size);
		part_text(parts, &size);
	}
}

struct sftp *sftp_create(void (*ready)(void *ctx), void *ctx)
{
	struct sftp *sftp = mem_zero(1, sizeof(*sftp));

	buf_init(&sftp->in);
	buf_init(&sftp->out);
	sftp->ready = ready;
	sftp->ctx = ctx;
	buf_add(&sftp->out, "\0\0\0\5\1\0\0\0\3", 9); /* INIT, version 3 */
	return sftp;
}

void sftp_destroy(struct sftp *sftp)
{
	if (!sftp)
		return;
	buf_wipe(&sftp->in);
	buf_wipe(&sftp->out);
	free(sftp);
}

size_t sftp_room(const struct sftp *sftp)
{
	return sftp->welcome ? SFTP_WINDOW - sftp->on_way : 0;
}

bool sftp_quiet(const struct sftp *sftp)
{
	return sftp->on_way == 0;
}

bool sftp_offers(const struct sftp *sftp, enum sftp_extension extension)
{
	return sftp->offers[extension];
}

size_t sftp_waiting(const struct sftp *sftp)
{
	return sftp->out.len - sftp->out_at;
}

size_t sftp_take(struct sftp *sftp, char *into, size_t room)
{
	size_t count = sftp_waiting(sftp) < room ? sftp_waiting(sftp) : room;

	memcpy(into, sftp->out.at + sftp->out_at, count);
	sftp->out_at += count;
	if (sftp->out_at == sftp->out.len) {
		buf_clear(&sftp->out);
		sftp->out_at = 0;
	}
	return count;
}

/* --- replies --- */

static bool read_version(struct sftp *sftp, struct parts *parts)
{
	static const char *const names[SFTP_EXTENSIONS] = {
	    "posix-rename@openssh.com", "fsync@openssh.com", "hardlink@openssh.com",
	    "statvfs@openssh.com"};

	if (part_u32(parts) < 3)
		return false;
	while (!parts->bad && parts->at < parts->end) {
		size_t size, value;
		const char *name = part_text(parts, &size);

		part_text(parts, &value);
		for (int i = 0; i < SFTP_EXTENSIONS; i++)
			if (size == strlen(names[i]) && !memcmp(name, names[i], size))
				sftp->offers[i] = true;
	}
	sftp->welcome = !parts->bad;
	if (sftp->welcome)
		sftp->ready(sftp->ctx);
	return sftp->welcome;
}

static void read_status(struct sftp *sftp, struct parts *parts, struct sftp_reply *reply)
{
	const char *text;
	size_t size;

	reply->status = part_u32(parts);
	if (parts->at == parts->end) /* servers of long ago end here */
		return;
	text = part_text(parts, &size);
	snprintf(sftp->message, sizeof(sftp->message), "%.*s", (int)(size < 256 ? size : 255),
		 text);
	reply->message = sftp->message;
}

static bool read_body(struct sftp *sftp, int type, struct parts *parts, struct sftp_reply *reply)
{
	switch (type) {
	case SFTP_IS_STATUS:
		read_status(sftp, parts, reply);
		break;
	case SFTP_IS_HANDLE:
	case SFTP_IS_DATA:
		reply->bytes = part_text(parts, &reply->count);
		break;
	case SFTP_IS_NAME:
		reply->count = part_u32(parts);
		reply->bytes = parts->at;
		reply->end = parts->end;
		break;
	case SFTP_IS_ATTRS:
		part_attrs(parts, &reply->attrs);
		break;
	case SFTP_IS_EXTENDED: /* of statvfs, which is the only one that gets such a reply */
		for (int i = 0; i < 4; i++)
			part_u64(parts);
		reply->free_blocks = part_u64(parts);
		part_u64(parts);
		part_u64(parts);
		reply->free_files = part_u64(parts);
		break;
	default:
		return false;
	}
	return !parts->bad;
}

static bool read_packet(struct sftp *sftp, const char *at, size_t size)
{
	struct parts parts = {at + 1, at + size, false};
	struct sftp_reply reply = {.message = "", .bytes = ""};
	struct sftp_call request;
	uint32_t id;

	if (!sftp->welcome)
		return *at == SFTP_IS_VERSION && read_version(sftp, &parts);
	id = part_u32(&parts);
	if (parts.bad || id >= SFTP_WINDOW || !sftp->requests[id].done)
		return false;
	if (!read_body(sftp, (unsigned char)*at, &parts, &reply))
		return false;
	request = sftp->requests[id];
	sftp->requests[id].done = NULL;
	sftp->on_way--;
	request.done(request.ctx, request.tag, &reply);
	return true;
}

/* The size of the packet at `at`, its length field not counted: 0: not all of it is there. */
static size_t packet_size(const char *at, size_t left, bool *bad)
{
	struct parts parts = {at, at + left, false};
	size_t size = part_u32(&parts);

	*bad = !parts.bad && (size == 0 || size > PACKET_MAX);
	return parts.bad || *bad || left - 4 < size ? 0 : size;
}

int sftp_feed(struct sftp *sftp, const char *bytes, size_t count, struct err *err)
{
	bool bad = false;
	size_t at = 0, size;

	buf_add(&sftp->in, bytes, count);
	while ((size = packet_size(sftp->in.at + at, sftp->in.len - at, &bad)) > 0) {
		if (!read_packet(sftp, sftp->in.at + at + 4, size)) {
			bad = true;
			break;
		}
		at += 4 + size;
	}
	buf_drop(&sftp->in, at);
	return bad ? err_set(err, STATUS_FAILED, "the server's SFTP makes no sense") : 0;
}

bool sftp_next_name(struct sftp_reply *reply, struct sftp_name *name)
{
	struct parts parts = {reply->bytes, reply->end, false};
	size_t size;

	if (reply->count == 0)
		return false;
	reply->count--;
	name->name = part_text(&parts, &name->size);
	part_text(&parts, &size); /* as ls -l would print it */
	part_attrs(&parts, &name->attrs);
	reply->bytes = parts.at;
	return !parts.bad;
}

bool sftp_take_handle(const struct sftp_reply *reply, struct sftp_handle *handle)
{
	if (reply->status != SFTP_OK || reply->count == 0 || reply->count > sizeof(handle->bytes))
		return false;
	memcpy(handle->bytes, reply->bytes, reply->count);
	handle->size = reply->count;
	return true;
}

const char *sftp_words(const struct sftp_reply *reply)
{
	switch (reply->status) {
	case SFTP_NO_SUCH_FILE:
		return "No such file or directory";
	case SFTP_PERMISSION_DENIED:
		return "Permission denied";
	default:
		return *reply->message ? reply->message : "Failure";
	}
}
