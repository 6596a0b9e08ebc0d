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

void tail_part(const struct tail *tail, struct tree_entry *part)
{
	const struct untar_entry what = describe(tail->entry);

	take_part(tail->take, &what, part);
}

/* Whether the sum is the one that the server told. */
static bool is_same(const struct tail *tail, const unsigned char *hash)
{
	char text[2 * TREE_HASH_SIZE + 1];

	sodium_bin2hex(text, sizeof(text), hash, TREE_HASH_SIZE);
	return buf_equals(&tail->said, text);
}

int tail_compare(struct tail *tail, const unsigned char *hash, struct err *err)
{
	const struct untar_entry what = describe(tail->entry);

	tail->compared = true;
	tail->agreed = hash && is_same(tail, hash);
	if (tail->agreed)
		return take_events.begin(tail->take, &what, err);
	take_forget(tail->take, &what);
	return 0;
}

int tail_feed(struct tail *tail, const char *bytes, size_t count, struct err *err)
{
	if (!tail->told) {
		const char *end = memchr(bytes, '\n', count);
		size_t size = end ? (size_t)(end - bytes) : count;

		if (tail->said.len + size > SUM_MAX)
			return err_set(err, STATUS_FAILED, "the server's answer makes no sense");
		buf_add(&tail->said, bytes, size);
		if (!end)
			return 0;
		bytes += size + 1;
		count -= size + 1;
		tail->told = true;
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

	*end = tail->compared;
	if (!tail->agreed || tail->gone || room < sizeof(go))
		return 0;
	memcpy(into, go, sizeof(go) - 1);
	tail->gone = true;
	return sizeof(go) - 1;
}

int tail_end(struct tail *tail, struct err *err)
{
	if (!tail->compared || (tail->agreed && tail->at < tail->entry->size))
		return changed(tail, err);
	if (!tail->agreed)
		return 0;
	return take_events.end(tail->take, err) ? -1 : 1;
}
