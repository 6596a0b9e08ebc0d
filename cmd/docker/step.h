/*
 * Work of the console's own that other programs do. ^C and its like end the program and wait for
 * the caller, who clears up: between step_hold and step_release no signal ends us.
 */
#ifndef MROOM_DOCKER_STEP_H
#define MROOM_DOCKER_STEP_H

#include "lib/base/err.h"

void step_hold(void);
void step_release(void);
/* -1 (status 130) when a signal came meanwhile. */
int step_interrupted(struct err *err);

/* Runs a program that has nothing to tell, with standard error ours. `what` is put before errors;
 * its own trouble has status 2, and an interruption 130. */
int step_run(const char *const *argv, const char *what, struct err *err);

#endif
