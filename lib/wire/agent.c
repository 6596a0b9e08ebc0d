#include "lib/wire/agent.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/blob.h"

enum { AGENT_LIST = 11, AGENT_LIST_ANSWER = 12, AGENT_SIGN = 13,
       AGENT_SIGN_ANSWER = 14 };
enum { AGENT_RSA_SHA2_256 = 2, AGENT_RSA_SHA2_512 = 4 };

#define AGENT_ANSWER_MAX (256 * 1024)

/* What was asked and waits for its answer, in the order asked. */
struct request {
	struct request *next;
	agent_key_fn *list;
	identity_signed_fn *sign;
	char *algorithm;
	void *ctx;
};

struct agent {
	uv_pipe_t pipe;
	uv_connect_t connecting;
	bool connected, dead, closing;
	struct request *first, **last;
	struct buf pending; /* written before the connection stood */
	struct buf input;
	char chunk[8192];
};

struct outgoing {
	uv_write_t request;
	struct buf bytes;
};

static void request_free(struct request *request)
{
	free(request->algorithm);
	free(request);
}

static void request_fail(struct request *request, const char *problem)
{
	if (request->list)
		request->list(request->ctx, NULL, 0, NULL, problem);
	else if (request->sign)
		request->sign(request->ctx, NULL, 0, problem);
}

/* Everything asked fails, now and from now on. */
static void agent_die(struct agent *agent, const char *problem)
{
	struct request *request;

	agent->dead = true;
	while ((request = agent->first) != NULL) {
		agent->first = request->next;
		request_fail(request, problem);
		request_free(request);
	}
	agent->last = &agent->first;
}

static void answer_list(struct request *request, struct blob *blob)
{
	uint32_t count = blob_u32(blob);

	for (uint32_t i = 0; i < count && !blob->bad; i++) {
		struct blob key = blob_string(blob), comment = blob_string(blob);

		if (blob->bad)
			break;
		char *text = mem_text_n((const char *)comment.at, comment.left);
		request->list(request->ctx, key.at, key.left, text, NULL);
		free(text);
	}
	request->list(request->ctx, NULL, 0, NULL, NULL);
}

/* string(string algorithm, string signature); for FIDO keys flags and counter follow, and what
 * follows the name travels as it is (OpenSSH PROTOCOL.u2f). */
static void answer_sign(struct request *request, struct blob *blob)
{
	struct blob outer = blob_string(blob), name = blob_string(&outer), sig;

	if (outer.bad || name.bad || !blob_equals(&name, request->algorithm)) {
		request->sign(request->ctx, NULL, 0, "the agent signed with another algorithm");
		return;
	}
	sig = strncmp(request->algorithm, "sk-", 3) ? blob_string(&outer) : outer;
	if (sig.bad)
		request->sign(request->ctx, NULL, 0, "the agent's answer is malformed");
	else
		request->sign(request->ctx, sig.at, sig.left, NULL);
}

static void agent_answer(struct agent *agent, struct blob *blob)
{
	struct request *request = agent->first;
	unsigned char type = blob_byte(blob);

	if (!request) {
		agent_die(agent, "the agent spoke out of turn");
		return;
	}
	agent->first = request->next;
	if (!agent->first)
		agent->last = &agent->first;
	if (request->list && type == AGENT_LIST_ANSWER)
		answer_list(request, blob);
	else if (request->sign && type == AGENT_SIGN_ANSWER)
		answer_sign(request, blob);
	else
		request_fail(request, "the agent refused");
	request_free(request);
}

static void agent_read_alloc(uv_handle_t *handle, size_t hint, uv_buf_t *buf)
{
	struct agent *agent = handle->data;

	(void)hint;
	*buf = uv_buf_init(agent->chunk, sizeof(agent->chunk));
}

static void agent_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buf)
{
	struct agent *agent = stream->data;

	if (count < 0) {
		uv_read_stop(stream);
		agent_die(agent, "the agent hung up");
		return;
	}
	buf_add(&agent->input, buf->base, (size_t)count);
	while (!agent->dead && agent->input.len >= 4) {
		struct blob head = blob_of(agent->input.at, agent->input.len);
		uint32_t size = blob_u32(&head);

		if (size > AGENT_ANSWER_MAX) {
			agent_die(agent, "the agent's answer is too large");
			return;
		}
		if (head.left < size)
			return;
		struct blob answer = blob_of(head.at, size);
		agent_answer(agent, &answer);
		buf_drop(&agent->input, 4 + (size_t)size);
	}
}

static void outgoing_done(uv_write_t *request, int status)
{
	struct outgoing *outgoing = request->data;

	(void)status; /* a broken pipe shows in the reader as well */
	buf_finish(&outgoing->bytes);
	free(outgoing);
}

/* Sends what `bytes` holds and empties it. */
static void agent_write(struct agent *agent, struct buf *bytes)
{
	struct outgoing *outgoing = mem_zero(1, sizeof(*outgoing));
	uv_buf_t part;

	outgoing->bytes = *bytes;
	buf_init(bytes);
	outgoing->request.data = outgoing;
	part = uv_buf_init(outgoing->bytes.at, (unsigned)outgoing->bytes.len);
	if (uv_write(&outgoing->request, (uv_stream_t *)&agent->pipe, &part, 1, outgoing_done)) {
		outgoing_done(&outgoing->request, -1);
		agent_die(agent, "the agent hung up");
	}
}

static void agent_connected(uv_connect_t *request, int status)
{
	struct agent *agent = request->data;

	if (agent->closing)
		return;
	if (status < 0) {
		agent_die(agent, "no agent answers at SSH_AUTH_SOCK");
		return;
	}
	agent->connected = true;
	uv_read_start((uv_stream_t *)&agent->pipe, agent_read_alloc, agent_read);
	if (agent->pending.len > 0)
		agent_write(agent, &agent->pending);
}

struct agent *agent_create(uv_loop_t *loop, const char *path)
{
	struct agent *agent = mem_zero(1, sizeof(*agent));

	agent->last = &agent->first;
	buf_init(&agent->pending);
	buf_init(&agent->input);
	uv_pipe_init(loop, &agent->pipe, 0);
	agent->pipe.data = agent;
	agent->connecting.data = agent;
	uv_pipe_connect(&agent->connecting, &agent->pipe, path, agent_connected);
	return agent;
}

static void agent_closed(uv_handle_t *handle)
{
	struct agent *agent = handle->data;

	buf_finish(&agent->pending);
	buf_wipe(&agent->input);
	free(agent);
}

void agent_destroy(struct agent *agent)
{
	if (!agent)
		return;
	while (agent->first) {
		struct request *request = agent->first;

		agent->first = request->next;
		request_free(request);
	}
	agent->dead = agent->closing = true;
	uv_close((uv_handle_t *)&agent->pipe, agent_closed);
}

/* Frames the body, queues the request, sends or keeps it until connected. */
static void agent_ask(struct agent *agent, struct request *request, const struct buf *body)
{
	if (agent->dead) {
		request_fail(request, "the agent does not answer");
		request_free(request);
		return;
	}
	*agent->last = request;
	agent->last = &request->next;
	blob_put_string(&agent->pending, body->at, body->len);
	if (agent->connected)
		agent_write(agent, &agent->pending);
}

void agent_list(struct agent *agent, agent_key_fn *fn, void *ctx)
{
	struct request *request = mem_zero(1, sizeof(*request));
	struct buf body = BUF_INIT;

	request->list = fn;
	request->ctx = ctx;
	buf_char(&body, AGENT_LIST);
	agent_ask(agent, request, &body);
	buf_finish(&body);
}

void agent_sign(struct agent *agent, const struct identity *identity, const char *algorithm,
		size_t algorithm_size, const void *data, size_t size, identity_signed_fn *fn,
		void *ctx)
{
	struct request *request = mem_zero(1, sizeof(*request));
	const struct buf *key = identity->plain.len > 0 ? &identity->plain : &identity->blob;
	struct buf body = BUF_INIT;
	uint32_t flags = 0;

	request->sign = fn;
	request->ctx = ctx;
	request->algorithm = mem_text_n(algorithm, algorithm_size);
	if (!strcmp(request->algorithm, "rsa-sha2-256"))
		flags = AGENT_RSA_SHA2_256;
	else if (!strcmp(request->algorithm, "rsa-sha2-512"))
		flags = AGENT_RSA_SHA2_512;
	buf_char(&body, AGENT_SIGN);
	blob_put_string(&body, key->at, key->len);
	blob_put_string(&body, data, size);
	blob_put_u32(&body, flags);
	agent_ask(agent, request, &body);
	buf_finish(&body);
}

static void signed_nobody(void *ctx, const void *signature, size_t size, const char *problem)
{
	(void)ctx;
	(void)signature;
	(void)size;
	(void)problem;
}

void agent_forget(struct agent *agent, const void *ctx)
{
	for (struct request *request = agent->first; request; request = request->next) {
		if (request->ctx == ctx && request->sign)
			request->sign = signed_nobody;
	}
}
