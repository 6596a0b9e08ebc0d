/* mroom cert: which key opens which door, and who servers prove to be. */
#include "cmd/cert/cert.h"

static const struct verb verbs[] = {
    {"install", "add a public key to servers and prove it", cert_install},
    {"check", "whether a key is there, and works", cert_check},
    {"ls", "list the keys that open servers", cert_ls},
    {"matrix", "which key opens which server", cert_matrix},
    {"remove", "take a key from servers", cert_remove},
    {"rotate", "replace a key by another, step by step", cert_rotate},
    {"off", "forget here that a key was installed", cert_off},
    {"ca", "sign keys, and make servers trust the signatures", cert_ca},
    {"keygen", "make a key", cert_keygen},
    {"doctor", "look over the keys on this console", cert_doctor},
    {"hosts", "host keys: list, review, accept, forget, import, export", cert_hosts},
};

int cert_parse(const struct opt_spec *spec, int argc, char **argv, int *operands, struct err *err)
{
	switch (opt_parse(spec, argc, argv, operands, NULL, err)) {
	case OPT_RUN:
		return 1;
	case OPT_SHOWN:
		return 0;
	default:
		return -1;
	}
}

int cert_exit(const char *command, int status, const struct err *err)
{
	if (err->status == STATUS_OK)
		return status;
	err_report(err, command);
	return (int)status_worst((enum status)status, err->status);
}

int main(int argc, char **argv)
{
	secret_harden_process();
	return verb_main("mroom cert", "Which key opens which door, and who servers prove to be.",
			 verbs, sizeof(verbs) / sizeof(*verbs), argc, argv);
}
