/* What all servers of a fetch share: scripts and names, the limit of bytes a second, and how far it
 * is. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/wire/transfer_get.h"

#define REFILL_MS 50

/* --- the limit: while too much has come, nothing is taken from any server --- */

static void refill(uv_timer_t *timer)
{
	struct transfer_get *get = timer->data;

	if (pace_at(&get->pace, clock_mono_ms()) > 0)
		run_pause(get->run, false);
	else
		uv_timer_start(timer, refill, REFILL_MS, 0);
}

void get_pace(struct transfer_get *get, size_t count)
{
	if (get->args.rate == 0)
		return;
	pace_at(&get->pace, clock_mono_ms());
	pace_use(&get->pace, (int64_t)count);
	if (pace_at(&get->pace, clock_mono_ms()) > 0 || uv_is_active((uv_handle_t *)&get->refill))
		return;
	run_pause(get->run, true);
	uv_timer_start(&get->refill, refill, REFILL_MS, 0);
}

/* --- how far it is --- */

void get_want(struct get_task *task, int64_t bytes)
{
	task->wanted += bytes;
	task->get->total += bytes;
}

void get_count(struct get_task *task)
{
	int64_t came = task->take ? take_came(task->take) : 0;

	task->get->came += came - task->came;
	task->came = came;
}

void get_join(struct get_task *task)
{
	task->get->tasks++;
}

void get_leave(struct get_task *task)
{
	struct transfer_get *get = task->get;

	get_want(task, task->came - task->wanted);
	if (--get->tasks > 0 || !uv_is_active((uv_handle_t *)&get->refill))
		return;
	/* Nobody is left whom the limit could hold back. */
	uv_timer_stop(&get->refill);
	run_pause(get->run, false);
}

void transfer_get_progress(const struct transfer_get *get, int64_t *came, int64_t *total)
{
	*came = get->came;
	*total = get->total;
}

struct transfer_get *transfer_get_create(const struct transfer_get_args *args,
					 const struct console *console, struct err *err)
{
	static const char *const names[SCRIPTS] = {"copy-list.sh", "copy-sums.sh", "copy-tail.sh",
						   "copy-get.sh"};
	struct transfer_get *get = mem_zero(1, sizeof(*get));
	size_t i = 0;

	get->args = *args;
	get->console = console;
	get->sums_last = &get->sums;
	get->place = transfer_place(args->source, console);
	transfer_split(get->place, &get->base, &get->top);
	while (i < SCRIPTS &&
	       (get->scripts[i] = remote_script(&console->home, names[i], err)) != NULL)
		i++;
	if (i == SCRIPTS && *get->top && strcmp(get->top, "..") != 0)
		return get;
	if (i == SCRIPTS)
		err_set(err, STATUS_USAGE, "%s: name what is to be fetched", args->source);
	transfer_get_destroy(get);
	return NULL;
}

void transfer_get_begin(struct transfer_get *get, struct run *run)
{
	get->run = run;
	pace_init(&get->pace, get->args.rate);
	uv_timer_init(run_loop(run), &get->refill);
	get->refill.data = get;
}

void transfer_get_destroy(struct transfer_get *get)
{
	if (!get)
		return;
	for (size_t i = 0; i < SCRIPTS; i++)
		free(get->scripts[i]);
	free(get->place);
	free(get->base);
	free(get->top);
	free(get);
}
