#include "lib/wire/transfer_listing.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/mem.h"

static int makes_no_sense(struct err *err)
{
	return err_set(err, STATUS_FAILED, "the server's answer makes no sense");
}

/* Below top, and without steps up. */
static bool name_is_inside(const char *name, const char *top)
{
	size_t size = strlen(top);

	if (strcmp(top, ".") != 0 &&
	    (strncmp(name, top, size) != 0 || (name[size] && name[size] != '/')))
		return false;
	for (const char *part = name; part; part = strchr(part, '/')) {
		part += *part == '/';
		if (!strncmp(part, "..", 2) && (!part[2] || part[2] == '/'))
			return false;
	}
	return true;
}

struct tree_entry *listing_add(struct listing *listing, const char *name)
{
	struct tree *tree = &listing->names;

	if (tree->count == tree->cap) {
		tree->cap = tree->cap ? tree->cap * 2 : 64;
		tree->at = mem_resize(tree->at, tree->cap, sizeof(*tree->at));
	}
	memset(&tree->at[tree->count], 0, sizeof(*tree->at));
	tree->at[tree->count].suffix = mem_text(name);
	return &tree->at[tree->count++];
}

/* The names; where they end, or NULL. */
static const char *read_names(struct listing *listing, const char *top, const char *at,
			      const char *end)
{
	const char *next;

	for (; (next = memchr(at, '\0', (size_t)(end - at))) != NULL; at = next + 1) {
		if (next == at)
			return at + 1;
		if (strncmp(at, "./", 2) != 0 || (at[2] && !name_is_inside(at + 2, top)))
			return NULL;
		listing_add(listing, at + 2);
	}
	return NULL;
}

/* Attributes are read as those of a look are: by the names that are known now. */
static int read_attributes(struct listing *listing, const char *at, const char *end,
			   struct err *err)
{
	static const char *const tops[2] = {"", ""};
	struct buf answer = BUF_INIT;
	struct plan plan;
	int rc;

	buf_text(&answer, "kind into\nuser 0 0\nlist\n");
	buf_add(&answer, at, (size_t)(end - at));
	rc = plan_read(&plan, &listing->names, tops, &answer, err);
	for (size_t i = 0; rc == 0 && i < plan.count; i++) {
		struct tree_entry *entry = &listing->names.at[i];
		unsigned mode = plan.at[i].mode;

		entry->type = S_ISREG(mode) ? TREE_FILE : S_ISDIR(mode) ? TREE_DIR : TREE_LINK;
		listing->here[i] =
		    !plan.at[i].there || (!S_ISREG(mode) && !S_ISDIR(mode) && !S_ISLNK(mode));
		entry->mode = mode & 07777;
		entry->size = plan.at[i].size;
		entry->mtime = plan.at[i].mtime;
	}
	plan_finish(&plan);
	buf_finish(&answer);
	return rc;
}

int listing_read(struct listing *listing, const char *top, const struct buf *answer,
		 struct err *err)
{
	const char *end = answer->at + answer->len, *at = answer->at;

	if (strncmp(at, "tar ", 4) != 0)
		return makes_no_sense(err);
	snprintf(listing->tar, sizeof(listing->tar), "%.*s", (int)strcspn(at + 4, "\n"), at + 4);
	at = strchr(at, '\n');
	if (!at || strncmp(at, "\nlist\n", 6) != 0)
		return makes_no_sense(err);
	at = read_names(listing, top, at + 6, end);
	if (!at)
		return makes_no_sense(err);
	listing->here = mem_zero(listing->names.count + 1, sizeof(*listing->here));
	return read_attributes(listing, at, end, err);
}

static char *local_path(const struct tree_entry *entry, const char *dir)
{
	return mem_format("%s/%s", dir, entry->suffix);
}

void listing_compare(struct listing *listing, const char *dir, bool quick, struct buf *ask)
{
	for (size_t i = 0; i < listing->names.count; i++) {
		struct tree_entry *entry = &listing->names.at[i];
		char *path = local_path(entry, dir);
		struct stat st;

		if (entry->type == TREE_FILE && !listing->here[i] && !lstat(path, &st) &&
		    S_ISREG(st.st_mode) && st.st_size == entry->size) {
			entry->dev = st.st_dev;
			entry->ino = st.st_ino;
			entry->mtime_ns = st.st_mtim.tv_nsec;
			entry->path = mem_text(path);
			if (quick && st.st_mtim.tv_sec == entry->mtime) {
				listing->here[i] = true;
			} else {
				buf_format(ask, "./%s", entry->suffix);
				buf_char(ask, '\0');
			}
		}
		free(path);
	}
}

/* The same contents: only mode and time may still have to follow. */
static bool file_is_same(struct tree_entry *entry, const struct plan_entry *there)
{
	struct tree_entry local = *entry;
	unsigned char hash[TREE_HASH_SIZE];
	struct err err = ERR_INIT;
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = entry->mtime}};
	struct stat st;

	if (!there->hashed || lstat(entry->path, &st))
		return false;
	local.mtime = st.st_mtim.tv_sec;
	if (tree_hash(&local, hash, &err) || memcmp(hash, there->hash, sizeof(hash)) != 0)
		return false;
	if ((st.st_mode & 0777) != (entry->mode & 0777) && chmod(entry->path, entry->mode & 0777))
		return false;
	return st.st_mtim.tv_sec == entry->mtime ||
	       !utimensat(AT_FDCWD, entry->path, times, AT_SYMLINK_NOFOLLOW);
}

void listing_read_sums(struct listing *listing, const struct buf *answer, const atomic_bool *stop)
{
	static const char *const tops[2] = {"", ""};
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	struct plan plan;

	buf_text(&text, "kind into\nuser 0 0\nlist\n");
	buf_add(&text, answer->at, answer->len);
	if (!plan_read(&plan, &listing->names, tops, &text, &err))
		for (size_t i = 0; i < plan.count && !atomic_load(stop); i++)
			if (listing->names.at[i].path &&
			    file_is_same(&listing->names.at[i], &plan.at[i]))
				listing->here[i] = true;
	plan_finish(&plan);
	buf_finish(&text);
}

int listing_make_dirs(const struct listing *listing, struct take *take, struct err *err)
{
	for (size_t i = 0; i < listing->names.count; i++) {
		const struct tree_entry *entry = &listing->names.at[i];

		if (entry->type == TREE_DIR && !listing->here[i] && *entry->suffix &&
		    strcmp(entry->suffix, ".") != 0 && /* the directory that is here anyway */
		    take_dir(take, entry->suffix, entry->mode, entry->mtime, err))
			return -1;
	}
	return 0;
}

static bool is_wanted(const struct listing *listing, size_t index)
{
	return listing->names.at[index].type != TREE_DIR && !listing->here[index];
}

int64_t listing_bytes(const struct listing *listing)
{
	int64_t bytes = 0;

	for (size_t i = 0; i < listing->names.count; i++)
		bytes += is_wanted(listing, i) ? listing->names.at[i].size : 0;
	return bytes;
}

void listing_wanted(const struct listing *listing, struct buf *names, size_t *count, int64_t *bytes)
{
	for (size_t i = 0; i < listing->names.count; i++) {
		const struct tree_entry *entry = &listing->names.at[i];

		if (!is_wanted(listing, i))
			continue;
		buf_format(names, "./%s", entry->suffix);
		buf_char(names, '\0');
		++*count;
		*bytes += entry->size;
	}
}

void listing_finish(struct listing *listing)
{
	tree_finish(&listing->names);
	free(listing->here);
	memset(listing, 0, sizeof(*listing));
}
