#include "cmd/exec/editor.h"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "cmd/exec/typed.h"
#include "lib/base/mem.h"

static const int watched[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT};
#define WATCHED (sizeof(watched) / sizeof(*watched))

struct editor {
	uv_loop_t *loop;
	EditLine *el;
	History *history;
	char *path; /* of the history; NULL: none */
	const char *prompt;
	uv_poll_t keys;
	uv_signal_t signals[WATCHED];
	size_t open_handles;
	bool reading; /* the terminal is the editor's */
	bool key_due, broken_off, killed;
};

static void on_key(uv_poll_t *keys, int status, int events)
{
	struct editor *editor = keys->data;

	(void)status;
	(void)events;
	editor->key_due = true;
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct editor *editor = signal->data;

	switch (number) {
	case SIGINT:
		editor->broken_off = true;
		break;
	case SIGWINCH:
		el_resize(editor->el);
		break;
	case SIGCONT: /* from a shell that has set the terminal to its own liking */
		if (editor->reading) {
			el_set(editor->el, EL_PREP_TERM, 1);
			el_set(editor->el, EL_REFRESH);
		}
		break;
	default:
		editor->killed = true;
		break;
	}
}

/* False when there is no key to wait for any more. */
static bool wait_for_key(struct editor *editor)
{
	editor->key_due = false;
	uv_poll_start(&editor->keys, UV_READABLE, on_key);
	while (!editor->key_due && !editor->broken_off && !editor->killed)
		uv_run(editor->loop, UV_RUN_ONCE);
	uv_poll_stop(&editor->keys);
	return !editor->broken_off && !editor->killed;
}

/* A character for libedit: 1, 0 at the end, -1. */
static int next_char(EditLine *el, wchar_t *to)
{
	struct editor *editor;
	mbstate_t state = {0};
	size_t took;

	el_get(el, EL_CLIENTDATA, &editor);
	do {
		char byte;
		ssize_t got;

		if (!wait_for_key(editor))
			return -1;
		got = read(STDIN_FILENO, &byte, 1);
		if (got <= 0)
			return (int)got;
		took = mbrtowc(to, &byte, 1, &state);
		if (took == (size_t)-1) /* no character: passed over */
			state = (mbstate_t){0};
		/* Nor is NUL: the terminal has it for a ^D that was typed while a command ran. */
	} while (took != 1);
	return 1;
}

static char *show_prompt(EditLine *el)
{
	struct editor *editor;

	el_get(el, EL_CLIENTDATA, &editor);
	return (char *)editor->prompt;
}

static void watch(struct editor *editor)
{
	struct sigaction now;
	int flags = fcntl(STDIN_FILENO, F_GETFL);

	for (size_t i = 0; i < WATCHED; i++) {
		uv_signal_init(editor->loop, &editor->signals[i]);
		editor->signals[i].data = editor;
		/* What nohup has us ignore stays ignored. */
		if (sigaction(watched[i], NULL, &now) || now.sa_handler != SIG_IGN)
			uv_signal_start(&editor->signals[i], on_signal, watched[i]);
	}
	uv_poll_init(editor->loop, &editor->keys, STDIN_FILENO);
	/* The poll wants no O_NONBLOCK of what is read only when it is due; output and the shell share the terminal. */
	if (flags >= 0)
		fcntl(STDIN_FILENO, F_SETFL, flags);
	editor->keys.data = editor;
	editor->open_handles = WATCHED + 1;
}

static void recall(void *ctx, const char *line)
{
	struct editor *editor = ctx;
	HistEvent event;

	history(editor->history, &event, H_ENTER, line);
}

struct editor *editor_create(uv_loop_t *loop, const char *path, struct err *err)
{
	struct editor *editor = mem_zero(1, sizeof(*editor));
	HistEvent event;

	setlocale(LC_CTYPE, "");
	editor->loop = loop;
	editor->history = history_init();
	history(editor->history, &event, H_SETSIZE, TYPED_MAX);
	history(editor->history, &event, H_SETUNIQUE, 1);
	editor->el = el_init("mroom", stdin, stderr, stderr);
	el_set(editor->el, EL_CLIENTDATA, editor);
	el_set(editor->el, EL_GETCFN, next_char);
	el_set(editor->el, EL_PROMPT, show_prompt);
	el_set(editor->el, EL_EDITOR, "emacs");
	el_set(editor->el, EL_HIST, history, editor->history);
	el_set(editor->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
	el_source(editor->el, NULL);
	watch(editor);
	if (!typed_read(path, recall, editor, err))
		editor->path = mem_text(path);
	return editor;
}

enum editor_said editor_read(struct editor *editor, const char *prompt, struct buf *line)
{
	const char *text;
	int count = 0;

	buf_clear(line);
	editor->prompt = prompt;
	editor->broken_off = false;
	editor->reading = true;
	text = editor->killed ? NULL : el_gets(editor->el, &count);
	editor->reading = false;
	if (editor->killed)
		return EDITOR_KILLED;
	if (editor->broken_off)
		return EDITOR_BROKEN_OFF;
	if (!text || count <= 0)
		return EDITOR_END;
	buf_text(line, text);
	if (line->len > 0 && line->at[line->len - 1] == '\n')
		buf_cut(line, line->len - 1);
	return EDITOR_LINE;
}

void editor_remember(struct editor *editor, const char *line)
{
	struct err ignored = ERR_INIT;

	if (*line == ' ' || *line == '\t')
		return;
	recall(editor, line);
	/* A disk that is full now may have room for the next. */
	if (editor->path)
		typed_add(editor->path, line, &ignored);
}

static void editor_free(uv_handle_t *handle)
{
	struct editor *editor = handle->data;

	if (--editor->open_handles > 0)
		return;
	free(editor->path);
	free(editor);
}

void editor_close(struct editor *editor)
{
	if (!editor)
		return;
	el_end(editor->el);
	history_end(editor->history);
	for (size_t i = 0; i < WATCHED; i++)
		uv_close((uv_handle_t *)&editor->signals[i], editor_free);
	uv_close((uv_handle_t *)&editor->keys, editor_free);
}
