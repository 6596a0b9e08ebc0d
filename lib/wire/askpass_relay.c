#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/room/secret.h"
#include "lib/wire/askpass.h"

bool askpass_is_relay(void)
{
	return getenv(ASKPASS_SOCKET) != NULL;
}

static int dial(const char *path, struct err *err)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	if (fd >= 0 && !connect(fd, (const struct sockaddr *)&at, sizeof(at)))
		return fd;
	err_sys(err, STATUS_CONSOLE, errno, "%s", path);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* All of it, up to its one newline. */
static int take_answer(int fd, struct buf *text, struct err *err)
{
	size_t before = text->len;
	ssize_t got;

	buf_reserve(text, SECRET_MAX);
	do {
		got = read(fd, text->at + text->len, SECRET_MAX - (text->len - before));
		if (got > 0)
			text->len += (size_t)got;
	} while (got > 0 || (got < 0 && errno == EINTR));
	if (got < 0)
		return err_sys(err, STATUS_CONSOLE, errno, "no answer");
	if (text->len == before)
		return 0;
	buf_cut(text, text->len - 1);
	return 1;
}

int askpass_relay(const char *question, struct buf *text, struct err *err)
{
	const char *hop = getenv(ASKPASS_HOP);
	char *line = mem_format("%.1s %.2000s", hop && *hop ? hop : "0", question);
	int fd = dial(getenv(ASKPASS_SOCKET), err);
	int result = -1;

	/* Its end is the zero. */
	if (fd >= 0 && !io_write_all(fd, line, strlen(line) + 1, err))
		result = take_answer(fd, text, err);
	if (fd >= 0)
		close(fd);
	free(line);
	return result;
}
