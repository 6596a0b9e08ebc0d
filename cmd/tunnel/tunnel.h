/* The verbs of mroom tunnel, one file each, and what they share. */
#ifndef MROOM_CMD_TUNNEL_H
#define MROOM_CMD_TUNNEL_H

#include "lib/base/list.h"
#include "lib/base/opt.h"
#include "lib/room/console.h"
#include "lib/room/store_tunnel.h"
#include "lib/room/tunnel.h"

int tunnel_add(int argc, char **argv);
int tunnel_down(int argc, char **argv);
int tunnel_drivers(int argc, char **argv);
int tunnel_forward(int argc, char **argv);
int tunnel_hold(int argc, char **argv);
int tunnel_import(int argc, char **argv);
int tunnel_log(int argc, char **argv);
int tunnel_ls(int argc, char **argv);
int tunnel_rm(int argc, char **argv);
int tunnel_set(int argc, char **argv);
int tunnel_show(int argc, char **argv);
int tunnel_status(int argc, char **argv);
int tunnel_supervise(int argc, char **argv);
int tunnel_test(int argc, char **argv);
int tunnel_up(int argc, char **argv);

/* --- fields as operands: KEY=VALUE, or KEY alone for one that is asked for (assign.c) --- */

/* How values come in that are not in the operand itself. */
struct assign_args {
	const char *file; /* --value-file: of the one secret that is named */
};
extern const struct opt assign_opts[];
/* Puts each operand into the profile. A secret never comes from the operand: it is read from the
 * file, or asked for on the terminal. KEY= removes a field. */
int assign_fields(struct tunnel *tunnel, const struct assign_args *args, char **operands,
		  size_t count, struct err *err);

/* --- what a driver says about a profile (check.c) --- */

struct check {
	char *about;
	struct list fields;   /* "KEY: what it is", all that the driver knows */
	struct list missing;  /* the same for what the profile lacks */
	struct list programs; /* "PROGRAM (PACKAGE)", not found here */
	struct list cannot;   /* other reasons why it cannot work here */
	struct list takes;    /* networks that go into it without being named in the profile */
};
#define CHECK_INIT           \
	{                    \
		.about = NULL \
	}
void check_finish(struct check *check);
/* Asks the driver at `path`. `tunnel` may be NULL: then nothing is missing. */
int check_ask(const struct home *home, const char *path, const struct tunnel *tunnel,
	      struct check *check, struct err *err);
/* Status 2 with all that is missing, programs and fields, when the tunnel cannot come up. */
int check_ready(const struct tunnel *tunnel, const struct check *check, struct err *err);

/* --- the SSH session that we run in, which no tunnel may swallow (protect.c) --- */

#define PROTECT_ADDRESS 64
/* Where it comes from; false when there is none, or it comes from this machine. */
bool protect_session(char address[PROTECT_ADDRESS]);
/* Status 5 when the tunnel, going by its profile and what its driver said of it, takes that
 * session's traffic too, unless protect_say_yes was called here or in the process that started us.
 */
int protect_check(struct console *console, const char *name, const struct check *check,
		  struct err *err);
/* The same, asking the driver first. */
int protect_ask(struct console *console, const struct tunnel *tunnel, struct err *err);
/* sudo(8) and su(1) take SSH_CONNECTION away: it is looked for in those that we were started by (Linux). */
void protect_find_session(void);
void protect_say_yes(void);

/* --- what killed keepers leave (stale.c, tidy.c) --- */

/* Takes down what a keeper that was killed left of the tunnel: 1 when there was something, 0, -1.
 */
int stale_clear(const struct home *home, const char *name, struct err *err);
/* The same for the tunnels named, or for all; goes on after a failure. */
int stale_clear_all(const struct home *home, char **names, size_t count, struct err *err);
/* rm -r */
void tidy_tree(const char *path);

#endif
