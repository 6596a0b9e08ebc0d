#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/tunnel/tunnel.h"
#include "lib/base/mem.h"

/* Drivers make no deep trees. */
#define DEPTH_MAX 8

static void tidy_below(const char *path, int depth)
{
	struct dirent *entry;
	DIR *listing = opendir(path);

	while (listing && (entry = readdir(listing))) {
		char *inside = mem_format("%s/%s", path, entry->d_name);
		struct stat what;

		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			if (!lstat(inside, &what) && S_ISDIR(what.st_mode) && depth < DEPTH_MAX)
				tidy_below(inside, depth + 1);
			else
				unlink(inside);
		}
		free(inside);
	}
	if (listing)
		closedir(listing);
	rmdir(path);
}

void tidy_tree(const char *path)
{
	tidy_below(path, 0);
}
