/* mroom config: what is set, and where it came from. */
#include "cmd/config/config.h"
#include "lib/base/opt.h"

static const struct verb verbs[] = {
	{"list", "show every setting, its value and where that came from", config_verb_list},
	{"get", "print the value of a setting", config_verb_get},
	{"path", "print where the settings file is", config_verb_path},
};

struct config *settings_open(const char *command, struct home *home, struct err *err)
{
	struct list problems = LIST_INIT;
	struct config *config;
	struct err each = ERR_INIT;

	if (home_find(home, err))
		return NULL;
	config = config_load(home, &problems);
	for (size_t i = 0; i + 1 < problems.count; i++) {
		err_set(&each, STATUS_USAGE, "%s", problems.at[i]);
		err_report(&each, command);
	}
	if (problems.count) {
		err_set(err, STATUS_USAGE, "%s", problems.at[problems.count - 1]);
		config_close(config);
		config = NULL;
	}
	list_finish(&problems);
	return config;
}

int main(int argc, char **argv)
{
	return verb_main("mroom config", "shows settings and where they came from", verbs,
			 sizeof(verbs) / sizeof(*verbs), argc, argv);
}
