#include "lib/room/secret_fetch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/child.h"
#include "lib/base/io.h"
#include "lib/base/list.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/flow/record.h"

/* As much as the command may print. */
#define ANSWER_MAX ((size_t)8 * 1024 * 1024)

struct secret_fetch {
	char *command;
	struct list expected;  /* not asked for yet */
	struct map *asked;     /* ids; expected or done with */
	struct map *passwords; /* id -> text */
	char *trouble;	       /* why the command failed last; NULL */
	int64_t spent_ms;      /* in the command */
};

struct secret_fetch *secret_fetch_create(const char *command)
{
	struct secret_fetch *fetch = mem_zero(1, sizeof(*fetch));

	fetch->command = mem_text(command);
	fetch->asked = map_create();
	fetch->passwords = map_create();
	return fetch;
}

void secret_fetch_destroy(struct secret_fetch *fetch)
{
	const char *id;
	void *password;
	size_t at = 0;

	if (!fetch)
		return;
	while (map_next(fetch->passwords, &at, &id, &password))
		mem_wipe_free(password);
	map_destroy(fetch->passwords);
	map_destroy(fetch->asked);
	list_finish(&fetch->expected);
	free(fetch->trouble);
	free(fetch->command);
	free(fetch);
}

void secret_fetch_expect(struct secret_fetch *fetch, const char *id)
{
	if (*fetch->command && map_mark(fetch->asked, id))
		list_add(&fetch->expected, id);
}

/* The ids in a file without a name; -1 on error. */
static int ids_file(const struct list *ids, struct err *err)
{
	const char *dir = getenv("TMPDIR");
	char *path = mem_format("%s/mroom-ids.XXXXXX", dir && *dir ? dir : "/tmp");
	char *text = list_join(ids, "\n");
	int fd = mkstemp(path);

	if (fd < 0) {
		err_sys(err, STATUS_CONSOLE, errno, "%s", path);
	} else {
		unlink(path);
		if (io_write_all(fd, text, strlen(text), err) || io_write_all(fd, "\n", 1, err) ||
		    lseek(fd, 0, SEEK_SET)) {
			close(fd);
			fd = -1;
		}
	}
	free(path);
	free(text);
	return fd;
}

static int take_record(void *ctx, const struct record *record, struct err *err)
{
	struct secret_fetch *fetch = ctx;

	if (record->json || record->count != 2)
		return err_set(err, STATUS_USAGE,
			       "line %ld of its answer is no record of id and password",
			       record->line);
	if (record->fields[1].len)
		mem_wipe_free(map_set(fetch->passwords, record->fields[0].at,
				      mem_text_n(record->fields[1].at, record->fields[1].len)));
	mem_wipe(record->fields[1].at, record->fields[1].len);
	return 0;
}

/* Runs the command for all that are expected. */
static int ask(struct secret_fetch *fetch, struct err *err)
{
	const char *const argv[] = {"sh", "-c", fetch->command, NULL};
	struct record_reader *reader = record_reader_create("answer", 0, take_record, fetch);
	struct buf answer = BUF_INIT;
	int fd = ids_file(&fetch->expected, err);
	int64_t began = clock_mono_ms();
	int result = -1;

	list_finish(&fetch->expected);
	buf_reserve(&answer, ANSWER_MAX + 1); /* it does not grow then */
	if (fd >= 0 && !child_filter(argv, fd, ANSWER_MAX, &answer, err) &&
	    !record_feed(reader, answer.at, answer.len, err) && !record_end(reader, err))
		result = 0;
	if (fd >= 0)
		close(fd);
	fetch->spent_ms += clock_mono_ms() - began;
	mem_wipe(answer.at, answer.len);
	buf_finish(&answer);
	record_reader_destroy(reader);
	return result ? err_prefix(err, "[secret] secret_command") : 0;
}

int secret_fetch_get(struct secret_fetch *fetch, const char *id, struct buf *text, struct err *err)
{
	const char *password;
	struct err mine = ERR_INIT;

	secret_fetch_expect(fetch, id);
	if (fetch->expected.count) {
		free(fetch->trouble);
		fetch->trouble = ask(fetch, &mine) ? mem_text(mine.text) : NULL;
	}
	password = map_get(fetch->passwords, id);
	if (password)
		buf_text(text, password);
	else if (fetch->trouble)
		return err_set(err, STATUS_USAGE, "%s", fetch->trouble);
	return password != NULL;
}

bool secret_fetch_can(const struct secret_fetch *fetch)
{
	return *fetch->command != '\0';
}

int64_t secret_fetch_spent_ms(const struct secret_fetch *fetch)
{
	return fetch->spent_ms;
}
