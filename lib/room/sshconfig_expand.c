/* File names in ssh_config: ~, ${VARIABLE}, % tokens. */
#include <openssl/evp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/room/sshconfig.h"

static const char *user_name(void)
{
	const struct passwd *entry = getpwuid(getuid());

	return entry ? entry->pw_name : "";
}

static void console_name(char *into, size_t room)
{
	if (gethostname(into, room))
		*into = '\0';
	into[room - 1] = '\0';
}

/* %C: what tells one connection from another. */
static void connection_hash(struct buf *out, const struct ssh_tokens *tokens)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct buf text = BUF_INIT;
	unsigned size = 0;
	char name[256];

	console_name(name, sizeof(name));
	buf_format(&text, "%s%s%ld%s%s", name, tokens->host, tokens->port, tokens->user,
		   tokens->jump ? tokens->jump : "");
	EVP_Digest(text.at, text.len, digest, &size, EVP_sha1(), NULL);
	for (unsigned i = 0; i < size; i++)
		buf_format(out, "%02x", digest[i]);
	buf_finish(&text);
}

/* False for a letter that means nothing. */
static bool put_token(struct buf *out, char letter, const struct ssh_tokens *tokens)
{
	char name[256];
	char *home;

	switch (letter) {
	case '%':
		buf_char(out, '%');
		return true;
	case 'C':
		connection_hash(out, tokens);
		return true;
	case 'd':
		home = io_expand_home("~");
		buf_text(out, home);
		free(home);
		return true;
	case 'h':
		buf_text(out, tokens->host);
		return true;
	case 'i':
		buf_format(out, "%lu", (unsigned long)getuid());
		return true;
	case 'j':
		buf_text(out, tokens->jump ? tokens->jump : "");
		return true;
	case 'k':
		buf_text(out, tokens->alias ? tokens->alias : tokens->original);
		return true;
	case 'L':
	case 'l':
		console_name(name, sizeof(name));
		buf_add(out, name, letter == 'L' ? strcspn(name, ".") : strlen(name));
		return true;
	case 'n':
		buf_text(out, tokens->original);
		return true;
	case 'p':
		buf_format(out, "%ld", tokens->port);
		return true;
	case 'r':
		buf_text(out, tokens->user);
		return true;
	case 'u':
		buf_text(out, user_name());
		return true;
	default:
		return false;
	}
}

/* ${NAME}; the count of bytes read, 0 when it is none. */
static size_t put_variable(struct buf *out, const char *at)
{
	const char *end = strchr(at, '}'), *value;
	char *name;

	if (at[1] != '{' || !end)
		return 0;
	name = mem_text_n(at + 2, (size_t)(end - at - 2));
	value = getenv(name);
	buf_text(out, value ? value : "");
	free(name);
	return (size_t)(end - at + 1);
}

char *sshconfig_expand(const char *text, const struct ssh_tokens *tokens)
{
	char *path = io_expand_home(text);
	struct buf out = BUF_INIT;

	for (const char *at = path; *at;) {
		size_t size = *at == '$' ? put_variable(&out, at) : 0;

		if (!size && *at == '%' && at[1] && put_token(&out, at[1], tokens))
			size = 2;
		if (!size) {
			buf_char(&out, *at);
			size = 1;
		}
		at += size;
	}
	free(path);
	return buf_detach(&out);
}
