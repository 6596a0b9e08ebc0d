#include "lib/wire/keyfiles.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/io.h"
#include "lib/base/map.h"
#include "lib/base/mem.h"
#include "lib/wire/blob.h"

#define SECRET_FILE_MAX 4096
#define PUBLIC_MAX ((size_t)64 * 1024)

struct keyfiles {
	struct console *console;
	struct map *files; /* path -> struct keyfile */
	struct buf passphrase;
	bool have_passphrase, may_prompt;
	struct map *expected; /* paths */
	size_t opening;	      /* in the pool */
	void (*opened)(void *ctx);
	void *ctx;
};

struct keyfiles *keyfiles_create(struct console *console)
{
	struct keyfiles *files = mem_zero(1, sizeof(*files));

	files->console = console;
	files->files = map_create();
	files->expected = map_create();
	files->may_prompt = true;
	buf_init(&files->passphrase);
	return files;
}

static void keyfile_empty(struct keyfile *file)
{
	identity_destroy(file->identity);
	identity_destroy(file->certified);
	buf_finish(&file->half);
	free(file->trouble);
}

void keyfiles_destroy(struct keyfiles *files)
{
	const char *path;
	void *value;
	size_t at = 0;

	if (!files)
		return;
	while (map_next(files->files, &at, &path, &value)) {
		keyfile_empty(value);
		free(value);
	}
	map_destroy(files->files);
	map_destroy(files->expected);
	buf_wipe(&files->passphrase);
	free(files);
}

int keyfiles_passphrase(struct keyfiles *files, const char *path, struct err *err)
{
	files->have_passphrase = true;
	return io_read_secret(path, SECRET_FILE_MAX, &files->passphrase, err);
}

void keyfiles_quiet(struct keyfiles *files)
{
	files->may_prompt = false;
}

/* Opens a locked key: the passphrase file, then the sealed store, then (before the run) the
 * terminal. */
static struct identity *unlock_key(struct keyfiles *files, const char *path, struct err *err)
{
	struct console *console = files->console;
	struct identity *identity = NULL;
	struct buf text = BUF_INIT;
	bool locked = true;

	if (files->have_passphrase)
		identity = identity_read(path, files->passphrase.at, &locked, err);
	if (!identity && locked &&
	    secret_get(console->box, console->store, "key-passphrase", path, &text, NULL) == 1)
		identity = identity_read(path, text.at, &locked, err);
	buf_wipe(&text);
	if (!identity && locked && files->may_prompt && !files->have_passphrase) {
		char *prompt = mem_format("Passphrase for %s: ", path);

		if (secret_prompt(prompt, &text, NULL) == 0)
			identity = identity_read(path, text.at, &locked, err);
		free(prompt);
	}
	buf_wipe(&text);
	return identity;
}

bool keyfile_public(const char *path, struct buf *blob)
{
	struct buf text = BUF_INIT;
	struct err ignored = ERR_INIT;
	size_t type, skip, size, got = 0;
	bool read = false;

	if (io_read_file(path, PUBLIC_MAX, &text, &ignored))
		goto out;
	type = strcspn(text.at, " \t\n");
	skip = type + strspn(text.at + type, " \t");
	size = strcspn(text.at + skip, " \t\r\n");
	if (!type || !size)
		goto out;
	buf_reserve(blob, size);
	read = sodium_base642bin((unsigned char *)blob->at, size, text.at + skip, size, NULL, &got,
				 NULL, sodium_base64_VARIANT_ORIGINAL) == 0;
	blob->len = read ? got : 0;
	struct blob inner = blob_of(blob->at, blob->len), named = blob_string(&inner);
	read = read && !named.bad && named.left == type && !memcmp(named.at, text.at, type);
out:
	if (!read)
		buf_clear(blob);
	buf_finish(&text);
	return read;
}

/* What lies beside the key: a certificate for it, or, when it cannot be used, its public half. */
static void look_beside(struct keyfile *file, const char *path)
{
	char *beside = mem_format(file->identity ? "%s-cert.pub" : "%s.pub", path);

	if (file->identity)
		file->certified = identity_certified(file->identity, beside);
	else if (!keyfile_public(path, &file->half))
		keyfile_public(beside, &file->half);
	free(beside);
}

/* Keeps how a file turned out. */
static struct keyfile *settle(struct keyfiles *files, const char *path, struct identity *identity,
			      const struct err *err)
{
	struct keyfile *file = map_get(files->files, path);

	if (file)
		keyfile_empty(file);
	else
		file = mem_alloc(sizeof(*file));
	*file = (struct keyfile){.identity = identity, .half = BUF_INIT};
	if (!identity)
		file->trouble = mem_text(err->text);
	look_beside(file, path);
	map_set(files->files, path, file);
	return file;
}

const struct keyfile *keyfiles_get(struct keyfiles *files, const char *path, bool unlock)
{
	struct keyfile *file = map_get(files->files, path);
	struct err err = ERR_INIT;
	struct identity *identity;
	bool locked = false;

	if (file && !(file->shut && unlock))
		return file;
	identity = identity_read(path, NULL, &locked, &err);
	if (!identity && locked && unlock)
		identity = unlock_key(files, path, &err);
	file = settle(files, path, identity, &err);
	file->shut = !identity && locked && !unlock;
	return file;
}

/* --- many at once --- */

/* A locked key on its way through the pool. */
struct opening {
	uv_work_t work;
	struct keyfiles *files;
	char *path;
	struct buf phrases[2];
	size_t count;
	struct identity *identity;
	struct err err;
};

static void opening_work(uv_work_t *work)
{
	struct opening *opening = work->data;
	bool locked = true;

	for (size_t i = 0; i < opening->count && !opening->identity && locked; i++)
		opening->identity = identity_read(opening->path, opening->phrases[i].at, &locked,
						  &opening->err);
}

static void opening_done(uv_work_t *work, int status)
{
	struct opening *opening = work->data;
	struct keyfiles *files = opening->files;

	(void)status;
	settle(files, opening->path, opening->identity, &opening->err);
	buf_wipe(&opening->phrases[0]);
	buf_wipe(&opening->phrases[1]);
	free(opening->path);
	free(opening);
	if (--files->opening == 0)
		files->opened(files->ctx);
}

/* A key that a passphrase may open, which takes a tenth of a second: elsewhere. Others at once. */
static void open_expected(struct keyfiles *files, uv_loop_t *loop, const char *path)
{
	struct console *console = files->console;
	const struct keyfile *file = map_get(files->files, path);
	struct opening *opening;
	struct err err = ERR_INIT;
	struct identity *identity;
	bool locked = false;

	if (file && !file->shut)
		return;
	identity = identity_read(path, NULL, &locked, &err);
	if (identity || !locked) {
		settle(files, path, identity, &err);
		return;
	}
	opening = mem_zero(1, sizeof(*opening));
	opening->files = files;
	opening->path = mem_text(path);
	opening->err = err;
	buf_init(&opening->phrases[0]);
	buf_init(&opening->phrases[1]);
	if (files->have_passphrase)
		buf_add(&opening->phrases[opening->count++], files->passphrase.at,
			files->passphrase.len);
	if (secret_get(console->box, console->store, "key-passphrase", path,
		       &opening->phrases[opening->count], NULL) == 1)
		opening->count++;
	opening->work.data = opening;
	files->opening++;
	uv_queue_work(loop, &opening->work, opening_work, opening_done);
}

void keyfiles_expect(struct keyfiles *files, const char *path)
{
	map_mark(files->expected, path);
}

void keyfiles_open(struct keyfiles *files, uv_loop_t *loop, void (*opened)(void *ctx), void *ctx)
{
	const char *path;
	size_t at = 0;

	files->opened = opened;
	files->ctx = ctx;
	while (map_next(files->expected, &at, &path, NULL))
		open_expected(files, loop, path);
	if (files->opening == 0)
		opened(ctx);
}
