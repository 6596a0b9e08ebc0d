#include <sys/stat.h>

#include "cmd/inventory/import.h"
#include "lib/base/mem.h"
#include "lib/room/server.h"

/* A file, a pipe or a device: something that can be read. */
static bool readable_kind(const char *path, struct stat *st)
{
	return !stat(path, st) && !S_ISDIR(st->st_mode);
}

/* The first of the places where FILE may be, malloc'ed; NULL when it is at none. */
static char *find_path(const char *file, const struct home *home, struct stat *st)
{
	char *places[] = {
	    mem_text(file),
	    mem_format("%s.txt", file),
	    *file == '/' ? NULL : home_path(home, file),
	    *file == '/' ? NULL : mem_format("%s/%s.txt", home->dir, file),
	};
	char *found = NULL;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (!found && places[i] && readable_kind(places[i], st))
			found = places[i];
		else
			free(places[i]);
	}
	return found;
}

/* The base name of the file, without what only says of which kind it is. */
static char *room_of(const char *path)
{
	static const char *const endings[] = {".txt", ".csv", ".tsv", ".json", ".jsonl", ".db"};
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	size_t size = strlen(base);

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		size_t length = strlen(endings[i]);

		if (size <= length || strcmp(base + size - length, endings[i]) != 0)
			continue;
		size -= length;
		break;
	}
	return mem_text_n(base, size);
}

static int not_found(const char *file, const struct home *home, struct err *err)
{
	struct stat st;

	if (!stat(file, &st) && S_ISDIR(st.st_mode))
		return err_set(err, STATUS_USAGE, "%s is a directory, a roster file is needed",
			       file);
	if (*file == '/')
		return err_set(err, STATUS_USAGE, "%s: no such file, with or without .txt", file);
	return err_set(err, STATUS_USAGE, "%s: no such file here or in %s, with or without .txt",
		       file, home->dir);
}

int import_find(struct import_source *source, const char *file, const char *room,
		const struct home *home, struct err *err)
{
	struct stat st = {.st_size = 0};
	bool is_stdin = !strcmp(file, "-");

	source->path = is_stdin ? mem_text(file) : find_path(file, home, &st);
	if (!source->path)
		return not_found(file, home, err);
	source->name = mem_text(is_stdin ? "standard input" : source->path);
	if (room)
		source->room = mem_text(room);
	else if (!is_stdin && S_ISREG(st.st_mode))
		source->room = room_of(source->path);
	source->title = mem_text(source->room ? source->room : source->name);
	source->size = S_ISREG(st.st_mode) ? (size_t)st.st_size : 0;
	return 0;
}

void import_source_finish(struct import_source *source)
{
	free(source->path);
	free(source->name);
	free(source->room);
	free(source->title);
}
