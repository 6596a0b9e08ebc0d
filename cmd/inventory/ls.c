#include <stdlib.h>

#include "cmd/inventory/columns.h"
#include "cmd/inventory/inventory.h"
#include "lib/base/mem.h"
#include "lib/room/condition.h"
#include "lib/room/console.h"
#include "lib/room/pick.h"

#define COMMAND "mroom inventory ls"

struct ls_args {
	bool retired;
	const char *sort;
	struct list filters;
};

static const struct opt ls_opts[] = {
    {.name = "retired",
     .type = OPT_FLAG,
     .offset = offsetof(struct ls_args, retired),
     .help = "retired servers too"},
    {.name = "filter",
     .type = OPT_LIST,
     .offset = offsetof(struct ls_args, filters),
     .arg = "COLUMN=VALUE",
     .help = "only servers of which this holds; != > >= < <= and COLUMN? as well"},
    {.name = "sort",
     .type = OPT_TEXT,
     .offset = offsetof(struct ls_args, sort),
     .arg = "COLUMNS",
     .help = "in the order of these columns; -COLUMN for the other way round"},
    {.type = OPT_END},
};

static const char *const examples[] = {
    "mroom inventory ls @production",
    "mroom inventory ls --columns id,host,tunnel 'web*'",
    "mroom inventory ls --columns classic",
    "mroom inventory ls --columns id,state:os --filter 'port!=22' --sort -state:os",
    "mroom inventory ls --json | jq -r .host",
    NULL,
};

struct key {
	size_t column;
	bool down;
};

struct ls {
	struct out *out;
	struct columns columns;
	bool *wanted; /* by column: shown, sorted or filtered by */
	struct condition *conditions;
	size_t *asked; /* the column of each condition */
	size_t condition_count;
	struct key *keys;
	size_t key_count;
	char ***rows; /* held back to be sorted */
	size_t count, cap;
};

/* --- filter --- */

static int read_filters(struct ls *ls, const struct list *filters, struct err *err)
{
	ls->conditions = mem_zero(filters->count + 1, sizeof(*ls->conditions));
	ls->asked = mem_zero(filters->count + 1, sizeof(*ls->asked));
	for (size_t i = 0; i < filters->count; i++) {
		int is = condition_parse(filters->at[i], &ls->conditions[i], err);

		if (is < 1)
			return is ? -1
				  : err_set(err, STATUS_USAGE,
					    "--filter: '%s' asks nothing (try: COLUMN=VALUE)",
					    filters->at[i]);
		ls->condition_count++;
		ls->asked[i] = columns_find(&ls->columns, ls->conditions[i].key);
		if (ls->asked[i] == ls->columns.count)
			return columns_refuse(&ls->columns, ls->conditions[i].key, err);
		ls->wanted[ls->asked[i]] = true;
	}
	return 0;
}

/* A list such as tags: it is enough that one fits. */
static bool list_holds(const struct condition *condition, const char *text)
{
	struct condition plain = *condition;
	struct list words = LIST_INIT;
	bool different = condition->op == CONDITION_DIFFERENT;
	bool fits = false;

	if (different)
		plain.op = CONDITION_EQUAL;
	list_split(&words, text ? text : "", ',');
	if (!words.count)
		fits = condition_holds_text(&plain, NULL);
	for (size_t i = 0; i < words.count && !fits; i++)
		fits = condition_holds_text(&plain, words.at[i]);
	list_finish(&words);
	return fits != different;
}

static bool filters_hold(const struct ls *ls, const struct server *server, char *const *values)
{
	for (size_t i = 0; i < ls->condition_count; i++) {
		const struct condition *condition = &ls->conditions[i];
		const struct out_column *column = &ls->columns.at[ls->asked[i]];
		const char *value = values[ls->asked[i]];
		bool holds;

		if (column->type == OUT_RAW)
			holds = condition_holds(
			    condition, columns_json(&ls->columns, ls->asked[i], server->id), NULL);
		else if (column->type == OUT_LIST)
			holds = list_holds(condition, value);
		else if (column->type == OUT_BOOL)
			holds = condition_holds_text(condition,
						     value && *value == '1' ? "true" : "false");
		else
			holds = condition_holds_text(condition, value);
		if (!holds)
			return false;
	}
	return true;
}

/* --- sort --- */

static int read_keys(struct ls *ls, const char *sort, struct err *err)
{
	struct list words = LIST_INIT;
	int result = 0;

	list_split(&words, sort ? sort : "", ',');
	ls->keys = mem_zero(words.count + 1, sizeof(*ls->keys));
	for (size_t i = 0; i < words.count && !result; i++) {
		bool down = *words.at[i] == '-';
		size_t column = columns_find(&ls->columns, words.at[i] + down);

		if (column == ls->columns.count) {
			result = columns_refuse(&ls->columns, words.at[i] + down, err);
			break;
		}
		ls->keys[ls->key_count++] = (struct key){column, down};
		ls->wanted[column] = true;
	}
	list_finish(&words);
	return result;
}

static int compare(const struct ls *ls, char *const *a, char *const *b)
{
	for (size_t i = 0; i < ls->key_count; i++) {
		size_t at = ls->keys[i].column;
		int order = natural_compare(a[at] ? a[at] : "", b[at] ? b[at] : "");

		if (order)
			return ls->keys[i].down ? -order : order;
	}
	return 0;
}

/* Merge sort: equal rows stay in the order of the inventory. */
static void sort_rows(const struct ls *ls, char ***rows, char ***spare, size_t count)
{
	size_t half = count / 2, left = 0, right = half, at = 0;

	if (count < 2)
		return;
	sort_rows(ls, rows, spare, half);
	sort_rows(ls, rows + half, spare, count - half);
	memcpy(spare, rows, count * sizeof(*rows));
	while (left < half || right < count)
		if (right == count || (left < half && compare(ls, spare[left], spare[right]) <= 0))
			rows[at++] = spare[left++];
		else
			rows[at++] = spare[right++];
}

/* --- the list --- */

static int list_server(void *ctx, const struct server *server, struct err *err)
{
	struct ls *ls = ctx;
	char **values = mem_zero(ls->columns.count, sizeof(*values));

	(void)err;
	columns_fill(&ls->columns, server, out_form(ls->out) == OUT_JSON, ls->wanted, values);
	if (filters_hold(ls, server, values)) {
		if (ls->key_count) {
			if (ls->count == ls->cap) {
				ls->cap = ls->cap ? ls->cap * 2 : 64;
				ls->rows = mem_resize(ls->rows, ls->cap, sizeof(*ls->rows));
			}
			ls->rows[ls->count++] = values;
			return 0;
		}
		out_row(ls->out, (const char *const *)values);
	}
	columns_release(&ls->columns, values);
	free(values);
	return 0;
}

static void print_sorted(struct ls *ls)
{
	char ***spare = mem_zero(ls->count + 1, sizeof(*spare));

	sort_rows(ls, ls->rows, spare, ls->count);
	for (size_t i = 0; i < ls->count; i++)
		out_row(ls->out, (const char *const *)ls->rows[i]);
	free(spare);
}

static void ls_finish(struct ls *ls)
{
	for (size_t i = 0; i < ls->count; i++) {
		columns_release(&ls->columns, ls->rows[i]);
		free(ls->rows[i]);
	}
	for (size_t i = 0; i < ls->condition_count; i++)
		condition_finish(&ls->conditions[i]);
	free(ls->rows);
	free(ls->conditions);
	free(ls->asked);
	free(ls->keys);
	free(ls->wanted);
	columns_finish(&ls->columns);
}

static int ls_prepare(struct ls *ls, const struct ls_args *args, const struct out_args *form,
		      struct store *store, struct err *err)
{
	char *filters = list_join(&args->filters, ",");
	const char *const lists[] = {form->columns ? form->columns : "",
				     args->sort ? args->sort : "", filters, NULL};

	columns_init(&ls->columns, lists);
	free(filters);
	ls->wanted = mem_zero(ls->columns.count, sizeof(*ls->wanted));
	ls->out = out_create(stdout, form, ls->columns.at, ls->columns.count, err);
	if (!ls->out || read_filters(ls, &args->filters, err) || read_keys(ls, args->sort, err))
		return -1;
	for (size_t i = 0; i < ls->columns.count; i++)
		ls->wanted[i] |= out_wants(ls->out, i);
	return columns_read(&ls->columns, store, ls->wanted, err);
}

static int ls_run(struct console *console, struct pick_args *picked, const struct ls_args *args,
		  const struct out_args *form, char **operands, size_t count, struct err *err)
{
	struct ls ls = {.out = NULL};
	struct pick *pick = NULL;
	int result = ls_prepare(&ls, args, form, console->store, err);

	if (!result) {
		pick = pick_create(console->store, picked, operands, count, PICK_SHOW, list_server,
				   &ls, err);
		result = pick ? pick_all(pick, err) : -1;
	}
	if (!result && ls.key_count)
		print_sorted(&ls);
	pick_destroy(pick);
	if (out_finish(ls.out, result ? NULL : err))
		result = -1;
	ls_finish(&ls);
	return result;
}

int inventory_ls(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct pick_args picked = {.all = false};
	struct out_args form = {.form = NULL};
	struct ls_args args = {.retired = false};
	const struct opt_group groups[] = {
	    {"Targets", pick_opts, &picked},
	    {"Listing", ls_opts, &args},
	    {"Output", out_opts, &form},
	};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "[TARGETS]",
	    .about = "Lists servers: those named, or all that are not retired.",
	    .operand_complete = "targets",
	    .groups = groups,
	    .group_count = 3,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int operands;
	int result = -1;

	switch (opt_parse(&spec, argc, argv, &operands, NULL, &err)) {
	case OPT_SHOWN:
		result = 0;
		goto out;
	case OPT_BAD:
		goto out;
	case OPT_RUN:
		break;
	}
	picked.retired = args.retired;
	if (form.columns && !strcmp(form.columns, "classic")) {
		form.columns = COLUMNS_CLASSIC;
		picked.retired = true;
	}
	if (picked.list && !form.columns)
		form.columns = "id";
	if (!console_open(&console, &err))
		result = ls_run(&console, &picked, &args, &form, argv + operands,
				(size_t)(argc - operands), &err);
out:
	console_close(&console);
	pick_args_finish(&picked);
	list_finish(&args.filters);
	return result ? err_report(&err, COMMAND) : STATUS_OK;
}
