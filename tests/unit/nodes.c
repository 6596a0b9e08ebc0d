#include "lib/flow/nodes.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

/* What is added, then taken out, leaves these names. NULL: refused. */
static void means(const char *add, const char *remove, const char *want)
{
	struct nodes *nodes = nodes_create();
	struct list names = LIST_INIT;
	struct err err = ERR_INIT;
	int bad = nodes_add(nodes, add, &err) || (remove && nodes_remove(nodes, remove, &err));
	char *joined;

	nodes_list(nodes, &names);
	joined = list_join(&names, " ");
	if (want)
		tap_text(joined, want, add);
	else
		tap_ok(bad && err.status == STATUS_USAGE, add);
	free(joined);
	list_finish(&names);
	nodes_destroy(nodes);
}

int main(void)
{
	means("b,a,b", NULL, "b a");
	means("a[1-3]", "a2", "a1 a3");
	means("a[1-3]&a[2-9]", NULL, "a2 a3");
	means("a[1-3]&!a2", NULL, "a1 a3");
	means("a[1-9]&a[2-8]&!a[3-7]", NULL, "a2 a8");
	means("a1 & a[1-2] , b", NULL, "a1 b");
	means("x,a1&b1", NULL, "x");
	means("", NULL, "");
	means("a&", NULL, NULL);
	means("&a", NULL, NULL);
	means("a&!", NULL, NULL);
	means("!a&b", NULL, NULL);
	means("a[1-", NULL, NULL);
	tap_ok(nodes_has_and("a&b") && !nodes_has_and("a[1&2]"), "& inside brackets is none");
	return tap_done();
}
