#include "lib/wire/transfer_window.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"

#define SLOTS 1024

struct block {
	struct block *newer, *older; /* by last use */
	struct block *next;	     /* in its slot */
	size_t index;
	int64_t number;
	size_t size;
	char bytes[];
};

struct window {
	const struct tree *tree;
	size_t limit, held;
	struct block *slots[SLOTS];
	struct block *newest, *oldest;
	int fd; /* of the file read last; -1 */
	size_t fd_index;
	int64_t bytes_read;
};

struct window *window_create(const struct tree *tree, size_t size)
{
	struct window *window = mem_zero(1, sizeof(*window));

	window->tree = tree;
	window->limit = size;
	window->fd = -1;
	return window;
}

static struct block **slot_of(struct window *window, size_t index, int64_t number)
{
	return &window->slots[(index * 31 + (size_t)number) % SLOTS];
}

static void block_unlink(struct window *window, struct block *block)
{
	*(block->newer ? &block->newer->older : &window->newest) = block->older;
	*(block->older ? &block->older->newer : &window->oldest) = block->newer;
}

static void block_link(struct window *window, struct block *block)
{
	block->newer = NULL;
	block->older = window->newest;
	*(window->newest ? &window->newest->newer : &window->oldest) = block;
	window->newest = block;
}

static void block_drop(struct window *window, struct block *block)
{
	struct block **at = slot_of(window, block->index, block->number);

	while (*at != block)
		at = &(*at)->next;
	*at = block->next;
	block_unlink(window, block);
	window->held -= block->size;
	free(block);
}

void window_destroy(struct window *window)
{
	if (!window)
		return;
	while (window->oldest)
		block_drop(window, window->oldest);
	if (window->fd >= 0)
		close(window->fd);
	free(window);
}

/* The file is open in window->fd afterwards; once per file and pass, since readers go through files
 * in order. */
static int window_open(struct window *window, size_t index, struct err *err)
{
	if (window->fd >= 0 && window->fd_index == index)
		return 0;
	if (window->fd >= 0)
		close(window->fd);
	window->fd = tree_open(&window->tree->at[index], err);
	window->fd_index = index;
	return window->fd < 0 ? -1 : 0;
}

static struct block *block_load(struct window *window, size_t index, int64_t number,
				struct err *err)
{
	const struct tree_entry *entry = &window->tree->at[index];
	int64_t from = number * (int64_t)WINDOW_BLOCK;
	size_t size = (size_t)(entry->size - from < (int64_t)WINDOW_BLOCK ? entry->size - from
									  : (int64_t)WINDOW_BLOCK);
	struct block **slot = slot_of(window, index, number), *block;
	size_t have = 0;

	if (window_open(window, index, err))
		return NULL;
	while (window->oldest && window->held + size > window->limit)
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it takes it out */
		block_drop(window, window->oldest);
	block = mem_alloc(sizeof(*block) + size);
	while (have < size) {
		ssize_t got =
		    pread(window->fd, block->bytes + have, size - have, (off_t)from + (off_t)have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			if (got < 0)
				err_sys(err, STATUS_CONSOLE, errno, "%s", entry->path);
			else
				tree_changed(entry, err);
			free(block);
			return NULL;
		}
		have += (size_t)got;
	}
	window->bytes_read += (int64_t)size;
	block->index = index;
	block->number = number;
	block->size = size;
	block->next = *slot;
	*slot = block;
	block_link(window, block);
	window->held += size;
	return block;
}

long window_read(struct window *window, size_t index, int64_t at, char *into, size_t room,
		 struct err *err)
{
	int64_t number = at / (int64_t)WINDOW_BLOCK;
	size_t from = (size_t)(at % (int64_t)WINDOW_BLOCK), count;
	struct block *block = *slot_of(window, index, number);

	while (block && (block->index != index || block->number != number))
		block = block->next;
	if (!block)
		block = block_load(window, index, number, err);
	if (!block)
		return -1;
	if (window->newest != block) {
		block_unlink(window, block);
		block_link(window, block);
	}
	count = block->size - from < room ? block->size - from : room;
	memcpy(into, block->bytes + from, count);
	return (long)count;
}

int64_t window_bytes_read(const struct window *window)
{
	return window->bytes_read;
}
