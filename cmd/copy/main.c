/* mroom copy: files and trees to many servers and from them; only what differs travels. */
#include "cmd/copy/copy.h"

static const struct verb verbs[] = {
    {"put", "copy files and trees to servers", copy_put},
    {"get", "fetch files and trees, a directory per server", copy_get},
    {"sync", "make a directory on servers like one here", copy_sync},
};

int main(int argc, char **argv)
{
	return verb_main("mroom copy", "Files and trees to servers and from them.", verbs,
			 sizeof(verbs) / sizeof(*verbs), argc, argv);
}
