#include "lib/room/state_key.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

static int check_name(const char *name, const char *text, struct err *err)
{
	size_t size = strlen(name);

	if (!size)
		return err_set(err, STATUS_USAGE, "'%s' is no key: a name comes first", text);
	if (size > STATE_KEY_MAX)
		return err_set(err, STATUS_USAGE, "a key of more than %d bytes", STATE_KEY_MAX);
	if (!strchr(PLAIN, *name) || strspn(name, PLAIN "-:/@+") != size)
		return err_set(err, STATUS_USAGE,
			       "'%s' is no key: letters, digits and _ - : / @ + make one", text);
	return 0;
}

static int check_part(const char *part, const char *text, struct err *err)
{
	if (!*part)
		return err_set(err, STATUS_USAGE, "'%s' is no key: nothing between its dots", text);
	for (const char *at = part; *at; at++)
		if ((unsigned char)*at < ' ' || *at == '"' || *at == '\\' || *at == 0x7f)
			return err_set(
			    err, STATUS_USAGE,
			    "'%s' is no key: a path holds no quotes, backslashes, control bytes",
			    text);
	return 0;
}

int state_key_parse(struct state_key *key, const char *text, struct err *err)
{
	size_t size = strcspn(text, ".");

	*key = (struct state_key)STATE_KEY_INIT;
	key->name = mem_text_n(text, size);
	if (check_name(key->name, text, err))
		return -1;
	while (text[size] == '.') {
		const char *part = text + size + 1;
		size_t length = strcspn(part, ".");

		list_add_n(&key->path, part, length);
		if (check_part(key->path.at[key->path.count - 1], text, err))
			return -1;
		size += 1 + length;
	}
	return 0;
}

void state_key_finish(struct state_key *key)
{
	free(key->name);
	list_finish(&key->path);
	key->name = NULL;
}
