#include "lib/wire/remote.h"

#include <sodium.h>
#include <string.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"

#define SCRIPT_MAX (256 * 1024)

/* A login script that talks this much before our line comes will not say it any more. */
#define NOISE_MAX (64 * 1024)

/* Copies a script's lines, without indentation, blank lines and comment lines, each followed by `joint`. */
static void strip_script(struct buf *to, const char *text, char joint)
{
	while (*text) {
		const char *end = strchr(text, '\n');

		text += strspn(text, "\t ");
		end = end ? end : text + strlen(text);
		if (end > text && *text != '#') {
			buf_add(to, text, (size_t)(end - text));
			buf_char(to, joint);
		}
		text = *end ? end + 1 : end;
	}
	if (to->len > 0)
		buf_cut(to, to->len - 1);
}

static char *read_script(const struct home *home, const char *name, char joint, struct err *err)
{
	struct buf text = BUF_INIT, script = BUF_INIT;
	char *relative = mem_format("remote/%s", name), *path = home_share(home, relative);
	char *result = NULL;

	if (io_read_file(path, SCRIPT_MAX, &text, err) == 0) {
		strip_script(&script, text.at, joint);
		result = buf_detach(&script);
	}
	buf_finish(&text);
	free(relative);
	free(path);
	return result;
}

char *remote_script(const struct home *home, const char *name, struct err *err)
{
	return read_script(home, name, '\n', err);
}

int remote_open(struct remote *remote, const struct home *home, struct err *err)
{
	unsigned char noise[16];

	memset(remote, 0, sizeof(*remote));
	randombytes_buf(noise, sizeof(noise));
	sodium_bin2hex(remote->nonce, sizeof(remote->nonce), noise, sizeof(noise));
	/* run.sh goes in front of every command: in one line, which every login shell carries, so
	 * that the server need not decode it. */
	remote->run = read_script(home, "run.sh", ' ', err);
	remote->kill = remote->run ? remote_script(home, "kill.sh", err) : NULL;
	return remote->kill ? 0 : -1;
}

void remote_close(struct remote *remote)
{
	free(remote->run);
	free(remote->kill);
	memset(remote, 0, sizeof(*remote));
}

int remote_wrap(const struct remote *remote, const char *line, struct buf *command,
		struct err *err)
{
	const char *args[] = {remote->nonce, line, NULL};

	quote_command(command, remote->run, args);
	if (command->len > REMOTE_COMMAND_MAX)
		return err_set(err, STATUS_USAGE,
			       "the command is too long to be sent: %zu bytes, %d fit", command->len,
			       REMOTE_COMMAND_MAX);
	return 0;
}

void remote_kill(const struct remote *remote, long group, struct buf *command)
{
	char number[24];
	const char *args[] = {number, NULL};

	snprintf(number, sizeof(number), "%ld", group);
	quote_command(command, remote->kill, args);
}

void announcement_init(struct announcement *announcement)
{
	buf_init(&announcement->held);
	announcement->found = false;
	announcement->group = 0;
}

void announcement_finish(struct announcement *announcement)
{
	buf_finish(&announcement->held);
}

/* Where the nonce stands in what is held, or NULL. */
static char *find_nonce(struct buf *held, const char *nonce)
{
	size_t size = strlen(nonce);
	char *at = held->at, *end = held->at + held->len;

	while ((size_t)(end - at) >= size && (at = memchr(at, nonce[0], (size_t)(end - at)))) {
		if ((size_t)(end - at) < size)
			return NULL;
		if (!memcmp(at, nonce, size))
			return at;
		at++;
	}
	return NULL;
}

bool announcement_feed(struct announcement *announcement, const struct remote *remote,
		       const char *bytes, size_t count)
{
	struct buf *held = &announcement->held;
	char *at, *end;

	if (announcement->found)
		return true;
	buf_add(held, bytes, count);
	at = find_nonce(held, remote->nonce);
	end = at ? memchr(at, '\n', (size_t)(held->at + held->len - at)) : NULL;
	if (end) {
		size_t after = (size_t)(held->at + held->len - end - 1);

		announcement->group = strtol(at + strlen(remote->nonce), NULL, 10);
		memmove(at, end + 1, after);
		buf_cut(held, (size_t)(at - held->at) + after);
	}
	/* Group 1 or a negative one would reach beyond the command. */
	if (announcement->group < 2)
		announcement->group = 0;
	announcement->found = end || held->len > NOISE_MAX;
	return announcement->found;
}
