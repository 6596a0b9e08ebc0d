/* What comes back, in the four forms. Whole lines only; a line too long for memory comes from its file. */
#include <jansson.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "cmd/exec/exec.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"
#include "lib/base/utf8.h"

/* The first bytes of a piece that are whole characters, so that none is cut between two pieces. */
static size_t whole(const char *bytes, size_t count, bool last)
{
	size_t back;

	if (last || count < 4)
		return count;
	for (back = 1; back <= 3; back++) {
		unsigned char c = (unsigned char)bytes[count - back];

		if (c < 0x80)
			return count;
		if (c >= 0xc0)
			return count - back;
	}
	return count;
}

static size_t shape_terminal(struct buf *to, const char *bytes, size_t count, bool last)
{
	size_t use = whole(bytes, count, last);

	quote_terminal(to, bytes, use, true);
	return use;
}

static size_t shape_field(struct buf *to, const char *bytes, size_t count, bool last)
{
	(void)last;
	quote_field(to, bytes, count);
	return count;
}

static int dump(const char *bytes, size_t count, void *to)
{
	buf_add(to, bytes, count);
	return 0;
}

/* A JSON string with its quotes; false when the bytes are not UTF-8. */
static bool json_text(struct buf *to, const char *bytes, size_t count)
{
	json_t *text = json_stringn(bytes, count);

	if (!text)
		return false;
	json_dump_callback(text, dump, to, JSON_ENCODE_ANY);
	json_decref(text);
	return true;
}

static size_t shape_json(struct buf *to, const char *bytes, size_t count, bool last)
{
	size_t use = whole(bytes, count, last);
	struct buf text = BUF_INIT;

	if (json_text(&text, bytes, use))
		buf_add(to, text.at + 1, text.len - 2);
	buf_finish(&text);
	return use;
}

static size_t shape_base64(struct buf *to, const char *bytes, size_t count, bool last)
{
	size_t use = last || count < 3 ? count : count - count % 3;
	size_t room = sodium_base64_encoded_len(use, sodium_base64_VARIANT_ORIGINAL);

	buf_reserve(to, room);
	sodium_bin2base64(to->at + to->len, room, (const unsigned char *)bytes, use,
			  sodium_base64_VARIANT_ORIGINAL);
	to->len += room - 1;
	return use;
}

static bool text_is_utf8(const char *bytes, size_t count)
{
	uint32_t point;

	for (size_t at = 0; at < count;) {
		size_t size = (unsigned char)bytes[at] < 0x80
				  ? 1
				  : utf8_read(bytes + at, count - at, &point);

		if (size == 0)
			return false;
		at += size;
	}
	return true;
}

/* Whether all of a spooled line is UTF-8, looked at in pieces. */
static bool spool_is_utf8(int fd, size_t count)
{
	enum { PIECE = 65536 };
	char *piece = mem_alloc(PIECE);
	size_t at = 0;
	bool good = true;

	while (good && at < count) {
		ssize_t got = pread(fd, piece, PIECE, (off_t)at);
		size_t use = got > 0 ? whole(piece, (size_t)got, at + (size_t)got >= count) : 0;

		good = use > 0 && text_is_utf8(piece, use);
		at += use;
	}
	free(piece);
	return good;
}

static void print_shaped(struct sink *sink, const struct line *line, sink_shape_fn *shape)
{
	if (line->spool >= 0)
		sink_push_file(sink, line->spool, line->count, shape);
	else if (shape)
		shape(sink_buf(sink), line->bytes, line->count, true);
	else
		buf_add(sink_buf(sink), line->bytes, line->count);
}

/* {"id":"web-01","stream":"stdout","data":"line"}; data_b64 where it is not UTF-8. */
static void print_json(struct sink *sink, const char *id, enum stream stream,
		       const struct line *line)
{
	struct buf *to = sink_buf(sink);
	bool text = line->spool >= 0 ? spool_is_utf8(line->spool, line->count)
				     : text_is_utf8(line->bytes, line->count);

	buf_text(to, "{\"id\":");
	json_text(to, id, strlen(id));
	buf_format(to, ",\"stream\":\"%s\",\"%s\":\"", stream == STREAM_ERR ? "stderr" : "stdout",
		   text ? "data" : "data_b64");
	print_shaped(sink, line, text ? shape_json : shape_base64);
	buf_text(sink_buf(sink), "\"}\n");
}

static void print_prefix(struct buf *to, const char *id, enum form form)
{
	buf_text(to, id);
	buf_text(to, form == FORM_TERMINAL ? ": " : "\t");
}

void print_line(struct task *task, enum stream stream, const struct line *line)
{
	static sink_shape_fn *const shapes[] = {
		[FORM_TERMINAL] = shape_terminal, [FORM_PIPE] = NULL, [FORM_TSV] = shape_field};
	struct exec *exec = task->exec;
	enum form form = stream == STREAM_ERR ? exec->err_form : exec->out_form;
	struct sink *sink = stream == STREAM_ERR && form != FORM_JSON ? run_err(exec->run)
								      : run_out(exec->run);

	if (form == FORM_JSON) {
		print_json(sink, task->id, stream, line);
	} else {
		if (!exec->args.no_prefix)
			print_prefix(sink_buf(sink), task->id, form);
		print_shaped(sink, line, shapes[form]);
		buf_char(sink_buf(sink), '\n');
	}
	sink_push(sink);
}

static void json_ended(struct buf *to, const char *id, const struct result *result)
{
	json_t *object = json_pack("{s:s, s:s, s:o, s:f, s:s*, s:s*}", "id", id, "outcome",
				   outcome_name(result->outcome), "status",
				   result->exit_status < 0 ? json_null()
							   : json_integer(result->exit_status),
				   "seconds", (double)result->duration_ms / 1000.0, "reason",
				   result->reason, "message", result->message);

	if (!object) /* a message with bytes that are not UTF-8 */
		object = json_pack("{s:s, s:s}", "id", id, "outcome", outcome_name(result->outcome));
	json_dump_callback(object, dump, to, JSON_COMPACT | JSON_REAL_PRECISION(6));
	buf_char(to, '\n');
	json_decref(object);
}

void print_ended(struct exec *exec, const char *id, const struct result *result)
{
	struct buf *to = sink_buf(run_out(exec->run));

	if (exec->args.pass && !exec->passes[result->outcome])
		return;
	if (exec->out_form == FORM_JSON) {
		json_ended(to, id, result);
	} else if (exec->args.pass) {
		buf_format(to, "%s\t%s\t", id, outcome_name(result->outcome));
		if (result->exit_status >= 0)
			buf_format(to, "%d", result->exit_status);
		buf_format(to, "\t%.3f\n", (double)result->duration_ms / 1000.0);
	}
	sink_push(run_out(exec->run));
}
