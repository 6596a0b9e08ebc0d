/*
 * How far input runs ahead of the command that reads it. A window may be megabytes wide, and what a
 * slow command leaves of it lies in the server's memory: OpenSSH moves and clears all that waits
 * for every packet that joins it, which costs a busy server more than decrypting does. So a server
 * that is near is sent no more than keeps its command fed; to one far away the whole window is
 * under way.
 */
#include <string.h>

#include "lib/wire/distance.h"
#include "lib/wire/ssh2.h"

/* At that distance still 256 MB/s. */
#define AHEAD_MAX ((unsigned long)512 * 1024)
#define NEAR_US 2000

/* Without a word from the server for so long, what was said above does not hold for it. */
#define PATIENCE_MS 10000

/* OpenSSH widens the window again whenever three packets were taken from it (channels.c,
 * channel_check_window); others may wait until half of it is gone, which then never came. */
static bool widens_soon(const struct ssh2 *ssh2)
{
	static const char openssh[] = "SSH-2.0-OpenSSH_";
	const char *banner = libssh2_session_banner_get(ssh2->session);

	return banner && !strncmp(banner, openssh, sizeof(openssh) - 1);
}

/* Through a jump host nobody knows. */
static bool is_near(const struct ssh2 *ssh2)
{
	long away = ssh2->link.below ? -1 : distance_us(ssh2->link.fd);

	return away >= 0 && away <= NEAR_US;
}

bool ssh2_flight_room(struct ssh2_flight *flight, const struct ssh2 *ssh2, LIBSSH2_CHANNEL *channel)
{
	unsigned long left = libssh2_channel_window_write(channel);
	uint64_t now = uv_now(ssh2->link.loop);

	if (left > flight->window)
		flight->window = left;
	if (flight->free || flight->window - left < AHEAD_MAX)
		return true;
	if (flight->held_at != left) {
		flight->held_at = left;
		flight->held_since = now;
	}
	flight->free =
	    !widens_soon(ssh2) || !is_near(ssh2) || now - flight->held_since > PATIENCE_MS;
	return flight->free;
}
