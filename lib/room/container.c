#include "lib/room/container.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/mem.h"

/* "SOURCE:TARGET[:ro]" as --mount says it. A comma would begin another field. */
static int add_bind(struct list *words, const char *text, struct err *err)
{
	struct list parts = LIST_INIT;
	int result = -1;

	list_split(&parts, text, ':');
	if (strchr(text, ',') || parts.count < 2 || parts.count > 3 ||
	    (parts.count == 3 && strcmp(parts.at[2], "ro") != 0 && strcmp(parts.at[2], "rw") != 0) ||
	    *parts.at[0] != '/' || *parts.at[1] != '/')
		err_set(err, STATUS_USAGE,
			"bind %s: two absolute paths are wanted, SOURCE:TARGET or "
			"SOURCE:TARGET:ro, without a comma",
			text);
	else {
		list_take(
		    words,
		    mem_format("--mount=type=bind,source=%s,target=%s%s", parts.at[0], parts.at[1],
			       parts.count == 3 && !strcmp(parts.at[2], "ro") ? ",readonly" : ""));
		result = 0;
	}
	list_finish(&parts);
	return result;
}

static void add_each(struct list *words, const char *option, const struct list *values)
{
	for (size_t i = 0; i < values->count; i++)
		list_take(words, mem_format("--%s=%s", option, values->at[i]));
}

int container_options(const struct container *container, const struct config *config,
		      struct list *words, struct err *err)
{
	list_take(words, mem_format("--restart=%s",
				    container->restart ? container->restart : "unless-stopped"));
	list_take(words,
		  mem_format("--log-opt=max-size=%s",
			     container->log_size ? container->log_size
						 : config_text(config, "docker", "log_max_size")));
	list_take(words,
		  mem_format("--log-opt=max-file=%ld",
			     container->log_files ? container->log_files
						  : config_int(config, "docker", "log_max_file")));
	add_each(words, "volume", &container->volumes);
	add_each(words, "publish", &container->ports);
	add_each(words, "label", &container->labels);
	if (container->health)
		list_take(words, mem_format("--health-cmd=%s", container->health));
	if (container->user)
		list_take(words, mem_format("--user=%s", container->user));
	if (container->init)
		list_add(words, "--init");
	for (size_t i = 0; i < container->options.count; i++)
		list_add(words, container->options.at[i]);
	for (size_t i = 0; i < container->binds.count; i++)
		if (add_bind(words, container->binds.at[i], err))
			return -1;
	return 0;
}

void container_finish(struct container *container)
{
	list_finish(&container->volumes);
	list_finish(&container->binds);
	list_finish(&container->ports);
	list_finish(&container->labels);
	list_finish(&container->options);
}
