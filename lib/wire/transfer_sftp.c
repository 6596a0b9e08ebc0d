/* The course of a copy over SFTP, and its first part: what is there. */
#include "lib/wire/transfer_sftp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/wire/transfer_sftp_put.h"

#define STAGE_PREFIX ".mroom-copy."

char *sftp_put_below(const struct sftp_put *work, const char *name)
{
	const char *slash = work->dir[strlen(work->dir) - 1] == '/' ? "" : "/";

	return mem_format("%s%s%s", work->dir, slash, name);
}

char *sftp_put_name(const struct sftp_put *work, size_t index)
{
	char *name = mem_format("%s%s", work->top, work->put->args.tree->at[index].suffix);
	char *path = sftp_put_below(work, name);

	free(name);
	return path;
}

void sftp_put_fail(struct sftp_put *work, const char *what, const char *why)
{
	if (work->trouble.status == STATUS_OK)
		err_set(&work->trouble, STATUS_FAILED, "%s: %s", what, why);
}

static void must(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct sftp_put *work = ctx;
	char *name;

	if (reply->status == SFTP_OK)
		return;
	name = tag < work->plan->count ? sftp_put_name(work, tag) : mem_text(work->stage);
	sftp_put_fail(work, name, sftp_words(reply));
	free(name);
}

struct sftp_call sftp_put_must(struct sftp_put *work, size_t index)
{
	return (struct sftp_call){must, work, index};
}

static void may(void *ctx, size_t tag, struct sftp_reply *reply)
{
	(void)ctx;
	(void)tag;
	(void)reply;
}

struct sftp_call sftp_put_may(void)
{
	return (struct sftp_call){may, NULL, 0};
}

/* --- where it goes --- */

static void place_seen(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct sftp_put *work = ctx;
	bool dir = reply->status == SFTP_OK && S_ISDIR(reply->attrs.mode);

	if (tag == 0) {
		work->place_there = reply->status == SFTP_OK;
		work->place_dir = dir;
	} else {
		work->base_dir = dir;
	}
}

static bool step_place(struct sftp_put *work)
{
	const struct transfer_put *put = work->put;

	sftp_stat(work->sftp, put->place, true, (struct sftp_call){place_seen, work, 0});
	sftp_stat(work->sftp, put->base, true, (struct sftp_call){place_seen, work, 1});
	return true;
}

/* "12", "12:34", ":34": only numbers travel. */
static bool read_owner(const char *owner, struct plan *plan)
{
	char *end;

	if (*owner != ':')
		plan->owner_uid = strtol(owner, &end, 10);
	else
		end = (char *)owner;
	if (*end == ':' && end[1])
		plan->owner_gid = strtol(end + 1, &end, 10);
	return !*end && (*owner == ':' || (*owner >= '0' && *owner <= '9'));
}

static bool step_kind(struct sftp_put *work)
{
	const struct transfer_put *put = work->put;
	const char *owner = put->args.owner;
	bool into = put->args.kind != TRANSFER_AUTO || work->place_dir;

	work->plan->into = into;
	work->dir = into ? put->place : put->base;
	work->top = into ? put->args.name : put->top;
	work->stage = mem_format(STAGE_PREFIX "%s", put->key);
	if (into && work->place_there && !work->place_dir)
		sftp_put_fail(work, put->place, "not a directory");
	else if (!into && !work->base_dir)
		sftp_put_fail(work, put->base, "no such directory");
	else if (owner && !read_owner(owner, work->plan))
		sftp_put_fail(work, owner,
			      "over SFTP an owner has to be told by numbers: UID or UID:GID");
	return true;
}

/* --- what is there --- */

static void link_seen(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct sftp_put *work = ctx;
	const char *target = work->put->args.tree->at[tag].target;
	struct sftp_name name;

	if (reply->status == SFTP_OK && sftp_next_name(reply, &name) &&
	    name.size == strlen(target) && !memcmp(name.name, target, name.size))
		work->plan->at[tag].same_target = true;
}

static void entry_seen(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct sftp_put *work = ctx;
	struct plan_entry *there = &work->plan->at[tag];
	char *name;

	if (reply->status != SFTP_OK)
		return;
	there->there = true;
	there->mode = reply->attrs.has & SFTP_HAS_MODE ? reply->attrs.mode : S_IFREG | 0644;
	there->uid = reply->attrs.uid;
	there->gid = reply->attrs.gid;
	there->size = reply->attrs.size;
	there->mtime = reply->attrs.mtime;
	if (!S_ISLNK(there->mode) || !work->put->args.tree->at[tag].target)
		return;
	name = sftp_put_name(work, tag);
	sftp_readlink(work->sftp, name, (struct sftp_call){link_seen, work, tag});
	free(name);
}

static bool target_there(const struct sftp_put *work)
{
	return !work->plan->into || work->place_there;
}

static bool step_look(struct sftp_put *work)
{
	if (!target_there(work))
		return true;
	for (; work->cursor < work->plan->count && sftp_room(work->sftp) > 0; work->cursor++) {
		char *name = sftp_put_name(work, work->cursor);

		sftp_stat(work->sftp, name, false,
			  (struct sftp_call){entry_seen, work, work->cursor});
		free(name);
	}
	return work->cursor == work->plan->count;
}

/* --- what else is there --- */

static void name_found(void *ctx, const char *path, const char *name,
		       const struct sftp_attrs *attrs)
{
	struct sftp_put *work = ctx;
	char *whole = mem_format("%s/%s", path, name), *below = sftp_put_below(work, "");
	const char *rest = whole + strlen(below);

	(void)attrs;
	if (!strncmp(whole, "//", 2)) /* the root's own slash */
		rest = whole + 2;
	if (!map_get(work->names, rest) && strncmp(rest, STAGE_PREFIX, strlen(STAGE_PREFIX)) != 0)
		list_take(&work->plan->extra, mem_format("./%s", rest));
	free(below);
	free(whole);
}

static bool step_extra(struct sftp_put *work)
{
	const struct tree *tree = work->put->args.tree;

	if (!work->put->args.wish.delete || !target_there(work))
		return true;
	if (!work->names) {
		work->names = map_create();
		work->lister.found = name_found;
		lister_add(&work->lister, work->dir);
		for (size_t i = 0; i < tree->count; i++) {
			char *name = sftp_put_name(work, i);

			map_mark(work->names, tree->at[i].suffix);
			if (tree->at[i].type == TREE_DIR && S_ISDIR(work->plan->at[i].mode))
				lister_add(&work->lister, name);
			free(name);
		}
	}
	return lister_go(&work->lister);
}

static bool step_decide(struct sftp_put *work)
{
	plan_decide(work->plan, work->put->args.tree, &work->wish);
	return true;
}

static bool (*const look_steps[])(struct sftp_put *work) = {step_place, step_kind,   step_look,
							    step_extra, step_decide, NULL};

/* --- its course --- */

static void welcome(void *ctx)
{
	(void)ctx;
}

struct sftp_put *sftp_put_create(struct transfer_put *put, struct plan *plan)
{
	struct sftp_put *work = mem_zero(1, sizeof(*work));
	size_t count = put->args.tree->count;

	work->put = put;
	work->plan = plan;
	work->wish = put->args.wish;
	work->wish.quick = true;
	memset(plan, 0, sizeof(*plan));
	plan->owner_uid = plan->owner_gid = -1;
	plan->count = count;
	plan->at = mem_zero(count ? count : 1, sizeof(*plan->at));
	work->made = mem_zero(count ? count : 1, 1);
	work->safe = mem_zero(count ? count : 1, sizeof(*work->safe));
	work->sftp = sftp_create(welcome, work);
	work->lister.sftp = work->sftp;
	work->lister.ctx = work;
	work->steps = look_steps;
	return work;
}

void sftp_put_destroy(struct sftp_put *work)
{
	if (!work)
		return;
	sftp_destroy(work->sftp);
	lister_finish(&work->lister);
	list_finish(&work->files);
	list_finish(&work->dirs);
	map_destroy(work->names);
	free(work->made);
	free(work->safe);
	free(work->stage);
	free(work->probe);
	free(work);
}

static void begin(struct sftp_put *work, bool (*const *steps)(struct sftp_put *work))
{
	work->steps = steps;
	work->cursor = 0;
	work->asked = false;
}

/* What has failed is cleared up, once all that was asked for is answered. */
static bool turn_to_clearing(struct sftp_put *work)
{
	if (work->trouble.status == STATUS_OK || work->clearing)
		return true;
	if (!sftp_quiet(work->sftp))
		return false;
	work->clearing = true;
	begin(work, sftp_clear_steps);
	return true;
}

static void go(struct sftp_put *work)
{
	while (work->steps && sftp_room(work->sftp) >= 4 && turn_to_clearing(work)) {
		work->asked = work->asked || (*work->steps)(work);
		if (!work->asked || !sftp_quiet(work->sftp))
			return;
		/* What failed meanwhile is seen to at the next turn. */
		if (work->trouble.status == STATUS_OK || work->clearing)
			begin(work, work->steps[1] ? work->steps + 1 : NULL);
	}
}

void sftp_put_feed(struct sftp_put *work, const char *bytes, size_t count)
{
	struct err err = ERR_INIT;

	if (!sftp_feed(work->sftp, bytes, count, &err)) {
		go(work);
		return;
	}
	work->trouble = err;
	work->steps = NULL;
}

size_t sftp_put_take(struct sftp_put *work, char *into, size_t room)
{
	size_t count = 0, got;

	do {
		go(work);
		got = sftp_take(work->sftp, into + count, room - count);
		count += got;
	} while (got > 0 && count < room);
	return count;
}

enum sftp_put_state sftp_put_state(const struct sftp_put *work)
{
	if (work->steps)
		return SFTP_PUT_BUSY;
	if (work->trouble.status != STATUS_OK)
		return SFTP_PUT_FAILED;
	return work->sending ? SFTP_PUT_DONE : SFTP_PUT_LOOKED;
}

void sftp_put_send(struct sftp_put *work)
{
	work->sending = true;
	begin(work, sftp_place_steps);
}

void sftp_put_fetch(struct sftp_put *work, struct olds *olds)
{
	static bool (*const steps[])(struct sftp_put *) = {sftp_step_old, NULL};

	work->olds = olds;
	begin(work, steps);
}

int64_t sftp_put_sent(const struct sftp_put *work)
{
	return work->sent;
}

const struct err *sftp_put_trouble(const struct sftp_put *work)
{
	return &work->trouble;
}
