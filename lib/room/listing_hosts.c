/* /etc/hosts: an address and names; the first name is the id. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/room/listing_build.h"

/* Addresses that every machine has for itself. */
static bool is_own(const char *address)
{
	static const char *const own[] = {"127.",   "255.255.255.255", "0.0.0.0", "::1",
					  "fe00::", "ff00::",	       "ff02::"};

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (!strncmp(address, own[i], strlen(own[i])))
			return true;
	return false;
}

static void read_line(struct listing *listing, long line, char *text)
{
	static const char blanks[] = " \t\r";
	struct roster_server entry;
	struct err err = ERR_INIT;
	char *address, *name;

	text[strcspn(text, "#")] = '\0';
	address = text + strspn(text, blanks);
	if (!*address)
		return;
	name = address + strcspn(address, blanks);
	if (*name)
		*name++ = '\0';
	name += strspn(name, blanks);
	name[strcspn(name, blanks)] = '\0';
	if (is_own(address))
		return;
	if (!*name) {
		listing_problem(listing, line, "an address without a name");
		return;
	}
	listing_entry(&entry);
	listing_set(&entry, "id", name, &err);
	listing_set(&entry, "host", address, &err);
	listing_take(listing, line, &entry);
}

void listing_read_hosts(struct listing *listing, const char *bytes, size_t count)
{
	const char *end = bytes + count;
	long line = 0;

	/* One name may have an address of each family. */
	listing->first_wins = true;
	for (const char *next; bytes < end; bytes = next) {
		const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
		char *text = mem_text_n(bytes, (size_t)((stop ? stop : end) - bytes));

		next = stop ? stop + 1 : end;
		read_line(listing, ++line, text);
		free(text);
	}
}
