/* Reading ssh_config files into blocks. */
#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/room/sshconfig_parts.h"

#define FILE_LIMIT ((size_t)16 << 20)
#define DEPTH_MAX 16
#define BLANKS " \t\r\f"

struct reading {
	struct sshconfig *config;
	const char *file;
	long number; /* of the line */
	long parent; /* the block that included this file; -1 */
	long block;  /* being filled; -1: none yet */
	int depth;
	bool etc;
};

static const struct {
	const char *name;
	enum ssh_keyword keyword;
} keywords[] = {
    {"Host", SSH_HOST},
    {"Match", SSH_MATCH},
    {"Include", SSH_INCLUDE},
    {"HostName", SSH_HOSTNAME},
    {"Port", SSH_PORT},
    {"User", SSH_USER},
    {"IdentityFile", SSH_IDENTITY},
    {"IdentitiesOnly", SSH_IDENTITIES_ONLY},
    {"ProxyJump", SSH_PROXYJUMP},
    {"ProxyCommand", SSH_PROXYCOMMAND},
    {"UserKnownHostsFile", SSH_KNOWN_HOSTS},
    {"GlobalKnownHostsFile", SSH_GLOBAL_KNOWN_HOSTS},
    {"HostKeyAlias", SSH_ALIAS},
    {"StrictHostKeyChecking", SSH_HOST_KEY},
    {"ConnectTimeout", SSH_TIMEOUT},
    {"GSSAPIAuthentication", SSH_GSSAPI},
    {"BindAddress", SSH_NEEDED},
    {"BindInterface", SSH_NEEDED},
    {"CanonicalizeHostname", SSH_NEEDED},
    {"CertificateFile", SSH_NEEDED},
    {"KnownHostsCommand", SSH_NEEDED},
    {"PKCS11Provider", SSH_NEEDED},
    {"SecurityKeyProvider", SSH_NEEDED},
};

static int complain(const struct reading *in, const char *what, const char *word, struct err *err)
{
	return err_set(err, STATUS_USAGE, "%s:%ld: %s%s%s", in->file, in->number, what,
		       word ? " " : "", word ? word : "");
}

/* Splits as a shell would a plain line: quotes of both kinds, \ before a quote, blank or \; #
 * begins a comment. */
static int split_words(const struct reading *in, const char *at, struct list *words,
		       struct err *err)
{
	struct buf word = BUF_INIT;
	int rc = -1;

	for (;;) {
		char quote = '\0';

		at += strspn(at, BLANKS);
		if (!*at || *at == '#')
			break;
		buf_clear(&word);
		for (; *at && (quote || !strchr(BLANKS, *at)); at++) {
			if (*at == '\\' && at[1] &&
			    (strchr("'\"\\", at[1]) || (!quote && at[1] == ' ')))
				buf_char(&word, *++at);
			else if (!quote && (*at == '"' || *at == '\''))
				quote = *at;
			else if (quote && *at == quote)
				quote = '\0';
			else
				buf_char(&word, *at);
		}
		if (quote) {
			complain(in, "a quote is not closed", NULL, err);
			goto out;
		}
		list_add(words, word.at);
	}
	rc = 0;
out:
	buf_finish(&word);
	return rc;
}

static struct ssh_block *block_new(struct reading *in, enum ssh_keyword kind, long parent)
{
	struct sshconfig *config = in->config;
	struct ssh_block *block;

	config->blocks =
	    mem_resize(config->blocks, config->block_count + 1, sizeof(*config->blocks));
	in->block = (long)config->block_count++;
	block = &config->blocks[in->block];
	*block = (struct ssh_block){.parent = parent, .kind = kind, .etc = in->etc};
	return block;
}

static int flag_value(const struct reading *in, struct ssh_line *line, struct err *err)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there is one */
	const char *word = line->words.at[0];

	if (!strcasecmp(word, "yes") || !strcasecmp(word, "true"))
		line->number = 1;
	else if (strcasecmp(word, "no") != 0 && strcasecmp(word, "false") != 0)
		return complain(in, "neither yes nor no:", word, err);
	return 0;
}

static int host_key_value(const struct reading *in, struct ssh_line *line, struct err *err)
{
	static const char *const values[][2] = {
	    {"yes", "yes"},
	    {"true", "yes"},
	    {"no", "no"},
	    {"false", "no"},
	    {"off", "no"},
	    {"ask", "ask"},
	    {"accept-new", "accept-new"},
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		if (strcasecmp(line->words.at[0], values[i][0]) != 0)
			continue;
		free(line->words.at[0]);
		line->words.at[0] = mem_text(values[i][1]);
		return 0;
	}
	return complain(in, "no value of StrictHostKeyChecking:", line->words.at[0], err);
}

/* "90", "1m30s", "none" */
static int timeout_value(const struct reading *in, struct ssh_line *line, struct err *err)
{
	static const char units[] = "smhdw";
	static const long seconds[] = {1, 60, 3600, 86400, 604800};
	const char *at = line->words.at[0];
	long total = 0;

	if (!strcmp(at, "none")) { /* as if the line were not there */
		line->number = -1;
		return 0;
	}
	while (*at) {
		char *end;
		long count = strtol(at, &end, 10);
		const char *unit = *end ? strchr(units, tolower((unsigned char)*end)) : units;

		if (end == at || count < 0 || count > 1000000000 || !unit)
			return complain(in, "no time:", line->words.at[0], err);
		total += count * seconds[unit - units];
		at = end + (*end != '\0');
	}
	line->number = total * 1000;
	return 0;
}

static int check_line(const struct reading *in, struct ssh_line *line, struct err *err)
{
	bool many = line->keyword == SSH_KNOWN_HOSTS || line->keyword == SSH_GLOBAL_KNOWN_HOSTS ||
		    line->keyword == SSH_PROXYCOMMAND || line->keyword == SSH_NEEDED;

	if (!many && line->words.count > 1)
		return complain(in, "more than one word:", line->words.at[1], err);
	switch (line->keyword) {
	case SSH_PORT:
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there is one */
		if (num_parse(line->words.at[0], 1, 65535, &line->number, NULL))
			return complain(in, "no port:", line->words.at[0], err);
		return 0;
	case SSH_IDENTITIES_ONLY:
	case SSH_GSSAPI:
		return flag_value(in, line, err);
	case SSH_HOST_KEY:
		return host_key_value(in, line, err);
	case SSH_TIMEOUT:
		return timeout_value(in, line, err);
	default:
		return 0;
	}
}

static int begin_block(struct reading *in, enum ssh_keyword kind, struct list *words)
{
	struct ssh_block *block = block_new(in, kind, in->parent);

	block->literal = kind == SSH_HOST && in->parent < 0;
	for (size_t i = 0; i < words->count; i++) {
		if (strpbrk(words->at[i], "*?!"))
			block->literal = false;
	}
	block->words = *words;
	*words = (struct list)LIST_INIT;
	return 0;
}

static void add_line(struct reading *in, struct ssh_line *line)
{
	struct ssh_block *block;

	if (in->block < 0)
		block_new(in, SSH_UNHEEDED, in->parent);
	block = &in->config->blocks[in->block];
	block->lines = mem_resize(block->lines, block->line_count + 1, sizeof(*block->lines));
	block->lines[block->line_count++] = *line;
	*line = (struct ssh_line){.words = LIST_INIT};
}

static int read_file(const struct reading *outer, const char *path, bool must, struct err *err);

/* Relative names lie in ~/.ssh, or in /etc/ssh for the file there. */
static int include(struct reading *in, const struct list *words, struct err *err)
{
	long before = in->block;
	struct reading inner = *in;
	int rc = 0;

	if (in->depth >= DEPTH_MAX)
		return complain(in, "includes go too deep", NULL, err);
	inner.parent = in->block >= 0 ? in->block : in->parent;
	inner.depth++;
	for (size_t i = 0; i < words->count && !rc; i++) {
		const char *word = words->at[i];
		char *home = io_expand_home(*word == '~' ? word : in->etc ? "" : "~/.ssh/");
		char *pattern = *word == '/' ? mem_text(word)
				: *word == '~'
				    ? mem_text(home)
				    : mem_format("%s%s", in->etc ? "/etc/ssh/" : home, word);
		glob_t found;

		if (glob(pattern, 0, NULL, &found) == 0) {
			for (size_t j = 0; j < found.gl_pathc && !rc; j++)
				rc = read_file(&inner, found.gl_pathv[j], false, err);
			globfree(&found);
		}
		free(pattern);
		free(home);
	}
	/* What follows belongs to the same condition, after all that was included. */
	if (before >= 0)
		block_new(in, SSH_UNHEEDED, before);
	else
		in->block = -1;
	return rc;
}

static enum ssh_keyword find_keyword(const char *word, size_t size, const char **name)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++) {
		if (strlen(keywords[i].name) == size &&
		    !strncasecmp(keywords[i].name, word, size)) {
			*name = keywords[i].name;
			return keywords[i].keyword;
		}
	}
	*name = NULL;
	return SSH_UNHEEDED;
}

/* As ssh refuses it: an empty word, but in a condition and in what ssh reads itself. */
static bool says_nothing(const struct ssh_line *line)
{
	bool may = line->keyword == SSH_MATCH || line->keyword == SSH_PROXYCOMMAND ||
		   line->keyword == SSH_NEEDED;

	for (size_t i = 0; i < line->words.count; i++) {
		if (!may && !*line->words.at[i])
			return true;
	}
	return !line->words.count;
}

static int take_line(struct reading *in, char *text, struct err *err)
{
	struct ssh_line line = {.words = LIST_INIT};
	size_t size;
	const char *name;
	enum ssh_keyword keyword;
	char *word;
	int rc = -1;

	text += strspn(text, BLANKS);
	if (!*text || *text == '#')
		return 0;
	size = strcspn(text, BLANKS "=");
	word = mem_text_n(text, size);
	keyword = find_keyword(text, size, &name);
	text += size + strspn(text + size, BLANKS);
	if (*text == '=')
		text += 1 + strspn(text + 1, BLANKS);
	if (keyword == SSH_UNHEEDED) {
		if (!list_has(&in->config->unheeded, word))
			list_add(&in->config->unheeded, word);
		rc = 0;
		goto out;
	}
	line.keyword = keyword;
	line.name = name;
	if (split_words(in, text, &line.words, err))
		goto out;
	if (says_nothing(&line))
		rc = complain(in, "no value after", name, err);
	else if (keyword == SSH_HOST || keyword == SSH_MATCH)
		rc = begin_block(in, keyword, &line.words);
	else if (keyword == SSH_INCLUDE)
		rc = include(in, &line.words, err);
	else if ((rc = check_line(in, &line, err)) == 0)
		add_line(in, &line);
out:
	free(word);
	list_finish(&line.words);
	return rc;
}

/* As ssh: nobody else may have a say in the user's own file. */
static int check_owner(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st))
		return err_sys(err, STATUS_USAGE, errno, "%s", path);
	if ((st.st_uid != 0 && st.st_uid != getuid()) || (st.st_mode & 022))
		return err_set(err, STATUS_USAGE,
			       "%s: its owner or mode %03o lets others write it, so ssh and mroom "
			       "refuse it (try: chmod 600)",
			       path, (unsigned)(st.st_mode & 0777));
	return 0;
}

static int read_file(const struct reading *outer, const char *path, bool must, struct err *err)
{
	struct reading in = *outer;
	struct buf text = BUF_INIT;
	int rc = -1;

	if (!must && access(path, R_OK))
		return 0;
	if ((!must && !in.etc && check_owner(path, err)) ||
	    io_read_file(path, FILE_LIMIT, &text, err))
		goto out;
	in.file = path;
	in.number = 0;
	in.block = -1;
	rc = 0;
	for (char *at = text.at, *next; at && !rc; at = next) {
		next = strchr(at, '\n');
		if (next)
			*next++ = '\0';
		in.number++;
		rc = take_line(&in, at, err);
	}
out:
	buf_finish(&text);
	return rc;
}

int sshconfig_read(struct sshconfig *config, const char *path, bool etc, bool must, struct err *err)
{
	const struct reading start = {.config = config, .parent = -1, .block = -1, .etc = etc};

	return read_file(&start, path, must, err);
}
