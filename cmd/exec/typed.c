#include "cmd/exec/typed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/io.h"
#include "lib/base/list.h"

/* A longer file was not made here. */
#define FILE_MAX ((size_t)64 << 20)

int typed_read(const char *path, void (*fn)(void *ctx, const char *line), void *ctx,
	       struct err *err)
{
	struct buf text = BUF_INIT;
	struct list lines = LIST_INIT;
	char *rest, **last;
	size_t skip;
	int result = 0;

	if (access(path, F_OK))
		return 0;
	if (io_read_file(path, FILE_MAX, &text, err))
		return -1;
	list_split(&lines, text.at, '\n');
	skip = lines.count > TYPED_MAX ? lines.count - TYPED_MAX : 0;
	last = lines.at + skip;
	for (size_t i = skip; i < lines.count; i++)
		fn(ctx, lines.at[i]);
	if (skip > TYPED_MAX) {
		const struct list kept = {last, lines.count - skip, 0};

		rest = list_join(&kept, "\n");
		buf_clear(&text);
		buf_format(&text, "%s\n", rest);
		free(rest);
		result = io_replace_file(path, text.at, text.len, 0600, err);
	}
	list_finish(&lines);
	buf_finish(&text);
	return result;
}

int typed_add(const char *path, const char *line, struct err *err)
{
	struct buf text = BUF_INIT;
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	int result;

	if (fd < 0 || fchmod(fd, 0600)) {
		result = err_sys(err, STATUS_CONSOLE, errno, "%s", path);
	} else {
		buf_format(&text, "%s\n", line);
		/* In one write, which others do not come between. */
		result = io_write_all(fd, text.at, text.len, err);
		buf_finish(&text);
	}
	if (fd >= 0)
		close(fd);
	return result;
}
