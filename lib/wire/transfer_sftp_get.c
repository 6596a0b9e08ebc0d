/* The course of a fetch over SFTP, and its first part: the list. */
#include "lib/wire/transfer_sftp_get.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/wire/transfer_sftp_read.h"

static struct tree_entry *entry_at(const struct sftp_get *work, size_t index)
{
	return &work->listing->names.at[index];
}

/* --- the list --- */

static void add(struct sftp_get *work, const char *name, const struct sftp_attrs *attrs)
{
	struct tree_entry *entry;

	if (!S_ISREG(attrs->mode) && !S_ISDIR(attrs->mode) && !S_ISLNK(attrs->mode))
		return;
	entry = listing_add(work->listing, name);
	entry->type = S_ISREG(attrs->mode)   ? TREE_FILE
		      : S_ISDIR(attrs->mode) ? TREE_DIR
					     : TREE_LINK;
	entry->mode = attrs->mode & 07777;
	entry->size = S_ISREG(attrs->mode) ? attrs->size : 0;
	entry->mtime = attrs->mtime;
}

static void name_found(void *ctx, const char *path, const char *name,
		       const struct sftp_attrs *attrs)
{
	struct sftp_get *work = ctx;
	char *whole = mem_format("%s/%s", path, name);
	char *below = mem_format("%s%s", work->top, whole + strlen(work->place));

	add(work, below, attrs);
	if (S_ISDIR(attrs->mode))
		lister_add(&work->lister, whole);
	free(whole);
	free(below);
}

static void list_failed(void *ctx, const char *path, const struct sftp_reply *reply)
{
	sftp_get_fail(ctx, path, sftp_words(reply));
}

static void place_seen(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct sftp_get *work = ctx;

	(void)tag;
	if (reply->status != SFTP_OK) {
		sftp_get_fail(work, work->place,
		     reply->status == SFTP_NO_SUCH_FILE ? "no such file or directory"
							: sftp_words(reply));
		return;
	}
	add(work, work->top, &reply->attrs);
	if (S_ISDIR(reply->attrs.mode))
		lister_add(&work->lister, work->place);
}

static void link_seen(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct sftp_get *work = ctx;
	struct tree_entry *entry = entry_at(work, tag);
	struct sftp_name name;

	if (reply->status != SFTP_OK || !sftp_next_name(reply, &name))
		sftp_get_fail(work, entry->suffix, sftp_words(reply));
	else
		entry->target = mem_text_n(name.name, name.size);
}

static bool ask_links(struct sftp_get *work)
{
	for (; work->next < work->listing->names.count; work->next++) {
		const struct tree_entry *entry = entry_at(work, work->next);
		char *path;

		if (entry->type != TREE_LINK)
			continue;
		if (sftp_room(work->sftp) == 0)
			return false;
		path = mem_format("%s%s", work->place, entry->suffix + strlen(work->top));
		sftp_readlink(work->sftp, path, (struct sftp_call){link_seen, work, work->next});
		free(path);
	}
	return true;
}

/* Links are the same with the same target. */
static void compare(struct sftp_get *work)
{
	struct listing *listing = work->listing;
	struct buf ignored = BUF_INIT;

	listing->here = mem_zero(listing->names.count + 1, sizeof(*listing->here));
	listing_compare(listing, work->dir, true, &ignored);
	for (size_t i = 0; i < listing->names.count; i++) {
		const struct tree_entry *entry = &listing->names.at[i];
		char target[4096], *path = mem_format("%s/%s", work->dir, entry->suffix);
		ssize_t size = entry->target ? readlink(path, target, sizeof(target)) : -1;

		if (size >= 0 && (size_t)size == strlen(entry->target) &&
		    !memcmp(target, entry->target, (size_t)size))
			listing->here[i] = true;
		free(path);
	}
	buf_finish(&ignored);
}

/* --- its course --- */

static void welcome(void *ctx)
{
	(void)ctx;
}

struct sftp_get *sftp_get_create(const char *place, const char *top, const char *dir,
				 struct listing *listing)
{
	struct sftp_get *work = mem_zero(1, sizeof(*work));

	work->place = place;
	work->top = top;
	work->dir = dir;
	work->listing = listing;
	work->sftp = sftp_create(welcome, work);
	work->lister = (struct lister){
	    .sftp = work->sftp, .found = name_found, .failed = list_failed, .ctx = work};
	return work;
}

void sftp_get_destroy(struct sftp_get *work)
{
	if (!work)
		return;
	for (; work->head < work->tail; work->head++)
		buf_finish(&work->ring[work->head % AHEAD].held);
	lister_finish(&work->lister);
	sftp_destroy(work->sftp);
	free(work);
}

static void go(struct sftp_get *work)
{
	if (work->trouble.status != STATUS_OK)
		return;
	if (work->phase == GET_ASK && sftp_room(work->sftp) > 0) {
		sftp_stat(work->sftp, work->place, false,
			  (struct sftp_call){place_seen, work, 0});
		work->phase = GET_LIST;
	}
	if (work->phase == GET_LIST && lister_go(&work->lister) && sftp_quiet(work->sftp))
		work->phase = GET_LINKS;
	if (work->phase == GET_LINKS && ask_links(work) && sftp_quiet(work->sftp)) {
		work->phase = GET_WAIT;
		compare(work);
	}
	if (work->phase == GET_READ)
		sftp_get_read_on(work);
}

void sftp_get_feed(struct sftp_get *work, const char *bytes, size_t count)
{
	struct err err = ERR_INIT;

	if (sftp_feed(work->sftp, bytes, count, &err) && work->trouble.status == STATUS_OK)
		work->trouble = err;
	go(work);
}

size_t sftp_get_take(struct sftp_get *work, char *into, size_t room)
{
	go(work);
	return sftp_take(work->sftp, into, room);
}

bool sftp_get_listed(const struct sftp_get *work)
{
	return work->phase == GET_WAIT && work->trouble.status == STATUS_OK;
}

void sftp_get_fetch(struct sftp_get *work, struct take *take)
{
	work->take = take;
	work->next = 0;
	work->phase = GET_READ;
	go(work);
}

bool sftp_get_done(const struct sftp_get *work)
{
	return work->phase == GET_OVER && work->trouble.status == STATUS_OK;
}

int64_t sftp_get_spared(const struct sftp_get *work)
{
	return work->spared;
}

const struct err *sftp_get_trouble(const struct sftp_get *work)
{
	return &work->trouble;
}
