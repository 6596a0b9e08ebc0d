#include "lib/flow/pile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"

#define PIECE ((size_t)256 * 1024)

void pile_init(struct pile *pile)
{
	buf_init(&pile->bytes);
	pile->fd = -1;
	pile->spooled = 0;
}

void pile_finish(struct pile *pile)
{
	buf_finish(&pile->bytes);
	if (pile->fd >= 0)
		close(pile->fd);
	pile_init(pile);
}

size_t pile_size(const struct pile *pile)
{
	return pile->spooled + pile->bytes.len;
}

int pile_settle(struct pile *pile, size_t limit, struct err *err)
{
	if (pile->bytes.len <= limit)
		return 0;
	if (pile->fd < 0)
		pile->fd = io_spool("output", err);
	if (pile->fd < 0 || io_write_all(pile->fd, pile->bytes.at, pile->bytes.len, err))
		return -1;
	pile->spooled += pile->bytes.len;
	buf_clear(&pile->bytes);
	return 0;
}

int pile_add_file(struct pile *pile, int fd, size_t from, size_t size, sink_shape_fn *shape,
		  struct err *err)
{
	char *piece = mem_alloc(PIECE);
	size_t at = from;
	int result = 0;

	while (at < size && !result) {
		size_t want = size - at < PIECE ? size - at : PIECE;
		ssize_t got = pread(fd, piece, want, (off_t)at);
		size_t use = got > 0 ? (size_t)got : 0;

		if (use == 0)
			result = err_sys(err, STATUS_CONSOLE, got < 0 ? errno : EIO,
					 "a long line cannot be read back");
		else if (shape)
			use = shape(&pile->bytes, piece, use, at + use == size);
		else
			buf_add(&pile->bytes, piece, use);
		at += use;
		if (!result)
			result = pile_settle(pile, PIECE, err);
	}
	free(piece);
	close(fd);
	return result;
}

ssize_t pile_read(const struct pile *pile, size_t at, void *into, size_t room, struct err *err)
{
	ssize_t got;

	if (at >= pile->spooled) {
		size_t left = pile_size(pile) - at, count = left < room ? left : room;

		memcpy(into, pile->bytes.at + (at - pile->spooled), count);
		return (ssize_t)count;
	}
	if (room > pile->spooled - at)
		room = pile->spooled - at;
	got = pread(pile->fd, into, room, (off_t)at);
	if (got <= 0)
		return err_sys(err, STATUS_CONSOLE, got < 0 ? errno : EIO,
			       "output cannot be read back");
	return got;
}

void pile_push(struct pile *pile, struct sink *sink)
{
	if (pile->fd >= 0) {
		sink_push_file(sink, pile->fd, 0, pile->spooled, NULL);
		pile->fd = -1;
		pile->spooled = 0;
	}
	buf_add(sink_buf(sink), pile->bytes.at, pile->bytes.len);
	sink_push(sink);
	pile_finish(pile);
}
