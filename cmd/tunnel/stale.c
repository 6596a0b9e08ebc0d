#include <dirent.h>
#include <unistd.h>

#include "cmd/tunnel/drive.h"
#include "cmd/tunnel/tunnel.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/wire/route.h"

static void stale_line(void *ctx, const struct drive_line *line)
{
	struct err *err = ctx;

	if (!strcmp(line->words[0], "failed"))
		err_set(err, STATUS_CONSOLE, "%s", line->words[1]);
}

static void stale_done(void *ctx, const char *why)
{
	(void)ctx;
	(void)why;
}

/* The driver that brought it up takes it down: what it needs to know for that is in the directory.
 */
static int run_down(const struct home *home, const char *dir, struct err *err)
{
	char *path = mem_format("%s/driver", dir);
	struct buf driver = BUF_INIT, nothing = BUF_INIT;
	struct err said = ERR_INIT;
	struct drive_args args = {
	    .verb = "down",
	    .dir = dir,
	    .input = &nothing,
	    .deadline_ms = DRIVE_DOWN_MS,
	    .line = stale_line,
	    .done = stale_done,
	    .ctx = &said,
	};
	int result = 0;

	setenv("MROOM_SHARE", home->share, 1);
	if (!io_read_file(path, 4096, &driver, NULL)) {
		args.path = driver.at;
		result = drive_run(&args, err);
		if (!result && *said.text) {
			*err = said;
			result = -1;
		}
	}
	buf_finish(&driver);
	free(path);
	return result;
}

int stale_clear(const struct home *home, const char *name, struct err *err)
{
	char *dir = route_tunnel_dir(home, name);
	int result = 0;
	int lock;

	if (!io_is_dir(dir))
		goto out;
	lock = route_lock(home, name, err);
	if (lock == -2)
		result = -1;
	if (lock < 0)
		goto out; /* its keeper lives, or is being cleared up after */
	result = run_down(home, dir, err);
	if (result)
		err_prefix(err, "tunnel %s", name);
	else
		result = 1;
	if (result > 0)
		tidy_tree(dir);
	route_unlisten(home, name);
	route_unlock(home, name, lock);
out:
	free(dir);
	return result;
}

/* The names of all that have a directory. */
static void stale_names(const struct home *home, struct list *names)
{
	char *runs = route_dir(home);
	DIR *listing = opendir(runs);
	struct dirent *entry;

	while (listing && (entry = readdir(listing))) {
		size_t size = strlen(entry->d_name);

		if (size > 2 && !strcmp(entry->d_name + size - 2, ".d"))
			list_add_n(names, entry->d_name, size - 2);
	}
	if (listing)
		closedir(listing);
	free(runs);
}

int stale_clear_all(const struct home *home, char **operands, size_t count, struct err *err)
{
	struct list names = LIST_INIT;
	int result = 0;

	for (size_t i = 0; i < count; i++)
		list_add(&names, operands[i]);
	if (!count)
		stale_names(home, &names);
	for (size_t i = 0; i < names.count; i++) {
		struct err own = ERR_INIT;
		int cleared = stale_clear(home, names.at[i], &own);

		if (cleared > 0)
			fprintf(stderr, "tunnel %s: cleared up\n", names.at[i]);
		if (cleared >= 0)
			continue;
		if (result)
			err_report(err, "mroom tunnel down");
		*err = own;
		result = -1;
	}
	list_finish(&names);
	return result;
}
