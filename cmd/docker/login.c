/* mroom docker login, logout: servers log in to a registry; the password travels on standard input.
 */
#include <unistd.h>

#include "cmd/docker/job.h"
#include "lib/base/io.h"

static const struct out_column columns[] = {{.name = "id"}};

struct login_args {
	const char *user, *file;
};

#define AT(field) offsetof(struct login_args, field)

static const struct opt opts[] = {
    {0, "registry-user", OPT_TEXT, AT(user), "USER", "who logs in", NULL, 0, 0, NULL},
    {0, "registry-password-file", OPT_TEXT, AT(file), "FILE",
     "read the password from FILE (mode 0600); else it is asked for", NULL, 0, 0, "file"},
    {.type = OPT_END},
};

static int prepare_login(struct job *job, char **operands, size_t count)
{
	const struct login_args *args = job->spec->into;

	if (count != 1)
		return err_set(&job->err, STATUS_USAGE, "one registry is to be named");
	if (!args->user)
		return err_set(&job->err, STATUS_USAGE, "no user named (try: --registry-user)");
	list_add(&job->words, "login");
	list_add(&job->words, operands[0]);
	list_add(&job->words, args->user);
	job->has_input = true;
	return args->file ? io_read_secret(args->file, SECRET_MAX, &job->input, &job->err)
			  : secret_prompt("Registry password: ", &job->input, &job->err);
}

int docker_login(int argc, char **argv)
{
	static const char *const examples[] = {
	    "mroom docker login registry.example --registry-user deploy -g production", NULL};
	struct login_args args = {NULL, NULL};
	const struct job_spec spec = {
	    .command = "mroom docker login",
	    .args = "REGISTRY",
	    .about = "Logs servers in to a registry.",
	    .script = "engine.sh docker.sh",
	    .opts = opts,
	    .into = &args,
	    .columns = columns,
	    .column_count = 1,
	    .examples = examples,
	    .prepare = prepare_login,
	};

	return job_main(&spec, argc, argv);
}

static int prepare_logout(struct job *job, char **operands, size_t count)
{
	if (count != 1)
		return err_set(&job->err, STATUS_USAGE, "one registry is to be named");
	list_add(&job->words, "logout");
	list_add(&job->words, operands[0]);
	return 0;
}

int docker_logout(int argc, char **argv)
{
	static const char *const examples[] = {"mroom docker logout registry.example -a", NULL};
	const struct job_spec spec = {
	    .command = "mroom docker logout",
	    .args = "REGISTRY",
	    .about = "Logs servers out of a registry.",
	    .script = "engine.sh docker.sh",
	    .columns = columns,
	    .column_count = 1,
	    .examples = examples,
	    .prepare = prepare_logout,
	};

	return job_main(&spec, argc, argv);
}
