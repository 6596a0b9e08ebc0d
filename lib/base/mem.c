#include "lib/base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include "lib/base/err.h"

static _Noreturn void mem_die(void)
{
	static const char line[] = "mroom: out of memory\n";

	if (write(STDERR_FILENO, line, sizeof(line) - 1) < 0)
		_exit(STATUS_CONSOLE);
	_exit(STATUS_CONSOLE);
}

void *mem_alloc(size_t size)
{
	void *at = malloc(size ? size : 1);

	if (!at)
		mem_die();
	return at;
}

void *mem_zero(size_t count, size_t size)
{
	void *at = calloc(count ? count : 1, size ? size : 1);

	if (!at)
		mem_die();
	return at;
}

void *mem_resize(void *at, size_t count, size_t size)
{
	size_t total;

	if (size && count > SIZE_MAX / size)
		mem_die();
	total = count * size;
	at = realloc(at, total ? total : 1);
	if (!at)
		mem_die();
	return at;
}

void *mem_copy(const void *from, size_t size)
{
	void *at = mem_alloc(size);

	if (size)
		memcpy(at, from, size);
	return at;
}

char *mem_text(const char *text)
{
	return text ? mem_copy(text, strlen(text) + 1) : NULL;
}

char *mem_text_n(const char *text, size_t size)
{
	char *at = mem_alloc(size + 1);

	if (size)
		memcpy(at, text, size);
	at[size] = '\0';
	return at;
}

char *mem_format(const char *format, ...)
{
	va_list args;
	char *at;
	int size;

	va_start(args, format);
	size = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (size < 0)
		mem_die();
	at = mem_alloc((size_t)size + 1);
	va_start(args, format);
	vsnprintf(at, (size_t)size + 1, format, args);
	va_end(args);
	return at;
}

void mem_wipe(void *at, size_t size)
{
	if (!size)
		return;
	memset(at, 0, size);
	/* The memory counts as read here, so the memset cannot be dropped as dead. */
	__asm__ volatile("" : : "r"(at) : "memory");
}

void mem_wipe_free(char *text)
{
	if (text)
		mem_wipe(text, strlen(text));
	free(text);
}
