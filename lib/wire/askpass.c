#include "lib/wire/askpass.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/room/secret.h"

/* A question, and the number before it. */
#define QUESTION_MAX ((size_t)4096)

struct askpass {
	uv_pipe_t listener;
	const struct login *login;
	unsigned
	    answered; /* a bit for each hop: the same wrong answer again would only lock accounts */
	size_t guests;
	bool closing, freed;
};

/* Somebody who asks. */
struct guest {
	uv_pipe_t pipe;
	uv_write_t write;
	struct askpass *askpass;
	struct buf question, answer;
	char bytes[512];
};

bool askpass_wants(const char *question, const char *login)
{
	size_t size = login ? strlen(login) : 0;

	/* "USER@HOST's password: ", or "(USER@HOST) Password: " of keyboard-interactive. */
	if (!size)
		return false;
	if (!strncasecmp(question, login, size))
		return !strncmp(question + size, "'s password:", 12);
	return *question == '(' && !strncasecmp(question + 1, login, size) &&
	       question[size + 1] == ')' && strstr(question + size, "assword");
}

bool askpass_may(const struct login *login)
{
	return login->has_password && login->has_password(login->ctx);
}

void askpass_args(struct list *args, const struct wire *wire, const char *path)
{
	list_add(args, "env");
	list_take(args, mem_format("SSH_ASKPASS=%s", wire->asker));
	list_add(args, "SSH_ASKPASS_REQUIRE=force");
	list_take(args, mem_format(ASKPASS_SOCKET "=%s", path));
}

void askpass_hop_args(struct list *args, int hop)
{
	list_add(args, "env");
	list_take(args, mem_format(ASKPASS_HOP "=%d", hop));
}

/* --- answering --- */

/* ssh may call the host as it was asked for, as ssh_config does, or by its alias. */
static bool asks_for(const struct login *login, const char *question)
{
	const char *const hosts[] = {login->asked_for, login->host, login->known_as};
	bool wants = false;

	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts) && !wants; i++) {
		char *name = hosts[i] ? mem_format("%s@%s", login->user, hosts[i]) : NULL;

		wants = askpass_wants(question, name);
		free(name);
	}
	return wants;
}

/* "HOP QUESTION": the password, where that is what it is about. */
static void find_answer(struct askpass *askpass, const char *text, struct buf *answer)
{
	const struct login *login = askpass->login;
	const char *question = strchr(text, ' ');
	long hop = *text - '0';

	if (!question || question != text + 1 || hop < 0 || hop > 9)
		return;
	for (long i = 0; i < hop && login; i++)
		login = login->via;
	if (!login || !login->password || askpass->answered & 1U << hop ||
	    !asks_for(login, question + 1))
		return;
	askpass->answered |= 1U << hop;
	if (login->password(login->ctx, answer) < 1)
		buf_clear(answer);
	else
		buf_char(answer, '\n');
}

static void askpass_free(struct askpass *askpass)
{
	if (askpass->freed && !askpass->guests)
		free(askpass);
}

static void guest_freed(uv_handle_t *handle)
{
	struct guest *guest = handle->data;
	struct askpass *askpass = guest->askpass;

	buf_finish(&guest->question);
	buf_wipe(&guest->answer);
	free(guest);
	askpass->guests--;
	askpass_free(askpass);
}

static void guest_answered(uv_write_t *write, int status)
{
	struct guest *guest = write->data;

	(void)status;
	if (!uv_is_closing((uv_handle_t *)&guest->pipe))
		uv_close((uv_handle_t *)&guest->pipe, guest_freed);
}

static void guest_room(uv_handle_t *handle, size_t wanted, uv_buf_t *into)
{
	struct guest *guest = handle->data;

	(void)wanted;
	*into = uv_buf_init(guest->bytes, sizeof(guest->bytes));
}

static void guest_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *from)
{
	struct guest *guest = stream->data;
	uv_buf_t bytes;

	if (count > 0)
		buf_add(&guest->question, from->base, (size_t)count);
	if (count >= 0 && guest->question.len < QUESTION_MAX &&
	    !memchr(guest->question.at, '\0', guest->question.len))
		return;
	uv_read_stop(stream);
	if (count > 0 && !guest->askpass->closing)
		find_answer(guest->askpass, guest->question.at, &guest->answer);
	guest->write.data = guest;
	bytes = uv_buf_init(guest->answer.at, (unsigned)guest->answer.len);
	if (!guest->answer.len || uv_write(&guest->write, stream, &bytes, 1, guest_answered))
		guest_answered(&guest->write, -1);
}

static void guest_comes(uv_stream_t *listener, int status)
{
	struct askpass *askpass = listener->data;
	struct guest *guest;

	if (status < 0)
		return;
	guest = mem_zero(1, sizeof(*guest));
	guest->askpass = askpass;
	buf_init(&guest->question);
	buf_init(&guest->answer);
	buf_reserve(&guest->answer, SECRET_MAX);
	uv_pipe_init(listener->loop, &guest->pipe, 0);
	guest->pipe.data = guest;
	askpass->guests++;
	if (uv_accept(listener, (uv_stream_t *)&guest->pipe))
		uv_close((uv_handle_t *)&guest->pipe, guest_freed);
	else
		uv_read_start((uv_stream_t *)&guest->pipe, guest_room, guest_read);
}

static void listener_freed(uv_handle_t *handle)
{
	struct askpass *askpass = handle->data;

	askpass->freed = true;
	askpass_free(askpass);
}

struct askpass *askpass_listen(const struct wire *wire, const char *path, const struct login *login)
{
	struct askpass *askpass;
	bool any = false;

	for (const struct login *at = login; at && !any; at = at->via)
		any = askpass_may(at);
	if (!any || !wire->asker)
		return NULL;
	askpass = mem_zero(1, sizeof(*askpass));
	askpass->login = login;
	uv_pipe_init(wire->loop, &askpass->listener, 0);
	askpass->listener.data = askpass;
	if (uv_pipe_bind(&askpass->listener, path) ||
	    uv_listen((uv_stream_t *)&askpass->listener, 8, guest_comes)) {
		askpass_close(askpass);
		return NULL;
	}
	return askpass;
}

void askpass_close(struct askpass *askpass)
{
	if (!askpass || askpass->closing)
		return;
	askpass->closing = true;
	uv_close((uv_handle_t *)&askpass->listener, listener_freed); /* and its name goes */
}
