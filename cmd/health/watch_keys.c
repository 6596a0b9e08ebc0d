/* What keys do. */
#include <curses.h>

#include "cmd/health/watch.h"
#include "lib/flow/screen.h"

#define KEY_ESCAPE 27

static void look(struct watch *watch)
{
	watch->detail = watch_selected(watch) != NULL;
	watch->detail_top = 0;
}

enum watch_wish watch_key(struct watch *watch, int key)
{
	long lines;

	if (watch->typing) {
		watch->typing = screen_type(&watch->filter, key);
		watch_arrange(watch);
		return WATCH_ON;
	}
	/* The checks of one server may be more than there are servers. */
	if (screen_motion(key, watch->ward.count + 1000, &lines)) {
		watch_move(watch, lines);
		return WATCH_ON;
	}
	switch (key) {
	case 'q':
		if (!watch->detail)
			return WATCH_LEAVE;
		watch->detail = false;
		break;
	case KEY_ESCAPE:
	case KEY_LEFT:
	case KEY_BACKSPACE:
		watch->detail = false;
		break;
	case '\n':
	case '\r':
	case KEY_ENTER:
	case KEY_RIGHT:
		look(watch);
		break;
	case 's':
		watch->sort = (enum watch_sort)((watch->sort + 1) % SORT_COUNT);
		watch_arrange(watch);
		break;
	case 'r':
		watch->reverse = !watch->reverse;
		watch_arrange(watch);
		break;
	case '/':
		watch->typing = true;
		watch->detail = false;
		break;
	case 'c':
		return WATCH_CHECK;
	default:
		break;
	}
	return WATCH_ON;
}
