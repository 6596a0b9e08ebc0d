/* SipHash-1-3: a hash of byte strings that cannot be attacked without knowing its 128-bit seed. */
#ifndef MROOM_BASE_HASH_H
#define MROOM_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_seed {
	uint64_t low, high;
};

/* A fresh random seed. */
struct hash_seed hash_seed_draw(void);

uint64_t hash_bytes(const struct hash_seed *seed, const void *bytes, size_t count);

#endif
