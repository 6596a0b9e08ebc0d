/*
 * Layout, as share/remote/copy-put.sh expects it: "meta" (NUL-ended mode, time, owner, name of each
 * thing whose attributes alone differ), "delete" (NUL-ended names), "parts" (the part, mode, time,
 * owner and place of each file whose contents are there already), "keep" (the place and the part's name of each file
 * of which a part is worth to be kept when the stream breaks off), what is to be put in place
 * below "t/", and "end", without which nothing is put in place.
 */
#include "lib/wire/transfer_stream.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/mem.h"
#include "lib/wire/transfer_part.h"
#include "lib/wire/transfer_tar.h"

void tar_stream_init(struct tar_stream *stream, const struct tree *tree, const struct plan *plan,
		     const struct plan_wish *wish, struct window *window, const char *top,
		     const char *key)
{
	memset(stream, 0, sizeof(*stream));
	stream->tree = tree;
	stream->plan = plan;
	stream->wish = wish;
	stream->window = window;
	stream->top = top;
	stream->key = key;
	buf_init(&stream->head);
}

void tar_stream_finish(struct tar_stream *stream)
{
	buf_finish(&stream->head);
}

/* A small file that is in memory. */
static void put_control(struct tar_stream *stream, const char *name, const struct buf *contents)
{
	const struct tar_head head = {.name = name,
				      .type = '0',
				      .mode = 0600,
				      .uid = stream->plan->uid,
				      .gid = stream->plan->gid,
				      .size = (int64_t)contents->len};
	static const char zeros[TAR_BLOCK];

	tar_head(&stream->head, &head);
	buf_add(&stream->head, contents->at, contents->len);
	buf_add(&stream->head, zeros, tar_padding(head.size));
}

static void add_time(struct buf *to, int64_t mtime)
{
	time_t seconds = (time_t)mtime;
	struct tm parts;
	char text[32] = "-";

	if (gmtime_r(&seconds, &parts))
		strftime(text, sizeof(text), "%Y%m%d%H%M.%S", &parts);
	buf_add(to, text, strlen(text) + 1);
}

static void put_attributes(struct tar_stream *stream)
{
	struct buf meta = BUF_INIT;

	for (size_t i = 0; i < stream->plan->count; i++) {
		const struct tree_entry *entry = &stream->tree->at[i];

		if (stream->plan->at[i].what != PLAN_ATTRIBUTES)
			continue;
		buf_format(&meta, "%o", plan_mode(entry, stream->wish));
		buf_char(&meta, '\0');
		if (entry->type == TREE_FILE)
			add_time(&meta, entry->mtime);
		else
			buf_add(&meta, "-", 2);
		buf_format(&meta, "./%s%s", stream->top, entry->suffix);
		buf_char(&meta, '\0');
	}
	if (meta.len > 0)
		put_control(stream, "meta", &meta);
	buf_finish(&meta);
}

static void put_extra(struct tar_stream *stream)
{
	struct buf names = BUF_INIT;

	for (size_t i = 0; i < stream->plan->extra.count; i++)
		buf_add(&names, stream->plan->extra.at[i], strlen(stream->plan->extra.at[i]) + 1);
	if (names.len > 0)
		put_control(stream, "delete", &names);
	buf_finish(&names);
}

/* What is replaced keeps its owner; what is new belongs to who logged in. */
static int64_t owner_of(int64_t wanted, bool there, int64_t now, int64_t login)
{
	return wanted >= 0 ? wanted : there ? now : login;
}

static struct tar_head head_of(const struct tar_stream *stream, size_t index, const char *name)
{
	const struct tree_entry *entry = &stream->tree->at[index];
	const struct plan *plan = stream->plan;
	const struct plan_entry *there = &plan->at[index];
	bool kept = there->what == PLAN_CHANGE && entry->type == TREE_FILE;

	return (struct tar_head){
	    .name = name,
	    .target = entry->target,
	    .type = entry->type == TREE_FILE  ? '0'
		    : entry->type == TREE_DIR ? '5'
					      : '2',
	    .mode = plan_mode(entry, stream->wish),
	    .uid = owner_of(plan->owner_uid, kept, there->uid, plan->uid),
	    .gid = owner_of(plan->owner_gid, kept, there->gid, plan->gid),
	    .size = entry->size,
	    .mtime = entry->mtime,
	};
}

static bool travels(const struct tar_stream *stream, size_t index)
{
	enum plan_what what = stream->plan->at[index].what;

	return what == PLAN_CREATE || what == PLAN_CHANGE || what == PLAN_REPLACE;
}

static void put_parts(struct tar_stream *stream)
{
	struct buf parts = BUF_INIT, keep = BUF_INIT;

	for (size_t i = 0; i < stream->plan->count; i++) {
		const struct tree_entry *entry = &stream->tree->at[i];
		char part[PART_NAME_SIZE];

		if (!travels(stream, i) || !part_is_kept(entry))
			continue;
		part_name(part, stream->key, entry);
		if (stream->plan->at[i].resumed) {
			struct tar_head head = head_of(stream, i, "");

			buf_format(&parts, "%s%c%o%c", part, 0, head.mode, 0);
			add_time(&parts, head.mtime);
			buf_format(&parts, "%lld:%lld%ct/%s%s%c", (long long)head.uid,
				   (long long)head.gid, 0, stream->top, entry->suffix, 0);
		} else {
			buf_format(&keep, "t/%s%s%c%s%c", stream->top, entry->suffix, 0, part, 0);
		}
	}
	if (parts.len > 0)
		put_control(stream, "parts", &parts);
	if (keep.len > 0)
		put_control(stream, "keep", &keep);
	buf_finish(&parts);
	buf_finish(&keep);
}

static void put_entry(struct tar_stream *stream, size_t index)
{
	const struct tree_entry *entry = &stream->tree->at[index];
	char *name = mem_format("t/%s%s", stream->top, entry->suffix);
	struct tar_head head = head_of(stream, index, name);

	if (stream->plan->gnu_tar && entry->extents) {
		head.extents = entry->extents;
		head.extent_count = entry->extent_count;
	}
	tar_head(&stream->head, &head);
	stream->index = index;
	stream->extent = 0;
	stream->at = head.extents ? entry->extents[0].at : 0;
	stream->left = head.extents ? entry->extents[0].size : entry->size;
	free(name);
}

/* An entry's contents are through: the next extent, or the padding. */
static void next_extent(struct tar_stream *stream)
{
	const struct tree_entry *entry = &stream->tree->at[stream->index];
	bool sparse = stream->plan->gnu_tar && entry->extents;
	static const char zeros[TAR_BLOCK];
	int64_t size = entry->size;

	if (sparse && stream->extent + 1 < entry->extent_count) {
		stream->extent++;
		stream->at = entry->extents[stream->extent].at;
		stream->left = entry->extents[stream->extent].size;
		return;
	}
	if (sparse) {
		size = 0;
		for (size_t i = 0; i < entry->extent_count; i++)
			size += entry->extents[i].size;
	}
	buf_add(&stream->head, zeros, tar_padding(size));
}

static void advance(struct tar_stream *stream)
{
	const struct buf empty = BUF_INIT;

	switch (stream->part) {
	case STREAM_CONTROL:
		put_attributes(stream);
		put_extra(stream);
		put_parts(stream);
		stream->part = STREAM_ENTRIES;
		break;
	case STREAM_ENTRIES:
		while (stream->next < stream->plan->count &&
		       (!travels(stream, stream->next) || stream->plan->at[stream->next].resumed))
			stream->next++;
		if (stream->next < stream->plan->count)
			put_entry(stream, stream->next++);
		else
			stream->part = STREAM_CLOSING;
		break;
	case STREAM_CLOSING:
		put_control(stream, "end", &empty);
		tar_end(&stream->head);
		stream->part = STREAM_OVER;
		break;
	default:
		break;
	}
}

/* Moves headers out: how many bytes went. */
static size_t take_head(struct tar_stream *stream, char *into, size_t room)
{
	size_t count = stream->head.len - stream->head_at;

	if (count > room)
		count = room;
	memcpy(into, stream->head.at + stream->head_at, count);
	stream->head_at += count;
	if (stream->head_at == stream->head.len) {
		buf_clear(&stream->head);
		stream->head_at = 0;
	}
	return count;
}

long tar_stream_read(struct tar_stream *stream, char *into, size_t room, bool *end, struct err *err)
{
	size_t done = 0;

	while (done < room) {
		if (stream->head.len > 0) {
			done += take_head(stream, into + done, room - done);
		} else if (stream->left > 0) {
			size_t most = room - done;
			long got;

			if ((int64_t)most > stream->left)
				most = (size_t)stream->left;
			got = window_read(stream->window, stream->index, stream->at, into + done,
					  most, err);
			if (got < 0)
				return -1;
			done += (size_t)got;
			stream->at += got;
			stream->left -= got;
			stream->sent += got;
			if (stream->left == 0)
				next_extent(stream);
		} else if (stream->part == STREAM_OVER) {
			*end = true;
			break;
		} else {
			advance(stream);
		}
	}
	return (long)done;
}
