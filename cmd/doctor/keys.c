/* Private keys that servers and settings name: are they there, readable, and for us alone. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/doctor/doctor.h"
#include "lib/base/io.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"

struct keys {
	struct doctor *doctor;
	struct map *servers; /* path -> the id of a server that it is for */
};

static int collect(void *ctx, const struct server *server, struct err *err)
{
	struct keys *keys = ctx;

	(void)err;
	if (server->key && !map_get(keys->servers, server->key))
		map_set(keys->servers, server->key, mem_text(server->id));
	return 0;
}

static void check_key(struct doctor *doctor, const char *key, const char *whose)
{
	char *path = io_expand_home(key);
	struct stat st;

	if (stat(path, &st))
		doctor_say(doctor, "keys", FINDING_BAD, STATUS_USAGE,
			   errno == ENOENT ? "put it there, or: mroom inventory set ID --key FILE"
					   : NULL,
			   "%s (%s): %s", path, whose, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		doctor_say(doctor, "keys", FINDING_BAD, STATUS_USAGE, NULL,
			   "%s (%s): no regular file", path, whose);
	else if (access(path, R_OK))
		doctor_say(doctor, "keys", FINDING_BAD, STATUS_USAGE,
			   "chown it, or run as its owner", "%s (%s): %s", path, whose,
			   strerror(errno));
	else
		doctor_mode(doctor, "keys", path, 077, 0600);
	free(path);
}

static void check_directory(struct doctor *doctor)
{
	char *path = io_expand_home("~/.ssh");

	if (io_is_dir(path))
		doctor_mode(doctor, "keys", path, 022, 0700);
	free(path);
}

void doctor_keys(struct doctor *doctor)
{
	const struct server_query all = {.with_retired = false};
	struct keys keys = {doctor, map_create()};
	struct list configured = LIST_INIT;
	struct err err = ERR_INIT;
	size_t at = 0;
	const char *key;
	void *id;

	check_directory(doctor);
	if (doctor->store)
		store_server_each(doctor->store, &all, collect, &keys, &err);
	while (map_next(keys.servers, &at, &key, &id)) {
		check_key(doctor, key, id);
		free(id);
	}
	config_list(doctor->config, "ssh", "identity", &configured);
	for (size_t i = 0; i < configured.count; i++)
		check_key(doctor, configured.at[i], "ssh.identity");
	list_finish(&configured);
	map_destroy(keys.servers);
}
