/* What the forms of output share; only lib/flow/out*.c include it. */
#ifndef MROOM_FLOW_OUT_FORM_H
#define MROOM_FLOW_OUT_FORM_H

#include "lib/base/buf.h"
#include "lib/flow/out.h"

struct libscols_table;

struct out {
	FILE *to;
	enum out_form form;
	const struct out_column *columns; /* the tool's */
	size_t *shown;			  /* indices of the columns to show, in order */
	size_t shown_count;
	struct buf held;	      /* rows not yet given to `to` */
	struct libscols_table *table; /* OUT_TABLE only */
	bool ascii;		      /* nothing else is to come into it */
	int errnum;		      /* of the first thing that failed, or 0 */
	bool any; /* row was given */
};

/* Appends one row as a line of JSON. */
void out_json_row(struct buf *buf, const struct out *out, const char *const *values);

/* "true", "false", or the text itself when it is neither 1 nor 0. */
const char *out_bool_text(const char *value);

/*
 * The aligned form (libsmartcols): rows are kept until out_table_print. What goes wrong is left in
 * out->errnum. out_table_destroy takes a table that is NULL.
 */
struct libscols_table *out_table_create(struct out *out);
void out_table_row(struct out *out, const char *const *values);
void out_table_print(struct out *out);
void out_table_destroy(struct out *out);

#endif
