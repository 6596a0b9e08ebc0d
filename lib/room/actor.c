#include "lib/room/actor.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/mem.h"

char *actor_user(void)
{
	const char *login = getenv("SUDO_USER");
	const struct passwd *entry = getpwuid(getuid());

	if (login && *login && !getuid())
		return mem_text(login);
	if (entry)
		return mem_text(entry->pw_name);
	return mem_format("%ld", (long)getuid());
}
