/* What a compose project is called. */
#ifndef MROOM_ROOM_PROJECT_H
#define MROOM_ROOM_PROJECT_H

#include "lib/base/err.h"

/* The project's name by its file, which need not be there: "shop" for shop.yaml and shop; that of
 * its directory where the file has one of compose's own names. Caller frees; NULL (status 2) when
 * that makes no name. */
char *project_name(const char *file, struct err *err);

/* A name that was given: 0, or status 2. */
int project_check(const char *name, struct err *err);

/* The label that the project's containers have: "com.docker.compose.project=shop". Caller frees;
 * NULL as above. */
char *project_label(const char *file, struct err *err);

#endif
