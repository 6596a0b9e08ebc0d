/*
 * Lets the Nth call of one function fail, in a tool as it is built: for tests of what nothing real
 * brings about at will. It is loaded by LD_PRELOAD and reads
 *
 *   NTH="sqlite3_step 3 13"    the third step of a statement finds a full disk (SQLITE_FULL)
 *   NTH="connect 1 101"        the first connect has the network unreachable (errno 101)
 *   NTH_MARK=FILE              is made when it happened
 *
 * Programs that the tool starts are left alone.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static char function[64];
static long nth, error;
static bool happened;

__attribute__((constructor)) static void nth_begin(void)
{
	const char *told = getenv("NTH");

	if (!told || sscanf(told, "%63s %ld %ld", function, &nth, &error) != 3)
		nth = 0;
	unsetenv("LD_PRELOAD");
	unsetenv("NTH");
}

static void *real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* What SQLite calls itself counts for nothing, nor how libuv wakes itself up: it aborts by intent
 * when that fails. */
static bool inner(const void *caller)
{
	Dl_info info;

	return dladdr(caller, &info) && info.dli_fname &&
	       (strstr(info.dli_fname, "libsqlite3") ||
		(strstr(info.dli_fname, "libuv") &&
		 (!strcmp(function, "read") || !strcmp(function, "write"))));
}

static bool fails(const char *name, const void *caller)
{
	const char *mark = getenv("NTH_MARK");
	int (*opened)(const char *, int, ...) = (int (*)(const char *, int, ...))real("open");
	int fd;

	if (nth <= 0 || strcmp(name, function) || inner(caller) || --nth)
		return false;
	happened = true;
	fd = mark ? opened(mark, O_WRONLY | O_CREAT, 0600) : -1;
	if (fd >= 0)
		close(fd);
	errno = (int)error;
	return true;
}

#define FAILING(result, name, types, args, failure)                                                \
	result name types                                                                          \
	{                                                                                          \
		result(*next) types = (result(*) types)real(#name);                               \
		return fails(#name, __builtin_return_address(0)) ? (failure) : next args;                                       \
	}

/* SQLite's own word on it follows, until the next call of its kind. */
FAILING(int, sqlite3_step, (sqlite3_stmt * s), (s), (int)error)
FAILING(int, sqlite3_prepare_v3,
	(sqlite3 * db, const char *sql, int n, unsigned flags, sqlite3_stmt **s, const char **rest),
	(db, sql, n, flags, s, rest), (int)error)
FAILING(int, sqlite3_prepare_v2,
	(sqlite3 * db, const char *sql, int n, sqlite3_stmt **s, const char **rest),
	(db, sql, n, s, rest), (int)error)
FAILING(int, sqlite3_exec,
	(sqlite3 * db, const char *sql, int (*fn)(void *, int, char **, char **), void *ctx,
	 char **message),
	(db, sql, fn, ctx, message), (int)error)
FAILING(int, sqlite3_backup_step, (sqlite3_backup * b, int pages), (b, pages), (int)error)

int sqlite3_extended_errcode(sqlite3 *db)
{
	int (*next)(sqlite3 *) = (int (*)(sqlite3 *))real("sqlite3_extended_errcode");

	return happened && !strncmp(function, "sqlite3", 7) ? (int)error : next(db);
}

const char *sqlite3_errmsg(sqlite3 *db)
{
	const char *(*next)(sqlite3 *) = (const char *(*)(sqlite3 *))real("sqlite3_errmsg");

	return happened && !strncmp(function, "sqlite3", 7) ? sqlite3_errstr((int)error) : next(db);
}

FAILING(int, socket, (int domain, int type, int protocol), (domain, type, protocol), -1)
FAILING(int, connect, (int fd, const struct sockaddr *to, socklen_t size), (fd, to, size), -1)
FAILING(int, bind, (int fd, const struct sockaddr *to, socklen_t size), (fd, to, size), -1)
FAILING(int, listen, (int fd, int backlog), (fd, backlog), -1)
FAILING(int, socketpair, (int domain, int type, int protocol, int fds[2]),
	(domain, type, protocol, fds), -1)
FAILING(int, pipe2, (int fds[2], int flags), (fds, flags), -1)
FAILING(int, pipe, (int fds[2]), (fds), -1)
FAILING(int, fstat, (int fd, struct stat *st), (fd, st), -1)
FAILING(int, rename, (const char *from, const char *to), (from, to), -1)
FAILING(int, renameat, (int dir, const char *from, int todir, const char *to),
	(dir, from, todir, to), -1)
FAILING(int, mkdirat, (int dir, const char *path, mode_t mode), (dir, path, mode), -1)
FAILING(DIR *, opendir, (const char *path), (path), NULL)
FAILING(pid_t, fork, (void), (), -1)
FAILING(int, fsync, (int fd), (fd), -1)
FAILING(int, fchmod, (int fd, mode_t mode), (fd, mode), -1)
FAILING(int, ftruncate, (int fd, off_t size), (fd, size), -1)
FAILING(off_t, lseek, (int fd, off_t at, int whence), (fd, at, whence), -1)
FAILING(int, mkdir, (const char *path, mode_t mode), (path, mode), -1)
FAILING(ssize_t, recv, (int fd, void *to, size_t size, int flags), (fd, to, size, flags), -1)
FAILING(ssize_t, send, (int fd, const void *from, size_t size, int flags),
	(fd, from, size, flags), -1)
FAILING(ssize_t, read, (int fd, void *to, size_t size), (fd, to, size), -1)
FAILING(ssize_t, write, (int fd, const void *from, size_t size), (fd, from, size), -1)
FAILING(ssize_t, writev, (int fd, const struct iovec *from, int count), (fd, from, count), -1)
FAILING(ssize_t, pread, (int fd, void *to, size_t size, off_t at), (fd, to, size, at), -1)
FAILING(ssize_t, pwrite, (int fd, const void *from, size_t size, off_t at), (fd, from, size, at),
	-1)
FAILING(FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL)

int open(const char *path, int flags, ...)
{
	int (*next)(const char *, int, ...) = (int (*)(const char *, int, ...))real("open");
	va_list args;
	int mode;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, int) : 0;
	va_end(args);
	return fails("open", __builtin_return_address(0)) ? -1 : next(path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
	int (*next)(int, const char *, int, ...) = (int (*)(int, const char *, int, ...))real("openat");
	va_list args;
	int mode;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, int) : 0;
	va_end(args);
	return fails("openat", __builtin_return_address(0)) ? -1 : next(dir, path, flags, mode);
}
