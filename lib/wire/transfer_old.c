#include "lib/wire/transfer_old.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/mem.h"
#include "lib/wire/transfer_untar.h"

struct olds {
	const struct plan *plan;
	const struct tree *tree;
	char *top;
	struct old_text *at;
	size_t next;		  /* names come in the order in which they were asked for */
	struct old_text *arrives; /* NULL: the entry is passed over */
	int64_t size;
	struct untar *untar;
};

/* "./TOP/SUFFIX" is what the server is asked for, and what it answers. */
static bool is_name(const struct olds *olds, size_t index, const char *name)
{
	size_t length = strlen(olds->top);

	return !strncmp(name, "./", 2) && !strncmp(name + 2, olds->top, length) &&
	       !strcmp(name + 2 + length, olds->tree->at[index].suffix);
}

static int old_begin(void *ctx, const struct untar_entry *entry, struct err *err)
{
	struct olds *olds = ctx;

	(void)err;
	olds->arrives = NULL;
	if (entry->type != '0' || entry->size > OLD_FILE_MAX)
		return 0;
	for (size_t i = olds->next; i < olds->plan->count && !olds->arrives; i++) {
		if (!olds->at[i].wanted || !is_name(olds, i, entry->name))
			continue;
		olds->arrives = &olds->at[i];
		olds->size = entry->size;
		olds->next = i + 1;
	}
	return 0;
}

static void add_zeros(struct buf *to, int64_t count)
{
	if (count <= 0)
		return;
	buf_reserve(to, (size_t)count);
	memset(to->at + to->len, 0, (size_t)count + 1);
	to->len += (size_t)count;
}

static int old_data(void *ctx, int64_t at, const char *bytes, size_t count, struct err *err)
{
	struct olds *olds = ctx;
	struct old_text *old = olds->arrives;

	(void)err;
	if (!old || at < (int64_t)old->text.len || at + (int64_t)count > olds->size)
		return 0;
	add_zeros(&old->text, at - (int64_t)old->text.len);
	buf_add(&old->text, bytes, count);
	return 0;
}

static int old_end(void *ctx, struct err *err)
{
	struct olds *olds = ctx;
	struct old_text *old = olds->arrives;

	(void)err;
	if (old) {
		add_zeros(&old->text, olds->size - (int64_t)old->text.len);
		old->whole = true;
	}
	olds->arrives = NULL;
	return 0;
}

static const struct untar_events old_events = {
    .begin = old_begin, .data = old_data, .end = old_end};

/* The next file to be asked for. What is new here has nothing to be compared with. */
static bool wants(const struct plan *plan, const struct tree *tree, size_t index, int64_t left)
{
	const struct plan_entry *there = &plan->at[index];
	const struct tree_entry *entry = &tree->at[index];

	return there->what == PLAN_CHANGE && entry->type == TREE_FILE && S_ISREG(there->mode) &&
	       there->size >= 0 && there->size <= OLD_FILE_MAX && there->size <= left &&
	       entry->size <= OLD_FILE_MAX;
}

struct olds *olds_create(const struct plan *plan, const struct tree *tree, const char *top,
			 struct buf *names)
{
	struct olds *olds = NULL;
	int64_t left = OLD_SERVER_MAX;

	for (size_t i = 0; i < plan->count; i++) {
		if (!wants(plan, tree, i, left))
			continue;
		if (!olds) {
			olds = mem_zero(1, sizeof(*olds));
			olds->plan = plan;
			olds->tree = tree;
			olds->top = mem_text(top);
			olds->at = mem_zero(plan->count, sizeof(*olds->at));
			for (size_t each = 0; each < plan->count; each++)
				buf_init(&olds->at[each].text);
			olds->untar = untar_create(&old_events, olds);
		}
		olds->at[i].wanted = true;
		left -= plan->at[i].size;
		buf_format(names, "./%s%s", top, tree->at[i].suffix);
		buf_add(names, "", 1);
	}
	return olds;
}

void olds_destroy(struct olds *olds)
{
	if (!olds)
		return;
	for (size_t i = 0; i < olds->plan->count; i++)
		buf_finish(&olds->at[i].text);
	untar_destroy(olds->untar);
	free(olds->at);
	free(olds->top);
	free(olds);
}

int olds_feed(struct olds *olds, const char *bytes, size_t count, struct err *err)
{
	return untar_feed(olds->untar, bytes, count, err);
}

/* A file that grew beyond what is compared is never whole. */
void olds_add(struct olds *olds, size_t index, const char *bytes, size_t count)
{
	struct buf *text = &olds->at[index].text;
	size_t room = (size_t)OLD_FILE_MAX + 1 - text->len;

	buf_add(text, bytes, count < room ? count : room);
}

int64_t olds_length(const struct olds *olds, size_t index)
{
	return (int64_t)olds->at[index].text.len;
}

void olds_end(struct olds *olds, size_t index)
{
	olds->at[index].whole = olds_length(olds, index) <= OLD_FILE_MAX;
}

const struct old_text *olds_at(const struct olds *olds, size_t index)
{
	return &olds->at[index];
}
