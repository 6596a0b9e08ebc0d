/*
 * ssh(1) asks for passwords by running the program that SSH_ASKPASS names, with the question as its
 * argument. That program is mroom-connect, which asks whoever runs ssh by way of a socket in a
 * directory of its own: so a password is in no argument, no environment and no file.
 */
#ifndef MROOM_WIRE_ASKPASS_H
#define MROOM_WIRE_ASKPASS_H

#include <stdbool.h>
#include <uv.h>

#include "lib/base/list.h"
#include "lib/wire/transport.h"

/* In its environment: where to ask, and for which host on the way (0: the server itself). */
#define ASKPASS_SOCKET "MROOM_ASKPASS_SOCKET"
#define ASKPASS_HOP "MROOM_ASKPASS_HOP"

/* Whether ssh's question is for the password of "USER@HOST"; NULL is allowed for the login. */
bool askpass_wants(const char *question, const char *login);

/* --- who is asked: the transport --- */

struct askpass;
/* Answers at `path` for the login and the jump hosts before it, once for each. NULL where none of
 * them may have a password, or nobody can be asked: then ssh is to ask nobody. The login must
 * outlive it. */
struct askpass *askpass_listen(const struct wire *wire, const char *path,
			       const struct login *login);
/* Frees itself once the loop has run on. NULL is allowed. */
void askpass_close(struct askpass *askpass);

/* Words before "ssh", by which it asks there. */
void askpass_args(struct list *args, const struct wire *wire, const char *path);
/* The same before the ssh of the jump host that is so many hops before the server. */
void askpass_hop_args(struct list *args, int hop);
/* Whether ssh has something to ask for: the login may have a password. */
bool askpass_may(const struct login *login);

/* --- who asks: the program --- */

/* Whether it is to ask by a socket. */
bool askpass_is_relay(void);
/* Appends the password: 1, 0 (there is none), -1. */
int askpass_relay(const char *question, struct buf *text, struct err *err);

#endif
