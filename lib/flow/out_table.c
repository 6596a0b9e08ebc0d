#include <ctype.h>
#include <errno.h>
#include <langinfo.h>
#include <libsmartcols/libsmartcols.h>
#include <locale.h>
#include <string.h>

#include "lib/base/quote.h"
#include "lib/flow/out_form.h"

/*
 * How wide characters are, for the alignment. Cells are UTF-8 whatever the terminal's own character
 * set is: read as another one, libsmartcols goes round for ever when it cuts one that is too wide.
 */
static bool know_widths(void)
{
	static const char *const names[] = {"", "C.UTF-8", "en_US.UTF-8", "UTF-8"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (setlocale(LC_CTYPE, names[i]) && !strcmp(nl_langinfo(CODESET), "UTF-8"))
			return true;
	return false;
}

/* Where nothing knows: a byte is a column. */
static void make_ascii(struct buf *cell)
{
	for (size_t i = 0; i < cell->len; i++)
		if ((unsigned char)cell->at[i] >= 0x80)
			cell->at[i] = '?';
}

static int add_column(const struct out *out, struct libscols_table *table,
		      const struct out_column *column)
{
	bool number = column->type == OUT_INT || column->type == OUT_REAL;
	struct libscols_column *added;
	struct buf upper = BUF_INIT, name = BUF_INIT;

	for (const char *at = column->name; *at; at++)
		buf_char(&upper, (unsigned char)*at < 0x80 ? (char)toupper(*at) : *at);
	/* Some are what a query of the user's calls them. */
	quote_terminal(&name, upper.at, upper.len, false);
	if (out->ascii)
		make_ascii(&name);
	added = scols_table_new_column(table, name.at, 0, number ? SCOLS_FL_RIGHT : 0);
	buf_finish(&upper);
	buf_finish(&name);
	return added ? 0 : -1;
}

struct libscols_table *out_table_create(struct out *out)
{
	struct libscols_table *table = scols_new_table();

	out->ascii = !know_widths();
	/* What is put in has gone through quote_terminal, so nothing needs a second escape. */
	if (!table || scols_table_set_stream(table, out->to) ||
	    scols_table_enable_noencoding(table, 1))
		out->errnum = ENOMEM;
	for (size_t i = 0; i < out->shown_count && !out->errnum; i++)
		if (add_column(out, table, &out->columns[out->shown[i]]))
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
		if (out->ascii)
			make_ascii(&cell);
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
