#include "lib/room/listening.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

static int by_port(const void *a, const void *b)
{
	const struct listening *one = a, *other = b;
	int order = strcmp(one->protocol, other->protocol);

	if (order)
		return order;
	if (one->port != other->port)
		return one->port < other->port ? -1 : 1;
	return strcmp(one->address, other->address);
}

/* As /proc/net has it: the address as 32-bit words in the server's own byte order, which is taken
 * to be little-endian as nearly all are. */
static bool read_hex(struct listening *into, const char *file, const char *text)
{
	const char *colon = strchr(text, ':');
	size_t digits = colon ? (size_t)(colon - text) : 0;
	unsigned char bytes[16];
	char word[9] = "", *end;

	if (digits != 8 && digits != 32)
		return false;
	for (size_t i = 0; i < digits / 8; i++) {
		unsigned long value;

		memcpy(word, text + i * 8, 8);
		value = strtoul(word, &end, 16);
		if (*end)
			return false;
		for (size_t j = 0; j < 4; j++)
			bytes[i * 4 + j] = (unsigned char)(value >> (j * 8));
	}
	snprintf(into->protocol, sizeof(into->protocol), "%.3s", file);
	if (!inet_ntop(digits == 8 ? AF_INET : AF_INET6, bytes, into->address,
		       sizeof(into->address)))
		return false;
	into->port = strtol(colon + 1, &end, 16);
	return !*end && into->port > 0 && into->port < 65536;
}

/* As netstat has it: "*.22", "127.0.0.1.53", "::1.53". */
static bool read_dotted(struct listening *into, const char *protocol, const char *text)
{
	const char *dot = strrchr(text, '.');
	char *end;

	if (!dot)
		return false;
	snprintf(into->protocol, sizeof(into->protocol), "%.3s", protocol);
	snprintf(into->address, sizeof(into->address), "%.*s",
		 (int)(dot - text < 60 ? dot - text : 60), text);
	into->port = strtol(dot + 1, &end, 10);
	return !*end && into->port > 0 && into->port < 65536;
}

struct listening *listening_read(const struct facts *facts, size_t *count)
{
	struct listening *at = mem_zero(facts->count + 1, sizeof(*at));
	size_t kept = 0;

	*count = 0;
	for (size_t i = 0; i < facts->count; i++) {
		const struct fact *fact = &facts->at[i];

		if (!strcmp(fact->word, "port"))
			*count += read_hex(&at[*count], fact->field[0], fact->field[1]);
		else if (!strcmp(fact->word, "listen"))
			*count += read_dotted(&at[*count], fact->field[0], fact->field[1]);
	}
	qsort(at, *count, sizeof(*at), by_port);
	for (size_t i = 0; i < *count; i++)
		if (!kept || by_port(&at[kept - 1], &at[i]))
			at[kept++] = at[i];
	*count = kept;
	return at;
}
