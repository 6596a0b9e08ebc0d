#include "cmd/docker/turn.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"
#include "lib/room/home.h"
#include "lib/wire/remote.h"

static void add_all(struct list *to, const struct list *from)
{
	for (size_t i = 0; from && i < from->count; i++)
		list_add(to, from->at[i]);
}

int turn_into(const char *tool, const struct list *before, const struct opt_group *groups,
	      size_t count, const struct list *after, struct err *err)
{
	struct home home = {NULL, NULL, NULL};
	struct list argv = LIST_INIT;
	char *path = NULL;

	if (home_find(&home, err))
		goto out;
	path = mem_format("%s/%s", home.exec_path, tool);
	list_add(&argv, tool);
	add_all(&argv, before);
	for (size_t i = 0; i < count; i++)
		opt_words(&groups[i], &argv);
	list_add(&argv, "--");
	add_all(&argv, after);
	list_take(&argv, NULL);
	execv(path, argv.at);
	err_sys(err, STATUS_CONSOLE, errno, "%s", path);
out:
	list_finish(&argv);
	free(path);
	home_finish(&home);
	return -1;
}

int turn_into_exec(const struct opt_group *groups, size_t count, const struct list *words,
		   struct err *err)
{
	struct home home = {NULL, NULL, NULL};
	struct list argv = LIST_INIT, line = LIST_INIT, title_word = LIST_INIT;
	struct buf command = BUF_INIT;
	char *script = NULL, *title = list_join(words, " ");

	list_take(&title_word, mem_format("--title=docker %s", title));
	add_all(&argv, words);
	list_take(&argv, NULL);
	if (!home_find(&home, err))
		script = remote_script(&home, "engine.sh docker.sh", err);
	if (script) {
		quote_command(&command, script, (const char *const *)argv.at);
		list_add(&line, command.at);
		turn_into("mroom-exec", &title_word, groups, count, &line, err);
	}
	buf_finish(&command);
	list_finish(&line);
	list_finish(&argv);
	list_finish(&title_word);
	free(script);
	free(title);
	home_finish(&home);
	return -1;
}
