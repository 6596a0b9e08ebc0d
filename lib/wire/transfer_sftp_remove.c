/* What gives way to a copy over SFTP, with all that is in it. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/mem.h"
#include "lib/wire/transfer_sftp_put.h"

/* A directory in the way of what is none, or the other way round. */
bool sftp_put_in_the_way(const struct sftp_put *work, size_t index)
{
	const struct plan_entry *there = &work->plan->at[index];

	return there->what == PLAN_REPLACE &&
	       (work->put->args.tree->at[index].type == TREE_DIR) != S_ISDIR(there->mode);
}

static void below_found(void *ctx, const char *path, const char *name,
			const struct sftp_attrs *attrs)
{
	struct sftp_put *work = ctx;
	char *whole = mem_format("%s/%s", path, name);

	if (attrs->has & SFTP_HAS_MODE && S_ISDIR(attrs->mode)) {
		lister_add(&work->lister, whole);
		list_add(&work->dirs, whole);
	} else {
		list_add(&work->files, whole);
	}
	free(whole);
}

static void remove_all(struct sftp_put *work, const char *path, bool dir)
{
	work->lister.found = below_found;
	if (dir) {
		lister_add(&work->lister, path);
		list_add(&work->dirs, path);
	} else {
		list_add(&work->files, path);
	}
}

static void removed(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct sftp_put *work = ctx;

	(void)tag;
	if (reply->status != SFTP_OK && reply->status != SFTP_NO_SUCH_FILE)
		sftp_put_fail(work, work->dir, sftp_words(reply));
}

bool sftp_step_remove_list(struct sftp_put *work)
{
	return lister_go(&work->lister);
}

bool sftp_step_remove_files(struct sftp_put *work)
{
	for (; work->cursor < work->files.count && sftp_room(work->sftp) > 0; work->cursor++)
		sftp_remove(work->sftp, work->files.at[work->cursor],
			    (struct sftp_call){removed, work, 0});
	if (work->cursor < work->files.count)
		return false;
	list_finish(&work->files);
	return true;
}

bool sftp_step_remove_dirs(struct sftp_put *work)
{
	size_t count = work->dirs.count;

	for (; work->cursor < count && sftp_room(work->sftp) > 0; work->cursor++)
		sftp_rmdir(work->sftp, work->dirs.at[count - 1 - work->cursor],
			   (struct sftp_call){removed, work, 0});
	if (work->cursor < count)
		return false;
	list_finish(&work->dirs);
	return true;
}

bool sftp_step_give_way(struct sftp_put *work)
{
	for (size_t i = 0; i < work->plan->count; i++) {
		char *name = sftp_put_name(work, i);

		if (sftp_put_in_the_way(work, i))
			remove_all(work, name, S_ISDIR(work->plan->at[i].mode));
		free(name);
	}
	return true;
}

static void extra_seen(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct sftp_put *work = ctx;
	char *name = sftp_put_below(work, work->plan->extra.at[tag] + 2);

	if (reply->status == SFTP_OK)
		remove_all(work, name, S_ISDIR(reply->attrs.mode));
	free(name);
}

bool sftp_step_extra(struct sftp_put *work)
{
	for (; work->cursor < work->plan->extra.count; work->cursor++) {
		char *name;

		if (sftp_room(work->sftp) == 0)
			return false;
		name = sftp_put_below(work, work->plan->extra.at[work->cursor] + 2);
		sftp_stat(work->sftp, name, false,
			  (struct sftp_call){extra_seen, work, work->cursor});
		free(name);
	}
	return true;
}
