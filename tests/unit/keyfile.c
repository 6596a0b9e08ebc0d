/* Private keys of every type, format and cipher that ssh-keygen writes: read, decrypted, and able to sign. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/wire/identity.h"
#include "tests/unit/tap.h"

static char dir[] = "/tmp/mroom-unit-XXXXXX";

struct signature {
	size_t size;
	bool good;
};

static void signed_(void *ctx, const void *bytes, size_t size, const char *problem)
{
	struct signature *signature = ctx;

	(void)bytes;
	signature->good = problem == NULL;
	signature->size = size;
}

/* Runs ssh-keygen with these words; false when it refuses. */
static bool keygen(const char *const *argv)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
			_exit(1);
		execvp("ssh-keygen", (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return status == 0;
}

/* The public half as ssh-keygen wrote it beside the key, for comparison by its base64 text. */
static void one(const char *type, const char *bits, const char *format, const char *cipher,
		const char *passphrase)
{
	char *path = mem_format("%s/key", dir), *public = mem_format("%s/key.pub", dir);
	const char *argv[24] = {"ssh-keygen", "-q", "-t", type, "-b", bits, "-N", passphrase,
				"-f", path, "-a", "2"};
	int argc = 12;
	struct err err = ERR_INIT;
	struct signature signature = {0, false};
	struct identity *identity;
	bool locked = false;
	size_t size;
	char *name = mem_format("%s %s %s %s%s", type, bits, format ? format : "OpenSSH",
				cipher ? cipher : "", *passphrase ? " encrypted" : "");

	unlink(path);
	unlink(public);
	if (format) {
		argv[argc++] = "-m";
		argv[argc++] = format;
	}
	if (cipher) {
		argv[argc++] = "-Z";
		argv[argc++] = cipher;
	}
	argv[argc] = NULL;
	if (!keygen(argv)) {
		tap_skip(name, "this ssh-keygen does not write such keys");
		goto out;
	}
	if (*passphrase) {
		identity = identity_read(path, NULL, &locked, &err);
		tap_ok(!identity && locked, "an encrypted key is locked without its passphrase");
		identity = identity_read(path, "wrong", &locked, &err);
		tap_ok(!identity && locked && strstr(err.text, "passphrase"), "and with a wrong one");
	}
	identity = identity_read(path, *passphrase ? passphrase : NULL, &locked, &err);
	if (tap_ok(identity != NULL, name)) {
		const char *algorithm = strcmp(type, "rsa") ? identity_type(identity, &size)
							    : "rsa-sha2-512";

		if (!strcmp(type, "rsa"))
			size = 12;
		identity_sign(identity, uv_default_loop(), algorithm, size, "data", 4, signed_,
			      &signature);
		tap_ok(signature.good == (strcmp(type, "rsa") != 0), "an RSA key takes its time");
		uv_run(uv_default_loop(), UV_RUN_DEFAULT);
		tap_ok(signature.good && signature.size >= 64, "and it signs");
	} else {
		printf("# %s\n", err.text);
	}
	identity_destroy(identity);
out:
	free(name);
	free(path);
	free(public);
}

/* Many signatures at once, half of their askers gone, and then the key as well. */
static void pool(void)
{
	enum { COUNT = 40 };
	const char *const argv[] = {"ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", NULL, NULL};
	const char *words[sizeof(argv) / sizeof(*argv)];
	char *path = mem_format("%s/key", dir);
	struct signature signatures[COUNT] = {{0, false}};
	struct signing *requests[COUNT];
	struct err err = ERR_INIT;
	struct identity *identity;
	size_t good = 0, wrong = 0;

	memcpy(words, argv, sizeof(argv));
	words[9] = path;
	unlink(path);
	identity = keygen(words) ? identity_read(path, NULL, NULL, &err) : NULL;
	if (!tap_ok(identity != NULL, "an RSA key for many"))
		goto out;
	for (size_t i = 0; i < COUNT; i++)
		requests[i] = identity_sign(identity, uv_default_loop(), "rsa-sha2-256", 12, "data", 4,
					    signed_, &signatures[i]);
	for (size_t i = 0; i < COUNT; i += 2)
		identity_forget(identity, requests[i], &signatures[i]);
	identity_destroy(identity);
	uv_run(uv_default_loop(), UV_RUN_DEFAULT);
	for (size_t i = 0; i < COUNT; i++) {
		good += i % 2 && signatures[i].good && signatures[i].size == 256;
		wrong += i % 2 == 0 && signatures[i].size > 0;
	}
	tap_ok(good == COUNT / 2, "signs for all who wait, though it was let go of meanwhile");
	tap_ok(wrong == 0, "and calls nobody who went away");
out:
	free(path);
}

static void refused(const char *text, mode_t mode, const char *want, const char *name)
{
	char *path = mem_format("%s/bad", dir);
	struct err err = ERR_INIT;
	bool locked = true;
	struct identity *identity;

	unlink(path);
	io_replace_file(path, text, strlen(text), 0600, &err);
	chmod(path, mode);
	identity = identity_read(path, NULL, &locked, &err);
	tap_ok(!identity && !locked && strstr(err.text, want) && strstr(err.text, path), name);
	identity_destroy(identity);
	unlink(path);
	free(path);
}

int main(void)
{
	static const char *const kinds[][2] = {
		{"ed25519", "256"}, {"rsa", "2048"}, {"ecdsa", "256"}, {"ecdsa", "384"}, {"ecdsa", "521"}};
	static const char *const cipher_names[] = {"aes256-ctr", "aes128-cbc", "aes256-gcm@openssh.com"};

	if (!mkdtemp(dir))
		return 1;
	for (size_t i = 0; i < 5; i++) {
		const char *type = kinds[i][0], *bits = kinds[i][1];

		one(type, bits, NULL, NULL, "");
		one(type, bits, NULL, NULL, "open sesame");
		one(type, bits, "PKCS8", NULL, "open sesame");
		one(type, bits, "PEM", NULL, "");
		one(type, bits, "PEM", NULL, "open sesame");
	}
	for (size_t i = 0; i < 3; i++)
		one("ed25519", "256", NULL, cipher_names[i], "a passphrase of more than eight bytes");
	pool();
	refused("", 0600, "not be read as a private key", "an empty file is no key");
	refused("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", 0600, "private key", "nor is half of one");
	refused("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB\n"
		"-----END OPENSSH PRIVATE KEY-----\n", 0600, "private key", "nor one that breaks off");
	refused("ssh-ed25519 AAAA", 0600, "private key", "nor is a public key");
	refused("-----BEGIN PRIVATE KEY-----\n", 0644, "chmod 600", "a key open to others is not used");
	char *text = mem_format("%s/key", dir);

	unlink(text);
	free(text);
	text = mem_format("%s/key.pub", dir);
	unlink(text);
	free(text);
	rmdir(dir);
	uv_loop_close(uv_default_loop());
	return tap_done();
}
