#!/usr/bin/env bats
# The probe of mroom health: any shell tells the same, and troubles that are really there are found.
# shellcheck disable=SC2154,SC2016 # stderr is what run --separate-stderr sets; other shells expand

bats_require_minimum_version 1.5.0
load lib/lab

setup_file() {
	lab_sshd_start
	cat "$MROOM_TOP/share/remote/health-system.sh" "$MROOM_TOP/share/remote/health.sh" >"$LAB/probe.sh"
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	lab_room 2
	printf '[health]\nping_address =\ndns_name =\n' >"$MROOM_HOME/config.ini"
}

# Runs a command in the file system that the lab's servers see.
on_server() {
	require namespaces
	nsenter -t "$(cat "$LAB/pid")" -m "$@"
}

# The probe under a shell, in namespaces of its own where nothing changes meanwhile.
probe() {
	unshare -n -p -f --mount-proc sh -c 'ip link set lo up; exec "$@"' sh "$@" \
		"$LAB/probe.sh" 127.0.0.1 localhost '/etc/ssl/certs/ca-cert*.pem /etc/passwd' 'cron sh' '' '' ports
}

# What does not change from one moment to the next.
lasting() {
	awk -F'\t' '
		/^(time|cpu|load|uptime|processes|top)\t/ { print $1; next }
		/^(ping)\t/ { print $1, $2, $3; next }
		/^(memory|disk|inodes)\t/ { print $1, $2, $1 == "memory" ? "" : $3; next }
		{ print }' | sort
}

@test "dash, bash and busybox tell the same facts, with busybox's own tools too" {
	require namespaces dash bash busybox ip
	probe dash | lasting >"$BATS_TEST_TMPDIR/dash"
	probe bash | lasting | diff -u "$BATS_TEST_TMPDIR/dash" -
	probe busybox sh | lasting | diff -u "$BATS_TEST_TMPDIR/dash" -
	mkdir "$BATS_TEST_TMPDIR/tools"
	busybox --install -s "$BATS_TEST_TMPDIR/tools"
	ln -sf "$(command -v getent)" "$(command -v openssl)" "$(command -v ip)" "$BATS_TEST_TMPDIR/tools/"
	PATH=$BATS_TEST_TMPDIR/tools:$PATH probe "$(command -v busybox)" sh | lasting |
		diff -u "$BATS_TEST_TMPDIR/dash" -
	for fact in host boot cores load memory swap uptime processes disk inodes route dns ping certificate process ports end; do
		grep -q "^$fact" "$BATS_TEST_TMPDIR/dash" || { echo "no $fact"; return 1; }
	done
	grep -qP "^route\tno" "$BATS_TEST_TMPDIR/dash"
}

@test "the probe fits into one command, own quoting and sudo included" {
	run --separate-stderr mroom health check web-01 --only 'load1'
	[ "$(wc -l <<<"$output")" -eq 1 ]
	[ "$(wc -c <"$LAB/probe.sh")" -lt 20000 ]
}

@test "a file system that fills up is WARNING, then CRITICAL, and named" {
	on_server mkdir -p "$LAB/full"
	on_server mount -t tmpfs -o size=1M tmpfs "$LAB/full"
	on_server dd if=/dev/zero of="$LAB/full/file" bs=1024 count=870 status=none
	run --separate-stderr mroom health check web-01 --only "disk:$LAB/full"
	[ "$status" -eq 1 ]
	on_server dd if=/dev/zero of="$LAB/full/file" bs=1024 count=1000 status=none
	run --separate-stderr mroom health check web-01 --only "disk:$LAB/full"
	[ "$status" -eq 2 ]
	[[ $output == "$(printf 'web-01\tCRITICAL\tdisk:%s/full\t97.7\t24 KB of 1.0 MB free' "$LAB")" ]]
	on_server umount "$LAB/full"
}

@test "inodes run out as space does; odd bytes in a mount point do no harm" {
	on_server mkdir -p "$LAB/a b	\\c"
	on_server mount -t tmpfs -o size=1M,nr_inodes=10 tmpfs "$LAB/a b	\\c"
	on_server touch "$LAB/a b	\\c"/{1,2,3,4,5,6,7,8,9}
	run --separate-stderr mroom health check web-01 --only 'inodes:*c' --columns status,check
	[ "$status" -eq 2 ]
	[ "$output" = "$(printf 'CRITICAL\tinodes:%s/a b?\\\\c' "$LAB")" ]
	on_server umount "$LAB/a b	\\c"
}

@test "a process of any name is one process, and ports are told by ss as by /proc" {
	require namespaces perl ss busybox
	perl -e '$0 = "a)Z\nzombie"; sleep 300' 3>&- &
	perl -MIO::Socket::INET -e '$l = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.7:7777") or die;
		print "up\n"; close STDOUT; sleep 300' >"$BATS_TEST_TMPDIR/up" 3>&- &
	lab_wait "test -s $BATS_TEST_TMPDIR/up"
	sh "$LAB/probe.sh" "" "" "" 'a)Z?zombie' "" "" ports >"$BATS_TEST_TMPDIR/facts"
	mkdir "$BATS_TEST_TMPDIR/tools"
	ln -s "$(command -v busybox)" "$BATS_TEST_TMPDIR/tools/"
	for tool in awk date find stat uname; do ln -s busybox "$BATS_TEST_TMPDIR/tools/$tool"; done
	sed '/^PATH=\|^LC_ALL/s/ PATH=.*//' "$LAB/probe.sh" >"$BATS_TEST_TMPDIR/probe"
	PATH=$BATS_TEST_TMPDIR/tools busybox sh "$BATS_TEST_TMPDIR/probe" "" "" "" "" "" "" ports >"$BATS_TEST_TMPDIR/plain"
	kill %1 %2
	grep -qx 'listen	tcp	127.0.0.7.7777' "$BATS_TEST_TMPDIR/facts"
	grep -qx 'port	tcp	0700007F:1E61' "$BATS_TEST_TMPDIR/plain"
	grep -Fqx 'process	a)Z?zombie	yes' "$BATS_TEST_TMPDIR/facts"
}

@test "a process that takes the memory of its control group is found" {
	require namespaces perl
	local group=/sys/fs/cgroup/memory/mroom-$$ limit=memory.limit_in_bytes
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		group=/sys/fs/cgroup/mroom-$$ limit=memory.max
		echo +memory >/sys/fs/cgroup/cgroup.subtree_control || skip "no memory controller here"
	fi
	mkdir "$group" || skip "no memory control groups here"
	echo 67108864 >"$group/$limit"
	sh -c 'echo $$ >"$1/cgroup.procs"; exec perl -e "vec(\$x, 8 * 61 * 1024 * 1024, 1) = 0; print 1; close STDOUT; sleep 100"' \
		sh "$group" >"$BATS_TEST_TMPDIR/hog" 3>&- &
	lab_wait "test -s $BATS_TEST_TMPDIR/hog"
	run --separate-stderr mroom health check web-01 --only "cgroup:*/mroom-$$"
	kill -9 %1
	wait
	lab_wait "rmdir $group"
	[ "$status" -ge 1 ]
	[[ $output =~ "cgroup:/mroom-$$"[[:space:]]9[0-9.]+[[:space:]].*"of its 64 MB of memory in use" ]]
}

@test "a zombie is counted and named with its parent" {
	require perl
	perl -e 'exec "sh", "-c", "exit" unless fork; $0 = "parent"; sleep 300' 3>&- &
	local parent=$!
	# It counts once it has been one for ten seconds.
	found() {
		mroom health check web-01 --only zombies -q | grep "child of $parent)"
	}
	lab_wait found 60
	run --separate-stderr mroom health check web-01 --only zombies
	kill "$parent"
	[ "$status" -ge 1 ]
	[[ $output =~ zombies.*"sh ("[0-9]+", child of $parent)" ]]
}

@test "a resolver that does not answer is CRITICAL" {
	echo 'nameserver 127.0.0.254' >"$LAB/resolv.conf"
	on_server mount --bind "$LAB/resolv.conf" /etc/resolv.conf
	MROOM_HEALTH_DNS_NAME=example.com run --separate-stderr mroom health check web-01 --only dns
	on_server umount /etc/resolv.conf
	[ "$status" -eq 2 ]
	[ "$output" = "$(printf 'web-01\tCRITICAL\tdns\t\texample.com does not resolve')" ]
}

@test "an address that does not answer is CRITICAL, one that does is OK with its time" {
	MROOM_HEALTH_PING_ADDRESS=127.0.0.1 run --separate-stderr mroom health check web-01 --only ping
	[ "$status" -eq 0 ]
	[[ $output =~ 'answers in' ]]
	# No route leads there from loopback.
	MROOM_HEALTH_PING_ADDRESS=::2 run --separate-stderr mroom health check web-01 --only ping
	[ "$status" -eq 2 ]
	[[ $output == *"no answer from ::2" ]]
}

@test "a clock that is wrong is found, with how much" {
	printf '#!/bin/sh\necho $(($(/usr/bin/env -i /bin/busybox date +%%s) - 3600))\n' >"$LAB/date"
	sed -i "s|/bin/busybox|$(command -v busybox)|" "$LAB/date"
	chmod 755 "$LAB/date"
	require busybox
	on_server mount --bind "$LAB/date" "$(readlink -f "$(command -v date)")"
	run --separate-stderr mroom health check web-01 --only clock
	on_server umount "$(readlink -f "$(command -v date)")"
	[ "$status" -eq 2 ]
	[[ $output =~ CRITICAL.clock.3[56][0-9]+.3[56][0-9]+' s behind the console' ]]
}

@test "containers in trouble are CRITICAL by name" {
	on_server mkdir -p /run/fake
	on_server sh -c 'mount -t tmpfs tmpfs /run/fake; ln -sfn /run /run/fake/run'
	cat >"$LAB/docker" <<-'DOCKER'
	#!/bin/sh
	printf 'web\tUp 3 minutes (unhealthy)\ndb\tUp 2 hours (healthy)\njob\tExited (0) 3 days ago\nloop\tRestarting (1) 2 seconds ago\n'
	DOCKER
	chmod 755 "$LAB/docker"
	on_server sh -c 'test -d /usr/local/bin && mount -t tmpfs tmpfs /usr/local/bin && cp "$1" /usr/local/bin/docker && chmod 755 /usr/local/bin' \
		sh "$LAB/docker"
	on_server perl -MIO::Socket::UNIX -e 'unlink "/run/docker.sock"; IO::Socket::UNIX->new(Local => "/run/docker.sock", Listen => 1) or die'
	run --separate-stderr mroom health check web-01 --only 'container*' --columns status,check,value,text
	on_server umount /usr/local/bin /run/fake
	on_server rm -f /run/docker.sock
	[ "$status" -eq 2 ]
	[ "$output" = "$(printf 'CRITICAL\tcontainer:loop\t\tRestarting (1) 2 seconds ago\nCRITICAL\tcontainer:web\t\tUp 3 minutes (unhealthy)\nOK\tcontainers\t2\t2 running, 2 in trouble (docker)')" ]
}

@test "a certificate near its end is WARNING, one that ended CRITICAL" {
	require openssl
	for days in 10 3 60; do
		openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -out "$LAB/$days.pem" -days "$days" \
			-subj /CN=lab 2>/dev/null
	done
	MROOM_HEALTH_CERTIFICATES="$LAB/*.pem" run --separate-stderr mroom health check web-01 --only 'certificate:*' --columns status,check
	[ "$status" -eq 2 ]
	[ "$output" = "$(printf 'CRITICAL\tcertificate:%s/3.pem\nWARNING\tcertificate:%s/10.pem\nOK\tcertificate:%s/60.pem' "$LAB" "$LAB" "$LAB")" ]
}

@test "a probe that hangs is killed in time, and what it said until then counts" {
	mkdir "$MROOM_HOME/checks"
	printf '#!/bin/sh\nexec sleep 8\n' >"$MROOM_HOME/checks/slow"
	chmod +x "$MROOM_HOME/checks/slow"
	run --separate-stderr mroom health check web-01 -u 3s
	[ "$status" -ge 2 ]
	[[ $output == *"$(printf 'UNKNOWN\tprobe')"* ]]
	[[ $output == *memory* ]]
}

# Makes a program of that name that prints what comes on standard input.
stand_in() {
	{
		echo '#!/bin/sh'
		cat
	} >"$BATS_TEST_TMPDIR/tools/$1"
	chmod +x "$BATS_TEST_TMPDIR/tools/$1"
}

# These systems have no /proc.
without_proc() {
	unshare -m sh -c 'mount -t tmpfs tmpfs /proc && exec "$@"' sh "$@"
}

@test "FreeBSD's and macOS's answers are understood" {
	require namespaces
	mkdir "$BATS_TEST_TMPDIR/tools"
	stand_in uname <<<'case $1 in -s) echo "${SYSTEM}" ;; -r) echo 14.1 ;; -n) echo box ;; -m) echo amd64 ;; esac'
	stand_in sysctl <<-'TOOL'
	case $2 in
	hw.ncpu) echo 4 ;; hw.physmem | hw.memsize) echo 8589934592 ;; hw.pagesize) echo 4096 ;;
	vm.loadavg) echo "{ 8.00 4.00 2.00 }" ;; kern.boottime) echo "{ sec = 1700000000, usec = 5 } Tue Nov 14" ;;
	kern.cp_time) echo "100 1 50 9 1000" ;; vm.stats.vm.v_free_count) echo 100000 ;;
	vm.stats.vm.v_inactive_count) echo 20000 ;; vm.stats.vm.v_laundry_count) echo 1000 ;;
	vm.swapusage) echo "total = 2048.00M  used = 1024.00M  free = 1024.00M  (encrypted)" ;;
	*) exit 1 ;;
	esac
	TOOL
	stand_in swapinfo <<<'printf "Device 1K-blocks Used Avail Capacity\n/dev/ada0p3 2097152 524288 1572864 25%%\n"'
	stand_in vm_stat <<<'printf "Mach Virtual Memory Statistics: (page size of 16384 bytes)\nPages free:  1000.\nPages active: 5.\nPages inactive: 200.\n"'
	stand_in df <<-'TOOL'
	printf "Filesystem 1024-blocks Used Avail Capacity Mounted on\nzroot/ROOT/default 1000 900 100 90%% /\n"
	printf "devfs 1 1 0 100%% /dev\n/dev/disk3 2000 1000 1000 50%% /Volumes/My Disk\n"
	TOOL
	stand_in ps <<<'printf "1 0 Ss 100 /sbin/launchd\n2 1 Z 0 defunct\n3 1 S 100 /usr/sbin/sshd\n"'
	stand_in netstat <<<'case $1 in -rn) echo "default 10.0.0.1 UGS em0" ;; -an) echo "tcp4 0 0 *.22 *.* LISTEN" ;; esac'
	for system in FreeBSD Darwin; do
		PATH=$BATS_TEST_TMPDIR/tools:$PATH SYSTEM=$system without_proc dash "$LAB/probe.sh" \
			"" "" "" ssh "" "" ports >"$BATS_TEST_TMPDIR/$system"
	done
	mv "$BATS_TEST_TMPDIR/FreeBSD" "$BATS_TEST_TMPDIR/freebsd"
	mv "$BATS_TEST_TMPDIR/Darwin" "$BATS_TEST_TMPDIR/macos"
	for fact in 'memory	8388608	484000' 'swap	2097152	1572864' 'cpu	160	1000' 'boot	1700000000'; do
		grep -qx "$fact" "$BATS_TEST_TMPDIR/freebsd" || { echo "$fact"; cat "$BATS_TEST_TMPDIR/freebsd"; return 1; }
	done
	for fact in 'memory	8388608	19200' 'swap	2097152	1048576'; do
		grep -qx "$fact" "$BATS_TEST_TMPDIR/macos" || { echo "$fact"; cat "$BATS_TEST_TMPDIR/macos"; return 1; }
	done
	for fact in 'cores	4' 'load	8.00	4.00	2.00' 'disk	/	1000	900	100	device' 'disk	/Volumes/My Disk	2000	1000	1000	device' \
		'processes	3	1' 'zombie	2	1	defunct' 'process	ssh	yes' 'route	yes' 'listen	tcp	\*.22' end; do
		grep -qx "$fact" "$BATS_TEST_TMPDIR/freebsd" || { echo "$fact"; cat "$BATS_TEST_TMPDIR/freebsd"; return 1; }
		grep -qx "$fact" "$BATS_TEST_TMPDIR/macos" || { echo "macos: $fact"; cat "$BATS_TEST_TMPDIR/macos"; return 1; }
	done
	run ! grep -q '^disk	/dev	' "$BATS_TEST_TMPDIR/macos"
}
