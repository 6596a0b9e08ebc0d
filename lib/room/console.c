#include "lib/room/console.h"

int console_open(struct console *console, struct err *err)
{
	secret_harden_process();
	if (home_find(&console->home, err) || home_make(&console->home, err))
		return -1;
	console->config = config_open(&console->home, err);
	if (!console->config)
		return -1;
	console->store = store_open(&console->home, err);
	if (!console->store)
		return -1;
	console->box = secret_box_open(&console->home, false, err);
	return console->box ? 0 : -1;
}

void console_close(struct console *console)
{
	secret_box_close(console->box);
	store_close(console->store);
	config_close(console->config);
	home_finish(&console->home);
	*console = (struct console)CONSOLE_INIT;
}
