/* The verbs of mroom cert ca, and what a certificate says. */
#ifndef MROOM_CMD_CERT_CA_H
#define MROOM_CMD_CERT_CA_H

#include "cmd/cert/cert.h"
#include "lib/wire/authorized.h"

int ca_init(int argc, char **argv);
int ca_sign(int argc, char **argv);
int ca_ls(int argc, char **argv);
int ca_trust(int argc, char **argv);
int ca_untrust(int argc, char **argv);

/* The authority's private key: caller frees. */
char *ca_key(const struct console *console);

/* A user certificate (OpenSSH PROTOCOL.certkeys). Texts are its own. */
struct ca_info {
	char *key_id;
	char *principals; /* comma-joined */
	uint64_t serial;
	uint64_t after, before; /* seconds since the epoch; UINT64_MAX: for ever */
};
bool ca_info_read(const struct authorized *cert, struct ca_info *info);
void ca_info_finish(struct ca_info *info);

#endif
