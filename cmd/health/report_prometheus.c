/* Metrics for Prometheus, in the format of the node exporter's textfile collector. */
#include "cmd/health/report.h"

/* The checks that have a value, and what that is called there. */
static const struct metric {
	const char *kind; /* of check */
	const char *name;
	const char *label; /* what the subject of the check is; NULL: it has none */
	double scale;
	const char *help;
} metrics[] = {
    {"disk", "mroom_disk_used_ratio", "mount", .01, "Space used of a file system"},
    {"inodes", "mroom_inodes_used_ratio", "mount", .01, "Inodes used of a file system"},
    {"memory", "mroom_memory_used_ratio", NULL, .01, "Memory in use"},
    {"swap", "mroom_swap_used_ratio", NULL, .01, "Swap in use"},
    {"cgroup", "mroom_cgroup_memory_used_ratio", "path", .01,
     "Memory in use of a limited control group"},
    {"cpu", "mroom_cpu_used_ratio", NULL, .01, "CPU time in use since the check before"},
    {"load1", "mroom_load1_per_core", NULL, 1, "Load per core over one minute"},
    {"load5", "mroom_load5_per_core", NULL, 1, "Load per core over five minutes"},
    {"load15", "mroom_load15_per_core", NULL, 1, "Load per core over fifteen minutes"},
    {"processes", "mroom_processes", NULL, 1, "Processes"},
    {"zombies", "mroom_zombies", NULL, 1, "Zombie processes"},
    {"uptime", "mroom_uptime_seconds", NULL, 1, "Time since the boot"},
    {"clock", "mroom_clock_offset_seconds", NULL, 1, "Distance of the clock from the console's"},
    {"ping", "mroom_ping_seconds", NULL, 1, "Time that the address to ping takes to answer"},
    {"units", "mroom_failed_units", NULL, 1, "Failed systemd units"},
    {"updates", "mroom_security_updates", NULL, 1, "Security updates that wait"},
    {"containers", "mroom_containers_running", NULL, 1, "Containers that run"},
    {"certificate", "mroom_certificate_remaining_seconds", "file", 1,
     "Time until a certificate ends"},
    {"check", "mroom_own_check_value", "name", 1, "First value of an own check"},
};

/* As a label's value: backslash, quote and newline are escaped. */
static void label(FILE *to, const char *name, const char *value)
{
	fprintf(to, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			fputc('\\', to);
		fputc(*value, to);
	}
	fputc('"', to);
}

static void head(FILE *to, const char *name, const char *help)
{
	fprintf(to, "# HELP %s %s.\n# TYPE %s gauge\n", name, help, name);
}

/* The subject of the check when it is of that kind ("" for one without), else NULL. */
static const char *subject(const struct check *check, const struct metric *metric)
{
	size_t size = strlen(metric->kind);

	if (strncmp(check->name, metric->kind, size) != 0)
		return NULL;
	if (metric->label)
		return check->name[size] == ':' ? check->name + size + 1 : NULL;
	return check->name[size] ? NULL : "";
}

static void print_metric(const struct ward *ward, const struct metric *metric, FILE *to)
{
	bool first = true;

	for (size_t i = 0; i < ward->count; i++)
		for (size_t j = 0; j < ward->at[i].checkup.count; j++) {
			const struct check *check = &ward->at[i].checkup.at[j];
			const char *about = check->has_value ? subject(check, metric) : NULL;

			if (!about)
				continue;
			if (first)
				head(to, metric->name, metric->help);
			first = false;
			fprintf(to, "%s{", metric->name);
			label(to, "id", ward->at[i].id);
			if (metric->label) {
				fputc(',', to);
				label(to, metric->label, about);
			}
			fprintf(to, "} %.10g\n", check->value * metric->scale);
		}
}

void report_prometheus(const struct ward *ward, FILE *to)
{
	if (!ward->count)
		return;
	head(to, "mroom_health_status",
	     "Worst of all checks: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN");
	for (size_t i = 0; i < ward->count; i++) {
		fprintf(to, "mroom_health_status{");
		label(to, "id", ward->at[i].id);
		fprintf(to, "} %d\n", (int)ward->at[i].checkup.status);
	}
	head(to, "mroom_health_checked_timestamp_seconds", "When the server was checked last");
	for (size_t i = 0; i < ward->count; i++) {
		fprintf(to, "mroom_health_checked_timestamp_seconds{");
		label(to, "id", ward->at[i].id);
		fprintf(to, "} %.3f\n", (double)ward->at[i].checkup.at_ms / 1000);
	}
	head(to, "mroom_check_status", "A check: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN");
	for (size_t i = 0; i < ward->count; i++)
		for (size_t j = 0; j < ward->at[i].checkup.count; j++) {
			fprintf(to, "mroom_check_status{");
			label(to, "id", ward->at[i].id);
			fputc(',', to);
			label(to, "check", ward->at[i].checkup.at[j].name);
			fprintf(to, "} %d\n", (int)ward->at[i].checkup.at[j].status);
		}
	for (size_t i = 0; i < sizeof(metrics) / sizeof(*metrics); i++)
		print_metric(ward, &metrics[i], to);
}
