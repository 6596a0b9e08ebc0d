/* Bytes, rate and time left, for the line on a terminal. */
#include "cmd/copy/copy.h"
#include "lib/base/num.h"

/* "12.3 MB" */
static void show_bytes(struct buf *to, int64_t bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	double value = (double)bytes;
	int unit = 0;

	for (; value >= 1000 && unit < 4; unit++)
		value /= 1000;
	buf_format(to, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

void progress_say(void *ctx, struct buf *to)
{
	struct copy *copy = ctx;
	int64_t sent, total, elapsed, rate;

	if (copy->put)
		transfer_put_progress(copy->put, &sent, &total);
	else
		transfer_get_progress(copy->get, &sent, &total);
	if (total == 0)
		return;
	if (copy->progress_since == 0)
		copy->progress_since = clock_mono_ms() - 1;
	elapsed = clock_mono_ms() - copy->progress_since;
	rate = elapsed > 0 ? (sent - copy->progress_from) * 1000 / elapsed : 0;
	if (elapsed == 1)
		copy->progress_from = sent;
	show_bytes(to, sent);
	buf_text(to, " of ");
	show_bytes(to, total);
	if (elapsed == 1)
		return;
	buf_text(to, ", ");
	show_bytes(to, rate);
	buf_text(to, "/s");
	if (rate > 0 && total > sent) {
		buf_text(to, ", ");
		num_show_duration(to, (total - sent) * 1000 / rate);
		buf_text(to, " left");
	}
}
