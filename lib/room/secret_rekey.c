/*
 * A new key for everything that is sealed. The order of things is what makes it safe to be cut
 * short:
 *
 *   all is opened and sealed anew, within a transaction that keeps other writers waiting;
 *   the key file becomes secret.key.old, and the new one takes its name;
 *   the transaction is committed; secret.key.old is removed.
 *
 * Cut short before the commit, the store has values of the old key, which secret_open finds in
 * secret.key.old. The next rekey first finishes that.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/room/secret.h"

/* Sealed values on their way from one key to another. */
struct batch {
	struct secret_box *from, *to;
	struct value {
		char *kind, *name;
		struct buf sealed;
	} * at;
	size_t count, cap;
};

static void batch_finish(struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		free(batch->at[i].kind);
		free(batch->at[i].name);
		buf_finish(&batch->at[i].sealed);
	}
	free(batch->at);
}

/* Opens a value and seals it anew. */
static int take_value(void *ctx, const struct secret_row *row, struct err *err)
{
	struct batch *batch = ctx;
	char *context = mem_format("%s:%s", row->kind, row->name);
	struct buf text = BUF_INIT;
	struct value *value;
	int result;

	if (batch->count == batch->cap) {
		batch->cap = batch->cap ? batch->cap * 2 : 64;
		batch->at = mem_resize(batch->at, batch->cap, sizeof(*batch->at));
	}
	value = &batch->at[batch->count++];
	*value = (struct value){mem_text(row->kind), mem_text(row->name), BUF_INIT};
	result = secret_open(batch->from, context, row->sealed, row->size, &text, err);
	if (!result)
		result = secret_seal(batch->to, context, text.at, text.len, &value->sealed, err);
	buf_wipe(&text);
	free(context);
	return result ? err_prefix(err, "%s of %s", row->kind, row->name) : 0;
}

/* Seals all anew; the transaction is the caller's. */
static int seal_all(struct secret_box *from, struct secret_box *to, struct store *store,
		    size_t *count, struct err *err)
{
	struct batch batch = {.from = from, .to = to};
	int result = store_secret_each(store, take_value, &batch, err);

	for (size_t i = 0; i < batch.count && !result; i++)
		result = store_secret_set(store, batch.at[i].kind, batch.at[i].name,
					  batch.at[i].sealed.at, batch.at[i].sealed.len, err);
	*count = batch.count;
	batch_finish(&batch);
	return result;
}

/* The files of it. */
struct key_files {
	char *now, *fresh, *old;
};

/* The new key takes the old one's place, and the old one is kept beside it. */
static int swap_files(const struct key_files *files, struct err *err)
{
	if ((unlink(files->old) && errno != ENOENT) ||
	    (link(files->now, files->old) && errno != ENOENT) || rename(files->fresh, files->now))
		return err_sys(err, STATUS_CONSOLE, errno, "%s", files->now);
	return 0;
}

/* What a rekey that was cut short left: all is sealed under the key that is in place. */
static int finish_earlier(struct secret_box *box, struct store *store,
			  const struct key_files *files, struct err *err)
{
	size_t count;

	if (access(files->old, F_OK))
		return 0;
	if (store_begin(store, err))
		return -1;
	if (seal_all(box, box, store, &count, err)) {
		store_rollback(store);
		return -1;
	}
	if (store_commit(store, err))
		return -1;
	unlink(files->old);
	return 0;
}

static int rekey_files(struct secret_box *box, struct store *store, const struct key_files *files,
		       const char *to, size_t *count, struct err *err)
{
	struct secret_box *fresh = NULL;
	int result = -1;

	unlink(files->fresh);
	if (finish_earlier(box, store, files, err))
		return -1;
	fresh = secret_box_at(to ? to : files->fresh, !to, err);
	if (!fresh || store_begin(store, err))
		goto out;
	if (seal_all(box, fresh, store, count, err) || (!to && swap_files(files, err))) {
		store_rollback(store);
		goto out;
	}
	if (!store_commit(store, err))
		result = 0;
	else if (!to)
		rename(files->old, files->now);
	if (!result)
		unlink(files->old);
out:
	unlink(files->fresh);
	secret_box_close(fresh);
	return result;
}

int secret_rekey(struct secret_box *box, struct store *store, const struct home *home,
		 const char *to, size_t *count, struct err *err)
{
	struct key_files files = {home_path(home, "secret.key"), home_path(home, "secret.key.new"),
				  home_path(home, "secret.key.old")};
	int result = rekey_files(box, store, &files, to, count, err);

	free(files.now);
	free(files.fresh);
	free(files.old);
	return result;
}
