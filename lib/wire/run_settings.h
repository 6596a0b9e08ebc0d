/* What a run goes by: command line first, then settings. */
#ifndef MROOM_WIRE_RUN_SETTINGS_H
#define MROOM_WIRE_RUN_SETTINGS_H

#include "lib/wire/run.h"

/* Fills the numbers and names in `fleet`; keyring, known hosts and scripts stay NULL. Texts are borrowed. */
void run_settings(const struct console *console, const struct run_args *args,
		  struct fleet_args *fleet);

/* Ours, the user's and the system's known_hosts files. NULL on error. */
struct knownhosts *run_known_hosts(struct console *console, struct err *err);

#endif
