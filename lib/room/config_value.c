#include "lib/room/config_value.h"

#include <limits.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/levels.h"

static int parse_bool(const char *text, int64_t *number, struct err *err)
{
	static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(text, words[i])) {
			*number = i % 2;
			return 0;
		}
	return err_set(err, STATUS_USAGE, "'%s' is neither yes nor no", text);
}

static int parse_choice(const char *text, const char *choices, struct err *err)
{
	struct list words = LIST_INIT;
	const char *near;
	int result = 0;

	list_split(&words, choices, '|');
	near = list_nearest(text, (const char *const *)words.at, words.count);
	if (!list_has(&words, text) && near)
		result = err_set(err, STATUS_USAGE, "'%s' is none of %s (did you mean %s?)", text,
				 choices, near);
	else if (!list_has(&words, text))
		result = err_set(err, STATUS_USAGE, "'%s' is none of %s", text, choices);
	list_finish(&words);
	return result;
}

/* A path that means the same wherever a tool is started. */
static int parse_path(const char *text, char **path, struct err *err)
{
	if (*text && *text != '/' && strcmp(text, "~") != 0 && strncmp(text, "~/", 2) != 0)
		return err_set(err, STATUS_USAGE, "'%s' does not begin with / or ~/", text);
	*path = io_expand_home(text);
	return 0;
}

static char *join_list(const char *text)
{
	struct list words = LIST_INIT;
	char *joined;

	list_split(&words, text, ',');
	joined = list_join(&words, ",");
	list_finish(&words);
	return joined;
}

static int parse_int(const struct config_key *key, const char *text, int64_t *number,
		     struct err *err)
{
	long parsed;

	if (num_parse(text, key->min, key->max, &parsed, err))
		return -1;
	*number = parsed;
	return 0;
}

/* Times and sizes have bounds only where the table gives some. */
static int check_bounds(const struct config_key *key, const char *text, int64_t number,
			struct err *err)
{
	if (!key->max || (number >= key->min && number <= key->max))
		return 0;
	return err_set(err, STATUS_USAGE, "'%s' is too %s", text,
		       number < key->min ? "small" : "large");
}

int config_value_set(struct config_value *value, const struct config_key *key, const char *text,
		     struct err *err)
{
	struct config_value parsed = {NULL, 0};
	struct levels levels;
	int result = 0;

	switch (key->type) {
	case CONFIG_TEXT:
		break;
	case CONFIG_PATH:
		result = parse_path(text, &parsed.text, err);
		break;
	case CONFIG_BOOL:
		result = parse_bool(text, &parsed.number, err);
		break;
	case CONFIG_INT:
		result = parse_int(key, text, &parsed.number, err);
		break;
	case CONFIG_TIME:
		result = num_duration(text, &parsed.number, err);
		break;
	case CONFIG_SIZE:
		result = num_size(text, &parsed.number, err);
		break;
	case CONFIG_CHOICE:
		result = parse_choice(text, key->choices, err);
		break;
	case CONFIG_LEVELS:
		result = levels_parse(text, key->choices, &levels, err);
		break;
	case CONFIG_LIST:
		parsed.text = join_list(text);
		break;
	}
	if (!result && (key->type == CONFIG_TIME || key->type == CONFIG_SIZE))
		result = check_bounds(key, text, parsed.number, err);
	if (result) {
		free(parsed.text);
		return -1;
	}
	free(value->text);
	*value = parsed;
	if (!parsed.text)
		value->text = mem_text(text);
	return 0;
}
