/* Tables with a header: CSV as RFC 4180 has it, with commas or semicolons, and records with TABs as
 * mroom inventory ls -H writes them. */
#include <strings.h>

#include "lib/base/mem.h"
#include "lib/base/quote.h"
#include "lib/room/listing_build.h"

#define STATE "state:"

struct table {
	struct listing *listing;
	const char *at, *end;
	long line; /* that `at` is in */
	char separator;
	struct list header; /* as written; "" where a column has no meaning */
};

/* A quoted field; `at` stands behind the first quote. */
static int read_quoted(struct table *table, struct buf *field)
{
	while (table->at < table->end) {
		char c = *table->at++;

		if (c == '"' && table->at < table->end && *table->at == '"')
			table->at++;
		else if (c == '"')
			return 0;
		table->line += c == '\n';
		buf_char(field, c);
	}
	return -1;
}

static int read_field(struct table *table, struct buf *field)
{
	const char *start = table->at;

	if (table->separator != '\t' && start < table->end && *start == '"') {
		table->at++;
		if (read_quoted(table, field))
			return -1;
	}
	start = table->at;
	while (table->at < table->end && *table->at != '\n' && *table->at != table->separator)
		table->at++;
	size_t size = (size_t)(table->at - start);
	if (size && start[size - 1] == '\r' && (table->at == table->end || *table->at == '\n'))
		size--;
	if (table->separator == '\t')
		unquote_field(field, start, size);
	else
		buf_add(field, start, size);
	return 0;
}

/* One row; the separator or the newline behind each field is stepped over. -1: a quote is not
 * closed. */
static int read_row(struct table *table, struct list *fields)
{
	bool more = true;

	while (more) {
		struct buf field = BUF_INIT;
		int bad = read_field(table, &field);

		list_take(fields, buf_detach(&field));
		if (bad)
			return -1;
		more = table->at < table->end && *table->at == table->separator;
		if (table->at < table->end)
			table->at++;
	}
	return 0;
}

static void wipe_row(struct list *fields)
{
	for (size_t i = 0; i < fields->count; i++)
		mem_wipe(fields->at[i], strlen(fields->at[i]));
	list_finish(fields);
}

/* A state's value: JSON as it is, other text as a text. */
static void add_state(struct roster_server *entry, const char *key, const char *value)
{
	json_t *json;

	if (!*value)
		return;
	json = json_loads(value, JSON_DECODE_ANY, NULL);
	if (!json)
		json = json_string(value);
	if (!json)
		return;
	list_add(&entry->state, key);
	list_take(&entry->state, json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT));
	json_decref(json);
}

static void take_row(struct table *table, const struct list *fields, long line)
{
	struct roster_server entry;
	struct err err = ERR_INIT;
	int result = 0;

	listing_entry(&entry);
	if (fields->count > table->header.count)
		result = err_set(&err, STATUS_USAGE, "%zu fields, but the header has %zu",
				 fields->count, table->header.count);
	for (size_t i = 0; i < fields->count && result >= 0; i++) {
		const char *name = table->header.at[i];

		if (!strncasecmp(name, STATE, strlen(STATE)))
			add_state(&entry, name + strlen(STATE), fields->at[i]);
		else if (*name)
			result = listing_set(&entry, name, fields->at[i], &err);
	}
	if (result >= 0) {
		listing_take(table->listing, line, &entry);
		return;
	}
	listing_problem(table->listing, line, err.text);
	roster_server_finish(&entry);
}

/* Blanks the names that mean nothing here, and notes them. */
static void read_header(struct table *table)
{
	struct list unknown = LIST_INIT;
	char *joined;

	for (size_t i = 0; i < table->header.count; i++) {
		char *name = table->header.at[i];

		if (!i && *name == '#')
			memmove(name, name + 1, strlen(name));
		if (listing_knows(name) || !strncasecmp(name, STATE, strlen(STATE)))
			continue;
		if (*name && strcasecmp(name, "position") != 0)
			list_add(&unknown, name);
		*name = '\0';
	}
	joined = list_join(&unknown, ", ");
	if (unknown.count)
		list_take(&table->listing->roster->notes,
			  mem_format("%s: columns that mean nothing here: %s",
				     table->listing->source, joined));
	free(joined);
	list_finish(&unknown);
}

void listing_read_csv(struct listing *listing, const char *bytes, size_t count)
{
	struct table table = {.listing = listing, .at = bytes, .end = bytes + count, .line = 1};
	const char *stop;
	size_t first;

	while (table.at < table.end && (*table.at == '\r' || *table.at == '\n'))
		table.line += *table.at++ == '\n';
	stop = memchr(table.at, '\n', (size_t)(table.end - table.at));
	first = (size_t)((stop ? stop : table.end) - table.at);
	table.separator = memchr(table.at, '\t', first)	 ? '\t'
			  : memchr(table.at, ',', first) ? ','
							 : ';';
	read_row(&table, &table.header);
	read_header(&table);
	while (table.at < table.end) {
		struct list fields = LIST_INIT;
		long line = ++table.line;

		if (read_row(&table, &fields))
			listing_problem(listing, line, "a quote is not closed");
		else if (fields.count > 1 || *fields.at[0])
			take_row(&table, &fields, line);
		wipe_row(&fields);
	}
	list_finish(&table.header);
}
