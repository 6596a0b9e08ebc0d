/* Templates: what is a place, what it is filled with, and what is left alone. */
#include <stdlib.h>
#include <string.h>

#include "lib/room/template.h"
#include "tests/unit/tap.h"

/* Without a store: only what the roster says, and defaults that stand before it is asked. */
static void render(const char *text, const char *want, const char *name)
{
	struct server server;
	struct buf from = BUF_INIT, to = BUF_INIT;
	struct err err = ERR_INIT;

	server_init(&server);
	server.id = strdup("web-01");
	server.host = strdup("192.0.2.1");
	buf_text(&from, text);
	template_render(NULL, &server, "t", &from, &to, &err);
	tap_text(to.at, want, name);
	buf_finish(&from);
	buf_finish(&to);
	server_finish(&server);
}

int main(void)
{
	render("a {{SERVER_ID}} b", "a web-01 b", "an id");
	render("{{ SERVER_HOST }}{{SERVER_ID}}", "192.0.2.1web-01", "blanks inside, places side by side");
	render("{{SERVER_PORT}}", "22", "a port that is not set");
	render("{{SERVER_ID|x}}", "web-01", "a default that is not needed");
	render("{{}} {{ }} {{.x}} {{-x}} {{1}}", "{{}} {{ }} {{.x}} {{-x}} {{1}}", "no keys");
	render("{{SERVER_ID} {{SERVER_ID", "{{SERVER_ID} {{SERVER_ID", "not closed");
	render("{{{SERVER_ID}}}", "{web-01}", "a brace more");
	render("{{a b}} {{if x}}", "{{a b}} {{if x}}", "other languages");
	render("{{SERVER_ID|a\nb}}", "{{SERVER_ID|a\nb}}", "no default over two lines");
	render("", "", "nothing");
	return tap_done();
}
