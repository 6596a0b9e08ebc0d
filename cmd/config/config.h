/* mroom config: the verbs, and what they share. */
#ifndef MROOM_CMD_CONFIG_H
#define MROOM_CMD_CONFIG_H

#include "lib/room/config.h"

/* The settings of this home. Of several problems each is printed; NULL then, with err set. */
struct config *settings_open(const char *command, struct home *home, struct err *err);

int config_verb_list(int argc, char **argv);
int config_verb_get(int argc, char **argv);
int config_verb_path(int argc, char **argv);

#endif
