/* One server by the word that names it: an id, an address, a host of ssh_config. */
#include "lib/base/mem.h"
#include "lib/room/pick_words.h"
#include "lib/room/sshconfig.h"

/* An address with a user or port whose host is an id: the store knows more about that server (its
 * tunnel, for one) than the address says. */
static int refuse_known(struct store *store, const char *word, const struct server *address,
			struct err *err)
{
	struct server known;
	int found;

	if (!address->user && !address->port)
		return 0;
	found = store_server_get(store, address->host, &known, err);
	if (found != 1)
		return found;
	server_finish(&known);
	return err_set(
	    err, STATUS_USAGE,
	    "'%s': %s is a server of the inventory; name it alone (with -l USER or -p PORT "
	    "where it is to be another)",
	    word, address->host);
}

void pick_ssh_finish(struct pick_ssh *ssh)
{
	sshconfig_close(ssh->config);
	ssh->config = NULL;
}

/* A host of ssh_config is a server of that name. */
static int take_ssh_host(struct pick_ssh *ssh, const char *word, struct server *server,
			 struct err *err)
{
	if (server_check_host(word, NULL))
		return 0;
	if (!ssh->config)
		ssh->config = sshconfig_open(ssh->file, err);
	if (!ssh->config)
		return -1;
	if (!sshconfig_names(ssh->config, word))
		return 0;
	server_init(server);
	server->id = mem_text(word);
	server->host = mem_text(word);
	return 1;
}

int pick_server(struct store *store, struct pick_ssh *ssh, const char *word, struct server *server,
		struct err *err)
{
	int found = store_server_get(store, word, server, err);

	if (found)
		return found;
	found = server_parse_address(word, server, err);
	if (found == 1 && refuse_known(store, word, server, err)) {
		server_finish(server);
		return -1;
	}
	return found ? found : take_ssh_host(ssh, word, server, err);
}
