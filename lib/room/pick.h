/*
 * Selection: which servers a tool acts on (mroom-targets(7)).
 *
 * -w LIST (ids, globs, ranges, @room, @tag, @source:group, key=value, ^file, -), -x LIST, -g room, -a, and plain operands; ids from
 * standard input when nothing is named and it is no terminal, else pdsh's WCOLL. No target is an error,
 * never "all". Each server comes out once, in the order it was named (a room in file order). Excluded
 * servers do not come out, nor do retired ones unless they are named by id or as @retired.
 *
 * pick is a push parser: pick_resolve hands out what the options name at once; when pick_reads_stdin,
 * the caller feeds standard input as it arrives.
 */
#ifndef MROOM_ROOM_PICK_H
#define MROOM_ROOM_PICK_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "lib/base/list.h"
#include "lib/base/opt.h"
#include "lib/room/config.h"
#include "lib/room/server.h"
#include "lib/room/store.h"

struct pick_args {
	struct list where;   /* -w, repeatable */
	struct list exclude; /* -x */
	struct list rooms;   /* -g: a room or tag name, without @ */
	bool all;	     /* -a */
	const char *index;   /* --index 0,2,4-7: positions within the picked room */
	const char *from, *to; /* --from, --to: the first and the last of such positions */
	bool list;	     /* --list: show what would be touched, and stop */
	const char *ssh_config; /* where further hosts are, as for sshconfig_open: for tools to set */
	const char *stdin_taken; /* the option that reads standard input, so that no ids come from there: for tools to set; NULL */
	bool retired;	     /* retired servers come out too: for tools to set, no option of pick's */
};
extern const struct opt pick_opts[];
void pick_args_finish(struct pick_args *args);

enum pick_mode {
	PICK_ACT, /* a verb that acts: no target named means stdin when it is no terminal, else an error */
	PICK_SHOW /* a verb that only reads the store: nothing named is everything; stdin only for - */
};

struct pick;
typedef int pick_fn(void *ctx, const struct server *server, struct err *err);

/* operands: plain arguments that are targets too, or NULL. fn gets each picked server; the
 * store is not being walked then, so fn may write to it. */
struct pick *pick_create(struct store *store, const struct pick_args *args, char **operands,
			 size_t operand_count, enum pick_mode mode, pick_fn *fn, void *ctx,
			 struct err *err);
/* Hands out all that the arguments name. An unknown id, room or tag, a malformed range: status 2. Nothing is handed out
 * before all words are known to be good. */
int pick_resolve(struct pick *pick, struct err *err);
/* Whether standard input is (also) a source of ids. */
bool pick_reads_stdin(const struct pick *pick);
/* Bytes of standard input as they arrive; then pick_end. An unknown id there is an error naming the line. */
int pick_feed(struct pick *pick, const char *bytes, size_t count, struct err *err);
int pick_end(struct pick *pick, struct err *err);
/* pick_resolve plus reading all of standard input in blocking fashion: for tools without an event loop. */
int pick_all(struct pick *pick, struct err *err);
/* What has to be told before anything is done: "run 42: exec: uptime" for each run whose servers these are, a line each;
 * "" otherwise. After pick_resolve. */
const char *pick_note(const struct pick *pick);
size_t pick_count(const struct pick *pick); /* servers handed out so far */
void pick_destroy(struct pick *pick);

/* --list: prints the ids of what is picked, a line each; for tools that touch nothing then. */
int pick_list(struct store *store, const struct pick_args *args, char **operands,
	      size_t operand_count, enum pick_mode mode, struct err *err);

#endif
