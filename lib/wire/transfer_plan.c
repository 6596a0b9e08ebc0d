#include "lib/wire/transfer_plan.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/mem.h"

static bool same_kind(const struct tree_entry *entry, const struct plan_entry *there)
{
	switch (entry->type) {
	case TREE_FILE:
		return S_ISREG(there->mode);
	case TREE_DIR:
		return S_ISDIR(there->mode);
	default:
		return S_ISLNK(there->mode);
	}
}

/* Whether size and time leave the question open. */
static bool needs_hash(const struct tree_entry *entry, const struct plan_entry *there,
		       const struct plan_wish *wish)
{
	return entry->type == TREE_FILE && there->there && same_kind(entry, there) &&
	       there->size == entry->size && there->hashed &&
	       !(wish->quick && there->mtime == entry->mtime);
}

size_t plan_wants_hashes(const struct plan *plan, const struct tree *tree,
			 const struct plan_wish *wish, bool *wanted)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->count; i++) {
		if (tree->at[i].hashed || !needs_hash(&tree->at[i], &plan->at[i], wish))
			continue;
		wanted[i] = true;
		count++;
	}
	return count;
}

unsigned plan_mode(const struct tree_entry *entry, const struct plan_wish *wish)
{
	return entry->type == TREE_FILE && wish->mode >= 0 ? (unsigned)wish->mode : entry->mode;
}

static bool same_contents(const struct tree_entry *entry, const struct plan_entry *there,
			  const struct plan_wish *wish)
{
	switch (entry->type) {
	case TREE_DIR:
		return true;
	case TREE_LINK:
		return there->same_target;
	default:
		break;
	}
	if (there->size != entry->size)
		return false;
	if (wish->quick && there->mtime == entry->mtime)
		return true;
	return there->hashed && entry->hashed && !memcmp(there->hash, entry->hash, TREE_HASH_SIZE);
}

static bool same_attributes(const struct plan *plan, const struct tree_entry *entry,
			    const struct plan_entry *there, const struct plan_wish *wish)
{
	if (wish->owner && entry->type != TREE_LINK &&
	    ((plan->owner_uid >= 0 && there->uid != plan->owner_uid) ||
	     (plan->owner_gid >= 0 && there->gid != plan->owner_gid)))
		return false;
	/* A link's own mode and time mean nothing; a directory's time is whatever was last done in
	 * it. */
	if (entry->type == TREE_LINK)
		return true;
	return (there->mode & 07777) == plan_mode(entry, wish) &&
	       (entry->type == TREE_DIR || there->mtime == entry->mtime);
}

void plan_decide(struct plan *plan, const struct tree *tree, const struct plan_wish *wish)
{
	plan->sends = plan->attributes = 0;
	plan->bytes = 0;
	for (size_t i = 0; i < plan->count; i++) {
		const struct tree_entry *entry = &tree->at[i];
		struct plan_entry *there = &plan->at[i];

		if (!there->there)
			there->what = PLAN_CREATE;
		else if (!same_kind(entry, there))
			there->what = PLAN_REPLACE;
		else if (!same_contents(entry, there, wish))
			there->what = PLAN_CHANGE;
		else
			there->what =
			    same_attributes(plan, entry, there, wish) ? PLAN_SAME : PLAN_ATTRIBUTES;
		if (there->what == PLAN_SAME)
			continue;
		if (there->what == PLAN_ATTRIBUTES) {
			plan->attributes++;
			continue;
		}
		plan->sends++;
		plan->bytes += entry->size;
	}
	if (!wish->delete)
		list_finish(&plan->extra);
}

bool plan_is_empty(const struct plan *plan)
{
	return plan->sends == 0 && plan->attributes == 0 && plan->extra.count == 0;
}

void plan_finish(struct plan *plan)
{
	free(plan->at);
	free(plan->parts);
	list_finish(&plan->extra);
	memset(plan, 0, sizeof(*plan));
}
