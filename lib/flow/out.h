/*
 * Results on standard output in one of three forms: an aligned table on a terminal, records into a
 * pipe, JSON lines when asked. A tool names its columns once and then gives rows; --columns, -H, -o
 * and --json are handled here. Nothing else in the tree prints results as rows.
 */
#ifndef MROOM_FLOW_OUT_H
#define MROOM_FLOW_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/base/err.h"
#include "lib/base/opt.h"

enum out_form { OUT_TABLE, OUT_TSV, OUT_JSON };

enum out_type {
	OUT_TEXT, /* JSON string; null when missing */
	OUT_INT,  /* JSON integer; right-aligned */
	OUT_REAL, /* JSON number */
	OUT_BOOL, /* JSON true/false; tsv true/false */
	OUT_LIST, /* comma-joined; JSON array of strings */
	OUT_RAW	  /* text that is JSON already; put into JSON as it is */
};

struct out_column {
	const char *name; /* the field's name in JSON and --columns */
	enum out_type type;
	bool hidden; /* not shown unless --columns names it */
};

/* What -o, --json, --columns and -H left; `out_opts` is the option group's table for it, and OUT_OPTS
 * the table of a tool that has further forms. */
struct out_args {
	const char *form; /* table|tsv|json, a further one, or NULL */
	bool json;
	bool header;
	const char *columns;
};
#define OUT_OPTS(FORMS) \
	{.letter = 'o', \
	 .name = "output", \
	 .type = OPT_CHOICE, \
	 .offset = offsetof(struct out_args, form), \
	 .help = "form of the results (table on a terminal, else tsv)", \
	 .choices = FORMS}, \
	{.name = "json", \
	 .type = OPT_FLAG, \
	 .offset = offsetof(struct out_args, json), \
	 .help = "the same as -o json: one object a line"}, \
	{.name = "columns", \
	 .type = OPT_TEXT, \
	 .offset = offsetof(struct out_args, columns), \
	 .arg = "LIST", \
	 .help = "fields to show, in this order, separated by commas", \
	 .complete = "columns"}, \
	{.letter = 'H', \
	 .name = "header", \
	 .type = OPT_FLAG, \
	 .offset = offsetof(struct out_args, header), \
	 .help = "begin records with a line of field names"}, \
	{.type = OPT_END}
extern const struct opt out_opts[];

struct out;

/*
 * Opens on `to` (stdout). columns must outlive the out. A name in --columns that is not there is a
 * usage error naming the ones that are. The form: -o, else table when `to` is a terminal, else tsv.
 */
struct out *out_create(FILE *to, const struct out_args *args, const struct out_column *columns,
		       size_t count, struct err *err);

enum out_form out_form(const struct out *out);
/* Whether that column (by its index) will be shown: lets a tool skip costly values. */
bool out_wants(const struct out *out, size_t column);

/*
 * One row: `values` has one text per column, in column order; NULL is a missing value (an empty
 * list for OUT_LIST). OUT_BOOL takes 1, 0, true, false. Text that is no number, bool or JSON where
 * the type says so becomes a JSON string. Rows are gathered and written in large pieces; a table,
 * which needs all of them for its widths, is printed by out_finish.
 */
void out_row(struct out *out, const char *const *values);

/* Says on standard error that there is no `what` of that name when no row was given: an answer for
 * one who misspelt it. */
void out_none(const struct out *out, const char *what, const char *name);

/* Writes the rows that are gathered (not a table's): for tools whose rows come slowly. -1 when
 * writing failed, now or before. */
int out_flush(struct out *out, struct err *err);

/* Prints what is held back and frees; the checked close of stdout stays io_close_stdout's. -1 when
 * printing failed. NULL is allowed. */
int out_finish(struct out *out, struct err *err);

/* Whether colours are wanted on this stream: NO_COLOR > CLICOLOR_FORCE > CLICOLOR > is it a
 * terminal. */
bool out_colour(FILE *to);

#endif
