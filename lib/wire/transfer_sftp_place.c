/* From the stage to where things belong; and the stage itself. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/mem.h"
#include "lib/wire/transfer_sftp_put.h"

static const struct tree_entry *entry_at(const struct sftp_put *work, size_t index)
{
	return &work->put->args.tree->at[index];
}

static bool is_sent(const struct sftp_put *work, size_t index)
{
	enum plan_what what = work->plan->at[index].what;

	return what == PLAN_CREATE || what == PLAN_CHANGE || what == PLAN_REPLACE;
}

/* Calls `each` for one entry after the other, while there is room. */
static bool for_each(struct sftp_put *work, void (*each)(struct sftp_put *work, size_t index))
{
	for (; work->cursor < work->plan->count; work->cursor++) {
		if (sftp_room(work->sftp) < 4)
			return false;
		each(work, work->cursor);
	}
	return true;
}

/* The same from the last to the first: what is below before what is above. */
static bool for_each_back(struct sftp_put *work, void (*each)(struct sftp_put *work, size_t index))
{
	for (; work->cursor < work->plan->count; work->cursor++) {
		if (sftp_room(work->sftp) < 4)
			return false;
		each(work, work->plan->count - 1 - work->cursor);
	}
	return true;
}

/* --- whether it can be done at all --- */

static bool step_conflicts(struct sftp_put *work)
{
	for (size_t i = 0; i < work->plan->count && !work->wish.delete; i++) {
		char *name;

		if (!sftp_put_in_the_way(work, i))
			continue;
		name = sftp_put_name(work, i);
		sftp_put_fail(work, name,
			      S_ISDIR(work->plan->at[i].mode)
				  ? "is a directory where none is to be"
				  : "stands where a directory is to be");
		free(name);
	}
	return true;
}

/* --- the place and the stage --- */

/* mkdir -p: those that are there already refuse, which means nothing. */
static bool step_make(struct sftp_put *work)
{
	const char *place = work->put->place;
	size_t size = strlen(place);

	if (!work->plan->into || work->place_there)
		return true;
	while (work->cursor < size && sftp_room(work->sftp) > 0) {
		char *part;

		work->cursor += 1 + strcspn(place + work->cursor + 1, "/");
		part = mem_text_n(place, work->cursor);
		sftp_mkdir(work->sftp, part, 0777, sftp_put_may());
		free(part);
	}
	return work->cursor == size;
}

static void stage_made(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct sftp_put *work = ctx;

	(void)tag;
	work->staged = reply->status == SFTP_OK;
	snprintf(work->refused, sizeof(work->refused), "%s", sftp_words(reply));
}

static bool step_stage(struct sftp_put *work)
{
	char *stage = sftp_put_below(work, work->stage);

	free(work->stage);
	work->stage = stage;
	work->probe = mem_format("%s.new", stage);
	sftp_mkdir(work->sftp, stage, 0700, (struct sftp_call){stage_made, work, 0});
	return true;
}

enum { SEE_STAGE, SEE_PROBE };

static void stage_seen(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct sftp_put *work = ctx;

	if (reply->status != SFTP_OK || !S_ISDIR(reply->attrs.mode)) {
		sftp_put_fail(work, work->dir, work->refused);
	} else if (tag == SEE_STAGE) {
		work->plan->uid = reply->attrs.uid;
		work->plan->gid = reply->attrs.gid;
	} else if (reply->attrs.uid != work->plan->uid) {
		sftp_put_fail(work, work->stage, "belongs to another user");
	} else {
		work->staged = work->stale = true;
	}
}

/* What an earlier copy left behind is taken over, if it is ours: a directory that is made now tells
 * who we are. */
static bool step_own(struct sftp_put *work)
{
	if (!work->staged) {
		sftp_mkdir(work->sftp, work->probe, 0700, sftp_put_may());
		sftp_stat(work->sftp, work->probe, false,
			  (struct sftp_call){stage_seen, work, SEE_STAGE});
		sftp_rmdir(work->sftp, work->probe, sftp_put_may());
	}
	sftp_stat(work->sftp, work->stage, false,
		  (struct sftp_call){stage_seen, work, work->staged ? SEE_STAGE : SEE_PROBE});
	return true;
}

static void leftover_found(void *ctx, const char *path, const char *name,
			   const struct sftp_attrs *attrs)
{
	struct sftp_put *work = ctx;

	if (!sftp_put_resumes(work, name, attrs))
		list_take(&work->files, mem_format("%s/%s", path, name));
}

static bool step_leftovers(struct sftp_put *work)
{
	if (!work->stale)
		return true;
	if (work->cursor++ == 0) {
		work->lister.found = leftover_found;
		lister_add(&work->lister, work->stage);
	}
	return lister_go(&work->lister);
}

/* --- putting in place --- */

static void make_dir(struct sftp_put *work, size_t index)
{
	char *name;

	if (entry_at(work, index)->type != TREE_DIR || !is_sent(work, index))
		return;
	name = sftp_put_name(work, index);
	sftp_mkdir(work->sftp, name, 0700, sftp_put_must(work, index));
	free(name);
}

static void keep_old(struct sftp_put *work, size_t index)
{
	const struct plan_entry *there = &work->plan->at[index];
	char *name, *kept;

	if (!work->made[index] || !there->there || S_ISDIR(there->mode))
		return;
	name = sftp_put_name(work, index);
	kept = mem_format("%s%s", name, work->put->args.suffix);
	if (sftp_offers(work->sftp, SFTP_HARDLINK))
		sftp_hardlink(work->sftp, name, kept, sftp_put_must(work, index));
	else
		sftp_rename(work->sftp, name, kept, sftp_put_must(work, index));
	free(name);
	free(kept);
}

static void settle(struct sftp_put *work, size_t index)
{
	char *staged, *name;

	if (!work->made[index])
		return;
	staged = sftp_put_staged(work, index);
	name = sftp_put_name(work, index);
	if (!sftp_offers(work->sftp, SFTP_POSIX_RENAME) && work->plan->at[index].there)
		sftp_remove(work->sftp, name, sftp_put_may());
	sftp_rename(work->sftp, staged, name, sftp_put_must(work, index));
	free(staged);
	free(name);
}

/* Mode, time, owner of what was not sent, and of directories at last: theirs may forbid to write. */
static void adjust(struct sftp_put *work, size_t index, bool time)
{
	const struct tree_entry *entry = entry_at(work, index);
	const struct plan *plan = work->plan;
	const struct plan_entry *there = &plan->at[index];
	struct sftp_attrs owner = {.has = SFTP_HAS_OWNER,
				   .uid = plan->owner_uid >= 0 ? plan->owner_uid
					  : there->there       ? there->uid
							       : plan->uid,
				   .gid = plan->owner_gid >= 0 ? plan->owner_gid
					  : there->there       ? there->gid
							       : plan->gid};
	struct sftp_attrs attrs = {.has = SFTP_HAS_MODE | (time ? SFTP_HAS_TIMES : 0),
				   .mode = plan_mode(entry, &work->wish),
				   .mtime = entry->mtime};
	char *name = sftp_put_name(work, index);

	if (plan->owner_uid >= 0 || plan->owner_gid >= 0)
		sftp_setstat(work->sftp, name, &owner, sftp_put_must(work, index));
	sftp_setstat(work->sftp, name, &attrs, sftp_put_must(work, index));
	free(name);
}

static void adjust_file(struct sftp_put *work, size_t index)
{
	if (entry_at(work, index)->type == TREE_FILE &&
	    work->plan->at[index].what == PLAN_ATTRIBUTES)
		adjust(work, index, true);
}

static void adjust_dir(struct sftp_put *work, size_t index)
{
	bool sent = is_sent(work, index);

	if (entry_at(work, index)->type == TREE_DIR &&
	    (sent || work->plan->at[index].what == PLAN_ATTRIBUTES))
		adjust(work, index, sent);
}

static bool step_dirs(struct sftp_put *work)
{
	return for_each(work, make_dir);
}

static bool step_keep_old(struct sftp_put *work)
{
	return !work->put->args.suffix || for_each(work, keep_old);
}

static bool step_settle(struct sftp_put *work)
{
	return for_each(work, settle);
}

static bool step_adjust_files(struct sftp_put *work)
{
	return for_each(work, adjust_file);
}

static bool step_adjust_dirs(struct sftp_put *work)
{
	return for_each_back(work, adjust_dir);
}

static bool step_unstage(struct sftp_put *work)
{
	if (work->staged)
		sftp_rmdir(work->sftp, work->stage, sftp_put_may());
	return true;
}

bool (*const sftp_place_steps[])(struct sftp_put *work) = {
    step_conflicts,    step_make,	  step_stage,	     step_own,
    step_leftovers,    sftp_step_remove_files, sftp_step_files,   sftp_step_give_way,
    sftp_step_remove_list,  sftp_step_remove_files, sftp_step_remove_dirs,  step_dirs,
    step_keep_old,     step_settle,	  step_adjust_files, sftp_step_extra,
    sftp_step_remove_list,  sftp_step_remove_files, sftp_step_remove_dirs,  step_adjust_dirs,
    step_unstage,      NULL};

/* --- when it failed --- */

static void unmake(struct sftp_put *work, size_t index)
{
	char *staged;

	if (!work->made[index] || !work->staged)
		return;
	staged = sftp_put_staged(work, index);
	sftp_remove(work->sftp, staged, sftp_put_may());
	free(staged);
}

static bool step_unmake(struct sftp_put *work)
{
	return for_each(work, unmake);
}

bool (*const sftp_clear_steps[])(struct sftp_put *work) = {sftp_step_space, step_unmake,
							   step_unstage, NULL};
