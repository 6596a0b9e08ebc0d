#include "lib/wire/learned.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/store_hostkey.h"

struct fact {
	struct fact *next;
	int64_t row; /* of the server, for how; else a host key */
	char *how;
	char *server, *host, *fingerprint, *old, *file;
	void *blob;
	struct hostkey_row key;
};

struct learned {
	struct store *store;
	struct fact *first, **last;
	size_t strangers;
};

struct learned *learned_create(struct store *store)
{
	struct learned *learned = mem_zero(1, sizeof(*learned));

	learned->store = store;
	learned->last = &learned->first;
	return learned;
}

static void fact_free(struct fact *fact)
{
	free(fact->how);
	free(fact->server);
	free(fact->host);
	free(fact->fingerprint);
	free(fact->old);
	free(fact->file);
	free(fact->blob);
	free(fact);
}

static void forget_all(struct learned *learned)
{
	struct fact *fact;

	while ((fact = learned->first) != NULL) {
		learned->first = fact->next;
		fact_free(fact);
	}
	learned->last = &learned->first;
}

void learned_destroy(struct learned *learned)
{
	if (!learned)
		return;
	forget_all(learned);
	free(learned);
}

static struct fact *fact_new(struct learned *learned)
{
	struct fact *fact = mem_zero(1, sizeof(*fact));

	*learned->last = fact;
	learned->last = &fact->next;
	return fact;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

void learned_auth(struct learned *learned, const struct server *server, const char *how)
{
	struct fact *fact;

	if (!server->row || same(server->auth, how))
		return;
	fact = fact_new(learned);
	fact->row = server->row;
	fact->how = mem_text(how);
}

void learned_hostkey(struct learned *learned, const struct server *server, const char *host,
		     long port, const struct stranger *stranger)
{
	struct fact *fact = fact_new(learned);

	learned->strangers += !stranger->accepted;
	fact->server = mem_text(server->id);
	fact->host = mem_text(host);
	fact->fingerprint = mem_text(stranger->fingerprint);
	fact->old = mem_text(stranger->old);
	fact->file = mem_text(stranger->file);
	fact->blob = mem_copy(stranger->blob, stranger->size);
	fact->key = (struct hostkey_row){
	    .server = fact->server,
	    .host = fact->host,
	    .port = port,
	    .state = stranger->changed	  ? HOSTKEY_DIFFERS
		     : stranger->accepted ? HOSTKEY_LEARNED
					  : HOSTKEY_NEW,
	    .blob = fact->blob,
	    .size = stranger->size,
	    .fingerprint = fact->fingerprint,
	    .old = fact->old,
	    .file = fact->file,
	    .line = stranger->line,
	    .seen_ms = clock_wall_ms(),
	};
}

int learned_flush(struct learned *learned, struct err *err)
{
	int result = 0;

	if (!learned->first)
		return 0;
	if (store_begin(learned->store, err))
		return -1;
	for (const struct fact *fact = learned->first; fact && !result; fact = fact->next)
		result = fact->row ? store_server_auth(learned->store, fact->row, fact->how, err)
				   : store_hostkey_set(learned->store, &fact->key, err);
	if (result)
		store_rollback(learned->store);
	else
		result = store_commit(learned->store, err);
	forget_all(learned);
	return result;
}

void learned_summary(const struct learned *learned, FILE *to)
{
	if (learned->strangers > 0)
		fprintf(to, "%zu host key%s for a review (mroom cert hosts review)\n",
			learned->strangers, learned->strangers == 1 ? " waits" : "s wait");
}
