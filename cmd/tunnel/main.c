/* mroom tunnel: VPNs and forwards that servers are reached through. */
#include "cmd/tunnel/tunnel.h"

#include <signal.h>

#include "lib/base/opt.h"

static const struct verb verbs[] = {
    {"add", "add a profile", tunnel_add},
    {"set", "change fields of a profile", tunnel_set},
    {"ls", "list tunnels", tunnel_ls},
    {"show", "show a profile, and what it lacks", tunnel_show},
    {"rm", "remove a profile", tunnel_rm},
    {"import", "take over a wg-quick .conf or an .ovpn file", tunnel_import},
    {"up", "bring tunnels up", tunnel_up},
    {"down", "take tunnels down", tunnel_down},
    {"status", "tell how tunnels are", tunnel_status},
    {"test", "bring tunnels up, tell how long it took, and take them down", tunnel_test},
    {"supervise", "keep tunnels up, trying again whenever one fails", tunnel_supervise},
    {"forward", "keep forwards of ssh up, starting it again whenever it ends", tunnel_forward},
    {"log", "show what happened to tunnels", tunnel_log},
    {"drivers", "list the kinds of tunnels, and which can work here", tunnel_drivers},
    {"hold", "keep a tunnel for its users (the tools start this themselves)", tunnel_hold},
};

int main(int argc, char **argv)
{
	/* A driver that does not read its profile is no reason to die. */
	signal(SIGPIPE, SIG_IGN);
	protect_find_session();
	return verb_main("mroom tunnel", "VPNs and forwards that servers are reached through.",
			 verbs, sizeof(verbs) / sizeof(*verbs), argc, argv);
}
