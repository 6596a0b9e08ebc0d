/* known_hosts: plain, hashed, patterns, ports, revoked keys; known, changed, other, unknown. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/wire/blob.h"
#include "lib/wire/knownhosts.h"
#include "tests/unit/tap.h"

/* Two ed25519 keys and an ECDSA one, as they stand in a file. */
#define ED_A "AAAAC3NzaC1lZDI1NTE5AAAAIEhyOGHpbfPeYfPz1wR7ewgyvGptKC2xs+0Dv7/FSyit"
#define ED_B "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

static void key_blob(struct buf *blob, const char *type, const char *text)
{
	blob_put_string(blob, type, strlen(type));
	blob_put_string(blob, text, strlen(text));
}

static void unbase64(struct buf *blob, const char *text)
{
	size_t got;

	buf_reserve(blob, strlen(text));
	sodium_base642bin((unsigned char *)blob->at, strlen(text), text, strlen(text), NULL, &got,
			  NULL, sodium_base64_VARIANT_ORIGINAL);
	blob->len = got;
}

/* A line for `name` as ssh-keygen -H writes it. */
static void hashed_line(struct buf *line, const char *name, const char *key)
{
	unsigned char salt[20] = "0123456789abcdefghi", hash[20];
	char salt64[40], hash64[40];
	unsigned size;

	HMAC(EVP_sha1(), salt, 20, (const unsigned char *)name, strlen(name), hash, &size);
	sodium_bin2base64(salt64, sizeof(salt64), salt, 20, sodium_base64_VARIANT_ORIGINAL);
	sodium_bin2base64(hash64, sizeof(hash64), hash, 20, sodium_base64_VARIANT_ORIGINAL);
	buf_format(line, "|1|%s|%s ssh-ed25519 %s\n", salt64, hash64, key);
}

static char dir[] = "/tmp/mroom-unit-XXXXXX";

static struct knownhosts *open_with(const char *text)
{
	char *own = mem_format("%s/own", dir), *other = mem_format("%s/other", dir);
	const char *others[] = {other, "/dev/null/known_hosts", NULL};
	struct err err = ERR_INIT;
	struct knownhosts *known;

	unlink(own);
	io_replace_file(other, text, strlen(text), 0600, &err);
	known = knownhosts_open(own, others, &err);
	free(own);
	free(other);
	return known;
}

static enum hostkey_verdict check(struct knownhosts *known, const char *host, long port,
				  const struct buf *blob, struct hostkey_where *where)
{
	return knownhosts_check(known, host, port, blob->at, blob->len, where);
}

/* Many servers against a hashed file of as many lines, all of one key: each line is looked at about once. */
static void test_scale(const struct buf *blob)
{
	struct buf text = BUF_INIT;
	struct hostkey_where where;
	struct knownhosts *known;
	int64_t began, read;
	char name[32];
	int good = 0;

	for (int i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "host-%05d", i);
		hashed_line(&text, name, ED_A);
	}
	began = clock_mono_ms();
	known = open_with(text.at);
	read = clock_mono_ms() - began;
	began = clock_mono_ms();
	for (int i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "host-%05d", i);
		good += check(known, name, 22, blob, &where) == HOSTKEY_KNOWN && where.line == i + 1;
	}
	began = clock_mono_ms() - began;
	printf("# 10,000 hashed lines: read in %lld ms, 10,000 servers checked in %lld ms\n",
	       (long long)read, (long long)began);
	tap_ok(good == 10000, "10,000 servers are known by as many hashed lines of one key");
	tap_ok(began <= 50 * (read + 10), "and no line is computed again and again");
	good = 0;
	for (int i = 9999; i >= 0; i -= 100) {
		snprintf(name, sizeof(name), "host-%05d", i);
		good += check(known, name, 22, blob, &where) == HOSTKEY_KNOWN;
	}
	tap_ok(good == 100, "asked again they are known by name");
	knownhosts_close(known);
	buf_finish(&text);
}

int main(void)
{
	struct buf a = BUF_INIT, b = BUF_INIT, c = BUF_INIT, types = BUF_INIT;
	struct hostkey_where where = {NULL, 0, ""};
	struct err err = ERR_INIT;
	struct knownhosts *known;
	char *own;
	struct stat st;

	if (!mkdtemp(dir))
		return 1;
	own = mem_format("%s/own", dir);
	unbase64(&a, ED_A);
	unbase64(&b, ED_B);
	key_blob(&c, "ecdsa-sha2-nistp256", "whatever");

	known = open_with("# comment\r\n"
			  "\n"
			  "not a line\n"
			  "web1,WEB2 ssh-ed25519 " ED_A " comment\n"
			  "[web3]:2222 ssh-ed25519 " ED_A "\n"
			  "web4 ssh-ed25519 !!!not-base64\n"
			  "web5 ssh-rsa " ED_A "\n"
			  "*.example,!bad.example ssh-ed25519 " ED_B "\r\n"
			  "@revoked * ssh-ed25519 " ED_B "\n"
			  "@cert-authority * ssh-ed25519 " ED_A "\n");
	tap_ok(known != NULL, "a file with comments, CRLF and broken lines is read");
	tap_ok(check(known, "web1", 22, &a, &where) == HOSTKEY_KNOWN, "a plain name is known");
	tap_ok(where.line == 4, "and the line that knows it is told");
	tap_ok(check(known, "web2", 22, &a, &where) == HOSTKEY_KNOWN, "names are matched without case");
	tap_ok(check(known, "WEB1", 22, &a, &where) == HOSTKEY_KNOWN, "on both sides");
	tap_ok(check(known, "web1", 2222, &a, &where) == HOSTKEY_KNOWN,
	   "a key known for the bare name will do on another port");
	tap_ok(check(known, "web3", 2222, &a, &where) == HOSTKEY_KNOWN, "[name]:port is known");
	tap_ok(check(known, "web3", 22, &a, &where) == HOSTKEY_UNKNOWN, "but only on that port");
	tap_ok(check(known, "web4", 22, &a, &where) == HOSTKEY_UNKNOWN, "a broken key teaches nothing");
	tap_ok(check(known, "web5", 22, &a, &where) == HOSTKEY_UNKNOWN,
	   "a line whose type is not its key's teaches nothing");
	tap_ok(check(known, "other", 22, &a, &where) == HOSTKEY_UNKNOWN,
	   "a certificate authority is not a host key");
	tap_ok(check(known, "web1", 22, &c, &where) == HOSTKEY_OTHER,
	   "a key of another type is told apart from a changed one");
	tap_ok(check(known, "a.example", 22, &a, &where) == HOSTKEY_CHANGED,
	   "a pattern knows its hosts, so another key of that type is a change");
	tap_ok(where.line == 8, "told with its line");
	tap_ok(knownhosts_authority(known, "any", 22), "a certificate authority is meant for those it names");
	tap_ok(check(known, "bad.example", 22, &a, &where) == HOSTKEY_UNKNOWN, "a negated pattern is heeded");
	tap_ok(check(known, "a.example", 22, &b, &where) == HOSTKEY_REVOKED, "@revoked wins over known");
	knownhosts_types(known, "web1", 22, false, &types);
	tap_ok(buf_equals(&types, "ssh-ed25519"), "the types a name is known by are told");

	tap_ok(knownhosts_add(known, "New.Host", 2200, a.at, a.len, &err) == 0, "a new key is added");
	tap_ok(check(known, "new.host", 2200, &a, &where) == HOSTKEY_KNOWN, "and known from then on");
	tap_ok(stat(own, &st) == 0 && (st.st_mode & 0777) == 0600, "in a file of mode 0600");
	knownhosts_close(known);
	buf_clear(&types);
	io_read_file(own, 4096, &types, &err);
	tap_ok(buf_equals(&types, "[new.host]:2200 ssh-ed25519 " ED_A "\n"), "as one plain line");

	buf_clear(&types);
	hashed_line(&types, "web1", ED_A);
	hashed_line(&types, "[web2]:2222", ED_A);
	buf_text(&types, "|1|broken\n|1||\n|1|x|y ssh-ed25519 " ED_A "\n");
	known = open_with(types.at);
	tap_ok(check(known, "web1", 22, &a, &where) == HOSTKEY_KNOWN, "a hashed name is known");
	tap_ok(check(known, "web2", 2222, &a, &where) == HOSTKEY_KNOWN, "with a port as well");
	tap_ok(check(known, "web1", 22, &b, &where) == HOSTKEY_CHANGED,
	       "another key for a hashed name is a change");
	tap_ok(where.line == 1, "told with its line");
	tap_ok(check(known, "web1", 22, &c, &where) == HOSTKEY_OTHER,
	       "a key of another type is told apart there too");
	tap_ok(check(known, "web9", 22, &a, &where) == HOSTKEY_UNKNOWN, "other names are unknown");
	tap_ok(!knownhosts_authority(known, "web9", 22), "nobody vouches for them either");
	knownhosts_close(known);
	known = open_with("[*.lab]:2222,[::1]:* ssh-ed25519 " ED_A "\n*.UP ssh-ed25519 " ED_A "\n");
	tap_ok(check(known, "a.lab", 2222, &a, &where) == HOSTKEY_KNOWN, "brackets in a pattern are themselves");
	tap_ok(check(known, "::1", 22022, &a, &where) == HOSTKEY_KNOWN, "around an IPv6 address as well");
	tap_ok(check(known, "x.up", 22, &a, &where) == HOSTKEY_KNOWN, "patterns are matched without case");
	knownhosts_close(known);
	test_scale(&a);
	unlink(own);
	buf_clear(&types);
	buf_format(&types, "%s/other", dir);
	unlink(types.at);
	rmdir(dir);
	free(own);
	buf_finish(&a);
	buf_finish(&b);
	buf_finish(&c);
	buf_finish(&types);
	return tap_done();
}
