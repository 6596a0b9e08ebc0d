#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/doctor/doctor.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/opt.h"
#include "lib/base/quote.h"
#include "lib/room/secret.h"

#define COMMAND "mroom doctor"

struct doctor_opts {
	bool fix, all;
};

static const struct opt table[] = {
    {.name = "fix",
     .type = OPT_FLAG,
     .offset = offsetof(struct doctor_opts, fix),
     .help = "mend modes of files, and remove what was left behind"},
    {.letter = 'a',
     .name = "all",
     .type = OPT_FLAG,
     .offset = offsetof(struct doctor_opts, all),
     .help = "say what is well, too, also into a pipe"},
    {.type = OPT_END},
};

static const char *const examples[] = {"mroom doctor", "mroom doctor --fix", NULL};

const struct out_column doctor_columns[DOCTOR_COLUMNS] = {
    {.name = "check", .type = OUT_TEXT},
    {.name = "state", .type = OUT_TEXT},
    {.name = "finding", .type = OUT_TEXT},
    {.name = "advice", .type = OUT_TEXT},
};

void doctor_say(struct doctor *doctor, const char *check, enum finding finding, enum status status,
		const char *advice, const char *format, ...)
{
	static const char *const names[] = {"ok", "note", "warning", "bad", "fixed"};
	struct buf text = BUF_INIT;
	va_list args;

	doctor->bad += finding == FINDING_BAD;
	doctor->warnings += finding == FINDING_WARNING;
	doctor->fixed += finding == FINDING_FIXED;
	if (finding == FINDING_BAD)
		doctor->status = status_worst(doctor->status, status);
	if (finding == FINDING_OK && !doctor->all)
		return;
	va_start(args, format);
	buf_vformat(&text, format, args);
	va_end(args);
	const char *values[DOCTOR_COLUMNS] = {check, names[finding], text.at, advice};

	out_row(doctor->out, values);
	buf_finish(&text);
}

void doctor_mode(struct doctor *doctor, const char *check, const char *path, int mask, int wanted)
{
	struct stat st;
	char *advice;

	if (stat(path, &st) || !(st.st_mode & (mode_t)mask)) {
		doctor_say(doctor, check, FINDING_OK, STATUS_OK, NULL, "%s: mode is right", path);
		return;
	}
	advice = mem_format("chmod %o %s, or: mroom doctor --fix", (unsigned)wanted, path);
	if (doctor->fix && !chmod(path, (mode_t)wanted))
		doctor_say(doctor, check, FINDING_FIXED, STATUS_OK, NULL, "%s: mode was %o, now %o",
			   path, (unsigned)(st.st_mode & 07777), (unsigned)wanted);
	else
		doctor_say(doctor, check, FINDING_BAD, STATUS_USAGE, advice,
			   "%s: mode %o lets others in", path, (unsigned)(st.st_mode & 07777));
	free(advice);
}

static void examine(struct doctor *doctor)
{
	doctor_files(doctor);
	doctor_settings(doctor);
	doctor_database(doctor);
	doctor_keys(doctor);
	doctor_hosts(doctor);
	doctor_agent(doctor);
	doctor_programs(doctor);
	doctor_libraries(doctor);
	doctor_clock(doctor);
}

static int doctor_run(const struct doctor_opts *opts, const struct out_args *form, struct err *err)
{
	struct doctor doctor = {.fix = opts->fix};
	int result = -1;

	secret_harden_process();
	if (home_find(&doctor.home, err))
		goto out;
	doctor.out = out_create(stdout, form, doctor_columns, DOCTOR_COLUMNS, err);
	if (!doctor.out)
		goto out;
	doctor.all = opts->all || out_form(doctor.out) == OUT_TABLE;
	if (!access(doctor.home.dir, F_OK) && !io_is_dir(doctor.home.dir))
		doctor_say(&doctor, "home", FINDING_BAD, STATUS_USAGE,
			   "set MROOM_HOME to a directory", "%s is no directory", doctor.home.dir);
	else if (!io_is_dir(doctor.home.dir))
		doctor_say(&doctor, "home", FINDING_NOTE, STATUS_OK,
			   "mroom inventory import FILE makes it", "%s is not there yet",
			   doctor.home.dir);
	else
		examine(&doctor);
	result = 0;
out:
	if (out_finish(doctor.out, result ? NULL : err) || (!result && io_close_stdout(err)))
		result = -1;
	if (!result) {
		fprintf(stderr, "%ld bad, %ld warning%s", doctor.bad, doctor.warnings,
			doctor.warnings == 1 ? "" : "s");
		fprintf(stderr, doctor.fixed ? ", %ld fixed\n" : "\n", doctor.fixed);
	}
	store_close(doctor.store);
	config_close(doctor.config);
	home_finish(&doctor.home);
	return result ? -1 : (int)doctor.status;
}

int main(int argc, char **argv)
{
	struct doctor_opts opts = {.fix = false};
	struct out_args form = {.form = NULL};
	const struct opt_group groups[] = {
	    {"Doctor", table, &opts},
	    {"Output", out_opts, &form},
	};
	const struct opt_spec spec = {
	    .command = COMMAND,
	    .about = "Looks for what is wrong with this console, and says what to do about it.",
	    .groups = groups,
	    .group_count = 2,
	    .examples = examples,
	};
	struct err err = ERR_INIT;
	int operands;
	int result = -1;

	switch (opt_parse(&spec, argc, argv, &operands, NULL, &err)) {
	case OPT_SHOWN:
		return io_close_stdout(&err) ? err_report(&err, COMMAND) : STATUS_OK;
	case OPT_BAD:
		break;
	case OPT_RUN:
		if (operands < argc)
			err_set(&err, STATUS_USAGE, "no words are wanted, got '%s'",
				argv[operands]);
		else
			result = doctor_run(&opts, &form, &err);
		break;
	}
	return result < 0 ? err_report(&err, COMMAND) : result;
}
