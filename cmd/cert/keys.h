/* The authorized keys of servers as cert-keys.sh lists them, and how one of them is meant. */
#ifndef MROOM_CMD_CERT_KEYS_H
#define MROOM_CMD_CERT_KEYS_H

#include "cmd/cert/work.h"
#include "lib/wire/authorized.h"

/* Lists the keys of the targets: each subject's answer then holds them. */
int keys_list(struct work *work, const struct pick_args *targets, char **operands, size_t count,
	      struct err *err);

typedef void keys_fn(void *ctx, const struct authorized *key, const char *file, long line);
void keys_each(const struct subject *subject, keys_fn *fn, void *ctx);

/* Which keys are meant: text in the comment, a key file, a fingerprint. */
struct selector {
	const char *feature, *path, *fingerprint;
	struct authorized key; /* of path */
};
extern const struct opt selector_opts[];
/* Without any, the settings' key_feature, else their public_key. */
int selector_open(struct selector *selector, const struct console *console, struct err *err);
void selector_close(struct selector *selector);
bool selector_has(const struct selector *selector, const struct authorized *key);

#endif
