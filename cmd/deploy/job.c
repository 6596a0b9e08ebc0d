/*
 * A job is one text of sh: the head (share/remote/deploy-job.sh), settings, each stage in a
 * subshell of its own, so that none sees what another defines, and a last line that proves it
 * whole.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/deploy/deploy.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/quote.h"

#define KEY_MAX (64 * 1024)

static void set_variable(struct buf *to, const char *name, const char *value)
{
	buf_format(to, "export %s=", name);
	quote_word(to, value);
	buf_char(to, '\n');
}

/* The first line of the public key's file; none where there is no such file. */
static char *public_key(const struct console *console)
{
	const char *path = config_text(console->config, "identity", "public_key");
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	if (*path && !io_read_file(path, KEY_MAX, &text, &err))
		buf_cut(&text, strcspn(text.at, "\r\n"));
	else
		buf_clear(&text);
	return buf_detach(&text);
}

char *job_settings(const struct console *console, struct err *err)
{
	const struct config *config = console->config;
	struct buf to = BUF_INIT;
	char *key = public_key(console);
	char number[24];

	(void)err;
	set_variable(&to, "MROOM_PUBLIC_KEY", key);
	set_variable(&to, "MROOM_COMPOSE_VERSION",
		     config_text(config, "docker", "compose_version"));
	set_variable(&to, "MROOM_DOCKER_REPOSITORY", config_text(config, "docker", "repository"));
	set_variable(&to, "MROOM_DOCKER_REPOSITORY_KEY",
		     config_text(config, "docker", "repository_key"));
	snprintf(number, sizeof(number), "%lld",
		 (long long)config_size(config, "docker", "log_max_size"));
	set_variable(&to, "MROOM_LOG_MAX_SIZE", number);
	set_variable(&to, "MROOM_LOG_MAX_FILE", config_text(config, "docker", "log_max_file"));
	set_variable(&to, "MROOM_WATCHTOWER_IMAGE",
		     config_text(config, "docker", "watchtower_image"));
	set_variable(&to, "MROOM_YACHT_IMAGE", config_text(config, "docker", "yacht_image"));
	free(key);
	return buf_detach(&to);
}

void job_write(struct buf *to, const struct deploy *deploy, const struct server *server)
{
	bool undo = !strcmp(deploy->mode, "undo");

	buf_text(to, deploy->head);
	buf_char(to, '\n');
	buf_text(to, deploy->settings);
	set_variable(to, "MROOM_SERVER_ID", server->id);
	set_variable(to, "MROOM_SERVER_HOST", server->host ? server->host : "");
	for (size_t i = 0; i < deploy->stages.count; i++) {
		/* Taken back in the opposite order. */
		const struct stage *stage =
		    &deploy->stages.at[undo ? deploy->stages.count - 1 - i : i];

		buf_text(to, "job_stage() (\nset --");
		if (stage->argument) {
			buf_char(to, ' ');
			quote_word(to, stage->argument);
		}
		buf_char(to, '\n');
		buf_text(to, stage->text);
		buf_text(to, "\nmroom_stage ");
		quote_word(to, stage->asked);
		buf_text(to, " \"$@\"\n)\njob_stage\n[ $? = 0 ] || exit 1\n");
	}
	buf_text(to, "exit 0\n# end\n");
}
