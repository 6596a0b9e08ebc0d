#include <glob.h>
#include <stddef.h>
#include <unistd.h>

#include "cmd/cert/call.h"
#include "cmd/cert/keys.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"

#define COMMAND "mroom cert matrix"

/* A key, and where it is authorized. */
struct door {
	char *fingerprint, *type, *comment;
	struct map *there; /* ids -> "yes", "opens" or "shut" */
};

struct matrix {
	bool prove;
	struct map *doors; /* fingerprint -> struct door */
	const struct subject *subject;
};

static const struct opt opts[] = {
    {.name = "prove",
     .type = OPT_FLAG,
     .offset = offsetof(struct matrix, prove),
     .help = "log in with each key whose private half is in [identity] key_dir"},
    {.type = OPT_END},
};

static char yes[] = "yes", opens[] = "opens", shut[] = "shut";

static void add_key(void *ctx, const struct authorized *key, const char *file, long line)
{
	struct matrix *matrix = ctx;
	struct door *door = map_get(matrix->doors, key->fingerprint);

	(void)file;
	(void)line;
	if (!door) {
		door = mem_zero(1, sizeof(*door));
		door->fingerprint = mem_text(key->fingerprint);
		door->type = mem_text(key->type);
		door->comment = mem_text(key->comment);
		door->there = map_create();
		map_set(matrix->doors, key->fingerprint, door);
	}
	map_set(door->there, matrix->subject->id, yes);
}

static void doors_free(struct map *doors)
{
	const char *name;
	void *value;
	size_t at = 0;

	while (doors && map_next(doors, &at, &name, &value)) {
		struct door *door = value;

		free(door->fingerprint);
		free(door->type);
		free(door->comment);
		map_destroy(door->there);
		free(door);
	}
	if (doors)
		map_destroy(doors);
}

/* Tries one key on every server that has it. */
static int prove_key(struct matrix *matrix, struct work *work, const char *public, struct err *err)
{
	struct authorized key;
	struct door *door;
	char *private = authorized_private(public);
	int rc = 0;

	if (access(private, R_OK) || authorized_read(public, &key, &(struct err)ERR_INIT))
		goto out;
	door = map_get(matrix->doors, key.fingerprint);
	authorized_finish(&key);
	if (!door)
		goto out;
	for (size_t i = 0; i < work->count; i++)
		work->at[i].chosen = map_get(door->there, work->at[i].id) != NULL;
	rc = work_login(work, private, err);
	for (size_t i = 0; i < work->count && !rc; i++) {
		if (work->at[i].chosen && !work->at[i].untried)
			map_set(door->there, work->at[i].id, work->at[i].good ? opens : shut);
	}
out:
	free(private);
	return rc;
}

static int prove_all(struct matrix *matrix, struct work *work, struct err *err)
{
	char *pattern =
	    mem_format("%s/*.pub", config_text(work->console->config, "identity", "key_dir"));
	glob_t found;
	int rc = 0;

	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc && !rc; i++)
			rc = prove_key(matrix, work, found.gl_pathv[i], err);
		globfree(&found);
	}
	free(pattern);
	return rc;
}

static bool asked_for(const struct out_args *form, const char *name, bool otherwise)
{
	if (form->json)
		return !strcmp(name, "json");
	return form->form ? !strcmp(form->form, name) : otherwise;
}

/* A column per server. */
static int print_table(const struct matrix *matrix, const struct work *work,
		       const struct out_args *form, struct err *err)
{
	size_t count = work->count + 2, at = 0;
	struct out_column *columns = mem_zero(count, sizeof(*columns));
	const char **row = mem_zero(count, sizeof(*row));
	const char *name;
	struct out *out;
	void *value;

	columns[0] = (struct out_column){"key", OUT_TEXT, false};
	columns[1] = (struct out_column){"comment", OUT_TEXT, false};
	for (size_t i = 0; i < work->count; i++)
		columns[i + 2] = (struct out_column){work->at[i].id, OUT_TEXT, false};
	out = out_create(stdout, form, columns, count, err);
	while (out && map_next(matrix->doors, &at, &name, &value)) {
		const struct door *door = value;

		row[0] = door->fingerprint;
		row[1] = door->comment;
		for (size_t i = 0; i < work->count; i++)
			row[i + 2] = work->at[i].good || work->at[i].out.len
					 ? map_get(door->there, work->at[i].id)
					 : "?";
		out_row(out, row);
	}
	out_finish(out, err);
	free(columns);
	free(row);
	return err->status == STATUS_OK ? 0 : -1;
}

static const struct out_column pair_columns[] = {
    {"id", OUT_TEXT, false},	{"fingerprint", OUT_TEXT, false}, {"comment", OUT_TEXT, false},
    {"state", OUT_TEXT, false}, {"type", OUT_TEXT, true},
};

/* A row per server and key. */
static int print_pairs(const struct matrix *matrix, const struct out_args *form, struct err *err)
{
	struct out *out = out_create(stdout, form, pair_columns, 5, err);
	const char *name, *id;
	size_t at = 0;
	void *value, *state;

	while (out && map_next(matrix->doors, &at, &name, &value)) {
		const struct door *door = value;
		size_t server = 0;

		while (map_next(door->there, &server, &id, &state))
			out_row(out, (const char *const[]){id, door->fingerprint, door->comment,
							   state, door->type});
	}
	return out_finish(out, err);
}

static const struct out_column key_columns[] = {
    {"fingerprint", OUT_TEXT, false}, {"type", OUT_TEXT, false},  {"comment", OUT_TEXT, false},
    {"servers", OUT_LIST, false},     {"opens", OUT_LIST, false}, {"shut", OUT_LIST, false},
};

/* A row per key. */
static int print_keys(const struct matrix *matrix, const struct out_args *form, struct err *err)
{
	struct out *out = out_create(stdout, form, key_columns, 6, err);
	const char *name, *id;
	size_t at = 0;
	void *value, *state;

	while (out && map_next(matrix->doors, &at, &name, &value)) {
		const struct door *door = value;
		struct list lists[3] = {LIST_INIT, LIST_INIT, LIST_INIT};
		char *texts[3];
		size_t server = 0;

		while (map_next(door->there, &server, &id, &state)) {
			list_add(&lists[0], id);
			if (state != yes)
				list_add(&lists[state == opens ? 1 : 2], id);
		}
		for (int i = 0; i < 3; i++)
			texts[i] = list_join(&lists[i], ",");
		out_row(out, (const char *const[]){door->fingerprint, door->type, door->comment,
						   texts[0], texts[1], texts[2]});
		for (int i = 0; i < 3; i++) {
			free(texts[i]);
			list_finish(&lists[i]);
		}
	}
	return out_finish(out, err);
}

static const char *const examples[] = {
    "mroom cert matrix @production",
    "mroom cert matrix --prove -a --json",
    NULL,
};

static void show(struct matrix *matrix, struct call *call)
{
	if (asked_for(&call->form, "json", false))
		print_keys(matrix, &call->form, &call->err);
	else if (asked_for(&call->form, "table", isatty(STDOUT_FILENO)))
		print_table(matrix, &call->work, &call->form, &call->err);
	else
		print_pairs(matrix, &call->form, &call->err);
}

int cert_matrix(int argc, char **argv)
{
	static const struct opt_spec about = {
	    .command = COMMAND,
	    .about = "Shows which key opens which server.",
	    .examples = examples,
	};
	struct matrix matrix = {.doors = map_create()};
	const struct opt_group own = {"Matrix", opts, &matrix};
	struct call call = CALL_INIT;
	struct work *work = &call.work;

	if (!call_begin(&call, &about, &own, 1, argc, argv) || !call_works(&call, "matrix") ||
	    keys_list(work, &call.picked, call.operands, call.count, &call.err))
		goto out;
	call.status = work->status;
	for (size_t i = 0; i < work->count; i++) {
		matrix.subject = &work->at[i];
		if (work->at[i].good)
			keys_each(&work->at[i], add_key, &matrix);
	}
	/* A key that does not open is a finding, not a failure. */
	if (!matrix.prove || !prove_all(&matrix, work, &call.err))
		show(&matrix, &call);
out:
	doors_free(matrix.doors);
	return call_end(&call, COMMAND);
}
