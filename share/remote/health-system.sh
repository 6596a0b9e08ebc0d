# How a machine itself is, for health.sh, which follows and has what is used here: linux, bsd, ports.
# shellcheck disable=SC2154 # of health.sh: tab, nl, system, release
# All that /proc tells, by one awk: mount points first, up to an empty line. It opens the files itself: one that is
# gone meanwhile must not be the end of it. Arguments: services, limits of control groups, then every /proc/PID/stat.
# shellcheck disable=SC2016 # for awk
proc='
function first(file, line) {
	if ((getline line <file) < 1) line = ""
	close(file)
	return line
}
# Mount points worth a look: no pseudo, no network, no snapshot file systems. One with odd bytes is followed by
# its octal form.
function mounts(name, octal) {
	print "mounts"
	while ((getline <"/proc/mounts") > 0) {
		if ($3 ~ /^(proc|sysfs|dev(tmpfs|pts)|cgroup2?|(security|debug|trace|hugetlb|config|efivar|binfmt_misc|rpc_pipe|n|ram)fs|pstore|bpf|autofs|mqueue|fusectl|binfmt_misc|squashfs|iso9660|nfs.*|cifs|smb.*|9p|ceph|afs|fuse\..*|selinuxfs|lxcfs|erofs)$/) continue
		if ($2 ~ /^\/(sys|proc)(\/|$)|\/sys\/fs\/cgroup/ || $2 ~ /^\/dev\/[^s]/ || $2 ~ /\/docker\/.*(overlay2|shm|netns)/) continue
		if ($3 == "overlay" && $2 != "/") continue
		if ($1 ~ /^\// && seen[$1]++) continue
		if (twice[$2]++) continue
		name = octal = $2
		gsub(/\\040/, " ", name)
		gsub(/\\043/, "#", name)
		if (!gsub(/\\01[12]|[[:cntrl:]]/, "?", name)) octal = ""
		gsub(/\\134/, "\\", name)
		gsub(/\\134/, "\\0134", octal)
		print name (octal == "" ? "" : tab octal)
	}
	print ""
}
function whole(line, f, cores, m) {
	print "boot" tab first("/proc/sys/kernel/random/boot_id")
	while ((getline line <"/proc/stat") > 0 && line ~ /^cpu/)
		if (line ~ /^cpu /) {
			split(line, f, " ")
			printf "cpu\t%.0f\t%.0f\n", f[2] + f[3] + f[4] + f[7] + f[8] + f[9], f[5] + f[6]
		} else cores++
	print "cores" tab cores
	split(first("/proc/loadavg"), f, " ")
	print "load" tab f[1] tab f[2] tab f[3]
	uptime = first("/proc/uptime") + 0
	print "uptime" tab int(uptime)
	while ((getline <"/proc/meminfo") > 0) m[$1] = $2
	if (!("MemAvailable:" in m)) m["MemAvailable:"] = m["MemFree:"] + m["Buffers:"] + m["Cached:"]
	print "memory" tab m["MemTotal:"] tab m["MemAvailable:"]
	print "swap" tab m["SwapTotal:"] tab m["SwapFree:"]
}
# Control groups with a limit: path, used (without what can be dropped), limit, in bytes.
function groups(files, n, f, i, limit, dir, file, old, used, count) {
	n = split(files, f, "\n")
	for (i = 1; i <= n && count < 100; i++) {
		limit = first(f[i])
		if (limit !~ /^[0-9]+$/ || length(limit) > 15) continue
		dir = f[i]
		old = !sub(/\/memory\.max$/, "", dir)
		sub(/\/memory\.limit_in_bytes$/, "", dir)
		used = first(dir (old ? "/memory.usage_in_bytes" : "/memory.current"))
		if (used == "") continue
		file = dir "/memory.stat"
		while ((getline <file) > 0)
			if ($1 == (old ? "total_inactive_file" : "inactive_file")) { used -= $2; break }
		close(file)
		sub(old ? "^/sys/fs/cgroup/memory" : "^/sys/fs/cgroup", "", dir)
		gsub(/[[:cntrl:]]/, "?", dir)
		printf "group\t%s\t%.0f\t%s\n", dir == "" ? "/" : dir, used, limit
		count++
	}
}
# Files say "pid (name) state ppid ...". A process that began within the last ten seconds and is not collected yet
# is no zombie to speak of.
function processes(services, i, line, part, at, pid, name, f, n, s, count, zombies, names, most, top) {
	for (i = 3; i < ARGC; i++) {
		line = ""
		while ((getline part <ARGV[i]) > 0) line = line (line == "" ? "" : "?") part
		close(ARGV[i])
		at = index(line, "(")
		if (!at || !match(line, /\) [A-Za-z] [-0-9 ]+$/)) continue
		pid = line + 0
		name = substr(line, at + 1, RSTART - at - 1)
		gsub(/[[:cntrl:]]/, "?", name)
		split(substr(line, RSTART + 2), f, " ")
		count++
		names[name] = 1
		if (f[1] == "Z" && uptime - f[20] / 100 > 10 && zombies++ < 10) print "zombie" tab pid tab f[2] tab name
		if (f[22] + 0 > most) { most = f[22] + 0; top = pid tab name }
	}
	print "processes" tab count tab zombies + 0
	if (top) print "top" tab top
	n = split(services, s, " ")
	for (i = 1; i <= n; i++)
		print "process" tab s[i] tab ((substr(s[i], 1, 15) in names) || (substr(s[i] "d", 1, 15) in names) ? "yes" : "no")
}
function network(route) {
	while ((getline <"/proc/net/route") > 0) {
		if (route == "") route = "no"
		if ($2 == "00000000" && $8 == "00000000") route = "yes"
	}
	while (route != "yes" && (getline <"/proc/net/ipv6_route") > 0)
		if ($1 ~ /^0+$/ && $2 == "00" && $10 != "lo") route = "yes"
	if (route) print "route" tab route
}
BEGIN {
	tab = "\t"
	mounts()
	whole()
	groups(ARGV[2])
	processes(ARGV[1])
	network()
}'
# A line of stat, in numbers, and a name that may hold blanks.
disk() {
	name=${1#* * * * * * * }
	IFS=" "
	# shellcheck disable=SC2086 # fields
	set -- $1
	IFS=$nl
	case $1$2$3$4$5$6 in
	*[!0-9]* | "") return ;;
	esac
	[ "$2" -gt 0 ] || return
	kind=device
	[ "$7" != 1021994 ] || kind= # tmpfs
	printf "disk\t%s\t%s\t%s\t%s\t%s\n" "$name" $(($2 * $1 / 1024)) $((($2 - $3) * $1 / 1024)) $(($4 * $1 / 1024)) $kind
	printf "inodes\t%s\t%s\t%s\n" "$name" "$5" $(($5 - $6))
}
# What listens on TCP, asked for only where it matters: to find that in /proc, the kernel goes through all it could
# hold of connections.
ports() {
	if [ "$system" = Linux ] && have ss && list=$(brief ss -ltn 2>/dev/null); then
		echo ports
		was=$IFS IFS=$nl
		set -f
		for line in $list; do
			IFS=" "
			# shellcheck disable=SC2086 # fields
			set -- $line
			[ "$1" != LISTEN ] || printf "listen\ttcp\t%s.%s\n" "${4%:*}" "${4##*:}"
		done
		set +f
		IFS=$was
	elif [ -r /proc/net/tcp ]; then
		echo ports
		for file in tcp tcp6; do
			[ ! -r /proc/net/$file ] || awk -v file=$file \
				'$4 == "0A" { print "port\t" file "\t" $2 }' /proc/net/$file
		done
	elif list=$(netstat -an 2>/dev/null); then
		echo ports
		printf "%s\n" "$list" | awk -v tab="$tab" '$NF == "LISTEN" { print "listen" tab "tcp" tab $4 }'
	fi
}
# The file systems at these mount points, a line each.
disks() {
	was=$IFS IFS=$nl list=
	set -f
	for mount in $1; do
		case $mount in
		*"$tab"*)
			real=$(printf "%b." "${mount#*"$tab"}") real=${real%.}
			[ -f "$real" ] || disk "$(stat -f -c "%S %b %f %a %c %d %t" "$real" 2>/dev/null) ${mount%%"$tab"*}"
			;;
		/*) [ -f "$mount" ] || list=$list$nl$mount ;;
		esac
	done
	# shellcheck disable=SC2086 # lines
	[ -z "$list" ] || for line in $(stat -f -c "%S %b %f %a %c %d %t %n" $list 2>/dev/null); do
		disk "$line"
	done
	set +f
	IFS=$was
}
linux() {
	groups=
	if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
		groups=$(find /sys/fs/cgroup -maxdepth 6 -name memory.max 2>/dev/null)
	elif [ -d /sys/fs/cgroup/memory ]; then
		groups=$(find /sys/fs/cgroup/memory -maxdepth 5 -name memory.limit_in_bytes 2>/dev/null)
	fi
	all=$(awk "$proc" "$1" "$groups" /proc/[0-9]*/stat 2>/dev/null)
	printf "%s\n" "${all#*"$nl$nl"}"
	disks "${all%%"$nl$nl"*}"
	if [ -f /run/reboot-required ] || [ -f /var/run/reboot-required ]; then
		say reboot yes
	elif [ -d "/lib/modules/$release" ]; then
		say reboot no
	else
		for file in /lib/modules/*/modules.dep; do
			[ ! -f "$file" ] || { say reboot yes; break; }
		done
	fi
}
# df without its heading, as disks() has it.
table() {
	awk -v tab="$tab" '
	NR > 1 && match($0, / [0-9]+ +-?[0-9]+ +-?[0-9]+ +[0-9]+% +/) {
		split(substr($0, RSTART, RLENGTH), n, " ")
		name = substr($0, RSTART + RLENGTH)
		gsub(/[[:cntrl:]]/, "?", name)
		if (n[1] > 0) print "disk" tab name tab n[1] tab n[2] tab n[3] tab "device"
	}'
}
# FreeBSD and macOS.
bsd() {
	say cores "$(sysctl -n hw.ncpu)"
	sysctl -n vm.loadavg | awk -v tab="$tab" '{ gsub(/[{}]/, ""); print "load" tab $1 tab $2 tab $3 }'
	sysctl -n kern.boottime | awk -v tab="$tab" -v now="$(date +%s)" '
	match($0, /sec = [0-9]+/) { t = substr($0, RSTART + 6, RLENGTH - 6); print "boot" tab t; print "uptime" tab now - t }'
	case $system in
	Darwin)
		memory=$(($(sysctl -n hw.memsize) / 1024))
		vm_stat | awk -v tab="$tab" -v total="$memory" '
		/page size of/ { size = $8 }
		/Pages (free|inactive|speculative)/ { free += $NF }
		END { print "memory" tab total tab int(free * size / 1024) }'
		sysctl -n vm.swapusage | awk -v tab="$tab" '{ print "swap" tab int($3 * 1024) tab int($9 * 1024) }'
		;;
	*)
		memory=$(($(sysctl -n hw.physmem) / 1024)) size=$(sysctl -n hw.pagesize) free=0
		for key in v_free_count v_inactive_count v_laundry_count; do
			free=$((free + $(sysctl -n vm.stats.vm.$key 2>/dev/null || echo 0)))
		done
		say memory "$memory" $((free * size / 1024))
		swapinfo -k | awk -v tab="$tab" '$1 ~ /^\// { t += $2; f += $4 } END { print "swap" tab t + 0 tab f + 0 }'
		sysctl -n kern.cp_time | awk -v tab="$tab" '{ print "cpu" tab $1 + $2 + $3 + $4 tab $5 }'
		;;
	esac
	df -Pkl 2>/dev/null | grep -Ev "^(devfs|fdescfs|procfs|linprocfs|linsysfs|map) " | table
	ps -axo pid=,ppid=,stat=,rss=,comm= | awk -v tab="$tab" -v services="$1" '
	{
		name = $5; sub(/.*\//, "", name); seen[name] = 1; count++
		if ($3 ~ /^Z/ && zombies++ < 10) print "zombie" tab $1 tab $2 tab name
	}
	END {
		print "processes" tab count tab zombies + 0
		n = split(services, s, " ")
		for (i = 1; i <= n; i++)
			print "process" tab s[i] tab ((s[i] in seen) || ((s[i] "d") in seen) ? "yes" : "no")
	}'
	netstat -rn 2>/dev/null | awk -v tab="$tab" '$1 == "default" { r = "yes" } END { print "route" tab (r ? r : "no") }'
}
