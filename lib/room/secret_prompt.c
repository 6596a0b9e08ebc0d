#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/room/secret.h"

/* The leak checker of the address sanitizer traces its own process, which undumpable ones forbid.
 */
#if defined(__SANITIZE_ADDRESS__)
#define MAY_BE_TRACED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MAY_BE_TRACED 1
#endif
#endif

void secret_harden_process(void)
{
	const struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
#if defined(__linux__) && !defined(MAY_BE_TRACED)
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

/* The signals that would end or stop us while the echo is off: they wait until it is on again. */
static void deadly_signals(sigset_t *set)
{
	static const int deadly[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(deadly) / sizeof(*deadly); i++)
		sigaddset(set, deadly[i]);
}

/* Whether one of them has come meanwhile. */
static bool interrupted(void)
{
	sigset_t waiting, deadly;

	deadly_signals(&deadly);
	sigpending(&waiting);
	for (int number = 1; number < NSIG; number++)
		if (sigismember(&deadly, number) == 1 && sigismember(&waiting, number) == 1)
			return true;
	return false;
}

/* Reads one line, byte by byte so that nothing is left behind in another buffer. */
static int read_line(int tty, struct buf *text, struct err *err)
{
	size_t start = text->len;
	struct pollfd ready = {.fd = tty, .events = POLLIN};
	char c;

	buf_reserve(text, 4096); /* at once: a buffer that grew would leave copies behind */
	for (;;) {
		if (interrupted())
			return err_set(err, STATUS_INTERRUPTED, "interrupted");
		/* A blocked signal does not end the wait, so look for one now and then. */
		if (poll(&ready, 1, 100) <= 0)
			continue;
		if (read(tty, &c, 1) != 1)
			return err_set(err, STATUS_USAGE, "the terminal went away");
		if (c == '\n')
			return 0;
		if (text->len - start >= 4000)
			return err_set(err, STATUS_USAGE, "more than 4000 bytes were typed");
		buf_char(text, c);
	}
}

int secret_prompt(const char *prompt, struct buf *text, struct err *err)
{
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	size_t start = text->len;
	struct termios before, quiet;
	sigset_t deadly, mask;
	int result = -1;

	if (tty < 0 || tcgetattr(tty, &before)) {
		err_set(err, STATUS_USAGE, "no terminal to ask on (give it with --password-file)");
		goto out;
	}
	deadly_signals(&deadly);
	sigprocmask(SIG_BLOCK, &deadly, &mask);
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK);
	quiet.c_lflag |= ECHONL | ICANON;
	if (tcsetattr(tty, TCSAFLUSH, &quiet)) {
		err_sys(err, STATUS_CONSOLE, errno, "/dev/tty");
	} else {
		result = io_write_all(tty, prompt, strlen(prompt), err);
		if (!result)
			result = read_line(tty, text, err);
		tcsetattr(tty, TCSAFLUSH, &before);
	}
	sigprocmask(SIG_SETMASK, &mask, NULL);
out:
	if (result) {
		mem_wipe(text->at + start, text->len - start);
		buf_cut(text, start);
	}
	if (tty >= 0)
		close(tty);
	return result;
}
