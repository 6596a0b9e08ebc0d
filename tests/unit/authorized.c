/* Lines of authorized_keys: options, keys, comments, and what is none of that. */
#include "lib/wire/authorized.h"
#include "tests/unit/tap.h"

#define ED "AAAAC3NzaC1lZDI1NTE5AAAAIEhyOGHpbfPeYfPz1wR7ewgyvGptKC2xs+0Dv7/FSyit"

static void reads(const char *line, const char *options, const char *comment, const char *name)
{
	struct authorized key;
	bool read = authorized_parse(line, &key);

	tap_ok(read && !strcmp(key.options, options) && !strcmp(key.comment, comment) &&
		   !strcmp(key.base64, ED) && key.bits == 256,
	       name);
	if (read)
		authorized_finish(&key);
}

static void refuses(const char *line, const char *name)
{
	struct authorized key;

	tap_ok(!authorized_parse(line, &key), name);
}

int main(void)
{
	reads("ssh-ed25519 " ED, "", "", "a bare key");
	reads("  ssh-ed25519\t" ED "  a b  c\r\n", "", "a b  c", "blanks, a comment, CRLF");
	reads("no-pty,command=\"echo \\\"a b\\\" # x\" ssh-ed25519 " ED " me", "no-pty,command=\"echo \\\"a b\\\" # x\"",
	      "me", "options with quoted blanks");
	reads("command=\"ssh-ed25519 AAAA\" ssh-ed25519 " ED, "command=\"ssh-ed25519 AAAA\"", "",
	      "a key inside an option is none");
	refuses("# ssh-ed25519 " ED, "a comment is none");
	refuses("", "a blank line is none");
	refuses("ssh-rsa " ED, "a type that is not the key's is none");
	refuses("ssh-ed25519 AAAA!", "rubbish is none");
	refuses("command=\"open ssh-ed25519 " ED, "an open quote is none");
	refuses("ssh-ed25519", "a type alone is none");
	return tap_done();
}
