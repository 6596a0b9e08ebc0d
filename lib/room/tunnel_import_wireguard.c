#include <strings.h>

#include "lib/room/tunnel_import.h"
#include "lib/base/list.h"
#include "lib/base/mem.h"

/* The value of a "Key = value" line, or NULL. Points into line. */
static const char *value_of(const char *line, const char *key)
{
	size_t size = strlen(key);
	const char *at = line + size;

	if (strncasecmp(line, key, size) != 0)
		return NULL;
	at += strspn(at, " \t");
	if (*at++ != '=')
		return NULL;
	return at + strspn(at, " \t");
}

/* Commands of the file are run as root by wg-quick: whoever imports it should know. */
static void note_commands(const char *line, struct list *notes)
{
	static const char *const keys[] = {"PreUp", "PostUp", "PreDown", "PostDown"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (value_of(line, keys[i]))
			list_take(notes, mem_format("%s runs as root: %s", keys[i],
						    value_of(line, keys[i])));
}

int tunnel_import_wireguard(struct tunnel *tunnel, const char *text, struct list *notes, struct err *err)
{
	struct buf line = BUF_INIT;
	const char *at = text;
	bool key = false, peer = false;
	int result = 0;

	free(tunnel->server);
	tunnel->server = NULL;
	while (tunnel_import_line(&at, &line)) {
		const char *endpoint = value_of(line.at, "Endpoint");

		if (endpoint && *endpoint && !tunnel->server)
			tunnel->server = mem_text(endpoint);
		key = key || value_of(line.at, "PrivateKey");
		peer = peer || !strcasecmp(line.at, "[Peer]");
		note_commands(line.at, notes);
	}
	buf_wipe(&line);
	if (!key || !peer)
		result = err_set(err, STATUS_USAGE, "no wg-quick configuration: it has no %s",
				 key ? "[Peer]" : "PrivateKey");
	else if (!tunnel->server)
		result = err_set(err, STATUS_USAGE, "it has no Endpoint, so nothing to connect to");
	else
		result = tunnel_check_server(tunnel->server, err);
	if (!tunnel->server)
		tunnel->server = mem_text("");
	free(tunnel->type);
	tunnel->type = mem_text("WIREGUARD");
	tunnel_put(tunnel, "config", text, true);
	return result;
}
