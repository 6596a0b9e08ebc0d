#include "lib/wire/remote.h"

#include <sodium.h>
#include <string.h>

#include "lib/base/io.h"
#include "lib/base/list.h"
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

char *remote_script(const struct home *home, const char *names, struct err *err)
{
	struct list list = LIST_INIT;
	struct buf whole = BUF_INIT;
	int result = 0;

	list_split(&list, names, ' ');
	for (size_t i = 0; i < list.count && !result; i++) {
		char *script = read_script(home, list.at[i], '\n', err);

		buf_format(&whole, "%s%s", i > 0 ? "\n" : "", script ? script : "");
		result = script ? 0 : -1;
		free(script);
	}
	list_finish(&list);
	if (result)
		buf_finish(&whole);
	return result ? NULL : buf_detach(&whole);
}

int remote_open(struct remote *remote, const struct home *home, struct err *err)
{
	unsigned char noise[16];

	memset(remote, 0, sizeof(*remote));
	randombytes_buf(noise, sizeof(noise));
	sodium_bin2hex(remote->nonce, sizeof(remote->nonce), noise, sizeof(noise));
	/* run.sh (and sudo.sh) go in front of every command: in one line, which every login shell
	 * carries, so that the server need not decode it. */
	remote->run = read_script(home, "run.sh", ' ', err);
	remote->sudo = remote->run ? read_script(home, "sudo.sh", ' ', err) : NULL;
	remote->kill = remote->sudo ? remote_script(home, "kill.sh", err) : NULL;
	remote->file = remote->kill ? remote_script(home, "file.sh", err) : NULL;
	return remote->file ? 0 : -1;
}

void remote_close(struct remote *remote)
{
	free(remote->run);
	free(remote->kill);
	free(remote->sudo);
	free(remote->file);
	memset(remote, 0, sizeof(*remote));
}

/* The script with its arguments, straight or through sudo. */
static void command_line(const struct remote *remote, const char *script, const struct list *args,
			 const char *sudo, struct buf *command)
{
	struct list words = LIST_INIT;

	if (sudo) {
		list_add(&words, remote->nonce);
		list_add(&words, sudo);
		list_add(&words, script);
	}
	for (size_t i = 0; i < args->count; i++)
		list_add(&words, args->at[i]);
	list_take(&words, NULL);
	quote_command(command, sudo ? remote->sudo : script, (const char *const *)words.at);
	list_finish(&words);
}

int remote_wrap(const struct remote *remote, const char *what, const char *const *argv,
		const char *sudo, struct buf *command, struct err *err)
{
	struct list args = LIST_INIT;

	list_add(&args, remote->nonce);
	list_add(&args, argv ? "sh" : "line");
	list_add(&args, what);
	for (; argv && *argv; argv++)
		list_add(&args, *argv);
	command_line(remote, remote->run, &args, sudo, command);
	list_finish(&args);
	if (command->len > REMOTE_COMMAND_MAX)
		return err_set(err, STATUS_USAGE,
			       "the command is too long to be sent: %zu bytes, %d fit", command->len,
			       REMOTE_COMMAND_MAX);
	return 0;
}

void remote_file(const struct remote *remote, size_t size, const char *by, const char *const *argv,
		 struct buf *line)
{
	struct list words = LIST_INIT;
	char number[24];

	snprintf(number, sizeof(number), "%zu", size);
	list_add(&words, remote->nonce);
	list_add(&words, number);
	list_add(&words, by);
	for (; argv && *argv; argv++)
		list_add(&words, *argv);
	list_take(&words, NULL);
	quote_command(line, remote->file, (const char *const *)words.at);
	list_finish(&words);
}

void remote_kill(const struct remote *remote, long group, const char *sudo, struct buf *command)
{
	struct list args = LIST_INIT;
	char number[24];

	snprintf(number, sizeof(number), "%ld", group);
	list_add(&args, number);
	command_line(remote, remote->kill, &args, sudo, command);
	list_finish(&args);
}

void announcement_init(struct announcement *announcement)
{
	buf_init(&announcement->held);
	announcement->found = announcement->missed = false;
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

		*end = '\0'; /* what follows is output, and no number of ours */
		announcement->group = strtol(at + strlen(remote->nonce), NULL, 10);
		memmove(at, end + 1, after);
		buf_cut(held, (size_t)(at - held->at) + after);
	}
	/* Group 1 or a negative one would reach beyond the command. */
	if (announcement->group < 2)
		announcement->group = 0;
	announcement->missed = !end && held->len > NOISE_MAX;
	announcement->found = end || announcement->missed;
	return announcement->found;
}
