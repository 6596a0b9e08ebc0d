#include "lib/wire/transfer_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"

/* POSIX.1-2024 has them; headers hide them from those who ask for an older one. */
#if defined(__linux__) && !defined(SEEK_DATA)
#define SEEK_DATA 3
#define SEEK_HOLE 4
#endif

#define HASH_PIECE (256 * 1024)

static struct tree_entry *tree_new(struct tree *tree)
{
	if (tree->count == tree->cap) {
		tree->cap = tree->cap ? tree->cap * 2 : 64;
		tree->at = mem_resize(tree->at, tree->cap, sizeof(*tree->at));
	}
	memset(&tree->at[tree->count], 0, sizeof(*tree->at));
	return &tree->at[tree->count++];
}

static int read_target(struct tree_entry *entry, struct err *err)
{
	char target[4096];
	ssize_t size = readlink(entry->path, target, sizeof(target) - 1);

	if (size < 0)
		return err_sys(err, STATUS_USAGE, errno, "%s", entry->path);
	entry->target = mem_text_n(target, (size_t)size);
	return 0;
}

/* Where the data of a file with holes is. A file system that does not know says it is all data. */
static void find_extents(struct tree_entry *entry)
{
#ifdef SEEK_DATA
	int fd = open(entry->path, O_RDONLY | O_CLOEXEC);
	off_t at = 0;

	while (fd >= 0 && at < entry->size) {
		off_t from = lseek(fd, at, SEEK_DATA);
		off_t to = from < 0 ? -1 : lseek(fd, from, SEEK_HOLE);

		if (from < 0 && errno == ENXIO) /* a hole up to the end */
			from = to = entry->size;
		if (from < 0 || to < from)
			break;
		entry->extents =
		    mem_resize(entry->extents, entry->extent_count + 1, sizeof(*entry->extents));
		entry->extents[entry->extent_count++] = (struct tree_extent){from, to - from};
		at = to > from ? to : entry->size;
	}
	if (fd >= 0)
		close(fd);
	if (at < entry->size) {
		free(entry->extents);
		entry->extents = NULL;
		entry->extent_count = 0;
	}
#else
	(void)entry;
#endif
}

/* Describes one thing. 1: it is listed, 0: it is of no kind that can be copied. */
static int tree_list(struct tree *tree, const char *path, const char *suffix, const struct stat *st,
		     struct err *err)
{
	struct tree_entry *entry;

	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode) && !S_ISLNK(st->st_mode)) {
		list_add(&tree->passed_over, path);
		return 0;
	}
	if (!S_ISLNK(st->st_mode) && access(path, S_ISDIR(st->st_mode) ? R_OK | X_OK : R_OK))
		return err_sys(err, STATUS_USAGE, errno, "%s", path);
	entry = tree_new(tree);
	entry->path = mem_text(path);
	entry->suffix = mem_text(suffix);
	entry->type = S_ISREG(st->st_mode)   ? TREE_FILE
		      : S_ISDIR(st->st_mode) ? TREE_DIR
					     : TREE_LINK;
	entry->mode = (unsigned)st->st_mode & 07777;
	entry->size = S_ISREG(st->st_mode) ? st->st_size : 0;
	entry->mtime = st->st_mtim.tv_sec;
	entry->mtime_ns = st->st_mtim.tv_nsec;
	entry->ctime_ns = (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;
	entry->dev = st->st_dev;
	entry->ino = st->st_ino;
	if (entry->type == TREE_LINK)
		return read_target(entry, err) ? -1 : 1;
	if (entry->type == TREE_FILE && (int64_t)st->st_blocks * 512 < st->st_size)
		find_extents(entry);
	return 1;
}

static int read_names(const char *path, struct list *names, struct err *err)
{
	DIR *dir = opendir(path);
	struct dirent *found;

	if (!dir)
		return err_sys(err, STATUS_USAGE, errno, "%s", path);
	while ((found = readdir(dir)) != NULL)
		if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0)
			list_add(names, found->d_name);
	closedir(dir);
	list_sort(names);
	return 0;
}

static int tree_add_inside(struct tree *tree, const char *path, const char *suffix, bool slash,
			   struct err *err)
{
	struct list names = LIST_INIT;
	int rc = read_names(path, &names, err);

	for (size_t i = 0; rc == 0 && i < names.count; i++) {
		char *below = mem_format("%s/%s", path, names.at[i]);
		char *name = mem_format("%s%s%s", suffix, slash ? "/" : "", names.at[i]);

		rc = tree_add(tree, below, name, false, false, err);
		free(below);
		free(name);
	}
	list_finish(&names);
	return rc;
}

int tree_add(struct tree *tree, const char *path, const char *suffix, bool inside, bool follow,
	     struct err *err)
{
	struct stat st;
	int listed = 1;

	if (follow ? stat(path, &st) : lstat(path, &st))
		return err_sys(err, STATUS_USAGE, errno, "%s", path);
	if (inside && !S_ISDIR(st.st_mode))
		return err_set(err, STATUS_USAGE, "%s: not a directory", path);
	if (!inside)
		listed = tree_list(tree, path, suffix, &st, err);
	if (listed < 0)
		return -1;
	if (!S_ISDIR(st.st_mode))
		return 0;
	return tree_add_inside(tree, path, suffix, !inside, err);
}

int tree_changed(const struct tree_entry *entry, struct err *err)
{
	return err_set(err, STATUS_CONSOLE, "%s: changed while it was being copied", entry->path);
}

int tree_open(const struct tree_entry *entry, struct err *err)
{
	int fd = open(entry->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		err_sys(err, STATUS_CONSOLE, errno, "%s", entry->path);
	} else if (st.st_dev != entry->dev || st.st_ino != entry->ino ||
		   st.st_size != entry->size || st.st_mtim.tv_sec != entry->mtime ||
		   st.st_mtim.tv_nsec != entry->mtime_ns) {
		tree_changed(entry, err);
	} else {
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

int tree_hash(const struct tree_entry *entry, unsigned char hash[TREE_HASH_SIZE], struct err *err)
{
	return tree_hash_part(entry, entry->size, hash, err);
}

int tree_hash_part(const struct tree_entry *entry, int64_t size, unsigned char hash[TREE_HASH_SIZE],
		   struct err *err)
{
	int fd = tree_open(entry, err), rc = -1;
	EVP_MD_CTX *sum = EVP_MD_CTX_new();
	char *piece = mem_alloc(HASH_PIECE);
	int64_t left = size;
	ssize_t got;

	if (fd < 0 || !sum || !EVP_DigestInit_ex(sum, EVP_sha256(), NULL))
		goto out;
	while (left > 0 && (got = read(fd, piece, left < HASH_PIECE ? (size_t)left : HASH_PIECE)) > 0) {
		EVP_DigestUpdate(sum, piece, (size_t)got);
		left -= got;
	}
	if (left != 0)
		tree_changed(entry, err);
	else if (EVP_DigestFinal_ex(sum, hash, NULL))
		rc = 0;
out:
	if (fd >= 0)
		close(fd);
	EVP_MD_CTX_free(sum);
	free(piece);
	return rc;
}

bool tree_has_holes(const struct tree *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		if (tree->at[i].extents)
			return true;
	return false;
}

void tree_finish(struct tree *tree)
{
	for (size_t i = 0; i < tree->count; i++) {
		free(tree->at[i].path);
		free(tree->at[i].suffix);
		free(tree->at[i].target);
		free(tree->at[i].extents);
	}
	free(tree->at);
	list_finish(&tree->passed_over);
	memset(tree, 0, sizeof(*tree));
}
