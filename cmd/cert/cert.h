/* The verbs of mroom cert, one file each, and what they share. */
#ifndef MROOM_CMD_CERT_H
#define MROOM_CMD_CERT_H

#include "lib/base/opt.h"
#include "lib/flow/out.h"
#include "lib/room/console.h"
#include "lib/room/pick.h"
#include "lib/wire/run.h"

int cert_ca(int argc, char **argv);
int cert_check(int argc, char **argv);
int cert_doctor(int argc, char **argv);
int cert_keygen(int argc, char **argv);
int cert_hosts(int argc, char **argv);
int cert_install(int argc, char **argv);
int cert_ls(int argc, char **argv);
int cert_matrix(int argc, char **argv);
int cert_off(int argc, char **argv);
int cert_remove(int argc, char **argv);
int cert_rotate(int argc, char **argv);

/* opt_parse for a verb: 1 go on, 0 all was said, -1 with err set. */
int cert_parse(const struct opt_spec *spec, int argc, char **argv, int *operands, struct err *err);
/* Says what went wrong, if anything did, and returns the exit status. */
int cert_exit(const char *command, int status, const struct err *err);

#endif
