/* mroom cert ca: an authority whose certificates open servers. */
#include "cmd/cert/ca.h"

#include <glob.h>
#include <stddef.h>
#include <unistd.h>

#include "cmd/cert/keygen.h"
#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/base/num.h"

#define INIT "mroom cert ca init"
#define SIGN "mroom cert ca sign"
#define LS "mroom cert ca ls"

static const struct verb verbs[] = {
    {"init", "make the authority's key", ca_init},
    {"sign", "sign a user's key", ca_sign},
    {"ls", "list what was signed, and what expires soon", ca_ls},
    {"trust", "make servers trust the authority", ca_trust},
    {"untrust", "make them trust it no more", ca_untrust},
};

int cert_ca(int argc, char **argv)
{
	return verb_main("mroom cert ca", "An authority whose certificates open servers.", verbs,
			 sizeof(verbs) / sizeof(*verbs), argc, argv);
}

char *ca_key(const struct console *console)
{
	return home_path(&console->home, "ca");
}

int ca_init(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	const struct opt_spec spec = {
	    .command = INIT,
	    .about = "Makes the authority's key, an ed25519 one: $MROOM_HOME/ca and ca.pub.",
	};
	struct err err = ERR_INIT;
	char *key = NULL;
	int operands;

	if (cert_parse(&spec, argc, argv, &operands, &err) < 1 || console_open(&console, &err))
		goto out;
	key = ca_key(&console);
	const char *const make[] = {"ssh-keygen",    "-q", "-t", "ed25519", "-N", "", "-C",
				    "mroom user CA", "-f", key,	 NULL};
	if (access(key, F_OK) == 0)
		err_set(&err, STATUS_USAGE, "%s is there already; it is not overwritten", key);
	else if (!keygen_run(make, -1, &err))
		printf("%s.pub\n", key);
out:
	free(key);
	console_close(&console);
	return cert_exit(INIT, STATUS_OK, &err);
}

struct signing {
	const char *principals, *valid, *key_id;
};

static const struct opt sign_opts[] = {
    {.name = "principals",
     .type = OPT_TEXT,
     .offset = offsetof(struct signing, principals),
     .arg = "USER,...",
     .help = "the accounts it opens"},
    {.name = "valid",
     .type = OPT_TEXT,
     .offset = offsetof(struct signing, valid),
     .arg = "TIME",
     .help = "how long it is valid, as ssh-keygen -V has it: 52w, 30d, 8h (52w)"},
    {.name = "id",
     .type = OPT_TEXT,
     .offset = offsetof(struct signing, key_id),
     .arg = "TEXT",
     .help = "what servers log it as (the key's comment)"},
    {.type = OPT_END},
};

/* A copy for the list. */
static int keep_copy(const struct console *console, const char *path, const char *serial,
		     struct err *err)
{
	char *dir = home_path(&console->home, "ca-issued");
	char *copy = mem_format("%s/%s.pub", dir, serial);
	struct buf text = BUF_INIT;
	int rc = io_make_dirs(dir, 0700, err);

	if (!rc)
		rc = io_read_file(path, 65536, &text, err);
	if (!rc)
		rc = io_replace_file(copy, text.at, text.len, 0600, err);
	free(dir);
	free(copy);
	buf_finish(&text);
	return rc;
}

static int sign(const struct signing *signing, const struct console *console, const char *path,
		struct err *err)
{
	struct authorized key;
	char *ca = ca_key(console), *public = NULL, *cert = NULL, *valid = NULL;
	char *serial = mem_format("%lld", (long long)clock_wall_ms());
	int rc = -1;

	if (authorized_read(path, &key, err))
		goto out;
	public = authorized_private(path);
	cert = mem_format("%s-cert.pub", public);
	valid = mem_format("+%s", signing->valid ? signing->valid : "52w");
	char *file = mem_format("%s.pub", public);
	const char *const argv[] = {
	    "ssh-keygen", "-q",
	    "-s",	  ca,
	    "-I",	  signing->key_id ? signing->key_id : *key.comment ? key.comment : "mroom",
	    "-n",	  signing->principals,
	    "-V",	  valid,
	    "-z",	  serial,
	    file,	  NULL};
	if (access(ca, R_OK))
		err_set(err, STATUS_USAGE, "%s: there is no authority (mroom cert ca init)", ca);
	else if (!keygen_run(argv, -1, err) && !keep_copy(console, cert, serial, err))
		rc = printf("%s\n", cert) < 0;
	free(file);
	authorized_finish(&key);
out:
	free(ca);
	free(public);
	free(cert);
	free(valid);
	free(serial);
	return rc;
}

static const char *const sign_examples[] = {
    "mroom cert ca sign --principals root,deploy --valid 30d alice.pub",
    NULL,
};

int ca_sign(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct signing signing = {NULL, NULL, NULL};
	const struct opt_group groups[] = {{"Certificate", sign_opts, &signing}};
	const struct opt_spec spec = {
	    .command = SIGN,
	    .args = "KEY.pub",
	    .about = "Signs a user's key: KEY-cert.pub opens servers that trust the authority.",
	    .operand_complete = "file",
	    .groups = groups,
	    .group_count = 1,
	    .examples = sign_examples,
	};
	struct err err = ERR_INIT;
	int operands;

	if (cert_parse(&spec, argc, argv, &operands, &err) < 1)
		goto out;
	if (argc - operands != 1 || !signing.principals || !*signing.principals) {
		err_set(&err, STATUS_USAGE, "expected one KEY.pub and --principals");
		goto out;
	}
	if (!console_open(&console, &err))
		sign(&signing, &console, argv[operands], &err);
out:
	console_close(&console);
	return cert_exit(SIGN, STATUS_OK, &err);
}

struct listing {
	int64_t within;
	struct out *out;
};

static const struct opt ls_opts[] = {
    {.name = "within",
     .type = OPT_TIME,
     .offset = offsetof(struct listing, within),
     .arg = "TIME",
     .help = "only what expires within TIME (30d), or has expired"},
    {.type = OPT_END},
};

static const struct out_column columns[] = {
    {"serial", OUT_INT, false}, {"key_id", OUT_TEXT, false}, {"principals", OUT_LIST, false},
    {"from", OUT_TEXT, false},	{"until", OUT_TEXT, false},  {"state", OUT_TEXT, false},
    {"file", OUT_TEXT, true},
};

static void list_cert(struct listing *listing, const char *path)
{
	struct authorized cert;
	struct ca_info info;
	struct buf from = BUF_INIT, until = BUF_INIT;
	uint64_t now = (uint64_t)clock_wall_ms() / 1000;
	char serial[24];

	if (authorized_read(path, &cert, &(struct err)ERR_INIT))
		return;
	if (!ca_info_read(&cert, &info)) {
		authorized_finish(&cert);
		return;
	}
	if (listing->within && info.before > now + (uint64_t)listing->within / 1000)
		goto out;
	snprintf(serial, sizeof(serial), "%llu", (unsigned long long)info.serial);
	clock_show(&from, (int64_t)info.after * 1000);
	if (info.before < UINT64_C(1) << 40)
		clock_show(&until, (int64_t)info.before * 1000);
	out_row(listing->out,
		(const char *const[]){serial, info.key_id, info.principals, from.at,
				      until.len ? until.at : "for ever",
				      info.before <= now ? "expired" : "valid", path});
out:
	buf_finish(&from);
	buf_finish(&until);
	ca_info_finish(&info);
	authorized_finish(&cert);
}

static const char *const ls_examples[] = {
    "mroom cert ca ls --within 30d",
    NULL,
};

int ca_ls(int argc, char **argv)
{
	struct console console = CONSOLE_INIT;
	struct listing listing = {0, NULL};
	struct out_args form = {.form = NULL};
	const struct opt_group groups[] = {{"Listing", ls_opts, &listing},
					   {"Output", out_opts, &form}};
	const struct opt_spec spec = {
	    .command = LS,
	    .about = "Lists the certificates that were signed here, oldest first.",
	    .groups = groups,
	    .group_count = 2,
	    .examples = ls_examples,
	};
	struct err err = ERR_INIT;
	char *pattern = NULL;
	glob_t found;
	int operands;

	if (cert_parse(&spec, argc, argv, &operands, &err) < 1 || console_open(&console, &err))
		goto out;
	listing.out = out_create(stdout, &form, columns, sizeof(columns) / sizeof(*columns), &err);
	if (!listing.out)
		goto out;
	pattern = home_path(&console.home, "ca-issued/*.pub");
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			list_cert(&listing, found.gl_pathv[i]);
		globfree(&found);
	}
out:
	out_finish(listing.out, err.status == STATUS_OK ? &err : NULL);
	free(pattern);
	console_close(&console);
	return cert_exit(LS, STATUS_OK, &err);
}
