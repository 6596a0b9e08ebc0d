/* Changing our own known_hosts file: any number of tools may do so at once. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/wire/blob.h"
#include "lib/wire/knownhosts_index.h"

#define OWN_MAX ((size_t)256 << 20)

/* The lock lies beside the file: the file itself may be replaced while others wait. -1 on error. */
static int lock_beside(const char *own, struct err *err)
{
	char *path = mem_format("%s.lock", own);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || flock(fd, LOCK_EX)) {
		err_sys(err, STATUS_CONSOLE, errno, "%s", path);
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

/* Whether the file ends in the middle of a line. */
static bool ends_open(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);
	char last = '\n';

	return end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n';
}

int knownhosts_append(const char *own, const char *line, struct err *err)
{
	struct buf text = BUF_INIT;
	int lock = lock_beside(own, err), fd = -1, rc = -1;

	if (lock < 0)
		return -1;
	fd = open(own, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0) {
		err_sys(err, STATUS_CONSOLE, errno, "%s", own);
		goto out;
	}
	if (ends_open(fd))
		buf_char(&text, '\n');
	buf_text(&text, line);
	buf_char(&text, '\n');
	rc = io_write_all(fd, text.at, text.len, err);
	if (rc)
		err_prefix(err, "%s", own);
out:
	if (fd >= 0)
		close(fd);
	close(lock);
	buf_finish(&text);
	return rc;
}

void knownhosts_line(struct buf *line, const char *host, long port, const void *blob, size_t size)
{
	struct blob reader = blob_of(blob, size), type = blob_string(&reader);
	size_t room = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
	struct buf name = BUF_INIT;

	if (type.bad)
		return;
	known_name(&name, host, port);
	buf_format(line, "%s %.*s ", name.at, (int)type.left, (const char *)type.at);
	buf_reserve(line, room);
	sodium_bin2base64(line->at + line->len, room, blob, size, sodium_base64_VARIANT_ORIGINAL);
	line->len += room - 1;
	buf_finish(&name);
}

/* The names of a line that are not this one, comma-joined; true when one was. */
static bool other_names(const char *names, size_t size, const struct buf *name, struct buf *others)
{
	bool found = false;

	if (*names == '|')
		return known_hash_is(names, size, name);
	while (size > 0) {
		const char *comma = memchr(names, ',', size);
		size_t count = comma ? (size_t)(comma - names) : size;

		if (count == name->len && !strncasecmp(names, name->at, count)) {
			found = true;
		} else if (count > 0) {
			if (others->len > 0)
				buf_char(others, ',');
			buf_add(others, names, count);
		}
		names += comma ? count + 1 : count;
		size -= comma ? count + 1 : count;
	}
	return found;
}

/* Appends what stays of the line [at, end), newline included; true when it knew the name. */
static bool strip_line(const char *at, const char *end, const struct buf *name, struct buf *kept)
{
	const char *names = at;
	struct buf others = BUF_INIT;
	size_t size;
	bool found = false;

	while (names < end && (*names == ' ' || *names == '\t'))
		names++;
	for (size = 0; names + size < end && !strchr(" \t\r\n", names[size]); size++)
		;
	/* Markers are somebody's decision, not something learned. */
	if (size > 0 && *names != '#' && *names != '@')
		found = other_names(names, size, name, &others);
	if (!found) {
		buf_add(kept, at, (size_t)(end - at));
	} else if (others.len > 0) {
		buf_add(kept, others.at, others.len);
		buf_add(kept, names + size, (size_t)(end - names) - size);
	}
	buf_finish(&others);
	return found;
}

int knownhosts_forget(const char *own, const char *host, long port, size_t *removed,
		      struct err *err)
{
	struct buf text = BUF_INIT, kept = BUF_INIT, name = BUF_INIT;
	int lock = lock_beside(own, err), rc = -1;

	*removed = 0;
	if (lock < 0)
		return -1;
	known_name(&name, host, port);
	if (access(own, F_OK) && errno == ENOENT) {
		rc = 0;
		goto out;
	}
	if (io_read_file(own, OWN_MAX, &text, err))
		goto out;
	for (const char *at = text.at, *end = text.at + text.len, *next; at < end; at = next) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		next = newline ? newline + 1 : end;
		*removed += strip_line(at, next, &name, &kept);
	}
	rc = *removed ? io_replace_file(own, kept.at, kept.len, 0600, err) : 0;
out:
	close(lock);
	buf_finish(&text);
	buf_finish(&kept);
	buf_finish(&name);
	return rc;
}
