/*
 * The Test Anything Protocol for unit tests: each test prints one "ok" or "not ok" line, tap_done
 * prints the plan. A test file is one program; its main ends with `return tap_done();`.
 */
#ifndef MROOM_TESTS_UNIT_TAP_H
#define MROOM_TESTS_UNIT_TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct tap {
	int run;
	int failed;
};

static inline struct tap *tap_state(void)
{
	static struct tap tap;

	return &tap;
}

/* One test: `name` says in a sentence what holds. Returns passed. */
static inline bool tap_ok(bool passed, const char *name)
{
	struct tap *tap = tap_state();

	tap->run++;
	tap->failed += !passed;
	printf("%sok %d - %s\n", passed ? "" : "not ", tap->run, name);
	fflush(stdout);
	return passed;
}

/* A test that cannot run here. */
static inline void tap_skip(const char *name, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_state()->run, name, why);
}

/* Prints bytes as a C string would hold them. */
static inline void tap_show(const char *label, const char *bytes, size_t count)
{
	printf("#  %s (%zu bytes): \"", label, count);
	for (size_t i = 0; i < count && i < 400; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (byte < ' ' || byte > '~' || byte == '"' || byte == '\\')
			printf("\\x%02x", byte);
		else
			putchar(byte);
	}
	printf("\"%s\n", count > 400 ? " ..." : "");
}

/* The bytes are the ones wanted. */
static inline bool tap_bytes(const char *got, size_t got_size, const char *want, size_t want_size,
			     const char *name)
{
	bool same = got_size == want_size && !memcmp(got, want, got_size);

	tap_ok(same, name);
	if (!same) {
		tap_show("got ", got, got_size);
		tap_show("want", want, want_size);
	}
	return same;
}

/* The text is the one wanted; both may be NULL. */
static inline bool tap_text(const char *got, const char *want, const char *name)
{
	if (got && want)
		return tap_bytes(got, strlen(got), want, strlen(want), name);
	if (!tap_ok(got == want, name)) {
		printf("#  got %s, want %s\n", got ? got : "NULL", want ? want : "NULL");
		return false;
	}
	return true;
}

/* The number is the one wanted. */
static inline bool tap_int(long long got, long long want, const char *name)
{
	tap_ok(got == want, name);
	if (got != want)
		printf("#  got %lld, want %lld\n", got, want);
	return got == want;
}

/* Prints the plan. Returns what main returns. */
static inline int tap_done(void)
{
	const struct tap *tap = tap_state();

	printf("1..%d\n", tap->run);
	if (tap->failed)
		printf("# %d of %d failed\n", tap->failed, tap->run);
	return tap->failed || fflush(stdout) ? 1 : 0;
}

#endif
