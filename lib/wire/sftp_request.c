/* Each request is a packet: length, type, id, and what it is about. */
#include <stdlib.h>
#include <string.h>

#include "lib/wire/sftp_packet.h"

enum {
	OPEN = 3,
	CLOSE = 4,
	READ = 5,
	WRITE = 6,
	LSTAT = 7,
	SETSTAT = 9,
	FSETSTAT = 10,
	OPENDIR = 11,
	READDIR = 12,
	REMOVE = 13,
	MKDIR = 14,
	RMDIR = 15,
	STAT = 17,
	RENAME = 18,
	READLINK = 19,
	SYMLINK = 20,
	EXTENDED = 200
};

enum { OPEN_READ = 1, OPEN_WRITE = 2, OPEN_CREATE = 8, OPEN_NEW = 32 };

static void add_u32(struct buf *to, uint32_t number)
{
	const char bytes[4] = {(char)(number >> 24), (char)(number >> 16), (char)(number >> 8),
			       (char)number};

	buf_add(to, bytes, sizeof(bytes));
}

static void add_u64(struct buf *to, uint64_t number)
{
	add_u32(to, (uint32_t)(number >> 32));
	add_u32(to, (uint32_t)number);
}

static void add_bytes(struct buf *to, const char *bytes, size_t size)
{
	add_u32(to, (uint32_t)size);
	buf_add(to, bytes, size);
}

static void add_text(struct buf *to, const char *text)
{
	add_bytes(to, text, strlen(text));
}

static void add_attrs(struct buf *to, const struct sftp_attrs *attrs)
{
	add_u32(to, attrs->has);
	if (attrs->has & SFTP_HAS_SIZE)
		add_u64(to, (uint64_t)attrs->size);
	if (attrs->has & SFTP_HAS_OWNER) {
		add_u32(to, (uint32_t)attrs->uid);
		add_u32(to, (uint32_t)attrs->gid);
	}
	if (attrs->has & SFTP_HAS_MODE)
		add_u32(to, attrs->mode);
	if (attrs->has & SFTP_HAS_TIMES) {
		add_u32(to, (uint32_t)attrs->mtime);
		add_u32(to, (uint32_t)attrs->mtime);
	}
}

/* Begins a packet; where its length goes is returned for end(). */
static size_t begin(struct sftp *sftp, char type, struct sftp_call call)
{
	struct buf *to = &sftp->out;
	size_t at, id = 0;

	if (sftp->on_way == SFTP_WINDOW)
		abort(); /* nobody asked sftp_room */
	while (sftp->requests[id].done)
		id++;
	sftp->requests[id] = call;
	sftp->on_way++;
	if (sftp->out_at > 0) {
		buf_drop(to, sftp->out_at);
		sftp->out_at = 0;
	}
	at = to->len;
	add_u32(to, 0);
	buf_char(to, type);
	add_u32(to, (uint32_t)id);
	return at;
}

static void end(struct sftp *sftp, size_t at)
{
	size_t size = sftp->out.len - at - 4;

	for (int i = 0; i < 4; i++)
		sftp->out.at[at + (size_t)i] = (char)(size >> (24 - 8 * i));
}

/* Requests about one path, or one handle, and nothing else. */
static void simple(struct sftp *sftp, char type, const char *path, struct sftp_call call)
{
	size_t at = begin(sftp, type, call);

	add_text(&sftp->out, path);
	end(sftp, at);
}

static void on_handle(struct sftp *sftp, char type, const struct sftp_handle *handle,
		      struct sftp_call call)
{
	size_t at = begin(sftp, type, call);

	add_bytes(&sftp->out, handle->bytes, handle->size);
	end(sftp, at);
}

/* OpenSSH's own, about one or two paths. */
static void extended(struct sftp *sftp, const char *name, const char *first, const char *second,
		     struct sftp_call call)
{
	size_t at = begin(sftp, (char)EXTENDED, call);

	add_text(&sftp->out, name);
	add_text(&sftp->out, first);
	if (second)
		add_text(&sftp->out, second);
	end(sftp, at);
}

void sftp_stat(struct sftp *sftp, const char *path, bool follow, struct sftp_call call)
{
	simple(sftp, follow ? STAT : LSTAT, path, call);
}

void sftp_readlink(struct sftp *sftp, const char *path, struct sftp_call call)
{
	simple(sftp, READLINK, path, call);
}

void sftp_opendir(struct sftp *sftp, const char *path, struct sftp_call call)
{
	simple(sftp, OPENDIR, path, call);
}

void sftp_readdir(struct sftp *sftp, const struct sftp_handle *handle, struct sftp_call call)
{
	on_handle(sftp, READDIR, handle, call);
}

static void open_file(struct sftp *sftp, const char *path, uint32_t how, struct sftp_call call)
{
	const struct sftp_attrs private = {.has = SFTP_HAS_MODE, .mode = 0600};
	const struct sftp_attrs none = {.has = 0};
	size_t at = begin(sftp, OPEN, call);

	add_text(&sftp->out, path);
	add_u32(&sftp->out, how);
	add_attrs(&sftp->out, how & OPEN_CREATE ? &private : &none);
	end(sftp, at);
}

void sftp_open(struct sftp *sftp, const char *path, bool create, struct sftp_call call)
{
	open_file(sftp, path, create ? OPEN_WRITE | OPEN_CREATE | OPEN_NEW : OPEN_READ, call);
}

void sftp_reopen(struct sftp *sftp, const char *path, struct sftp_call call)
{
	open_file(sftp, path, OPEN_READ | OPEN_WRITE, call);
}

void sftp_read(struct sftp *sftp, const struct sftp_handle *handle, int64_t from, size_t count,
	       struct sftp_call call)
{
	size_t at = begin(sftp, READ, call);

	add_bytes(&sftp->out, handle->bytes, handle->size);
	add_u64(&sftp->out, (uint64_t)from);
	add_u32(&sftp->out, (uint32_t)count);
	end(sftp, at);
}

char *sftp_write(struct sftp *sftp, const struct sftp_handle *handle, int64_t from, size_t count,
		 struct sftp_call call)
{
	size_t at = begin(sftp, WRITE, call);

	add_bytes(&sftp->out, handle->bytes, handle->size);
	add_u64(&sftp->out, (uint64_t)from);
	add_u32(&sftp->out, (uint32_t)count);
	buf_reserve(&sftp->out, count);
	sftp->out.len += count;
	sftp->out.at[sftp->out.len] = '\0';
	end(sftp, at);
	return sftp->out.at + sftp->out.len - count;
}

void sftp_close(struct sftp *sftp, const struct sftp_handle *handle, struct sftp_call call)
{
	on_handle(sftp, CLOSE, handle, call);
}

void sftp_fsync(struct sftp *sftp, const struct sftp_handle *handle, struct sftp_call call)
{
	size_t at = begin(sftp, (char)EXTENDED, call);

	add_text(&sftp->out, "fsync@openssh.com");
	add_bytes(&sftp->out, handle->bytes, handle->size);
	end(sftp, at);
}

void sftp_fsetstat(struct sftp *sftp, const struct sftp_handle *handle,
		   const struct sftp_attrs *attrs, struct sftp_call call)
{
	size_t at = begin(sftp, FSETSTAT, call);

	add_bytes(&sftp->out, handle->bytes, handle->size);
	add_attrs(&sftp->out, attrs);
	end(sftp, at);
}

void sftp_setstat(struct sftp *sftp, const char *path, const struct sftp_attrs *attrs,
		  struct sftp_call call)
{
	size_t at = begin(sftp, SETSTAT, call);

	add_text(&sftp->out, path);
	add_attrs(&sftp->out, attrs);
	end(sftp, at);
}

void sftp_mkdir(struct sftp *sftp, const char *path, unsigned mode, struct sftp_call call)
{
	const struct sftp_attrs attrs = {.has = SFTP_HAS_MODE, .mode = mode};
	size_t at = begin(sftp, MKDIR, call);

	add_text(&sftp->out, path);
	add_attrs(&sftp->out, &attrs);
	end(sftp, at);
}

void sftp_rmdir(struct sftp *sftp, const char *path, struct sftp_call call)
{
	simple(sftp, RMDIR, path, call);
}

void sftp_remove(struct sftp *sftp, const char *path, struct sftp_call call)
{
	simple(sftp, REMOVE, path, call);
}

/* The draft has the two paths the other way round; servers do as OpenSSH does. */
void sftp_symlink(struct sftp *sftp, const char *target, const char *path, struct sftp_call call)
{
	size_t at = begin(sftp, SYMLINK, call);

	add_text(&sftp->out, target);
	add_text(&sftp->out, path);
	end(sftp, at);
}

void sftp_rename(struct sftp *sftp, const char *from, const char *to, struct sftp_call call)
{
	size_t at;

	if (sftp_offers(sftp, SFTP_POSIX_RENAME)) {
		extended(sftp, "posix-rename@openssh.com", from, to, call);
		return;
	}
	at = begin(sftp, RENAME, call);
	add_text(&sftp->out, from);
	add_text(&sftp->out, to);
	end(sftp, at);
}

void sftp_hardlink(struct sftp *sftp, const char *from, const char *to, struct sftp_call call)
{
	extended(sftp, "hardlink@openssh.com", from, to, call);
}

void sftp_statvfs(struct sftp *sftp, const char *path, struct sftp_call call)
{
	extended(sftp, "statvfs@openssh.com", path, NULL, call);
}
