/* The engine's words for trouble, told apart. */
#include "cmd/docker/job.h"

static const struct {
	const char *words, *reason;
} reasons[] = {
    {"is already in use by", "name conflict"},
    {"there already (try: --replace)", "name conflict"},
    {"port is already allocated", "port taken"},
    {"address already in use", "port taken"},
    {"pull access denied", "no such image, or it wants a login (try: mroom docker login)"},
    {"No such image", "no such image"},
    {"manifest unknown", "no such image"},
    {"image not known", "no such image"},
    {"did not resolve to an alias", "no such image"},
    {"no such container", "no such container"},
    {"No such container", "no such container"},
    {"401 Unauthorized", "unauthorized: wrong name or password"},
    {"invalid username/password", "unauthorized: wrong name or password"},
    {"unauthorized", "unauthorized (try: mroom docker login)"},
    {"authentication required", "unauthorized (try: mroom docker login)"},
    {"no basic auth credentials", "unauthorized (try: mroom docker login)"},
    {"Cannot connect to the Docker daemon", "daemon down (try: mroom docker doctor)"},
    {"permission denied while trying to connect", "no permission (try: mroom docker doctor)"},
    {"pinging container registry", "registry unreachable"},
    {"Error response from daemon: Get \"http", "registry unreachable"},
    {"no space left on device", "disk full"},
    {"bind source path does not exist", "bad mount"},
    {"invalid mount config", "bad mount"},
    {"Error: statfs ", "bad mount"},
    {"no container engine", "no engine (try: mroom docker doctor)"},
    {"did not get well", "not healthy"},
    {"is unhealthy", "not healthy"},
    {"no compose", "no compose"},
    {"the file is not valid", "bad file"},
};

const char *reason_of(const char *text)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (strstr(text, reasons[i].words))
			return reasons[i].reason;
	return NULL;
}
