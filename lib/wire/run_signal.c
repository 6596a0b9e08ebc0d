/* Interrupts: the first shows what is outstanding, the next stops everything. */
#include <signal.h>
#include <unistd.h>

#include "lib/base/num.h"
#include "lib/wire/run_inside.h"

/* A second ^C within this time cancels. */
#define INTERRUPT_MS 1000

static void run_outstanding(struct run *run)
{
	run_line_hide(run->line);
	fleet_outstanding(run->fleet, policy_waiting(run->policy), sink_buf(run->errs));
	buf_text(sink_buf(run->errs), " (^C again to cancel)\n");
	sink_push(run->errs);
}

/* On a terminal the first ^C shows what is outstanding, a second soon after cancels. A third, or a
 * second signal of any kind, does not wait for the servers. */
static void run_signal(uv_signal_t *signal, int number)
{
	struct run *run = signal->data;
	int64_t now = clock_mono_ms();

	if (run->interrupted) {
		fleet_abandon(run->fleet);
		return;
	}
	if (number == SIGINT && !run->keeping && isatty(STDERR_FILENO) && isatty(STDIN_FILENO) &&
	    (run->interrupted_at == 0 || now - run->interrupted_at > INTERRUPT_MS)) {
		run->interrupted_at = now;
		run_outstanding(run);
		return;
	}
	run->interrupted = true;
	run_stop(run, true, "interrupted");
}

void run_watch_signals(struct run *run)
{
	struct {
		uv_signal_t *signal;
		int number;
	} const signals[] = {
	    {&run->interrupt, SIGINT}, {&run->terminate, SIGTERM}, {&run->hangup, SIGHUP}};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		if (!run->watching)
			uv_signal_init(&run->loop, signals[i].signal);
		signals[i].signal->data = run;
		/* What nohup or a shell's & has us ignore stays ignored. */
		if (sigaction(signals[i].number, NULL, &run->were[i]) ||
		    run->were[i].sa_handler != SIG_IGN)
			uv_signal_start(signals[i].signal, run_signal, signals[i].number);
	}
	run->watching = true;
}

void run_ignore_signals(struct run *run)
{
	uv_signal_t *const signals[] = {&run->interrupt, &run->terminate, &run->hangup};
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		bool ours = uv_is_active((uv_handle_t *)signals[i]);

		uv_signal_stop(signals[i]);
		/* A tool that clears up after its runs has a handler of its own. */
		if (ours)
			sigaction(numbers[i], &run->were[i], NULL);
		if (!run->keeping)
			uv_close((uv_handle_t *)signals[i], NULL);
	}
}
