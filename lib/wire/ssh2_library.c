#include "lib/wire/ssh2_library.h"

#include <libssh2.h>

const char *ssh2_library_version(bool *old, const char **wanted)
{
	*old = !libssh2_version(LIBSSH2_VERSION_NUM);
	*wanted = LIBSSH2_VERSION;
	return libssh2_version(0);
}
