/*
 * Output in the order of the servers (-L): that of the first one that is not done yet is shown as
 * it comes, that of those behind it waits for its turn.
 */
#ifndef MROOM_EXEC_ORDER_H
#define MROOM_EXEC_ORDER_H

#include <stdbool.h>

struct order;
struct task;
struct run;

struct order *order_create(void);
void order_destroy(struct order *order); /* NULL is allowed */

/* Tasks are added in the order they are to be shown in. */
void order_add(struct order *order, struct task *task);
/* Whether the task's turn has not come. NULL: there is no order, none waits. */
bool order_waits(const struct order *order, const struct task *task);
/* A task will say no more: shows what may be shown now, and calls task_free for those that are done
 * with. */
void order_done(struct order *order, struct task *task);

#endif
