/* Files that were cut short earlier: each part that a server has is checked against what the file
 * here begins with, on another thread, and then what is missing is sent behind it. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/transfer_part.h"
#include "lib/wire/transfer_put.h"

/* A check under way; it may outlive its task. */
struct part_check {
	uv_work_t work;
	struct put_task *task; /* NULL: gone */
	const struct tree_entry *entry;
	const struct plan_part *part;
	int64_t size;
	unsigned char hash[TREE_HASH_SIZE];
	struct err err;
};

static void rest_next(struct put_task *task);

static bool is_sent(const struct plan *plan, size_t index)
{
	enum plan_what what = plan->at[index].what;

	return what == PLAN_CREATE || what == PLAN_CHANGE || what == PLAN_REPLACE;
}

/* The part is whole: it only has to be put in place. */
static void rest_through(struct put_task *task)
{
	task->plan.at[task->rest].resumed = true;
	task->rest++;
	rest_next(task);
}

static void rest_send(struct put_task *task, const struct plan_part *part)
{
	const struct transfer_put *put = task->put;
	const struct tree_entry *entry = &put->args.tree->at[task->rest];
	char size[24];
	const char *args[] = {task->plan.into ? put->place : put->base, part->name, size, NULL};

	task->put->total -= part->size;
	task->rest_at = part->size;
	if (part->size == entry->size) {
		rest_through(task);
		return;
	}
	snprintf(size, sizeof(size), "%lld", (long long)part->size);
	task->phase = PUT_REST;
	buf_clear(&task->err);
	session_script(task->session, put->rest, args);
}

static void check_work(uv_work_t *work)
{
	struct part_check *check = work->data;

	tree_hash_part(check->entry, check->size, check->hash, &check->err);
}

static void check_done(uv_work_t *work, int status)
{
	struct part_check *check = work->data;
	struct put_task *task = check->task;

	if (task) {
		task->check = NULL;
		if (status == 0 && check->err.status == STATUS_OK &&
		    !memcmp(check->hash, check->part->hash, TREE_HASH_SIZE)) {
			rest_send(task, check->part);
		} else {
			task->rest++;
			rest_next(task);
		}
	}
	free(check);
}

/* The next part that may be of use; when there is none, the rest travels as always. */
static void rest_next(struct put_task *task)
{
	struct transfer_put *put = task->put;
	const struct tree *tree = put->args.tree;

	for (; task->rest < tree->count; task->rest++) {
		const struct plan_part *part =
		    is_sent(&task->plan, task->rest)
			? part_find(&task->plan, put->key, &tree->at[task->rest])
			: NULL;
		struct part_check *check;

		if (!part)
			continue;
		check = mem_zero(1, sizeof(*check));
		check->work.data = check;
		check->task = task;
		check->entry = &tree->at[task->rest];
		check->part = part;
		check->size = part->size;
		task->check = check;
		uv_queue_work(put->loop, &check->work, check_work, check_done);
		return;
	}
	put_task_send(task);
}

void put_rest_begin(struct put_task *task)
{
	task->phase = PUT_CHECK;
	rest_next(task);
}

long put_rest_input(struct put_task *task, char *into, size_t room, bool *end, struct err *err)
{
	struct transfer_put *put = task->put;
	int64_t size = put->args.tree->at[task->rest].size;
	long got;

	if ((int64_t)room > size - task->rest_at)
		room = (size_t)(size - task->rest_at);
	got = window_read(put->window, task->rest, task->rest_at, into, room, err);
	if (got < 0)
		return -1;
	task->rest_at += got;
	task->rest_sent += got;
	*end = task->rest_at == size;
	return got;
}

/* What could not be continued is sent whole. */
void put_rest_ended(struct put_task *task, const struct ending *ending)
{
	task->phase = PUT_CHECK;
	if (ending->status == 0 && task->rest_at == task->put->args.tree->at[task->rest].size) {
		rest_through(task);
		return;
	}
	task->rest++;
	rest_next(task);
}

void put_rest_forget(struct put_task *task)
{
	if (task->check)
		task->check->task = NULL;
}
