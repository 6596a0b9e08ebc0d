/*
 * What libssh2 hears and does not tell: whether a command's exit status came, or its channel was
 * closed without one (it answers 0 to both). libssh2 gives a packet's memory back through the
 * session's free function once it has dealt with it; there the messages that matter are recognised
 * (RFC 4254, sections 5.1, 5.3 and 6.10).
 *
 * A channel counts as closed without a status only when its close was seen here and the status was
 * not: a libssh2 that kept its packets elsewhere would be believed, as if this file were not there.
 */
#include <stdlib.h>
#include <string.h>

#ifdef __APPLE__
#include <malloc/malloc.h>
#define malloc_usable_size malloc_size
#elif defined(__FreeBSD__)
#include <malloc_np.h>
#else
#include <malloc.h>
#endif

#include "lib/wire/ssh2.h"

enum { CHANNEL_OPEN_CONFIRMATION = 91, CHANNEL_CLOSE = 97, CHANNEL_REQUEST = 98 };

/* The type and the channel it is for; and a request's name after them, as it is on the wire. */
#define HEAD 5
static const char exit_status[] = "\0\0\0\013exit-status";

#define LOOKED_AT (HEAD + sizeof(exit_status) - 1)

static uint32_t channel_id(const unsigned char *packet)
{
	return (uint32_t)packet[1] << 24 | (uint32_t)packet[2] << 16 | (uint32_t)packet[3] << 8 |
	       packet[4];
}

static void packet_seen(struct ssh2 *ssh2, const unsigned char *packet, size_t size)
{
	switch (packet[0]) {
	case CHANNEL_OPEN_CONFIRMATION:
		ssh2->opened = channel_id(packet);
		break;
	case CHANNEL_CLOSE:
		ssh2_channel_heard(ssh2, channel_id(packet), HEARD_CLOSE);
		break;
	case CHANNEL_REQUEST:
		if (size >= LOOKED_AT &&
		    !memcmp(packet + HEAD, exit_status, sizeof(exit_status) - 1))
			ssh2_channel_heard(ssh2, channel_id(packet), HEARD_STATUS);
		break;
	default:
		break;
	}
}

void *ssh2_heard_alloc(size_t size, void **abstract)
{
	void *memory = malloc(size);

	(void)abstract;
	/* What is looked at when it is freed may never have been written. */
	if (memory)
		memset(memory, 0, size < LOOKED_AT ? size : LOOKED_AT);
	return memory;
}

void ssh2_heard_free(void *memory, void **abstract)
{
	size_t size = malloc_usable_size(memory); /* 0: of NULL */

	if (size >= HEAD)
		packet_seen(*abstract, memory, size);
	free(memory);
}
