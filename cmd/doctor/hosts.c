/* known_hosts of the console: lines that cannot be read, and hosts that no server has any more. */
#include <string.h>
#include <unistd.h>

#include "cmd/doctor/doctor.h"
#include "lib/base/io.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"

#define FILE_MAX ((size_t)64 << 20)

struct hosts {
	struct map *known; /* "host" and "[host]:port" of every server */
	long lines, broken, stale;
	char *example;
};

static int collect(void *ctx, const struct server *server, struct err *err)
{
	struct hosts *hosts = ctx;
	char *with_port = mem_format("[%s]:%ld", server->host, server->port ? server->port : 22);

	(void)err;
	map_mark(hosts->known, server->host);
	map_mark(hosts->known, with_port);
	free(with_port);
	return 0;
}

/* Whether any of the names of a line is a server's. What is hashed or a pattern cannot be told. */
static bool is_known(const struct hosts *hosts, const char *names)
{
	struct list list = LIST_INIT;
	bool known = strpbrk(names, "|*?!") != NULL;

	list_split(&list, names, ',');
	for (size_t i = 0; i < list.count && !known; i++)
		known = map_get(hosts->known, list.at[i]) != NULL;
	list_finish(&list);
	return known;
}

static void read_line(struct hosts *hosts, char *line)
{
	static const char blanks[] = " \t\r";
	char *names, *rest;

	line += strspn(line, blanks);
	if (!*line || *line == '#' || *line == '@')
		return;
	hosts->lines++;
	names = line;
	rest = line + strcspn(line, blanks);
	if (*rest)
		*rest++ = '\0';
	rest += strspn(rest, blanks);
	if (!rest[strcspn(rest, blanks)]) {
		hosts->broken++;
		return;
	}
	if (is_known(hosts, names))
		return;
	if (!hosts->stale++)
		hosts->example = mem_text(names);
}

static void tell(struct doctor *doctor, const struct hosts *hosts, const char *path)
{
	if (hosts->broken)
		doctor_say(doctor, "known_hosts", FINDING_BAD, STATUS_USAGE, "take those lines out",
			   "%s: %ld line%s that cannot be read", path, hosts->broken,
			   hosts->broken == 1 ? "" : "s");
	if (hosts->stale)
		doctor_say(doctor, "known_hosts", FINDING_NOTE, STATUS_OK,
			   "mroom cert hosts forget HOST, for those that are gone",
			   "%ld of %ld host keys are for hosts that no server has, such as %s",
			   hosts->stale, hosts->lines, hosts->example);
	if (!hosts->broken && !hosts->stale)
		doctor_say(doctor, "known_hosts", FINDING_OK, STATUS_OK, NULL, "%s: %ld host keys",
			   path, hosts->lines);
}

void doctor_hosts(struct doctor *doctor)
{
	const struct server_query all = {.with_retired = true};
	struct hosts hosts = {.known = map_create()};
	char *path = home_path(&doctor->home, "known_hosts");
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	if (access(path, F_OK) || !doctor->store)
		goto out;
	doctor_mode(doctor, "known_hosts", path, 022, 0644);
	if (store_server_each(doctor->store, &all, collect, &hosts, &err) ||
	    io_read_file(path, FILE_MAX, &text, &err)) {
		doctor_say(doctor, "known_hosts", FINDING_BAD, err.status, NULL, "%s", err.text);
		goto out;
	}
	for (char *line = text.at, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		read_line(&hosts, line);
	}
	tell(doctor, &hosts, path);
out:
	map_destroy(hosts.known);
	free(hosts.example);
	buf_finish(&text);
	free(path);
}
