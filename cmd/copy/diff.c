/*
 * What a copy changes, as diff(1) -u says it, each line behind its server's id. What is no text, or
 * too long, is told in a line.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/copy/copy.h"
#include "lib/base/quote.h"
#include "lib/flow/diff.h"

/* Where the lines of a server go. */
struct page {
	struct copy *copy;
	struct buf *to;
	const char *id;
};

static void page_line(struct page *page, const char *line, size_t size)
{
	buf_format(page->to, "%s%s", page->id, isatty(STDOUT_FILENO) ? ": " : "\t");
	quote_terminal(page->to, line, size, true);
	buf_char(page->to, '\n');
}

static void page_lines(struct page *page, const struct buf *text)
{
	const char *at = text->at, *end = text->at + text->len;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		page_line(page, at, (size_t)((stop ? stop : end) - at));
		at = stop ? stop + 1 : end;
	}
}

/* "WORD PATH" and perhaps " (NOTE)": the path may hold any byte, and is one line. */
static void page_word(struct page *page, const char *word, const struct buf *path, const char *note)
{
	struct buf line = BUF_INIT;

	buf_format(&line, "%s ", word);
	quote_terminal(&line, path->at, path->len, false);
	if (note)
		buf_format(&line, " (%s)", note);
	page_line(page, line.at, line.len);
	buf_finish(&line);
}

static int read_new(const struct tree_entry *entry, struct buf *into, struct err *err)
{
	int fd = tree_open(entry, err);
	ssize_t got = 1;

	if (fd < 0)
		return -1;
	buf_reserve(into, (size_t)entry->size);
	while ((int64_t)into->len < entry->size && got != 0) {
		got = read(fd, into->at + into->len, (size_t)entry->size - into->len);
		if (got < 0 && errno != EINTR)
			break;
		into->len += got > 0 ? (size_t)got : 0;
	}
	into->at[into->len] = '\0';
	close(fd);
	return (int64_t)into->len == entry->size ? 0 : tree_changed(entry, err);
}

static bool is_binary(const struct buf *text)
{
	return text->len > 0 && memchr(text->at, '\0', text->len) != NULL;
}

/* Every line of it is new. */
static void add_all(struct buf *hunk, const struct buf *text)
{
	const char *at = text->at, *end = text->at + text->len;
	size_t lines = text->at[text->len - 1] != '\n';

	for (const char *c = at; c < end; c++)
		lines += *c == '\n';
	buf_format(hunk, lines == 1 ? "@@ -0,0 +1 @@\n" : "@@ -0,0 +1,%zu @@\n", lines);
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t size = (size_t)((stop ? stop : end) - at);

		buf_char(hunk, '+');
		buf_add(hunk, at, size);
		buf_text(hunk, stop ? "\n" : "\n\\ No newline at end of file\n");
		at += size + 1;
	}
}

static void page_hunks(struct page *page, const struct buf *path, bool created,
		       const struct buf *hunks)
{
	if (created)
		page_line(page, "--- /dev/null", strlen("--- /dev/null"));
	else
		page_word(page, "---", path, NULL);
	page_word(page, "+++", path, NULL);
	page_lines(page, hunks);
}

/* A file whose contents change, or that is new: old NULL. */
static int page_file(struct page *page, const struct tree_entry *entry, const struct buf *path,
		     const struct buf *old, struct err *err)
{
	const char *word = report_word(old ? PLAN_CHANGE : PLAN_CREATE);
	struct buf new = BUF_INIT, hunks = BUF_INIT;
	int rc = read_new(entry, &new, err);

	if (rc == 0 && (is_binary(&new) || (old && is_binary(old)))) {
		page_word(page, word, path, "binary");
	} else if (rc == 0 && !old && new.len == 0) {
		page_word(page, word, path, "empty");
	} else if (rc == 0) {
		if (old)
			rc = diff_unified(old, &new, &hunks, err);
		else
			add_all(&hunks, &new);
		if (rc == 0)
			page_hunks(page, path, !old, &hunks);
	}
	buf_finish(&new);
	buf_finish(&hunks);
	return rc;
}

static int page_entry(struct page *page, const struct transfer_report *report, size_t index,
		      const struct buf *path, struct err *err)
{
	const struct tree_entry *entry = &transfer_put_tree(page->copy->put)->at[index];
	const struct plan_entry *there = &report->plan->at[index];
	const struct old_text *old = report->olds ? olds_at(report->olds, index) : NULL;
	const char *word = report_word(there->what);

	if (entry->type != TREE_FILE ||
	    (there->what != PLAN_CREATE && there->what != PLAN_CHANGE)) {
		page_word(page, word, path, NULL);
		return 0;
	}
	if (entry->size > OLD_FILE_MAX || (there->what == PLAN_CHANGE && (!old || !old->wanted))) {
		page_word(page, word, path, "too long to compare");
		return 0;
	}
	if (there->what == PLAN_CHANGE && !old->whole) {
		page_word(page, word, path, "it could not be read there");
		return 0;
	}
	return page_file(page, entry, path, there->what == PLAN_CHANGE ? &old->text : NULL, err);
}

void diff_server(struct copy *copy, const char *id, const struct transfer_report *report)
{
	struct sink *sink = run_out(copy->run);
	struct page page = {copy, sink_buf(sink), id};
	const struct plan *plan = report->plan;
	struct buf path = BUF_INIT;
	struct err err = ERR_INIT;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < plan->count; i++) {
		if (plan->at[i].what == PLAN_SAME)
			continue;
		buf_clear(&path);
		transfer_show_name(&path, copy->put, plan, i);
		rc = page_entry(&page, report, i, &path, &err);
	}
	for (size_t i = 0; rc == 0 && i < plan->extra.count; i++) {
		buf_clear(&path);
		transfer_show_below(&path, copy->put, plan->extra.at[i] + 2);
		page_word(&page, "delete", &path, NULL);
	}
	buf_finish(&path);
	sink_push(sink);
	if (rc)
		run_fail(copy->run, &err);
}
