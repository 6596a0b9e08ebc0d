#include <errno.h>
#include <unistd.h>

#include "cmd/mroom/mroom.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"

/* What our own tools are for. One that is not installed is not shown. */
static const struct {
	const char *group, *name, *about;
} tools[] = {
	{"Servers", "inventory", "import, list, change and export servers"},
	{"Servers", "exec", "run a command on every server, with live output"},
	{"Servers", "connect", "log in to one server, as ssh does"},
	{"Servers", "inventory-ansible", "the inventory as Ansible asks for it"},
	{"This console", "doctor", "look for what is wrong here, and say what to do"},
	{"This console", "config", "show settings and where they came from"},
	{"This console", "demo", "a throw-away room of servers to play with"},
	{"This console", "complete", "what a word could become, for completion in shells"},
	{"This console", "help", "show this overview, or the manual of a command"},
};

#define TOOL_COUNT (sizeof(tools) / sizeof(*tools))

static const char *about_of(const char *name)
{
	for (size_t i = 0; i < TOOL_COUNT; i++)
		if (!strcmp(tools[i].name, name))
			return tools[i].about;
	return NULL;
}

static void print_group(const char *title, const struct list *names)
{
	if (names->count)
		printf("\n%s:\n", title);
	for (size_t i = 0; i < names->count; i++) {
		const char *about = about_of(names->at[i]);

		printf(about ? "  %-12s  %s\n" : "  %s\n", names->at[i], about);
	}
}

void help_overview(const struct opt_spec *spec, const struct home *home)
{
	struct list own = LIST_INIT, foreign = LIST_INIT, others = LIST_INIT;
	const char *group = "";

	opt_help(spec, stdout);
	find_tools(home, &own, &foreign);
	list_add(&own, "help");
	for (size_t i = 0; i < TOOL_COUNT; i++) {
		if (!list_has(&own, tools[i].name))
			continue;
		if (strcmp(tools[i].group, group) != 0)
			printf("\n%s:\n", tools[i].group);
		group = tools[i].group;
		printf("  %-12s  %s\n", tools[i].name, tools[i].about);
	}
	for (size_t i = 0; i < own.count; i++)
		if (!about_of(own.at[i]))
			list_add(&others, own.at[i]);
	print_group("Others", &others);
	print_group("From PATH", &foreign);
	list_finish(&own);
	list_finish(&foreign);
	list_finish(&others);
}

/* The first of the places where the page is, malloc'ed; NULL when it is at none. */
static char *find_under(const char *root, const char *page)
{
	static const int sections[] = {1, 5, 7};

	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		int section = sections[i];
		char *places[] = {
			mem_format("%s/man%d/%s.%d", root, section, page, section),
			mem_format("%s/man%d/%s.%d.gz", root, section, page, section),
			mem_format("%s/%s.%d", root, page, section), /* the source tree */
		};
		char *found = NULL;

		for (size_t j = 0; j < sizeof(places) / sizeof(*places); j++) {
			if (!found && !access(places[j], R_OK))
				found = places[j];
			else
				free(places[j]);
		}
		if (found)
			return found;
	}
	return NULL;
}

/* The manual page of a command (its executable is `tool`, or NULL) or of a subject such as roster. */
static char *find_page(const struct home *home, const char *name, const char *tool)
{
	bool whole = !strcmp(name, "help") || !strcmp(name, "mroom");
	char *page = whole ? mem_text("mroom") : mem_format("mroom-%s", name);
	char *root = home_share(home, "../man");
	char *found = find_under(root, page);
	const char *slash = tool ? strrchr(tool, '/') : NULL;

	free(root);
	if (!found && slash) {
		root = mem_format("%.*s/../share/man", (int)(slash - tool), tool);
		found = find_under(root, page);
		free(root);
	}
	free(page);
	return found;
}

/* Becomes man(1). Returns where there is none. */
static void show_page(char *path)
{
	char man[] = "man";
	char *argv[] = {man, path, NULL};

	fflush(stdout);
	execvp(man, argv);
}

/* A name that is no command: a subject's page, an alias, or a mistake. */
static int help_other(const struct home *home, const char *name, char *page, struct err *err)
{
	int alias;

	if (page) {
		show_page(page);
		return err_sys(err, STATUS_USAGE, errno, "cannot run man to show %s", page);
	}
	alias = alias_show(home, name, err);
	if (alias)
		return alias < 0 ? -1 : 0;
	return run_unknown(home, name, err);
}

int help_run(const struct opt_spec *spec, const struct home *home, const char *name,
	     struct err *err)
{
	bool overview = !strcmp(name, "help") || !strcmp(name, "mroom");
	char *tool = overview ? NULL : find_tool(home, name);
	char *page = find_is_name(name) ? find_page(home, name, tool) : NULL;
	char option[] = "--help";
	char *argv[] = {NULL, option, NULL};
	int result = 0;

	if (page && (tool || overview) && isatty(STDOUT_FILENO))
		show_page(page);
	if (overview)
		help_overview(spec, home);
	else if (tool)
		result = run_tool(home, tool, argv, err);
	else
		result = help_other(home, name, page, err);
	free(page);
	free(tool);
	return result;
}
