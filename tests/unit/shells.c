/* quote_command against the real shells: each must run the same script with the same arguments. */
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"
#include "tests/unit/tap.h"

struct shell {
	const char *name;
	const char *argv[3]; /* in front of -c */
};

static const struct shell shells[] = {
    {"sh", {"sh"}},	{"dash", {"dash"}}, {"bash", {"bash"}}, {"busybox sh", {"busybox", "sh"}},
    {"zsh", {"zsh"}},	{"mksh", {"mksh"}}, {"ksh", {"ksh"}},	{"fish", {"fish"}},
    {"tcsh", {"tcsh"}}, {"csh", {"csh"}},
};

static void child(const struct shell *shell, const char *line, int to)
{
	const char *argv[6] = {NULL};
	size_t count = 0;

	while (shell->argv[count]) {
		argv[count] = shell->argv[count];
		count++;
	}
	argv[count++] = "-c";
	argv[count] = line;
	if (dup2(to, STDOUT_FILENO) >= 0)
		execvp(argv[0], (char *const *)argv);
	_exit(errno == ENOENT ? 127 : 126);
}

/* Runs `SHELL -c LINE` and collects its output. Returns the exit status; 127: there is no such
 * shell. */
static int run(const struct shell *shell, const char *line, struct buf *output)
{
	int ends[2];
	int status = -1;
	char bytes[4096];
	ssize_t got;
	pid_t pid;

	buf_clear(output);
	if (pipe(ends))
		return -1;
	pid = fork();
	if (!pid)
		child(shell, line, ends[1]);
	close(ends[1]);
	while ((got = read(ends[0], bytes, sizeof(bytes))) > 0)
		buf_add(output, bytes, (size_t)got);
	close(ends[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* The script prints $0 and each argument, with a NUL behind each; the shell must print just that.
 */
static void check(const struct shell *shell, const char *script, const char *const *argv,
		  const char *what)
{
	struct buf line = BUF_INIT;
	struct buf want = BUF_INIT;
	struct buf got = BUF_INIT;
	char *name = mem_format("%s carries %s", shell->name, what);
	int status;

	quote_command(&line, script, argv);
	buf_add(&want, "mroom", 6);
	for (size_t i = 0; argv && argv[i]; i++)
		buf_add(&want, argv[i], strlen(argv[i]) + 1);
	status = run(shell, line.at, &got);
	if (status != 7)
		printf("#  exit status %d\n", status);
	tap_bytes(got.at, got.len, want.at, want.len, name);
	tap_ok(status == 7, "and the script's own exit status comes back");
	tap_ok(!strchr(line.at, '\n'), "and the line holds no newline");
	free(name);
	buf_finish(&line);
	buf_finish(&want);
	buf_finish(&got);
}

static const char one_line[] = "printf '%s\\0' \"$0\" \"$@\"; exit 7";
static const char several_lines[] = "# it's a comment! \\\n"
				    "show() {\n\tprintf '%s\\0' \"$@\"\n}\n"
				    "show \"$0\" ${1+\"$@\"}\n"
				    "case $# in\n0) exit 7 ;;\nesac\n"
				    "cat <<'END' >/dev/null\n$HOME `id` \\n !!\nEND\n"
				    "exit 7\n\n";

/* Every byte but NUL; without newline when `plain`. */
static char *all_bytes(bool plain)
{
	struct buf bytes = BUF_INIT;

	for (int i = 1; i < 256; i++)
		if (!plain || i != '\n')
			buf_char(&bytes, (char)i);
	return buf_detach(&bytes);
}

/* 20 kB of what is hard to quote, the same in every run. */
static char *hard_text(bool plain)
{
	static const char hard[] = "'\\\"!$`*?[]{}()<>|&;#~%^= \t\n\r-a\xc3\xa9\xff";
	struct buf text = BUF_INIT;
	unsigned long seed = 7;

	while (text.len < 20000) {
		char c;

		seed = seed * 6364136223846793005UL + 1442695040888963407UL;
		c = hard[(seed >> 33) % (sizeof(hard) - 1)];
		if (!plain || c != '\n')
			buf_char(&text, c);
	}
	return buf_detach(&text);
}

static void check_shell(const struct shell *shell)
{
	static const char *const words[] = {"",		"plain",      "two words",
					    "it's",	"\"double\"", "back\\slash",
					    "a\\nb",	"wow!",	      "!!",
					    "!$",	"$HOME",      "${HOME}",
					    "$(id)",	"`id`",	      "*",
					    "?",	"[a-z]",      "~",
					    "~root",	"{a,b}",      "a;b",
					    "a&&b",	"a|b",	      "<in",
					    ">out",	"#no",	      "%1",
					    "=ls",	"a=b",	      "-n",
					    "--",	"\\",	      "\\\\",
					    "'",	"''",	      "'\\''",
					    "\\'",	"!'\\",	      "\t",
					    "\r",	"^a^b",	      "@",
					    "(a)",	"trailing\\", "\xc3\xa9t\xc3\xa9",
					    "\xff\xfe", "\x1b[31m",   "a  b",
					    " ",	"\\c stops",  "\\0101",
					    "%s%d",	"",	      NULL};
	static const char *const lines[] = {"\n",	"\n\n\n", "a\nb",   "ends\n", "ends\n\n",
					    "\nstarts", "\\\n",	  "'\n'\n", "!\n!",   "",
					    "\\n",	"\\c",	  "$x\n",   NULL};
	char *const bytes = all_bytes(false);
	char *const plain_bytes = all_bytes(true);
	char *const hard = hard_text(false);
	char *const plain_hard = hard_text(true);
	const char *const big[] = {bytes, hard, "", NULL};
	const char *const plain_big[] = {plain_bytes, plain_hard, "", NULL};
	struct buf nothing = BUF_INIT;

	if (run(shell, "exit 0", &nothing) == 127) {
		tap_skip(shell->name, "not installed");
	} else {
		check(shell, one_line, NULL, "a script without arguments");
		check(shell, one_line, words, "every metacharacter");
		check(shell, one_line, lines, "newlines in arguments");
		check(shell, one_line, plain_big, "every byte and 20 kB");
		check(shell, one_line, big, "every byte and 20 kB with newlines");
		check(shell, several_lines, NULL, "a script of several lines");
		check(shell, several_lines, words, "a script of several lines with arguments");
		check(shell, several_lines, big, "a script of several lines with 20 kB");
	}
	buf_finish(&nothing);
	free(bytes);
	free(plain_bytes);
	free(hard);
	free(plain_hard);
}

int main(void)
{
	static const char *const locales[] = {"C", "C.UTF-8"};
	int null = open("/dev/null", O_RDONLY);

	/* No start-up files, and nothing to read from. */
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || setenv("HOME", "/nonexistent", 1))
		return 1;
	for (size_t i = 0; i < 2; i++) {
		if (setenv("LC_ALL", locales[i], 1))
			return 1;
		printf("# LC_ALL=%s\n", locales[i]);
		for (size_t j = 0; j < sizeof(shells) / sizeof(shells[0]); j++)
			check_shell(&shells[j]);
	}
	return tap_done();
}
