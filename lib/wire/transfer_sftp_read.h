/* The inside of transfer_sftp_get.h: transfer_sftp_get.c (the list), transfer_sftp_read.c (contents). */
#ifndef MROOM_WIRE_TRANSFER_SFTP_READ_H
#define MROOM_WIRE_TRANSFER_SFTP_READ_H

#include "lib/wire/sftp_list.h"
#include "lib/wire/transfer_sftp_get.h"

#define AHEAD 8 /* files open at once; a power of two, since tags hold it */

enum { GET_ASK, GET_LIST, GET_LINKS, GET_WAIT, GET_READ, GET_OVER };

/* A file that is open, or about to be. */
struct reading {
	bool open;
	size_t index;
	struct sftp_handle handle;
	int64_t asked, got; /* bytes from the beginning */
	int64_t from;	    /* they were here before */
	bool ragged;	    /* they did not come in order */
	struct buf held;    /* what came before its turn */
};

struct sftp_get {
	const char *place, *top, *dir;
	struct listing *listing;
	struct take *take;
	struct sftp *sftp;
	struct lister lister;
	int phase;
	size_t next; /* entry */
	struct reading ring[AHEAD];
	size_t head, tail; /* tail - head are in use; their place is modulo AHEAD */
	bool begun;	   /* the one at head, with take */
	int64_t spared;	   /* bytes that were here, of files that were cut short */
	struct err trouble;
};

/* The first trouble counts. */
void sftp_get_fail(struct sftp_get *work, const char *what, const char *why);
/* Asks for what may be asked for now. */
void sftp_get_read_on(struct sftp_get *work);

#endif
