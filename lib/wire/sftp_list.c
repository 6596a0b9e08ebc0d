#include "lib/wire/sftp_list.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

void lister_add(struct lister *lister, const char *path)
{
	list_add(&lister->paths, path);
}

static void ignore(void *ctx, size_t tag, struct sftp_reply *reply)
{
	(void)ctx;
	(void)tag;
	(void)reply;
}

static void job_failed(struct lister *lister, const struct lister_job *job,
		       const struct sftp_reply *reply)
{
	if (lister->failed)
		lister->failed(lister->ctx, lister->paths.at[job->index], reply);
}

static void names_read(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct lister *lister = ctx;
	struct lister_job *job = &lister->jobs[tag];
	struct sftp_name name;

	if (reply->status != SFTP_OK || reply->count == 0) {
		if (reply->status != SFTP_OK && reply->status != SFTP_EOF)
			job_failed(lister, job, reply);
		sftp_close(lister->sftp, &job->handle, (struct sftp_call){ignore, NULL, 0});
		job->busy = false;
		return;
	}
	while (sftp_next_name(reply, &name)) {
		char *text = mem_text_n(name.name, name.size);

		/* A path where a name should be would lead elsewhere. */
		if (*text && strcmp(text, ".") != 0 && strcmp(text, "..") != 0 &&
		    !strchr(text, '/') && strlen(text) == name.size)
			lister->found(lister->ctx, lister->paths.at[job->index], text, &name.attrs);
		free(text);
	}
	sftp_readdir(lister->sftp, &job->handle, (struct sftp_call){names_read, lister, tag});
}

static void dir_opened(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct lister *lister = ctx;
	struct lister_job *job = &lister->jobs[tag];

	if (sftp_take_handle(reply, &job->handle)) {
		sftp_readdir(lister->sftp, &job->handle,
			     (struct sftp_call){names_read, lister, tag});
		return;
	}
	job_failed(lister, job, reply);
	job->busy = false;
}

bool lister_go(struct lister *lister)
{
	bool idle = true;

	for (size_t i = 0; i < LISTER_JOBS; i++) {
		struct lister_job *job = &lister->jobs[i];

		if (!job->busy && lister->next < lister->paths.count && sftp_room(lister->sftp)) {
			job->busy = true;
			job->index = lister->next++;
			sftp_opendir(lister->sftp, lister->paths.at[job->index],
				     (struct sftp_call){dir_opened, lister, i});
		}
		idle = idle && !job->busy;
	}
	return idle && lister->next == lister->paths.count;
}

void lister_finish(struct lister *lister)
{
	list_finish(&lister->paths);
}
