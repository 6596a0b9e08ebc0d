#include "cmd/exec/order.h"

#include <stdlib.h>

#include "cmd/exec/exec.h"
#include "lib/base/mem.h"

struct order {
	struct task **at;
	size_t head, count, cap;
};

struct order *order_create(void)
{
	return mem_zero(1, sizeof(struct order));
}

void order_destroy(struct order *order)
{
	if (!order)
		return;
	for (size_t i = order->head; i < order->count; i++)
		task_free(order->at[i]);
	free(order->at);
	free(order);
}

void order_add(struct order *order, struct task *task)
{
	if (order->count == order->cap) {
		order->cap = order->cap ? order->cap * 2 : 64;
		order->at = mem_resize(order->at, order->cap, sizeof(struct task *));
	}
	order->at[order->count++] = task;
}

bool order_waits(const struct order *order, const struct task *task)
{
	return order && order->head < order->count && order->at[order->head] != task;
}

void order_done(struct order *order, struct task *task)
{
	task->closed = true;
	while (order->head < order->count) {
		task = order->at[order->head];
		pile_push(&task->held_err, run_err(task->exec->run));
		pile_push(&task->held_out, run_out(task->exec->run));
		if (!task->closed)
			break;
		task_free(task);
		order->head++;
	}
}
