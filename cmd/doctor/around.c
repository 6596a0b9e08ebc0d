/* What is around mroom: the agent, ssh, the libraries, the clock. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/timex.h>
#endif

#include "cmd/doctor/doctor.h"
#include "lib/base/child.h"
#include "lib/base/num.h"
#include "lib/wire/ssh2_library.h"

/* An agent answers at once or not at all. */
#define AGENT_MS 3000
/* ssh learnt SSH_ASKPASS_REQUIRE, which hands it sealed passwords, with this version. */
#define SSH_MAJOR 8
#define SSH_MINOR 4

/* Asks the agent for its keys: how many; -1 and errno. */
static long ask_agent(const char *path)
{
	static const unsigned char question[] = {0, 0, 0, 1, 11};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	unsigned char answer[9];
	struct pollfd ready;
	size_t got = 0;
	ssize_t more = 0;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (strlen(path) >= sizeof(address.sun_path)) {
		close(fd);
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    write(fd, question, sizeof(question)) != sizeof(question))
		goto fail;
	while (got < sizeof(answer)) {
		ready = (struct pollfd){.fd = fd, .events = POLLIN};
		if (poll(&ready, 1, AGENT_MS) < 1) {
			errno = ETIMEDOUT;
			goto fail;
		}
		more = read(fd, answer + got, sizeof(answer) - got);
		if (more <= 0) {
			errno = EPROTO;
			goto fail;
		}
		got += (size_t)more;
	}
	close(fd);
	if (answer[4] == 12)
		return (long)answer[5] << 24 | (long)answer[6] << 16 | (long)answer[7] << 8 |
		       answer[8];
	errno = EPROTO;
	return -1;
fail : {
	int saved = errno;

	close(fd);
	errno = saved;
	return -1;
}
}

void doctor_agent(struct doctor *doctor)
{
	const char *path = getenv("SSH_AUTH_SOCK");
	long keys;

	if (!config_bool(doctor->config, "ssh", "agent")) {
		doctor_say(doctor, "agent", FINDING_OK, STATUS_OK, NULL, "not to be asked");
		return;
	}
	if (!path || !*path) {
		doctor_say(doctor, "agent", FINDING_OK, STATUS_OK, NULL,
			   "none (SSH_AUTH_SOCK is unset)");
		return;
	}
	keys = ask_agent(path);
	if (keys < 0)
		doctor_say(doctor, "agent", FINDING_WARNING, STATUS_OK,
			   "start one anew (eval \"$(ssh-agent)\"), or unset SSH_AUTH_SOCK",
			   "%s does not answer: %s", path, strerror(errno));
	else if (!keys)
		doctor_say(doctor, "agent", FINDING_NOTE, STATUS_OK, "ssh-add", "it holds no key");
	else
		doctor_say(doctor, "agent", FINDING_OK, STATUS_OK, NULL, "it holds %ld key%s", keys,
			   keys == 1 ? "" : "s");
}

void doctor_programs(struct doctor *doctor)
{
	const char *const argv[] = {"/bin/sh", "-c", "ssh -V 2>&1", NULL};
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	long major = 0, minor = 0;
	char *end;

	if (child_read(argv, 4096, &text, &err)) {
		doctor_say(doctor, "programs", FINDING_WARNING, STATUS_OK,
			   "install openssh-client: mroom connect becomes it", "ssh cannot be run");
	} else {
		text.at[strcspn(text.at, "\n")] = '\0';
		if (!strncmp(text.at, "OpenSSH_", 8)) {
			major = strtol(text.at + 8, &end, 10);
			minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
		}
		if (major && (major < SSH_MAJOR || (major == SSH_MAJOR && minor < SSH_MINOR)))
			doctor_say(doctor, "programs", FINDING_WARNING, STATUS_OK,
				   "install OpenSSH 8.4 or newer",
				   "%s is too old to be handed sealed passwords", text.at);
		else
			doctor_say(doctor, "programs", FINDING_OK, STATUS_OK, NULL, "%s", text.at);
	}
	buf_finish(&text);
}

void doctor_libraries(struct doctor *doctor)
{
	const char *wanted;
	bool old;
	const char *version = ssh2_library_version(&old, &wanted);

	if (old)
		doctor_say(doctor, "libraries", FINDING_BAD, STATUS_CONSOLE,
			   "install the libssh2 that mroom was built with",
			   "libssh2 is older than the %s that is wanted", wanted);
	else
		doctor_say(doctor, "libraries", FINDING_OK, STATUS_OK, NULL, "libssh2 %s", version);
}

/* The newest moment that the journal knows. */
static int64_t newest_run(struct doctor *doctor)
{
	struct err err = ERR_INIT;
	int64_t newest = 0;

	if (doctor->store && store_run_last_start(doctor->store, &newest, &err) < 0)
		return 0;
	return newest;
}

void doctor_clock(struct doctor *doctor)
{
	int64_t ahead = newest_run(doctor) - clock_wall_ms();
	struct buf text = BUF_INIT;

	if (ahead > 60000) {
		num_show_duration(&text, ahead);
		doctor_say(doctor, "clock", FINDING_BAD, STATUS_CONSOLE, "set the clock",
			   "the journal has a run from %s in the future", text.at);
		buf_finish(&text);
		return;
	}
#ifdef __linux__
	struct timex now = {.modes = 0};

	if (adjtimex(&now) == TIME_ERROR) {
		doctor_say(doctor, "clock", FINDING_NOTE, STATUS_OK,
			   "let it be kept by NTP (timedatectl set-ntp true)",
			   "the kernel does not take it for synchronised");
		return;
	}
#endif
	doctor_say(doctor, "clock", FINDING_OK, STATUS_OK, NULL, "synchronised");
}
