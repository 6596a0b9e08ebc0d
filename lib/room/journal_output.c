#include "lib/room/journal_output.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/room/capture.h"
#include "lib/room/store_output.h"

/* One server's two streams. */
struct pair {
	char *server;
	struct capture *streams[2];
	struct pair *next; /* among those that are ready */
};

struct journal_output {
	const struct redact *redact;
	size_t limit;
	struct map *open; /* id -> struct pair */
	struct pair *ready;
};

const char *journal_output_how(const struct config *config)
{
	return config ? config_text(config, "journal", "output") : "none";
}

struct journal_output *journal_output_create(const struct config *config,
					     const struct redact *redact)
{
	const char *how = journal_output_how(config);
	struct journal_output *output;

	if (!strcmp(how, "none"))
		return NULL;
	output = mem_zero(1, sizeof(*output));
	output->redact = redact;
	output->open = map_create();
	if (!strcmp(how, "head"))
		output->limit = (size_t)config_size(config, "journal", "head");
	else if (!strcmp(how, "full"))
		output->limit = (size_t)config_size(config, "journal", "limit");
	return output;
}

static void pair_destroy(struct pair *pair)
{
	capture_destroy(pair->streams[0]);
	capture_destroy(pair->streams[1]);
	free(pair->server);
	free(pair);
}

void journal_output_destroy(struct journal_output *output)
{
	const char *server;
	void *pair;
	size_t at = 0;

	if (!output)
		return;
	while (map_next(output->open, &at, &server, &pair))
		pair_destroy(pair);
	map_destroy(output->open);
	while (output->ready) {
		struct pair *next = output->ready->next;

		pair_destroy(output->ready);
		output->ready = next;
	}
	free(output);
}

void journal_output_add(struct journal_output *output, const char *server, bool is_err,
			const char *bytes, size_t count)
{
	struct pair *pair;

	if (!output)
		return;
	pair = map_get(output->open, server);
	if (!pair) {
		pair = mem_zero(1, sizeof(*pair));
		pair->server = mem_text(server);
		map_set(output->open, server, pair);
	}
	if (!pair->streams[is_err])
		pair->streams[is_err] = capture_create(output->redact, output->limit);
	capture_add(pair->streams[is_err], bytes, count);
}

void journal_output_done(struct journal_output *output, const char *server)
{
	struct pair *pair = output ? map_remove(output->open, server) : NULL;

	if (!pair)
		return;
	pair->next = output->ready;
	output->ready = pair;
}

static int pair_write(const struct pair *pair, struct store *store, int64_t run, struct err *err)
{
	static const char *const names[] = {"out", "err"};
	struct captured captured;

	for (int i = 0; i < 2; i++) {
		if (!pair->streams[i])
			continue;
		capture_end(pair->streams[i], &captured);
		if (store_output_add(store, run, pair->server, names[i], &captured, err))
			return -1;
	}
	return 0;
}

int journal_output_write(struct journal_output *output, struct store *store, int64_t run,
			 struct err *err)
{
	while (output && output->ready) {
		struct pair *pair = output->ready;
		int result = pair_write(pair, store, run, err);

		output->ready = pair->next;
		pair_destroy(pair);
		if (result)
			return -1;
	}
	return 0;
}
