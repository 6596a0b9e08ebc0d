/* Which libssh2 is at work. */
#ifndef MROOM_WIRE_SSH2_LIBRARY_H
#define MROOM_WIRE_SSH2_LIBRARY_H

#include <stdbool.h>

/* Its version, "1.11.1"; *old says that it is older than the one we were built with, *wanted. */
const char *ssh2_library_version(bool *old, const char **wanted);
/* Makes it ready, with the fastest ciphers there are (ssh2_chacha.c). 0: it is. */
int ssh2_library_init(void);

#endif
