/* What keys mean on any screen with a list: motions, and a filter that is typed. */
#include <ctype.h>
#include <curses.h>
#include <string.h>

#include "lib/base/list.h"
#include "lib/flow/screen.h"

#define KEY_ESCAPE 27
#define KEY_RUBOUT 127
#define FILTER_MAX 100

bool screen_motion(int key, size_t count, long *lines)
{
	long page = LINES > 4 ? LINES - 4 : 1;

	switch (key) {
	case KEY_UP:
	case 'k':
		*lines = -1;
		return true;
	case KEY_DOWN:
	case 'j':
		*lines = 1;
		return true;
	case KEY_PPAGE:
		*lines = -page;
		return true;
	case KEY_NPAGE:
	case ' ':
		*lines = page;
		return true;
	case KEY_HOME:
	case 'g':
		*lines = -(long)count;
		return true;
	case KEY_END:
	case 'G':
		*lines = (long)count;
		return true;
	default:
		return false;
	}
}

size_t screen_moved(size_t at, long lines, size_t count)
{
	if (lines < 0)
		return at > (size_t)-lines ? at - (size_t)-lines : 0;
	at += (size_t)lines;
	return at < count ? at : count ? count - 1 : 0;
}

size_t screen_top(size_t top, size_t cursor, size_t room, size_t count)
{
	if (cursor < top)
		top = cursor;
	if (cursor >= top + room)
		top = cursor - room + 1;
	if (top + room > count)
		top = count > room ? count - room : 0;
	return top;
}

/* The bytes of one character go together. */
static void rub_out(struct buf *filter)
{
	while (filter->len && ((unsigned char)filter->at[filter->len - 1] & 0xc0) == 0x80)
		buf_cut(filter, filter->len - 1);
	if (filter->len)
		buf_cut(filter, filter->len - 1);
}

bool screen_type(struct buf *filter, int key)
{
	if (key == KEY_ESCAPE) {
		buf_clear(filter);
		return false;
	}
	if (key == '\n' || key == '\r' || key == KEY_ENTER)
		return false;
	if (key == KEY_BACKSPACE || key == KEY_RUBOUT || key == '\b')
		rub_out(filter);
	else if (key >= ' ' && key < 256 && filter->len < FILTER_MAX)
		buf_char(filter, (char)key);
	return true;
}

static void add_folded(struct buf *to, const char *text)
{
	for (; *text; text++)
		buf_char(to, (char)tolower((unsigned char)*text));
}

bool screen_matches(const struct buf *filter, const char *text)
{
	struct list words = LIST_INIT;
	struct buf wanted = BUF_INIT, folded = BUF_INIT;
	bool good = true;

	add_folded(&wanted, filter->at);
	add_folded(&folded, text);
	list_split(&words, wanted.at, ' ');
	for (size_t i = 0; i < words.count && good; i++)
		good = strstr(folded.at, words.at[i]) != NULL;
	list_finish(&words);
	buf_finish(&wanted);
	buf_finish(&folded);
	return good;
}
