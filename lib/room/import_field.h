/* The fields of a server, as bits: what a source speaks of, and what an import or an edit changed.
 */
#ifndef MROOM_ROOM_IMPORT_FIELD_H
#define MROOM_ROOM_IMPORT_FIELD_H

#include "lib/base/buf.h"

enum import_field {
	IMPORT_HOST = 1,
	IMPORT_PORT = 2,
	IMPORT_USER = 4,
	IMPORT_KEY = 8,
	IMPORT_TUNNEL = 16,
	IMPORT_PASSWORD = 32,
	IMPORT_ROOM = 64,
	IMPORT_TAGS = 128,
	IMPORT_RETIREMENT = 256,
	IMPORT_DESCRIPTION = 512,
	IMPORT_STATE = 1024,
	IMPORT_SCHEDULE = 2048,
	IMPORT_JUMP = 4096
};
/* Appends the names of the fields, comma-joined: "host,port". */
void import_field_names(struct buf *into, unsigned fields);

#endif
