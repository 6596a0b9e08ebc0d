#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/list.h"
#include "lib/base/mem.h"
#include "lib/room/tunnel.h"

char *tunnel_driver_name(const char *type)
{
	char *name;

	/* That service's lines say nothing but a server, a user and a password, as its IKEv2 wants.
	 */
	if (!strcmp(type, "IPVANISH"))
		return mem_text("ikev2");
	name = mem_text(type);
	for (char *at = name; *at; at++) {
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
		else if (*at == '/')
			*at = '-';
	}
	return name;
}

static bool is_driver(const char *path)
{
	struct stat entry;

	return !stat(path, &entry) && S_ISREG(entry.st_mode) && !access(path, X_OK);
}

static void add_names(const char *dir, struct list *names)
{
	struct dirent *entry;
	DIR *listing = opendir(dir);

	while (listing && (entry = readdir(listing))) {
		char *path = mem_format("%s/%s", dir, entry->d_name);

		if (*entry->d_name != '.' && is_driver(path) && !list_has(names, entry->d_name))
			list_add(names, entry->d_name);
		free(path);
	}
	if (listing)
		closedir(listing);
}

void tunnel_driver_names(const struct home *home, struct list *names)
{
	char *own = home_path(home, "tunnels"), *shared = home_share(home, "tunnels");

	add_names(own, names);
	add_names(shared, names);
	list_sort(names);
	free(own);
	free(shared);
}

static void say_unknown(const struct home *home, const char *name, struct err *err)
{
	struct list names = LIST_INIT;
	char *known;

	tunnel_driver_names(home, &names);
	known = list_join(&names, ", ");
	err_set(err, STATUS_USAGE,
		"no driver for tunnels of type '%.60s', known are %s (another is an executable in "
		"%s/tunnels)",
		name, known, home->dir);
	free(known);
	list_finish(&names);
}

char *tunnel_driver_find(const struct home *home, const char *type, struct err *err)
{
	char *name = tunnel_driver_name(type);
	char *inside = mem_format("tunnels/%s", name);
	char *path = home_path(home, inside);

	if (!is_driver(path)) {
		free(path);
		path = home_share(home, inside);
	}
	if (!*name || strchr(name, '/') || *name == '.' || !is_driver(path)) {
		say_unknown(home, name, err);
		free(path);
		path = NULL;
	}
	free(inside);
	free(name);
	return path;
}
