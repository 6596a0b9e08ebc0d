/* mroom inventory: which servers there are. */
#include "cmd/inventory/inventory.h"
#include "lib/base/opt.h"

static const struct verb verbs[] = {
    {"add", "add a server", inventory_add},
    {"expand", "print the names a list stands for", inventory_expand},
    {"export", "write servers in the form another tool reads", inventory_export},
    {"fold", "print names in their short form", inventory_fold},
    {"home", "say in which directory logins begin", inventory_home},
    {"import", "read a list of servers into a room", inventory_import},
    {"ls", "list servers", inventory_ls},
    {"rename", "give a server another id", inventory_rename},
    {"retire", "leave servers out from now on", inventory_retire},
    {"rm", "remove servers with all that is known of them", inventory_rm},
    {"room", "list rooms, or move servers into one", inventory_room},
    {"set", "change fields of servers", inventory_set},
    {"show", "show servers one by one", inventory_show},
    {"tag", "give servers a tag", inventory_tag},
    {"unretire", "take retired servers back into service", inventory_unretire},
    {"untag", "take a tag from servers", inventory_untag},
};

int main(int argc, char **argv)
{
	return verb_main("mroom inventory", "Which servers there are: rooms, addresses, tunnels.",
			 verbs, sizeof(verbs) / sizeof(*verbs), argc, argv);
}
