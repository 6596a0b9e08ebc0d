/* The verbs of mroom inventory, one file each, and what they share: a server as a row. */
#ifndef MROOM_CMD_INVENTORY_H
#define MROOM_CMD_INVENTORY_H

#include "lib/flow/out.h"
#include "lib/room/server.h"

int inventory_add(int argc, char **argv);
int inventory_expand(int argc, char **argv);
int inventory_export(int argc, char **argv);
int inventory_fold(int argc, char **argv);
int inventory_home(int argc, char **argv);
int inventory_import(int argc, char **argv);
int inventory_ls(int argc, char **argv);
int inventory_rename(int argc, char **argv);
int inventory_retire(int argc, char **argv);
int inventory_rm(int argc, char **argv);
int inventory_room(int argc, char **argv);
int inventory_set(int argc, char **argv);
int inventory_show(int argc, char **argv);
int inventory_tag(int argc, char **argv);
int inventory_unretire(int argc, char **argv);
int inventory_untag(int argc, char **argv);

/* id host port user key room position tunnel tags retired description, and jump where it is asked
 * for: this order and these names
 * are a promise to scripts. */
#define ROW_COLUMNS 12
extern const struct out_column row_columns[ROW_COLUMNS];

/* The texts of a row. They point into the server and into the row itself. */
struct row {
	const char *values[ROW_COLUMNS];
	char port[24], position[24];
};
void row_fill(struct row *row, const struct server *server);

#endif
