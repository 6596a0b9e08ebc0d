#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "cmd/tunnel/forward.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"

/* Parts at colons, except those between brackets, which are dropped. */
static void split(const char *text, struct list *parts)
{
	const char *start = text;
	bool inside = false;

	for (const char *at = text;; at++) {
		if (*at == '[')
			inside = true;
		else if (*at == ']')
			inside = false;
		if (*at && (*at != ':' || inside))
			continue;
		if (*start == '[' && at > start + 1 && at[-1] == ']')
			list_add_n(parts, start + 1, (size_t)(at - start) - 2);
		else
			list_add_n(parts, start, (size_t)(at - start));
		if (!*at)
			return;
		start = at + 1;
	}
}

static const char *address_of(const char *bind)
{
	if (!*bind || !strcmp(bind, "*"))
		return "0.0.0.0";
	return !strcmp(bind, "localhost") ? "127.0.0.1" : bind;
}

static bool is_address(const char *text)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

static const char *const shapes[] = {
    ['L'] = "[ADDRESS:]PORT:HOST:PORT",
    ['R'] = "[ADDRESS:]PORT:HOST:PORT",
    ['D'] = "[ADDRESS:]PORT",
};

static const char *brackets(const char *host, char *into, size_t size)
{
	snprintf(into, size, strchr(host, ':') ? "[%s]" : "%s", host);
	return into;
}

static int spec_read(struct forward_spec *spec, char kind, const char *word, struct err *err)
{
	struct list parts = LIST_INIT;
	size_t tail = kind == 'D' ? 1 : 3, first;
	char bind[300], host[300];
	long target_port = 0;
	int result = -1;

	split(word, &parts);
	first = parts.count == tail + 1 ? 1 : 0;
	spec->kind = kind;
	if (parts.count != tail + first || strpbrk(word, " \t\n/"))
		goto bad;
	spec->bind = mem_text(first ? address_of(parts.at[0]) : "127.0.0.1");
	if (!is_address(spec->bind) ||
	    num_parse(parts.at[first], kind == 'R' ? 0 : 1, 65535, &spec->port, NULL))
		goto bad;
	if (kind == 'D') {
		spec->argument = mem_format("%s:%ld", brackets(spec->bind, bind, sizeof(bind)), spec->port);
		result = 0;
		goto out;
	}
	if (!*parts.at[first + 1] || *parts.at[first + 1] == '-' ||
	    num_parse(parts.at[first + 2], 1, 65535, &target_port, NULL))
		goto bad;
	spec->target = mem_format("%s:%ld", brackets(parts.at[first + 1], host, sizeof(host)), target_port);
	spec->argument = mem_format("%s:%ld:%s", brackets(spec->bind, bind, sizeof(bind)), spec->port, spec->target);
	result = 0;
	goto out;
bad:
	err_set(err, STATUS_USAGE, "-%c %s: expected %s", kind, word, shapes[(int)kind]);
out:
	list_finish(&parts);
	return result;
}

int forward_specs_add(struct forward_specs *specs, char kind, const struct list *words,
		      struct err *err)
{
	for (size_t i = 0; i < words->count; i++) {
		struct forward_spec spec = {.kind = kind};
		int result = spec_read(&spec, kind, words->at[i], err);

		specs->at = mem_resize(specs->at, specs->count + 1, sizeof(*specs->at));
		specs->at[specs->count++] = spec;
		if (result)
			return -1;
	}
	return 0;
}

/* A port of loopback that nobody has. */
static long free_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	long port = 0;

	if (fd >= 0 && !bind(fd, (struct sockaddr *)&at, size) &&
	    !getsockname(fd, (struct sockaddr *)&at, &size))
		port = ntohs(at.sin_port);
	if (fd >= 0)
		close(fd);
	return port;
}

int forward_specs_hide(struct forward_specs *specs, const char *dir, struct err *err)
{
	for (size_t i = 0; i < specs->count; i++) {
		struct forward_spec *spec = &specs->at[i];

		if (spec->kind == 'R')
			continue;
		free(spec->argument);
		spec->argument = NULL;
		if (spec->kind == 'L') {
			spec->inner = mem_format("%s/%zu", dir, i);
			spec->argument = mem_format("%s:%s", spec->inner, spec->target);
			continue;
		}
		spec->inner_port = free_port();
		if (!spec->inner_port)
			return err_set(err, STATUS_CONSOLE, "no port of loopback is free");
		spec->argument = mem_format("127.0.0.1:%ld", spec->inner_port);
	}
	return 0;
}

void forward_specs_finish(struct forward_specs *specs)
{
	for (size_t i = 0; i < specs->count; i++) {
		free(specs->at[i].bind);
		free(specs->at[i].target);
		free(specs->at[i].argument);
		free(specs->at[i].inner);
	}
	free(specs->at);
	*specs = (struct forward_specs){.count = 0};
}
