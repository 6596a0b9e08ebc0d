#include <errno.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/cert/keygen.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/flow/record.h"
#include "lib/wire/authorized.h"

#define COMMAND "mroom cert keygen"

extern char **environ;

int keygen_run(const char *const *argv, int output, struct err *err)
{
	posix_spawn_file_actions_t actions;
	int status = 0, rc;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	if (output >= 0)
		posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	rc = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (rc)
		return err_sys(err, STATUS_USAGE, rc, "%s", argv[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return err_set(err, STATUS_USAGE, "%s failed", argv[0]);
}

struct keygen {
	const char *comment;
	bool passphrase;
};

static const struct opt opts[] = {
    {.name = "comment",
     .type = OPT_TEXT,
     .offset = offsetof(struct keygen, comment),
     .arg = "TEXT",
     .help = "what the key is known by ([identity] key_feature)"},
    {.name = "passphrase",
     .type = OPT_FLAG,
     .offset = offsetof(struct keygen, passphrase),
     .help = "ask for a passphrase to lock it with"},
    {.type = OPT_END},
};

static int make_key(const struct keygen *keygen, struct console *console, const char *file,
		    struct err *err)
{
	const char *feature = config_text(console->config, "identity", "key_feature");
	const char *comment = keygen->comment ? keygen->comment : feature;
	const char *argv[12] = {"ssh-keygen", "-q", "-t", "ed25519", "-f", file};
	size_t count = 6;
	struct authorized key;
	struct buf row = BUF_INIT;
	char *dir = mem_text(file), *slash = strrchr(dir, '/');
	int rc = -1;

	if (*comment) {
		argv[count++] = "-C";
		argv[count++] = comment;
	}
	if (!keygen->passphrase) {
		argv[count++] = "-N";
		argv[count++] = "";
	}
	if (slash && slash != dir) {
		*slash = '\0';
		if (io_make_dirs(dir, 0700, err))
			goto out;
	}
	/* ssh-keygen would ask whether to overwrite. */
	if (access(file, F_OK) == 0) {
		err_set(err, STATUS_USAGE, "%s is there already; it is not overwritten", file);
		goto out;
	}
	if (keygen_run(argv, -1, err) || authorized_read(file, &key, err))
		goto out;
	const char *const fields[] = {file, key.fingerprint, key.comment};
	record_write(&row, fields, 3);
	fwrite(row.at, 1, row.len, stdout);
	buf_finish(&row);
	authorized_finish(&key);
	rc = 0;
out:
	free(dir);
	return rc;
}

static const char *const examples[] = {
    "mroom cert keygen",
    "mroom cert keygen ~/.ssh/id_2027 --comment alice@example.org --passphrase",
    NULL,
};

int cert_keygen(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct keygen keygen = {.comment = NULL};
	const struct opt_group groups[] = {{"Key", opts, &keygen}};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .args = "[FILE]",
	    .about = "Makes an ed25519 key: FILE and FILE.pub ([identity] public_key).",
	    .operand_complete = "file",
	    .groups = groups,
	    .group_count = 1,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	char *file = NULL;
	int operands;

	if (cert_parse(&spec, argc, argv, &operands, &err) < 1 || console_open(&console, &err))
		goto out;
	if (argc - operands > 1) {
		err_set(&err, STATUS_USAGE, "expected one FILE");
		goto out;
	}
	file = authorized_private(operands < argc
				      ? argv[operands]
				      : config_text(console.config, "identity", "public_key"));
	make_key(&keygen, &console, file, &err);
out:
	free(file);
	console_close(&console);
	return cert_exit(COMMAND, STATUS_OK, &err);
}
