#include "lib/wire/policy.h"

#include <limits.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"

#define AT(field) offsetof(struct policy_args, field)

/* The first further try comes after about this long, each later one after twice as long. */
#define RETRY_MS 500
#define RETRY_MAX_MS 30000

#define RETRIES                                                                                    \
	{0, "retries", OPT_INT, AT(retries), "N", "dial an unreachable server so many times more", \
	 NULL, 0, 1000, NULL}

const struct opt policy_opts[] = {
    {'k', "fail-fast", OPT_FLAG, AT(first), NULL,
     "stop everything at the first failure; what runs is killed", NULL, 0, 0, NULL},
    {0, "max-fail", OPT_TEXT, AT(max_fail), "N|P%", "begin no more when more than that have failed",
     NULL, 0, 0, NULL},
    {0, "batch", OPT_TEXT, AT(batch), "N|P%",
     "so many at a time, the next when all of them are done", NULL, 0, 0, NULL},
    {0, "canary", OPT_INT, AT(canary), "N", "so many first; all others only if all of these are ok",
     NULL, 1, LONG_MAX, NULL},
    {0, "pause", OPT_TIME, AT(pause_ms), "TIME", "wait so long between batches", NULL, 0, 0, NULL},
    RETRIES,
    {0, "random", OPT_FLAG, AT(random), NULL, "in random order", NULL, 0, 0, NULL},
    {0, NULL, OPT_END, 0, NULL, NULL, NULL, 0, 0, NULL},
};

const struct opt retry_opts[] = {
    RETRIES,
    {0, NULL, OPT_END, 0, NULL, NULL, NULL, 0, 0, NULL},
};

/* N or P% */
struct amount {
	long number;
	bool share;
};

/* A server that waits for its next try. */
struct again {
	uv_timer_t timer; /* first: closing it frees all of this */
	struct again *next;
	struct policy *policy;
	struct server server;
};

struct policy {
	const struct policy_args *args;
	const struct policy_events *events;
	void *ctx;
	struct amount max_fail, batch;
	struct server *at; /* first .. count: not released yet */
	size_t first, count, cap;
	size_t total, open, failed;
	size_t stage_left; /* that the stage may still release */
	bool canary, ended, stopped;
	uv_timer_t pause;
	bool pausing;
	struct again *again;
	size_t again_count;
	struct map *tries; /* id -> how many further ones there were, as a pointer */
};

static int amount_parse(const char *option, const char *text, long least, struct amount *amount,
			struct err *err)
{
	char *number = mem_text(text);
	size_t size = strlen(text);
	int result;

	amount->share = size > 0 && number[size - 1] == '%';
	if (amount->share)
		number[size - 1] = '\0';
	result = num_parse(number, least, amount->share ? 100 : LONG_MAX, &amount->number, err);
	free(number);
	return result
		   ? err_set(err, STATUS_USAGE,
			     "%s: '%s' is neither a number nor a share such as 10%%", option, text)
		   : 0;
}

int policy_check(const struct policy_args *args, struct err *err)
{
	struct amount ignored;

	if (args->max_fail && amount_parse("--max-fail", args->max_fail, 0, &ignored, err))
		return -1;
	if (args->batch && amount_parse("--batch", args->batch, 1, &ignored, err))
		return -1;
	if (args->pause_ms && !args->batch && !args->canary)
		return err_set(err, STATUS_USAGE,
			       "--pause stands between batches: it wants --batch or --canary");
	return 0;
}

struct policy *policy_create(uv_loop_t *loop, const struct policy_args *args,
			     const struct policy_events *events, void *ctx)
{
	struct policy *policy = mem_zero(1, sizeof(*policy));
	struct err ignored = ERR_INIT;

	policy->args = args;
	policy->events = events;
	policy->ctx = ctx;
	policy->tries = map_create();
	policy->canary = args->canary > 0;
	policy->stage_left = policy->canary ? (size_t)args->canary : 0;
	if (args->max_fail)
		amount_parse("", args->max_fail, 0, &policy->max_fail, &ignored);
	if (args->batch)
		amount_parse("", args->batch, 1, &policy->batch, &ignored);
	uv_timer_init(loop, &policy->pause);
	policy->pause.data = policy;
	return policy;
}

void policy_close(struct policy *policy)
{
	if (!uv_is_closing((uv_handle_t *)&policy->pause))
		uv_close((uv_handle_t *)&policy->pause, NULL);
}

void policy_destroy(struct policy *policy)
{
	if (!policy)
		return;
	for (; policy->first < policy->count; policy->first++)
		server_finish(&policy->at[policy->first]);
	map_destroy(policy->tries);
	free(policy->at);
	free(policy);
}

bool policy_collects(const struct policy *policy)
{
	return policy->args->random || policy->max_fail.share || policy->batch.share;
}

size_t policy_waiting(const struct policy *policy)
{
	return policy->count - policy->first;
}

size_t policy_total(const struct policy *policy)
{
	return policy->total;
}

bool policy_idle(const struct policy *policy)
{
	if (policy->first < policy->count || policy->again_count > 0)
		return false;
	return policy->stopped || !policy->args->retries || policy->open == 0;
}

/* A share of all servers: at least one, unless it is none at all. */
static size_t amount_of(const struct policy *policy, const struct amount *amount, bool up)
{
	size_t share = (policy->total * (size_t)amount->number + (up ? 99 : 0)) / 100;

	return amount->share ? share : (size_t)amount->number;
}

/* --- releasing --- */

static size_t stage_size(const struct policy *policy)
{
	return policy->args->batch ? amount_of(policy, &policy->batch, true) : SIZE_MAX;
}

static void release(struct policy *policy)
{
	if (policy->stopped || policy->pausing || (policy_collects(policy) && !policy->ended))
		return;
	if (policy->stage_left == 0 && policy->open == 0)
		policy->stage_left = stage_size(policy);
	while (!policy->stopped && policy->first < policy->count && policy->stage_left > 0) {
		struct server server = policy->at[policy->first++];

		policy->stage_left--;
		policy->open++;
		policy->events->release(policy->ctx, &server);
		server_finish(&server);
	}
	if (policy->first == policy->count)
		policy->first = policy->count = 0;
}

static void pause_over(uv_timer_t *timer)
{
	struct policy *policy = timer->data;

	policy->pausing = false;
	release(policy);
}

void policy_add(struct policy *policy, const struct server *server)
{
	if (policy->count == policy->cap) {
		policy->cap = policy->cap ? policy->cap * 2 : 64;
		policy->at = mem_resize(policy->at, policy->cap, sizeof(*policy->at));
	}
	server_copy(&policy->at[policy->count++], server);
	policy->total++;
	release(policy);
}

static void shuffle(struct policy *policy)
{
	for (size_t left = policy_waiting(policy); left > 1; left--) {
		struct server *a = &policy->at[policy->first + left - 1];
		struct server *b = &policy->at[policy->first + randombytes_uniform((uint32_t)left)];
		struct server swap = *a;

		*a = *b;
		*b = swap;
	}
}

void policy_end(struct policy *policy)
{
	policy->ended = true;
	if (policy->args->random)
		shuffle(policy);
	release(policy);
}

bool policy_skip(struct policy *policy, struct server *server)
{
	policy->stopped = true;
	if (policy->again) {
		struct again *again = policy->again;

		*server = again->server;
		policy->again = again->next;
		policy->again_count--;
		uv_close((uv_handle_t *)&again->timer, (uv_close_cb)free);
		return true;
	}
	if (policy->first == policy->count)
		return false;
	*server = policy->at[policy->first++];
	return true;
}

/* --- trying again --- */

static void try_again(uv_timer_t *timer)
{
	struct again *again = timer->data, **at = &again->policy->again;
	struct policy *policy = again->policy;

	while (*at != again)
		at = &(*at)->next;
	*at = again->next;
	policy->again_count--;
	policy->events->release(policy->ctx, &again->server);
	server_finish(&again->server);
	uv_close((uv_handle_t *)timer, (uv_close_cb)free);
}

/* Only what never began: a command is not run twice. */
static bool retry(struct policy *policy, const struct server *server, const struct result *result)
{
	uintptr_t tries = (uintptr_t)map_get(policy->tries, server->id);
	uint64_t delay = (uint64_t)RETRY_MS << (tries < 6 ? tries : 6);
	struct again *again;

	if (policy->stopped || result->outcome != OUTCOME_UNREACHABLE || result->begun ||
	    (long)tries >= policy->args->retries)
		return false;
	map_set(policy->tries, server->id, (void *)(tries + 1));
	again = mem_zero(1, sizeof(*again));
	again->policy = policy;
	server_copy(&again->server, server);
	again->next = policy->again;
	policy->again = again;
	policy->again_count++;
	delay = delay < RETRY_MAX_MS ? delay : RETRY_MAX_MS;
	uv_timer_init(policy->pause.loop, &again->timer);
	again->timer.data = again;
	uv_timer_start(&again->timer, try_again, delay / 2 + randombytes_uniform((uint32_t)delay),
		       0);
	return true;
}

/* --- stopping --- */

static void stop(struct policy *policy, bool kill, const char *why)
{
	policy->stopped = true;
	policy->events->stop(policy->ctx, kill, why);
}

static void judge(struct policy *policy)
{
	char why[160];

	if (policy->args->first) {
		stop(policy, true, "stopped at the first failure (-k)");
	} else if (policy->args->max_fail &&
		   policy->failed > amount_of(policy, &policy->max_fail, false)) {
		snprintf(why, sizeof(why), "stopped: %zu of %zu failed (--max-fail %s)",
			 policy->failed, policy->total, policy->args->max_fail);
		stop(policy, false, why);
	}
}

/* All of a stage are done: the next begins, unless they were canaries and one of them fell. */
static void next_stage(struct policy *policy)
{
	if (policy->canary && policy->failed > 0) {
		stop(policy, false, "stopped: a canary failed (--canary)");
		return;
	}
	policy->canary = false;
	/* Ids may still arrive. */
	if (policy->args->pause_ms > 0 && (policy->first < policy->count || !policy->ended)) {
		policy->pausing = true;
		uv_timer_start(&policy->pause, pause_over, (uint64_t)policy->args->pause_ms, 0);
	} else {
		release(policy);
	}
}

bool policy_closed(struct policy *policy, const struct server *server, const struct result *result)
{
	if (retry(policy, server, result))
		return true;
	policy->open--;
	if (policy->stopped)
		return false;
	if (result->outcome != OUTCOME_OK && result->outcome != OUTCOME_CANCELLED &&
	    result->outcome != OUTCOME_SKIPPED) {
		policy->failed++;
		judge(policy);
	}
	if (!policy->stopped && policy->open == 0 && policy->stage_left == 0)
		next_stage(policy);
	return false;
}
