/* Settings: what the strict reader takes and refuses, types, sources, and share/config.ini. */
#include "lib/room/config.h"

#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/room/config_read.h"
#include "tests/unit/tap.h"

/* --- the reader --- */

static void note(void *ctx, const struct config_entry *entry)
{
	struct buf *log = ctx;

	if (entry->key)
		buf_format(log, "%ld %s.%s=%s|", entry->line, entry->section, entry->key,
			   entry->value);
	else
		buf_format(log, "%ld [%s]|", entry->line, entry->section);
}

/* What comes out of these bytes: entries, then problems. */
static void reads(const char *bytes, size_t count, const char *want, const char *name)
{
	struct buf log = BUF_INIT;
	struct list problems = LIST_INIT;

	config_read("f", bytes, count, note, &log, &problems);
	for (size_t i = 0; i < problems.count; i++)
		buf_format(&log, "%s|", problems.at[i]);
	tap_text(log.at, want, name);
	list_finish(&problems);
	buf_finish(&log);
}

static void reads_text(const char *text, const char *want, const char *name)
{
	reads(text, strlen(text), want, name);
}

static void test_reader(void)
{
	reads_text("", "", "an empty file says nothing");
	reads_text("[ssh]\nport = 22\n", "1 [ssh]|2 ssh.port=22|", "a section and a setting");
	reads_text("[ssh]\nport=22", "1 [ssh]|2 ssh.port=22|", "the last newline may be missing");
	reads_text("\xef\xbb\xbf[ssh]\r\n\r\nport = 22 \r\n", "1 [ssh]|3 ssh.port=22|",
		   "a byte order mark and CRLF are tolerated");
	reads_text("# a\n; b\n  # c\n\t\n[ssh]\nuser =\n", "5 [ssh]|6 ssh.user=|",
		   "comments, blank lines and empty values");
	reads_text("[alias]\nup = exec -w @web -- 'a=b; c # d' x;y\n",
		   "1 [alias]|2 alias.up=exec -w @web -- 'a=b; c # d' x;y|",
		   "= ; and # inside a value stay");
	reads_text("[ssh]\nuser = a ; b\nport = 1\n",
		   "1 [ssh]|3 ssh.port=1|f:2: '; b' would be lost: a value ends at ' ;' "
		   "(a comment needs a line of its own)|",
		   "a value that inih would end early is refused");
	reads_text("[ssh]\nuser =; b\n",
		   "1 [ssh]|f:2: '; b' begins with ';' (a comment needs a line of its own)|",
		   "and so is one that looks like a comment");
	reads_text("[ssh]\nuser = a\n  b = c\nport = 1\n",
		   "1 [ssh]|2 ssh.user=a|4 ssh.port=1|f:3: the line is indented, so that it would "
		   "continue the one before (begin it at the margin)|",
		   "an indented line is refused");
	reads_text("[ssh] x\nport = 1\n", "f:1: text behind [ssh] would be lost|",
		   "text behind a section is refused, and so is nothing else of it");
	reads_text("[ssh\nport = 1\n", "f:1: the section's bracket is not closed|",
		   "a bracket that is not closed");
	reads_text("[s h]\nport = 1\n", "f:1: [s h] is not a section's name|", "a name with a blank");
	reads_text("port = 1\n", "f:1: 'port' stands in no section|", "a setting before any section");
	reads_text("[ssh]\nport 22\n= 4\na:b = 5\n",
		   "1 [ssh]|f:2: 'port 22' is neither [section], key = value, nor # comment|"
		   "f:3: '' is not a setting's name|f:4: 'a:b' is not a setting's name|",
		   "lines that are no setting");
	reads("[ssh]\nus\0er = 1\n", 16,
	      "1 [ssh]|f:2: a control byte, 0x00, has no place in settings|", "a NUL byte");
	reads_text("[ssh]\nuser = \x1b[31m\n",
		   "1 [ssh]|f:2: a control byte, 0x1b, has no place in settings|", "an escape byte");
	reads_text("\xff\xfe[\n", "f:1: byte 0xff is not UTF-8 (is this a text file?)|",
		   "another encoding");
	reads_text("[ssh]\nuser = j\xc3\xb6rg\n", "1 [ssh]|2 ssh.user=j\xc3\xb6rg|", "UTF-8 is text");
}

static void test_reader_limits(void)
{
	struct buf text = BUF_INIT;
	struct buf want = BUF_INIT;
	struct list problems = LIST_INIT;

	buf_format(&text, "[ssh]\nuser = %0183d\n%s%0184d\nport = 1\n", 0, "user = ", 0);
	buf_format(&want, "1 [ssh]|2 ssh.user=%0183d|4 ssh.port=1|"
			  "f:3: the line is 191 bytes long, 190 is the most|", 0);
	reads_text(text.at, want.at, "190 bytes a line arrive whole, 191 are refused");
	buf_clear(&text);
	buf_format(&text, "[%049d]\n[%050d]\nx = 1\n", 0, 0);
	buf_clear(&want);
	buf_format(&want, "1 [%049d]|f:2: the section's name is longer than 49 bytes|", 0);
	reads_text(text.at, want.at, "49 bytes a section's name");
	buf_clear(&text);
	buf_text(&text, "# ");
	for (int i = 0; i < 1000; i++)
		buf_text(&text, "0123456789");
	buf_text(&text, "\n[ssh]\nport = 1\n");
	reads_text(text.at, "2 [ssh]|3 ssh.port=1|", "a comment may be long");
	buf_clear(&text);
	for (int i = 0; i < 1000; i++)
		buf_text(&text, "nonsense\n");
	config_read("f", text.at, text.len, note, &want, &problems);
	tap_int((long long)problems.count, CONFIG_PROBLEMS_MAX, "a file of nonsense is given up");
	list_finish(&problems);
	buf_finish(&text);
	buf_finish(&want);
}

/* --- the settings --- */

struct place {
	char dir[64];
	struct home home;
};

static void place_open(struct place *place)
{
	memcpy(place->dir, "/tmp/mroom-config.XXXXXX", sizeof("/tmp/mroom-config.XXXXXX"));
	if (!mkdtemp(place->dir))
		abort();
	place->home = (struct home){place->dir, NULL, NULL};
}

static void place_write(const struct place *place, const char *text)
{
	char *path = home_path(&place->home, "config.ini");
	struct err err = ERR_INIT;

	if (io_replace_file(path, text, strlen(text), 0600, &err))
		abort();
	free(path);
}

static void place_close(struct place *place)
{
	char *path = home_path(&place->home, "config.ini");

	unlink(path);
	rmdir(place->dir);
	free(path);
}

/* The message without the directory in front. */
static const char *short_text(const struct place *place, const struct err *err)
{
	size_t size = strlen(place->dir) + 1;

	return strncmp(err->text, place->dir, size - 1) ? err->text : err->text + size;
}

static void refuses(struct place *place, const char *text, const char *want, const char *name)
{
	struct err err = ERR_INIT;
	struct config *config;

	place_write(place, text);
	config = config_open(&place->home, &err);
	tap_ok(!config && err.status == STATUS_USAGE, name);
	tap_text(short_text(place, &err), want, name);
	config_close(config);
}

static void test_defaults(struct place *place)
{
	struct err err = ERR_INIT;
	struct config *config = config_open(&place->home, &err);
	struct list stages = LIST_INIT;
	char *joined;

	tap_ok(config != NULL, "a missing file means defaults");
	tap_int(config_int(config, "exec", "fanout"), 64, "a number");
	tap_int(config_time(config, "ssh", "connect_timeout"), 10000, "a time is milliseconds");
	tap_int(config_time(config, "deploy", "timeout"), 300000, "the time of a deployment");
	tap_int(config_size(config, "exec", "line_limit"), 1048576, "a size is bytes");
	tap_ok(config_bool(config, "ssh", "agent"), "a bool");
	tap_text(config_text(config, "ssh", "host_key"), "strict", "a choice");
	config_list(config, "deploy", "stages", &stages);
	joined = list_join(&stages, "+");
	tap_text(joined, "cert+docker+env", "a list");
	tap_text(config_text(config, "identity", "public_key"), "/h/me/.ssh/id_ed25519.pub",
		 "~ is expanded in a path");
	tap_text(config_source(config, "exec", "fanout"), "default", "the source of a default");
	tap_ok(!config_alias(config, "up"), "no alias");
	free(joined);
	list_finish(&stages);
	config_close(config);
}

static void test_values(struct place *place)
{
	struct err err = ERR_INIT;
	struct config *config;
	struct list names = LIST_INIT;

	place_write(place, "[health]\n[exec]\nfanout = 7\ntimeout = 1.5s\n[ssh]\nagent = off\n"
			   "identity = ~/a , /b,\n[alias]\nup = exec -a -- uptime\n"
			   "disk = exec -a -- df\n[paths]\nlocal_workspace = /w\n");
	config = config_open(&place->home, &err);
	tap_text(err.text, "", "good settings are read");
	tap_int(config_int(config, "exec", "fanout"), 7, "a number of the file");
	tap_int(config_time(config, "exec", "timeout"), 1500, "a time of the file");
	tap_ok(!config_bool(config, "ssh", "agent"), "off is no");
	tap_text(config_text(config, "ssh", "identity"), "~/a,/b", "a list is tidied");
	tap_text(config_text(config, "paths", "local_workspace"), "/w", "a path");
	tap_text(config_alias(config, "disk"), "exec -a -- df", "an alias");
	config_aliases(config, &names);
	tap_ok(names.count == 2 && !strcmp(names.at[0], "up") && !strcmp(names.at[1], "disk"),
	       "aliases in file order");
	tap_text(config_source(config, "exec", "fanout") + strlen(place->dir), "/config.ini:3",
		 "the source of a setting of the file");
	tap_text(config_source(config, "alias", "up") + strlen(place->dir), "/config.ini:9",
		 "the source of an alias");
	list_finish(&names);
	config_close(config);
}

static void test_refusals(struct place *place)
{
	refuses(place, "[exec]\nfanot = 3\n",
		"config.ini:2: unknown setting 'fanot' in [exec] (did you mean fanout?)",
		"a misspelt setting");
	refuses(place, "[ssh]\nfanout = 3\n",
		"config.ini:2: 'fanout' belongs into [exec], not into [ssh]",
		"a setting of another section");
	refuses(place, "[exce]\nfanout = 3\n",
		"config.ini:1: unknown section [exce] (did you mean exec?)", "a misspelt section");
	refuses(place, "[exec]\nfanout = 3\n[exec]\nfanout = 4\n",
		"config.ini:4: 'fanout' is set twice (first on line 2)", "a setting set twice");
	refuses(place, "[alias]\na = b\na = c\n",
		"config.ini:3: alias 'a' is defined twice (first on line 2)",
		"an alias defined twice");
	refuses(place, "[exec]\nfanout = 0\n",
		"config.ini:2: [exec] fanout: '0' is not a number from 1 to 65535",
		"a number out of bounds");
	refuses(place, "[exec]\nfanout =\n",
		"config.ini:2: [exec] fanout: '' is not a number from 1 to 65535", "no number");
	refuses(place, "[exec]\ntimeout = 3 parsecs\n",
		"config.ini:2: [exec] timeout: '3 parsecs' is not a duration "
		"(such as 500ms, 10s, 2m, 1h, 1d)",
		"a time in strange units");
	refuses(place, "[ssh]\nconnect_timeout = 0\n",
		"config.ini:2: [ssh] connect_timeout: '0' is too small", "a time out of bounds");
	refuses(place, "[ssh]\nhost_key = Strict\n",
		"config.ini:2: [ssh] host_key: 'Strict' is none of strict|accept-new "
		"(did you mean strict?)",
		"a choice that is none");
	refuses(place, "[ssh]\nagent = perhaps\n",
		"config.ini:2: [ssh] agent: 'perhaps' is neither yes nor no", "neither yes nor no");
	refuses(place, "[identity]\nkey_dir = keys\n",
		"config.ini:2: [identity] key_dir: 'keys' does not begin with / or ~/",
		"a path that hangs on the current directory");
	refuses(place, "[alias]\nup =\n", "config.ini:2: alias 'up' stands for nothing",
		"an empty alias");
	refuses(place, "[ssh]\nport = 0\n[exec]\nfanot = 3\nx\n",
		"config.ini:2: [ssh] port: '0' is not a number from 1 to 65535 "
		"(and 2 more: mroom config list shows them)",
		"several problems");
}

static void test_environment(struct place *place)
{
	struct err err = ERR_INIT;
	struct config *config;

	place_write(place, "[exec]\nfanout = 7\n");
	setenv("MROOM_EXEC_FANOUT", "9", 1);
	setenv("MROOM_SSH_USER", "", 1);
	setenv("MROOM_EXEC_PATH", "/x", 1);
	setenv("FANOUT", "12", 1);
	config = config_open(&place->home, &err);
	tap_int(config_int(config, "exec", "fanout"), 9, "a variable overrides the file");
	tap_text(config_source(config, "exec", "fanout"), "MROOM_EXEC_FANOUT", "and is its source");
	tap_text(config_source(config, "ssh", "user"), "default", "an empty variable counts as unset");
	config_close(config);
	unsetenv("MROOM_EXEC_FANOUT");
	config = config_open(&place->home, &err);
	tap_int(config_int(config, "exec", "fanout"), 7, "the file comes before FANOUT");
	config_close(config);
	place_write(place, "");
	config = config_open(&place->home, &err);
	tap_int(config_int(config, "exec", "fanout"), 12, "FANOUT comes before the default");
	tap_text(config_source(config, "exec", "fanout"), "FANOUT", "and is its source");
	config_close(config);
	unsetenv("FANOUT");
	setenv("MROOM_SSH_PORT", "99999", 1);
	refuses(place, "",
		"MROOM_SSH_PORT: [ssh] port: '99999' is not a number from 1 to 65535",
		"a bad variable is named");
	unsetenv("MROOM_SSH_PORT");
	setenv("MROOM_EXEC_FANOT", "3", 1);
	refuses(place, "",
		"MROOM_EXEC_FANOT: there is no such setting (did you mean MROOM_EXEC_FANOUT?)",
		"a misspelt variable is named");
	unsetenv("MROOM_EXEC_FANOT");
	unsetenv("MROOM_EXEC_PATH");
}

static void test_files(struct place *place)
{
	char *path = home_path(&place->home, "config.ini");
	struct err err = ERR_INIT;

	place_write(place, "");
	chmod(path, 0606);
	tap_ok(!config_open(&place->home, &err) && strstr(err.text, "everybody can write"),
	       "a file that everybody can write to is refused");
	unlink(path);
	mkdir(path, 0700);
	tap_ok(!config_open(&place->home, &err) && strstr(err.text, "Is a directory"),
	       "a directory is no settings file");
	rmdir(path);
	free(path);
}

/* --- share/config.ini --- */

static void describe(struct buf *text, const struct config_key *key)
{
	buf_format(text, "\n# %s\n", key->about);
	if (key->type == CONFIG_CHOICE)
		buf_format(text, "# (%s)\n", key->choices);
	buf_format(text, "%s =%s%s\n", key->key, *key->value ? " " : "", key->value);
}

static void test_share(void)
{
	static const char head[] =
	    "# Every setting of mroom with its default. Copy what you want to change into\n"
	    "# $MROOM_HOME/config.ini. Each is also a variable: [exec] fanout is MROOM_EXEC_FANOUT.\n"
	    "# mroom config list shows what is in force and where it came from; mroom-config(5) tells more.\n";
	static const char tail[] = "\n[alias]\n\n# NAME = COMMAND [ARG...]: mroom NAME then means mroom "
				   "COMMAND ARG...\n# up = exec -a -- uptime\n";
	struct buf want = BUF_INIT, got = BUF_INIT;
	struct err err = ERR_INIT;
	struct home home;
	char *path;
	size_t count;
	const struct config_key *keys = config_keys(&count);

	home_find(&home, &err);
	path = home_share(&home, "config.ini");
	buf_text(&want, head);
	for (size_t i = 0; i < count; i++) {
		if (!i || strcmp(keys[i].section, keys[i - 1].section) != 0)
			buf_format(&want, "\n[%s]\n", keys[i].section);
		describe(&want, &keys[i]);
	}
	buf_text(&want, tail);
	io_read_file(path, 1 << 20, &got, &err);
	if (!tap_ok(got.len == want.len && !memcmp(got.at, want.at, got.len),
		    "share/config.ini shows the table"))
		printf("# %s should be:\n%s# (end)\n", path, want.at);
	free(path);
	home_finish(&home);
	buf_finish(&want);
	buf_finish(&got);
}

static void test_table(void)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);
	bool reserved = false, twice = false;

	for (size_t i = 0; i < count; i++) {
		reserved |= !strcmp(keys[i].section, "exec") && !strcmp(keys[i].key, "path");
		for (size_t j = 0; j < i; j++)
			twice |= !strcmp(keys[i].section, keys[j].section) &&
				 !strcmp(keys[i].key, keys[j].key);
	}
	tap_ok(!reserved, "no setting has the name of a reserved variable");
	tap_ok(!twice, "each setting stands once in the table");
}

int main(void)
{
	struct place place;

	setenv("HOME", "/h/me", 1);
	place_open(&place);
	test_reader();
	test_reader_limits();
	test_table();
	test_defaults(&place);
	test_values(&place);
	test_refusals(&place);
	test_environment(&place);
	test_files(&place);
	test_share();
	place_close(&place);
	return tap_done();
}
