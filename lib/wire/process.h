/*
 * A child process on the loop whose output is handed over as it comes and whose input is asked for
 * as it takes it: what the transports that are made of processes (ssh(1), local) have in common
 * with a channel.
 *
 * It is in a session of its own, so that ^C on the terminal is ours alone to deal with.
 */
#ifndef MROOM_WIRE_PROCESS_H
#define MROOM_WIRE_PROCESS_H

#include "lib/wire/transport.h"

struct process;

struct process_events {
	void (*output)(void *ctx, enum stream stream, const char *bytes, size_t count);
	/* As in struct channel_events. NULL: the child's input is empty. */
	size_t (*input)(void *ctx, char *into, size_t room, bool *end);
	/* It exited and all its output was handed over; signal 0: by itself. It is gone after this.
	 */
	void (*ended)(void *ctx, int status, int signal);
};

/*
 * Starts argv (NULL at its end), looked up on PATH. Output is held back while wire->paused and not
 * *unpaused. NULL, with a line in `problem`, when it cannot be started.
 */
struct process *process_start(struct wire *wire, const bool *unpaused, const char *const *argv,
			      const struct process_events *events, void *ctx, char problem[128]);
/* Input may have more, or output may flow again. */
void process_feed(struct process *process);
void process_kill(struct process *process, int signal);
/* Sends it the signal until that has ended it, and after two seconds SIGKILL; no event comes any
 * more. Frees itself once it has exited. NULL is allowed. */
void process_drop(struct process *process, int signal);

#endif
