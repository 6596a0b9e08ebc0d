/* Contents, there and back: several files at once, each in pieces of which many are under way. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/mem.h"
#include "lib/wire/transfer_part.h"
#include "lib/wire/transfer_sftp_put.h"

/* Requests are made while less than this waits to be sent. */
#define WAITING_HIGH SFTP_PIECE

char *sftp_put_staged(const struct sftp_put *work, size_t index)
{
	const struct tree_entry *entry = &work->put->args.tree->at[index];
	char mark[PART_MARK_SIZE];

	if (!part_is_kept(entry))
		return mem_format("%s/%zu", work->stage, index);
	part_mark(mark, entry);
	return mem_format("%s/%s.%lld", work->stage, mark, (long long)work->safe[index]);
}

static const struct tree_entry *entry_of(const struct sftp_put *work, const struct file_job *job)
{
	return &work->put->args.tree->at[job->index];
}

/* Whether the entry travels, and not only its attributes. */
static bool travels(const struct sftp_put *work, size_t index)
{
	enum plan_what what = work->plan->at[index].what;

	return work->put->args.tree->at[index].type != TREE_DIR &&
	       (what == PLAN_CREATE || what == PLAN_CHANGE || what == PLAN_REPLACE);
}

static void write_failed(struct sftp_put *work, size_t index, const struct sftp_reply *reply)
{
	char *name = sftp_put_name(work, index);

	work->maybe_full |= reply->status == SFTP_FAILURE;
	sftp_put_fail(work, name, sftp_words(reply));
	free(name);
}

static void job_answered(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct sftp_put *work = ctx;
	struct file_job *job = &work->jobs[tag];

	if (reply->status != SFTP_OK)
		write_failed(work, job->index, reply);
	if (--job->replies == 0 && job->closing)
		job->busy = false;
}

static struct sftp_call job_call(struct sftp_put *work, struct file_job *job)
{
	job->replies++;
	return (struct sftp_call){job_answered, work, (size_t)(job - work->jobs)};
}

static void job_begin(struct sftp_put *work, struct file_job *job, size_t index);

static void job_opened(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct sftp_put *work = ctx;
	struct file_job *job = &work->jobs[tag];

	job->open = sftp_take_handle(reply, &job->handle);
	if (job->open)
		return;
	if (work->safe[job->index] > 0) { /* its part is gone */
		work->put->total += work->safe[job->index];
		work->safe[job->index] = 0;
		job_begin(work, job, job->index);
		return;
	}
	write_failed(work, job->index, reply);
	job->busy = false;
}

static struct sftp_call job_begun(struct sftp_put *work, const struct file_job *job)
{
	return (struct sftp_call){job_opened, work, (size_t)(job - work->jobs)};
}

/* Behind what an earlier copy left. */
static void job_resume(struct sftp_put *work, struct file_job *job, const char *name)
{
	int64_t safe = work->safe[job->index];

	job->at = safe;
	job->left -= safe;
	work->put->total -= safe;
	sftp_reopen(work->sftp, name, job_begun(work, job));
}

static void job_begin(struct sftp_put *work, struct file_job *job, size_t index)
{
	const struct tree_entry *entry = &work->put->args.tree->at[index];
	char *name = sftp_put_staged(work, index);

	work->made[index] = 1;
	if (entry->type == TREE_LINK) {
		sftp_symlink(work->sftp, entry->target, name, sftp_put_must(work, index));
	} else {
		memset(job, 0, sizeof(*job));
		job->busy = true;
		job->index = index;
		job->at = entry->extents ? entry->extents[0].at : 0;
		job->left = entry->extents ? entry->extents[0].size : entry->size;
		if (work->safe[index] > 0)
			job_resume(work, job, name);
		else
			sftp_open(work->sftp, name, true, job_begun(work, job));
	}
	free(name);
}

/* The owner goes first: it may take set-id bits away. Who keeps its owner may have to do without,
 * when only root could give it. */
static void job_owner(struct sftp_put *work, struct file_job *job)
{
	const struct plan *plan = work->plan;
	const struct plan_entry *there = &plan->at[job->index];
	bool kept = there->what == PLAN_CHANGE;
	struct sftp_attrs attrs = {.has = SFTP_HAS_OWNER,
				   .uid = kept ? there->uid : plan->uid,
				   .gid = kept ? there->gid : plan->gid};
	bool wanted = plan->owner_uid >= 0 || plan->owner_gid >= 0;

	if (plan->owner_uid >= 0)
		attrs.uid = plan->owner_uid;
	if (plan->owner_gid >= 0)
		attrs.gid = plan->owner_gid;
	if (attrs.uid != plan->uid || attrs.gid != plan->gid)
		sftp_fsetstat(work->sftp, &job->handle, &attrs,
			      wanted ? job_call(work, job) : sftp_put_may());
}

/* All contents are written, or on their way there. */
static void job_close(struct sftp_put *work, struct file_job *job)
{
	const struct tree_entry *entry = entry_of(work, job);
	struct sftp_attrs attrs = {.has = SFTP_HAS_MODE | SFTP_HAS_TIMES,
				   .mode = plan_mode(entry, &work->wish),
				   .mtime = entry->mtime};

	if (entry->extents) {
		attrs.has |= SFTP_HAS_SIZE;
		attrs.size = entry->size;
	}
	job->closing = true;
	job_owner(work, job);
	sftp_fsetstat(work->sftp, &job->handle, &attrs, job_call(work, job));
	if (sftp_offers(work->sftp, SFTP_FSYNC))
		sftp_fsync(work->sftp, &job->handle, job_call(work, job));
	sftp_close(work->sftp, &job->handle, job_call(work, job));
}

static bool next_extent(const struct sftp_put *work, struct file_job *job)
{
	const struct tree_entry *entry = entry_of(work, job);

	if (!entry->extents || job->extent + 1 >= entry->extent_count)
		return false;
	job->extent++;
	job->at = entry->extents[job->extent].at;
	job->left = entry->extents[job->extent].size;
	return true;
}

/* From time to time what is there of a large file is made to last: the next copy may go on behind
 * it. */
static void job_secure(struct sftp_put *work, struct file_job *job)
{
	int64_t *safe = &work->safe[job->index];
	char *was, *is;

	if (job->at - *safe < PART_STEP || job->left == 0 || !part_is_kept(entry_of(work, job)) ||
	    !sftp_offers(work->sftp, SFTP_FSYNC))
		return;
	sftp_fsync(work->sftp, &job->handle, job_call(work, job));
	was = sftp_put_staged(work, job->index);
	*safe = job->at;
	is = sftp_put_staged(work, job->index);
	sftp_rename(work->sftp, was, is, job_call(work, job));
	free(was);
	free(is);
}

/* The next piece: false when none may go now. */
static bool job_write(struct sftp_put *work, struct file_job *job)
{
	size_t room = (int64_t)SFTP_PIECE < job->left ? SFTP_PIECE : (size_t)job->left;
	char piece[SFTP_PIECE];
	long got;

	room = put_allow(work->put, room);
	if (room == 0)
		return false;
	got = window_read(work->put->window, job->index, job->at, piece, room, &work->trouble);
	if (got < 0)
		return false;
	put_spare(work->put, room - (size_t)got);
	memcpy(sftp_write(work->sftp, &job->handle, job->at, (size_t)got, job_call(work, job)),
	       piece, (size_t)got);
	job->at += got;
	job->left -= got;
	work->sent += got;
	job_secure(work, job);
	return true;
}

/* Does what can be done for one file; false when there is no room for more. */
static bool job_go(struct sftp_put *work, struct file_job *job)
{
	while (job->open && !job->closing && work->trouble.status == STATUS_OK) {
		if (sftp_room(work->sftp) < 8 || sftp_waiting(work->sftp) >= WAITING_HIGH)
			return false;
		if (job->left > 0 && !job_write(work, job))
			return false;
		if (job->left == 0 && !next_extent(work, job))
			job_close(work, job);
	}
	return true;
}

bool sftp_put_resumes(struct sftp_put *work, const char *name, const struct sftp_attrs *attrs)
{
	const char *dot = strchr(name, '.');
	char *end = NULL;
	long long size = dot ? strtoll(dot + 1, &end, 10) : 0;

	if (size <= 0 || *end || attrs->size < size || !S_ISREG(attrs->mode) || (attrs->mode & 0600) != 0600)
		return false;
	for (size_t i = 0; i < work->plan->count; i++) {
		const struct tree_entry *entry = &work->put->args.tree->at[i];
		char mark[PART_MARK_SIZE];

		if (!travels(work, i) || !part_is_kept(entry) || work->safe[i] > 0 ||
		    size >= entry->size)
			continue;
		part_mark(mark, entry);
		if (strlen(mark) != (size_t)(dot - name) || memcmp(mark, name, strlen(mark)) != 0)
			continue;
		work->safe[i] = size;
		return true;
	}
	return false;
}

bool sftp_step_files(struct sftp_put *work)
{
	bool idle = true;

	for (size_t i = 0; i < FILE_JOBS && work->trouble.status == STATUS_OK; i++) {
		struct file_job *job = &work->jobs[i];

		if (job->busy && !job_go(work, job))
			return false;
		while (!job->busy && work->cursor < work->plan->count) {
			if (sftp_room(work->sftp) < 8)
				return false;
			if (travels(work, work->cursor))
				job_begin(work, job, work->cursor);
			work->cursor++;
		}
		idle = idle && !job->busy;
	}
	return idle;
}

/* --- a full disk has no status of its own --- */

static void space_seen(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct sftp_put *work = ctx;
	char *colon;

	(void)tag;
	if (reply->status != SFTP_OK || (reply->free_blocks > 0 && reply->free_files > 0))
		return;
	colon = strrchr(work->trouble.text, ':');
	if (colon)
		snprintf(colon, sizeof(work->trouble.text) - (size_t)(colon - work->trouble.text),
			 ": No space left on device");
}

bool sftp_step_space(struct sftp_put *work)
{
	if (work->maybe_full && work->staged && sftp_offers(work->sftp, SFTP_STATVFS))
		sftp_statvfs(work->sftp, work->stage, (struct sftp_call){space_seen, work, 0});
	return true;
}

/* --- what is to be replaced, one file after the other --- */

static void old_read(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct sftp_put *work = ctx;

	(void)tag;
	if (reply->status == SFTP_OK && reply->count > 0 &&
	    olds_length(work->olds, work->cursor) <= OLD_FILE_MAX) {
		olds_add(work->olds, work->cursor, reply->bytes, reply->count);
		sftp_read(work->sftp, &work->old, olds_length(work->olds, work->cursor),
			  SFTP_PIECE, (struct sftp_call){old_read, work, 0});
		return;
	}
	if (reply->status == SFTP_EOF)
		olds_end(work->olds, work->cursor);
	sftp_close(work->sftp, &work->old, sftp_put_may());
	work->cursor++;
	work->old_busy = false;
}

static void old_opened(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct sftp_put *work = ctx;

	(void)tag;
	if (sftp_take_handle(reply, &work->old)) {
		sftp_read(work->sftp, &work->old, 0, SFTP_PIECE,
			  (struct sftp_call){old_read, work, 0});
		return;
	}
	work->cursor++;
	work->old_busy = false;
}

bool sftp_step_old(struct sftp_put *work)
{
	char *name;

	if (work->old_busy)
		return false;
	while (work->cursor < work->plan->count && !olds_at(work->olds, work->cursor)->wanted)
		work->cursor++;
	if (work->cursor == work->plan->count)
		return true;
	work->old_busy = true;
	name = sftp_put_name(work, work->cursor);
	sftp_open(work->sftp, name, false, (struct sftp_call){old_opened, work, 0});
	free(name);
	return false;
}
