/* Values of the state as they are piped in, records or JSON: any bytes are values that JSON can
 * carry, for servers that there are, or refused in one line that names theirs. The first byte
 * chooses the form. */
#include "lib/room/state_input.h"

#include <jansson.h>
#include <string.h>

#include "lib/room/state_key.h"
#include "lib/room/state_value.h"
#include "lib/room/store_edit.h"
#include "tests/fuzz/store.h"

static int take(void *ctx, const struct state_input *input, struct err *err)
{
	json_t *value = json_loads(input->json, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	struct state_key key = STATE_KEY_INIT;
	struct buf bare = BUF_INIT;
	struct err wrong = ERR_INIT;

	(void)err;
	must(value != NULL && !strcmp(input->id, "web-01"));
	must(!input->key == (*(enum state_input_form *)ctx == STATE_INPUT_VALUE));
	state_value_bare(input->json, &bare);
	state_value_true(input->json);
	if (input->key && state_key_parse(&key, input->key, &wrong))
		must(*wrong.text);
	state_key_finish(&key);
	buf_finish(&bare);
	json_decref(value);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	static const struct server server = {
	    .id = (char *)"web-01", .host = (char *)"10.0.0.1", .port = 22};
	static struct console console; /* the same for all inputs */
	enum state_input_form form;
	struct err err = ERR_INIT;
	const char *path;
	int64_t row;

	if (!console.store) {
		console.store = fuzz_store();
		must(!store_begin(console.store, &err));
		must(!store_server_add(console.store, &server, &row, &err));
		must(!store_commit(console.store, &err));
	}
	if (!count)
		return 0;
	form = *bytes & 1 ? STATE_INPUT_KEYED : STATE_INPUT_VALUE;
	path = fuzz_file(bytes + 1, count - 1);
	if (state_input_load(&console, path, form, *bytes & 2, take, &form, &err))
		must(!strncmp(err.text, path, strlen(path)) && err.text[strlen(path)] == ':');
	unlink(path);
	return 0;
}
