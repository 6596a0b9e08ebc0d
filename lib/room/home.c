#include "lib/room/home.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include "lib/base/buf.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"

/* Where shared files lie, seen from the directory of the running executable: beside PREFIX/bin,
 * beside PREFIX/libexec/mroom, and in the source tree around build/bin, build/san/bin and their tests. */
static const char *const share_places[] = {"../share/mroom", "../../share/mroom", "../../share",
					   "../../../share", "../../../../share"};

/* What is set and not empty. */
static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

#ifdef __APPLE__
static char *own_path(void)
{
	char path[PATH_MAX];
	uint32_t size = sizeof(path);

	return _NSGetExecutablePath(path, &size) ? NULL : realpath(path, NULL);
}
#else
static char *own_path(void)
{
	return realpath("/proc/self/exe", NULL);
}
#endif

/* The directory of the running executable; NULL when the system does not tell. */
static char *own_dir(void)
{
	char *path = own_path();
	char *slash = path ? strrchr(path, '/') : NULL;

	if (!slash) {
		free(path);
		return NULL;
	}
	slash[slash == path] = '\0';
	return path;
}

/* dir/place without its dots, when that is a directory; NULL when it is not. */
static char *place_dir(const char *dir, const char *place)
{
	char *joined = mem_format("%s/%s", dir, place);
	char *path = realpath(joined, NULL);

	free(joined);
	if (path && io_is_dir(path))
		return path;
	free(path);
	return NULL;
}

char *home_tools_beside(void)
{
	char *own = own_dir();
	char *libexec = own ? place_dir(own, "../libexec/mroom") : NULL;

	if (!libexec)
		return own;
	free(own);
	return libexec;
}

static char *share_beside(void)
{
	char *own = own_dir();
	char *share = NULL;

	for (size_t i = 0; own && !share && i < sizeof(share_places) / sizeof(*share_places); i++) {
		char *place = place_dir(own, share_places[i]);
		char *mark = place ? mem_format("%s/config.ini", place) : NULL;

		if (mark && !access(mark, F_OK))
			share = place;
		else
			free(place);
		free(mark);
	}
	free(own);
	return share;
}

/* A path that stays right when a tool changes its directory. */
static char *absolute(const char *path)
{
	char here[PATH_MAX];

	if (*path == '/' || !getcwd(here, sizeof(here)))
		return mem_text(path);
	return mem_format("%s/%s", here, path);
}

static char *given(const char *name)
{
	const char *value = variable(name);
	char *expanded = value ? io_expand_home(value) : NULL;
	char *path = expanded ? absolute(expanded) : NULL;

	free(expanded);
	return path;
}

/* An executable whose place is unknown looks where it was told to, or where packages put things. */
static char *given_or(const char *name, char *found, const char *usual)
{
	char *path = given(name);

	if (!path)
		return found ? found : mem_text(usual);
	free(found);
	return path;
}

int home_find(struct home *home, struct err *err)
{
	home->exec_path = given_or("MROOM_EXEC_PATH", home_tools_beside(), "/usr/libexec/mroom");
	home->share = given_or("MROOM_SHARE", share_beside(), "/usr/share/mroom");
	home->dir = given("MROOM_HOME");
	if (home->dir)
		return 0;
	if (!variable("HOME"))
		return err_set(err, STATUS_USAGE,
			       "no home: neither HOME nor MROOM_HOME is set "
			       "(try: MROOM_HOME=/path/to/.machineroom)");
	home->dir = mem_format("%s/.machineroom", variable("HOME"));
	return 0;
}

int home_make(const struct home *home, struct err *err)
{
	struct stat st;

	if (io_make_dirs(home->dir, 0700, err))
		return err_prefix(err, "home");
	if (stat(home->dir, &st))
		return err_sys(err, STATUS_USAGE, errno, "%s", home->dir);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(err, STATUS_USAGE,
			       "%s: others can write to this directory, which holds keys and "
			       "settings (try: chmod 700 %s)",
			       home->dir, home->dir);
	return 0;
}

void home_finish(struct home *home)
{
	free(home->dir);
	free(home->exec_path);
	free(home->share);
	*home = (struct home){NULL, NULL, NULL};
}

char *home_path(const struct home *home, const char *name)
{
	return mem_format("%s/%s", home->dir, name);
}

char *home_share(const struct home *home, const char *name)
{
	return mem_format("%s/%s", home->share, name);
}
