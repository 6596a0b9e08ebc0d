/* The sums of what is here, made on another thread: for gigabytes they take seconds, in which other
 * servers have something to say. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/transfer_get.h"

#define SUMMING_MAX 4

/* Sums under way; they may outlive their task. */
struct get_sums {
	uv_work_t work;
	struct transfer_get *get;
	struct get_sums *next;	/* it waits for its turn before that one */
	struct get_task *task;	/* NULL: gone */
	atomic_bool gone;	/* the same, for the thread */
	struct listing listing; /* the task's own, for as long as this takes */
	struct buf answer;	/* sums of the server's files */
	struct tree_entry part; /* or a part of a file; no path: the listing is meant */
	int64_t have;
	unsigned char hash[TREE_HASH_SIZE];
	struct err err;
};

static void sums_work(uv_work_t *work)
{
	struct get_sums *sums = work->data;

	if (atomic_load(&sums->gone))
		return;
	if (sums->part.path)
		tree_hash_part(&sums->part, sums->have, sums->hash, &sums->err);
	else
		listing_read_sums(&sums->listing, &sums->answer, &sums->gone);
}

static void sums_go(struct transfer_get *get);

static void sums_done(uv_work_t *work, int status)
{
	struct get_sums *sums = work->data;
	struct get_task *task = sums->task;
	bool made = status == 0 && sums->err.status == STATUS_OK;

	sums->get->summing--;
	sums_go(sums->get);
	if (task) {
		task->sums = NULL;
		if (sums->part.path) {
			get_task_summed(task, made ? sums->hash : NULL);
		} else {
			task->listing = sums->listing;
			memset(&sums->listing, 0, sizeof(sums->listing));
			get_task_compared(task);
		}
	}
	listing_finish(&sums->listing);
	buf_finish(&sums->answer);
	free(sums->part.path);
	free(sums);
}

/* So many at a time: other work of the same threads has somebody waiting for it. */
static void sums_go(struct transfer_get *get)
{
	while (get->summing < SUMMING_MAX && get->sums) {
		struct get_sums *sums = get->sums;

		get->sums = sums->next;
		if (!get->sums)
			get->sums_last = &get->sums;
		get->summing++;
		uv_queue_work(run_loop(get->run), &sums->work, sums_work, sums_done);
	}
}

static void sums_start(struct get_sums *sums)
{
	struct transfer_get *get = sums->get;

	*get->sums_last = sums;
	get->sums_last = &sums->next;
	sums_go(get);
}

static struct get_sums *sums_create(struct get_task *task)
{
	struct get_sums *sums = mem_zero(1, sizeof(*sums));

	sums->get = task->get;
	sums->work.data = sums;
	sums->task = task;
	buf_init(&sums->answer);
	task->sums = sums;
	return sums;
}

void get_sums_compare(struct get_task *task)
{
	struct get_sums *sums = sums_create(task);

	sums->listing = task->listing;
	memset(&task->listing, 0, sizeof(task->listing));
	buf_add(&sums->answer, task->out.at, task->out.len);
	sums_start(sums);
}

void get_sums_part(struct get_task *task)
{
	struct get_sums *sums = sums_create(task);

	tail_part(&task->tail, &sums->part);
	sums->have = task->tail.have;
	sums_start(sums);
}

void get_sums_forget(struct get_task *task)
{
	if (!task->sums)
		return;
	task->sums->task = NULL;
	atomic_store(&task->sums->gone, true);
	task->sums = NULL;
}
