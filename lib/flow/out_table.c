#include <ctype.h>
#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <locale.h>

#include "lib/base/quote.h"
#include "lib/flow/out_form.h"

static int add_column(struct libscols_table *table, const struct out_column *column)
{
	bool number = column->type == OUT_INT || column->type == OUT_REAL;
	struct libscols_column *added;
	struct buf name = BUF_INIT;

	for (const char *at = column->name; *at; at++)
		buf_char(&name, (char)toupper((unsigned char)*at));
	added = scols_table_new_column(table, name.at, 0, number ? SCOLS_FL_RIGHT : 0);
	buf_finish(&name);
	return added ? 0 : -1;
}

struct libscols_table *out_table_create(struct out *out)
{
	struct libscols_table *table = scols_new_table();

	setlocale(LC_CTYPE, ""); /* the widths of characters, for the alignment */
	/* What is put in has gone through quote_terminal, so nothing needs a second escape. */
	if (!table || scols_table_set_stream(table, out->to) ||
	    scols_table_enable_noencoding(table, 1))
		out->errnum = ENOMEM;
	for (size_t i = 0; i < out->shown_count && !out->errnum; i++)
		if (add_column(table, &out->columns[out->shown[i]]))
			out->errnum = ENOMEM;
	return table;
}

void out_table_row(struct out *out, const char *const *values)
{
	struct libscols_line *line = NULL;
	struct buf cell = BUF_INIT;

	if (!out->errnum)
		line = scols_table_new_line(out->table, NULL);
	if (!line) {
		out->errnum = out->errnum ? out->errnum : ENOMEM;
		return;
	}
	for (size_t i = 0; i < out->shown_count; i++) {
		const char *value = values[out->shown[i]];

		if (!value)
			continue;
		if (out->columns[out->shown[i]].type == OUT_BOOL)
			value = out_bool_text(value);
		buf_clear(&cell);
		quote_terminal(&cell, value, strlen(value), false);
		if (scols_line_set_data(line, i, cell.at))
			out->errnum = ENOMEM;
	}
	buf_finish(&cell);
}

void out_table_print(struct out *out)
{
	int problem;

	if (out->errnum)
		return;
	problem = scols_print_table(out->table);
	if (problem)
		out->errnum = problem < 0 ? -problem : EIO;
}

void out_table_destroy(struct out *out)
{
	scols_unref_table(out->table);
	out->table = NULL;
}
