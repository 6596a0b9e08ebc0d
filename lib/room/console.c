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
	if (!console->box)
		return -1;
	secret_box_use_command(console->box, config_text(console->config, "secret", "key_command"));
	return 0;
}

void console_close(struct console *console)
{
	secret_box_close(console->box);
	store_close(console->store);
	config_close(console->config);
	home_finish(&console->home);
	*console = (struct console)CONSOLE_INIT;
}
