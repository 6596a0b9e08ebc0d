#include "lib/wire/transfer_tail.h"

#include <sodium.h>
#include <string.h>

#define SUM_MAX 256 /* bytes that the server's word of it may have */

static struct untar_entry describe(const struct tree_entry *entry)
{
	return (struct untar_entry){.name = entry->suffix,
				    .target = "",
				    .type = '0',
				    .mode = entry->mode,
				    .size = entry->size,
				    .mtime = entry->mtime,
				    .resumed = true};
}

bool tail_begin(struct tail *tail, struct take *take, const struct tree_entry *entry)
{
	const struct untar_entry what = describe(entry);
	int64_t have = entry->type == TREE_FILE ? take_have(take, &what) : 0;

	*tail =
	    (struct tail){.take = take, .entry = entry, .have = have, .at = have, .said = BUF_INIT};
	return have > 0;
}

void tail_finish(struct tail *tail)
{
	buf_finish(&tail->said);
}

static int changed(const struct tail *tail, struct err *err)
{
	return err_set(err, STATUS_FAILED, "%s: changed while it was being fetched",
		       tail->entry->suffix);
}

/* Whether the sum that the server told is that of the part here. */
static bool is_same(const struct tail *tail, const struct untar_entry *what)
{
	unsigned char hash[TREE_HASH_SIZE];
	char text[2 * TREE_HASH_SIZE + 1];
	struct err ignored = ERR_INIT;

	if (tail->said.len != 2 * TREE_HASH_SIZE || take_sum(tail->take, what, hash, &ignored))
		return false;
	sodium_bin2hex(text, sizeof(text), hash, sizeof(hash));
	return buf_equals(&tail->said, text);
}

/* The server's word of the part is complete. */
static int compare(struct tail *tail, struct err *err)
{
	const struct untar_entry what = describe(tail->entry);

	tail->asked = true;
	tail->agreed = is_same(tail, &what);
	if (tail->agreed)
		return take_events.begin(tail->take, &what, err);
	take_forget(tail->take, &what);
	return 0;
}

int tail_feed(struct tail *tail, const char *bytes, size_t count, struct err *err)
{
	if (!tail->asked) {
		const char *end = memchr(bytes, '\n', count);
		size_t size = end ? (size_t)(end - bytes) : count;

		if (tail->said.len + size > SUM_MAX)
			return err_set(err, STATUS_FAILED, "the server's answer makes no sense");
		buf_add(&tail->said, bytes, size);
		if (!end)
			return 0;
		bytes += size + 1;
		count -= size + 1;
		if (compare(tail, err))
			return -1;
	}
	if (count == 0)
		return 0;
	if (!tail->agreed || (int64_t)count > tail->entry->size - tail->at)
		return changed(tail, err);
	if (take_events.data(tail->take, tail->at, bytes, count, err))
		return -1;
	tail->at += (int64_t)count;
	return tail->at < tail->entry->size ? take_secure(tail->take, tail->at, err) : 0;
}

size_t tail_take(struct tail *tail, char *into, size_t room, bool *end)
{
	static const char go[] = "go\n";

	*end = tail->asked;
	if (!tail->agreed || tail->told || room < sizeof(go))
		return 0;
	memcpy(into, go, sizeof(go) - 1);
	tail->told = true;
	return sizeof(go) - 1;
}

int tail_end(struct tail *tail, struct err *err)
{
	if (!tail->asked || (tail->agreed && tail->at < tail->entry->size))
		return changed(tail, err);
	if (!tail->agreed)
		return 0;
	return take_events.end(tail->take, err) ? -1 : 1;
}
