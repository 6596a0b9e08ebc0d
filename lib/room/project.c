#include "lib/room/project.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

#define NAME_BYTES "abcdefghijklmnopqrstuvwxyz0123456789_-"

int project_check(const char *name, struct err *err)
{
	if (*name && *name != '-' && *name != '_' && strspn(name, NAME_BYTES) == strlen(name))
		return 0;
	return err_set(err, STATUS_USAGE,
		       "'%s' is no project's name: lower case, digits, - and _ (try: --name)",
		       name);
}

/* Without directory and the ending. */
static char *stem(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');
	bool yaml = dot && (!strcmp(dot, ".yml") || !strcmp(dot, ".yaml"));

	return mem_text_n(name, yaml ? (size_t)(dot - name) : strlen(name));
}

char *project_name(const char *file, struct err *err)
{
	char *name = stem(file);

	if (!strcmp(name, "compose") || !strcmp(name, "docker-compose")) {
		char *real = realpath(file, NULL);
		char *slash = real ? strrchr(real, '/') : NULL;

		if (slash)
			*slash = '\0';
		free(name);
		name = stem(real ? real : "");
		free(real);
	}
	if (project_check(name, err)) {
		free(name);
		return NULL;
	}
	return name;
}

char *project_label(const char *file, struct err *err)
{
	char *name = project_name(file, err);
	char *label = name ? mem_format("com.docker.compose.project=%s", name) : NULL;

	free(name);
	return label;
}
