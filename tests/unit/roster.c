#include "lib/room/roster.h"

#include "lib/base/mem.h"
#include "tests/unit/tap.h"

#define EM "\xe2\x80\x94"

static const char *or_none(const char *text)
{
	return text ? text : "-";
}

/* A roster as text: servers "id|host|user|password|port|key|tunnel", tunnels "T ...", problems "!
 * ...". */
static void show_roster(struct buf *into, const struct roster *roster)
{
	for (size_t i = 0; i < roster->server_count; i++) {
		const struct roster_server *entry = &roster->servers[i];
		const struct server *server = &entry->server;

		buf_format(into, "%s|%s|%s|%s|%ld|%s|%s\n", server->id, server->host, server->user,
			   or_none(entry->password), server->port, or_none(server->key),
			   or_none(server->tunnel));
	}
	for (size_t i = 0; i < roster->tunnel_count; i++) {
		const struct roster_tunnel *tunnel = &roster->tunnels[i];

		buf_format(into, "T %s|%s|%s|%s|%s\n", tunnel->name, tunnel->type, tunnel->server,
			   tunnel->user, or_none(tunnel->password));
	}
	for (size_t i = 0; i < roster->problems.count; i++)
		buf_format(into, "! %s\n", roster->problems.at[i]);
}

static void is_roster_n(const char *bytes, size_t count, const char *want, const char *name)
{
	struct roster *roster = roster_parse("f", bytes, count);
	struct buf got = BUF_INIT;

	show_roster(&got, roster);
	tap_text(got.at, want, name);
	buf_finish(&got);
	roster_destroy(roster);
}

static void is_roster(const char *text, const char *want, const char *name)
{
	is_roster_n(text, strlen(text), want, name);
}

/* The text has exactly one problem, and it says this somewhere; no server is read. */
static void is_refused(const char *text, const char *want, const char *name)
{
	struct roster *roster = roster_parse("f", text, strlen(text));

	if (!tap_ok(roster->problems.count == 1 && !roster->server_count &&
			strstr(roster->problems.at[0], want),
		    name))
		for (size_t i = 0; i < roster->problems.count; i++)
			tap_show("problem", roster->problems.at[i], strlen(roster->problems.at[i]));
	roster_destroy(roster);
}

/* Every line that the guide of the first MachineRoom shows. */
static void test_documented(void)
{
	is_roster("#prod-vpn--L2TP/IPSEC--vpn.company.com--vpnuser--vpnpass\n"
		  "web-01--192.168.1.100--root--password123--22\n"
		  "web-02--192.168.1.101--root--password123--22\n"
		  "db-primary--192.168.1.200--postgres--dbpass--5432\n"
		  "cache-redis--192.168.1.210--redis--cachepass--6379\n",
		  "web-01|192.168.1.100|root|password123|22|-|prod-vpn\n"
		  "web-02|192.168.1.101|root|password123|22|-|prod-vpn\n"
		  "db-primary|192.168.1.200|postgres|dbpass|5432|-|prod-vpn\n"
		  "cache-redis|192.168.1.210|redis|cachepass|6379|-|prod-vpn\n"
		  "T prod-vpn|L2TP/IPSEC|vpn.company.com|vpnuser|vpnpass\n",
		  "the guide's example reads as it says");
	is_roster("a--10.0.0.1--root--pw--22\n", "a|10.0.0.1|root|pw|22|-|-\n",
		  "all but the key path");
	is_roster("a--10.0.0.1--root--pw\n", "a|10.0.0.1|root|pw|22|-|-\n",
		  "the port defaults to 22");
	is_roster("a--10.0.0.1--ubuntu----22\n", "a|10.0.0.1|ubuntu|-|22|-|-\n",
		  "an empty password, then a port");
	is_roster("a--10.0.0.1--ubuntu------/k/prod_key\n",
		  "a|10.0.0.1|ubuntu|-|22|/k/prod_key|-\n",
		  "an empty password and port, then a key");
	is_roster("a--10.0.0.1--admin------22--/k/custom_key\n",
		  "a|10.0.0.1|admin|-|22|/k/custom_key|-\n",
		  "an extra empty field before the port");
	is_roster("#dev-vpn--L2TP/IPSEC--dev-vpn.company.com--devuser--devpass\n"
		  "dev-web-01--10.0.1.100--ubuntu--devpass--22\n\n"
		  "#staging-vpn--L2TP/IPSEC--staging-vpn.company.com--staginguser--stagingpass\n"
		  "staging-db-01--10.0.2.200--postgres--stagingpass--5432\n",
		  "dev-web-01|10.0.1.100|ubuntu|devpass|22|-|dev-vpn\n"
		  "staging-db-01|10.0.2.200|postgres|stagingpass|5432|-|staging-vpn\n"
		  "T dev-vpn|L2TP/IPSEC|dev-vpn.company.com|devuser|devpass\n"
		  "T staging-vpn|L2TP/IPSEC|staging-vpn.company.com|staginguser|stagingpass\n",
		  "a tunnel holds until the next tunnel line");
	is_roster("# Use SSH keys\nweb-01--192.168.1.100--root----22\n"
		  "# production\n#vpn--SSH--bastion--jump--\nweb-02--h--u--p\n",
		  "web-01|192.168.1.100|root|-|22|-|-\nweb-02|h|u|p|22|-|vpn\n"
		  "T vpn|SSH|bastion|jump|-\n",
		  "comments before a tunnel line, and servers before it stay outside");
	is_roster("a--h--u--p\n#vpn--SSH--bastion--jump--pw",
		  "a|h|u|p|22|-|-\nT vpn|SSH|bastion|jump|pw\n",
		  "a tunnel line behind the last server holds for none");
}

static void test_delimiters(void)
{
	is_roster("a---h---u---p---2222", "a|h|u|p|2222|-|-\n", "three dashes delimit");
	is_roster("a----h----u--------22", "a|h|u|-|22|-|-\n",
		  "four dashes delimit, eight are empty");
	is_roster("a" EM EM "h" EM EM "u" EM EM "p" EM EM "2222", "a|h|u|p|2222|-|-\n",
		  "two em-dashes delimit");
	is_roster("a" EM EM EM EM "h" EM EM EM EM "u" EM EM EM EM EM EM EM EM "22",
		  "a|h|u|-|22|-|-\n", "four em-dashes delimit");
	is_roster("web-01-a--my-host--my-user--p-w-", "web-01-a|my-host|my-user|p-w-|22|-|-\n",
		  "single dashes belong to names");
	is_roster("a---h---u---p--w----x", "a|h|u|p--w----x|22|-|-\n",
		  "a run that is no multiple of the delimiter is part of the password");
	is_roster("a" EM EM "h" EM EM "u" EM EM "--p---w--" EM EM "22", "a|h|u|--p---w--|22|-|-\n",
		  "between em-dashes a password may hold any number of hyphens");
	is_roster("a--h--u--p" EM EM "w--22", "a|h|u|p" EM EM "w|22|-|-\n",
		  "between hyphens a password may hold em-dashes");
	is_roster("a---xn--bcher-kva.example---u", "a|xn--bcher-kva.example|u|-|22|-|-\n",
		  "an xn-- host under another delimiter");
	is_refused("a--xn--bcher-kva.example--u--22", "another delimiter",
		   "an xn-- host under -- is not mistaken for another line");
	is_refused("a--h--u---pw--22", "the user has a run of dashes",
		   "a password that begins with the delimiter's dash does not slip into the user");
	is_refused("a--h--u--p--w--22", "field 5 is neither a port nor a key path",
		   "a password with the delimiter in it is refused");
	is_refused("a" EM "h" EM "u", "no delimiter", "a single em-dash does not delimit");
	is_refused("justaword", "no delimiter", "a line without a delimiter");
}

static void test_fields(void)
{
	is_roster("a--h--u", "a|h|u|-|22|-|-\n", "the password may be missing");
	is_roster("a--h--u--", "a|h|u|-|22|-|-\n", "the password may be empty");
	is_roster("a--h--u--p----/k", "a|h|u|p|22|/k|-\n", "an empty port before a key");
	is_roster("a--h--u--p--/k", "a|h|u|p|22|/k|-\n", "a key in place of the port");
	is_roster("a--h--u--p--22--~/.ssh/k", "a|h|u|p|22|~/.ssh/k|-\n", "a key below the home");
	is_roster("a--h--u--p--22----", "a|h|u|p|22|-|-\n", "empty fields at the end say nothing");
	is_roster("a--h--u--/k", "a|h|u|/k|22|-|-\n",
		  "the fourth field is the password, come what may");
	is_roster("a--h--u--22", "a|h|u|22|22|-|-\n", "also when it looks like a port");
	is_roster("a--::1--u\nb--[2001:db8::1]--u--p--22\nc--fe80::1%eth0--u",
		  "a|::1|u|-|22|-|-\nb|2001:db8::1|u|p|22|-|-\nc|fe80::1%eth0|u|-|22|-|-\n",
		  "IPv6 hosts, bare, in brackets, with a zone");
	is_roster("a--h--u--\xc3\xa9\xe2\x82\xac '\"$(x)--22",
		  "a|h|u|\xc3\xa9\xe2\x82\xac '\"$(x)|22|-|-\n",
		  "a password of any printable characters");
	is_refused("--h--u", "the id is empty", "an empty id");
	is_refused("a--h----p", "the user is empty", "an empty user");
	is_refused("a--h", "2 fields", "too few fields");
	is_refused("a--h--u--p--0", "the port is not from 1 to 65535", "port 0");
	is_refused("a--h--u--p--65536", "the port is not from 1 to 65535", "port 65536");
	is_refused("a--h--u--p--99999999999999999999", "the port is not from 1 to 65535",
		   "a port past every integer");
	is_refused("a--h--u--p--+22", "field 5 is neither", "a port with a sign");
	is_refused("a--h--u--p--/k--22", "follows the key path", "a port behind the key");
	is_refused("a--h--u----------22", "field 6 is empty", "two extra empty fields");
	is_refused("a--h--u--p--22--/k--x--y--z", "9 fields", "too many fields");
	is_refused("a b--h--u", "id 'a b' may hold", "a blank in the id");
	is_refused("show--h--u", "a command's name", "an id that is a command");
	is_refused("..--h--u", "name of a directory", "an id that is a directory");
	is_refused("a--10.0.0.1:22--u", "no IPv6 address", "a host with a port");
	is_refused("a--h;reboot--u", "host 'h;reboot' may hold", "a hostile host");
	is_refused("a--h\xc3\xa9--u", "xn--", "a host that is not ASCII");
	is_refused("a---oProxyCommand=x--h--u", "fields between", "an option in place of a host");
	is_refused("a--h--u x", "blank or control byte", "a blank in the user");
}

static void test_tunnels(void)
{
	is_roster(
	    "#a--l2tp/ipsec--h--u--p\n#b--Cisco/IPsec--h--u--p\n#c--ikev2--h--u--p\n"
	    "#d--IKV2--h--u--p\n#e--sstp--h--u--p\n#f--PPTP--h--u--p\n#g--WireGuard--h:51820----p\n"
	    "#h--OpenVPN--[::1]:1194--u--p\n#i--ssh--h--u--\n",
	    "T a|L2TP/IPSEC|h|u|p\nT b|CISCO/IPSEC|h|u|p\nT c|IKEV2|h|u|p\nT d|IKEV2|h|u|p\n"
	    "T e|SSTP|h|u|p\nT f|PPTP|h|u|p\nT g|WIREGUARD|h:51820||p\n"
	    "T h|OPENVPN|[::1]:1194|u|p\nT i|SSH|h|u|-\n",
	    "every type in any case, and the one misspelling of old");
	is_roster("#a" EM EM "SSH" EM EM "h" EM EM "u" EM EM "p--q\nx--h--u",
		  "x|h|u|-|22|-|a\nT a|SSH|h|u|p--q\n", "a tunnel line has a delimiter of its own");
	is_roster("# a--SSH--h--u--p\n#\n##\n#------\n#-- servers --\n# "
		  "a--X--b--c--d\n#web--10.0.0.1--u\n"
		  "#web--10.0.0.1--u----22--/k\n  # x\nx--h--u",
		  "x|h|u|-|22|-|-\n", "other # lines are comments");
	is_roster("#a--SSH--h--u--p\nx--h--u\n#b--SSH--h--u--p\ny--h--u\n#a--SSH--h--u--p\nz--h--u",
		  "x|h|u|-|22|-|a\ny|h|u|-|22|-|b\nz|h|u|-|22|-|a\n"
		  "T a|SSH|h|u|p\nT b|SSH|h|u|p\n",
		  "a tunnel may be taken up again");
	is_refused("#a--SSH--h--u--p\n#a--SSH--h--u--q",
		   "f:2: tunnel 'a' is defined differently on line 1",
		   "a tunnel may not be defined twice");
	is_refused("#a--L2PT/IPSEC--h--u--p",
		   "known are L2TP/IPSEC, CISCO/IPSEC, IKEV2, SSTP, PPTP, "
		   "WIREGUARD, OPENVPN, SSH, DAE, IPVANISH, NETWORKMANAGER",
		   "an unknown type names the known ones");
	is_refused("#web-01--10.0.0.1--root--pw--22", "put a space after #",
		   "a commented-out server of five fields is told how to be a comment");
	is_refused("#a--WIREGUARD--h--u", "this line has 4", "a tunnel of four fields");
	is_refused("#a--WIREGUARD--h--u--p--q", "this line has 6", "a tunnel of six fields");
	is_refused("#a--WIREGAURD--h--u--p--q", "unknown tunnel type",
		   "a misspelt one of six fields");
	is_refused("#a b--SSH--h--u--p", "tunnel 'a b' may hold", "a tunnel with a bad name");
	is_refused("#a--SSH----u--p", "the host is empty", "a tunnel without a server");
	is_refused("#a--SSH--h;x--u--p", "host 'h;x'", "a tunnel with a hostile server");
	is_refused("#a--SSH--h--u--\xff", "not UTF-8", "a tunnel with a password of broken UTF-8");
	is_roster(
	    "w--h--u\n#a--SHH--h--u--p\nx--h--u\ny--h--u\n#b--SSH--h--u--p\nz--h--u",
	    "w|h|u|-|22|-|-\nz|h|u|-|22|-|b\nT b|SSH|h|u|p\n"
	    "! f:2: unknown tunnel type 'SHH', known are L2TP/IPSEC, CISCO/IPSEC, IKEV2, SSTP, "
	    "PPTP, WIREGUARD, OPENVPN, SSH, DAE, IPVANISH, NETWORKMANAGER (put a space after # if this is a comment); the 2 "
	    "servers behind it cannot be imported without it\n",
	    "servers behind a misspelt tunnel are not read as if there were none");
	tap_text(tunnel_type("vpn"), NULL, "an unknown type has no spelling");
}

static void test_text(void)
{
	is_roster("", "", "an empty file");
	is_roster("\n\n  \n\t\n", "", "blank lines");
	is_roster("\xef\xbb\xbf"
		  "a--h--u--p--22  \r\n\r\n b--h--u--p \t\r\n",
		  "a|h|u|p|22|-|-\nb|h|u|p|22|-|-\n", "a BOM, CRLF, blanks around lines");
	is_roster("\xef\xbb\xbf#t--SSH--h--u--p\r\na--h--u", "a|h|u|-|22|-|t\nT t|SSH|h|u|p\n",
		  "a BOM before a tunnel line");
	is_roster("a--h--u\na--h2--u\nb--h--u\nb--h--u\n",
		  "a|h|u|-|22|-|-\nb|h|u|-|22|-|-\n! f:2: id 'a' is on line 1 already\n"
		  "! f:4: id 'b' is on line 3 already\n",
		  "doubles are errors, all of them");
	is_roster("x\ny\na--h--u\n\nz",
		  "a|h|u|-|22|-|-\n"
		  "! f:1: no delimiter (-- or longer, two em-dashes), expected "
		  "id--host--user--password--port--key_path\n"
		  "! f:2: no delimiter (-- or longer, two em-dashes), expected "
		  "id--host--user--password--port--key_path\n"
		  "! f:5: no delimiter (-- or longer, two em-dashes), expected "
		  "id--host--user--password--port--key_path\n",
		  "every bad line is reported with its number");
	is_roster_n("a--h--u\nb--h\0--u\n", 16, "! f:2: a NUL byte, so this is no text file\n",
		    "a binary file is one problem");
	is_roster_n("\xff\xfe"
		    "a\0-\0",
		    6, "! f:1: the file is UTF-16 (save it as UTF-8)\n",
		    "a UTF-16 file is one problem");
	is_refused("a--h--u--\xe9t\xe9", "byte 10 is not UTF-8", "a Latin-1 password");
	is_refused("a--h--u--\x1b[31m", "byte 10 is a control byte, 0x1b", "an escape sequence");
	is_refused("a--h--u\rb--h--u", "control byte, 0x0d", "a lone carriage return");
}

static void test_long(void)
{
	size_t size = 10 * 1024 * 1024;
	char *line = mem_alloc(size);

	memset(line, '-', size);
	is_roster_n(line, size, "! f:1: the line is longer than 65536 bytes\n", "10 MB of dashes");
	memset(line, 'a', size);
	memcpy(line, "x--h--u--", 9);
	is_roster_n(line, size, "! f:1: the line is longer than 65536 bytes\n",
		    "10 MB of password");
	*line = '#';
	is_roster_n(line, size, "", "10 MB of comment");
	free(line);
}

int main(void)
{
	test_documented();
	test_delimiters();
	test_fields();
	test_tunnels();
	test_text();
	test_long();
	return tap_done();
}
