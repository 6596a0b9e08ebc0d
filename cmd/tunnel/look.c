#include "cmd/tunnel/look.h"

#include "lib/base/io.h"
#include "lib/wire/route.h"

/* The newest event, as far as it says how things are. */
static void take_event(void *ctx, const struct tunnel_event *event)
{
	struct look *look = ctx;
	enum route_state state;

	look->since = event->at;
	if (look->users || !route_state_parse(event->state, &state))
		return;
	look->state = state == ROUTE_FAILED ? "failed" : "down";
	buf_clear(&look->reason);
	if (state == ROUTE_FAILED)
		buf_text(&look->reason, event->reason);
}

int look_at(struct console *console, const char *name, struct look *look, struct err *err)
{
	struct look last = {.state = "down", .reason = BUF_INIT};
	char *dir = route_tunnel_dir(&console->home, name);
	enum route_state state;
	int result;

	*look = (struct look){.state = "down", .reason = BUF_INIT};
	state = route_ask(&console->home, name, ROUTE_QUERY, &look->reason, &look->users);
	look->state = route_state_name(state);
	result = store_tunnel_events(console->store, name, 1, take_event, &last, err);
	look->since = last.since;
	if (state == ROUTE_DOWN && io_is_dir(dir)) {
		look->state = "stale";
		buf_text(&look->reason,
			 "its keeper was killed, or could not take it down (clean up: "
			 "mroom tunnel down --stale)");
	} else if (state == ROUTE_DOWN) {
		look->state = last.state;
		buf_text(&look->reason, last.reason.at);
	}
	buf_finish(&last.reason);
	free(dir);
	return result;
}
