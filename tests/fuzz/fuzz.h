/* What every fuzzer has. */
#ifndef MROOM_FUZZ_H
#define MROOM_FUZZ_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static inline void must(bool holds)
{
	if (!holds)
		abort();
}

/* The path of a file that holds the input, in memory; unlink it when it was read. */
static inline const char *fuzz_file(const uint8_t *bytes, size_t count)
{
	static char path[64];
	int file;

	snprintf(path, sizeof(path), "/dev/shm/mroom-fuzz-file.%ld", (long)getpid());
	file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	must(file >= 0 && write(file, bytes, count) == (ssize_t)count && !close(file));
	return path;
}

#endif
