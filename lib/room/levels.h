/*
 * Thresholds: "80%:90%" warns from 80 percent on and is critical from 90; "21d:7d" warns at 21 days
 * and below; "10" alone warns only; ":90%" is critical only; "off" or nothing judges nothing.
 */
#ifndef MROOM_ROOM_LEVELS_H
#define MROOM_ROOM_LEVELS_H

#include <stdbool.h>

#include "lib/base/buf.h"
#include "lib/base/err.h"

/* Nagios' words and exit statuses. */
enum health { HEALTH_OK, HEALTH_WARNING, HEALTH_CRITICAL, HEALTH_UNKNOWN, HEALTH_COUNT };

const char *health_word(enum health health); /* "OK", "WARNING", ... */
bool health_parse(const char *word, enum health *health);
/* The graver of the two: CRITICAL, UNKNOWN, WARNING, OK. */
enum health health_worse(enum health a, enum health b);

struct levels {
	bool has_warn, has_crit;
	double warn, crit; /* percent, seconds, or a plain number */
	bool low;	   /* little is bad */
};

/* `kind` says which units are taken: "%" (80% or 80), "time" (300ms 5s 2m 1h 7d; seconds come out),
 * "" (plain numbers). Status 2 with what is wrong. */
int levels_parse(const char *text, const char *kind, struct levels *levels, struct err *err);

enum health levels_judge(const struct levels *levels, double value);

#endif
