#include "lib/room/redact.h"

#include <regex.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

#define GROUPS 10
#define MASK "[redacted]"

struct redact {
	regex_t *patterns;
	size_t count;
};

static int add_pattern(struct redact *redact, const char *text, struct err *err)
{
	regex_t *pattern = &redact->patterns[redact->count];
	int code = regcomp(pattern, text, REG_EXTENDED | REG_ICASE);
	char why[128];

	if (code) {
		regerror(code, pattern, why, sizeof(why));
		return err_set(err, STATUS_USAGE, "[journal] redact: '%s': %s", text, why);
	}
	redact->count++;
	return 0;
}

struct redact *redact_create(const struct list *patterns, struct err *err)
{
	struct redact *redact = mem_zero(1, sizeof(*redact));

	redact->patterns = mem_zero(patterns->count + 1, sizeof(*redact->patterns));
	for (size_t i = 0; i < patterns->count; i++) {
		if (add_pattern(redact, patterns->at[i], err)) {
			redact_destroy(redact);
			return NULL;
		}
	}
	return redact;
}

void redact_destroy(struct redact *redact)
{
	if (!redact)
		return;
	for (size_t i = 0; i < redact->count; i++)
		regfree(&redact->patterns[i]);
	free(redact->patterns);
	free(redact);
}

/* The part of line[from..count] that is to go; false when the pattern finds none. */
static bool find_part(const regex_t *pattern, const char *line, size_t from, size_t count,
		      regmatch_t *whole, regmatch_t *part)
{
	regmatch_t at[GROUPS];
	size_t last = pattern->re_nsub < GROUPS ? pattern->re_nsub : GROUPS - 1;

	at[0].rm_so = (regoff_t)from;
	at[0].rm_eo = (regoff_t)count;
	if (regexec(pattern, line, GROUPS, at, REG_STARTEND | (from ? REG_NOTBOL : 0)))
		return false;
	*whole = at[0];
	*part = at[last].rm_so >= 0 ? at[last] : at[0];
	return true;
}

/* Appends line with what one pattern finds masked. */
static void apply(const regex_t *pattern, struct buf *to, const char *line, size_t count)
{
	regmatch_t whole, part;
	size_t from = 0;

	while (from < count && find_part(pattern, line, from, count, &whole, &part)) {
		size_t next = (size_t)whole.rm_eo;

		if (part.rm_eo == part.rm_so) { /* nothing to hide here; go on behind it */
			next += next == from;
			buf_add(to, line + from, next - from);
		} else {
			buf_add(to, line + from, (size_t)part.rm_so - from);
			buf_text(to, MASK);
			buf_add(to, line + part.rm_eo, next - (size_t)part.rm_eo);
		}
		from = next;
	}
	buf_add(to, line + from, count - from);
}

void redact_add(const struct redact *redact, struct buf *to, const char *line, size_t count)
{
	struct buf now = BUF_INIT;
	struct buf next = BUF_INIT;

	buf_add(&now, line, count);
	for (size_t i = 0; i < redact->count; i++) {
		struct buf swap = now;

		buf_clear(&next);
		apply(&redact->patterns[i], &next, now.at, now.len);
		now = next;
		next = swap;
	}
	buf_add(to, now.at, now.len);
	buf_finish(&now);
	buf_finish(&next);
}
