#include <limits.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/opt_table.h"

bool opt_takes_value(const struct opt *opt)
{
	return opt->type != OPT_FLAG && opt->type != OPT_COUNT && opt->type != OPT_MAYBE;
}

static int store_choice(const struct opt *opt, const char **into, const char *value,
			struct err *err)
{
	struct list choices = LIST_INIT;
	char *known;
	int result = 0;

	list_split(&choices, opt->choices, '|');
	if (list_has(&choices, value)) {
		*into = value;
	} else {
		known = list_join(&choices, ", ");
		result = err_set(err, STATUS_USAGE, "'%s' is none of %s", value, known);
		free(known);
	}
	list_finish(&choices);
	return result;
}

static int store_value(const struct opt *opt, void *at, const char *value, struct err *err)
{
	bool bounded = opt->min || opt->max;

	switch (opt->type) {
	case OPT_FLAG:
		*(bool *)at = true;
		return 0;
	case OPT_COUNT:
		++*(int *)at;
		return 0;
	case OPT_INT:
		return num_parse(value, opt->min, bounded ? opt->max : LONG_MAX, at, err);
	case OPT_TIME:
		return num_duration(value, at, err);
	case OPT_SIZE:
		return num_size(value, at, err);
	case OPT_LIST:
		list_add(at, value);
		return 0;
	case OPT_CHOICE:
		return store_choice(opt, at, value, err);
	case OPT_TEXT:
		*(const char **)at = value;
		return 0;
	case OPT_MAYBE:
		*(const char **)at = value ? value : "";
		return 0;
	case OPT_END:
		break;
	}
	return 0;
}

int opt_store(struct opt_slot slot, const char *shown, const char *value, struct err *err)
{
	if (store_value(slot.opt, (char *)slot.into + slot.opt->offset, value, err))
		return err_prefix(err, "%s", shown);
	return 0;
}
