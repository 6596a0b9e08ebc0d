/* On its own: the kernel's header has what the C library's, which libuv brings, leaves out. */
#include "lib/wire/distance.h"

#include <stdint.h>
#include <sys/socket.h>
#ifdef __linux__
#include <linux/tcp.h>
#include <netinet/in.h>
#endif

long distance_us(int fd)
{
#ifdef __linux__ /* tcp(7), TCP_INFO */
	struct tcp_info info = {0};
	socklen_t size = sizeof(info);

	if (!getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) && info.tcpi_min_rtt > 0 &&
	    info.tcpi_min_rtt < UINT32_MAX)
		return (long)info.tcpi_min_rtt;
#endif
	(void)fd;
	return -1;
}
