#include "cmd/inventory/fields.h"

#include <stddef.h>

#include "lib/base/child.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"

#define AT(field) offsetof(struct fields, field)
#define TEXT(letter_, name_, arg_, help_, complete_)                                      \
	{                                                                                 \
		.letter = letter_, .name = #name_, .type = OPT_TEXT, .offset = AT(name_), \
		.arg = arg_, .help = help_, .complete = complete_                         \
	}

const struct opt fields_opts[] = {
    TEXT(0, host, "HOST", "name or address", NULL),
    TEXT('p', port, "PORT", "port of its SSH server", NULL),
    TEXT('l', user, "USER", "who logs in", NULL),
    TEXT('i', key, "FILE", "private key that opens it", "file"),
    TEXT(0, room, "NAME", "its room", "rooms"),
    TEXT(0, tunnel, "NAME", "the tunnel it is behind", "tunnels"),
    TEXT('J', jump, "HOSTS", "jump hosts on the way (ids or [user@]host[:port]; none: straight)",
	 "servers"),
    TEXT(0, tags, "NAME,...", "its tags: exactly these", "tags"),
    TEXT(0, description, "TEXT", "what it is", NULL),
    {.name = "ask-password",
     .type = OPT_FLAG,
     .offset = AT(ask_password),
     .help = "ask for its password"},
    {.name = "password-file",
     .type = OPT_TEXT,
     .offset = AT(password_file),
     .arg = "FILE",
     .help = "read its password from FILE (mode 0600)",
     .complete = "file"},
    {.name = "secret-command",
     .type = OPT_TEXT,
     .offset = AT(secret_command),
     .arg = "COMMAND",
     .help = "run this now for its password, which is the first line it prints"},
    {.name = "no-password",
     .type = OPT_FLAG,
     .offset = AT(no_password),
     .help = "forget its password"},
    {.type = OPT_END},
};

/* Notes a text when it was given: NULL for the empty one. */
static bool note(const char *value, char **to, unsigned bit, unsigned *bits)
{
	if (!value)
		return false;
	*bits |= bit;
	*to = *value ? (char *)(uintptr_t)value : NULL;
	return *to != NULL;
}

static int check_tags(const char *text, struct err *err)
{
	struct list names = LIST_INIT;
	int result = 0;

	list_split(&names, text, ',');
	for (size_t i = 0; i < names.count && !result; i++)
		result = server_check_name("tag", names.at[i], err);
	list_finish(&names);
	return result;
}

static int check_one_password(const struct fields *fields, struct err *err)
{
	int sources = fields->ask_password + fields->no_password + (fields->password_file != NULL) +
		      (fields->secret_command != NULL);

	return sources > 1
		   ? err_set(err, STATUS_USAGE, "a password has one source, not %d", sources)
		   : 0;
}

int fields_read(const struct fields *fields, struct server *to, unsigned *bits, struct err *err)
{
	if (fields->host && !*fields->host)
		return err_set(err, STATUS_USAGE, "a server cannot be without a host");
	if ((note(fields->host, &to->host, IMPORT_HOST, bits) &&
	     server_check_host(to->host, err)) ||
	    (note(fields->user, &to->user, IMPORT_USER, bits) &&
	     server_check_user(to->user, err)) ||
	    (note(fields->room, &to->room, IMPORT_ROOM, bits) &&
	     server_check_name("room", to->room, err)) ||
	    (note(fields->tunnel, &to->tunnel, IMPORT_TUNNEL, bits) &&
	     server_check_name("tunnel", to->tunnel, err)) ||
	    (note(fields->tags, &to->tags, IMPORT_TAGS, bits) && check_tags(to->tags, err)))
		return -1;
	if (note(fields->jump, &to->jump, IMPORT_JUMP, bits) && server_check_jump(to->jump, err))
		return -1;
	note(fields->key, &to->key, IMPORT_KEY, bits);
	note(fields->description, &to->description, IMPORT_DESCRIPTION, bits);
	if (fields->port) {
		*bits |= IMPORT_PORT;
		if (*fields->port && num_parse(fields->port, 1, 65535, &to->port, err))
			return err_prefix(err, "--port");
	}
	return check_one_password(fields, err);
}

bool fields_password(const struct fields *fields)
{
	return fields->ask_password || fields->no_password || fields->password_file ||
	       fields->secret_command;
}

static int run_secret_command(const char *command, struct buf *text, struct err *err)
{
	const char *const argv[] = {"/bin/sh", "-c", command, NULL};

	buf_reserve(text, SECRET_MAX);
	if (child_read(argv, SECRET_MAX, text, err))
		return err_prefix(err, "--secret-command");
	buf_cut(text, strcspn(text->at, "\n"));
	return text->len ? 0 : err_set(err, STATUS_USAGE, "--secret-command printed nothing");
}

int fields_read_password(const struct fields *fields, struct buf *text, struct err *err)
{
	int result = 0;

	if (fields->ask_password)
		result = secret_prompt("Password: ", text, err);
	else if (fields->password_file)
		result = io_read_secret(fields->password_file, SECRET_MAX, text, err);
	else if (fields->secret_command)
		result = run_secret_command(fields->secret_command, text, err);
	if (!result && !fields->no_password && fields_password(fields) && !text->len)
		return err_set(err, STATUS_USAGE,
			       "the password is empty (--no-password forgets it)");
	return result;
}

int fields_store_password(const struct fields *fields, const struct console *console,
			  const char *id, const struct buf *text, struct err *err)
{
	struct buf sealed = BUF_INIT;
	int same;

	if (!fields_password(fields))
		return 0;
	if (fields->no_password) {
		same = store_secret_get(console->store, SECRET_SERVER_PASSWORD, id, &sealed, err);
		buf_finish(&sealed);
		return same < 1								      ? same
		       : store_secret_remove(console->store, SECRET_SERVER_PASSWORD, id, err) ? -1
											      : 1;
	}
	same =
	    secret_matches(console->box, console->store, SECRET_SERVER_PASSWORD, id, text->at, err);
	if (same)
		return same < 0 ? -1 : 0;
	return secret_set(console->box, console->store, SECRET_SERVER_PASSWORD, id, text->at,
			  text->len, err)
		   ? -1
		   : 1;
}
