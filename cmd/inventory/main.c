/* mroom inventory: which servers there are. */
#include "cmd/inventory/inventory.h"
#include "lib/base/opt.h"

static const struct verb verbs[] = {
    {"import", "read a roster file into a room", inventory_import},
    {"ls", "list servers", inventory_ls},
    {"show", "show servers one by one", inventory_show},
};

int main(int argc, char **argv)
{
	return verb_main("mroom inventory", "Which servers there are: rooms, addresses, tunnels.",
			 verbs, sizeof(verbs) / sizeof(*verbs), argc, argv);
}
