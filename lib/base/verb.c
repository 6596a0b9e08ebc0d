#include "lib/base/opt.h"

#include "lib/base/io.h"
#include "lib/base/mem.h"

static void verbs_help(const char *command, const char *about, const struct verb *verbs,
		       size_t count)
{
	int width = 0;

	for (size_t i = 0; i < count; i++)
		if ((int)strlen(verbs[i].name) > width)
			width = (int)strlen(verbs[i].name);
	printf("Usage: %s VERB [OPTIONS]\n%s\n\nVerbs:\n", command, about);
	for (size_t i = 0; i < count; i++)
		printf("  %-*s  %s\n", width, verbs[i].name, verbs[i].about);
	printf("\n%s VERB --help tells more.\n", command);
}

static void verbs_list(const struct verb *verbs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		printf("verb\t%s\t%s\n", verbs[i].name, verbs[i].about);
}

/* Says what would have been a verb; 2. */
static int verbs_unknown(const char *command, const struct verb *verbs, size_t count,
			 const char *word)
{
	const char **names = mem_zero(count, sizeof(*names));
	struct list all = LIST_INIT;
	struct err err = ERR_INIT;
	const char *near;
	char *known;

	for (size_t i = 0; i < count; i++) {
		names[i] = verbs[i].name;
		list_add(&all, verbs[i].name);
	}
	known = list_join(&all, ", ");
	near = word ? list_nearest(word, names, count) : NULL;
	if (!word)
		err_set(&err, STATUS_USAGE, "no verb given (one of %s)", known);
	else if (*word == '-')
		err_set(&err, STATUS_USAGE, "unknown option %s (the verb comes first: one of %s)",
			word, known);
	else if (near)
		err_set(&err, STATUS_USAGE, "unknown verb '%s' (did you mean %s?)", word, near);
	else
		err_set(&err, STATUS_USAGE, "unknown verb '%s' (one of %s)", word, known);
	free(known);
	free(names);
	list_finish(&all);
	return err_report(&err, command);
}

static int verbs_run(const char *command, const char *about, const struct verb *verbs, size_t count,
		     int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;

	if (word && (!strcmp(word, "--help") || !strcmp(word, "-h"))) {
		verbs_help(command, about, verbs, count);
		return STATUS_OK;
	}
	if (word && !strcmp(word, "--list-options")) {
		verbs_list(verbs, count);
		return STATUS_OK;
	}
	for (size_t i = 0; word && i < count; i++)
		if (!strcmp(word, verbs[i].name))
			return verbs[i].run(argc - 1, argv + 1);
	return verbs_unknown(command, verbs, count, word);
}

int verb_main(const char *command, const char *about, const struct verb *verbs, size_t count,
	      int argc, char **argv)
{
	int status = verbs_run(command, about, verbs, count, argc, argv);
	struct err err = ERR_INIT;

	/* A verb that met the console's own fault has said so already. */
	if (io_close_stdout(&err) && status != STATUS_CONSOLE) {
		err_report(&err, command);
		status = (int)status_worst((enum status)status, err.status);
	}
	return status;
}
