/* Functions with no safe use, or one that mroom has a better name for: using one fails to compile.
 * Included by the compiler's command line (-include) into every file of the tree. */
#ifndef MROOM_BASE_BANNED_H
#define MROOM_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef strcpy
#undef strcat
#undef sprintf
#undef vsprintf
#undef strtok
#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok atoi atol atof system popen

#endif
