/* A store that a fuzzer has to itself: it is in memory, and gone when the fuzzer ends by itself. */
#ifndef MROOM_FUZZ_STORE_H
#define MROOM_FUZZ_STORE_H

#include <dirent.h>
#include <string.h>

#include "lib/room/home.h"
#include "lib/room/store.h"
#include "tests/fuzz/fuzz.h"

static char fuzz_store_dir[] = "/dev/shm/mroom-fuzz.XXXXXX";

static void fuzz_store_remove(void)
{
	DIR *dir = opendir(fuzz_store_dir);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(fuzz_store_dir);
}

static inline struct store *fuzz_store(void)
{
	static char share[] = "share";
	struct home home = {.dir = fuzz_store_dir, .share = share};
	struct err err = ERR_INIT;
	struct store *store;

	must(mkdtemp(fuzz_store_dir) && !atexit(fuzz_store_remove));
	store = store_open(&home, &err);
	if (!store)
		fprintf(stderr, "%s\n", err.text);
	must(store != NULL);
	return store;
}

#endif
