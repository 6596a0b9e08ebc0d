#include "lib/base/io.h"
#include "tests/unit/tap.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void write_file(const char *path, const char *text, mode_t mode)
{
	struct err err = ERR_INIT;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || io_write_all(fd, text, strlen(text), &err) || fchmod(fd, mode))
		printf("Bail out! cannot write %s\n", path);
	if (fd >= 0)
		close(fd);
}

static void test_read(void)
{
	struct buf buf = BUF_INIT;
	struct err err = ERR_INIT;

	write_file("ten", "0123456789", 0600);
	buf_text(&buf, "> ");
	tap_ok(!io_read_file("ten", 10, &buf, &err), "a file of just the limit is read");
	tap_text(buf.at, "> 0123456789", "behind what is there");
	buf_clear(&buf);
	tap_ok(io_read_file("ten", 9, &buf, &err) == -1 && err.status == STATUS_USAGE,
	       "a larger one is refused");
	tap_text(err.text, "ten: larger than the limit of 9 bytes", "and named");
	tap_ok(io_read_file("none", 9, &buf, &err) == -1 && err.status == STATUS_USAGE,
	       "a missing file is refused");
	tap_text(err.text, "none: No such file or directory", "and named");
	tap_ok(io_read_file(".", 9, &buf, &err) == -1 && err.status == STATUS_USAGE,
	       "a directory is refused");
	tap_text(err.text, ".: Is a directory", "and named");
	tap_ok(io_read_file("/dev/zero", 1 << 20, &buf, &err) == -1, "an endless file is refused");
	buf_finish(&buf);
}

static void test_secret(void)
{
	struct buf buf = BUF_INIT;
	struct err err = ERR_INIT;
	const char *before;

	write_file("secret", "hunter2\n\n", 0600);
	buf_reserve(&buf, 102);
	before = buf.at;
	tap_ok(!io_read_secret("secret", 100, &buf, &err), "a secret of one's own is read");
	tap_text(buf.at, "hunter2\n", "one newline at its end is dropped");
	tap_ok(buf.at == before, "and the buffer has not moved");
	buf_wipe(&buf);
	write_file("secret", "hunter2", 0640);
	tap_ok(io_read_secret("secret", 100, &buf, &err) == -1 && err.status == STATUS_USAGE &&
		   !buf.len,
	       "a secret that the group can read is refused");
	tap_text(err.text, "secret: others can read this secret (try: chmod 600 secret)",
		 "with what to do");
	buf_finish(&buf);
}

static int count_files(void)
{
	DIR *dir = opendir(".");
	int count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

static void test_replace(void)
{
	struct buf buf = BUF_INIT;
	struct err err = ERR_INIT;
	struct stat st;
	int files;

	tap_ok(!io_replace_file("new", "a\0b", 3, 0640, &err), "a new file is written");
	tap_ok(!io_read_file("new", 9, &buf, &err), "and read back");
	tap_bytes(buf.at, buf.len, "a\0b", 3, "byte for byte");
	tap_ok(!stat("new", &st) && (st.st_mode & 07777) == 0640, "with its mode");
	files = count_files();
	tap_ok(!symlink("new", "link") && !io_replace_file("link", "z", 1, 0600, &err) &&
		   !lstat("link", &st) && S_ISLNK(st.st_mode) && !stat("new", &st) &&
		   st.st_size == 1,
	       "a link stays a link and its file is replaced");
	tap_int(count_files(), files + 1, "nothing else is left behind");
	tap_ok(io_replace_file("none/file", "z", 1, 0600, &err) == -1 &&
		   err.status == STATUS_CONSOLE,
	       "a missing directory is an error");
	tap_text(err.text, "none/file: cannot make a file beside it: No such file or directory",
		 "that says so");
	buf_finish(&buf);
}

static void test_dirs(void)
{
	struct err err = ERR_INIT;
	struct stat st;

	umask(0);
	tap_ok(!io_make_dirs("a/b//c/", 0700, &err) && io_is_dir("a/b/c"), "a whole path is made");
	tap_ok(!stat("a", &st) && (st.st_mode & 07777) == 0700, "with the mode");
	tap_ok(!io_make_dirs("a/b/c", 0755, &err) && !stat("a/b/c", &st) &&
		   (st.st_mode & 07777) == 0700,
	       "what is there is left as it is");
	tap_ok(!io_make_dirs("/", 0700, &err) && !io_make_dirs(".", 0700, &err),
	       "the root and the current directory are there");
	tap_ok(io_make_dirs("ten/x", 0700, &err) == -1 && err.status == STATUS_USAGE,
	       "a file in the way is an error");
	tap_text(err.text, "ten/x: Not a directory", "that names it");
	tap_ok(io_make_dirs("ten", 0700, &err) == -1, "a file at the end too");
	tap_ok(!io_is_dir("ten") && !io_is_dir("none"), "a file is no directory, nor is nothing");
}

static void expands(const char *path, const char *want)
{
	char *got = io_expand_home(path);

	tap_text(got, want, path);
	free(got);
}

static void test_home(void)
{
	char *got;

	setenv("HOME", "/home/ann", 1);
	expands("~/x", "/home/ann/x");
	expands("~", "/home/ann");
	expands("~bob/x", "~bob/x");
	expands("/etc/~", "/etc/~");
	expands("", "");
	unsetenv("HOME");
	got = io_expand_home("~/x");
	tap_ok(got[0] == '/' && !strcmp(got + strlen(got) - 2, "/x"),
	       "without HOME the password database knows");
	free(got);
}

/* What io_close_stdout says in a child whose standard output is fd (-1: closed) after it wrote
 * text. */
static void closes(int fd, const char *text, const char *want, const char *name)
{
	struct buf buf = BUF_INIT;
	struct err err = ERR_INIT;
	int status = 0;
	pid_t pid;

	unlink("answer");
	pid = fork();
	if (!pid) {
		int first;
		int second;

		if (fd < 0)
			close(STDOUT_FILENO);
		else
			dup2(fd, STDOUT_FILENO);
		fputs(text, stdout);
		first = io_close_stdout(&err);
		second = io_close_stdout(NULL);
		write_file("answer", err.text, 0600);
		_exit(first ? (second ? 99 : (int)err.status) : 0);
	}
	waitpid(pid, &status, 0);
	io_read_file("answer", 4096, &buf, &err);
	tap_text(buf.at, want, name);
	tap_int(WEXITSTATUS(status), *want ? STATUS_CONSOLE : 0, "with its status, and once only");
	buf_finish(&buf);
}

static void test_stdout(void)
{
	int full = open("/dev/full", O_WRONLY);
	int null = open("/dev/null", O_WRONLY);
	int ends[2];

	if (pipe(ends))
		return;
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	fflush(stdout);
	closes(null, "text", "", "output that went well");
	closes(full, "text", "standard output: No space left on device", "a full disk");
	closes(full, "", "", "a full disk that nothing is written to");
	closes(ends[1], "text", "standard output: Broken pipe", "a closed pipe");
	closes(-1, "text", "standard output: Bad file descriptor", "a closed standard output");
	closes(-1, "", "", "a closed standard output that nothing is written to");
	close(full);
	close(null);
	close(ends[1]);
}

static void test_write(void)
{
	struct err err = ERR_INIT;
	int full = open("/dev/full", O_WRONLY);

	tap_ok(io_write_all(full, "x", 1, &err) == -1 && err.status == STATUS_CONSOLE,
	       "a write that fails is the console's fault");
	tap_text(err.text, "write: No space left on device", "and says why");
	tap_ok(!io_write_all(full, "x", 0, &err), "nothing can be written anywhere");
	close(full);
}

int main(void)
{
	char dir[] = "/tmp/mroom-io.XXXXXX";
	static const char *const made[] = {"ten", "secret", "new", "link", "answer"};

	if (!mkdtemp(dir) || chdir(dir))
		return 1;
	test_read();
	test_secret();
	test_replace();
	test_dirs();
	test_home();
	test_stdout();
	test_write();
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		unlink(made[i]);
	tap_ok(!rmdir("a/b/c") && !rmdir("a/b") && !rmdir("a") && !rmdir(dir),
	       "nothing else was left behind");
	return tap_done();
}
