#!/usr/bin/env bats
# Many servers at once in one process.

load lib/lab

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
}

@test "five thousand sessions are open at once in one process of modest size, and all end well" {
	not_quick
	local n limit pid key up=$BATS_TEST_TMPDIR/up
	n=$(rounds 5000)
	limit=$((15000 + n * 116)) # KiB: under 600 MB for 5000
	awk -v n="$n" -v user="$LAB_USER" -v port="$LAB_PORT" -v key="$LAB_KEY" 'BEGIN {
		for (i = 0; i < n; i++)
			printf "web-%d--127.1.%d.%d--%s----%d--%s\n", i, i / 250, i % 250 + 1, user, port, key
	}' >"$BATS_TEST_TMPDIR/many.txt"
	mroom inventory import -q "$BATS_TEST_TMPDIR/many.txt" >"$BATS_TEST_TMPDIR/import" 2>&1
	for key in "$LAB"/host_*.pub; do
		echo "[127.1.*]:$LAB_PORT $(cut -d' ' -f1,2 "$key")"
	done >"$MROOM_HOME/known_hosts"
	: >"$up"
	mkfifo "$BATS_TEST_TMPDIR/gate"
	# Each says that it is there and waits for the gate to be opened.
	mroom exec -a -f "$n" -t 120s -- "echo up; : <'$BATS_TEST_TMPDIR/gate'" >"$up" 2>"$BATS_TEST_TMPDIR/err" &
	pid=$!
	lab_wait "[ \$(wc -l <$up) -eq $n ] || ! kill -0 $pid" 900
	[ "$(wc -l <"$up")" -eq "$n" ]
	echo "$n sessions open: $(grep -E 'VmHWM|Threads' "/proc/$pid/status" | paste -sd' ')"
	[ "$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status")" -lt "$limit" ]
	[ "$(wc -w <"/proc/$pid/task/$pid/children")" -eq 0 ]
	# Held open: some may only be on their way to it.
	exec 8<>"$BATS_TEST_TMPDIR/gate"
	wait "$pid" || tail -n 5 "$BATS_TEST_TMPDIR/err"
	exec 8>&-
	grep -q "^$n servers in .*: $n ok$" "$BATS_TEST_TMPDIR/err"
}
