/* What all servers of a copy share: scripts, names, hashing on another thread, and the limit of
 * bytes a second. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/wire/transfer_put.h"

#define REFILL_MS 50
#define SHARE_MIN 1024 /* of a server, in its turn */

static void hash_work(uv_work_t *work)
{
	struct transfer_put *put = work->data;

	tree_hash(put->hashing, put->hash, &put->hash_err);
}

static void hashes_ready(struct transfer_put *put)
{
	struct put_task *task;

	/* A task that goes on may end, and take others with it. */
	do {
		task = put->tasks;
		while (task && task->phase != PUT_HASH)
			task = task->next;
		if (task)
			put_task_decide(task);
	} while (task);
}

static void hash_done(uv_work_t *work, int status)
{
	struct transfer_put *put = work->data;
	struct tree_entry *entry = put->hashing;

	put->hashing = NULL;
	if (status == 0 && put->hash_err.status == STATUS_OK) {
		memcpy(entry->hash, put->hash, sizeof(entry->hash));
		entry->hashed = true;
	} else {
		run_fail(put->run, &put->hash_err);
		return;
	}
	put_hash(put);
}

void put_hash(struct transfer_put *put)
{
	struct tree *tree = put->args.tree;

	if (put->hashing)
		return;
	for (size_t i = 0; i < tree->count; i++) {
		if (!put->wanted[i])
			continue;
		put->wanted[i] = false;
		put->hashing = &tree->at[i];
		put->work.data = put;
		uv_queue_work(put->loop, &put->work, hash_work, hash_done);
		return;
	}
	hashes_ready(put);
}

/* Names what a copy leaves behind when it is cut short, for the next one to find: no other copy's
 * names are the same. */
static void put_key(struct transfer_put *put)
{
	const struct tree *tree = put->args.tree;
	struct buf what = BUF_INIT;
	unsigned char hash[crypto_generichash_BYTES];
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	buf_format(&what, "%s%c%s%c%s%c%s", host, 0, put->console->home.dir, 0, put->place, 0,
		   put->args.name);
	for (size_t i = 0; i < tree->count; i++)
		if (!strchr(tree->at[i].suffix, '/'))
			buf_add(&what, tree->at[i].suffix, strlen(tree->at[i].suffix) + 1);
	crypto_generichash(hash, sizeof(hash), (unsigned char *)what.at, what.len, NULL, 0);
	sodium_bin2hex(put->key, sizeof(put->key), hash, sizeof(put->key) / 2);
	buf_finish(&what);
}

/* --- the limit: the timer alone hands out what may go, in equal parts and in turn --- */

/* Goes on where the turn is: NULL at its end. */
static struct put_task *next_in_turn(struct transfer_put *put)
{
	struct put_task *task = put->turn;

	while (task && task->phase < PUT_SEND)
		task = task->next;
	put->turn = task ? task->next : NULL;
	return task;
}

static size_t count_sending(const struct transfer_put *put)
{
	size_t count = 0;

	for (const struct put_task *task = put->tasks; task; task = task->next)
		count += task->phase >= PUT_SEND;
	return count;
}

/* One may take so much: how much it did. It may end, and others with it. */
static int64_t feed(struct transfer_put *put, struct put_task *task, int64_t share)
{
	put->share = share;
	session_feed(task->session);
	share -= put->share;
	put->share = 0;
	return share;
}

static void refill(uv_timer_t *timer)
{
	struct transfer_put *put = timer->data;
	int64_t left = pace_at(&put->pace, clock_mono_ms()), took;
	size_t sending = count_sending(put);
	int64_t share = left / (int64_t)(sending ? sending : 1);
	bool idle = false;

	if (share < SHARE_MIN)
		share = SHARE_MIN;
	while (left > 0) {
		struct put_task *task = next_in_turn(put);

		if (!task && idle)
			break;
		if (!task) { /* a turn is over, and if nobody took anything in the next, that is all */
			put->turn = put->tasks;
			idle = true;
			continue;
		}
		took = feed(put, task, share < left ? share : left);
		idle = idle && took == 0;
		left -= took;
		pace_use(&put->pace, took);
	}
	if (count_sending(put) > 0)
		uv_timer_start(timer, refill, REFILL_MS, 0);
}

/* The timer does not keep the run from ending. */
void put_share_begin(struct transfer_put *put, uv_loop_t *loop)
{
	put->loop = loop;
	pace_init(&put->pace, put->args.rate);
	uv_timer_init(loop, &put->refill);
	uv_unref((uv_handle_t *)&put->refill);
	put->refill.data = put;
}

size_t put_allow(struct transfer_put *put, size_t room)
{
	if (put->args.rate == 0)
		return room;
	if (put->share == 0 && !uv_is_active((uv_handle_t *)&put->refill)) {
		pace_at(&put->pace, clock_mono_ms());
		uv_timer_start(&put->refill, refill, REFILL_MS, 0);
	}
	if ((int64_t)room > put->share)
		room = (size_t)put->share;
	put->share -= (int64_t)room;
	return room;
}

void put_spare(struct transfer_put *put, size_t count)
{
	if (put->args.rate > 0)
		put->share += (int64_t)count;
}

void put_tops(const struct transfer_put *put, const char *tops[2])
{
	tops[0] = put->top;
	tops[1] = put->args.name;
}

void transfer_show_name(struct buf *to, const struct transfer_put *put, const struct plan *plan,
			size_t index)
{
	const char *suffix = put->args.tree->at[index].suffix;
	char *name;

	if (!plan->into) {
		buf_format(to, "%s%s", put->place, suffix);
		return;
	}
	name = mem_format("%s%s", put->args.name, suffix);
	transfer_show_below(to, put, name);
	free(name);
}

void transfer_show_below(struct buf *to, const struct transfer_put *put, const char *name)
{
	const char *slash = put->place[strlen(put->place) - 1] == '/' ? "" : "/";

	buf_format(to, "%s%s%s", put->place, slash, name);
}

struct transfer_put *transfer_put_create(const struct transfer_put_args *args,
					 const struct console *console, struct err *err)
{
	struct transfer_put *put = mem_zero(1, sizeof(*put));

	put->args = *args;
	put->console = console;
	buf_init(&put->names);
	put->place = transfer_place(args->dest, console);
	transfer_split(put->place, &put->base, &put->top);
	for (size_t i = 0; i < args->tree->count; i++)
		buf_add(&put->names, args->tree->at[i].suffix,
			strlen(args->tree->at[i].suffix) + 1);
	put_key(put);
	put->wanted = mem_zero(args->tree->count + 1, sizeof(*put->wanted));
	put->window = window_create(args->tree, WINDOW_SIZE);
	put->look = remote_script(&console->home, "copy-look.sh", err);
	put->put = put->look ? remote_script(&console->home, "copy-put.sh", err) : NULL;
	put->go = put->put ? remote_script(&console->home, "copy-look.sh copy-go.sh copy-put.sh", err)
			   : NULL;
	put->get = put->go ? remote_script(&console->home, "copy-get.sh", err) : NULL;
	put->rest = put->get ? remote_script(&console->home, "copy-rest.sh", err) : NULL;
	if (put->rest)
		return put;
	transfer_put_destroy(put);
	return NULL;
}

void transfer_put_begin(struct transfer_put *put, struct run *run)
{
	put->run = run;
}

void transfer_put_destroy(struct transfer_put *put)
{
	if (!put)
		return;
	window_destroy(put->window);
	buf_finish(&put->names);
	free(put->wanted);
	free(put->look);
	free(put->put);
	free(put->go);
	free(put->get);
	free(put->rest);
	free(put->place);
	free(put->base);
	free(put->top);
	free(put);
}

void transfer_put_progress(const struct transfer_put *put, int64_t *sent, int64_t *total)
{
	*sent = put->sent;
	*total = put->total;
}

const struct tree *transfer_put_tree(const struct transfer_put *put)
{
	return put->args.tree;
}
