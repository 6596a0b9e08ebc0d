/*
 * How many servers may be logged in to at once: in all, per address, and per jump host. sshd drops connections
 * unheard when too many are at its door (MaxStartups, 10 to begin with), so each window shrinks when that
 * happens and grows as logins succeed.
 *
 * Servers whose address is busy are parked at its gate; whoever comes after them passes.
 */
#ifndef MROOM_WIRE_GATE_H
#define MROOM_WIRE_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/room/server.h"

struct gate;
struct gates;

enum gate_how { GATE_SERVED, GATE_DROPPED, GATE_NEITHER };

/* limit: the most in all. */
struct gates *gates_create(long limit);
void gates_destroy(struct gates *gates); /* and what is parked; NULL is allowed */

/* The gate of an address or a jump host; the same words are the same gate. */
struct gate *gates_of(struct gates *gates, const char *way, bool jump_host);

/* Whether there is room in all; and at this gate too. */
bool gates_room(const struct gates *gates);
bool gate_room(const struct gate *gate);
void gate_enter(struct gate *gate);
void gate_leave(struct gate *gate, enum gate_how how);

/* Takes over the server. */
void gate_park(struct gate *gate, struct server *server);
/* Gives the first server parked at a gate that has room now, and the gate; false: there is none. */
bool gates_unpark(struct gates *gates, struct server *server, struct gate **gate);
/* Gives any server that is parked. */
bool gates_unpark_any(struct gates *gates, struct server *server);
size_t gates_parked(const struct gates *gates);
/* Whether gates_unpark would give one. */
bool gates_ready(const struct gates *gates);

#endif
