#include "lib/wire/become.h"

#include <string.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"
#include "lib/room/secret.h"

/* A login script that talks more than this before sudo does is not listened to. */
#define SAID_MAX (64 * 1024)

int become_open(struct become *become, const struct become_args *args, struct err *err)
{
	become->user = args->user;
	buf_init(&become->password);
	if (!args->user && (args->ask || args->password_file))
		return err_set(err, STATUS_USAGE,
			       "a password for sudo is of no use without --sudo (try: --sudo -K)");
	if (args->user && (*args->user == '-' || strpbrk(args->user, "\n\r")))
		return err_set(err, STATUS_USAGE, "--sudo: '%s' is no user", args->user);
	become->have_password = args->ask || args->password_file;
	if (args->password_file)
		return io_read_secret(args->password_file, SECRET_MAX, &become->password, err);
	return args->ask ? secret_prompt("sudo password: ", &become->password, err) : 0;
}

void become_close(struct become *become)
{
	buf_wipe(&become->password);
}

void ascent_init(struct ascent *ascent)
{
	memset(ascent, 0, sizeof(*ascent));
	buf_init(&ascent->said);
	buf_init(&ascent->answer);
}

void ascent_begin(struct ascent *ascent, const struct become *become, const struct remote *remote)
{
	ascent_finish(ascent);
	ascent_init(ascent);
	ascent->become = become;
	ascent->mark = remote->nonce;
	ascent->arrived = !become;
}

void ascent_finish(struct ascent *ascent)
{
	buf_finish(&ascent->said);
	buf_wipe(&ascent->answer);
}

enum ascent_news ascent_hear(struct ascent *ascent, const char *bytes, size_t count)
{
	struct buf *said = &ascent->said;
	size_t size = strlen(ascent->mark);

	if (said->len + count > SAID_MAX)
		buf_clear(said);
	if (count <= SAID_MAX)
		buf_add(said, bytes, count);
	/* sudo waits behind its prompt, so it always stands at the end. */
	if (said->len < size || memcmp(said->at + said->len - size, ascent->mark, size) != 0)
		return ASCENT_NOTHING;
	buf_clear(said); /* the lecture, and the prompt */
	if (ascent->prompts++ == 0)
		return ASCENT_ASKED;
	ascent->refused = true;
	return ASCENT_REFUSED;
}

void ascent_answer(struct ascent *ascent, const struct buf *password)
{
	buf_reserve(&ascent->answer, password->len + 1);
	buf_add(&ascent->answer, password->at, password->len);
	buf_char(&ascent->answer, '\n');
}

void ascent_refuse(struct ascent *ascent)
{
	ascent->refused = true;
}

size_t ascent_input(struct ascent *ascent, char *into, size_t room, bool *end)
{
	size_t left = ascent->answer.len - ascent->answered;
	size_t count = left < room ? left : room;

	memcpy(into, ascent->answer.at + ascent->answered, count);
	ascent->answered += count;
	if (count > 0 && ascent->answered == ascent->answer.len) {
		buf_wipe(&ascent->answer);
		ascent->answered = 0;
	}
	*end = ascent->refused;
	return count;
}

void ascent_arrive(struct ascent *ascent)
{
	ascent->arrived = true;
}

/* The last line that is not blank, made visible. */
static void last_line(const struct buf *text, struct buf *into)
{
	size_t end = text->len, at;

	while (end > 0 && strchr("\r\n \t", text->at[end - 1]))
		end--;
	for (at = end; at > 0 && text->at[at - 1] != '\n'; at--)
		;
	quote_terminal(into, text->at + at, end - at, false);
}

void ascent_explain(const struct ascent *ascent, int exit_status, char *into, size_t room)
{
	struct buf line = BUF_INIT;

	last_line(&ascent->said, &line);
	if (ascent->prompts > 1)
		snprintf(into, room, "sudo: wrong password");
	else if (ascent->refused)
		snprintf(into, room, "sudo wants a password (try: -K)");
	else if (line.len > 0)
		snprintf(into, room, "%s%s", strstr(line.at, "sudo") ? "" : "sudo: ", line.at);
	else
		snprintf(into, room, "sudo ended with exit status %d", exit_status);
	buf_finish(&line);
}
