/* What comes back, line by line. Whole lines only; a line too long for memory comes from its file.
 */
#include <string.h>
#include <unistd.h>

#include "cmd/exec/exec.h"
#include "cmd/exec/order.h"
#include "lib/base/quote.h"

/* What is longer is no field. */
#define FIELD_MAX ((size_t)1024)

/* Where a line goes: to a sink, or, while its turn has not come, to a pile. */
struct outlet {
	struct exec *exec;
	struct sink *sink;
	struct pile *pile; /* NULL: to the sink */
};

static struct buf *outlet_buf(const struct outlet *outlet)
{
	return outlet->pile ? &outlet->pile->bytes : sink_buf(outlet->sink);
}

/* What of the line is behind `from`. */
static void outlet_line(const struct outlet *outlet, const struct line *line, size_t from,
			sink_shape_fn *shape)
{
	struct err err = ERR_INIT;

	if (line->spool < 0 && shape)
		shape(outlet_buf(outlet), line->bytes + from, line->count - from, true);
	else if (line->spool < 0)
		buf_add(outlet_buf(outlet), line->bytes + from, line->count - from);
	else if (!outlet->pile)
		sink_push_file(outlet->sink, line->spool, from, line->count, shape);
	else if (pile_add_file(outlet->pile, line->spool, from, line->count, shape, &err))
		run_fail(outlet->exec->run, &err);
}

static void outlet_push(const struct outlet *outlet)
{
	struct err err = ERR_INIT;

	if (!outlet->pile)
		sink_push(outlet->sink);
	else if (pile_settle(outlet->pile, outlet->exec->line_limit, &err))
		run_fail(outlet->exec->run, &err);
}

/* What stands before the line's first TAB; the bytes up to behind it, or 0 when there is none. */
static size_t print_field(const struct line *line, struct buf *field)
{
	char head[FIELD_MAX];
	const char *bytes = line->spool < 0 ? line->bytes : head, *tab;
	size_t count = line->count < FIELD_MAX ? line->count : FIELD_MAX;

	if (line->spool >= 0 && pread(line->spool, head, count, 0) != (ssize_t)count)
		return 0;
	tab = count > 0 ? memchr(bytes, '\t', count) : NULL;
	if (!tab || !text_is_utf8(bytes, (size_t)(tab - bytes)))
		return 0;
	buf_add(field, bytes, (size_t)(tab - bytes));
	return (size_t)(tab - bytes) + 1;
}

/* {"id":"web-01","stream":"stdout","data":"line"}; data_b64 where it is not UTF-8; behind the id
 * the field of --field. */
static void print_json(const struct outlet *outlet, const char *id, enum stream stream,
		       const struct line *line)
{
	struct buf *to = outlet_buf(outlet), field = BUF_INIT;
	const char *name = stream == STREAM_OUT ? outlet->exec->args.field : NULL;
	size_t from = name ? print_field(line, &field) : 0;
	bool text = line->spool >= 0 ? spool_is_utf8(line->spool, from, line->count)
				     : text_is_utf8(line->bytes + from, line->count - from);

	buf_text(to, "{\"id\":");
	shape_json_text(to, id, strlen(id));
	if (from > 0) {
		buf_char(to, ',');
		shape_json_text(to, name, strlen(name));
		buf_char(to, ':');
		shape_json_text(to, field.at, field.len);
	}
	buf_format(to, ",\"stream\":\"%s\",\"%s\":\"", stream == STREAM_ERR ? "stderr" : "stdout",
		   text ? "data" : "data_b64");
	outlet_line(outlet, line, from, text ? shape_json : shape_base64);
	buf_text(outlet_buf(outlet), "\"}\n");
	buf_finish(&field);
}

/* Where there is no such field it is empty. */
static size_t print_tsv_field(const struct outlet *outlet, const struct line *line)
{
	struct buf field = BUF_INIT;
	size_t from = print_field(line, &field);

	quote_field(outlet_buf(outlet), field.at, field.len);
	buf_char(outlet_buf(outlet), '\t');
	buf_finish(&field);
	return from;
}

static void print_prefix(struct buf *to, const char *id, enum form form)
{
	buf_text(to, id);
	buf_text(to, form == FORM_TERMINAL ? ": " : "\t");
}

void print_line(struct task *task, enum stream stream, const struct line *line)
{
	struct exec *exec = task->exec;
	enum form form = stream == STREAM_ERR ? exec->err_form : exec->out_form;
	bool errs = stream == STREAM_ERR && form != FORM_JSON;
	struct outlet outlet = {exec, errs ? run_err(exec->run) : run_out(exec->run),
				!order_waits(exec->order, task) ? NULL
				: errs				? &task->held_err
								: &task->held_out};
	size_t from = 0;

	if (form == FORM_JSON) {
		print_json(&outlet, task->id, stream, line);
	} else {
		if (!exec->args.no_prefix)
			print_prefix(outlet_buf(&outlet), task->id, form);
		if (exec->args.field && form == FORM_TSV && stream == STREAM_OUT)
			from = print_tsv_field(&outlet, line);
		outlet_line(&outlet, line, from, shape_for(form));
		buf_char(outlet_buf(&outlet), '\n');
	}
	outlet_push(&outlet);
}

void print_ended(struct exec *exec, struct task *task, const char *id, const struct result *result)
{
	struct outlet outlet = {exec, run_out(exec->run),
				task && order_waits(exec->order, task) ? &task->held_out : NULL};

	if (exec->passing.on && !exec->passing.outcomes[result->outcome])
		return;
	if (exec->out_form == FORM_JSON)
		passing_record_json(outlet_buf(&outlet), id, result);
	else if (exec->passing.on)
		passing_record(outlet_buf(&outlet), id, result);
	outlet_push(&outlet);
}
