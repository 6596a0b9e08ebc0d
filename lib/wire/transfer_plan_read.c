/*
 * The answer of copy-look.sh. Lines "kind", "user", "tar" and perhaps "owner" come first, then
 * "list" and a record for each thing that is there; "EXTRA" and NUL-ended names follow where things
 * may have to go. S%f %u %g %s %Y NAME    attributes (mode in hex) LNAME NUL TARGET NUL    a
 * symbolic link HASH NAME               a sum, as sha256sum and its likes print it
 */
#include <stdlib.h>
#include <string.h>

#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/wire/transfer_plan.h"

#define STAGE_PREFIX "./.mroom-copy."

struct reader {
	struct plan *plan;
	const struct tree *tree;
	const char *top;
	const char *at, *end;
	size_t stat_next, link_next,
	    hash_next; /* entries come in order within each sort of record */
};

/* What sha256sum writes behind a backslash for this byte of a name; NUL: the byte itself. */
static char escape_of(char c)
{
	switch (c) {
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\\':
		return '\\';
	default:
		return '\0';
	}
}

/* Whether the bytes at `at` are the name of an entry, followed by `mark`. The length of both, or 0.
 */
static size_t match_name(const struct reader *reader, const struct tree_entry *entry,
			 const char *at, char mark, bool escaped)
{
	const char *parts[] = {"./", reader->top, entry->suffix};
	const char *from = at;

	for (int part = 0; part < 3; part++) {
		for (const char *c = parts[part]; *c; c++) {
			char code = escaped ? escape_of(*c) : '\0';

			/* Older ones leave a carriage return as it is. */
			if (code == 'r' && at < reader->end && *at == '\r')
				code = '\0';
			if (code && (at == reader->end || *at++ != '\\'))
				return 0;
			if (at == reader->end || *at++ != (code ? code : *c))
				return 0;
		}
	}
	return at < reader->end && *at == mark ? (size_t)(at + 1 - from) : 0;
}

/* Finds the entry from *next on, and moves reader and *next behind it. NULL: no such name was asked
 * about. */
static struct plan_entry *find_entry(struct reader *reader, size_t *next, char mark, bool escaped)
{
	for (size_t i = *next; i < reader->plan->count; i++) {
		size_t size = match_name(reader, &reader->tree->at[i], reader->at, mark, escaped);

		if (size == 0)
			continue;
		reader->at += size;
		*next = i + 1;
		return &reader->plan->at[i];
	}
	return NULL;
}

static bool read_number(struct reader *reader, int base, int64_t *value)
{
	char *end;

	*value = strtoll(reader->at, &end, base);
	if (end == reader->at || end >= reader->end || *end != ' ')
		return false;
	reader->at = end + 1;
	return true;
}

static bool read_stat(struct reader *reader)
{
	int64_t mode, uid, gid, size, mtime;
	struct plan_entry *entry;

	reader->at++;
	if (!read_number(reader, 16, &mode) || !read_number(reader, 10, &uid) ||
	    !read_number(reader, 10, &gid) || !read_number(reader, 10, &size) ||
	    !read_number(reader, 10, &mtime))
		return false;
	entry = find_entry(reader, &reader->stat_next, '\n', false);
	if (!entry)
		return false;
	entry->there = true;
	entry->mode = (unsigned)mode;
	entry->uid = uid;
	entry->gid = gid;
	entry->size = size;
	entry->mtime = mtime;
	return true;
}

static bool read_link(struct reader *reader)
{
	struct plan_entry *entry;
	const struct tree_entry *local;
	const char *end;

	reader->at++;
	entry = find_entry(reader, &reader->link_next, '\0', false);
	end = entry ? memchr(reader->at, '\0', (size_t)(reader->end - reader->at)) : NULL;
	if (!end)
		return false;
	local = &reader->tree->at[entry - reader->plan->at];
	entry->there = true;
	entry->mode = 0120777;
	/* readlink's newline and a full stop keep the shell from eating the target's own newlines.
	 */
	if (local->target) {
		size_t size = strlen(local->target);

		entry->same_target = (size_t)(end - reader->at) == size + 2 &&
				     !memcmp(reader->at, local->target, size);
	}
	reader->at = end + 1;
	return true;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_sum(const char *text, unsigned char hash[TREE_HASH_SIZE])
{
	for (int i = 0; i < TREE_HASH_SIZE; i++) {
		int high = hex_digit(text[2 * i]), low = high < 0 ? -1 : hex_digit(text[2 * i + 1]);

		if (low < 0)
			return false;
		hash[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* "SIZE SUM NAME": what does not look like it is passed over. */
static void read_part(struct plan *plan, const char *text)
{
	struct plan_part part = {.size = 0};
	char *end;

	part.size = strtoll(text, &end, 10);
	if (*end != ' ' || !read_sum(end + 1, part.hash) || end[1 + 2 * TREE_HASH_SIZE] != ' ')
		return;
	snprintf(part.name, sizeof(part.name), "%s", end + 2 + 2 * TREE_HASH_SIZE);
	plan->parts = mem_resize(plan->parts, plan->part_count + 1, sizeof(*plan->parts));
	plan->parts[plan->part_count++] = part;
}

static bool read_hash(struct reader *reader)
{
	unsigned char hash[TREE_HASH_SIZE];
	bool escaped = *reader->at == '\\';
	struct plan_entry *entry;

	reader->at += escaped;
	if (reader->end - reader->at < 2 * TREE_HASH_SIZE + 2)
		return false;
	if (!read_sum(reader->at, hash))
		return false;
	reader->at += 2 * TREE_HASH_SIZE + 1;
	if (*reader->at == ' ' || *reader->at == '*')
		reader->at++;
	entry = find_entry(reader, &reader->hash_next, '\n', escaped);
	if (!entry) { /* the sum of standard input, where no file was named */
		const char *end = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));

		reader->at = end ? end + 1 : reader->end;
		return true;
	}
	entry->hashed = true;
	memcpy(entry->hash, hash, sizeof(hash));
	return true;
}

/* Every name that the tree has, and the directories above it. */
static void mark_names(struct map *names, const struct tree *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		map_mark(names, tree->at[i].suffix);
}

/* What is below the target and not in the tree. Names come parents first. */
static void read_extra(struct reader *reader)
{
	struct map *names = map_create();
	const char *name, *end;
	char *last = NULL;

	mark_names(names, reader->tree);
	for (; (end = memchr(reader->at, '\0', (size_t)(reader->end - reader->at))) != NULL;
	     reader->at = end + 1) {
		name = reader->at;
		if (strncmp(name, "./", 2) != 0 || !name[2] ||
		    !strncmp(name, STAGE_PREFIX, sizeof(STAGE_PREFIX) - 1) ||
		    map_get(names, name + 2))
			continue;
		if (last && !strncmp(name, last, strlen(last)) && name[strlen(last)] == '/')
			continue;
		list_add(&reader->plan->extra, name);
		last = reader->plan->extra.at[reader->plan->extra.count - 1];
	}
	map_destroy(names);
}

/* The line at the reader, which moves behind it: NULL when there is none. */
static char *take_line(struct reader *reader)
{
	const char *end = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
	char *line = end ? mem_text_n(reader->at, (size_t)(end - reader->at)) : NULL;

	if (end)
		reader->at = end + 1;
	return line;
}

static bool read_numbers(const char *text, int64_t *first, int64_t *second)
{
	char *end;

	*first = strtoll(text, &end, 10);
	if (*end != ' ')
		return false;
	*second = strtoll(end, &end, 10);
	return *end == '\0';
}

/* Lines up to "list": false when something is missing. */
static bool read_head(struct reader *reader, const char *const tops[2])
{
	struct plan *plan = reader->plan;
	bool kind = false, user = false, listed = false, good = true;
	char *line;

	while (good && !listed && (line = take_line(reader)) != NULL) {
		if (!strncmp(line, "kind ", 5)) {
			kind = true;
			plan->into = strcmp(line + 5, "as") != 0;
		} else if (!strncmp(line, "user ", 5)) {
			good = user = read_numbers(line + 5, &plan->uid, &plan->gid);
		} else if (!strncmp(line, "owner ", 6)) {
			good = read_numbers(line + 6, &plan->owner_uid, &plan->owner_gid);
		} else if (!strncmp(line, "part ", 5)) {
			read_part(plan, line + 5);
		} else if (!strcmp(line, "tar gnu")) {
			plan->gnu_tar = true;
		}
		listed = !strcmp(line, "list");
		free(line);
	}
	reader->top = tops[plan->into];
	return good && listed && kind && user;
}

int plan_read(struct plan *plan, const struct tree *tree, const char *const tops[2],
	      const struct buf *answer, struct err *err)
{
	struct reader reader = {
	    .plan = plan, .tree = tree, .at = answer->at, .end = answer->at + answer->len};
	bool good;

	memset(plan, 0, sizeof(*plan));
	plan->owner_uid = plan->owner_gid = -1;
	plan->count = tree->count;
	plan->at = mem_zero(tree->count ? tree->count : 1, sizeof(*plan->at));
	good = read_head(&reader, tops);
	while (good && reader.at < reader.end) {
		if (*reader.at == 'S')
			good = read_stat(&reader);
		else if (*reader.at == 'L')
			good = read_link(&reader);
		else if (*reader.at != 'E')
			good = read_hash(&reader);
		else
			break;
	}
	if (good && reader.at < reader.end) {
		good = reader.end - reader.at >= 6 && !memcmp(reader.at, "EXTRA\n", 6);
		reader.at += 6;
		if (good)
			read_extra(&reader);
	}
	return good ? 0 : err_set(err, STATUS_FAILED, "the server's answer makes no sense");
}
