#include "lib/base/hash.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif

struct hash_seed hash_seed_draw(void)
{
	struct hash_seed seed = {0, 0};
	struct timespec now;
	ssize_t got = -1;
	int fd;

	if (!getentropy(&seed, sizeof(seed)))
		return seed;
	fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		got = read(fd, &seed, sizeof(seed));
		close(fd);
	}
	if (got != (ssize_t)sizeof(seed)) { /* no random source at all: better than a constant */
		clock_gettime(CLOCK_MONOTONIC, &now);
		seed.low ^= (uint64_t)now.tv_nsec ^ (uint64_t)now.tv_sec << 30;
		seed.high ^= (uint64_t)getpid() << 32 ^ (uint64_t)(uintptr_t)&seed;
	}
	return seed;
}

static uint64_t rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

uint64_t hash_bytes(const struct hash_seed *seed, const void *bytes, size_t count)
{
	uint64_t v[4] = {seed->low ^ 0x736f6d6570736575, seed->high ^ 0x646f72616e646f6d,
			 seed->low ^ 0x6c7967656e657261, seed->high ^ 0x7465646279746573};
	const unsigned char *at = bytes;
	uint64_t last = (uint64_t)count << 56;
	uint64_t word;

	for (; count >= 8; count -= 8, at += 8) {
		memcpy(&word, at, 8); /* in any byte order: hashes never leave the process */
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	for (size_t i = 0; i < count; i++)
		last |= (uint64_t)at[i] << (8 * i);
	v[3] ^= last;
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
