/* The user's own checks on their way to servers: a tar archive, which every system can unpack. */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/health/check.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"

#define FILE_MAX ((size_t)16 * 1024 * 1024)
#define BLOCK 512

/* A header of POSIX ustar: an executable file of root's. */
static void add_header(struct buf *archive, const char *name, size_t size)
{
	char header[BLOCK] = "";
	unsigned sum = 0;

	memcpy(header, name, strlen(name));
	snprintf(header + 100, 8, "%07o", 0755);
	snprintf(header + 108, 8, "%07o", 0);
	snprintf(header + 116, 8, "%07o", 0);
	snprintf(header + 124, 12, "%011zo", size);
	snprintf(header + 136, 12, "%011o", 0);
	header[156] = '0';
	memcpy(header + 257, "ustar\00000", 8);
	memset(header + 148, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)header[i];
	snprintf(header + 148, 8, "%06o", sum & 0777777);
	buf_add(archive, header, BLOCK);
}

static void pad(struct buf *archive, size_t blocks)
{
	static const char zero[BLOCK];
	size_t part = archive->len % BLOCK;

	if (part)
		buf_add(archive, zero, BLOCK - part);
	for (; blocks; blocks--)
		buf_add(archive, zero, BLOCK);
}

static int add_file(struct buf *archive, const char *dir, const char *name, struct err *err)
{
	char *path = mem_format("%s/%s", dir, name);
	struct buf bytes = BUF_INIT;
	struct stat st;
	int result = 0;

	if (stat(path, &st) || !S_ISREG(st.st_mode) || access(path, X_OK))
		goto out;
	result = -1;
	if (strlen(name) > 99) {
		err_set(err, STATUS_USAGE, "%s: the name of a check has at most 99 bytes", path);
		goto out;
	}
	if (io_read_file(path, FILE_MAX, &bytes, err))
		goto out;
	add_header(archive, name, bytes.len);
	buf_add(archive, bytes.at, bytes.len);
	pad(archive, 0);
	result = 0;
out:
	buf_finish(&bytes);
	free(path);
	return result;
}

int check_archive(const struct home *home, struct buf *archive, struct err *err)
{
	char *dir = home_path(home, "checks");
	struct dirent **entries = NULL;
	int count = scandir(dir, &entries, NULL, alphasort), result = 0;

	if (count < 0 && errno != ENOENT)
		result = err_sys(err, STATUS_CONSOLE, errno, "%s", dir);
	for (int i = 0; i < count; i++) {
		if (!result && *entries[i]->d_name != '.')
			result = add_file(archive, dir, entries[i]->d_name, err);
		free(entries[i]);
	}
	if (archive->len)
		pad(archive, 2);
	free(entries);
	free(dir);
	return result;
}
