/* The inside of transfer_sftp.h: transfer_sftp.c (what is there), transfer_sftp_file.c (contents), transfer_sftp_place.c
 * (names), transfer_sftp_remove.c (what gives way). */
#ifndef MROOM_WIRE_TRANSFER_SFTP_PUT_H
#define MROOM_WIRE_TRANSFER_SFTP_PUT_H

#include "lib/wire/sftp_list.h"
#include "lib/wire/transfer_sftp.h"

#define FILE_JOBS 16

/* A file on its way: opened, written, given its attributes, on the disk, closed. */
struct file_job {
	bool busy, open, closing; /* closing: only replies are missing */
	size_t index;	  /* entry */
	size_t extent;	  /* of a sparse one */
	int64_t at, left; /* what is still to be written, of this extent */
	size_t replies;	  /* outstanding */
	struct sftp_handle handle;
};

/* What the steps of a copy share. A step makes what requests it can and says true once it has made
 * all of them; the next one begins when all were answered. */
struct sftp_put {
	struct transfer_put *put;
	struct plan *plan;
	struct plan_wish wish;
	struct sftp *sftp;
	bool (*const *steps)(struct sftp_put *work); /* what comes next; NULL: nothing */
	size_t cursor; /* of the step; 0 when it begins */
	bool asked; /* the step made all its requests */
	bool sending;
	struct err trouble; /* the first; what follows only clears up */
	bool clearing;
	bool place_there, place_dir, base_dir; /* what was found */
	const char *dir, *top;	       /* where names count from, and how they begin */
	char *stage;		       /* what the copy keeps its things in */
	char *probe;		       /* what tells who we are */
	bool staged, stale;	       /* it is ours; it was there before */
	char refused[256];	       /* why it could not be made */
	bool maybe_full;	       /* something could not be written */
	unsigned char *made;	       /* per entry: it stands in the stage */
	int64_t *safe; /* and so much of it is on the disk, as its name there says */
	struct lister lister;	       /* what is below the target, or the stage */
	struct list files, dirs; /* to be removed */
	struct file_job jobs[FILE_JOBS];
	struct map *names;	/* of the tree; NULL until somebody asks */
	struct olds *olds;
	struct sftp_handle old; /* the file being fetched */
	bool old_busy;
	int64_t sent;
};

/* The name of an entry on the server; caller frees. */
char *sftp_put_name(const struct sftp_put *work, size_t index);
/* "place/name", where names count from; caller frees. */
char *sftp_put_below(const struct sftp_put *work, const char *name);
/* That of an entry while it is in the stage; caller frees. */
char *sftp_put_staged(const struct sftp_put *work, size_t index);
/* Whether what an earlier copy left in the stage is a part to go on behind: then it stays. */
bool sftp_put_resumes(struct sftp_put *work, const char *name, const struct sftp_attrs *attrs);
/* The copy has failed: the first reason counts. */
void sftp_put_fail(struct sftp_put *work, const char *what, const char *why);
/* A call whose failure is the copy's, because of entry `index`. */
struct sftp_call sftp_put_must(struct sftp_put *work, size_t index);
/* One whose failure means nothing. */
struct sftp_call sftp_put_may(void);

/* A directory stands where none is to be, or the other way round. */
bool sftp_put_in_the_way(const struct sftp_put *work, size_t index);

/* Steps; those of transfer_sftp_remove.c: what is in the way or too much is listed, and goes. */
bool sftp_step_give_way(struct sftp_put *work);
bool sftp_step_extra(struct sftp_put *work);
bool sftp_step_remove_list(struct sftp_put *work);
bool sftp_step_remove_files(struct sftp_put *work);
bool sftp_step_remove_dirs(struct sftp_put *work);
bool sftp_step_files(struct sftp_put *work);
bool sftp_step_old(struct sftp_put *work);
bool sftp_step_space(struct sftp_put *work);
extern bool (*const sftp_place_steps[])(struct sftp_put *work);
extern bool (*const sftp_clear_steps[])(struct sftp_put *work);

#endif
