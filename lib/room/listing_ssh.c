/* ssh_config: each Host that is named without wildcards, as the whole file says of it. */
#include <string.h>

#include "lib/room/listing_build.h"
#include "lib/room/sshconfig.h"

/* ssh_config's words for "as anybody's" say nothing of the server. */
static int read_settings(const struct ssh_settings *said, struct roster_server *entry,
			 struct err *err)
{
	char port[24] = "";

	if (said->port)
		snprintf(port, sizeof(port), "%ld", said->port);
	if (listing_set(entry, "host", said->host, err) < 0 ||
	    (*port && listing_set(entry, "port", port, err) < 0) ||
	    (said->user && listing_set(entry, "user", said->user, err) < 0) ||
	    (said->identities.count && strchr("/~", *said->identities.at[0]) &&
	     !strchr(said->identities.at[0], '%') &&
	     listing_set(entry, "key", said->identities.at[0], err) < 0) ||
	    (said->jump && listing_set(entry, "jump", said->jump, err) < 0))
		return -1;
	return 0;
}

static void read_host(struct listing *listing, const struct sshconfig *config, const char *name)
{
	struct ssh_settings said = {.host = NULL};
	struct roster_server entry;
	struct err err = ERR_INIT;

	listing_entry(&entry);
	sshconfig_settings(config, name, NULL, &said);
	if (listing_set(&entry, "id", name, &err) < 0 || read_settings(&said, &entry, &err)) {
		err_prefix(&err, "%s", name);
		listing_problem(listing, 0, err.text);
		roster_server_finish(&entry);
	} else {
		listing_take(listing, 0, &entry);
	}
	ssh_settings_finish(&said);
}

struct roster *listing_ssh(const char *source, const char *path, struct err *err)
{
	struct sshconfig *config = sshconfig_open(path, err);
	struct listing listing;
	struct list hosts = LIST_INIT;

	if (!config)
		return NULL;
	listing_begin(&listing, source);
	listing.first_wins = true;
	sshconfig_hosts(config, &hosts);
	for (size_t i = 0; i < hosts.count; i++)
		read_host(&listing, config, hosts.at[i]);
	list_finish(&hosts);
	sshconfig_close(config);
	return listing_end(&listing);
}
