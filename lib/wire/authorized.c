#include "lib/wire/authorized.h"

#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/wire/blob.h"
#include "lib/wire/knownhosts.h"

#define BLANKS " \t"
#define FILE_LIMIT ((size_t)64 * 1024)

/* The end of the options: the first blank outside of quotes. */
static size_t options_size(const char *at)
{
	bool quoted = false;
	size_t size;

	for (size = 0; at[size] && (quoted || !strchr(BLANKS, at[size])); size++) {
		if (at[size] == '\\' && at[size + 1] == '"')
			size++;
		else if (at[size] == '"')
			quoted = !quoted;
	}
	return size;
}

static bool decode(const char *type, size_t type_size, const char *base64, size_t size,
		   struct buf *blob)
{
	size_t got = 0;

	buf_clear(blob);
	buf_reserve(blob, size + 1);
	if (!size || sodium_base642bin((unsigned char *)blob->at, size, base64, size, NULL, &got,
				       NULL, sodium_base64_VARIANT_ORIGINAL))
		return false;
	blob->len = got;
	struct blob reader = blob_of(blob->at, got), named = blob_string(&reader);
	return !named.bad && named.left == type_size && !memcmp(named.at, type, type_size);
}

static long bits_of(const struct buf *blob)
{
	struct blob reader = blob_of(blob->at, blob->len), type = blob_string(&reader), part;
	long bits;

	if (blob_equals(&type, "ssh-ed25519") || blob_equals(&type, "sk-ssh-ed25519@openssh.com") ||
	    blob_equals(&type, "ecdsa-sha2-nistp256"))
		return 256;
	if (blob_equals(&type, "ecdsa-sha2-nistp384"))
		return 384;
	if (blob_equals(&type, "ecdsa-sha2-nistp521"))
		return 521;
	if (blob_equals(&type, "ssh-rsa"))
		blob_string(&reader); /* exponent */
	else if (!blob_equals(&type, "ssh-dss"))
		return 0;
	part = blob_string(&reader);
	while (part.left > 0 && *part.at == 0) {
		part.at++;
		part.left--;
	}
	bits = (long)part.left * 8;
	for (unsigned char top = part.left ? *part.at : 0x80; top && !(top & 0x80);
	     top = (unsigned char)(top << 1))
		bits--;
	return part.bad ? 0 : bits;
}

/* TYPE BASE64 COMMENT at `at`. */
static bool parse_key(const char *at, struct authorized *key)
{
	size_t type = strcspn(at, BLANKS), skip = type + strspn(at + type, BLANKS);
	size_t size = strcspn(at + skip, BLANKS "\r\n"), end;
	const char *comment;

	if (!type || !decode(at, type, at + skip, size, &key->blob))
		return false;
	comment = at + skip + size;
	comment += strspn(comment, BLANKS);
	end = strcspn(comment, "\r\n");
	key->type = mem_text_n(at, type);
	key->base64 = mem_text_n(at + skip, size);
	key->comment = mem_text_n(comment, end);
	key->bits = bits_of(&key->blob);
	hostkey_fingerprint(key->blob.at, key->blob.len, key->fingerprint);
	return true;
}

bool authorized_parse(const char *line, struct authorized *key)
{
	size_t options;

	*key = (struct authorized){.blob = BUF_INIT};
	line += strspn(line, BLANKS);
	if (!*line || *line == '#')
		return false;
	if (parse_key(line, key)) {
		key->options = mem_text("");
		return true;
	}
	options = options_size(line);
	if (line[options] && parse_key(line + options + strspn(line + options, BLANKS), key)) {
		key->options = mem_text_n(line, options);
		return true;
	}
	buf_finish(&key->blob);
	return false;
}

int authorized_read(const char *path, struct authorized *key, struct err *err)
{
	char *file = io_expand_home(path), *beside = mem_format("%s.pub", file);
	struct buf text = BUF_INIT;
	int rc = -1;

	*key = (struct authorized){.blob = BUF_INIT};
	if (io_read_file(file, FILE_LIMIT, &text, err))
		goto out;
	if (strstr(text.at, "PRIVATE KEY")) {
		buf_wipe(&text);
		if (io_read_file(beside, FILE_LIMIT, &text, err))
			goto out;
	}
	rc = authorized_parse(text.at, key)
		 ? 0
		 : err_set(err, STATUS_USAGE, "%s: it holds no public key", path);
out:
	buf_wipe(&text);
	free(file);
	free(beside);
	return rc;
}

void authorized_finish(struct authorized *key)
{
	free(key->options);
	free(key->type);
	free(key->base64);
	free(key->comment);
	buf_finish(&key->blob);
	*key = (struct authorized){.blob = BUF_INIT};
}

char *authorized_private(const char *path)
{
	char *file = io_expand_home(path);
	size_t size = strlen(file);

	if (size > 4 && !strcmp(file + size - 4, ".pub"))
		file[size - 4] = '\0';
	return file;
}
