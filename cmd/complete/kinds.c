/* Candidates of each kind that an option table may name. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/complete/complete.h"
#include "lib/base/mem.h"
#include "lib/room/outcome.h"
#include "lib/room/tunnel.h"

static bool is_one_of(const char *word, const char *words)
{
	struct list list = LIST_INIT;
	bool found;

	list_split(&list, words, ' ');
	found = list_has(&list, word);
	list_finish(&list);
	return found;
}

/* A candidate is a line: what a terminal or the form would trip over is none. */
static bool is_plain(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			return false;
	return true;
}

void offer(const char *front, const char *candidate, const char *prefix, const char *help)
{
	if (strncmp(candidate, prefix, strlen(prefix)) != 0 || !*candidate || !is_plain(candidate))
		return;
	printf("%s%s", front, candidate);
	if (help && *help && is_plain(help))
		printf("\t%s", help);
	putchar('\n');
}

static void offer_list(const struct list *list, const char *prefix, const char *front)
{
	for (size_t i = 0; i < list->count; i++)
		offer(front, list->at[i], prefix, NULL);
}

static void offer_outcomes(const char *prefix, const char *front)
{
	for (int i = 0; i < OUTCOME_COUNT; i++)
		offer(front, outcome_name((enum outcome)i), prefix, NULL);
}

/* N, or N:OUTCOME. */
static void offer_runs(struct completion *completion, const char *prefix, const char *front)
{
	const char *colon = strchr(prefix, ':');
	char *further;

	if (!colon) {
		offer_stored(completion, "runs", prefix, front);
		return;
	}
	further = mem_format("%s%.*s", front, (int)(colon + 1 - prefix), prefix);
	offer_outcomes(colon + 1, further);
	free(further);
}

static void add_files(const char *dir, const char *begin, struct list *names)
{
	DIR *open = opendir(dir);
	struct dirent *entry;

	while (open && (entry = readdir(open)) != NULL)
		if (*entry->d_name != '.' && !strncmp(entry->d_name, begin, strlen(begin)) &&
		    !list_has(names, entry->d_name + strlen(begin)))
			list_add(names, entry->d_name + strlen(begin));
	if (open)
		closedir(open);
}

/* The groups of a source are its own to know, and asking it may take long. */
static void offer_sources(struct completion *completion, const char *prefix, const char *front)
{
	struct list names = LIST_INIT;
	char *dir = completion->home.dir ? home_path(&completion->home, "sources") : NULL;

	if (dir)
		add_files(dir, "", &names);
	list_sort(&names);
	for (size_t i = 0; i < names.count; i++) {
		char *word = mem_format("%s:", names.at[i]);

		offer(front, word, prefix, "a source's servers");
		free(word);
	}
	list_finish(&names);
	free(dir);
}

/* Behind @: rooms, tags, how the last run ended, earlier runs, and what has a name of its own. */
static void offer_groups(struct completion *completion, const char *prefix, const char *front)
{
	static const char runs[] = "run:";
	char *further;

	if (!strncmp(prefix, runs, strlen(runs))) {
		further = mem_format("%s%s", front, runs);
		offer_runs(completion, prefix + strlen(runs), further);
		free(further);
		return;
	}
	offer_stored(completion, "groups", prefix, front);
	offer_outcomes(prefix, front);
	offer(front, "retired", prefix, "servers that are retired");
	offer(front, runs, prefix, "the servers of an earlier run");
	offer_sources(completion, prefix, front);
}

static void offer_targets(struct completion *completion, const char *prefix, const char *front)
{
	char *further = mem_format("%s%c", front, *prefix);

	if (*prefix == '@')
		offer_groups(completion, prefix + 1, further);
	else if (*prefix == '^')
		printf("\tfile\t%s\n", further);
	else
		offer_stored(completion, "servers", prefix, front);
	free(further);
}

static void offer_stages(struct completion *completion, const char *prefix, const char *front)
{
	struct list names = LIST_INIT, path = LIST_INIT;
	char *shipped = home_share(&completion->home, "stages");
	char *own = completion->home.dir ? home_path(&completion->home, "stages") : NULL;

	add_files(shipped, "", &names);
	if (own)
		add_files(own, "", &names);
	list_split(&path, getenv("PATH") ? getenv("PATH") : "", ':');
	for (size_t i = 0; i < path.count; i++)
		add_files(path.at[i], "mroom-stage-", &names);
	list_sort(&names);
	offer_list(&names, prefix, front);
	list_finish(&names);
	list_finish(&path);
	free(own);
	free(shipped);
}

static void offer_drivers(struct completion *completion, const char *prefix, const char *front)
{
	struct list names = LIST_INIT;

	tunnel_driver_names(&completion->home, &names);
	offer_list(&names, prefix, front);
	list_finish(&names);
}

/* What another command prints, a candidate a line. */
static void offer_asked(struct completion *completion, const char *words, const char *prefix,
			const char *front)
{
	struct list arguments = LIST_INIT, lines = LIST_INIT;

	list_split(&arguments, words, ' ');
	ask(completion, &arguments, &lines);
	for (size_t i = 0; i < lines.count; i++) {
		char *help = strchr(lines.at[i], '\t');

		if (help)
			*help++ = '\0';
		offer(front, lines.at[i], prefix, help);
	}
	list_finish(&lines);
	list_finish(&arguments);
}

static void offer_one_kind(struct completion *completion, const char *kind, const char *prefix,
			   const char *front)
{
	struct list choices = LIST_INIT;

	if (!strcmp(kind, "targets"))
		offer_targets(completion, prefix, front);
	else if (!strcmp(kind, "file") || !strcmp(kind, "dir"))
		printf("\t%s\t%s\n", kind, front);
	else if (!strcmp(kind, "outcomes"))
		offer_outcomes(prefix, front);
	else if (!strcmp(kind, "stages"))
		offer_stages(completion, prefix, front);
	else if (!strcmp(kind, "drivers"))
		offer_drivers(completion, prefix, front);
	else if (!strcmp(kind, "settings"))
		offer_asked(completion, "config list -o tsv --columns setting", prefix, front);
	else if (!strcmp(kind, "commands")) {
		offer_asked(completion, "--list-commands", prefix, front);
		offer_asked(completion, "--list-aliases", prefix, front);
	} else if (!offer_stored(completion, kind, prefix, front) && strchr(kind, '|')) {
		list_split(&choices, kind, '|');
		offer_list(&choices, prefix, front);
	}
	list_finish(&choices);
}

void offer_kind(struct completion *completion, const char *kind, const char *prefix,
		const char *front)
{
	const char *comma = strrchr(prefix, ',');
	char *further;

	/* The last of a list. */
	if (!comma || !is_one_of(kind, "targets servers rooms tags groups outcomes stages")) {
		offer_one_kind(completion, kind, prefix, front);
		return;
	}
	further = mem_format("%s%.*s", front, (int)(comma + 1 - prefix), prefix);
	offer_one_kind(completion, kind, comma + 1, further);
	free(further);
}
