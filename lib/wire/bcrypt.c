/*
 * bcrypt_pbkdf (Ted Unangst's construction): PBKDF2 whose pseudo-random function is a bcrypt of fixed
 * cost over SHA-512 digests. No library at hand offers it: OpenSSL and libsodium lack it, and libssh2
 * keeps it to itself. Blowfish (Schneier 1993) starts from the binary digits of pi, which are computed rather than
 * listed; the tests open keys that ssh-keygen encrypted.
 */
#include "lib/wire/bcrypt.h"

#include <openssl/bn.h>
#include <sodium.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/mem.h"

#define ROUNDS 16
#define WORDS (ROUNDS + 2 + 4 * 256)
#define PI_BITS (WORDS * 32)
#define GUARD_BITS 64
#define HASH_WORDS 8
#define HASH_SIZE (HASH_WORDS * 4)
#define COST 64

/* Subkeys and substitution boxes, in the order in which they take up pi's digits. */
struct blowfish {
	uint32_t p[ROUNDS + 2];
	uint32_t s[4][256];
};

/* sum += factor * arctan(1/x), in fixed point; false when memory is out. */
static int add_arctan(BIGNUM *sum, unsigned long factor, unsigned long x, int negative)
{
	BIGNUM *power = BN_new(), *term = BN_new();
	int good = power && term && BN_one(power) &&
		   BN_lshift(power, power, PI_BITS + GUARD_BITS) && BN_mul_word(power, factor) &&
		   BN_div_word(power, x) != (BN_ULONG)-1;

	for (unsigned long n = 1; good && !BN_is_zero(power); n += 2) {
		good = BN_copy(term, power) && BN_div_word(term, n) != (BN_ULONG)-1;
		if (good && ((n & 2) != 0) != negative)
			good = BN_sub(sum, sum, term);
		else if (good)
			good = BN_add(sum, sum, term);
		BN_div_word(power, x * x);
	}
	BN_free(power);
	BN_free(term);
	return good;
}

/* pi = 16 arctan(1/5) - 4 arctan(1/239) (Machin); the words are the bits behind the point. */
static int pi_words(uint32_t words[WORDS])
{
	unsigned char *bytes = mem_alloc(WORDS * 4 + 1);
	BIGNUM *pi = BN_new();
	int good = pi && add_arctan(pi, 16, 5, 0) && add_arctan(pi, 4, 239, 1) &&
		   BN_rshift(pi, pi, GUARD_BITS) && BN_num_bits(pi) == PI_BITS + 2 &&
		   BN_bn2binpad(pi, bytes, WORDS * 4 + 1) == WORDS * 4 + 1;

	for (size_t i = 0; good && i < WORDS; i++) {
		const unsigned char *at = bytes + 1 + i * 4; /* the first byte is the 3 */

		words[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
	}
	BN_free(pi);
	free(bytes);
	return good;
}

static void encipher(const struct blowfish *state, uint32_t *left, uint32_t *right)
{
	uint32_t l = *left ^ state->p[0], r = *right;

	for (int i = 1; i <= ROUNDS; i += 2) {
		r ^= (((state->s[0][l >> 24] + state->s[1][l >> 16 & 255]) ^ state->s[2][l >> 8 & 255]) +
		      state->s[3][l & 255]) ^ state->p[i];
		l ^= (((state->s[0][r >> 24] + state->s[1][r >> 16 & 255]) ^ state->s[2][r >> 8 & 255]) +
		      state->s[3][r & 255]) ^ state->p[i + 1];
	}
	*left = r ^ state->p[ROUNDS + 1];
	*right = l;
}

/* The next 32 bits of data that repeats for ever. */
static uint32_t next_word(const unsigned char *data, size_t size, size_t *at)
{
	uint32_t word = 0;

	for (int i = 0; i < 4; i++) {
		word = word << 8 | data[*at];
		*at = (*at + 1) % size;
	}
	return word;
}

/* bcrypt's key schedule: mixes the key into the subkeys, then lets the cipher replace everything, salted. */
static void expand(struct blowfish *state, const unsigned char *salt, const unsigned char *key,
		   size_t size)
{
	uint32_t left = 0, right = 0, *words = state->p;
	size_t at = 0;

	for (int i = 0; i < ROUNDS + 2; i++)
		state->p[i] ^= next_word(key, size, &at);
	at = 0;
	for (size_t i = 0; i < WORDS; i += 2) {
		if (i == ROUNDS + 2)
			words = &state->s[0][0] - i;
		if (salt) {
			left ^= next_word(salt, size, &at);
			right ^= next_word(salt, size, &at);
		}
		encipher(state, &left, &right);
		words[i] = left;
		words[i + 1] = right;
	}
}

static void bcrypt_hash(const struct blowfish *pi, const unsigned char *pass,
			const unsigned char *salt, unsigned char out[HASH_SIZE])
{
	static const char text[] = "OxychromaticBlowfishSwatDynamite";
	const size_t size = crypto_hash_sha512_BYTES;
	struct blowfish state = *pi;
	uint32_t words[HASH_WORDS];
	size_t at = 0;

	expand(&state, salt, pass, size);
	for (int i = 0; i < COST; i++) {
		expand(&state, NULL, salt, size);
		expand(&state, NULL, pass, size);
	}
	for (int i = 0; i < HASH_WORDS; i++)
		words[i] = next_word((const unsigned char *)text, sizeof(text) - 1, &at);
	for (int i = 0; i < COST; i++) {
		for (int pair = 0; pair < HASH_WORDS; pair += 2)
			encipher(&state, &words[pair], &words[pair + 1]);
	}
	for (int i = 0; i < HASH_WORDS; i++) {
		for (int byte = 0; byte < 4; byte++) /* little-endian, as the original has it */
			out[i * 4 + byte] = (unsigned char)(words[i] >> (8 * byte));
	}
	mem_wipe(&state, sizeof(state));
	mem_wipe(words, sizeof(words));
}

/* One block of output: the xor of `rounds` chained hashes. */
static void derive_block(const struct blowfish *pi, const unsigned char *pass,
			 const unsigned char *salt, size_t salt_size, uint32_t number,
			 unsigned rounds, unsigned char block[HASH_SIZE])
{
	unsigned char digest[crypto_hash_sha512_BYTES], hash[HASH_SIZE];
	unsigned char counter[4] = {(unsigned char)(number >> 24), (unsigned char)(number >> 16),
				    (unsigned char)(number >> 8), (unsigned char)number};
	crypto_hash_sha512_state state;

	crypto_hash_sha512_init(&state);
	crypto_hash_sha512_update(&state, salt, salt_size);
	crypto_hash_sha512_update(&state, counter, sizeof(counter));
	crypto_hash_sha512_final(&state, digest);
	bcrypt_hash(pi, pass, digest, hash);
	memcpy(block, hash, HASH_SIZE);
	for (unsigned round = 1; round < rounds; round++) {
		crypto_hash_sha512(digest, hash, HASH_SIZE);
		bcrypt_hash(pi, pass, digest, hash);
		for (int i = 0; i < HASH_SIZE; i++)
			block[i] ^= hash[i];
	}
	mem_wipe(hash, sizeof(hash));
	mem_wipe(digest, sizeof(digest));
}

int bcrypt_pbkdf(const char *passphrase, size_t passphrase_size, const unsigned char *salt,
		 size_t salt_size, unsigned rounds, unsigned char *key, size_t key_size)
{
	unsigned char pass[crypto_hash_sha512_BYTES], block[HASH_SIZE];
	struct blowfish *pi;
	size_t blocks = (key_size + HASH_SIZE - 1) / HASH_SIZE;
	uint32_t words[WORDS];

	if (rounds < 1 || passphrase_size < 1 || salt_size < 1 || key_size < 1 ||
	    key_size > HASH_SIZE * HASH_SIZE || !pi_words(words))
		return -1;
	pi = mem_alloc(sizeof(*pi));
	memcpy(pi->p, words, sizeof(pi->p));
	memcpy(pi->s, words + ROUNDS + 2, sizeof(pi->s));
	crypto_hash_sha512(pass, (const unsigned char *)passphrase, passphrase_size);
	for (size_t number = 1; number <= blocks; number++) {
		derive_block(pi, pass, salt, salt_size, (uint32_t)number, rounds, block);
		/* The bytes of all blocks are interleaved. */
		for (size_t i = 0; i < HASH_SIZE; i++) {
			size_t at = i * blocks + number - 1;

			if (at < key_size)
				key[at] = block[i];
		}
	}
	mem_wipe(pass, sizeof(pass));
	mem_wipe(block, sizeof(block));
	free(pi);
	return 0;
}
