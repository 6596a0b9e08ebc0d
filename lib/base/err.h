/*
 * What went wrong, in one line, and how a tool exits because of it.
 *
 * A library function that can fail takes a `struct err *` last, fills it once and returns -1;
 * callers add context in front while they unwind ("web1: connect: refused"). Only cmd/ prints and
 * exits. A struct err owns nothing: the text lives inside it and is cut, with "...", when it is
 * longer.
 */
#ifndef MROOM_BASE_ERR_H
#define MROOM_BASE_ERR_H

#include <stdarg.h>

/* Exit statuses of every tool: mroom(1), EXIT STATUS. */
enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,	/* some remote command failed */
	STATUS_USAGE = 2,	/* usage or configuration */
	STATUS_TIMEOUT = 3,	/* a server timed out or was killed */
	STATUS_UNREACHABLE = 4, /* a server was unreachable or refused us */
	STATUS_POLICY = 5,	/* stopped by a budget, lock or policy */
	STATUS_CONSOLE = 6,	/* the console's own fault: disk full, database */
	STATUS_INTERRUPTED = 130
};

struct err {
	enum status status;
	char text[1024];
};

#define ERR_INIT {STATUS_OK, ""}

/* Sets status and text. Returns -1, so that callers can `return err_set(...)`. NULL is allowed. */
int err_set(struct err *err, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set, with ": " and the system's words for `errnum` (an errno value) at the end. */
int err_sys(struct err *err, enum status status, int errnum, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts "context: " in front of the text that is there. Returns -1. */
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Prints "tool: text\n" to standard error with control bytes made visible, and returns the status
 * to exit with. For cmd/ alone.
 */
int err_report(const struct err *err, const char *tool);

/* The first of 130 6 5 4 3 1 (then 2) among the two: how statuses of several servers combine. */
enum status status_worst(enum status a, enum status b);

#endif
