/* verb_main, as a user meets it: what is printed where, and the exit status. */
#include "lib/base/buf.h"
#include "lib/base/opt.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static int run_ls(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		printf("%s;", argv[i]);
	return 3;
}

static int run_fail(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("text");
	fprintf(stderr, "said already\n");
	return STATUS_CONSOLE;
}

static const struct verb verbs[] = {{"ls", "list servers", run_ls},
				    {"import", "read a list file", run_fail}};

static void read_back(FILE *file, struct buf *text)
{
	char bytes[4096];
	size_t size;

	rewind(file);
	while ((size = fread(bytes, 1, sizeof(bytes), file)) > 0)
		buf_add(text, bytes, size);
	fclose(file);
}

/* Runs verb_main in a child whose standard output is fd, or is compared when fd is -1. */
static void runs(int fd, const char *word, const char *more, int want_status, const char *want_out,
		 const char *want_err, const char *name)
{
	char *argv[] = {(char *)"mroom-inventory", (char *)word, (char *)more, NULL};
	struct buf out_text = BUF_INIT;
	struct buf err_text = BUF_INIT;
	FILE *out = tmpfile();
	FILE *err = tmpfile();
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(fd < 0 ? fileno(out) : fd, STDOUT_FILENO);
		dup2(fileno(err), STDERR_FILENO);
		_exit(verb_main("mroom inventory", "Keep the list of servers.", verbs, 2,
				word ? (more ? 3 : 2) : 1, argv));
	}
	waitpid(pid, &status, 0);
	read_back(out, &out_text);
	read_back(err, &err_text);
	tap_int(WEXITSTATUS(status), want_status, name);
	tap_text(out_text.at, want_out, "prints this on standard output");
	tap_text(err_text.at, want_err, "and this on standard error");
	buf_finish(&out_text);
	buf_finish(&err_text);
}

int main(void)
{
	static const char help[] = "Usage: mroom inventory VERB [OPTIONS]\n"
				   "Keep the list of servers.\n"
				   "\n"
				   "Verbs:\n"
				   "  ls      list servers\n"
				   "  import  read a list file\n"
				   "\n"
				   "mroom inventory VERB --help tells more.\n";
	int full = open("/dev/full", O_WRONLY);

	runs(-1, "ls", "-a", 3, "ls;-a;", "", "a verb gets its name and its arguments");
	runs(-1, "--help", NULL, 0, help, "", "--help lists the verbs");
	runs(-1, "-h", NULL, 0, help, "", "-h too");
	runs(-1, "--list-options", NULL, 0,
	     "verb\tls\tlist servers\nverb\timport\tread a list file\n", "",
	     "--list-options lists them for completion");
	runs(-1, NULL, NULL, 2, "", "mroom inventory: no verb given (one of ls, import)\n",
	     "no verb");
	runs(-1, "imprt", NULL, 2, "",
	     "mroom inventory: unknown verb 'imprt' (did you mean import?)\n", "a misspelt verb");
	runs(-1, "xyzzy", NULL, 2, "",
	     "mroom inventory: unknown verb 'xyzzy' (one of ls, import)\n", "an unknown verb");
	runs(-1, "\x1b[31m", NULL, 2, "",
	     "mroom inventory: unknown verb '\\e[31m' (one of ls, import)\n", "a hostile verb");
	runs(-1, "--json", "ls", 2, "",
	     "mroom inventory: unknown option --json (the verb comes first: one of ls, import)\n",
	     "an option in front of the verb");
	runs(full, "ls", NULL, 6, "", "mroom inventory: standard output: No space left on device\n",
	     "a full disk is worse than a verb's status");
	runs(full, "--help", NULL, 6, "",
	     "mroom inventory: standard output: No space left on device\n", "for --help too");
	runs(full, "import", NULL, 6, "", "said already\n",
	     "a verb that has said what is wrong is not repeated");
	close(full);
	return tap_done();
}
