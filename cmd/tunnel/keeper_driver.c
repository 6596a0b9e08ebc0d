#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/tunnel/keeper.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"

static void say(struct keeper *keeper, const char *reason)
{
	buf_clear(&keeper->said_reason);
	buf_text(&keeper->said_reason, reason);
}

static void driver_line(void *ctx, const struct drive_line *line)
{
	struct keeper *keeper = ctx;

	if (!route_state_parse(line->words[0], &keeper->said))
		return;
	say(keeper, line->words[1]);
	if (keeper->said == ROUTE_CONNECTING && keeper->state == ROUTE_CONNECTING)
		keeper_set(keeper, ROUTE_CONNECTING, line->words[1]);
}

/* The last line of what the driver said on standard error: better than nothing. */
static void take_last_words(struct keeper *keeper, const char *why)
{
	char *path = mem_format("%s/log", keeper->dir);
	struct buf text = BUF_INIT;
	char *last;

	if (io_read_file(path, (size_t)1 << 20, &text, NULL))
		buf_clear(&text);
	while (text.len && text.at[text.len - 1] == '\n')
		buf_cut(&text, text.len - 1);
	last = strrchr(text.at, '\n');
	last = last ? last + 1 : text.at;
	if (keeper->said == ROUTE_CONNECTING && keeper->said_reason.len)
		buf_format(&keeper->said_reason, ": %s", why);
	else
		say(keeper, why);
	if (*last)
		buf_format(&keeper->said_reason, ": %.300s", last);
	buf_finish(&text);
	free(path);
}

static void driver_done(void *ctx, const char *why)
{
	struct keeper *keeper = ctx;
	void (*then)(struct keeper *, bool) = keeper->then;

	keeper->drive = NULL;
	if (why && keeper->said != ROUTE_FAILED)
		take_last_words(keeper, why);
	else if (keeper->said == ROUTE_CONNECTING)
		take_last_words(keeper, "the driver gave up");
	then(keeper, !why);
}

void keeper_drive(struct keeper *keeper, const char *verb, const struct buf *profile,
		  int64_t deadline_ms, void (*then)(struct keeper *keeper, bool well))
{
	const struct drive_args args = {
	    .path = keeper->left_by ? keeper->left_by : keeper->driver,
	    .verb = verb,
	    .dir = keeper->dir,
	    .input = profile,
	    .deadline_ms = deadline_ms,
	    .line = driver_line,
	    .done = driver_done,
	    .ctx = keeper,
	};
	struct err err = ERR_INIT;

	keeper->then = then;
	keeper->said = ROUTE_CONNECTING;
	buf_clear(&keeper->said_reason);
	/* Where there is no directory there is nothing to take down either. */
	if (!io_is_dir(keeper->dir)) {
		keeper->said = ROUTE_DOWN;
		then(keeper, true);
		return;
	}
	keeper->drive = drive_start(&keeper->loop, &args, &err);
	if (!keeper->drive) {
		keeper->said = ROUTE_FAILED;
		say(keeper, err.text);
		then(keeper, false);
	}
}

/* The address that the session we run in comes from: the tunnel must not swallow the way back to
 * it. */
static void add_protection(struct buf *profile)
{
	char address[PROTECT_ADDRESS];

	if (protect_session(address))
		buf_format(profile, "protect=%s\n", address);
}

static void add_setting(struct keeper *keeper, struct buf *profile)
{
	char interface[16];

	tunnel_interface(keeper->tunnel.name, interface);
	if (!tunnel_has(&keeper->tunnel, "interface"))
		buf_format(profile, "interface=%s\n", interface);
	buf_format(profile, "timeout=%lld\n", (long long)(keeper->timeout_ms + 999) / 1000);
	add_protection(profile);
}

/* Which driver takes it down, should we be killed and the profile changed. */
static int note_driver(const struct keeper *keeper, struct err *err)
{
	char *path = mem_format("%s/driver", keeper->dir);
	int result = io_replace_file(path, keeper->driver, strlen(keeper->driver), 0600, err);

	free(path);
	return result;
}

int keeper_prepare(struct keeper *keeper, struct err *err)
{
	if (mkdir(keeper->dir, 0700))
		return err_sys(err, STATUS_CONSOLE, errno, "%s", keeper->dir);
	if (store_tunnel_unseal(keeper->console.store, keeper->console.box, &keeper->tunnel, err))
		return -1;
	if (note_driver(keeper, err))
		return -1;
	buf_reserve(&keeper->profile, (size_t)TUNNEL_VALUE_MAX * 4);
	tunnel_write(&keeper->tunnel, &keeper->profile);
	add_setting(keeper, &keeper->profile);
	/* The opened secrets are in the profile now, and only there. */
	for (size_t i = 0; i < keeper->tunnel.field_count; i++) {
		struct tunnel_field *field = &keeper->tunnel.fields[i];

		if (!field->secret)
			continue;
		mem_wipe_free(field->value);
		field->value = NULL;
	}
	return 0;
}

char *keeper_left_by(const struct keeper *keeper)
{
	char *path = mem_format("%s/driver", keeper->dir);
	struct buf driver = BUF_INIT;
	bool known = !io_read_file(path, 4096, &driver, NULL) && driver.len > 0;

	free(path);
	if (known)
		return buf_detach(&driver);
	buf_finish(&driver);
	return NULL;
}

void keeper_tidy(struct keeper *keeper)
{
	tidy_tree(keeper->dir);
}
