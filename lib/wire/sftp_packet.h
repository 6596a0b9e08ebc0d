/* The inside of sftp.h: sftp.c (replies), sftp_request.c (requests). */
#ifndef MROOM_WIRE_SFTP_PACKET_H
#define MROOM_WIRE_SFTP_PACKET_H

#include "lib/base/buf.h"
#include "lib/wire/sftp.h"

/* Further attributes, as pairs of texts, follow. */
#define SFTP_EXTENDED 0x80000000u

enum {
	SFTP_IS_VERSION = 2,
	SFTP_IS_STATUS = 101,
	SFTP_IS_HANDLE = 102,
	SFTP_IS_DATA = 103,
	SFTP_IS_NAME = 104,
	SFTP_IS_ATTRS = 105,
	SFTP_IS_EXTENDED = 201
};

struct sftp {
	struct buf in, out;
	size_t out_at;
	bool welcome; /* the server has said its version */
	bool offers[SFTP_EXTENSIONS];
	struct sftp_call requests[SFTP_WINDOW]; /* by id; done NULL: the place is free */
	size_t on_way;
	char message[256];
	void (*ready)(void *ctx);
	void *ctx;
};

#endif
