#include "lib/base/err.h"

#include "lib/base/buf.h"
#include "lib/base/quote.h"

/* Puts "..." over the end of a text that vsnprintf had to cut. */
static void err_mark_cut(struct err *err, int wanted)
{
	size_t last = sizeof(err->text) - 1;

	if (wanted >= 0 && (size_t)wanted > last)
		memcpy(err->text + last - 3, "...", 3);
}

static void err_vset(struct err *err, enum status status, const char *format, va_list args)
{
	int wanted;

	err->status = status;
	wanted = vsnprintf(err->text, sizeof(err->text), format, args);
	err_mark_cut(err, wanted);
}

int err_set(struct err *err, enum status status, const char *format, ...)
{
	va_list args;

	if (err) {
		va_start(args, format);
		err_vset(err, status, format, args);
		va_end(args);
	}
	return -1;
}

int err_sys(struct err *err, enum status status, int errnum, const char *format, ...)
{
	struct err context = ERR_INIT;
	va_list args;

	if (err) {
		va_start(args, format);
		err_vset(&context, status, format, args);
		va_end(args);
		err_set(err, status, "%s: %s", context.text, strerror(errnum));
	}
	return -1;
}

int err_prefix(struct err *err, const char *format, ...)
{
	struct err was;
	struct err context = ERR_INIT;
	va_list args;

	if (err) {
		was = *err;
		va_start(args, format);
		err_vset(&context, was.status, format, args);
		va_end(args);
		err_set(err, was.status, "%s: %s", context.text, was.text);
	}
	return -1;
}

int err_report(const struct err *err, const char *tool)
{
	struct buf line = BUF_INIT;

	buf_format(&line, "%s: ", tool);
	quote_terminal(&line, err->text, strlen(err->text), false);
	buf_char(&line, '\n');
	/* One write, so that lines of several processes do not mix. A failure has no listener. */
	fwrite(line.at, 1, line.len, stderr);
	fflush(stderr);
	buf_finish(&line);
	return (int)err->status;
}

enum status status_worst(enum status a, enum status b)
{
	static const enum status order[] = {STATUS_INTERRUPTED, STATUS_CONSOLE, STATUS_POLICY,
					    STATUS_UNREACHABLE, STATUS_TIMEOUT, STATUS_FAILED,
					    STATUS_USAGE};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return STATUS_OK;
}
