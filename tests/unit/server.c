#include "lib/room/server.h"

#include "lib/base/mem.h"
#include "tests/unit/tap.h"

typedef int check_fn(const char *text, struct err *err);

static void accepts(check_fn *check, const char *text)
{
	struct err err = ERR_INIT;
	char *name = mem_format("%s is accepted", text);

	if (!tap_ok(!check(text, &err), name))
		printf("#  %s\n", err.text);
	free(name);
}

static void refuses(check_fn *check, const char *text, const char *why)
{
	struct err err = ERR_INIT;
	int result = check(text, &err);
	char *name = mem_format("%.40s is refused: %s", text, why);

	if (!tap_ok(result == -1 && err.status == STATUS_USAGE && strstr(err.text, why), name))
		printf("#  %s\n", err.text);
	free(name);
}

static int check_room(const char *name, struct err *err)
{
	return server_check_name("room", name, err);
}

static void test_ids(void)
{
	static const char *const commands[] = {"exec",
					       "inventory",
					       "ls",
					       "import",
					       "v",
					       "retired",
					       "off-cert",
					       "watch-profile",
					       "updateconfigurations",
					       "add-cert",
					       "watchscan",
					       "tunnel",
					       "help"};
	char longest[SERVER_ID_MAX + 2];
	int known = 0;

	accepts(server_check_id, "web-01");
	accepts(server_check_id, "A.b_c-9");
	accepts(server_check_id, ".hidden");
	accepts(server_check_id, "22");
	accepts(server_check_id, "ok");
	accepts(server_check_id, "Exec");
	refuses(server_check_id, "", "is empty");
	refuses(server_check_id, "-w", "begins with -");
	refuses(server_check_id, ".", "name of a directory");
	refuses(server_check_id, "..", "name of a directory");
	refuses(server_check_id, "a/b", "may hold letters");
	refuses(server_check_id, "a b", "may hold letters");
	refuses(server_check_id, "a\tb", "may hold letters");
	refuses(server_check_id,
		"w\xc3\xa9"
		"b",
		"may hold letters");
	refuses(server_check_id, "web*", "may hold letters");
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		known += server_id_reserved(commands[i]);
	tap_int(known, sizeof(commands) / sizeof(*commands),
		"commands and old aliases are reserved");
	memset(longest, 'a', sizeof(longest));
	longest[SERVER_ID_MAX] = '\0';
	accepts(server_check_id, longest);
	longest[SERVER_ID_MAX] = 'a';
	longest[SERVER_ID_MAX + 1] = '\0';
	refuses(server_check_id, longest, "longer than 100 bytes");
	accepts(check_room, "production_servers");
	accepts(check_room, "exec");
	refuses(check_room, "failed", "reserved word");
	refuses(check_room, "retired", "reserved word");
	refuses(check_room, "a:b", "may hold letters");
}

static void test_hosts(void)
{
	char longest[255];

	accepts(server_check_host, "10.0.0.1");
	accepts(server_check_host, "web-01.example.com");
	accepts(server_check_host, "my_host");
	accepts(server_check_host, "::1");
	accepts(server_check_host, "2001:db8::1");
	accepts(server_check_host, "fe80::1%eth0");
	refuses(server_check_host, "", "is empty");
	refuses(server_check_host, "-oProxyCommand", "begins with -");
	refuses(server_check_host, "fe80::1%", "no IPv6 address");
	refuses(server_check_host, "fe80::1%a;b", "no IPv6 address");
	refuses(server_check_host, "[::1]", "may hold letters");
	refuses(server_check_host, "h:22", "no IPv6 address");
	refuses(server_check_host, "a b", "may hold letters");
	refuses(server_check_host, "a\x1b[0m", "may hold letters");
	refuses(server_check_host, "caf\xc3\xa9", "xn--");
	memset(longest, 'h', sizeof(longest));
	longest[254] = '\0';
	refuses(server_check_host, longest, "longer than 253 bytes");
	accepts(server_check_user, "root");
	accepts(server_check_user, "DOMAIN\\first.last@corp");
	accepts(server_check_user, "j\xc3\xb6rg");
	refuses(server_check_user, "", "is empty");
	refuses(server_check_user, "-x", "begins with -");
	refuses(server_check_user, "a b", "blank or control byte");
	refuses(server_check_user, "a\xc2\x85", "blank or control byte");
	refuses(server_check_user, "a\xff", "not UTF-8");
}

/* "user|host|port" of an address, "bare" for a word, or what is wrong. */
static void is_address(const char *text, const char *want)
{
	struct server server;
	struct err err = ERR_INIT;
	char *name = mem_format("address %s", text);
	char *got;
	int result;

	server_init(&server);
	result = server_parse_address(text, &server, &err);
	if (result == 1)
		got = mem_format("%s|%s|%ld", server.user ? server.user : "-", server.host,
				 server.port);
	else
		got = mem_text(result ? err.text : "bare");
	tap_text(got, want, name);
	if (result == 1)
		tap_text(server.id, text, "its id is the text as given");
	server_finish(&server);
	free(got);
	free(name);
}

static void test_addresses(void)
{
	is_address("web", "bare");
	is_address("web.example.com", "-|web.example.com|0");
	is_address("10.0.0.1", "-|10.0.0.1|0");
	is_address("10.0.0.1:2222", "-|10.0.0.1|2222");
	is_address("root@web", "root|web|0");
	is_address("a@b@web:22", "a@b|web|22");
	is_address("::1", "-|::1|0");
	is_address("[::1]:22", "-|::1|22");
	is_address("root@[fe80::1%eth0]", "root|fe80::1%eth0|0");
	is_address("root@2001:db8::1", "root|2001:db8::1|0");
	is_address("@web", "@web: the user is empty");
	is_address("root@", "root@: the host is empty");
	is_address("web:", "web:: '' is not a number from 1 to 65535");
	is_address("web:ssh", "web:ssh: 'ssh' is not a number from 1 to 65535");
	is_address("web:70000", "web:70000: '70000' is not a number from 1 to 65535");
	is_address("[::1", "[::1: '[::1': expected [ADDRESS] or [ADDRESS]:PORT");
	is_address("[web]:22", "[web]:22: [web] is no IPv6 address");
	is_address("-oX=y@web", "-oX=y@web: the user begins with -, as options do");
	is_address("root@-x", "root@-x: host '-x' begins with -, as options do");
}

static void test_copy(void)
{
	struct server from, to;

	server_init(&from);
	from.id = mem_text("a");
	from.host = mem_text("h");
	from.tags = mem_text("x,y");
	from.port = 22;
	from.position = 7;
	from.retired = true;
	server_copy(&to, &from);
	server_finish(&from);
	tap_ok(!strcmp(to.id, "a") && !strcmp(to.host, "h") && !strcmp(to.tags, "x,y") &&
		   !to.user && to.port == 22 && to.position == 7 && to.retired,
	       "a copy outlives what it was copied from");
	tap_ok(!from.id && from.position == -1, "a finished server is an empty one");
	server_finish(&to);
}

int main(void)
{
	test_ids();
	test_hosts();
	test_addresses();
	test_copy();
	return tap_done();
}
