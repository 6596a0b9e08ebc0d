#include "lib/room/tunnel_import.h"
#include "lib/base/io.h"
#include "lib/base/list.h"
#include "lib/base/mem.h"

/* Directives whose first argument is a file that openvpn takes inline as well: <ca>...</ca>. */
static const char *const inlined[] = {
    "ca",	 "cert",	 "key",	   "extra-certs", "tls-auth",
    "tls-crypt", "tls-crypt-v2", "secret", "crl-verify",  "peer-fingerprint-file"};

/* Directives that run programs. */
static const char *const commands[] = {
    "up",	"down",		"route-up", "route-pre-down",
    "ipchange", "tls-verify",	"iproute",  "auth-user-pass-verify",
    "plugin",	"learn-address"};

bool tunnel_import_line(const char **at, struct buf *line)
{
	const char *text = *at + strspn(*at, " \t");
	size_t size = strcspn(text, "\n");

	if (!**at)
		return false;
	*at = text[size] ? text + size + 1 : text + size;
	while (size && strchr(" \t\r", text[size - 1]))
		size--;
	buf_clear(line);
	buf_add(line, text, size);
	return true;
}

/* The words of a line, at most `most`: openvpn's own quoting is not needed for file names without
 * blanks. */
static size_t split_words(const char *line, struct list *words)
{
	list_split(words, line, ' ');
	return words->count;
}

static bool among(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

/* Puts the file's text inline. */
static int inline_file(struct buf *to, const char *directive, const char *name, const char *dir,
		       struct err *err)
{
	char *path = *name == '/' ? mem_text(name) : mem_format("%s/%s", dir, name);
	size_t before;
	int result;

	buf_format(to, "<%s>\n", directive);
	before = to->len;
	result = io_read_file(path, TUNNEL_VALUE_MAX, to, err);
	if (!result && to->len > before && to->at[to->len - 1] != '\n')
		buf_char(to, '\n');
	buf_format(to, "</%s>\n", directive);
	free(path);
	return result;
}

/* auth-user-pass FILE: user and password, a line each, become fields. */
static int take_login(struct tunnel *tunnel, const char *name, const char *dir, struct err *err)
{
	char *path = *name == '/' ? mem_text(name) : mem_format("%s/%s", dir, name);
	struct buf text = BUF_INIT, line = BUF_INIT;
	const char *at;
	int result;

	buf_reserve(&text, TUNNEL_VALUE_MAX);
	result = io_read_file(path, 4096, &text, err);
	at = text.at;
	if (!result && tunnel_import_line(&at, &line)) {
		free(tunnel->user);
		tunnel->user = mem_text(line.at);
		if (tunnel_import_line(&at, &line))
			tunnel_put(tunnel, "password", line.at, true);
	}
	buf_wipe(&line);
	buf_wipe(&text);
	free(path);
	return result;
}

static void take_remote(struct tunnel *tunnel, const struct list *words)
{
	bool v6 = strchr(words->at[1], ':') != NULL;

	if (*tunnel->server)
		return;
	free(tunnel->server);
	if (words->count < 3)
		tunnel->server = mem_text(words->at[1]);
	else
		tunnel->server = mem_format(v6 ? "[%s]:%s" : "%s:%s", words->at[1], words->at[2]);
}

static int take_line(struct tunnel *tunnel, const char *line, const char *dir, struct buf *to,
		     struct list *notes, struct err *err)
{
	struct list words = LIST_INIT;
	size_t count = *line == '#' || *line == ';' ? 0 : split_words(line, &words);
	const char *first = count ? words.at[0] : "";
	int result = 0;

	if (count > 1 && !strcmp(first, "remote"))
		take_remote(tunnel, &words);
	if (among(first, commands, sizeof(commands) / sizeof(*commands)))
		list_take(notes, mem_format("%s: it runs this as root", line));
	if (count > 1 && among(first, inlined, sizeof(inlined) / sizeof(*inlined)) &&
	    strcmp(words.at[1], "[inline]") != 0) {
		if (!strcmp(first, "tls-auth") && count > 2)
			buf_format(to, "key-direction %s\n", words.at[2]);
		result = inline_file(to, first, words.at[1], dir, err);
	} else if (count > 1 && !strcmp(first, "auth-user-pass")) {
		result = take_login(tunnel, words.at[1], dir, err);
		buf_text(to, "auth-user-pass\n");
	} else {
		buf_format(to, "%s\n", line);
	}
	list_finish(&words);
	return result;
}

int tunnel_import_openvpn(struct tunnel *tunnel, const char *text, const char *dir, struct list *notes,
		   struct err *err)
{
	struct buf line = BUF_INIT, config = BUF_INIT;
	const char *at = text;
	bool inside = false; /* between <ca> and </ca>: not ours to read */
	int result = 0;

	free(tunnel->server);
	tunnel->server = mem_text("");
	buf_reserve(&config, TUNNEL_VALUE_MAX * 2);
	while (!result && tunnel_import_line(&at, &line)) {
		if (*line.at == '<')
			inside = line.at[1] != '/';
		if (inside || *line.at == '<')
			buf_format(&config, "%s\n", line.at);
		else
			result = take_line(tunnel, line.at, dir, &config, notes, err);
	}
	if (!result && !*tunnel->server)
		result = err_set(err, STATUS_USAGE,
				 "no client configuration of openvpn: it has no "
				 "remote");
	if (!result)
		result = tunnel_check_server(tunnel->server, err);
	if (!result)
		result = tunnel_check_value("config", config.at, config.len, err);
	free(tunnel->type);
	tunnel->type = mem_text("OPENVPN");
	tunnel_put(tunnel, "config", config.at, true);
	buf_wipe(&line);
	buf_wipe(&config);
	return result;
}
