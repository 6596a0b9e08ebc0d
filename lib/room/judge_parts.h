/* What judge*.c share; private to them. */
#ifndef MROOM_ROOM_JUDGE_PARTS_H
#define MROOM_ROOM_JUDGE_PARTS_H

#include "lib/room/judge.h"

/* What the parts work on. */
struct sitting {
	const struct judge *judge;
	const struct facts *facts;
	struct checkup *checkup;
};

/* Judges a value by the levels of that setting and adds it; `text` is formatted. */
struct check *sitting_value(const struct sitting *sitting, const char *key, const char *subject,
			    double value, const char *unit, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/* Adds what is good or bad without a value. */
struct check *sitting_say(const struct sitting *sitting, enum health status, const char *name,
			  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* "1.8 GB": for people. */
void show_kib(char *into, size_t room, double kib);

void judge_system(const struct sitting *sitting);   /* judge_system.c */
void judge_network(const struct sitting *sitting);  /* judge_network.c */
void judge_services(const struct sitting *sitting); /* judge_services.c */

#endif
