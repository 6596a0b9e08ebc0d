#!/usr/bin/env bats
# mroom health ports, db and alert.
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # stderr is what run --separate-stderr sets; other shells expand

bats_require_minimum_version 1.5.0
load lib/lab

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	lab_room 2
	printf '[health]\nping_address =\ndns_name =\n' >"$MROOM_HOME/config.ini"
}

# Listens on a port of its own in the background until the test ends: PORT.
listen() {
	rm -f "$BATS_TEST_TMPDIR/port"
	perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => $ARGV[0], Listen => 1) or die;
		$| = 1; print $s->sockport, "\n"; close STDOUT; sleep 100' "$1" >"$BATS_TEST_TMPDIR/port" 3>&- &
	LISTENER=$!
	lab_wait "test -s $BATS_TEST_TMPDIR/port"
	PORT=$(cat "$BATS_TEST_TMPDIR/port")
}

teardown() {
	[ -z "${LISTENER:-}" ] || kill "$LISTENER" 2>/dev/null || :
}

@test "ports are listed, and kept as state" {
	run --separate-stderr mroom health ports web-01
	[ "$status" -eq 0 ]
	grep -qx "web-01	tcp	$LAB_PORT	0.0.0.0	[a-z]*	known	" <<<"$output"
	[[ $(sqlite3 "$MROOM_HOME/mroom.db" "SELECT value FROM state WHERE key = 'ports'") == *"tcp 0.0.0.0 $LAB_PORT"* ]]
}

@test "what is new and what is gone since the last time is WARNING" {
	mroom health ports web-01 -q >/dev/null
	listen 0.0.0.0
	run --separate-stderr mroom health ports web-01 --changes
	[ "$status" -eq 1 ]
	grep -q "^web-01	tcp	$PORT	0.0.0.0	.*	new	$" <<<"$output"
	kill "$LISTENER"
	wait "$LISTENER" || :
	run --separate-stderr mroom health ports web-01 --changes
	[ "$status" -eq 1 ]
	grep -q "^web-01	tcp	$PORT	0.0.0.0	.*	gone	$" <<<"$output"
	run --separate-stderr mroom health ports web-01 --changes
	run ! grep "	$PORT	" <<<"$output"
}

@test "--reach tries them from the console" {
	listen 127.1.0.1
	local elsewhere=$PORT first=$LISTENER
	run --separate-stderr mroom health ports -a --reach
	kill "$first"
	grep -q "^web-01	tcp	$LAB_PORT	0.0.0.0	.*	known	open$" <<<"$output"
	# Bound to a loopback address: not for the console to try.
	grep -q "^web-02	tcp	$elsewhere	127.1.0.1	.*	known	$" <<<"$output"
}

@test "databases are checked where they are: whole, broken, not there" {
	sqlite3 "$BATS_TEST_TMPDIR/good.db" 'CREATE TABLE t (a TEXT); INSERT INTO t SELECT hex(randomblob(500)) FROM generate_series(1, 200)' 2>/dev/null ||
		sqlite3 "$BATS_TEST_TMPDIR/good.db" "CREATE TABLE t (a TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
			INSERT INTO t SELECT hex(randomblob(500)) FROM n"
	cp "$BATS_TEST_TMPDIR/good.db" "$BATS_TEST_TMPDIR/bad.db"
	dd if=/dev/urandom of="$BATS_TEST_TMPDIR/bad.db" bs=4096 seek=3 count=4 conv=notrunc status=none
	chmod 711 "$BATS_TEST_TMPDIR"
	run --separate-stderr mroom health db "$BATS_TEST_TMPDIR/good.db" web-01
	[ "$status" -eq 0 ]
	[ "$output" = "$(printf 'web-01\tOK\tdb:%s/good.db\t%s\tok' "$BATS_TEST_TMPDIR" "$(stat -c %s "$BATS_TEST_TMPDIR/good.db")")" ]
	run --separate-stderr mroom health db "$BATS_TEST_TMPDIR" -a --columns id,status,check
	[ "$status" -eq 2 ]
	[ "$(sort <<<"$output")" = "$(printf '%s\tCRITICAL\tdb:%s/bad.db\n%s\tOK\tdb:%s/good.db\n' web-01 "$BATS_TEST_TMPDIR" web-01 "$BATS_TEST_TMPDIR" \
		web-02 "$BATS_TEST_TMPDIR" web-02 "$BATS_TEST_TMPDIR" | sort)" ]
	run --separate-stderr mroom health db '/nosuch; touch /tmp/mroom-owned' web-01
	[ "$status" -eq 3 ]
	[ ! -e /tmp/mroom-owned ]
	run mroom health db
	[ "$status" -eq 3 ]
}

# Room for one kind of trouble only.
memory_levels() {
	printf '[require]\nram_gb = 0\ndisk_gb = 0\n[health]\nping_address =\ndns_name =\nmemory = %s\nignore = [!m]*\n' "$1" \
		>"$MROOM_HOME/config.ini"
	mroom health check web-01 -q >/dev/null || :
}

@test "an alert is given once for each change, with all about it in the environment" {
	export TOLD=$BATS_TEST_TMPDIR/told
	: >"$TOLD"
	alert() {
		mroom health alert --run 'echo "$MROOM_ID $MROOM_ROOM $MROOM_CHECK $MROOM_WAS $MROOM_STATUS $MROOM_TEXT" >>"$TOLD"; echo noise'
	}
	memory_levels 0:100
	run --separate-stderr alert
	[ "$status" -eq 0 ]
	[ "$(cut -f1-4,6 <<<"$output")" = "$(printf 'web-01\tWARNING\tmemory\tOK\ttrue')" ]
	memory_levels 0:100
	alert
	[ "$(wc -l <"$TOLD")" -eq 1 ]
	[[ $(cat "$TOLD") == "web-01 lab memory OK WARNING "*available* ]]
	memory_levels 0:0
	alert
	memory_levels off
	alert
	alert
	[ "$(cut -d' ' -f3-5 "$TOLD")" = "memory OK WARNING
memory WARNING CRITICAL
memory CRITICAL OK" ]
}

@test "an alert that could not be given is given next time" {
	memory_levels 0:100
	run mroom health alert
	[ "$status" -eq 3 ]
	[[ $output == *"no command to run"* ]]
	run mroom health alert --run 'exit 1'
	[ "$status" -eq 3 ]
	run --separate-stderr mroom health alert -C --run 'exit 1'
	[ "$status" -eq 0 ]
	[ -n "$output" ]
	run --separate-stderr env MROOM_HEALTH_ALERT_COMMAND=true mroom health alert
	[ "$status" -eq 0 ]
	[ -n "$output" ]
	run --separate-stderr env MROOM_HEALTH_ALERT_COMMAND=true mroom health alert
	[ -z "$output" ]
}

@test "two alerts at once tell everything once" {
	memory_levels 0:100
	export TOLD=$BATS_TEST_TMPDIR/told
	for _ in 1 2 3 4; do
		mroom health alert --run 'sleep 0.3; echo x >>"$TOLD"' >/dev/null 3>&- &
	done
	wait
	[ "$(wc -l <"$TOLD")" -eq 1 ]
}
