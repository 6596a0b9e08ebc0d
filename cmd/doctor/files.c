/* Files of the home: who may read them, what was left behind; and the settings. */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmd/doctor/doctor.h"
#include "lib/base/mem.h"
#include "lib/wire/route.h"

/* A temporary file that is older was not somebody's who is at work now. */
#define OLD_SECONDS 3600

static void check_owner(struct doctor *doctor, const char *path)
{
	struct stat st;

	if (!stat(path, &st) && st.st_uid != geteuid())
		doctor_say(doctor, "files", FINDING_BAD, STATUS_USAGE,
			   "run mroom as its owner, or chown it", "%s belongs to user %ld", path,
			   (long)st.st_uid);
}

/* ".name.XXXXXX": a file that was to replace another. */
static bool is_temporary(const char *name)
{
	static const char *const bases[] = {"mroom.db", "secret.key", "known_hosts", "config.ini"};

	if (*name++ != '.')
		return false;
	for (size_t i = 0; i < sizeof(bases) / sizeof(*bases); i++) {
		size_t length = strlen(bases[i]);

		if (!strncmp(name, bases[i], length) && name[length] == '.' &&
		    strlen(name) == length + 7)
			return true;
	}
	return false;
}

static void leftover(struct doctor *doctor, const char *check, const char *path, const char *what)
{
	char *advice = mem_format("rm %s, or: mroom doctor --fix", path);

	if (doctor->fix && !unlink(path))
		doctor_say(doctor, check, FINDING_FIXED, STATUS_OK, NULL, "%s: %s, removed", path,
			   what);
	else
		doctor_say(doctor, check, FINDING_WARNING, STATUS_OK, advice, "%s: %s", path, what);
	free(advice);
}

static void check_temporaries(struct doctor *doctor)
{
	DIR *dir = opendir(doctor->home.dir);
	const struct dirent *entry;
	struct stat st;

	while (dir && (entry = readdir(dir))) {
		char *path;

		if (!is_temporary(entry->d_name))
			continue;
		path = home_path(&doctor->home, entry->d_name);
		if (!stat(path, &st) && st.st_mtime + OLD_SECONDS < time(NULL))
			leftover(doctor, "leftovers", path,
				 "half written, by a tool that was killed");
		free(path);
	}
	if (dir)
		closedir(dir);
}

/* A lock that nobody holds: its tunnel's keeper was killed. */
static void check_lock(struct doctor *doctor, const char *tunnel)
{
	int lock = route_lock(&doctor->home, tunnel, NULL);

	if (lock < 0)
		return;
	route_unlock(&doctor->home, tunnel, lock);
	doctor_say(doctor, "locks", FINDING_FIXED, STATUS_OK, NULL,
		   "tunnel %s: the lock of a keeper that was killed, released", tunnel);
}

static void check_locks(struct doctor *doctor)
{
	char *path = route_dir(&doctor->home);
	DIR *dir = opendir(path);
	const struct dirent *entry;
	long found = 0;

	while (dir && (entry = readdir(dir))) {
		size_t size = strlen(entry->d_name);
		char *tunnel;

		if (size < 6 || strcmp(entry->d_name + size - 5, ".lock") != 0)
			continue;
		found++;
		tunnel = mem_text_n(entry->d_name, size - 5);
		if (doctor->fix)
			check_lock(doctor, tunnel);
		else if (route_connect(&doctor->home, tunnel) < 0)
			doctor_say(doctor, "locks", FINDING_WARNING, STATUS_OK,
				   "mroom doctor --fix",
				   "tunnel %s: a lock, but no keeper that answers", tunnel);
		free(tunnel);
	}
	if (dir)
		closedir(dir);
	if (!found)
		doctor_say(doctor, "locks", FINDING_OK, STATUS_OK, NULL, "none left behind");
	free(path);
}

void doctor_files(struct doctor *doctor)
{
	static const char *const closed[] = {"mroom.db", "mroom.db-wal", "mroom.db-shm",
					     "secret.key", "config.ini"};

	check_owner(doctor, doctor->home.dir);
	doctor_mode(doctor, "files", doctor->home.dir, 077, 0700);
	for (size_t i = 0; i < sizeof(closed) / sizeof(*closed); i++) {
		char *path = home_path(&doctor->home, closed[i]);
		/* Settings may be read by others, not written. */
		bool settings = !strcmp(closed[i], "config.ini");

		if (!access(path, F_OK)) {
			check_owner(doctor, path);
			doctor_mode(doctor, "files", path, settings ? 022 : 077,
				    settings ? 0644 : 0600);
		}
		free(path);
	}
	check_temporaries(doctor);
	check_locks(doctor);
}

void doctor_settings(struct doctor *doctor)
{
	struct list problems = LIST_INIT;

	doctor->config = config_load(&doctor->home, &problems);
	for (size_t i = 0; i < problems.count; i++)
		doctor_say(doctor, "settings", FINDING_BAD, STATUS_USAGE,
			   "mend the line (see mroom-config(5))", "%s", problems.at[i]);
	if (!problems.count)
		doctor_say(doctor, "settings", FINDING_OK, STATUS_OK, NULL, "%s",
			   config_file(doctor->config));
	list_finish(&problems);
}
