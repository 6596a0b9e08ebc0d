#include "cmd/cert/keys.h"

#include <stddef.h>

#include "lib/base/mem.h"

int keys_list(struct work *work, const struct pick_args *targets, char **operands, size_t count,
	      struct err *err)
{
	static const char *const args[] = {"list", NULL};
	const struct work_script script = {.name = CERT_KEYS,
					   .args = args,
					   .targets = targets,
					   .operands = operands,
					   .operand_count = count};

	return work_script(work, &script, err);
}

struct walk {
	keys_fn *fn;
	void *ctx;
	char *file;
	long line;
};

static void take_line(struct walk *walk, const char *word, const char *value)
{
	struct authorized key;

	if (!strcmp(word, "file")) {
		free(walk->file);
		walk->file = mem_text(value);
		walk->line = 0;
	}
	if (strcmp(word, "line") != 0)
		return;
	walk->line++;
	if (!authorized_parse(value, &key))
		return;
	walk->fn(walk->ctx, &key, walk->file ? walk->file : "", walk->line);
	authorized_finish(&key);
}

void keys_each(const struct subject *subject, keys_fn *fn, void *ctx)
{
	struct walk walk = {fn, ctx, NULL, 0};
	char *text = mem_text_n(subject->out.at, subject->out.len);

	for (char *at = text, *next; at; at = next) {
		char *tab;

		next = strchr(at, '\n');
		if (next)
			*next++ = '\0';
		tab = strchr(at, '\t');
		if (!tab)
			continue;
		*tab = '\0';
		take_line(&walk, at, tab + 1);
	}
	free(walk.file);
	free(text);
}

#define AT(field) offsetof(struct selector, field)

const struct opt selector_opts[] = {
    {.name = "feature",
     .type = OPT_TEXT,
     .offset = AT(feature),
     .arg = "TEXT",
     .help = "keys whose comment holds TEXT ([identity] key_feature)"},
    {.name = "key",
     .type = OPT_TEXT,
     .offset = AT(path),
     .arg = "FILE",
     .help = "this public key ([identity] public_key)",
     .complete = "file"},
    {.name = "fingerprint",
     .type = OPT_TEXT,
     .offset = AT(fingerprint),
     .arg = "SHA256:...",
     .help = "the key of this fingerprint"},
    {.type = OPT_END},
};

int selector_open(struct selector *selector, const struct console *console, struct err *err)
{
	const char *feature = config_text(console->config, "identity", "key_feature");
	int given = (selector->feature != NULL) + (selector->path != NULL) +
		    (selector->fingerprint != NULL);

	if (given > 1)
		return err_set(err, STATUS_USAGE,
			       "--feature, --key and --fingerprint exclude each other");
	if (!given && *feature)
		selector->feature = feature;
	else if (!given)
		selector->path = config_text(console->config, "identity", "public_key");
	if (selector->feature && !*selector->feature)
		return err_set(err, STATUS_USAGE, "--feature: the text is empty");
	return selector->path ? authorized_read(selector->path, &selector->key, err) : 0;
}

void selector_close(struct selector *selector)
{
	authorized_finish(&selector->key);
}

bool selector_has(const struct selector *selector, const struct authorized *key)
{
	if (selector->feature)
		return strstr(key->comment, selector->feature) != NULL;
	return !strcmp(key->fingerprint,
		       selector->path ? selector->key.fingerprint : selector->fingerprint);
}
