/* An ssh_config may hold anything: it is read or refused, and what it says of a host is within bounds. */
#include "lib/room/sshconfig.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	static const char *const hosts[] = {"web-01", "bastion.example.net", "10.0.0.1"};
	const char *path = fuzz_file(bytes, count);
	struct err err = ERR_INIT;
	struct sshconfig *config = sshconfig_open(path, &err);
	struct list names = LIST_INIT, unheeded = LIST_INIT;
	struct ssh_settings settings;

	unlink(path);
	if (!config) {
		must(*err.text && !strchr(err.text, '\n'));
		return 0;
	}
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		sshconfig_settings(config, hosts[i], NULL, &settings);
		must(settings.host && *settings.host && settings.port >= 0 && settings.port <= 65535);
		ssh_settings_finish(&settings);
		sshconfig_names(config, hosts[i]);
	}
	sshconfig_hosts(config, &names);
	sshconfig_unheeded(config, &unheeded);
	list_finish(&names);
	list_finish(&unheeded);
	sshconfig_close(config);
	return 0;
}
