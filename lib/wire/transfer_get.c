/*
 * A server is asked what there is (copy-list.sh), then for sums of what is here with the same size
 * (copy-sums.sh), then for the rest of what was cut short earlier (copy-tail.sh), then for what
 * else differs (copy-get.sh). Directories are made from the list.
 */
#include "lib/wire/transfer_get.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/deed.h"
#include "lib/wire/transfer_way.h"

static void *task_open(void *ctx, struct session *session)
{
	struct get_task *task = mem_zero(1, sizeof(*task));

	task->get = ctx;
	task->session = session;
	get_join(task);
	buf_init(&task->out);
	buf_init(&task->err);
	buf_init(&task->input);
	buf_init(&task->tail.said);
	task->dir = mem_format("%s/%s", task->get->args.dir, session_server(session)->id);
	return task;
}

static void task_exec(struct get_task *task, enum get_phase phase, const char *second,
		      const char *third)
{
	const char *args[] = {task->get->base, second, third, NULL};

	task->phase = phase;
	task->fed = 0;
	buf_clear(&task->out);
	buf_clear(&task->err);
	session_script(task->session, task->get->scripts[phase], args);
}

static void task_sftp(struct get_task *task)
{
	static const struct exec_how how = {.raw = true, .subsystem = true};

	task->phase = GET_SFTP;
	task->sftp = sftp_get_create(task->get->place, task->get->top, task->dir, &task->listing);
	buf_clear(&task->err);
	session_exec(task->session, "sftp", &how);
}

static void task_ready(void *own, struct session *session)
{
	struct get_task *task = own;
	const struct transfer_get_args *wants = &task->get->args;

	task->way_known =
	    !wants->sudo && transfer_way_is_sftp(task->get->console, session_server(session)->id);
	if (wants->sftp || task->way_known)
		task_sftp(task);
	else
		task_exec(task, GET_LIST, task->get->top, NULL);
}

/* The console's own trouble is everybody's; a server's is its own. */
static void task_trouble(struct get_task *task, const struct err *err)
{
	if (err->status == STATUS_CONSOLE)
		run_fail(task->get->run, err);
	else
		session_end(task->session, OUTCOME_FAILED, "answer", "%s", err->text);
}

static void task_sftp_settle(struct get_task *task);

static int task_contents(struct get_task *task, const char *bytes, size_t count)
{
	bool told = task->tail.told;

	if (task->phase == GET_FETCH)
		return untar_feed(task->untar, bytes, count, &task->trouble);
	if (tail_feed(&task->tail, bytes, count, &task->trouble))
		return -1;
	if (!told && task->tail.told)
		get_sums_part(task);
	return 0;
}

void get_task_summed(struct get_task *task, const unsigned char *hash)
{
	if (tail_compare(&task->tail, hash, &task->trouble)) {
		task_trouble(task, &task->trouble);
		return;
	}
	get_want(task, task->tail.agreed ? -task->tail.have : 0);
	session_feed(task->session);
}

static void task_output(void *own, struct session *session, enum stream stream, const char *bytes,
			size_t count)
{
	struct get_task *task = own;
	bool failed;

	(void)session;
	get_pace(task->get, count);
	if (stream == STREAM_OUT && task->phase == GET_SFTP) {
		sftp_get_feed(task->sftp, bytes, count);
		get_count(task);
		task_sftp_settle(task);
		return;
	}
	if (stream == STREAM_OUT && (task->phase == GET_FETCH || task->phase == GET_TAIL)) {
		if (task->trouble.status != STATUS_OK)
			return;
		failed = task_contents(task, bytes, count);
		get_count(task);
		if (failed)
			task_trouble(task, &task->trouble);
		return;
	}
	transfer_keep(&task->out, &task->err, stream, bytes, count);
}

static size_t task_input(void *own, struct session *session, char *into, size_t room, bool *end)
{
	struct get_task *task = own;
	size_t left = task->phase == GET_LIST ? 0 : task->input.len - task->fed;
	size_t count = left < room ? left : room;

	(void)session;
	if (task->phase == GET_SFTP)
		return sftp_get_take(task->sftp, into, room);
	if (task->phase == GET_TAIL)
		return tail_take(&task->tail, into, room, end);
	memcpy(into, task->input.at + task->fed, count);
	task->fed += count;
	*end = count == left;
	return count;
}

static void task_done(struct get_task *task)
{
	struct err err = ERR_INIT;

	if (task->sftp)
		task->got.bytes -= sftp_get_spared(task->sftp);
	if (!take_settle(task->take, &err))
		session_end(task->session, OUTCOME_OK, NULL, "%s", "");
	else
		task_trouble(task, &err);
}

/* Asks for what is not here yet, and not to be had in a shorter way. */
static void task_stream(struct get_task *task)
{
	buf_clear(&task->input);
	listing_wanted(&task->listing, &task->input, &task->got.files, &task->got.bytes);
	if (task->input.len == 0) {
		task_done(task);
		return;
	}
	if (task->sftp) {
		sftp_get_fetch(task->sftp, task->take);
		task_sftp_settle(task);
		return;
	}
	task->untar = untar_create(&take_tar_events, task->take);
	task_exec(task, GET_FETCH, task->listing.tar, NULL);
}

/* Asks for the rest of the next file that was cut short; then for all else. */
static void task_tails(struct get_task *task)
{
	struct listing *listing = &task->listing;
	char have[24];

	while (!task->sftp && task->next < listing->names.count &&
	       (listing->here[task->next] ||
		!tail_begin(&task->tail, task->take, &listing->names.at[task->next])))
		task->next++;
	if (task->sftp || task->next == listing->names.count) {
		task_stream(task);
		return;
	}
	snprintf(have, sizeof(have), "%lld", (long long)task->tail.have);
	task_exec(task, GET_TAIL, task->tail.entry->suffix, have);
}

static void task_tailed(struct get_task *task)
{
	struct err err = ERR_INIT;
	int done;

	get_sums_forget(task);
	done = tail_end(&task->tail, &err);
	if (done < 0) {
		task_trouble(task, &err);
		return;
	}
	if (done > 0) {
		task->listing.here[task->next] = true;
		task->got.files++;
		task->got.bytes += task->tail.entry->size - task->tail.have;
	}
	tail_finish(&task->tail);
	task->next++;
	task_tails(task);
}

static void task_fetch(struct get_task *task)
{
	struct err err = ERR_INIT;

	task->take = take_create(task->dir, &err);
	if (!task->take || listing_make_dirs(&task->listing, task->take, &err)) {
		if (!task->take)
			err.status = STATUS_CONSOLE;
		task_trouble(task, &err);
		return;
	}
	get_want(task, listing_bytes(&task->listing));
	task_tails(task);
}

void get_task_compared(struct get_task *task)
{
	task_fetch(task);
}

static void task_listed(struct get_task *task)
{
	struct err err = ERR_INIT;

	if (listing_read(&task->listing, task->get->top, &task->out, &err)) {
		session_end(task->session, OUTCOME_FAILED, "answer", "%s", err.text);
		return;
	}
	buf_clear(&task->input);
	listing_compare(&task->listing, task->dir, task->get->args.quick, &task->input);
	if (task->input.len > 0)
		task_exec(task, GET_SUMS, NULL, NULL);
	else
		task_fetch(task);
}

/* The task may be gone afterwards. */
static void task_sftp_settle(struct get_task *task)
{
	get_want(task, task->spared - sftp_get_spared(task->sftp));
	task->spared = sftp_get_spared(task->sftp);
	if (sftp_get_trouble(task->sftp)->status != STATUS_OK) {
		task_trouble(task, sftp_get_trouble(task->sftp));
	} else if (sftp_get_listed(task->sftp)) {
		transfer_way_learn(task->get->console, session_server(task->session)->id,
				   task->way_known, true);
		task_fetch(task);
	} else if (sftp_get_done(task->sftp)) {
		task_done(task);
	} else {
		session_feed(task->session);
	}
}

static void task_sftp_ended(struct get_task *task, const struct ending *ending)
{
	char message[512];

	deed_last_line(&task->err, message, sizeof(message));
	if (ending->how == ENDING_LOST)
		session_end_as(task->session, ending);
	else if (!task->listing.here && *task->no_shell)
		session_end(task->session, OUTCOME_FAILED, "exec", "%s (and no SFTP)",
			    task->no_shell);
	else
		session_end(task->session, OUTCOME_FAILED, "sftp", "the server's SFTP ended%s%s",
			    *message ? ": " : "", message);
}

/* The list did not come: whether it goes on over SFTP. */
static bool task_sftp_instead(struct get_task *task, const struct ending *ending)
{
	if (task->get->args.sudo || !transfer_way_wanted(task->session, ending))
		return false;
	deed_last_line(task->err.len ? &task->err : &task->out, task->no_shell,
		       sizeof(task->no_shell));
	task_sftp(task);
	return true;
}

static void task_ended(void *own, struct session *session, const struct ending *ending)
{
	struct get_task *task = own;
	char message[512];

	if (task->phase == GET_SFTP) {
		task_sftp_ended(task, ending);
	} else if (task->phase == GET_LIST && task_sftp_instead(task, ending)) {
		return;
	} else if (ending->how != ENDING_EXIT) {
		session_end_as(session, ending);
	} else if (ending->status != 0) {
		deed_last_line(&task->err, message, sizeof(message));
		session_end(session, OUTCOME_FAILED, "exit", "%s",
			    *message ? message : "the server could not send all of it");
	} else if (task->phase == GET_LIST) {
		task_listed(task);
	} else if (task->phase == GET_SUMS) {
		get_sums_compare(task);
	} else if (task->phase == GET_TAIL) {
		task_tailed(task);
	} else if (!untar_complete(task->untar)) {
		session_end(session, OUTCOME_FAILED, "answer", "the server's tar stream broke off");
	} else {
		task_done(task);
	}
}

static void task_closed(void *ctx, void *own, const struct server *server,
			const struct result *result)
{
	struct transfer_get *get = ctx;
	struct get_task *task = own;
	const struct transfer_got nothing = {0, 0};

	if (get->args.done)
		get->args.done(get->args.ctx, server, task ? &task->got : &nothing, result);
	if (!task)
		return;
	get_leave(task);
	get_sums_forget(task);
	tail_finish(&task->tail);
	untar_destroy(task->untar);
	sftp_get_destroy(task->sftp);
	take_destroy(task->take);
	listing_finish(&task->listing);
	buf_finish(&task->out);
	buf_finish(&task->err);
	buf_finish(&task->input);
	free(task->dir);
	free(task);
}

const struct fleet_handler transfer_get_handler = {
    .open = task_open,
    .ready = task_ready,
    .output = task_output,
    .input = task_input,
    .ended = task_ended,
    .closed = task_closed,
};
