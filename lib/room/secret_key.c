#include "lib/room/secret_key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/child.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"

#define KEY_FILE_MAX ((size_t)4096)
#define HEX_SIZE ((size_t)2 * SECRET_KEY_SIZE)

/* Reads the digits in text; false when they are none. */
static bool read_digits(const struct buf *text, unsigned char *key)
{
	size_t size = 0;

	return text->len == HEX_SIZE &&
	       !sodium_hex2bin(key, SECRET_KEY_SIZE, text->at, text->len, NULL, &size, NULL) &&
	       size == SECRET_KEY_SIZE;
}

int secret_key_fetch(const char *command, unsigned char *key, struct err *err)
{
	const char *const argv[] = {"sh", "-c", command, NULL};
	struct buf text = BUF_INIT;
	int result;

	buf_reserve(&text, KEY_FILE_MAX + 1); /* it does not grow then */
	result = child_read(argv, KEY_FILE_MAX, &text, err);
	while (!result && text.len && strchr("\r\n ", text.at[text.len - 1]))
		buf_cut(&text, text.len - 1);
	if (!result && !read_digits(&text, key))
		result = err_set(err, STATUS_USAGE,
				 "it did not print a key: one line of %zu hex digits", HEX_SIZE);
	buf_wipe(&text);
	return result ? err_prefix(err, "[secret] key_command") : 0;
}

int secret_key_read(const char *path, unsigned char *key, struct err *err)
{
	struct buf text = BUF_INIT;
	int result = -1;

	if (access(path, F_OK) && errno == ENOENT)
		return 0;
	if (io_read_secret(path, KEY_FILE_MAX, &text, err))
		goto out;
	if (!read_digits(&text, key)) {
		err_set(err, STATUS_USAGE,
			"%s: this is no key file of mroom, which is one line of %zu "
			"hex digits (restore it from a backup)",
			path, HEX_SIZE);
		goto out;
	}
	result = 1;
out:
	buf_wipe(&text);
	return result;
}

/* Writes a new key to fd as hex. */
static int write_key(int fd, struct err *err)
{
	unsigned char key[SECRET_KEY_SIZE];
	char hex[HEX_SIZE + 1];
	int result;

	randombytes_buf(key, sizeof(key));
	sodium_bin2hex(hex, sizeof(hex), key, sizeof(key));
	hex[HEX_SIZE] = '\n'; /* in place of the NUL */
	result = io_write_all(fd, hex, sizeof(hex), err);
	mem_wipe(key, sizeof(key));
	mem_wipe(hex, sizeof(hex));
	return result;
}

/* So that a power cut does not take the name of a key that is in use. */
static void sync_dir_of(const char *path)
{
	char *dir = mem_text_n(path, (size_t)(strrchr(path, '/') - path) + 1);
	int fd = open(dir, O_RDONLY | O_CLOEXEC | O_DIRECTORY);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(dir);
}

int secret_key_make(const char *path, struct err *err)
{
	char *temporary = io_temporary_name(path);
	int fd = mkstemp(temporary);
	int result = -1;

	if (fd < 0) {
		err_sys(err, STATUS_CONSOLE, errno, "%s: cannot make the key file", path);
		goto out;
	}
	if (write_key(fd, err)) {
		err_prefix(err, "%s", path);
		goto out;
	}
	/* link(2) refuses a name that is taken, rename(2) would replace the other process's key. */
	if (fsync(fd) || (link(temporary, path) && errno != EEXIST)) {
		err_sys(err, STATUS_CONSOLE, errno, "%s: cannot make the key file", path);
		goto out;
	}
	sync_dir_of(path);
	result = 0;
out:
	if (fd >= 0) {
		unlink(temporary);
		close(fd);
	}
	free(temporary);
	return result;
}
