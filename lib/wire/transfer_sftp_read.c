/*
 * Files are handed over one after the other, in the order of the list. Those behind the one that is
 * being read are opened ahead, and the first piece of each is asked for, so that small files do not
 * cost a round trip each.
 */
#include "lib/wire/transfer_sftp_read.h"

#include <string.h>

#include "lib/base/mem.h"

#define PIECES 32 /* of one file under way */

static struct reading *ring_at(struct sftp_get *work, size_t at)
{
	return &work->ring[at % AHEAD];
}

static struct tree_entry *entry_at(const struct sftp_get *work, size_t index)
{
	return &work->listing->names.at[index];
}

void sftp_get_fail(struct sftp_get *work, const char *what, const char *why)
{
	if (work->trouble.status == STATUS_OK)
		err_set(&work->trouble, STATUS_FAILED, "%s: %s", what, why);
}

static void ignore(void *ctx, size_t tag, struct sftp_reply *reply)
{
	(void)ctx;
	(void)tag;
	(void)reply;
}

static struct untar_entry describe(const struct tree_entry *entry)
{
	return (struct untar_entry){.name = entry->suffix,
				    .target = entry->target ? entry->target : "",
				    .type = entry->type == TREE_LINK ? '2' : '0',
				    .mode = entry->mode,
				    .size = entry->size,
				    .mtime = entry->mtime,
				    .resumed = entry->type == TREE_FILE};
}

static void hand_over(struct sftp_get *work, int64_t at, const char *bytes, size_t count)
{
	if (work->trouble.status == STATUS_OK)
		take_events.data(work->take, at, bytes, count, &work->trouble);
}

/* The one at head has its turn; what is complete makes room for the next. */
static void advance(struct sftp_get *work)
{
	while (work->head < work->tail && work->trouble.status == STATUS_OK) {
		struct reading *reading = ring_at(work, work->head);
		const struct tree_entry *entry = entry_at(work, reading->index);
		const struct untar_entry what = describe(entry);

		if (!work->begun && take_events.begin(work->take, &what, &work->trouble))
			return;
		if (!work->begun)
			hand_over(work, reading->from, reading->held.at, reading->held.len);
		work->begun = true;
		buf_finish(&reading->held);
		if (entry->type == TREE_FILE && (!reading->open || reading->got < entry->size))
			return;
		if (reading->open)
			sftp_close(work->sftp, &reading->handle,
				   (struct sftp_call){ignore, NULL, 0});
		take_events.end(work->take, &work->trouble);
		work->begun = false;
		work->head++;
	}
}

static void piece_read(void *ctx, size_t tag, struct sftp_reply *reply);

static void ask_piece(struct sftp_get *work, size_t slot, int64_t at)
{
	struct reading *reading = &work->ring[slot];
	int64_t left = entry_at(work, reading->index)->size - at;
	size_t count = SFTP_PIECE - (size_t)at % SFTP_PIECE;

	sftp_read(work->sftp, &reading->handle, at, (int64_t)count < left ? count : (size_t)left,
		  (struct sftp_call){piece_read, work, (size_t)at * AHEAD + slot});
}

static void piece_read(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct sftp_get *work = ctx;
	size_t slot = tag % AHEAD;
	int64_t at = (int64_t)(tag / AHEAD), size;
	struct reading *reading = &work->ring[slot];

	if (work->trouble.status != STATUS_OK)
		return;
	size = entry_at(work, reading->index)->size;
	if (reply->status == SFTP_OK && (reply->count > SFTP_PIECE || reply->count > (size_t)(size - at))) {
		sftp_get_fail(work, entry_at(work, reading->index)->suffix, "more came than was asked for");
		return;
	}
	if (reply->status != SFTP_OK || reply->count == 0) {
		sftp_get_fail(work, entry_at(work, reading->index)->suffix,
		     reply->status == SFTP_OK || reply->status == SFTP_EOF
			 ? "changed while it was being fetched"
			 : sftp_words(reply));
		return;
	}
	reading->ragged |= at != reading->got;
	reading->got += (int64_t)reply->count;
	if (slot != work->head % AHEAD || !work->begun) {
		buf_add(&reading->held, reply->bytes, reply->count);
	} else {
		hand_over(work, at, reply->bytes, reply->count);
		if (!reading->ragged && reading->got < size)
			take_secure(work->take, reading->got, &work->trouble);
	}
	at += (int64_t)reply->count;
	if ((size_t)at % SFTP_PIECE > 0 && at < size) /* less came than was asked for */
		ask_piece(work, slot, at);
	advance(work);
}

static void file_opened(void *ctx, size_t tag, struct sftp_reply *reply)
{
	struct sftp_get *work = ctx;
	struct reading *reading = &work->ring[tag];
	const struct tree_entry *entry = entry_at(work, reading->index);

	reading->open = sftp_take_handle(reply, &reading->handle);
	if (!reading->open) {
		sftp_get_fail(work, entry->suffix, sftp_words(reply));
		return;
	}
	if (entry->size > 0) {
		const struct untar_entry what = describe(entry);
		int64_t left;

		reading->from = take_have(work->take, &what);
		reading->from -= reading->from % (int64_t)SFTP_PIECE;
		reading->got = reading->from;
		work->spared += reading->from;
		left = entry->size - reading->from;
		reading->asked =
		    reading->from + (left < (int64_t)SFTP_PIECE ? left : (int64_t)SFTP_PIECE);
		ask_piece(work, tag, reading->from);
	}
	advance(work);
}

/* The next that is wanted is opened. */
static void open_next(struct sftp_get *work)
{
	const struct tree_entry *entry = entry_at(work, work->next);
	struct reading *reading = ring_at(work, work->tail);
	char *path;

	memset(reading, 0, sizeof(*reading));
	buf_init(&reading->held);
	reading->index = work->next++;
	work->tail++;
	if (entry->type == TREE_LINK) {
		advance(work);
		return;
	}
	path = mem_format("%s%s", work->place, entry->suffix + strlen(work->top));
	sftp_open(work->sftp, path, false,
		  (struct sftp_call){file_opened, work, (work->tail - 1) % AHEAD});
	free(path);
}

void sftp_get_read_on(struct sftp_get *work)
{
	size_t count = work->listing->names.count;

	while (work->trouble.status == STATUS_OK && sftp_room(work->sftp) > AHEAD) {
		struct reading *first = ring_at(work, work->head);
		int64_t size = work->head < work->tail ? entry_at(work, first->index)->size : 0;

		while (work->next < count && (work->listing->here[work->next] ||
					      entry_at(work, work->next)->type == TREE_DIR))
			work->next++;
		if (work->next < count && work->tail - work->head < AHEAD) {
			open_next(work);
		} else if (work->head < work->tail && first->open && first->asked < size &&
			   first->asked - first->got < PIECES * (int64_t)SFTP_PIECE) {
			ask_piece(work, work->head % AHEAD, first->asked);
			first->asked += (int64_t)SFTP_PIECE;
			if (first->asked > size)
				first->asked = size;
		} else {
			break;
		}
	}
	if (work->next == count && work->head == work->tail)
		work->phase = GET_OVER;
}
