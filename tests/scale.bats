#!/usr/bin/env bats
# Many servers, much output: one process, bounded memory, nothing lost.

load lib/lab

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	not_quick
	lab_home
	cd "$BATS_TEST_TMPDIR"
}

@test "1,000 servers at once: all ok, in one process without a thread or fork for each" {
	lab_room 1000
	measured mroom-exec -a -f 1000 -- true 2>err </dev/null &
	# While it runs: its threads are the loop's and the pool's, and it has no children.
	lab_wait 'pid=$(pgrep -f "^mroom-exec -a -f 1000") && [ "$(ls /proc/$pid/fd | wc -l)" -gt 50 ]'
	[ "$(ls "/proc/$pid/task" | wc -l)" -lt 20 ]
	[ -z "$(cat "/proc/$pid/task/$pid/children")" ]
	wait $!
	measured mroom-exec -a -f 1000 -- true 2>err </dev/null
	[ "$status" = 0 ]
	[[ $(cat err) == "1000 servers in "*": 1000 ok" ]]
	[ "$peak_kib" -lt 150000 ]
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" "SELECT count(*) FROM result WHERE outcome = 'ok'")" = 2000 ]
}

@test "fifty megabytes from each of 20 servers into a slow reader: bounded memory, nothing lost" {
	lab_room 20
	seq 1 6600000 | head -c 50000000 >big
	sum=$(md5sum <big)
	mkfifo pipe
	perl -e 'my ($b, $n); while (sysread(STDIN, $b, 1 << 20)) { select(undef, undef, undef, 0.05) if $n++ < 30; print $b; }' <pipe |
		awk -F'\t' '{ print $2 >("got." $1) }' 3>&- &
	measured mroom-exec -q -a -- cat "$PWD/big" >pipe </dev/null
	wait $!
	[ "$status" = 0 ]
	[ "$peak_kib" -lt 100000 ]
	for file in got.*; do
		# The file ends in the middle of a line: that line came back with a newline.
		[ "$(head -c 50000000 "$file" | md5sum)" = "$sum" ]
	done
	[ "$(ls got.* | wc -l)" = 20 ]
}

@test "valgrind finds no leak and no bad access in a run on 20 servers" {
	require valgrind
	lab_room 20
	run valgrind -q --leak-check=full --errors-for-leak-kinds=definite,indirect,possible --error-exitcode=99 \
		"$MROOM_TEST_BIN/mroom-exec" -a -t 60s -- 'echo out; echo err >&2'
	echo "$output"
	[ "$status" = 0 ]
	[ "$(grep -c "out$" <<<"$output")" = 20 ]
}

@test "a room of 100,000 servers: imported and listed within bounded memory" {
	seq -f 'web-%06g' 100000 | sed 's/$/--10.0.0.1--root--secret-of-it--22/' >big.txt
	measured mroom-inventory import big.txt >/dev/null
	[ "$status" = 0 ]
	[ "$peak_kib" -lt 150000 ]
	measured mroom-inventory ls >listed
	[ "$status" = 0 ]
	[ "$(wc -l <listed)" = 100000 ]
	[ "$peak_kib" -lt 150000 ]
}

# Sets cpu to the least processor time, in milliseconds, of three runs of a command.
processor_time() {
	local TIMEFORMAT='%U %S' once
	cpu=
	for _ in 1 2 3; do
		once=$({ time "$@" >listed; } 2>&1 | awk '{ printf "%d", ($1 + $2) * 1000 }')
		[ -n "$cpu" ] && [ "$cpu" -le "$once" ] || cpu=$once
	done
}

@test "to select a hundred thousand servers by a range or a set costs no more than a few times listing them" {
	local plain words
	awk 'BEGIN { for (i = 1; i <= 100000; i++) printf "n%06d--10.%d.%d.%d--root----22\n", i, i / 65536, i / 256 % 256, i % 256 }' >big.txt
	mroom inventory import -q big.txt >imported
	processor_time mroom inventory ls --columns id
	plain=$cpu
	mv listed all
	for words in "@big&n0*" "@big&n[000001-099999]" "n[000001-100000]" "-x n[000002-100000]"; do
		# shellcheck disable=SC2086 # an option and its argument
		processor_time mroom inventory ls --columns id $words
		echo "$words: $cpu ms, all of them: $plain ms"
		[ "$cpu" -lt $((plain * 4)) ]
		[ "$words" != "n[000001-100000]" ] || cmp listed all
	done
	[ "$(cat listed)" = n000001 ]
}
