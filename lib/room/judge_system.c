/* The machine itself: memory, load, disks, processes, clock. */
#include <stdio.h>
#include <string.h>

#include "lib/base/num.h"
#include "lib/room/judge_parts.h"

/* Over less time than this the probe itself is most of what it sees. */
#define CPU_SPAN 1000 /* ticks: about ten seconds of one core */

static const struct fact *first(const struct sitting *sitting, const char *word)
{
	return facts_find(sitting->facts, word, NULL);
}

/* To `places` decimal places; what is absurdly large stays as it is. */
static double rounded(double value, int places)
{
	double factor = 1;

	while (places--)
		factor *= 10;
	if (value < 0 || value > 1e12)
		return value;
	return (double)(int64_t)(value * factor + 0.5) / factor;
}

static double percent(double part, double whole)
{
	return whole > 0 ? rounded(part / whole * 100, 1) : 0;
}

/* What a container may use is less than what its machine has. */
static double own_limit_kib(const struct sitting *sitting, double *used)
{
	const struct fact *group = NULL;
	double limit;

	while ((group = facts_find(sitting->facts, "group", group)))
		if (!strcmp(group->field[0], "/") && fact_number(group, 1, used) &&
		    fact_number(group, 2, &limit)) {
			*used /= 1024;
			return limit / 1024;
		}
	return 0;
}

static void judge_required_ram(const struct sitting *sitting, double kib)
{
	double wanted = (double)config_int(sitting->judge->config, "require", "ram_gb");
	char have[32];

	/* A machine sold as 4 GB shows a little less: the kernel keeps some. */
	if (wanted <= 0)
		return;
	show_kib(have, sizeof(have), kib);
	sitting_say(sitting, kib >= wanted * 0.9 * 1024 * 1024 ? HEALTH_OK : HEALTH_WARNING,
		    "require:ram", "%s, %.0f GB wanted", have, wanted);
}

static void judge_memory(const struct sitting *sitting)
{
	const struct fact *memory = first(sitting, "memory"), *swap = first(sitting, "swap");
	const struct fact *top = first(sitting, "top");
	double total, available, used = 0, limit, free_swap;
	char have[32], spare[32];

	if (fact_number(memory, 0, &total) && fact_number(memory, 1, &available) && total > 0) {
		limit = own_limit_kib(sitting, &used);
		if (limit > 0 && limit < total) {
			total = limit;
			available = used < limit ? limit - used : 0;
		}
		show_kib(have, sizeof(have), total);
		show_kib(spare, sizeof(spare), available);
		sitting_value(sitting, "memory", NULL, percent(total - available, total), "%",
			      "%s of %s available%s%s", spare, have,
			      top && *top->field[1] ? ", most in " : "", top ? top->field[1] : "");
		judge_required_ram(sitting, total);
	}
	if (fact_number(swap, 0, &total) && fact_number(swap, 1, &free_swap) && total > 0) {
		show_kib(have, sizeof(have), total);
		show_kib(spare, sizeof(spare), free_swap);
		sitting_value(sitting, "swap", NULL, percent(total - free_swap, total), "%",
			      "%s of %s free", spare, have);
	}
}

static void judge_groups(const struct sitting *sitting)
{
	const struct fact *group = NULL;
	double used, limit;
	char shown[2][32];

	while ((group = facts_find(sitting->facts, "group", group))) {
		if (!strcmp(group->field[0], "/") || !fact_number(group, 1, &used) ||
		    !fact_number(group, 2, &limit) || limit <= 0)
			continue;
		show_kib(shown[0], sizeof(shown[0]), used / 1024);
		show_kib(shown[1], sizeof(shown[1]), limit / 1024);
		sitting_value(sitting, "cgroup", group->field[0], percent(used, limit), "%",
			      "%s of its %s of memory in use", shown[0], shown[1]);
	}
}

static void judge_load(const struct sitting *sitting)
{
	static const char *const keys[] = {"load1", "load5", "load15"};
	const struct fact *load = first(sitting, "load");
	double cores, value;

	if (!fact_number(first(sitting, "cores"), 0, &cores) || cores < 1)
		return;
	for (size_t i = 0; i < 3; i++)
		if (fact_number(load, i, &value))
			sitting_value(sitting, keys[i], NULL, rounded(value / cores, 2), "",
				      "load %.2f on %.0f core%s", value, cores,
				      cores > 1 ? "s" : "");
}

/*
 * CPU time counts up from the boot: what was used between two checks is their difference. The
 * first check has nothing to compare with but the boot: that is shown, not judged.
 */
static void judge_cpu(const struct sitting *sitting)
{
	const struct checkup *before = sitting->judge->before;
	const struct fact *start = first(sitting, "cpu");
	const struct fact *boot = first(sitting, "boot");
	struct cpu_times *now = &sitting->checkup->cpu;
	double busy, idle, span;
	struct check *again;

	if (!boot || !fact_number(start, 0, &now->busy) || !fact_number(start, 1, &now->idle))
		return;
	snprintf(now->boot, sizeof(now->boot), "%s", boot->field[0]);
	if (before && !strcmp(before->cpu.boot, now->boot)) {
		const struct check *old = checkup_find(before, "cpu");

		busy = now->busy - before->cpu.busy;
		idle = now->idle - before->cpu.idle;
		if (busy >= 0 && idle >= 0 && busy + idle < CPU_SPAN && old && old->has_value) {
			/* Too short a time to tell: it goes on from where the last one began. */
			*now = before->cpu;
			again = sitting_say(sitting, old->status, "cpu", "%s", old->text);
			if (!again)
				return;
			again->levels = old->levels;
			again->value = old->value;
			again->has_value = true;
			memcpy(again->unit, old->unit, sizeof(again->unit));
			return;
		}
		if (busy >= 0 && idle >= 0 && busy + idle >= CPU_SPAN) {
			span = (double)(sitting->checkup->at_ms - before->at_ms) / 60000;
			sitting_value(sitting, "cpu", NULL, percent(busy, busy + idle), "%",
				      "over the last %.0f min", span < 1 ? 1 : span);
			return;
		}
	}
	if (now->busy + now->idle > 0) {
		struct check *check = sitting_say(sitting, HEALTH_OK, "cpu", "since it booted");

		if (!check)
			return;
		check->has_value = true;
		check->value = percent(now->busy, now->busy + now->idle);
		memcpy(check->unit, "%", 2);
	}
}

/* The sum of the disks that the settings want: every file system on a device. */
static void judge_required_disk(const struct sitting *sitting, double kib)
{
	double wanted = (double)config_int(sitting->judge->config, "require", "disk_gb");
	char have[32];

	if (wanted <= 0 || kib <= 0)
		return;
	show_kib(have, sizeof(have), kib);
	sitting_say(sitting, kib >= wanted * 0.9 * 1024 * 1024 ? HEALTH_OK : HEALTH_WARNING,
		    "require:disk", "%s, %.0f GB wanted", have, wanted);
}

static void judge_disks(const struct sitting *sitting)
{
	const struct fact *disk = NULL;
	double total, used, available, sum = 0;
	char have[32], spare[32];

	while ((disk = facts_find(sitting->facts, "disk", disk))) {
		if (!fact_number(disk, 1, &total) || !fact_number(disk, 2, &used) ||
		    !fact_number(disk, 3, &available))
			continue;
		if (!strcmp(disk->field[4], "device"))
			sum += total;
		show_kib(have, sizeof(have), total);
		show_kib(spare, sizeof(spare), available > 0 ? available : 0);
		/* As df counts: what is kept for root is not there for others. */
		sitting_value(sitting, "disk", disk->field[0],
			      percent(used, used + (available > 0 ? available : 0)), "%",
			      "%s of %s free", spare, have);
	}
	while ((disk = facts_find(sitting->facts, "inodes", disk)))
		if (fact_number(disk, 1, &total) && fact_number(disk, 2, &used) && total > 0)
			sitting_value(sitting, "inodes", disk->field[0], percent(used, total), "%",
				      "%.0f of %.0f free", total - used, total);
	judge_required_disk(sitting, sum);
}

static void judge_processes(const struct sitting *sitting)
{
	const struct fact *processes = first(sitting, "processes"), *zombie = NULL;
	struct buf names = BUF_INIT;
	double count, zombies;

	if (fact_number(processes, 0, &count))
		sitting_value(sitting, "processes", NULL, count, "", "%.0f processes", count);
	if (fact_number(processes, 1, &zombies)) {
		while ((zombie = facts_find(sitting->facts, "zombie", zombie)))
			buf_format(&names, "%s%s (%s, child of %s)", names.len ? ", " : ": ",
				   zombie->field[2], zombie->field[0], zombie->field[1]);
		sitting_value(sitting, "zombies", NULL, zombies, "", "%.0f zombie%s%s", zombies,
			      zombies == 1 ? "" : "s", names.at);
	}
	buf_finish(&names);
}

static void judge_times(const struct sitting *sitting)
{
	const struct fact *reboot = first(sitting, "reboot");
	struct buf text = BUF_INIT;
	struct check *check;
	double uptime, server, offset = 0;
	int64_t sent_s = sitting->judge->sent_ms / 1000, got_s = sitting->judge->got_ms / 1000 + 1;
	double sent = (double)sent_s, got = (double)got_s;

	if (fact_number(first(sitting, "uptime"), 0, &uptime) && uptime >= 0 && uptime < 1e12) {
		num_show_duration(&text, (int64_t)uptime * 1000);
		check = sitting_say(sitting, HEALTH_OK, "uptime", "up %s", text.at);
		if (check) {
			check->has_value = true;
			check->value = uptime;
			memcpy(check->unit, "s", 2);
		}
	}
	if (reboot)
		sitting_say(sitting, strcmp(reboot->field[0], "yes") ? HEALTH_OK : HEALTH_WARNING,
			    "reboot", "%s",
			    strcmp(reboot->field[0], "yes") ? "not needed" : "needed");
	/* The server's answer was made between sending and getting: only what is outside that
	 * counts. */
	if (fact_number(first(sitting, "time"), 0, &server)) {
		if (server < sent)
			offset = server - sent;
		else if (server > got)
			offset = server - got;
		sitting_value(sitting, "clock", NULL, offset < 0 ? -offset : offset, "s",
			      offset > 0   ? "%.0f s ahead of the console"
			      : offset < 0 ? "%.0f s behind the console"
					   : "as the console's, give or take %.0f s",
			      offset > 0   ? offset
			      : offset < 0 ? -offset
					   : got - sent);
	}
	buf_finish(&text);
}

void judge_system(const struct sitting *sitting)
{
	judge_memory(sitting);
	judge_groups(sitting);
	judge_load(sitting);
	judge_cpu(sitting);
	judge_disks(sitting);
	judge_processes(sitting);
	judge_times(sitting);
}
