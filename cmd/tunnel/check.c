#include "cmd/tunnel/drive.h"
#include "cmd/tunnel/tunnel.h"
#include "lib/base/mem.h"

#define CHECK_MS 30000

void check_finish(struct check *check)
{
	free(check->about);
	list_finish(&check->fields);
	list_finish(&check->missing);
	list_finish(&check->programs);
	list_finish(&check->cannot);
	list_finish(&check->takes);
	*check = (struct check)CHECK_INIT;
}

static void check_line(void *ctx, const struct drive_line *line)
{
	struct check *check = ctx;
	const char *const *words = line->words;

	if (!strcmp(words[0], "about") && !check->about)
		check->about = mem_text(words[1]);
	else if (!strcmp(words[0], "field"))
		list_take(&check->fields, mem_format("%s: %s", words[1], words[2]));
	else if (!strcmp(words[0], "missing"))
		list_take(&check->missing, mem_format("%s: %s", words[1], words[2]));
	else if (!strcmp(words[0], "program"))
		list_take(&check->programs, mem_format("%s (%s)", words[1], words[2]));
	else if (!strcmp(words[0], "cannot"))
		list_add(&check->cannot, words[1]);
	else if (!strcmp(words[0], "takes"))
		list_add(&check->takes, words[1]);
}

static void check_done(void *ctx, const char *why)
{
	(void)ctx;
	(void)why;
}

int check_ask(const struct home *home, const char *path, const struct tunnel *tunnel,
	      struct check *check, struct err *err)
{
	struct buf profile = BUF_INIT;
	const struct drive_args args = {
	    .path = path,
	    .verb = "check",
	    .input = &profile,
	    .deadline_ms = CHECK_MS,
	    .line = check_line,
	    .done = check_done,
	    .ctx = check,
	};
	int result;

	setenv("MROOM_SHARE", home->share, 1);
	if (tunnel) {
		tunnel_write(tunnel, &profile);
		/* Whether there is a secret is all that a check may want to know. */
		for (size_t i = 0; i < tunnel->field_count; i++)
			if (tunnel->fields[i].secret)
				buf_format(&profile, "has_%s=yes\n", tunnel->fields[i].key);
	}
	result = drive_run(&args, err);
	buf_wipe(&profile);
	return result;
}

int check_ready(const struct tunnel *tunnel, const struct check *check, struct err *err)
{
	char *missing, *programs, *cannot;

	if (!check->missing.count && !check->programs.count && !check->cannot.count)
		return 0;
	missing = list_join(&check->missing, ", ");
	programs = list_join(&check->programs, ", ");
	cannot = list_join(&check->cannot, ", ");
	if (check->programs.count)
		err_set(err, STATUS_USAGE, "not installed here: %s", programs);
	else if (check->cannot.count)
		err_set(err, STATUS_USAGE, "%s", cannot);
	else
		err_set(err, STATUS_USAGE, "missing: %s (give it: mroom tunnel set %s %.*s)",
			missing, tunnel->name, (int)strcspn(check->missing.at[0], ":"),
			check->missing.at[0]);
	free(missing);
	free(programs);
	free(cannot);
	return -1;
}
