#include "lib/flow/out.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"
#include "lib/flow/out_form.h"
#include "lib/flow/record.h"

enum { HELD_MOST = 65536 }; /* rows travel in pieces of this many bytes */

const struct opt out_opts[] = {
    OUT_OPTS("table|tsv|json"),
};

static enum out_form choose_form(FILE *to, const struct out_args *args)
{
	if (args->json)
		return OUT_JSON;
	if (!args->form)
		return isatty(fileno(to)) ? OUT_TABLE : OUT_TSV;
	if (!strcmp(args->form, "json"))
		return OUT_JSON;
	return strcmp(args->form, "table") ? OUT_TSV : OUT_TABLE;
}

static int refuse_column(const char *name, const struct out_column *columns, size_t count,
			 struct err *err)
{
	struct list names = LIST_INIT;
	char *known;

	for (size_t i = 0; i < count; i++)
		list_add(&names, columns[i].name);
	known = list_join(&names, ", ");
	err_set(err, STATUS_USAGE, "--columns: no field is called '%s' (there are: %s)", name,
		known);
	free(known);
	list_finish(&names);
	return -1;
}

/* Fills out->shown with what --columns names, or with all that is not hidden. */
static int choose_columns(struct out *out, const char *wanted, size_t count, struct err *err)
{
	struct list names = LIST_INIT;
	int result = -1;

	if (wanted)
		list_split(&names, wanted, ',');
	else
		for (size_t i = 0; i < count; i++)
			if (!out->columns[i].hidden)
				list_add(&names, out->columns[i].name);
	out->shown = mem_zero(names.count, sizeof(*out->shown));
	for (size_t i = 0; i < names.count; i++) {
		size_t at = 0;

		while (at < count && strcmp(out->columns[at].name, names.at[i]) != 0)
			at++;
		if (at == count) {
			refuse_column(names.at[i], out->columns, count, err);
			goto out;
		}
		out->shown[out->shown_count++] = at;
	}
	result = 0;
	if (!names.count)
		result = err_set(err, STATUS_USAGE, "--columns names no field");
out:
	list_finish(&names);
	return result;
}

static void write_header(struct out *out)
{
	buf_char(&out->held, '#');
	for (size_t i = 0; i < out->shown_count; i++) {
		if (i)
			buf_char(&out->held, '\t');
		buf_text(&out->held, out->columns[out->shown[i]].name);
	}
	buf_char(&out->held, '\n');
}

struct out *out_create(FILE *to, const struct out_args *args, const struct out_column *columns,
		       size_t count, struct err *err)
{
	struct out *out = mem_zero(1, sizeof(*out));

	out->to = to;
	out->form = choose_form(to, args);
	out->columns = columns;
	buf_init(&out->held);
	if (choose_columns(out, args->columns, count, err)) {
		free(out->shown);
		free(out);
		return NULL;
	}
	if (out->form == OUT_TABLE)
		out->table = out_table_create(out);
	else if (out->form == OUT_TSV && args->header)
		write_header(out);
	return out;
}

enum out_form out_form(const struct out *out)
{
	return out->form;
}

bool out_wants(const struct out *out, size_t column)
{
	for (size_t i = 0; i < out->shown_count; i++)
		if (out->shown[i] == column)
			return true;
	return false;
}

const char *out_bool_text(const char *value)
{
	if (!strcmp(value, "1"))
		return "true";
	return strcmp(value, "0") ? value : "false";
}

static void write_record(struct out *out, const char *const *values)
{
	for (size_t i = 0; i < out->shown_count; i++) {
		const char *value = values[out->shown[i]];

		if (value && out->columns[out->shown[i]].type == OUT_BOOL)
			value = out_bool_text(value);
		if (i)
			buf_char(&out->held, '\t');
		record_field(&out->held, value, !i);
	}
	buf_char(&out->held, '\n');
}

/* Gives what is held to the stream. */
static void release(struct out *out)
{
	size_t done;

	errno = 0;
	if (!out->errnum && out->held.len) {
		done = fwrite(out->held.at, 1, out->held.len, out->to);
		if (done != out->held.len)
			out->errnum = errno ? errno : EIO;
	}
	buf_clear(&out->held);
}

void out_row(struct out *out, const char *const *values)
{
	out->any = true;
	switch (out->form) {
	case OUT_TABLE:
		out_table_row(out, values);
		return;
	case OUT_TSV:
		write_record(out, values);
		break;
	case OUT_JSON:
		out_json_row(&out->held, out, values);
		break;
	}
	if (out->held.len >= HELD_MOST)
		release(out);
}

void out_none(const struct out *out, const char *what, const char *name)
{
	struct buf shown = BUF_INIT;

	if (out->any)
		return;
	quote_terminal(&shown, name, strlen(name), false);
	fprintf(stderr, "%s %s\n", what, shown.at ? shown.at : "''");
	buf_finish(&shown);
}

int out_flush(struct out *out, struct err *err)
{
	release(out);
	errno = 0;
	if (!out->errnum && (fflush(out->to) || ferror(out->to)))
		out->errnum = errno ? errno : EIO;
	if (!out->errnum)
		return 0;
	return err_sys(err, STATUS_CONSOLE, out->errnum, "standard output");
}

int out_finish(struct out *out, struct err *err)
{
	int result;

	if (!out)
		return 0;
	if (out->table)
		out_table_print(out);
	result = out_flush(out, err);
	if (result && err && out->to == stdout)
		io_drop_stdout();
	out_table_destroy(out);
	buf_finish(&out->held);
	free(out->shown);
	free(out);
	return result;
}

bool out_colour(FILE *to)
{
	const char *none = getenv("NO_COLOR");
	const char *force = getenv("CLICOLOR_FORCE");
	const char *wish = getenv("CLICOLOR");
	const char *term = getenv("TERM");

	if (none && *none)
		return false;
	if (force && *force && strcmp(force, "0") != 0)
		return true;
	if (wish && !strcmp(wish, "0"))
		return false;
	return isatty(fileno(to)) && term && strcmp(term, "dumb") != 0;
}
