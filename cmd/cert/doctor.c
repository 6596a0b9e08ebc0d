#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/cert/keygen.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/wire/authorized.h"

#define COMMAND "mroom cert doctor"

static const struct out_column columns[] = {
    {"file", OUT_TEXT, false},
    {"state", OUT_TEXT, false},
    {"problem", OUT_TEXT, false},
};

struct doctor {
	bool fix;
	struct out *out;
	size_t ill;
};

static const struct opt opts[] = {
    {.name = "fix",
     .type = OPT_FLAG,
     .offset = offsetof(struct doctor, fix),
     .help = "mend modes, and write public halves that are missing"},
    {.type = OPT_END},
};

static void tell(struct doctor *doctor, const char *file, bool fixed, const char *problem)
{
	out_row(doctor->out, (const char *const[]){file, fixed ? "fixed" : "bad", problem});
	doctor->ill += !fixed;
}

/* Owner and mode: nobody else may read what is secret, nor write anything. */
static void check_mode(struct doctor *doctor, const char *path, mode_t want, mode_t forbidden)
{
	struct stat st;
	char *problem;

	if (stat(path, &st))
		return;
	if (st.st_uid != geteuid() && st.st_uid != 0) {
		problem = mem_format("belongs to uid %lu", (unsigned long)st.st_uid);
		tell(doctor, path, false, problem);
		free(problem);
	}
	if (!(st.st_mode & forbidden))
		return;
	problem = mem_format("mode %03o is open to others (%03o is right)",
			     (unsigned)(st.st_mode & 0777), (unsigned)want);
	tell(doctor, path, doctor->fix && chmod(path, want) == 0, problem);
	free(problem);
}

static void check_type(struct doctor *doctor, const char *path)
{
	struct authorized key;
	char *problem = NULL;

	if (authorized_read(path, &key, &(struct err)ERR_INIT)) {
		tell(doctor, path, false, "holds no public key");
		return;
	}
	if (!strcmp(key.type, "ssh-dss"))
		problem = mem_text("DSA keys are no longer taken by servers (make an ed25519 one)");
	else if (!strcmp(key.type, "ssh-rsa") && key.bits < 3072)
		problem =
		    mem_format("RSA of %ld bits is weak (3072 or more, better ed25519)", key.bits);
	if (problem)
		tell(doctor, path, false, problem);
	free(problem);
	authorized_finish(&key);
}

/* ssh-keygen -y writes the public half, unless the key is locked. */
static bool write_public(const char *private, const char *public)
{
	const char *const argv[] = {"ssh-keygen", "-y", "-P", "", "-f", private, NULL};
	int fd = open(public, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	bool good = fd >= 0 && !keygen_run(argv, fd, &(struct err)ERR_INIT);

	if (fd >= 0)
		close(fd);
	if (fd >= 0 && !good)
		unlink(public);
	return good;
}

static bool is_private(const char *path)
{
	char head[64] = "";
	struct stat st;
	int fd;
	ssize_t got;

	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == EACCES;
	got = read(fd, head, sizeof(head) - 1);
	close(fd);
	return got > 0 && strstr(head, "PRIVATE KEY") != NULL;
}

static void check_file(struct doctor *doctor, const char *path)
{
	size_t size = strlen(path);
	char *beside;

	if (is_private(path)) {
		check_mode(doctor, path, 0600, 077);
		beside = mem_format("%s.pub", path);
		if (access(beside, F_OK))
			tell(doctor, path, doctor->fix && write_public(path, beside),
			     "its public half is missing");
	} else if (size > 4 && !strcmp(path + size - 4, ".pub")) {
		check_mode(doctor, path, 0644, 022);
		beside = authorized_private(path);
		if (!strstr(path, "-cert.pub")) {
			check_type(doctor, path);
			if (access(beside, F_OK))
				tell(doctor, path, false,
				     "its private half is missing (in an agent, or lost)");
		}
	} else {
		return;
	}
	free(beside);
}

static void check_dir(struct doctor *doctor, const char *dir)
{
	char *pattern = mem_format("%s/*", dir);
	glob_t found;

	check_mode(doctor, dir, 0700, 022);
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			check_file(doctor, found.gl_pathv[i]);
		globfree(&found);
	}
	free(pattern);
}

static const char *const examples[] = {
    "mroom cert doctor",
    "mroom cert doctor --fix",
    NULL,
};

int cert_doctor(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct doctor doctor = {.fix = false};
	struct out_args form = {.form = NULL};
	const struct opt_group groups[] = {{"Doctor", opts, &doctor}, {"Output", out_opts, &form}};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .about = "Looks over the keys in [identity] key_dir: modes, types, missing halves.",
	    .groups = groups,
	    .group_count = 2,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	char *public = NULL;
	int operands;

	if (cert_parse(&spec, argc, argv, &operands, &err) < 1 || console_open(&console, &err))
		goto out;
	if (operands < argc) {
		err_set(&err, STATUS_USAGE, "doctor takes no operands");
		goto out;
	}
	doctor.out = out_create(stdout, &form, columns, 3, &err);
	if (!doctor.out)
		goto out;
	public = io_expand_home(config_text(console.config, "identity", "public_key"));
	if (access(public, F_OK))
		tell(&doctor, public, false,
		     "[identity] public_key: not there (mroom cert keygen)");
	check_dir(&doctor, config_text(console.config, "identity", "key_dir"));
out:
	out_finish(doctor.out, err.status == STATUS_OK ? &err : NULL);
	free(public);
	console_close(&console);
	return cert_exit(COMMAND, doctor.ill ? STATUS_FAILED : STATUS_OK, &err);
}
