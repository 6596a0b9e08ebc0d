/* What every copy needs: names of places on servers, and their scripts' words. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/transfer.h"

#define ANSWER_MAX ((size_t)256 * 1024 * 1024)
#define ERR_MAX ((size_t)64 * 1024)

char *transfer_place(const char *path, const struct console *console)
{
	const char *work = config_text(console->config, "paths", "remote_workspace");
	struct buf place = BUF_INIT;

	if (!strcmp(path, "~") || !strncmp(path, "~/", 2))
		buf_text(&place, path[1] ? path + 2 : ".");
	else if (*path != '/' && *work)
		buf_format(&place, "%s/%s", !strncmp(work, "~/", 2) ? work + 2 : work, path);
	else
		buf_text(&place, path);
	while (place.len > 1 && place.at[place.len - 1] == '/')
		buf_cut(&place, place.len - 1);
	if (place.len == 0)
		buf_char(&place, '.');
	if (*place.at == '-') {
		char *plain = mem_format("./%s", place.at);

		buf_finish(&place);
		return plain;
	}
	return buf_detach(&place);
}

void transfer_split(const char *place, char **base, char **top)
{
	const char *slash = strrchr(place, '/');

	*top = mem_text(slash ? slash + 1 : place);
	if (!slash)
		*base = mem_text(".");
	else
		*base = mem_text_n(place, slash == place ? 1 : (size_t)(slash - place));
}

void transfer_keep(struct buf *out, struct buf *err, enum stream stream, const char *bytes,
		   size_t count)
{
	struct buf *to = stream == STREAM_ERR ? err : out;
	size_t most = stream == STREAM_ERR ? ERR_MAX : ANSWER_MAX;

	if (to->len < most)
		buf_add(to, bytes, count < most - to->len ? count : most - to->len);
}
