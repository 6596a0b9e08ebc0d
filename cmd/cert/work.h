/*
 * What the verbs of mroom cert do to servers, in phases: a script on all of them (lib/wire/deed.h),
 * or a fresh login with one key alone. Each phase takes the servers that came well out of the one
 * before.
 */
#ifndef MROOM_CMD_CERT_WORK_H
#define MROOM_CMD_CERT_WORK_H

#include "cmd/cert/cert.h"

/* One server. */
struct subject {
	char *id;
	bool good;	      /* did well so far */
	bool chosen;	      /* for the next phase; work_choose_good sets it for the good ones */
	char *message;	      /* why it is not good */
	struct buf out;	      /* the last script's answer */
	enum outcome outcome; /* of the last phase */
	bool untried;	      /* the last login's key was not tried: message says why */
	struct list args;     /* the script's further arguments for this one */
	const char *did;      /* what happened, for the report; static text */
	char *note;	      /* and what else is worth telling; NULL */
};

struct work {
	struct console *console;
	struct run_args run_args;   /* as the command line has them */
	const char *tool, *command; /* for the journal */
	struct subject *at;
	size_t count;
	struct map *ids;
	int status; /* the worst of all phases */
};

void work_init(struct work *work, struct console *console, const struct run_args *run_args,
	       const char *command);
void work_finish(struct work *work);

/* The subject of that id; made when it is new. */
struct subject *work_subject(struct work *work, const char *id);
void work_choose_good(struct work *work);
size_t work_chosen(const struct work *work);

/* What the keys of an account are listed and changed with. */
#define CERT_KEYS "cert.sh cert-keys.sh"

/*
 * The scripts NAME of share/remote with these arguments (a NULL-ended array, or NULL) on the targets,
 * which become subjects; on the chosen subjects when targets is NULL. -1 with err set when it was no run
 * at all.
 */
struct work_script {
	const char *name;
	const char *const *args;
	const struct run_args *run_args; /* NULL: work->run_args */
	const struct pick_args *targets;
	char **operands;
	size_t operand_count;
};
int work_script(struct work *work, const struct work_script *script, struct err *err);

/* A login of the chosen subjects with this key and nothing else. */
int work_login(struct work *work, const char *key, struct err *err);

/* The value of the last "WORD<TAB>VALUE" line of the answer: malloc'ed, or NULL. */
char *work_fact(const struct subject *subject, const char *word);
/* Calls fn for every line of that word. */
typedef void work_fact_fn(void *ctx, const char *value);
void work_facts(const struct subject *subject, const char *word, work_fact_fn *fn, void *ctx);

/* Tells what happened: id, did, note; and a summary of counts per `did`. */
int work_report(struct work *work, const struct out_args *form, struct err *err);

#endif
