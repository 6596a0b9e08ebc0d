/* ssh-keygen does what has to do with making keys and certificates. */
#ifndef MROOM_CMD_CERT_KEYGEN_H
#define MROOM_CMD_CERT_KEYGEN_H

#include "cmd/cert/cert.h"

/* Runs it (argv is NULL-ended) and waits; its output goes to the descriptor, -1: where ours goes.
 */
int keygen_run(const char *const *argv, int output, struct err *err);

#endif
