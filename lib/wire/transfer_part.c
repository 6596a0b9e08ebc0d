#include "lib/wire/transfer_part.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/buf.h"

void part_name(char name[PART_NAME_SIZE], const char *key, const struct tree_entry *entry)
{
	unsigned char hash[crypto_generichash_BYTES];
	char text[17];

	crypto_generichash(hash, sizeof(hash), (const unsigned char *)entry->suffix,
			   strlen(entry->suffix), NULL, 0);
	sodium_bin2hex(text, sizeof(text), hash, 8);
	snprintf(name, PART_NAME_SIZE, "./.mroom-copy.%s.%s", key, text);
}

void part_mark(char mark[PART_MARK_SIZE], const struct tree_entry *entry)
{
	unsigned char hash[crypto_generichash_BYTES];
	struct buf what = BUF_INIT;

	buf_format(&what, "%lld %lld %ld %lld %llu %llu %s", (long long)entry->size,
		   (long long)entry->mtime, entry->mtime_ns, (long long)entry->ctime_ns,
		   (unsigned long long)entry->dev, (unsigned long long)entry->ino, entry->suffix);
	crypto_generichash(hash, sizeof(hash), (unsigned char *)what.at, what.len, NULL, 0);
	sodium_bin2hex(mark, PART_MARK_SIZE, hash, PART_MARK_SIZE / 2);
	buf_finish(&what);
}

bool part_is_kept(const struct tree_entry *entry)
{
	return entry->type == TREE_FILE && entry->size >= PART_FILE_MIN && !entry->extents;
}

const struct plan_part *part_find(const struct plan *plan, const char *key,
				  const struct tree_entry *entry)
{
	char name[PART_NAME_SIZE];

	if (!part_is_kept(entry))
		return NULL;
	part_name(name, key, entry);
	for (size_t i = 0; i < plan->part_count; i++)
		if (!strcmp(plan->parts[i].name, name) && plan->parts[i].size > 0 &&
		    plan->parts[i].size <= entry->size)
			return &plan->parts[i];
	return NULL;
}
