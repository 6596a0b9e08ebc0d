/* Values back into words: what another tool with the same options is to be told. */
#include "lib/base/mem.h"
#include "lib/base/opt.h"

/* --name or -l, with its value when there is one. */
static void add_word(struct list *words, const struct opt *opt, const char *value)
{
	if (opt->name)
		list_take(words, value ? mem_format("--%s=%s", opt->name, value)
				       : mem_format("--%s", opt->name));
	else
		list_take(words, mem_format("-%c%s", opt->letter, value ? value : ""));
}

static void add_number(struct list *words, const struct opt *opt, long long number,
		       const char *unit)
{
	char *value = mem_format("%lld%s", number, unit);

	add_word(words, opt, value);
	free(value);
}

static void add_option(struct list *words, const struct opt *opt, const char *at)
{
	const struct list *list = (const void *)at;
	const char *text = NULL;

	switch (opt->type) {
	case OPT_FLAG:
		if (*(const bool *)(const void *)at)
			add_word(words, opt, NULL);
		break;
	case OPT_COUNT:
		for (int i = 0; i < *(const int *)(const void *)at; i++)
			add_word(words, opt, NULL);
		break;
	case OPT_INT:
		if (*(const long *)(const void *)at)
			add_number(words, opt, *(const long *)(const void *)at, "");
		break;
	case OPT_TIME:
	case OPT_SIZE:
		if (*(const int64_t *)(const void *)at)
			add_number(words, opt, *(const int64_t *)(const void *)at,
				   opt->type == OPT_TIME ? "ms" : "");
		break;
	case OPT_LIST:
		for (size_t i = 0; i < list->count; i++)
			add_word(words, opt, list->at[i]);
		break;
	case OPT_TEXT:
	case OPT_CHOICE:
	case OPT_MAYBE:
		text = *(const char *const *)(const void *)at;
		if (text)
			add_word(words, opt, opt->type == OPT_MAYBE && !*text ? NULL : text);
		break;
	case OPT_END:
		break;
	}
}

void opt_words(const struct opt_group *group, struct list *words)
{
	for (const struct opt *opt = group->opts; opt->type != OPT_END; opt++)
		add_option(words, opt, (const char *)group->into + opt->offset);
}
