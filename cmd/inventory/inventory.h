/* The verbs of mroom inventory, one file each, and what they share: a server as a row. */
#ifndef MROOM_CMD_INVENTORY_H
#define MROOM_CMD_INVENTORY_H

#include "lib/flow/out.h"
#include "lib/room/server.h"

int inventory_import(int argc, char **argv);
int inventory_ls(int argc, char **argv);
int inventory_show(int argc, char **argv);

/* id host port user key room position tunnel tags retired description: this order and these names
 * are a promise to scripts. */
#define ROW_COLUMNS 11
extern const struct out_column row_columns[ROW_COLUMNS];

/* The texts of a row. They point into the server and into the row itself. */
struct row {
	const char *values[ROW_COLUMNS];
	char port[24], position[24];
};
void row_fill(struct row *row, const struct server *server);

#endif
