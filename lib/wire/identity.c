#include "lib/wire/identity.h"

#include <openssl/evp.h>
#include <string.h>

#include "lib/base/mem.h"
#include "lib/wire/blob.h"
#include "lib/wire/knownhosts.h"

struct identity *identity_of_agent(struct agent *agent, const void *blob, size_t size,
				   const char *comment)
{
	struct identity *identity = mem_zero(1, sizeof(*identity));

	identity->name = mem_text(comment);
	buf_init(&identity->blob);
	buf_add(&identity->blob, blob, size);
	buf_init(&identity->plain);
	identity->agent = agent;
	hostkey_fingerprint(blob, size, identity->fingerprint);
	return identity;
}

void identity_destroy(struct identity *identity)
{
	if (!identity)
		return;
	free(identity->name);
	buf_finish(&identity->blob);
	buf_finish(&identity->plain);
	EVP_PKEY_free(identity->key);
	free(identity);
}

const char *identity_type(const struct identity *identity, size_t *size)
{
	struct blob blob = blob_of(identity->blob.at, identity->blob.len);
	struct blob type = blob_string(&blob);

	*size = type.left;
	return type.bad ? "" : (const char *)type.at;
}
