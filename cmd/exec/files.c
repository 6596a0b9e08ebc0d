#include "cmd/exec/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"

int files_prepare(const char *dir, struct err *err)
{
	return dir ? io_make_dirs(dir, 0777, err) : 0;
}

int files_open(const char *dir, const char *id, struct err *err)
{
	/* An id is no path, and neither this directory nor the one above it. */
	char *path = mem_format("%s/%s%s", dir, *id == '.' ? "_" : "", id);
	int fd;

	for (char *at = path + strlen(dir) + 1; *at; at++)
		if (*at == '/')
			*at = '_';
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		err_sys(err, STATUS_CONSOLE, errno, "%s", path);
	free(path);
	return fd;
}
