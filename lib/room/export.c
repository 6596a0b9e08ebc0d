#include "lib/room/export.h"

#include "lib/base/mem.h"

static const struct {
	const char *name;
	int (*write)(struct export *export, struct buf *into, struct err *err);
} forms[] = {
    {"roster", export_roster},	 {"ssh_config", export_ssh_config},
    {"ansible", export_ansible}, {"json", export_json},
    {"csv", export_csv},	 {"hosts", export_hosts},
};

int export_write(struct export *export, const char *form, struct buf *into, struct err *err)
{
	size_t i = 0;

	while (strcmp(forms[i].name, form) != 0)
		i++;
	return forms[i].write(export, into, err);
}

int export_password(struct export *export, const char *id, struct buf *text, struct err *err)
{
	if (!export->secrets)
		return 0;
	return secret_get(export->console->box, export->console->store, SECRET_SERVER_PASSWORD, id,
			  text, err);
}

void export_leave_out(struct export *export, const char *id, const char *why)
{
	list_take(&export->left_out, mem_format("%s: left out: %s", id, why));
}

void export_lose(struct export *export, const char *id, const char *what)
{
	list_take(&export->left_out, mem_format("%s: left out: its %s", id, what));
}
