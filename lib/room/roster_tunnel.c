#include <strings.h>

#include "lib/base/mem.h"
#include "lib/room/roster_line.h"

static const char *const types[] = {"L2TP/IPSEC", "CISCO/IPSEC", "IKEV2",   "SSTP",
				    "PPTP",	  "WIREGUARD",	 "OPENVPN", "SSH",
				    "DAE",	  "IPVANISH",	 "NETWORKMANAGER"};
#define TYPE_COUNT (sizeof(types) / sizeof(*types))

const char *tunnel_type(const char *text)
{
	if (!strcasecmp(text, "IKV2")) /* the one spelling that the first MachineRoom knew */
		return "IKEV2";
	for (size_t i = 0; i < TYPE_COUNT; i++)
		if (!strcasecmp(text, types[i]))
			return types[i];
	return NULL;
}

const char *tunnel_types(void)
{
	return "L2TP/IPSEC, CISCO/IPSEC, IKEV2, SSTP, PPTP, WIREGUARD, OPENVPN, SSH, DAE, IPVANISH, "
	       "NETWORKMANAGER";
}

/* Whether the word looks as if one of the types was meant. */
static bool nearly_type(const char *text)
{
	char upper[16];
	size_t size = strlen(text);

	if (size < 3 || size >= sizeof(upper))
		return false;
	for (size_t i = 0; i <= size; i++)
		upper[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 'a' + 'A' : text[i]);
	return list_nearest(upper, types, TYPE_COUNT) != NULL;
}

static int check_server(const char *text, struct err *err)
{
	struct server parsed;

	if (!server_check_host(text, NULL))
		return 0;
	server_init(&parsed);
	if (server_parse_address(text, &parsed, err) != 1)
		return server_check_host(text, err);
	server_finish(&parsed);
	return 0;
}

/* The fields of a line that surely means a tunnel. */
static int check_tunnel(const struct roster_fields *fields, size_t count, struct err *err)
{
	if (count != 5)
		return err_set(
		    err, STATUS_USAGE,
		    "a tunnel has five fields, #name--TYPE--server--user--password, this "
		    "line has %zu (put a space after # if it is a comment)",
		    count);
	if (server_check_name("tunnel", fields->at[0], err) || check_server(fields->at[2], err))
		return -1;
	if (*fields->at[3] && server_check_user(fields->at[3], err))
		return -1;
	if (roster_has_run(fields->at[3]))
		return err_set(err, STATUS_USAGE,
			       "the user has a run of dashes in it that is no multiple of the "
			       "delimiter '%s'",
			       fields->delimiter);
	return 0;
}

int roster_read_tunnel(const char *line, size_t size, struct roster_tunnel *tunnel, struct err *err)
{
	struct roster_fields fields;
	const char *type = NULL;
	size_t count;
	int result = 0;

	if (!size || *line == ' ' || *line == '\t')
		return 0;
	roster_split(&fields, line, size);
	count = fields.count;
	/* Empty fields behind the password say nothing. */
	while (count > 5 && count <= ROSTER_FIELDS && !*fields.at[count - 1])
		count--;
	if (count >= 2)
		type = tunnel_type(fields.at[1]);
	if (type) {
		result = check_tunnel(&fields, count, err) ? -1 : 1;
	} else if (count >= 3 && ((count == 5 && *fields.at[0]) || nearly_type(fields.at[1]))) {
		result =
		    err_set(err, STATUS_USAGE,
			    "unknown tunnel type '%.*s', known are %s (put a space after # if this "
			    "is a comment)",
			    (int)strnlen(fields.at[1], 60), fields.at[1], tunnel_types());
	}
	if (result == 1)
		*tunnel = (struct roster_tunnel){
		    .name = mem_text(fields.at[0]),
		    .type = mem_text(type),
		    .server = mem_text(fields.at[2]),
		    .user = mem_text(fields.at[3]),
		    .password = *fields.at[4] ? mem_text(fields.at[4]) : NULL,
		};
	roster_fields_finish(&fields);
	return result;
}

void roster_tunnel_finish(struct roster_tunnel *tunnel)
{
	free(tunnel->name);
	free(tunnel->type);
	free(tunnel->server);
	free(tunnel->user);
	mem_wipe_free(tunnel->password);
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool roster_tunnel_equal(const struct roster_tunnel *a, const struct roster_tunnel *b)
{
	return same(a->name, b->name) && same(a->type, b->type) && same(a->server, b->server) &&
	       same(a->user, b->user) && same(a->password, b->password);
}
