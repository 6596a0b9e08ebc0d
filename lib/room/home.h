/*
 * Where mroom lives: its home (MROOM_HOME, default ~/.machineroom, mode 0700), its tools
 * (MROOM_EXEC_PATH) and its shared files (MROOM_SHARE). The latter two, when unset, are found beside the
 * running executable: an installed tree (libexec/mroom, share/mroom) or the build tree (build/bin, share).
 */
#ifndef MROOM_ROOM_HOME_H
#define MROOM_ROOM_HOME_H

#include "lib/base/err.h"

struct home {
	char *dir;
	char *exec_path;
	char *share;
};

/* Fills home without touching the disk beyond looking; all paths are absolute. Status 2 when HOME and
 * MROOM_HOME are both unset: exec_path and share are filled even then. */
int home_find(struct home *home, struct err *err);
/* Makes the directory (0700) when missing; refuses one that is open to others' writing. */
int home_make(const struct home *home, struct err *err);
void home_finish(struct home *home);

/* Where tools lie beside the running executable, whatever MROOM_EXEC_PATH says: caller frees. NULL when the
 * system does not tell where the executable is. */
char *home_tools_beside(void);

/* dir/name, share/name: caller frees. */
char *home_path(const struct home *home, const char *name);
char *home_share(const struct home *home, const char *name);

#endif
