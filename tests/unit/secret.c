#include "lib/room/secret.h"

#include <errno.h>
#ifdef __APPLE__
#include <util.h>
#else
#include <pty.h>
#endif
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "tests/unit/tap.h"

/* A home of its own for each test, below the one directory that main makes. */
static struct home make_home(const char *root, const char *name)
{
	struct home home = {mem_format("%s/%s", root, name), mem_text(""), mem_text("share")};

	mkdir(home.dir, 0700);
	return home;
}

static void test_seal(const char *root)
{
	struct home home = make_home(root, "seal");
	char *path = home_path(&home, "secret.key");
	struct secret_box *box = secret_box_open(&home, false, NULL);
	struct buf sealed = BUF_INIT, again = BUF_INIT, text = BUF_INIT;
	struct err err = ERR_INIT;
	struct stat st;

	tap_ok(box && stat(path, &st), "a box is opened without making a key file");
	tap_int(secret_seal(box, "a:b", "p\0w", 3, &sealed, &err), 0, "sealing works");
	tap_ok(!stat(path, &st) && (st.st_mode & 07777) == 0600,
	       "its first use makes the key, 0600");
	tap_int(st.st_size, 65, "the key file is 64 digits and a newline");
	tap_int((long long)sealed.len, 1 + 4 + 24 + 3 + 16, "a sealed value has its known size");
	secret_seal(box, "a:b", "p\0w", 3, &again, &err);
	tap_ok(memcmp(sealed.at, again.at, sealed.len), "sealing twice gives different bytes");
	tap_ok(!secret_open(box, "a:b", sealed.at, sealed.len, &text, &err), "opening works");
	tap_bytes(text.at, text.len, "p\0w", 3, "and gives back what was sealed");
	tap_ok(secret_open(box, "a:c", sealed.at, sealed.len, &text, &err) == -1 &&
		   strstr(err.text, "does not open"),
	       "a value moved to another place does not open");
	sealed.at[sealed.len - 1] ^= 1;
	tap_int(secret_open(box, "a:b", sealed.at, sealed.len, &text, &err), -1,
		"a changed value does not open");
	tap_int(secret_open(box, "a:b", sealed.at, 44, &text, &err), -1, "nor one cut off");
	buf_clear(&sealed);
	tap_ok(!secret_seal(box, "a:b", "", 0, &sealed, &err) &&
		   !secret_open(box, "a:b", sealed.at, sealed.len, &text, &err),
	       "an empty secret is one too");
	secret_box_close(box);
	unlink(path);
	box = secret_box_open(&home, false, NULL);
	tap_ok(secret_open(box, "a:b", sealed.at, sealed.len, &text, &err) == -1 &&
		   strstr(err.text, "secret.key is missing"),
	       "a lost key is named");
	secret_box_close(box);
	box = secret_box_open(&home, true, NULL);
	tap_ok(!stat(path, &st), "create makes the key at once");
	tap_ok(secret_open(box, "a:b", sealed.at, sealed.len, &text, &err) == -1 &&
		   strstr(err.text, "sealed under another key"),
	       "another key is told from a damaged value");
	secret_box_close(box);
	buf_finish(&sealed);
	buf_finish(&again);
	buf_wipe(&text);
	free(path);
	home_finish(&home);
}

static void refuses_key(const struct home *home, const char *bytes, int mode, const char *why,
			const char *name)
{
	char *path = home_path(home, "secret.key");
	struct err err = ERR_INIT;
	struct secret_box *box;

	io_replace_file(path, bytes, strlen(bytes), mode, NULL);
	box = secret_box_open(home, true, &err);
	if (!tap_ok(!box && err.status == STATUS_USAGE && strstr(err.text, why) &&
			strstr(err.text, path),
		    name))
		printf("#  %s\n", err.text);
	secret_box_close(box);
	free(path);
}

static void test_key_file(const char *root)
{
	static const char good[] =
	    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n";
	struct home home = make_home(root, "key");

	refuses_key(&home, good, 0644, "chmod 600", "a key others can read is refused");
	refuses_key(&home, good, 0640, "chmod 600", "a key the group can read is refused");
	refuses_key(&home, "", 0600, "no key file", "an empty key is refused");
	refuses_key(&home, "abcd\n", 0600, "no key file", "a short key is refused");
	refuses_key(&home, "x123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
		    0600, "no key file", "a key of other digits is refused");
	home_finish(&home);
}

/* Many processes seal for the first time at once: one key must stand, and open what each sealed. */
static void test_race(const char *root)
{
	enum { PROCESSES = 20 };
	struct home home = make_home(root, "race");
	struct secret_box *box;
	int go[2], out[2];
	int opened = 0;
	char byte;

	if (pipe(go) || pipe(out))
		return;
	for (int i = 0; i < PROCESSES; i++) {
		if (!fork()) {
			struct buf sealed = BUF_INIT;

			close(go[1]);
			if (read(go[0], &byte, 1) != 0) /* ends for all at once */
				_exit(1);
			box = secret_box_open(&home, false, NULL);
			if (secret_seal(box, "c", "secret", 6, &sealed, NULL) || sealed.len != 51 ||
			    write(out[1], sealed.at, sealed.len) != 51)
				_exit(1);
			_exit(0);
		}
	}
	close(go[0]);
	close(go[1]);
	close(out[1]);
	while (wait(NULL) > 0 || errno == EINTR)
		continue;
	box = secret_box_open(&home, false, NULL);
	for (int i = 0; i < PROCESSES; i++) {
		struct buf text = BUF_INIT;
		char sealed[51];

		if (read(out[0], sealed, 51) == 51 &&
		    !secret_open(box, "c", sealed, 51, &text, NULL) && buf_equals(&text, "secret"))
			opened++;
		buf_wipe(&text);
	}
	close(out[0]);
	tap_int(opened, PROCESSES, "processes that seal for the first time at once use one key");
	secret_box_close(box);
	home_finish(&home);
}

static void test_harden(void)
{
	struct rlimit limit = {1, 1};

	secret_harden_process();
	getrlimit(RLIMIT_CORE, &limit);
	tap_ok(!limit.rlim_cur && !limit.rlim_max, "a hardened process leaves no core");
}

static void test_prompt(void)
{
	struct err err = ERR_INIT;
	struct buf text = BUF_INIT;
	int status = 1;

	if (!fork()) {
		setsid(); /* no terminal from here on */
		_exit(secret_prompt("Password: ", &text, &err) == -1 && err.status == STATUS_USAGE
			  ? 0
			  : 1);
	}
	wait(&status);
	tap_int(status, 0, "a prompt without a terminal is a usage error");
}

/* What a prompt on a terminal of its own answers to these key strokes: "[text] STATUS why", or the
 * signal that ended it. With the signal in place of strokes it is sent from outside. */
static void is_answer(const char *strokes, int sent, const char *want, const char *name)
{
	struct buf text = BUF_INIT, shown = BUF_INIT;
	struct err err = ERR_INIT;
	char byte;
	int terminal, status;
	pid_t child = forkpty(&terminal, NULL, NULL, NULL);

	if (!child) {
		signal(SIGINT, SIG_DFL); /* a job in the background is started without */
		secret_prompt("Password: ", &text, &err);
		printf("[%s] %d %s", text.at, err.status, err.text);
		fflush(stdout);
		_exit(0);
	}
	while (!strstr(shown.at, ": ") && read(terminal, &byte, 1) == 1)
		buf_char(&shown, byte);
	if (sent)
		kill(child, sent);
	else if (write(terminal, strokes, strlen(strokes)) < 0)
		buf_text(&shown, "cannot type");
	while (read(terminal, &byte, 1) == 1)
		buf_char(&shown, byte);
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
		buf_format(&shown, "signal %d", WTERMSIG(status));
	tap_text(shown.at, want, name);
	close(terminal);
	buf_finish(&shown);
}

static void test_terminal(void)
{
	is_answer("hunter2\n", 0, "Password: \r\n[hunter2] 0 ", "a prompt reads a line unseen");
	is_answer("\n", 0, "Password: \r\n[] 0 ", "an empty one too");
	is_answer("\x04", 0, "Password: [] 2 the terminal went away", "its end is an error");
	is_answer("abc\x03", 0, "Password: signal 2", "^C ends it");
	is_answer(NULL, SIGTERM, "Password: signal 15", "and so does a signal");
}

int main(void)
{
	char root[] = "/tmp/mroom-secret.XXXXXX";
	char *command[] = {"rm", "-rf", root, NULL};

	if (!mkdtemp(root))
		return 1;
	test_seal(root);
	test_key_file(root);
	test_race(root);
	test_prompt();
	test_terminal();
	test_harden();
	if (!fork())
		execvp(*command, command);
	wait(NULL);
	return tap_done();
}
