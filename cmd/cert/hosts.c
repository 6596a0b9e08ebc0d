/* mroom cert hosts: the host keys that servers are known by. */
#include "cmd/cert/hosts.h"

#include "lib/wire/run_settings.h"

static const struct verb verbs[] = {
    {"ls", "list the host keys that servers are known by", hosts_ls},
    {"review", "show new and changed host keys that runs have met", hosts_review},
    {"accept", "take such keys for good", hosts_accept},
    {"forget", "forget the host keys of servers", hosts_forget},
    {"import", "learn the keys of a known_hosts file", hosts_import},
    {"export", "print the keys of servers as a known_hosts file", hosts_export},
};

int cert_hosts(int argc, char **argv)
{
	return verb_main("mroom cert hosts", "The host keys that servers are known by.", verbs,
			 sizeof(verbs) / sizeof(*verbs), argc, argv);
}

struct walk {
	struct fleet_args args;
	struct sshhosts *hosts;
	place_fn *fn;
	void *ctx;
};

static int walk_server(void *ctx, const struct server *server, struct err *err)
{
	struct walk *walk = ctx;
	struct sshhost ssh;
	struct login login = {.host = NULL};
	struct place place;
	int rc = sshhost_open(&ssh, walk->hosts, &walk->args, server, NULL, 0, &login, err);

	place = (struct place){server, login.known_as ? login.known_as : login.host,
			       login.known_as ? 22 : login.port, login.known};
	if (!rc)
		rc = walk->fn(walk->ctx, &place, err);
	sshhost_finish(&ssh);
	return rc;
}

int hosts_each(struct console *console, const struct place_call *call, place_fn *fn, void *ctx,
	       struct err *err)
{
	static const struct run_args usual;
	struct walk walk = {.fn = fn, .ctx = ctx};
	struct pick *pick = NULL;
	int rc = -1;

	if (call->targets->list)
		return pick_list(console->store, call->targets, call->operands, call->count,
				 call->mode, err);
	run_settings(console, &usual, &walk.args);
	walk.hosts = run_hosts(console, &usual, err);
	if (walk.hosts)
		pick = pick_create(console->store, call->targets, call->operands, call->count,
				   call->mode, walk_server, &walk, err);
	if (pick)
		rc = pick_all(pick, err);
	pick_destroy(pick);
	sshhosts_close(walk.hosts);
	return rc;
}
