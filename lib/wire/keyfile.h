/* The parts of reading a private key file: keyfile.c (PEM, PKCS#8), keyfile_openssh.c (OpenSSH's own). */
#ifndef MROOM_WIRE_KEYFILE_H
#define MROOM_WIRE_KEYFILE_H

#include <openssl/evp.h>

#include "lib/base/buf.h"

enum keyfile_result { KEYFILE_GOOD, KEYFILE_LOCKED, KEYFILE_WRONG_PASSPHRASE, KEYFILE_UNSUPPORTED,
		      KEYFILE_MALFORMED };

/*
 * Opens an "OPENSSH PRIVATE KEY" (OpenSSH PROTOCOL.key): *key is the caller's, the public half is appended to blob. what
 * (may stay as it is) names what is not supported.
 */
enum keyfile_result keyfile_openssh(const char *pem, const char *passphrase, EVP_PKEY **key,
				    struct buf *blob, const char **what);

#endif
