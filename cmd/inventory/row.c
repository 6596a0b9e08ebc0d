#include "cmd/inventory/inventory.h"

const struct out_column row_columns[ROW_COLUMNS] = {
    {.name = "id", .type = OUT_TEXT},	       {.name = "host", .type = OUT_TEXT},
    {.name = "port", .type = OUT_INT},	       {.name = "user", .type = OUT_TEXT},
    {.name = "key", .type = OUT_TEXT},	       {.name = "room", .type = OUT_TEXT},
    {.name = "position", .type = OUT_INT},     {.name = "tunnel", .type = OUT_TEXT},
    {.name = "tags", .type = OUT_LIST},	       {.name = "retired", .type = OUT_BOOL},
    {.name = "description", .type = OUT_TEXT}, {.name = "jump", .type = OUT_TEXT, .hidden = true},
};

void row_fill(struct row *row, const struct server *server)
{
	const char *values[ROW_COLUMNS] = {
	    server->id,
	    server->host,
	    NULL,
	    server->user,
	    server->key,
	    server->room,
	    NULL,
	    server->tunnel,
	    server->tags,
	    server->retired ? "1" : "0",
	    server->description,
	    server->jump,
	};

	memcpy(row->values, values, sizeof(values));
	if (server->port) {
		snprintf(row->port, sizeof(row->port), "%ld", server->port);
		row->values[2] = row->port;
	}
	if (server->position >= 0) {
		snprintf(row->position, sizeof(row->position), "%ld", server->position);
		row->values[6] = row->position;
	}
}
