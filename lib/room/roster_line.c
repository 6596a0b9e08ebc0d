#include "lib/room/roster_line.h"

#include "lib/base/mem.h"
#include "lib/base/num.h"

#define EM_DASH "\xe2\x80\x94"

/* How many dashes of one kind stand at `at`: their number, and in *unit the bytes of one. */
static size_t run_length(const char *at, const char *end, size_t *unit)
{
	size_t length = 0;

	if (at < end && *at == '-') {
		*unit = 1;
		while (at + length < end && at[length] == '-')
			length++;
		return length;
	}
	*unit = 3;
	while ((size_t)(end - at) >= 3 && !memcmp(at, EM_DASH, 3)) {
		at += 3;
		length++;
	}
	return length;
}

/* The next run of two or more, or NULL. */
static const char *next_run(const char *at, const char *end, size_t *length, size_t *unit)
{
	while (at < end) {
		*length = run_length(at, end, unit);
		if (*length >= 2)
			return at;
		at += *length ? *length * *unit : 1;
	}
	return NULL;
}

bool roster_has_run(const char *field)
{
	size_t length, unit;

	return next_run(field, field + strlen(field), &length, &unit) != NULL;
}

static void add_field(struct roster_fields *fields, const char *at)
{
	if (fields->count < ROSTER_FIELDS)
		fields->at[fields->count] = (char *)(uintptr_t)at;
	fields->count++;
}

void roster_split(struct roster_fields *fields, const char *line, size_t size)
{
	char *copy = mem_text_n(line, size);
	const char *end = copy + size;
	const char *at = copy;
	size_t delimiter = 0, kind = 0, length, unit;
	const char *run;

	*fields = (struct roster_fields){.bytes = copy, .size = size};
	add_field(fields, copy);
	while ((run = next_run(at, end, &length, &unit))) {
		if (!delimiter) {
			delimiter = length;
			kind = unit;
			snprintf(fields->delimiter, sizeof(fields->delimiter), "%.*s",
				 (int)(length * unit < 30 ? length * unit : 30), run);
		}
		at = run + length * unit;
		if (unit != kind || length % delimiter)
			continue;
		copy[run - copy] = '\0';
		/* Empty fields all end at the NUL that ends the field before the run. */
		for (size_t i = 1; i < length / delimiter; i++)
			add_field(fields, run);
		add_field(fields, at);
	}
}

void roster_fields_finish(struct roster_fields *fields)
{
	mem_wipe(fields->bytes, fields->size);
	free(fields->bytes);
	fields->bytes = NULL;
}

static bool is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

/* What stands behind the password: [empty] [port] [key path], and empty fields at the end. */
static int read_tail(const struct roster_fields *fields, long *port, const char **key,
		     struct err *err)
{
	size_t count = fields->count;
	size_t at = 4;

	if (count > ROSTER_FIELDS)
		return err_set(err, STATUS_USAGE, "%zu fields, where at most six have a meaning",
			       count);
	while (count > at && !*fields->at[count - 1])
		count--;
	if (at < count && !*fields->at[at])
		at++;
	if (at < count && is_number(fields->at[at])) {
		if (num_parse(fields->at[at], 1, 65535, port, NULL))
			return err_set(err, STATUS_USAGE, "the port is not from 1 to 65535");
		at++;
	}
	if (at < count && strchr("/~", *fields->at[at]) && *fields->at[at])
		*key = fields->at[at++];
	if (at >= count)
		return 0;
	if (*key)
		return err_set(err, STATUS_USAGE,
			       "field %zu follows the key path, which is the last", at + 1);
	if (!*fields->at[at])
		return err_set(err, STATUS_USAGE,
			       "field %zu is empty, where only one may be before "
			       "the port",
			       at + 1);
	/* The field is not repeated: it may be the rest of a password. */
	return err_set(err, STATUS_USAGE,
		       "field %zu is neither a port nor a key path that begins with / or ~ "
		       "(a password with %s in it needs another delimiter)",
		       at + 1, fields->delimiter);
}

/* The host without the brackets of an IPv6 address, malloc'ed; NULL on error. */
static char *read_host(const struct roster_fields *fields, struct err *err)
{
	const char *field = fields->at[1];
	size_t size = strlen(field);
	char *host;

	if (size > 2 && field[0] == '[' && field[size - 1] == ']' && memchr(field, ':', size))
		host = mem_text_n(field + 1, size - 2);
	else
		host = mem_text(field);
	if (server_check_host(host, err))
		goto fail;
	/* "xn--..." under the delimiter -- falls apart in a way that may look like a good line. */
	if (!strcmp(fields->delimiter, "--") && size >= 2 && !strcmp(field + size - 2, "xn") &&
	    (size == 2 || field[size - 3] == '.')) {
		err_set(err, STATUS_USAGE,
			"host '%s': an xn-- name needs another delimiter, as ---", host);
		goto fail;
	}
	return host;
fail:
	free(host);
	return NULL;
}

int roster_read_server(const struct roster_fields *fields, struct server *server, char **password,
		       struct err *err)
{
	const char *key = NULL;
	long port = 22;
	char *host;

	if (fields->count == 1)
		return err_set(err, STATUS_USAGE,
			       "no delimiter (-- or longer, two em-dashes), expected "
			       "id--host--user--password--port--key_path");
	if (server_check_id(fields->at[0], err))
		return -1;
	if (fields->count < 3)
		return err_set(err, STATUS_USAGE,
			       "%zu fields between '%s', at least id, host and user "
			       "are needed",
			       fields->count, fields->delimiter);
	if (server_check_user(fields->at[2], err))
		return -1;
	if (roster_has_run(fields->at[2]))
		return err_set(err, STATUS_USAGE,
			       "the user has a run of dashes in it that is no multiple of the "
			       "delimiter '%s'",
			       fields->delimiter);
	if (read_tail(fields, &port, &key, err))
		return -1;
	host = read_host(fields, err);
	if (!host)
		return -1;
	server_init(server);
	server->id = mem_text(fields->at[0]);
	server->host = host;
	server->user = mem_text(fields->at[2]);
	server->port = port;
	server->key = mem_text(key);
	*password = fields->count > 3 && *fields->at[3] ? mem_text(fields->at[3]) : NULL;
	return 0;
}
