/* mroom doctor: what is wrong with this console, a line each, and what to do about it. Each check
 * says what it finds; nothing here touches a server. */
#ifndef MROOM_CMD_DOCTOR_H
#define MROOM_CMD_DOCTOR_H

#include <stdbool.h>

#include "lib/flow/out.h"
#include "lib/room/config.h"
#include "lib/room/home.h"
#include "lib/room/store.h"

enum finding { FINDING_OK, FINDING_NOTE, FINDING_WARNING, FINDING_BAD, FINDING_FIXED };

struct doctor {
	struct home home;
	struct config *config;
	struct store *store; /* NULL: it cannot be opened */
	bool fix;
	bool all; /* say what is well, too */
	struct out *out;
	enum status status; /* the worst of what is bad */
	long bad, warnings, fixed;
};

#define DOCTOR_COLUMNS 4
extern const struct out_column doctor_columns[DOCTOR_COLUMNS];

/* One line: what was looked at, how it is, and what to do (NULL: nothing). `status` is what a bad
 * finding makes of the exit status. */
void doctor_say(struct doctor *doctor, const char *check, enum finding finding, enum status status,
		const char *advice, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* A file that nobody else may read (its mode has nothing of `mask`): mended with --fix. */
void doctor_mode(struct doctor *doctor, const char *check, const char *path, int mask, int wanted);

void doctor_files(struct doctor *doctor);    /* home, database, secret key: modes and leftovers */
void doctor_settings(struct doctor *doctor); /* config.ini */
void doctor_database(struct doctor *doctor); /* integrity; whether secrets open */
void doctor_keys(struct doctor *doctor);     /* private keys of servers and settings */
void doctor_hosts(struct doctor *doctor);    /* known_hosts */
void doctor_agent(struct doctor *doctor);    /* the ssh agent */
void doctor_programs(struct doctor *doctor); /* ssh */
void doctor_libraries(struct doctor *doctor);
void doctor_clock(struct doctor *doctor);

#endif
