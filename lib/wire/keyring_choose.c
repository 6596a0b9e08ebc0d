#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/wire/keyring_inside.h"

static bool same_key(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && !memcmp(a->at, b->at, a->len);
}

/* A key not to be used, or a certificate for it. */
static bool unwanted(const struct keyring *keyring, const struct identity *identity)
{
	char fingerprint[64];

	if (!keyring->without)
		return false;
	if (identity->plain.len > 0)
		hostkey_fingerprint(identity->plain.at, identity->plain.len, fingerprint);
	return list_has(keyring->without,
			identity->plain.len > 0 ? fingerprint : identity->fingerprint);
}

static void choose(const struct keyring *keyring, struct keyring_choice *choice,
		   struct identity *identity)
{
	if (!identity || (!choice->on_the_way && unwanted(keyring, identity)))
		return;
	for (size_t i = 0; i < choice->count; i++) {
		if (same_key(&choice->at[i]->blob, &identity->blob))
			return;
	}
	choice->at = mem_resize(choice->at, choice->count + 1, sizeof(*choice->at));
	choice->at[choice->count++] = identity;
}

/* A key file: its certificate, then itself, or the agent's copy of it. */
static const struct keyfile *choose_file(struct keyring *keyring, struct keyring_choice *choice,
					 const char *path, bool unlock)
{
	const struct keyfile *file = keyfiles_get(keyring->files, path, unlock);

	choose(keyring, choice, file->certified);
	choose(keyring, choice, file->identity);
	for (size_t i = 0; !file->identity && i < keyring->agent_count; i++) {
		if (same_key(&keyring->agents[i]->blob, &file->half))
			choose(keyring, choice, keyring->agents[i]);
	}
	return file;
}

static void choose_files(struct keyring *keyring, struct keyring_choice *choice,
			 const struct list *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		choose_file(keyring, choice, paths->at[i], false);
}

/* The server's own key, and those that ssh_config names for it. */
static void choose_own(struct keyring *keyring, const struct keyring_wish *wish,
		       struct keyring_choice *choice, struct buf *trouble)
{
	size_t before = choice->count;

	if (wish->server->key) {
		char *path = io_expand_home(wish->server->key);
		const struct keyfile *file = choose_file(keyring, choice, path, true);

		if (file->trouble && choice->count == before)
			buf_text(trouble, file->trouble);
		free(path);
	}
	for (size_t i = 0; wish->files && i < wish->files->count; i++)
		choose_file(keyring, choice, wish->files->at[i], true);
}

/* Moves the identity that let us in last time before all but those asked for. */
static void prefer_remembered(struct keyring_choice *choice, size_t from, const char *auth)
{
	static const char publickey[] = "publickey ";

	if (!auth || strncmp(auth, publickey, sizeof(publickey) - 1) != 0)
		return;
	for (size_t i = from; i < choice->count; i++) {
		struct identity *identity = choice->at[i];

		if (strcmp(identity->fingerprint, auth + sizeof(publickey) - 1) != 0)
			continue;
		memmove(choice->at + from + 1, choice->at + from, (i - from) * sizeof(*choice->at));
		choice->at[from] = identity;
		return;
	}
}

void keyring_identities(struct keyring *keyring, const struct keyring_wish *wish,
			struct keyring_choice *choice, struct buf *trouble)
{
	size_t named;

	*choice = (struct keyring_choice){.on_the_way = wish->on_the_way};
	if (keyring->only_cert && !wish->on_the_way) {
		choose(keyring, choice, keyfiles_get(keyring->files, keyring->only, false)->certified);
		choice->named = true;
		return;
	}
	if (keyring->only && !wish->on_the_way) {
		choose_file(keyring, choice, keyring->only, false);
		choice->named = true;
		return;
	}
	choose_files(keyring, choice, &keyring->named);
	named = choice->count;
	choice->named = named > 0;
	choose_own(keyring, wish, choice, trouble);
	for (size_t i = 0; !wish->files_only && i < keyring->agent_count; i++)
		choose(keyring, choice, keyring->agents[i]);
	choose_files(keyring, choice, &keyring->usual);
	if (!wish->files_only && (!wish->files || wish->files->count == 0))
		choose_files(keyring, choice, &keyring->defaults);
	prefer_remembered(choice, named, wish->server->auth);
}

char *keyring_unusable(struct keyring *keyring)
{
	struct keyring_choice choice = {.on_the_way = false};
	const struct keyfile *file;

	if (!keyring->only || keyring->only_cert)
		return NULL;
	file = choose_file(keyring, &choice, keyring->only, false);
	free(choice.at);
	if (choice.count > 0)
		return NULL;
	return mem_format("the key cannot be used here: no agent holds it%s, and %s",
			  access(keyring->only, F_OK) ? " (try: ssh-add)" : "", file->trouble);
}
