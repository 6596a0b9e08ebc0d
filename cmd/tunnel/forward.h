/*
 * mroom tunnel forward: ssh(1) with its forwards, by way of mroom-connect, which is started again
 * whenever it ends or whenever nothing answers through it.
 *
 *   forward.c        options, from the beginning to the end
 *   forward_ssh.c    the life of the child
 *   forward_spec.c   what -L, -R and -D say
 *   forward_probe.c  whether something answers through the forwards
 *   forward_remote.c the way to a port of -R: from the server's side
 *   forward_door.c   --fail-closed: our own socket at the local port, which nobody else can take
 */
#ifndef MROOM_CMD_TUNNEL_FORWARD_H
#define MROOM_CMD_TUNNEL_FORWARD_H

#include <stdbool.h>
#include <uv.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/base/sockdir.h"

/* --- forward_spec.c --- */

struct forward_spec {
	char kind;	/* L, R or D */
	char *bind;	/* of L and D: where it listens; an address */
	long port;
	char *target;	/* of L: host:port as seen from the server; of R: as seen from here */
	char *argument; /* what ssh is told */
	char *inner;	/* --fail-closed, of L: the socket where ssh listens instead; else NULL */
	long inner_port; /* --fail-closed, of D: the port of loopback; else 0 */
};

struct forward_specs {
	struct forward_spec *at;
	size_t count;
	const char *control;	/* the socket by which ssh takes orders */
	const struct buf *said; /* all that ssh said on standard error */
};

/* Reads the words of one option. Status 2. */
int forward_specs_add(struct forward_specs *specs, char kind, const struct list *words,
		      struct err *err);
/* From now on ssh listens at L and D behind our door: in `dir`, or at free ports of loopback. */
int forward_specs_hide(struct forward_specs *specs, const char *dir, struct err *err);
void forward_specs_finish(struct forward_specs *specs);

/* --- forward_probe.c --- */

struct forward_probe;
/* NULL: something answers; else what is wrong. Called once, never from within the start. */
typedef void forward_probe_fn(void *ctx, const char *why);
/* Goes through each forward in turn: the local ones from here, -R from the server's side. */
struct forward_probe *forward_probe_start(uv_loop_t *loop, const struct forward_specs *specs,
					  forward_probe_fn *fn, void *ctx);
/* fn is not called any more. NULL is allowed. */
void forward_probe_cancel(struct forward_probe *probe);
/* Connects to where ssh listens for this forward, into a stream that the caller then owns. */
union forward_stream {
	uv_stream_t stream;
	uv_tcp_t tcp;
	uv_pipe_t pipe;
	uv_handle_t handle;
};
int forward_reach(uv_loop_t *loop, const struct forward_spec *spec, union forward_stream *stream,
		  uv_connect_t *request, uv_connect_cb done);

/* --- forward_remote.c --- */

struct forward_remote;
/* Connects `stream` to the port where the server listens, by way of ssh's own connection. The
 * stream ends when it cannot; `opened` is called once it can. NULL when ssh cannot be run. */
struct forward_remote *forward_remote_start(uv_loop_t *loop, const struct forward_specs *specs,
					    const struct forward_spec *spec, uv_pipe_t *stream,
					    void (*opened)(void *ctx), void *ctx);
/* `opened` is not called any more. Frees itself. NULL is allowed. */
void forward_remote_end(struct forward_remote *remote);
/* Where the server listens: of -R 0 the port that it chose, 0 when that is not known. */
long forward_remote_port(const struct forward_specs *specs, const struct forward_spec *spec);
/* The server lets nobody connect from its side, so that nothing can be said about -R. */
bool forward_remote_forbidden(const struct forward_specs *specs);

/* --- forward_door.c --- */

struct forward_door;
/* Listens at every local port of the specs, or -1. Whoever comes while it is shut is reset. */
struct forward_door *forward_door_open(uv_loop_t *loop, const struct forward_specs *specs,
				       struct err *err);
/* Lets through, or not; then all connections are reset. */
void forward_door_pass(struct forward_door *door, bool pass);
/* Frees itself when the loop has run on. NULL is allowed. */
void forward_door_close(struct forward_door *door);

/* --- forward_ssh.c --- */

/* One that failed is tried again after that long, then twice as long each time. */
#define FORWARD_FIRST_MS 500

struct out;
enum { FORWARD_NAME, FORWARD_STATE, FORWARD_REASON, FORWARD_COLUMNS };

struct forwarder {
	uv_loop_t loop;
	const char *name;
	bool gate; /* the name is that of a tunnel of type SSH */
	char *exec, *control;
	struct sockdir sockets;
	struct forward_specs specs;
	struct out *out;
	struct err *err;
	int64_t timeout_ms, check_ms;

	uv_process_t child;
	uv_pipe_t complaint; /* what it says on standard error */
	bool child_open, complaint_open;
	struct buf said;
	int64_t status, started;
	bool up, was_up, ending;
	int bad;
	uint64_t pause_ms;

	struct forward_door *door;
	struct forward_probe *probe;
	uv_timer_t timer; /* looks whether ssh listens; probes; starts it again; kills it */
	uv_signal_t terminate, interrupt;
	char bytes[1024];
};

/* Starts ssh; the callback of its timer. */
void forwarder_start(uv_timer_t *timer);
/* Sends the signal to it and its children, where it runs. */
void forwarder_kill(struct forwarder *forwarder, int number);
/* Closes what is left, so that the loop ends; ssh is gone. */
void forwarder_finish(struct forwarder *forwarder);

#endif
