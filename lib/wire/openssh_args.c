#include <string.h>
#include <unistd.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"
#include "lib/base/quote.h"
#include "lib/wire/askpass.h"
#include "lib/wire/identity.h"
#include "lib/wire/openssh.h"

static void add_option(struct list *args, const char *name, const char *value)
{
	list_add(args, "-o");
	list_take(args, mem_format("%s=%s", name, value));
}

/* How ssh is called for a login; hop: how many hosts before the server, -1 where nobody answers its
 * questions. */
static void login_args(struct list *args, const struct login *login, int64_t timeout_ms, int hop);

/* The way through the jump host, as a command: it has our known_hosts and keys, which -J would not
 * give it. */
static char *proxy_command(const struct login *via, int64_t timeout_ms, int hop)
{
	struct list args = LIST_INIT;
	struct buf command = BUF_INIT;

	if (hop >= 0)
		askpass_hop_args(&args, hop);
	login_args(&args, via, timeout_ms, hop);
	for (size_t i = 0; i < args.count; i++) {
		struct buf word = BUF_INIT;

		quote_word(&word, args.at[i]);
		for (const char *at = word.at; *at; at++) { /* % is ssh's own */
			buf_char(&command, *at);
			if (*at == '%')
				buf_char(&command, '%');
		}
		buf_char(&command, ' ');
		buf_finish(&word);
	}
	buf_text(&command, "-W '[%h]:%p' -- ");
	quote_word(&command, via->asked_for);
	list_finish(&args);
	return buf_detach(&command);
}

static void login_args(struct list *args, const struct login *login, int64_t timeout_ms, int hop)
{
	char number[24];

	list_add(args, "ssh");
	for (size_t i = 0; login->ssh_args && i < login->ssh_args->count; i++)
		list_add(args, login->ssh_args->at[i]);
	if (hop >= 0 && askpass_may(login))
		add_option(args, "NumberOfPasswordPrompts", "1");
	else
		add_option(args, "BatchMode", "yes");
	add_option(args, "LogLevel", "INFO"); /* why it cannot negotiate is no error to ssh */
	add_option(args, "ClearAllForwardings", "yes");
	add_option(args, "StrictHostKeyChecking", login->accept_new ? "accept-new" : "yes");
	snprintf(number, sizeof(number), "%lld", (long long)(timeout_ms + 999) / 1000);
	add_option(args, "ConnectTimeout", number);
	if (login->via) {
		char *command = proxy_command(login->via, timeout_ms, hop < 0 ? -1 : hop + 1);

		add_option(args, "ProxyCommand", command);
		free(command);
	}
	snprintf(number, sizeof(number), "%ld", login->port);
	list_add(args, "-p");
	list_add(args, number);
	list_add(args, "-l");
	list_add(args, login->user);
	if (login->token_key) {
		list_add(args, "-i");
		list_add(args, login->token_key);
	}
	for (size_t i = 0; i < login->identity_count; i++) {
		if (login->identities[i]->agent || access(login->identities[i]->name, R_OK))
			continue;
		list_add(args, "-i");
		list_add(args, login->identities[i]->name);
	}
}

void openssh_master_args(struct list *args, const struct login *login, const char *socket,
			 int64_t timeout_ms, const char *ready, bool asks)
{
	login_args(args, login, timeout_ms, asks ? 0 : -1);
	add_option(args, "ControlMaster", "yes");
	add_option(args, "ControlPath", socket);
	add_option(args, "ControlPersist", "no");
	add_option(args, "ServerAliveInterval", "15");
	add_option(args, "PermitLocalCommand", "yes");
	add_option(args, "LocalCommand", ready);
	add_option(args, "RemoteCommand", "none");
	list_add(args, "-N");
	list_add(args, "--");
	list_add(args, login->asked_for);
	list_take(args, NULL);
}

void openssh_client_args(struct list *args, const struct login *login, const char *socket,
			 const char *command, const struct channel_events *events)
{
	bool tty = events->tty;

	list_add(args, "ssh");
	list_add(args, "-F");
	list_add(args, "none");
	list_add(args, "-S");
	list_add(args, socket);
	add_option(args, "ControlMaster", "no");
	add_option(args, "BatchMode", "yes");
	add_option(args, "LogLevel", "ERROR");
	list_add(args, tty ? "-tt" : "-T");
	if (events->subsystem)
		list_add(args, "-s");
	list_add(args, "--");
	list_add(args, login->asked_for);
	/* ssh sends the modes of our terminal, which it does not have here. */
	list_take(args, mem_format("%s%s", tty ? "stty -echo -onlcr 2>/dev/null; " : "", command));
	list_take(args, NULL);
}

/* The last line that says something. */
static void last_line(const char *said, char *line, size_t size)
{
	size_t end = strlen(said), start;

	while (end > 0 && (unsigned char)said[end - 1] <= ' ')
		end--;
	start = end;
	while (start > 0 && said[start - 1] != '\n')
		start--;
	snprintf(line, size, "%.*s", (int)(end - start), said + start);
}

void openssh_judge(const char *said, struct openssh_failure *failure)
{
	static const struct {
		const char *words;
		enum outcome outcome;
		const char *reason;
	} known[] = {
	    {"IDENTIFICATION HAS CHANGED", OUTCOME_HOSTKEY, "changed"},
	    {"REVOKED HOST KEY", OUTCOME_HOSTKEY, "revoked"},
	    {"Host key verification failed", OUTCOME_HOSTKEY, "unknown"},
	    {"Permission denied", OUTCOME_DENIED, "auth"},
	    {"Too many authentication failures", OUTCOME_DENIED, "auth"},
	    {"kex_exchange_identification", OUTCOME_UNREACHABLE, "dropped"},
	    {"Not allowed at this time", OUTCOME_UNREACHABLE, "dropped"},
	    {"Could not resolve", OUTCOME_UNREACHABLE, "resolve"},
	    {"Connection refused", OUTCOME_UNREACHABLE, "refused"},
	};
	char line[400];

	last_line(said, line, sizeof(line));
	failure->outcome = OUTCOME_UNREACHABLE;
	failure->reason = "ssh";
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!strstr(said, known[i].words))
			continue;
		failure->outcome = known[i].outcome;
		failure->reason = known[i].reason;
		break;
	}
	if (!strncmp(line, "ssh: ", 5))
		snprintf(failure->message, sizeof(failure->message), "%s", line);
	else
		snprintf(failure->message, sizeof(failure->message), "ssh: %s",
			 *line ? line : "ended without a word");
}
