#include <stdio.h>

#include "lib/base/io.h"
#include "lib/room/pick.h"

static int print_id(void *ctx, const struct server *server, struct err *err)
{
	(void)ctx;
	(void)err;
	printf("%s\n", server->id);
	return 0;
}

int pick_list(struct store *store, const struct pick_args *args, char **operands,
	      size_t operand_count, enum pick_mode mode, struct err *err)
{
	struct pick *pick =
	    pick_create(store, args, operands, operand_count, mode, print_id, NULL, err);
	bool bad = !pick || pick_all(pick, err) || io_close_stdout(err);

	if (!bad && *pick_note(pick))
		fprintf(stderr, "%s\n", pick_note(pick));
	pick_destroy(pick);
	return bad ? -1 : 0;
}
