/*
 * libssh2 has chacha20 and poly1305 in plain C, which takes three quarters of all that a large copy
 * costs. libsodium has both for the processor at hand. Defined under the names that libssh2 calls
 * them by, they take the place of its own where it is linked statically: none of its objects is
 * pulled in for what is there already. Where it is a shared library it keeps to its own.
 */
#include <libssh2.h>
#include <sodium.h>
#include <string.h>

#include "lib/wire/ssh2_library.h"

/* As libssh2's chacha.h has it: constants, key, counter, nonce. Only the last three are used here. */
struct chacha_ctx {
	uint32_t input[16];
};

enum { KEY = 4, COUNTER = 12, NONCE = 14 };

void chacha_keysetup(struct chacha_ctx *x, const unsigned char *k, uint32_t kbits);
void chacha_ivsetup(struct chacha_ctx *x, const unsigned char *iv, const unsigned char *ctr);
void chacha_encrypt_bytes(struct chacha_ctx *x, const unsigned char *m, unsigned char *c,
			  uint32_t bytes);
void poly1305_auth(unsigned char out[16], const unsigned char *m, size_t inlen,
		   const unsigned char key[32]);

/* Keys are always of 256 bits. */
void chacha_keysetup(struct chacha_ctx *x, const unsigned char *k, uint32_t kbits)
{
	(void)kbits;
	memcpy(&x->input[KEY], k, 32);
}

void chacha_ivsetup(struct chacha_ctx *x, const unsigned char *iv, const unsigned char *ctr)
{
	memset(&x->input[COUNTER], 0, 8);
	if (ctr)
		memcpy(&x->input[COUNTER], ctr, 8);
	memcpy(&x->input[NONCE], iv, 8);
}

/* libssh2 sets counter and nonce before every call: where it ends need not be kept. */
void chacha_encrypt_bytes(struct chacha_ctx *x, const unsigned char *m, unsigned char *c,
			  uint32_t bytes)
{
	const unsigned char *counter = (const unsigned char *)&x->input[COUNTER];
	uint64_t block = 0;

	for (int i = 7; i >= 0; i--)
		block = block << 8 | counter[i];
	crypto_stream_chacha20_xor_ic(c, m, bytes, (const unsigned char *)&x->input[NONCE], block,
				      (const unsigned char *)&x->input[KEY]);
}

void poly1305_auth(unsigned char out[16], const unsigned char *m, size_t inlen,
		   const unsigned char key[32])
{
	crypto_onetimeauth_poly1305(out, m, inlen, key);
}

/* Whoever initialises libssh2 links this file by it. libsodium chooses what fits the processor. */
int ssh2_library_init(void)
{
	return sodium_init() < 0 || libssh2_init(0);
}
