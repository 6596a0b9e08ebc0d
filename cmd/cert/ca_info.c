#include "cmd/cert/ca.h"
#include "lib/base/mem.h"
#include "lib/wire/blob.h"

/* How many fields the key itself has, by the certificate's type. */
static int key_fields(const char *type)
{
	static const struct {
		const char *type;
		int fields;
	} types[] = {
	    {"ssh-ed25519-", 1}, {"ecdsa-", 2},		 {"ssh-rsa-", 2},
	    {"ssh-dss-", 4},	 {"sk-ssh-ed25519-", 2}, {"sk-ecdsa-", 3},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (!strncmp(type, types[i].type, strlen(types[i].type)))
			return types[i].fields;
	}
	return -1;
}

static uint64_t read_u64(struct blob *blob)
{
	uint64_t high = blob_u32(blob);

	return high << 32 | blob_u32(blob);
}

bool ca_info_read(const struct authorized *cert, struct ca_info *info)
{
	struct blob at = blob_of(cert->blob.at, cert->blob.len), id, names;
	struct buf principals = BUF_INIT;
	int fields = strstr(cert->type, "-cert-v01@") ? key_fields(cert->type) : -1;

	if (fields < 0)
		return false;
	for (int i = 0; i < fields + 2; i++) /* the type and a nonce go before */
		blob_string(&at);
	info->serial = read_u64(&at);
	blob_u32(&at); /* user or host */
	id = blob_string(&at);
	names = blob_string(&at);
	info->after = read_u64(&at);
	info->before = read_u64(&at);
	if (at.bad)
		return false;
	while (names.left > 0 && !names.bad) {
		struct blob name = blob_string(&names);

		if (principals.len > 0)
			buf_char(&principals, ',');
		buf_add(&principals, name.at, name.left);
	}
	info->key_id = mem_text_n((const char *)id.at, id.left);
	info->principals = buf_detach(&principals);
	return true;
}

void ca_info_finish(struct ca_info *info)
{
	free(info->key_id);
	free(info->principals);
}
