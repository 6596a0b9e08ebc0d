/* Target expressions, conditions on state, templates and JSON on standard input, as they may be piped in from
 * elsewhere: any bytes are understood or refused in one line. The first byte chooses. */
#include "lib/room/condition.h"
#include "lib/room/pick.h"
#include "lib/room/template.h"
#include "tests/fuzz/store.h"

#include <string.h>

static void one_line(const struct err *err)
{
	must(*err->text && strlen(err->text) < 4096);
}

/* Whatever is picked is a server that could be dialled. */
static int take(void *ctx, const struct server *server, struct err *err)
{
	(void)ctx;
	(void)err;
	must(server->id && *server->id && server->port >= 0 && server->port <= 65535);
	return 0;
}

/* Whether it names servers by the thousand, at most: more take long and show nothing new. */
static bool few(const char *text)
{
	size_t brackets = 0, digits = 0, length = 0;

	for (; *text; text++) {
		length++;
		brackets += *text == '[';
		digits += *text >= '0' && *text <= '9';
	}
	return length < 512 && brackets <= 2 && digits <= 6;
}

static void pick(struct store *store, char *text)
{
	struct pick_args args = {.ssh_config = "none"};
	struct err err = ERR_INIT;
	struct pick *picked = pick_create(store, &args, &text, 1, PICK_ACT, take, NULL, &err);

	if (picked && pick_resolve(picked, &err))
		one_line(&err);
	pick_destroy(picked);
}

static void feed(struct store *store, const char *bytes, size_t count)
{
	static char dash[] = "-";
	char *operand = dash;
	struct pick_args args = {.ssh_config = "none"};
	struct err err = ERR_INIT;
	struct pick *picked = pick_create(store, &args, &operand, 1, PICK_ACT, take, NULL, &err);

	must(picked != NULL);
	/* In two pieces, cut anywhere. */
	if (!pick_feed(picked, bytes, count / 2, &err) &&
	    !pick_feed(picked, bytes + count / 2, count - count / 2, &err))
		pick_end(picked, &err);
	pick_destroy(picked);
}

static void fill(struct store *store, const char *bytes, size_t count)
{
	static const struct server server = {.id = (char *)"web-01", .host = (char *)"10.0.0.1", .port = 22};
	struct buf text = BUF_INIT, to = BUF_INIT;
	struct err err = ERR_INIT;

	buf_add(&text, bytes, count);
	if (template_render(store, &server, "fuzz", &text, &to, &err))
		one_line(&err);
	buf_finish(&text);
	buf_finish(&to);
}

static void condition(const char *text)
{
	struct condition parsed;
	struct err err = ERR_INIT;

	if (condition_parse(text, &parsed, &err) <= 0)
		return;
	condition_holds_text(&parsed, "2.1.0");
	condition_finish(&parsed);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	static struct store *store; /* the same for all inputs */
	char *text;

	if (!store)
		store = fuzz_store();
	if (!count)
		return 0;
	text = malloc(count);
	must(text != NULL);
	memcpy(text, bytes + 1, count - 1);
	text[count - 1] = '\0';
	switch (*bytes % 4) {
	case 0:
		/* A file named by ^ is the user's own affair. */
		if (!strchr(text, '^') && few(text))
			pick(store, text);
		break;
	case 1:
		feed(store, text, count - 1);
		break;
	case 2:
		fill(store, text, count - 1);
		break;
	default:
		condition(text);
	}
	free(text);
	return 0;
}
