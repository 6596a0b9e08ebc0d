/* bcrypt_pbkdf, the key derivation of encrypted OpenSSH private keys (OpenSSH PROTOCOL.key). */
#ifndef MROOM_WIRE_BCRYPT_H
#define MROOM_WIRE_BCRYPT_H

#include <stddef.h>

/*
 * Fills key with key_size bytes (at most 1024) from passphrase and salt. About 5 ms per round here. 0, or -1 for
 * arguments the format does not allow.
 */
int bcrypt_pbkdf(const char *passphrase, size_t passphrase_size, const unsigned char *salt,
		 size_t salt_size, unsigned rounds, unsigned char *key, size_t key_size);

#endif
