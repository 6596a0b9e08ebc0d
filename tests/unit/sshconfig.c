/*
 * ssh_config: what holds for a host. With arguments, FILE HOST [USER], it prints its answers as ssh -G does, for
 * tests/sshconfig.bats to compare.
 */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/mem.h"
#include "lib/room/sshconfig.h"
#include "tests/unit/tap.h"

static void print_files(const char *keyword, const struct list *files, const struct ssh_tokens *tokens)
{
	printf("%s", keyword);
	for (size_t i = 0; i < files->count; i++) {
		char *path = sshconfig_expand(files->at[i], tokens);

		printf(" %s", path);
		free(path);
	}
	printf("\n");
}

static int answer(const char *file, const char *host, const char *user)
{
	struct err err = ERR_INIT;
	struct sshconfig *config = sshconfig_open(file, &err);
	struct ssh_settings settings;
	struct ssh_tokens tokens;

	if (!config) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	sshconfig_settings(config, host, user, &settings);
	tokens = (struct ssh_tokens){host, settings.host, settings.user ? settings.user : "root", settings.alias,
				     settings.jump, settings.port ? settings.port : 22};
	printf("user %s\n", settings.user ? settings.user : "root");
	printf("hostname %s\n", settings.host);
	printf("port %ld\n", settings.port ? settings.port : 22);
	printf("identitiesonly %s\n", settings.identities_only ? "yes" : "no");
	for (size_t i = 0; i < settings.identities.count; i++)
		printf("identityfile %s\n", settings.identities.at[i]);
	if (settings.connect_timeout_ms)
		printf("connecttimeout %lld\n", (long long)settings.connect_timeout_ms / 1000);
	if (settings.host_key)
		printf("stricthostkeychecking %s\n", settings.host_key);
	if (settings.alias)
		printf("hostkeyalias %s\n", settings.alias);
	if (settings.jump)
		printf("proxyjump %s\n", settings.jump);
	if (settings.known_hosts.count)
		print_files("userknownhostsfile", &settings.known_hosts, &tokens);
	if (settings.needs_ssh)
		printf("needs %s\n", settings.needs_ssh);
	ssh_settings_finish(&settings);
	sshconfig_close(config);
	return 0;
}

static char dir[] = "/tmp/mroom-unit-XXXXXX";

static struct sshconfig *config_of(const char *text, struct err *err)
{
	char *path = mem_format("%s/config", dir);
	struct sshconfig *config;

	io_replace_file(path, text, strlen(text), 0600, err);
	config = sshconfig_open(path, err);
	unlink(path);
	free(path);
	return config;
}

static void refused(const char *text, const char *why, const char *name)
{
	struct err err = ERR_INIT;
	struct sshconfig *config = config_of(text, &err);

	tap_ok(!config && err.status == STATUS_USAGE && strstr(err.text, why), name);
	if (!config && !strstr(err.text, why))
		printf("# %s\n", err.text);
	sshconfig_close(config);
}

static void needs(const char *text, const char *want, const char *name)
{
	struct err err = ERR_INIT;
	struct sshconfig *config = config_of(text, &err);
	struct ssh_settings settings;

	sshconfig_settings(config, "web", NULL, &settings);
	tap_text(settings.needs_ssh, want, name);
	ssh_settings_finish(&settings);
	sshconfig_close(config);
}

static void test_names(void)
{
	struct err err = ERR_INIT;
	struct sshconfig *config = config_of("Host a b? *.lab !no.lab\n\tUser x\nHost *\n\tPort 7\n", &err);
	struct list hosts = LIST_INIT;

	tap_ok(sshconfig_names(config, "a"), "a host that stands there is a target");
	tap_ok(sshconfig_names(config, "b1") && sshconfig_names(config, "x.lab"), "and one that a pattern names");
	tap_ok(!sshconfig_names(config, "no.lab"), "but not one that is excluded");
	tap_ok(!sshconfig_names(config, "other"), "Host * names nobody");
	sshconfig_hosts(config, &hosts);
	tap_ok(hosts.count == 1 && !strcmp(hosts.at[0], "a"), "hosts without wildcards can be listed");
	list_finish(&hosts);
	sshconfig_close(config);
	config = config_of("Compression yes\nForwardAgent no\nHost x\n  compression no\n", &err);
	sshconfig_unheeded(config, &hosts);
	tap_ok(hosts.count == 3 || hosts.count == 2, "what is not heeded is told");
	list_finish(&hosts);
	sshconfig_close(config);
}

static void test_expand(void)
{
	const struct ssh_tokens tokens = {"web", "10.0.0.1", "me", NULL, NULL, 2222};
	char *text = sshconfig_expand("/k/%n-%h-%r-%p-%%-%k-%q", &tokens);

	tap_text(text, "/k/web-10.0.0.1-me-2222-%-web-%q", "tokens are filled in, unknown ones stay");
	free(text);
	setenv("MROOM_UNIT", "v", 1);
	text = sshconfig_expand("/a/${MROOM_UNIT}/${MROOM_NONE}/$x${", &tokens);
	tap_text(text, "/a/v//$x${", "variables are filled in");
	free(text);
	setenv("HOME", "/h", 1);
	text = sshconfig_expand("~/x", &tokens);
	tap_text(text, "/h/x", "~ is the home");
	free(text);
}

int main(int argc, char **argv)
{
	if (argc > 2)
		return answer(argv[1], argv[2], argv[3]);
	if (!mkdtemp(dir))
		return 1;
	refused("Port\n", ":1: no value after Port", "a keyword without a value is an error with file and line");
	refused("Host a\nHostName ''\n", ":2: no value after HostName", "and so is an empty one");
	refused("Host a \"\"\n", ":1: no value after Host", "also among others");
	refused("Host a\nPort 0\n", ":2: no port: 0", "a port out of range is an error");
	refused("User \"a\n", ":1: a quote is not closed", "an open quote is an error");
	refused("IdentitiesOnly maybe\n", "neither yes nor no: maybe", "a flag is yes or no");
	refused("StrictHostKeyChecking sometimes\n", "sometimes", "a choice is one of those there are");
	refused("ConnectTimeout 5x\n", "no time: 5x", "a time has a unit there is");
	refused("User a b\n", "more than one word: b", "a value of one word has one");
	needs("ProxyCommand nc %h %p\n", "ProxyCommand", "ProxyCommand is ssh's own");
	needs("ProxyCommand none\n", NULL, "unless it is none");
	needs("ProxyJump j\nProxyCommand nc %h %p\n", NULL, "or ProxyJump came first");
	needs("Match exec true\n User x\n", "Match", "so is a Match that runs something");
	needs("Match host db exec true\n User x\n", NULL, "unless it cannot match anyway");
	needs("Match host '' exec true\n User x\n", NULL, "a condition may be empty");
	needs("Match host web\n User x\n", NULL, "a Match by host is understood");
	needs("BindAddress 10.0.0.1\n", "BindAddress", "and so is an address to bind to");
	test_names();
	test_expand();
	rmdir(dir);
	return tap_done();
}
