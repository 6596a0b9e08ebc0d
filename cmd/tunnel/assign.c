#include "cmd/tunnel/tunnel.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/opt.h"

const struct opt assign_opts[] = {
    {.name = "value-file",
     .type = OPT_TEXT,
     .offset = offsetof(struct assign_args, file),
     .arg = "FILE",
     .help = "read the field that is named from FILE (a secret's has mode 0600; -: standard input)",
     .complete = "file"},
    {.type = OPT_END},
};

/* Room for all of it at once: a buffer that grew would leave copies behind. */
static int read_value(const char *key, const struct assign_args *args, struct buf *value,
		      struct err *err)
{
	char *prompt;
	int result;

	buf_reserve(value, TUNNEL_VALUE_MAX + 2);
	if (args->file && strcmp(args->file, "-") != 0 && !tunnel_key_secret(key))
		return io_read_file(args->file, TUNNEL_VALUE_MAX, value, err);
	if (args->file && strcmp(args->file, "-") != 0)
		return io_read_secret(args->file, TUNNEL_VALUE_MAX, value, err);
	if (args->file) {
		result = io_read_file("-", TUNNEL_VALUE_MAX, value, err);
		if (!result && value->len && value->at[value->len - 1] == '\n')
			buf_cut(value, value->len - 1);
		return result;
	}
	prompt = mem_format("%s: ", key);
	result = secret_prompt(prompt, value, err);
	if (result && err->status == STATUS_USAGE)
		err_set(err, STATUS_USAGE,
			"no terminal to ask for %s on (give it with --value-file)", key);
	free(prompt);
	return result;
}

static int ask_field(struct tunnel *tunnel, const struct assign_args *args, const char *key,
		     struct err *err)
{
	struct buf value = BUF_INIT;
	int result = read_value(key, args, &value, err);

	if (!result)
		result = tunnel_check_value(key, value.at, value.len, err);
	if (!result && !value.len)
		result = err_set(err, STATUS_USAGE, "%s is empty (remove it with %s=)", key, key);
	if (!result)
		tunnel_put(tunnel, key, value.at, tunnel_key_secret(key));
	buf_wipe(&value);
	return result;
}

static void remove_field(struct tunnel *tunnel, const char *key)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): only where there is a tunnel */
	for (size_t i = 0; i < tunnel->field_count; i++) {
		if (strcmp(tunnel->fields[i].key, key) != 0)
			continue;
		free(tunnel->fields[i].key);
		mem_wipe_free(tunnel->fields[i].value);
		memmove(&tunnel->fields[i], &tunnel->fields[i + 1],
			(tunnel->field_count - i - 1) * sizeof(*tunnel->fields));
		tunnel->field_count--;
		return;
	}
}

static int assign_value(struct tunnel *tunnel, const char *key, const char *value, struct err *err)
{
	char **own = !strcmp(key, "server") ? &tunnel->server
		     : !strcmp(key, "user") ? &tunnel->user
		     : !strcmp(key, "type") ? &tunnel->type
					    : NULL;

	if (!strcmp(key, "name"))
		return err_set(err, STATUS_USAGE, "a tunnel's name cannot be changed");
	if (tunnel_check_value(key, value, strlen(value), err))
		return -1;
	if (own == &tunnel->server && tunnel_check_server(value, err))
		return -1;
	if (own) {
		free(*own);
		*own = mem_text(value);
	} else if (!*value) {
		remove_field(tunnel, key);
	} else {
		tunnel_put(tunnel, key, value, false);
	}
	return 0;
}

static int assign_one(struct tunnel *tunnel, const struct assign_args *args, const char *operand,
		      struct err *err)
{
	const char *equals = strchr(operand, '=');
	char *key = equals ? mem_text_n(operand, (size_t)(equals - operand)) : mem_text(operand);
	int result = tunnel_check_key(key, err);

	if (!result && equals && equals[1] && tunnel_key_secret(key))
		result =
		    err_set(err, STATUS_USAGE,
			    "%s is a secret, and no argument: every user of this machine could "
			    "read it there (give %s alone to be asked, or --value-file)",
			    key, key);
	else if (!result && equals)
		result = assign_value(tunnel, key, equals + 1, err);
	else if (!result)
		result = ask_field(tunnel, args, key, err);
	free(key);
	return result;
}

int assign_fields(struct tunnel *tunnel, const struct assign_args *args, char **operands,
		  size_t count, struct err *err)
{
	size_t asked = 0;

	for (size_t i = 0; i < count; i++)
		asked += !strchr(operands[i], '=');
	if (args->file && asked != 1)
		return err_set(err, STATUS_USAGE,
			       "--value-file is for one field that is named "
			       "without a value");
	for (size_t i = 0; i < count; i++)
		if (assign_one(tunnel, args, operands[i], err))
			return -1;
	return 0;
}
