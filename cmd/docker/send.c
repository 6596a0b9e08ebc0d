/*
 * mroom docker send: an image for servers that have no registry in common. Three steps: the image
 * is saved, by the console's own engine or a server's; servers are asked what they have; those that
 * lack something get an archive with just that.
 */
#include <fcntl.h>
#include <unistd.h>

#include "cmd/docker/bundle.h"
#include "cmd/docker/job.h"
#include "cmd/docker/step.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"

#define SCRIPT "engine.sh docker-send.sh"

static const struct out_column columns[] = {
    {.name = "id"}, {.name = "image"}, {.name = "result"}, {.name = "bytes", .type = OUT_INT}};

/* An archive without its first layers; made when the first server wants it. */
struct archive {
	int fd; /* -1: not made */
	int64_t size;
};

struct send {
	const char *from; /* first: the options' struct */
	const char *image;
	struct bundle bundle;
	struct map *plans;	  /* server id -> the struct archive * that it gets */
	struct list ids;	  /* of those servers */
	struct archive *archives; /* [how many layers they do without] */
	int fetched;		  /* where the archive of --from goes */
	struct job *job;
	struct err trouble;
	bool held; /* signals wait */
};

static const struct opt opts[] = {
    {.name = "from",
     .type = OPT_TEXT,
     .offset = offsetof(struct send, from),
     .arg = "SERVER",
     .help = "the image as this server has it (as the console's engine has it)",
     .complete = "targets"},
    {.type = OPT_END},
};

static int go(struct send *send, const struct deed *deed, const struct pick_args *targets,
	      bool quiet, const char *command)
{
	struct run_args run = send->job->run;
	const struct deed_call call = {
	    .tool = "docker", .command = command, .run_args = &run, .targets = targets};
	int status;

	run.quiet = run.quiet || quiet;
	status = deed_go(&send->job->console, deed, send, &call, &send->job->err);
	return send->trouble.status != STATUS_OK ? (int)STATUS_CONSOLE : status;
}

/* --- where the image comes from --- */

static int save_args(void *ctx, const struct server *server, struct list *args, struct err *err)
{
	const struct send *send = ctx;

	(void)server;
	(void)err;
	list_add(args, "save");
	list_add(args, send->image);
	return 0;
}

static void save_take(void *ctx, const struct server *server, const char *bytes, size_t count)
{
	struct send *send = ctx;

	(void)server;
	if (send->trouble.status == STATUS_OK)
		io_write_all(send->fetched, bytes, count, &send->trouble);
}

/* From a server: 0, or the status. */
static int fetch(struct send *send, const char *command)
{
	const struct deed deed = {
	    .script = SCRIPT, .args = save_args, .take = save_take, .judge = job_judge};
	struct pick_args source = {.list = false};
	char *path = bundle_archive(&send->bundle);
	int status = STATUS_CONSOLE;

	send->fetched = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (send->fetched < 0) {
		err_set(&send->job->err, STATUS_CONSOLE, "%s cannot be written", path);
	} else {
		list_add(&source.where, send->from);
		status = go(send, &deed, &source, true, command);
		close(send->fetched);
	}
	pick_args_finish(&source);
	free(path);
	return status;
}

/* --- what servers have --- */

static int send_args(void *ctx, const struct server *server, struct list *args, struct err *err)
{
	const struct send *send = ctx;

	(void)err;
	list_add(args, map_get(send->plans, server->id) ? "load" : "look");
	list_add(args, send->bundle.image.tag);
	list_add(args, send->bundle.image.id);
	return 0;
}

static void row(struct send *send, const char *id, const char *result, int64_t bytes)
{
	char *number = mem_format("%lld", (long long)bytes);
	const char *values[] = {id, send->image, result, number};
	struct err err = ERR_INIT;

	out_row(send->job->out, values);
	out_flush(send->job->out, &err);
	free(number);
}

static void look_done(void *ctx, const struct answer *answer, const struct result *result)
{
	struct send *send = ctx;
	size_t have = 0;

	if (result->outcome != OUTCOME_OK)
		return;
	if (!strcmp(answer->out.at, "same\n")) {
		row(send, answer->server->id, "same", 0);
		return;
	}
	for (const char *at = answer->out.at; at; at = strchr(at, '\n')) {
		size_t shared;

		at += *at == '\n';
		if (strncmp(at, "layers\t", 7) != 0)
			continue;
		shared = image_shared(&send->bundle.image, at + 7);
		have = shared > have ? shared : have;
	}
	list_add(&send->ids, answer->server->id);
	map_set(send->plans, answer->server->id, &send->archives[have]);
}

/* --- what they get --- */

static size_t load_feed(void *ctx, const struct server *server, int64_t at, char *into, size_t room,
			bool *end)
{
	struct send *send = ctx;
	const struct archive *archive = map_get(send->plans, server->id);
	ssize_t got = pread(archive->fd, into, room, at);

	if (got < 0)
		err_set(&send->trouble, STATUS_CONSOLE, "the image cannot be read any more");
	*end = got <= 0 || at + got >= archive->size;
	return got < 0 ? 0 : (size_t)got;
}

static void load_done(void *ctx, const struct answer *answer, const struct result *result)
{
	struct send *send = ctx;
	const struct archive *archive = map_get(send->plans, answer->server->id);

	if (result->outcome == OUTCOME_OK)
		row(send, answer->server->id, "sent", archive->size);
}

static int make_archives(struct send *send)
{
	for (size_t i = 0; i < send->ids.count; i++) {
		struct archive *archive = map_get(send->plans, send->ids.at[i]);

		if (archive->fd >= 0)
			continue;
		archive->fd = bundle_without(&send->bundle, (size_t)(archive - send->archives),
					     &archive->size, &send->job->err);
		if (archive->fd < 0)
			return -1;
	}
	return 0;
}

static int distribute(struct send *send, const char *command)
{
	static const struct deed look = {.script = SCRIPT,
					 .limit = (size_t)16 * 1024 * 1024,
					 .args = send_args,
					 .judge = job_judge,
					 .done = look_done};
	static const struct deed load = {.script = SCRIPT,
					 .args = send_args,
					 .feed = load_feed,
					 .judge = job_judge,
					 .done = load_done};
	struct pick_args rest = {.list = false};
	int status = go(send, &look, &send->job->targets, true, command), made;

	if (!send->ids.count || status == STATUS_INTERRUPTED || status == STATUS_USAGE)
		return status;
	made = make_archives(send);
	if (step_interrupted(&send->job->err) || made)
		return -1;
	for (size_t i = 0; i < send->ids.count; i++)
		list_add(&rest.where, send->ids.at[i]);
	status = (int)status_worst((enum status)status,
				   (enum status)go(send, &load, &rest, false, command));
	pick_args_finish(&rest);
	return status;
}

/* --- the verb --- */

/* The image as files of the console's: 0, or the status, or -1. */
static int obtain(struct send *send, const char *command)
{
	struct err *err = &send->job->err;
	int status;

	if (!bundle_open(&send->bundle, err) && !send->from)
		bundle_save(&send->bundle, send->image, err);
	if (step_interrupted(err) || err->status != STATUS_OK)
		return -1;
	if (send->from && (status = fetch(send, command)) != STATUS_OK)
		return status;
	bundle_unpack(&send->bundle, err);
	return step_interrupted(err) || err->status != STATUS_OK ? -1 : 0;
}

static int send_image(struct job *job, const char *command)
{
	struct send *send = job->spec->into;
	int status;

	/* Until all is cleared away. */
	step_hold();
	send->held = true;
	status = obtain(send, command);
	if (status)
		return status;
	send->archives = mem_zero(send->bundle.image.layers.count + 1, sizeof(*send->archives));
	for (size_t i = 0; i <= send->bundle.image.layers.count; i++)
		send->archives[i].fd = -1;
	return distribute(send, command);
}

static int prepare(struct job *job, char **operands, size_t count)
{
	struct send *send = job->spec->into;

	if (!count || *operands[0] == '-')
		return err_set(&job->err, STATUS_USAGE, "no image named");
	send->image = operands[0];
	send->job = job;
	for (size_t i = 1; i < count; i++)
		list_add(&job->targets.where, operands[i]);
	return 0;
}

static void send_finish(struct send *send)
{
	for (size_t i = 0; send->archives && i <= send->bundle.image.layers.count; i++)
		if (send->archives[i].fd >= 0)
			close(send->archives[i].fd);
	free(send->archives);
	bundle_close(&send->bundle);
	map_destroy(send->plans);
	list_finish(&send->ids);
	if (send->held)
		step_release();
}

int docker_send(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom docker send app:2 @production",
	    "mroom docker send app:2 --from build-01 'web-[01-12]'", NULL};
	struct send send = {.bundle = BUNDLE_INIT, .plans = map_create(), .ids = LIST_INIT};
	const struct job_spec spec = {
	    .command = "mroom docker send",
	    .args = "IMAGE [TARGETS]",
	    .complete = "images targets",
	    .about = "Brings an image to servers without a registry: only what each of them lacks "
		     "travels.",
	    .opts = opts,
	    .into = &send,
	    .columns = columns,
	    .column_count = 4,
	    .examples = examples,
	    .prepare = prepare,
	    .go = send_image,
	};
	int status = job_main(&spec, argc, argv);

	if (send.trouble.status != STATUS_OK)
		status = err_report(&send.trouble, spec.command);
	send_finish(&send);
	return status;
}
