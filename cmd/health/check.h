/* The parts of mroom health check. */
#ifndef MROOM_HEALTH_CHECK_H
#define MROOM_HEALTH_CHECK_H

#include "cmd/health/health.h"

/* One server that was checked. */
struct patient {
	char *id;
	char *room; /* NULL where nobody asked */
	struct checkup checkup;
};

/* Many of them, in the order they came. */
struct ward {
	struct patient *at;
	size_t count, cap;
};

/* Takes over the checkup. */
void ward_add(struct ward *ward, const char *id, struct checkup *checkup);
void ward_finish(struct ward *ward);
/* The worst of all: OK when there are none. */
enum health ward_status(const struct ward *ward);

/* --- check_print.c --- */

/* The forms that mroom health knows besides those of every tool. */
enum health_form { FORM_ROWS, FORM_NAGIOS, FORM_PROMETHEUS };
extern const struct opt check_form_opts[];
/* Takes -o nagios and -o prometheus out of the arguments for rows. */
enum health_form check_form(struct out_args *form);

enum { CHECK_COLUMNS = 9 };
extern const struct out_column check_columns[CHECK_COLUMNS];
/* A row for each check that shall be seen; with `problems` only what is not OK, and one row for a
 * server without any. */
void check_rows(struct out *out, const char *id, const struct checkup *checkup, bool problems);
/* Appends "1 CRITICAL, 11 OK". */
void check_counts(const struct ward *ward, struct buf *text);
/* Nagios plugin output: a line, perfdata, and more lines for several servers. */
void check_nagios(const struct ward *ward, FILE *to);

/* --- check_archive.c --- */

/* Appends the executables of $MROOM_HOME/checks as a tar archive; nothing when there are none. */
int check_archive(const struct home *home, struct buf *archive, struct err *err);

#endif
