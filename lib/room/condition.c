#include "lib/room/condition.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/list.h"
#include "lib/base/mem.h"

static const struct {
	const char *text;
	enum condition_op op;
} ops[] = {
    /* the longer ones first */
    {"!=", CONDITION_DIFFERENT}, {">=", CONDITION_AT_LEAST}, {"<=", CONDITION_AT_MOST},
    {"=", CONDITION_EQUAL},	 {">", CONDITION_MORE},	     {"<", CONDITION_LESS},
};

int condition_parse(const char *text, struct condition *condition, struct err *err)
{
	size_t size = strcspn(text, "!=<>");
	const char *at = text + size;

	while (*at == '!' && at[1] != '=')
		at += 1 + strcspn(at + 1, "!=<>");
	size = (size_t)(at - text);
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
		size_t length = strlen(ops[i].text);

		if (strncmp(at, ops[i].text, length) != 0)
			continue;
		if (!size)
			return err_set(err, STATUS_USAGE, "'%s': nothing stands before the %s",
				       text, ops[i].text);
		*condition =
		    (struct condition){mem_text_n(text, size), mem_text(at + length), ops[i].op};
		return 1;
	}
	size = strlen(text);
	if (size < 2 || text[size - 1] != '?')
		return 0;
	*condition = (struct condition){mem_text_n(text, size - 1), mem_text(""), CONDITION_THERE};
	return 1;
}

void condition_finish(struct condition *condition)
{
	free(condition->key);
	free(condition->value);
}

static bool glob_matches(const char *glob, const char *text)
{
	const char *star = NULL, *resume = NULL;

	while (*text) {
		if (*glob == '*') {
			star = ++glob;
			resume = text;
		} else if (*glob && (*glob == '?' || *glob == *text)) {
			glob++;
			text++;
		} else if (star) {
			glob = star;
			text = ++resume;
		} else {
			return false;
		}
	}
	return !glob[strspn(glob, "*")];
}

static bool as_number(const char *text, double *number)
{
	char *end;

	if (!*text || strspn(text, "+-.0123456789eE") != strlen(text))
		return false;
	*number = strtod(text, &end);
	return !*end;
}

static bool equal(const char *wanted, const char *text)
{
	double a, b;

	if (as_number(wanted, &a) && as_number(text, &b))
		return !(a < b) && !(a > b);
	return glob_matches(wanted, text);
}

static bool ordered(enum condition_op op, int order)
{
	switch (op) {
	case CONDITION_MORE:
		return order > 0;
	case CONDITION_LESS:
		return order < 0;
	case CONDITION_AT_LEAST:
		return order >= 0;
	default:
		return order <= 0;
	}
}

/* Without regard to !=, which is the opposite of =. */
static bool text_fits(const struct condition *condition, const char *text)
{
	double value, wanted;

	if (condition->op == CONDITION_EQUAL || condition->op == CONDITION_DIFFERENT)
		return equal(condition->value, text);
	if (as_number(text, &value) && as_number(condition->value, &wanted))
		return ordered(condition->op, (value > wanted) - (value < wanted));
	return ordered(condition->op, natural_compare(text, condition->value));
}

static bool json_fits(const struct condition *condition, const json_t *value)
{
	size_t i;
	json_t *element;
	char *text;
	bool fits;

	if (condition->op == CONDITION_THERE)
		return value && !json_is_null(value) && !json_is_false(value);
	if (!value)
		return false;
	if (json_is_string(value))
		return text_fits(condition, json_string_value(value));
	if (json_is_array(value)) {
		json_array_foreach(value, i,
				   element) if (json_fits(condition, element)) return true;
		return false;
	}
	text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	fits = text && text_fits(condition, text);
	free(text);
	return fits;
}

/* Where the path leads, or NULL. */
static const json_t *follow(const json_t *value, char *const *path)
{
	for (; path && *path && value; path++) {
		if (json_is_array(value) && !(*path)[strspn(*path, "0123456789")])
			value = json_array_get(value, strtoul(*path, NULL, 10));
		else
			value = json_object_get(value, *path);
	}
	return value;
}

bool condition_holds(const struct condition *condition, const char *json, char *const *path)
{
	json_t *value = json ? json_loads(json, JSON_DECODE_ANY, NULL) : NULL;
	bool fits = json_fits(condition, follow(value, path));

	json_decref(value);
	return condition->op == CONDITION_DIFFERENT ? !fits : fits;
}

bool condition_holds_text(const struct condition *condition, const char *text)
{
	bool there = text && *text;
	bool fits = there && (condition->op == CONDITION_THERE ? strcmp(text, "false") != 0
							       : text_fits(condition, text));

	/* To ask for the empty text is to ask for what is not there. */
	if (!there && !*condition->value && condition->op != CONDITION_THERE)
		fits = condition->op == CONDITION_EQUAL || condition->op == CONDITION_DIFFERENT;
	return condition->op == CONDITION_DIFFERENT ? !fits : fits;
}
