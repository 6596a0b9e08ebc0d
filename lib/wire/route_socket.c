#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/wire/route.h"

#define BACKLOG 128

char *route_dir(const struct home *home)
{
	return home_path(home, "run/tunnels");
}

static char *route_file(const struct home *home, const char *tunnel, const char *ending)
{
	return mem_format("%s/run/tunnels/%s%s", home->dir, tunnel, ending);
}

char *route_tunnel_dir(const struct home *home, const char *tunnel)
{
	return route_file(home, tunnel, ".d");
}

int route_lock(const struct home *home, const char *tunnel, struct err *err)
{
	char *path = route_file(home, tunnel, ".lock");
	int lock = -1;

	for (;;) {
		struct stat ours, named;

		lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (lock < 0) {
			err_sys(err, STATUS_CONSOLE, errno, "%s", path);
			lock = -2;
			break;
		}
		if (flock(lock, LOCK_EX | LOCK_NB)) {
			close(lock);
			lock = -1;
			break;
		}
		/* The one before may have removed the file after we opened it. */
		if (!fstat(lock, &ours) && !stat(path, &named) && ours.st_ino == named.st_ino)
			break;
		close(lock);
	}
	free(path);
	return lock;
}

void route_unlock(const struct home *home, const char *tunnel, int lock)
{
	char *path = route_file(home, tunnel, ".lock");

	unlink(path);
	close(lock);
	free(path);
}

/*
 * Fills in the address of a tunnel's socket. A path that is too long for one is reached through the
 * descriptor of its directory, which comes back (to be closed after use); -1 when the path will do.
 */
static int socket_address(const struct home *home, const char *tunnel, struct sockaddr_un *address)
{
	char *path = route_file(home, tunnel, ".sock");
	char *dir = route_dir(home);
	size_t size = strlen(path);
	int fd = -1;

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	if (size < sizeof(address->sun_path)) {
		memcpy(address->sun_path, path, size + 1);
	} else {
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		snprintf(address->sun_path, sizeof(address->sun_path),
			 "/proc/self/fd/%d/%.80s.sock", fd, tunnel);
	}
	free(dir);
	free(path);
	return fd;
}

static int socket_open(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd >= 0 && (fcntl(fd, F_SETFD, FD_CLOEXEC) || fcntl(fd, F_SETFL, O_NONBLOCK))) {
		close(fd);
		return -1;
	}
	return fd;
}

int route_connect(const struct home *home, const char *tunnel)
{
	struct sockaddr_un address;
	int dir = socket_address(home, tunnel, &address);
	int fd = socket_open();
	int errnum;

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
		errnum = errno;
		close(fd);
		errno = errnum;
		fd = -1;
	}
	errnum = errno;
	if (dir >= 0)
		close(dir);
	errno = errnum;
	return fd;
}

int route_listen(const struct home *home, const char *tunnel, struct err *err)
{
	struct sockaddr_un address;
	int dir = socket_address(home, tunnel, &address);
	int fd = socket_open();

	/* Ours: we have the lock. */
	unlink(address.sun_path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) ||
	    chmod(address.sun_path, 0600) || listen(fd, BACKLOG)) {
		err_sys(err, STATUS_CONSOLE, errno, "%s", address.sun_path);
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	if (dir >= 0)
		close(dir);
	return fd;
}

void route_unlisten(const struct home *home, const char *tunnel)
{
	char *path = route_file(home, tunnel, ".sock");

	unlink(path);
	free(path);
}
