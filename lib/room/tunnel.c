#include "lib/room/tunnel.h"

#include "lib/base/hash.h"
#include "lib/base/mem.h"
#include "lib/room/server.h"

#define KEY_MAX 40

void tunnel_finish(struct tunnel *tunnel)
{
	for (size_t i = 0; i < tunnel->field_count; i++) {
		free(tunnel->fields[i].key);
		mem_wipe_free(tunnel->fields[i].value);
	}
	free(tunnel->fields);
	free(tunnel->name);
	free(tunnel->type);
	free(tunnel->server);
	free(tunnel->user);
	*tunnel = (struct tunnel)TUNNEL_INIT;
}

static struct tunnel_field *find_field(const struct tunnel *tunnel, const char *key)
{
	for (size_t i = 0; i < tunnel->field_count; i++)
		if (!strcmp(tunnel->fields[i].key, key))
			return &tunnel->fields[i];
	return NULL;
}

const char *tunnel_value(const struct tunnel *tunnel, const char *key)
{
	const struct {
		const char *key, *value;
	} own[] = {{"name", tunnel->name},
		   {"type", tunnel->type},
		   {"server", tunnel->server},
		   {"user", tunnel->user}};
	const struct tunnel_field *field = find_field(tunnel, key);

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (!strcmp(own[i].key, key))
			return own[i].value && *own[i].value ? own[i].value : NULL;
	return field ? field->value : NULL;
}

bool tunnel_has(const struct tunnel *tunnel, const char *key)
{
	return find_field(tunnel, key) != NULL;
}

bool tunnel_keeps(const struct tunnel *tunnel, bool otherwise)
{
	const char *keep = tunnel_value(tunnel, "keep");

	return keep ? !strcmp(keep, "yes") : otherwise;
}

void tunnel_put(struct tunnel *tunnel, const char *key, const char *value, bool secret)
{
	struct tunnel_field *field = find_field(tunnel, key);

	if (!field) {
		tunnel->fields =
		    mem_resize(tunnel->fields, tunnel->field_count + 1, sizeof(*tunnel->fields));
		field = &tunnel->fields[tunnel->field_count++];
		*field = (struct tunnel_field){.key = mem_text(key)};
	}
	mem_wipe_free(field->value);
	field->value = mem_text(value);
	field->secret = secret;
}

int tunnel_check_key(const char *key, struct err *err)
{
	size_t size = strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (!size || key[size] || size > KEY_MAX || (*key >= '0' && *key <= '9'))
		return err_set(err, STATUS_USAGE,
			       "'%.60s' is no name of a field: small letters, digits and _, such "
			       "as psk or private_key",
			       key);
	return 0;
}

int tunnel_check_value(const char *key, const char *value, size_t size, struct err *err)
{
	if (size > TUNNEL_VALUE_MAX)
		return err_set(err, STATUS_USAGE, "%s is longer than %d bytes", key,
			       TUNNEL_VALUE_MAX);
	if (memchr(value, '\0', size))
		return err_set(err, STATUS_USAGE, "%s has a NUL byte in it", key);
	if (!strcmp(key, "keep") && strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return err_set(err, STATUS_USAGE, "keep is yes or no");
	for (size_t i = 0; i < size && !tunnel_key_secret(key); i++)
		if (((unsigned char)value[i] < ' ' && value[i] != '\n') || value[i] == 0x7f)
			return err_set(err, STATUS_USAGE, "%s has a control byte in it", key);
	return 0;
}

bool tunnel_key_secret(const char *key)
{
	static const char *const endings[] = {"password", "passphrase", "secret", "psk",
					      "pin",	  "config",	"key"};
	size_t size = strlen(key);

	if (!strncmp(key, "public_", 7) || !strncmp(key, "peer_", 5))
		return false;
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		size_t end = strlen(endings[i]);

		if (size >= end && !strcmp(key + size - end, endings[i]))
			return true;
	}
	return false;
}

int tunnel_check_server(const char *text, struct err *err)
{
	struct server parsed;

	if (!*text || !server_check_host(text, NULL))
		return 0;
	server_init(&parsed);
	if (server_parse_address(text, &parsed, err) != 1)
		return server_check_host(text, err);
	server_finish(&parsed);
	return 0;
}

void tunnel_interface(const char *name, char into[16])
{
	const struct hash_seed seed = {0x6d726f6f6d, 0x74756e6e656c};

	if (strlen(name) <= 12)
		snprintf(into, 16, "mr-%s", name);
	else
		snprintf(into, 16, "mr-%.3s%09llx", name,
			 (unsigned long long)hash_bytes(&seed, name, strlen(name)) &
			     0xfffffffffULL);
}

static void write_field(struct buf *to, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	buf_format(to, "%s=", key);
	for (const char *at = value; *at; at++) {
		if (*at == '\n')
			buf_text(to, "\\n");
		else if (*at == '\\')
			buf_text(to, "\\\\");
		else
			buf_char(to, *at);
	}
	buf_char(to, '\n');
}

void tunnel_write(const struct tunnel *tunnel, struct buf *to)
{
	write_field(to, "name", tunnel->name);
	write_field(to, "type", tunnel->type);
	write_field(to, "server", tunnel->server);
	write_field(to, "user", tunnel->user);
	for (size_t i = 0; i < tunnel->field_count; i++)
		write_field(to, tunnel->fields[i].key, tunnel->fields[i].value);
}
