/* What a run goes by: command line first, then settings. */
#ifndef MROOM_WIRE_RUN_SETTINGS_H
#define MROOM_WIRE_RUN_SETTINGS_H

#include "lib/wire/run.h"

/* Fills the numbers and names in `fleet`; keyring, known hosts and scripts stay NULL. Texts are borrowed. */
void run_settings(struct console *console, const struct run_args *args,
		  struct fleet_args *fleet);

/* What ssh_config says, and ours, the user's and the system's known_hosts files. NULL on error. */
struct sshhosts *run_hosts(struct console *console, const struct run_args *args, struct err *err);

#endif
