/*
 * A TCP connection to host:port without blocking: the name is resolved in libuv's pool, its
 * addresses are raced as RFC 8305 says (families alternate, the next address starts when the one
 * before failed or has kept silent for a quarter of a second, the first to connect wins). The
 * caller keeps the deadline and cancels.
 */
#ifndef MROOM_WIRE_DIAL_H
#define MROOM_WIRE_DIAL_H

#include <uv.h>

struct dial;

/*
 * Called once: fd is a connected, non-blocking, close-on-exec socket that the callee owns from now
 * on; or fd is -1, reason is a class ("resolve", "refused", "network", "console") and message one
 * line. Never called from within dial_start.
 */
typedef void dial_fn(void *ctx, int fd, const char *reason, const char *message);

struct dial *dial_start(uv_loop_t *loop, const char *host, long port, dial_fn *fn, void *ctx);

/* Stops; fn is not called any more. Frees itself. After fn was called the dial is gone by itself
 * and may not be cancelled. */
void dial_cancel(struct dial *dial);

#endif
