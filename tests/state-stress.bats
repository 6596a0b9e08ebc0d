#!/usr/bin/env bats
# The store under load and misfortune: many at once, kill -9 at any moment, full and read-only disks, a million rows.
# shellcheck disable=SC2154 # stderr and stderr_lines are what run --separate-stderr sets

load lib/lab

bats_require_minimum_version 1.5.0

setup() {
	lab_home
	db=$MROOM_HOME/mroom.db
	cd "$BATS_TEST_TMPDIR" || return
	printf 'web-01--h--u\nweb-02--h--u\n' >p.txt
	mroom inventory import p.txt -q >/dev/null
}

teardown() {
	[ -z "${mounted:-}" ] || umount "$mounted"
}

state() {
	mroom-state "$@"
}

# The database, waiting for others as mroom does.
sql() {
	sqlite3 -cmd '.timeout 20000' "$db" "$@"
}

well() {
	[ "$(sql 'PRAGMA integrity_check; PRAGMA foreign_key_check')" = ok ]
}

@test "200 processes add at once, and every one is counted" {
	times=$(rounds 100)
	for ((writer = 0; writer < 200; writer++)); do
		for ((i = 0; i < times; i++)); do
			mroom-state incr web-01 n || break
		done >"sums.$writer" 2>"said.$writer" 3>&- &
	done
	wait
	[ -z "$(cat said.*)" ]
	[ "$(state get web-01 n)" -eq $((200 * times)) ]
	# No sum was handed out twice either.
	[ "$(cat sums.* | sort -n | uniq -d | wc -l)" = 0 ]
	[ "$(cat sums.* | wc -l)" -eq $((200 * times)) ]
	well
}

@test "50 writers and 50 readers: nobody meets a lock" {
	not_quick
	end=$((SECONDS + $(rounds 30)))
	for ((i = 0; i < 50; i++)); do
		# Once at least, however busy the machine is.
		while mroom-state set -w web-01,web-02 "k$i" "$SECONDS" && [ "$SECONDS" -lt "$end" ]; do
			:
		done >/dev/null 2>"said.w$i" 3>&- &
		while [ "$SECONDS" -lt "$end" ]; do
			mroom-state ls >/dev/null || break
		done 2>"said.r$i" 3>&- &
	done
	wait
	[ -z "$(cat said.*)" ]
	[ "$(state ls web-02 | wc -l)" = 50 ]
	well
}

# What a killed process had acknowledged is in the store, what it had not is there as a whole or not at all.
# $1 picks one of four kinds of work.
kill_one() {
	local kind=$1 round=$2 pid
	: >acknowledged
	case $kind in
	0) for ((i = 0; i < 200; i++)); do mroom-state set web-01 last "$round.$i" && echo "$round.$i" >acknowledged; done ;;
	1) mroom-state load -q big.tsv && echo loaded >acknowledged ;;
	2) mroom-inventory import big.txt -q --room big >/dev/null && echo imported >acknowledged ;;
	3) mroom-exec -q -w web-01,web-02 -t 1 -- true ;;
	esac >/dev/null 2>&1 3>&- &
	pid=$!
	disown "$pid"
	sleep "0.0$((RANDOM % 10))$((RANDOM % 10))"
	# The whole of it: the shell that loops, which is to begin nothing new, and whatever it is running.
	kill -STOP "$pid" 2>/dev/null || true
	pkill -9 -P "$pid" 2>/dev/null || true
	kill -9 "$pid" 2>/dev/null || true
	lab_wait "! kill -0 $pid 2>/dev/null"
}

# The journal speaks of whole results, and what was acknowledged is there.
judge_kill() {
	local kind=$1 round=$2 last
	case $kind in
	0)
		last=$(cat acknowledged)
		[ -z "$last" ] || [ "$(sql "SELECT value >= '\"$last\"' OR length(value) > length('\"$last\"') FROM state WHERE key = 'last'")" = 1 ]
		;;
	1)
		case $(sql "SELECT count(*) FROM state WHERE key LIKE 'big%'") in
		0) [ ! -s acknowledged ] ;;
		5000) sql "DELETE FROM state WHERE key LIKE 'big%'" ;;
		*) return 1 ;;
		esac
		;;
	2)
		case $(sql "SELECT count(*) FROM server WHERE id LIKE 'big%'") in
		0) [ ! -s acknowledged ] ;;
		5000) sql "PRAGMA foreign_keys = ON; DELETE FROM server WHERE id LIKE 'big%'; DELETE FROM room WHERE name = 'big'" ;;
		*) return 1 ;;
		esac
		;;
	esac
	well
}

@test "kill -9 at any moment: nothing acknowledged is lost, nothing is half there" {
	for ((i = 0; i < 5000; i++)); do
		printf 'web-01\tbig%d\t%d\n' "$i" "$i"
	done >big.tsv
	seq -f "big-%05g--10.0.0.1--root--secret" 5000 >big.txt
	count=$(rounds 500)
	for ((round = 0; round < count; round++)); do
		kill_one $((round % 4)) "$round"
		judge_kill $((round % 4)) "$round" || {
			echo "round $round"
			return 1
		}
	done
}

# A small file system of its own for the home; skips where that is not allowed.
small_disk() {
	require root
	mkdir small
	mount -t tmpfs -o "size=$1" tmpfs small 2>/dev/null || skip "no right to mount"
	mounted=$PWD/small
	export MROOM_HOME=$mounted/home
	db=$MROOM_HOME/mroom.db
	mroom inventory import p.txt -q >/dev/null
}

# Status 6 and one line that names the database and says this.
console_fault() {
	local words=$1
	shift
	run --separate-stderr state "$@"
	[ "$status" = 6 ]
	[ "${#stderr_lines[@]}" = 1 ]
	[[ $stderr == *"$words"* ]] || {
		echo "$stderr"
		return 1
	}
}

@test "a full disk is said in one line; the old values stay, and work goes on once there is room" {
	small_disk 2m
	state set web-01 k old
	for ((i = 0; i < 20000; i++)); do
		printf 'web-01\tbig%d\t"%0100d"\n' "$i" "$i"
	done >big.tsv
	console_fault "disk is full (nothing was changed; free some space" load big.tsv
	[ "$(state get web-01 k)" = old ]
	[ "$(state ls | wc -l)" = 1 ]
	# The last of the room goes to others.
	console_fault "" backup small/home/copy.db || head -c 4m /dev/zero >small/fill 2>/dev/null || true
	head -c 4m /dev/zero >small/fill 2>/dev/null || true
	for ((i = 0; i < 200; i++)); do
		mroom-state set web-01 "k$i" "$(printf '%02000d' "$i")" 2>said || break
	done
	[ "$(wc -l <said)" = 1 ]
	rm -f small/fill small/home/copy.db*
	[ "$(state get web-01 k)" = old ]
	state set web-01 k new
	[ "$(state get web-01 k)" = new ]
	well
}

@test "a read-only database is said in one line, and nothing is lost" {
	small_disk 2m
	state set web-01 k old
	mount -o remount,ro small
	console_fault "$db: " set web-01 k new
	console_fault "$db: " load /dev/null
	mount -o remount,rw small
	[ "$(state get web-01 k)" = old ]
	state set web-01 k new
	well
}

@test "a full disk under the journal ends the run with 6, and the journal is whole" {
	small_disk 2m
	mroom exec -q -w web-01,web-02 -t 1 -- true >/dev/null 2>&1 || true
	head -c 4m /dev/zero >small/fill 2>/dev/null || true
	for ((i = 0; i < 300; i++)); do
		run --separate-stderr mroom exec -q -w web-01 -t 1 -- "$(printf '%03000d' "$i")"
		[ "$status" != 6 ] || break
	done
	[ "$status" = 6 ]
	[[ $stderr == *"$db: "* ]]
	rm small/fill
	mroom log list --columns run | grep -qx 1
	well
}

# Milliseconds that a command took.
took() {
	local begin
	begin=$(date +%s%N)
	"$@" >/dev/null
	echo $((($(date +%s%N) - begin) / 1000000))
}

# The least of three.
best() {
	for _ in 1 2 3; do
		took "$@"
	done | sort -n | head -1
}

@test "a million values: get and due stay quick, and 100,000 are loaded at once" {
	not_quick
	seq -f "web-%05g--10.0.0.1--root" 10000 >m.txt
	mroom inventory import m.txt -q >/dev/null
	state set web-00001 first 1
	small=$(best mroom-state get web-00001 first)
	sql "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99)
		INSERT INTO state SELECT row, 'key' || i, i, 1, 'test' FROM server, n WHERE id LIKE 'web-_____'"
	[ "$(sql 'SELECT count(*) > 1000000 FROM state')" = 1 ]
	state schedule backup --in 1h -w web-00001
	get=$(best mroom-state get web-05000 key50)
	due=$(best mroom-state due backup)
	seq -f "web-%05g" 10000 | awk '{ for (i = 0; i < 10; i++) printf "%s\tload%d\t%d\n", $1, i, NR }' >load.tsv
	[ "$(wc -l <load.tsv)" = 100000 ]
	load=$(took mroom-state load -q load.tsv)
	import=$(took mroom-state load -q /dev/null)
	echo "get $get ms (with one value $small ms), due $due ms, load of 100,000 $load ms (of none $import ms)"
	echo "# get $get ms (with one value $small ms), due $due ms, load of 100,000 $load ms" >&3
	[ "$(state due backup | wc -l)" = 10001 ]
	# What is promised, where the machine is not busy; what must hold anywhere: get does not grow with the store.
	[ "$get" -le $((small * 3 + 20)) ]
	[ "$due" -lt 10000 ]
	[ "$load" -lt 60000 ]
}
