#include "cmd/exec/gathered.h"

#include <string.h>
#include <unistd.h>

#include "cmd/exec/exec.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"
#include "lib/flow/diff.h"
#include "lib/flow/gather.h"
#include "lib/flow/range.h"

#define PIECE ((size_t)256 * 1024)
#define RULE "---------------\n"

/* One stream on its way out. */
struct show {
	struct gather *gather;
	int fd;
	enum form form;
	const char *stream;
	struct err *err;
};

static int write_out(const struct show *show, struct buf *text)
{
	int result = io_write_all(show->fd, text->at, text->len, show->err);

	buf_clear(text);
	return result ? err_prefix(show->err, "standard %s",
				   show->fd == STDERR_FILENO ? "error" : "output")
		      : 0;
}

/* Lines as they are, or made visible on a terminal. */
static void add_text(const struct show *show, struct buf *to, const char *bytes, size_t count)
{
	if (show->form != FORM_TERMINAL) {
		buf_add(to, bytes, count);
		return;
	}
	while (count > 0) {
		const char *end = memchr(bytes, '\n', count);
		size_t size = end ? (size_t)(end - bytes) : count;

		quote_terminal(to, bytes, size, true);
		buf_char(to, '\n');
		size += end != NULL;
		bytes += size;
		count -= size;
	}
}

/* "web-[01-03] (3)" between rules, as clush does. */
static void add_header(struct buf *to, const struct gather_group *group)
{
	buf_text(to, RULE);
	range_fold(to, (const char *const *)group->ids.at, group->ids.count);
	if (group->ids.count > 1)
		buf_format(to, " (%zu)", group->ids.count);
	buf_text(to, "\n" RULE);
}

static int show_text(const struct show *show, const struct gather_group *group)
{
	struct buf text = BUF_INIT, out = BUF_INIT;
	int result = -1;

	add_header(&out, group);
	if (gather_text(show->gather, group, &text, show->err))
		goto out;
	add_text(show, &out, text.at, text.len);
	result = write_out(show, &out);
out:
	buf_finish(&text);
	buf_finish(&out);
	return result;
}

/* What differs from the first group, which is the majority. */
static int show_diff(const struct show *show, const struct buf *first,
		     const struct gather_group *majority, const struct gather_group *group)
{
	struct buf text = BUF_INIT, out = BUF_INIT, hunks = BUF_INIT;
	int result = -1;

	buf_text(&out, "--- ");
	range_fold(&out, (const char *const *)majority->ids.at, majority->ids.count);
	buf_format(&out, " (%zu)\n+++ ", majority->ids.count);
	range_fold(&out, (const char *const *)group->ids.at, group->ids.count);
	buf_format(&out, " (%zu)\n", group->ids.count);
	if (gather_text(show->gather, group, &text, show->err) ||
	    diff_unified(first, &text, &hunks, show->err))
		goto out;
	add_text(show, &out, hunks.at, hunks.len);
	result = write_out(show, &out);
out:
	buf_finish(&text);
	buf_finish(&out);
	buf_finish(&hunks);
	return result;
}

/* {"ids":["web-01",...],"count":3,"stream":"stdout","data":"..."} */
static int show_json(const struct show *show, const struct gather_group *group)
{
	struct buf text = BUF_INIT, out = BUF_INIT;
	bool utf8;
	int result = -1;

	if (gather_text(show->gather, group, &text, show->err))
		goto out;
	for (size_t i = 0; i < group->ids.count; i++) {
		buf_text(&out, i ? "," : "{\"ids\":[");
		shape_json_text(&out, group->ids.at[i], strlen(group->ids.at[i]));
	}
	utf8 = text_is_utf8(text.at, text.len);
	buf_format(&out, "],\"count\":%zu,\"stream\":\"%s\",\"%s\":\"", group->ids.count,
		   show->stream, utf8 ? "data" : "data_b64");
	if (utf8)
		shape_json(&out, text.at, text.len, true);
	else
		shape_base64(&out, text.at, text.len, true);
	buf_text(&out, "\"}\n");
	result = write_out(show, &out);
out:
	buf_finish(&text);
	buf_finish(&out);
	return result;
}

/* A record per server: its whole output is one field. */
static int show_tsv(const struct show *show, const struct gather_group *group)
{
	struct buf text = BUF_INIT, field = BUF_INIT, out = BUF_INIT;
	int result = gather_text(show->gather, group, &text, show->err);

	quote_field(&field, text.at, text.len);
	for (size_t i = 0; i < group->ids.count && !result; i++) {
		buf_format(&out, "%s\t", group->ids.at[i]);
		buf_add(&out, field.at, field.len);
		buf_char(&out, '\n');
		result = write_out(show, &out);
	}
	buf_finish(&text);
	buf_finish(&field);
	buf_finish(&out);
	return result;
}

static int show_group(const struct show *show, const struct gather_group *group)
{
	if (show->form == FORM_JSON)
		return show_json(show, group);
	return show->form == FORM_TSV ? show_tsv(show, group) : show_text(show, group);
}

static int show_all(const struct show *show, bool diff)
{
	struct buf first = BUF_INIT;
	size_t count;
	struct gather_group *const *groups = gather_groups(show->gather, &count);
	int result = 0;

	diff = diff && show->form != FORM_JSON && show->form != FORM_TSV;
	if (diff && count > 1)
		result = gather_text(show->gather, groups[0], &first, show->err);
	for (size_t i = 0; i < count && !result; i++) {
		if (diff && i > 0)
			result = show_diff(show, &first, groups[0], groups[i]);
		else
			result = show_group(show, groups[i]);
	}
	buf_finish(&first);
	return result;
}

int gathered_print(struct exec *exec, struct err *err)
{
	const struct show out = {exec->gather_out, STDOUT_FILENO, exec->out_form, "stdout", err};
	const struct show errs = {exec->gather_err,
				  exec->err_form == FORM_JSON ? STDOUT_FILENO : STDERR_FILENO,
				  exec->err_form, "stderr", err};

	return show_all(&out, exec->args.diff) || show_all(&errs, exec->args.diff) ? -1 : 0;
}
