/* The database, and whether what is sealed in it opens. */
#include <string.h>
#include <unistd.h>

#include "cmd/doctor/doctor.h"
#include "lib/base/mem.h"
#include "lib/room/secret.h"
#include "lib/room/store_backup.h"

static void check_integrity(struct doctor *doctor)
{
	struct list problems = LIST_INIT;
	struct err err = ERR_INIT;

	if (store_check(doctor->store, &problems, &err))
		list_add(&problems, err.text);
	for (size_t i = 0; i < problems.count; i++)
		doctor_say(doctor, "database", FINDING_BAD, STATUS_CONSOLE,
			   "restore a backup: mroom state restore FILE", "%s", problems.at[i]);
	if (!problems.count)
		doctor_say(doctor, "database", FINDING_OK, STATUS_OK, NULL, "whole, schema %d",
			   STORE_SCHEMA);
	list_finish(&problems);
}

struct sealed {
	struct doctor *doctor;
	struct secret_box *box;
	struct list ids;
};

static int collect(void *ctx, const struct server *server, struct err *err)
{
	struct sealed *sealed = ctx;

	(void)err;
	list_add(&sealed->ids, server->id);
	return 0;
}

/* Passwords that the key does not open. */
static void check_passwords(struct sealed *sealed)
{
	struct doctor *doctor = sealed->doctor;
	const struct server_query all = {.with_retired = true};
	struct err err = ERR_INIT, first = ERR_INIT;
	long opened = 0, shut = 0;

	if (store_server_each(doctor->store, &all, collect, sealed, &err))
		return;
	for (size_t i = 0; i < sealed->ids.count; i++) {
		struct buf text = BUF_INIT;
		int found = secret_get(sealed->box, doctor->store, SECRET_SERVER_PASSWORD,
				       sealed->ids.at[i], &text, &err);

		if (found < 0 && !shut++)
			first = err;
		opened += found == 1;
		buf_wipe(&text);
	}
	if (shut)
		doctor_say(doctor, "secrets", FINDING_BAD, STATUS_USAGE,
			   "put the right secret.key back, or import the rosters again",
			   "%ld password%s cannot be opened, the first: %s", shut,
			   shut == 1 ? "" : "s", first.text);
	else
		doctor_say(doctor, "secrets", FINDING_OK, STATUS_OK, NULL,
			   "%ld server password%s, all open", opened, opened == 1 ? "" : "s");
}

static void check_secrets(struct doctor *doctor)
{
	struct sealed sealed = {.doctor = doctor, .ids = LIST_INIT};
	char *path = home_path(&doctor->home, "secret.key");
	struct err err = ERR_INIT;
	int64_t count = 0;

	if (store_secret_count(doctor->store, &count, &err) || !count)
		goto out;
	if (access(path, F_OK)) {
		doctor_say(doctor, "secrets", FINDING_BAD, STATUS_USAGE,
			   "put it back from where you keep it, or import the rosters again",
			   "%s is gone, and with it %lld sealed secrets", path, (long long)count);
		goto out;
	}
	sealed.box = secret_box_open(&doctor->home, false, &err);
	if (sealed.box)
		check_passwords(&sealed);
	else
		doctor_say(doctor, "secrets", FINDING_BAD, STATUS_USAGE, NULL, "%s", err.text);
out:
	secret_box_close(sealed.box);
	list_finish(&sealed.ids);
	free(path);
}

void doctor_database(struct doctor *doctor)
{
	char *path = home_path(&doctor->home, "mroom.db");
	struct err err = ERR_INIT;

	if (access(path, F_OK)) {
		doctor_say(doctor, "database", FINDING_NOTE, STATUS_OK,
			   "mroom inventory import FILE makes it", "%s is not there yet", path);
		goto out;
	}
	doctor->store = store_open(&doctor->home, &err);
	if (!doctor->store) {
		doctor_say(doctor, "database", FINDING_BAD, err.status, NULL, "%s", err.text);
		goto out;
	}
	check_integrity(doctor);
	check_secrets(doctor);
out:
	free(path);
}
