/*
 * A FIDO token in software, for tests: a middleware that ssh-keygen -w and SSH_SK_PROVIDER load (OpenSSH's
 * PROTOCOL.u2f). Its ed25519 keys are made of the key handle alone, so it keeps nothing, and nobody need touch it.
 * The file SSH_TEST_TOKEN gets a line for each signature.
 */
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ED25519 1
#define UNSUPPORTED (-2)
#define BROKEN (-1)
#define USER_PRESENT 1
#define INTERFACE 0x000a0000 /* OpenSSH 9 and 10 */

struct enrolled {
	uint8_t flags;
	uint8_t *key;
	size_t key_size;
	uint8_t *handle;
	size_t handle_size;
	uint8_t *signature;
	size_t signature_size;
	uint8_t *certificate;
	size_t certificate_size;
	uint8_t *authdata;
	size_t authdata_size;
};

struct made {
	uint8_t flags;
	uint32_t counter;
	uint8_t *first; /* all of an ed25519 signature */
	size_t first_size;
	uint8_t *second;
	size_t second_size;
};

uint32_t sk_api_version(void)
{
	return INTERFACE;
}

static uint8_t *copy(const void *bytes, size_t size)
{
	uint8_t *at = malloc(size);

	return at ? memcpy(at, bytes, size) : NULL;
}

int sk_enroll(uint32_t algorithm, const uint8_t *challenge, size_t challenge_size, const char *application,
	      uint8_t flags, const char *pin, void **options, struct enrolled **into)
{
	uint8_t seed[crypto_sign_SEEDBYTES], open[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
	struct enrolled *enrolled;

	(void)challenge, (void)challenge_size, (void)application, (void)pin, (void)options;
	if (algorithm != ED25519)
		return UNSUPPORTED;
	if (sodium_init() < 0 || !(enrolled = calloc(1, sizeof(*enrolled))))
		return BROKEN;
	randombytes_buf(seed, sizeof(seed));
	crypto_sign_seed_keypair(open, secret, seed);
	enrolled->flags = flags;
	enrolled->key = copy(open, enrolled->key_size = sizeof(open));
	enrolled->handle = copy(seed, enrolled->handle_size = sizeof(seed));
	enrolled->signature = copy("", 1);
	enrolled->certificate = copy("", 1);
	enrolled->authdata = copy("", 1);
	*into = enrolled;
	return 0;
}

/* What is signed: the hashes of application and data, with flags and counter between them. */
int sk_sign(uint32_t algorithm, const uint8_t *data, size_t size, const char *application, const uint8_t *handle,
	    size_t handle_size, uint8_t flags, const char *pin, void **options, struct made **into)
{
	uint8_t text[32 + 1 + 4 + 32], open[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
	uint8_t signature[crypto_sign_BYTES];
	const char *path = getenv("SSH_TEST_TOKEN");
	struct made *made;
	FILE *tally;

	(void)flags, (void)pin, (void)options;
	if (algorithm != ED25519 || handle_size != crypto_sign_SEEDBYTES)
		return UNSUPPORTED;
	if (sodium_init() < 0 || !(made = calloc(1, sizeof(*made))))
		return BROKEN;
	made->flags = USER_PRESENT;
	made->counter = 7;
	crypto_hash_sha256(text, (const uint8_t *)application, strlen(application));
	memcpy(text + 32, (const uint8_t[]){USER_PRESENT, 0, 0, 0, 7}, 5);
	crypto_hash_sha256(text + 37, data, size);
	crypto_sign_seed_keypair(open, secret, handle);
	crypto_sign_detached(signature, NULL, text, sizeof(text), secret);
	made->first = copy(signature, made->first_size = sizeof(signature));
	*into = made;
	tally = path ? fopen(path, "a") : NULL;
	if (tally) {
		fprintf(tally, "%s\n", application);
		fclose(tally);
	}
	return 0;
}

int sk_load_resident_keys(const char *pin, void **options, void ***into, size_t *count)
{
	(void)pin, (void)options, (void)into;
	*count = 0;
	return 0;
}
