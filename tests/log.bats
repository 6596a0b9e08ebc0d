#!/usr/bin/env bats
# The journal: what is written of a run, what is kept of the answers, the log file, and how it is all read.
# shellcheck disable=SC2154 # stderr is what run --separate-stderr sets

load lib/lab

bats_require_minimum_version 1.5.0

setup_file() { lab_sshd_start; }
teardown_file() { lab_sshd_stop; }

setup() {
	lab_home
	lab_room 4
	db=$MROOM_HOME/mroom.db
	cd "$BATS_TEST_TMPDIR" || return
}

log() {
	mroom-log "$@"
}

# A run on these servers with this command; how it ends is not looked at.
go() {
	mroom exec -q -w "$1" -- "${@:2}" >/dev/null 2>&1 </dev/null || true
}

refuses() {
	local words=$1
	shift
	run --separate-stderr log "$@"
	[ "$status" = 2 ]
	[ -z "$output" ]
	[[ $stderr == *"$words"* ]] || {
		echo "$stderr"
		return 1
	}
}

@test "list tells who ran what, and how it ended" {
	[ -z "$(log list)" ]
	go @lab true
	go web-0[1-2] 'exit 3'
	[ "$(log list | cut -f1-4,7-9)" = "2	exec	exit 3	$(id -un)	1	2	0
1	exec	true	$(id -un)	0	4	4" ]
	[ "$(log list -n 1 --columns run)" = 2 ]
	[ "$(log list --failed --columns run)" = 2 ]
	[ -z "$(log list --tool health)" ]
	[ "$(log list --since 1h --columns run | wc -l)" = 2 ]
	sqlite3 "$db" "UPDATE run SET started_at = started_at - 7200000 WHERE run = 1"
	[ "$(log list --since 1h --columns run)" = 2 ]
	[[ $(log list --json -n 1) == '{"run":2,"tool":"exec","command":"exit 3",'*'"servers":2,"ok":0}' ]]
}

@test "show tells what came of each server; failed hands on those that did not end well" {
	go @lab true
	go @lab false
	mroom exec -q -w web-01,web-02 -- 'exit 7' >/dev/null 2>&1 || true
	[ "$(log show --columns id,outcome,status | sort | paste -sd' ')" = "web-01	failed	7 web-02	failed	7" ]
	[ "$(log show 1 --columns id,outcome | sort | head -1)" = "web-01	ok" ]
	[ "$(log show 1 web-03 web-01 --columns id | paste -sd' ')" = "web-03 web-01" ]
	[ "$(log failed --columns id | sort | paste -sd' ')" = "web-01 web-02" ]
	[ -z "$(log failed 1)" ]
	[ "$(log failed | mroom exec -q -- echo again | sort | paste -sd' ')" = "web-01	again web-02	again" ]
	[ "$(log show ~1 --columns id,outcome | sort | tail -1)" = "web-02	failed" ]
	refuses "no run 99" show 99
	refuses "'x' is no run" failed x
	refuses "not so many runs" show ~50
}

@test "servers tells of one server, slow of the slowest, export of everything" {
	go @lab true
	go web-02 'sleep 0.3'
	[ "$(log servers web-02 --columns run,outcome | paste -sd' ')" = "2	ok 1	ok" ]
	[ "$(log servers web-01 --columns run)" = 1 ]
	[ "$(log slow --since 1d -n 1 --columns id,run)" = "web-02	2" ]
	[ "$(log slow 1 --columns run | sort -u)" = 1 ]
	[ "$(log export | jq -r '[.id, .run, .tool, .outcome, .command] | join(" ")' | tail -1)" = "web-02 2 exec ok sleep 0.3" ]
	[ "$(log export | wc -l)" = 5 ]
	[ "$(log export 2 | wc -l)" = 1 ]
}

@test "output is kept as told: not, its hash, its head, all of it" {
	for how in none hash head full; do
		export MROOM_JOURNAL_OUTPUT=$how MROOM_JOURNAL_HEAD=10
		go web-01 'seq 1000; echo oops >&2'
	done
	unset MROOM_JOURNAL_OUTPUT
	[ "$(sqlite3 -separator ' ' "$db" "SELECT run, stream, size, kept, data IS NULL FROM output ORDER BY run, stream DESC")" = \
		"2 out 3893 0 1
2 err 5 0 1
3 out 3893 10 0
3 err 5 5 0
4 out 3893 3893 0
4 err 5 5 0" ]
	[ "$(log show 4 --output-kept 2>err)" = "$(seq 1000 | sed 's/^/web-01\t/')" ]
	[ "$(cat err)" = "web-01	oops" ]
	[ "$(log show 3 --output-kept 2>err)" = "$(seq 5 | sed 's/^/web-01\t/')" ]
	grep -q "10 of 3893 bytes are kept" err
	[ -z "$(log show 1 --output-kept)" ]
	# What repeats takes less room than it had.
	[ "$(sqlite3 "$db" "SELECT max(length(data)) FROM output")" -lt 3000 ]
	[ "$(sqlite3 "$db" "SELECT lower(hex(hash)) FROM output WHERE run = 2 AND stream = 'out'")" = "$(seq 1000 | sha256sum | cut -d' ' -f1)" ]
}

@test "much output is kept up to the limit, whatever its bytes" {
	export MROOM_JOURNAL_OUTPUT=full MROOM_JOURNAL_LIMIT=100000
	go @lab 'head -c 3000000 /dev/urandom | tee /tmp/mroom-log.'$$.'$(hostname) | head -c 0; yes x | head -c 500000'
	[ "$(sqlite3 "$db" "SELECT DISTINCT size || ' ' || kept FROM output WHERE stream = 'out'")" = "500000 100000" ]
	go web-01 'printf "a\0b\377\nno newline"'
	log show --output-kept | cmp - <(printf 'web-01\ta\0b\377\nweb-01\tno newline\n')
}

@test "diff tells whose outcome, status or output changed" {
	export MROOM_JOURNAL_OUTPUT=hash
	go @lab 'echo same'
	go @lab 'echo same'
	log diff
	go @lab 'test -e ~/.no && exit; case $SSH_CONNECTION in *" 127.1.0.2 "*) echo other;; *" 127.1.0.3 "*) exit 4;; *) echo same;; esac'
	run log diff
	[ "$status" = 1 ]
	[ "$output" = "web-02	ok	ok	0	0	changed
web-03	ok	failed	0	4	changed" ]
	go web-01 'echo same'
	run log diff 1 4
	[ "$(cut -f1-3 <<<"$output" | head -1)" = "web-02	ok	" ]
	[ "$(wc -l <<<"$output")" = 3 ]
}

@test "diff says nothing of output that one of the runs did not keep" {
	go @lab 'echo one'
	MROOM_JOURNAL_OUTPUT=hash go @lab 'echo two'
	log diff
	MROOM_JOURNAL_OUTPUT=hash go @lab true
	run log diff
	[ "$status" = 1 ]
	[ "$(cut -f6 <<<"$output" | sort -u)" = changed ]
}

@test "tail has the newest results, as many as are wanted, the last one last" {
	go @lab true
	go 'web-01' 'exit 3'
	[ "$(log tail -n 2 --columns run,status | tail -n 1)" = "2	3" ]
	[ "$(log tail -n 2 --columns run | paste -sd' ')" = "1 2" ]
}

@test "what looks like a secret is written nowhere" {
	export MROOM_JOURNAL_OUTPUT=full
	mroom exec -q -w web-01 --log-file log.txt -- 'echo "user=me password=hunter2 x"; echo token: "s3cret w"; exit 1; # PASSWD=hunter3' \
		>/dev/null 2>&1 || true
	log show --output-kept
	[ "$(log show --output-kept)" = "web-01	user=me password=[redacted] x
web-01	token: [redacted] w" ]
	[ "$(log list --columns command)" = 'echo "user=me password=[redacted] x"; echo token: [redacted]; exit 1; # PASSWD=[redacted]' ]
	run ! grep -r 'hunter\|s3cret' log.txt "$MROOM_HOME"
	MROOM_JOURNAL_REDACT='card [0-9 ]+,my(word)' go web-01 'echo card 1234 5678 is mywordy'
	[ "$(log show --output-kept)" = "web-01	[redacted]is my[redacted]y" ]
	MROOM_JOURNAL_REDACT='(' run mroom exec -w web-01 -- true
	[ "$status" = 2 ]
	[[ $output == *"[journal] redact: '('"* ]]
}

@test "the log file has a line for each event, as text or JSON" {
	mroom exec -q -w web-01,web-02 --log-file log.txt -- 'test -e /none/such' >/dev/null 2>&1 || true
	[ "$(sed 's/^[0-9TZ:-]* //; s/after [0-9.]* s/after/' log.txt | sort)" = \
		"run 1 begin exec by $(id -un): test -e /none/such
run 1 end with status 1
run 1 web-01 failed after: exit status 1
run 1 web-02 failed after: exit status 1" ]
	[ "$(stat -c %a log.txt)" = 600 ]
	export MROOM_LOG_FILE=$PWD/log.json MROOM_LOG_FORMAT=json
	go web-01 'echo a "b"'
	[ "$(jq -r '[.event, .run, .tool // .id // "", .outcome // .command // .status] | join(" ")' log.json)" = \
		'begin 2 exec echo a "b"
result 2 web-01 ok
end 2  0' ]
	MROOM_LOG_FILE=/none/such/log run mroom exec -w web-01 -- true
	[ "$status" = 6 ]
	[[ $output == *"/none/such/log: No such file or directory"* ]]
	[ "$(log list --columns run | head -1)" = 2 ]
}

@test "many writers, many rotations: no line is lost or torn" {
	export MROOM_LOG_FILE=$PWD/run.log MROOM_LOG_ROTATE_SIZE=2k MROOM_LOG_ROTATE_KEEP=1000
	for i in $(seq 12); do
		for ((round = 0; round < 3; round++)); do
			mroom exec -q -w @lab -- true >/dev/null 2>&1
		done &
	done 3>&-
	wait
	[ "$(find . -name 'run.log*' | wc -l)" -gt 3 ]
	[ "$(cat run.log* | wc -l)" = $((12 * 3 * 6)) ]
	[ "$(cat run.log* | grep -cE '^20[0-9TZ:-]+ run [0-9]+ (begin exec by .*: true|web-0[1-4] ok after [0-9.]+ s|end with status 0)$')" = $((12 * 3 * 6)) ]
	[ "$(cat run.log* | cut -d' ' -f2- | sed 's/ after .*//' | sort | uniq -d | wc -l)" = 0 ]
	for file in run.log*; do
		[ "$(stat -c %s "$file")" -le 2048 ]
	done
	export MROOM_LOG_FILE=$PWD/few.log MROOM_LOG_ROTATE_KEEP=2
	for ((round = 0; round < 30; round++)); do
		mroom exec -q -w @lab -- true >/dev/null 2>&1
	done
	[ "$(find . -name 'few.log*' | sort | paste -sd' ')" = "./few.log ./few.log.1 ./few.log.2" ]
}

@test "tail shows the newest, and with -f what comes" {
	go @lab true
	[ "$(log tail -n 2 | cut -f2,4 | sort -u)" = "1	ok" ]
	mroom-log tail -f >tailed 2>/dev/null 3>&- &
	pid=$!
	# It says nothing of what was there before, so one run shows whether it is watching yet.
	lab_wait 'go web-01 true; [ -s tailed ]'
	go web-02 'exit 5'
	lab_wait 'grep -q "^web-02	.*	failed	5	" tailed'
	kill $pid
	wait $pid || true
	[ "$(grep -c '^web-02' tailed)" = 1 ]
	run ! grep -q '^web-03' tailed
}

@test "tail -f sees a run's results while the run goes on" {
	mroom-log tail -f >tailed 2>/dev/null 3>&- &
	pid=$!
	mroom exec -q -w @lab -- 'case $SSH_CONNECTION in *" 127.1.0.2 "*) while ! test -e '"$PWD"'/go; do sleep 0.05; done;; esac' \
		>/dev/null 2>&1 3>&- </dev/null &
	running=$!
	lab_wait '[ "$(grep -c ok tailed)" = 3 ]'
	[ "$(log list --columns status)" = "" ]
	touch go
	wait $running
	lab_wait '[ "$(grep -c ok tailed)" = 4 ]'
	kill $pid
	wait $pid || true
}

@test "prune forgets what is old, and only that" {
	export MROOM_JOURNAL_OUTPUT=full
	go @lab 'echo x'
	go @lab 'echo y'
	mroom state set web-01 k 1
	mroom state set web-01 k 2
	sqlite3 "$db" "UPDATE run SET started_at = started_at - 100 * 86400000 WHERE run = 1;
		UPDATE history SET changed_at = changed_at - 100 * 86400000"
	refuses "say what is to stay" prune
	run --separate-stderr log prune --keep 90d
	[ "$stderr" = "forgotten: 1 run, 1 change of state" ]
	[ "$(log list --columns run)" = 2 ]
	[ "$(sqlite3 "$db" "SELECT (SELECT count(*) FROM result), (SELECT count(*) FROM output)")" = "4|4" ]
	[ "$(mroom state history | cut -f3,4)" = "1	2" ]
	# one that is still at work, and one that was killed long ago
	sqlite3 "$db" "INSERT INTO run (run, tool, command, user, session, started_at) VALUES
		(3, 'exec', 'long', 'x', '', (unixepoch() - 86400) * 1000), (4, 'exec', 'dead', 'x', '', (unixepoch() - 700000) * 1000)"
	log prune -q --keep 2h
	[ "$(log list --columns run | paste -sd' ')" = "3 2" ]
}

@test "kill -9 of a run loses no more than its last second" {
	mroom exec -q -w @lab -- 'case $SSH_CONNECTION in *" 127.1.0.2 "*) sleep 60;; esac' >/dev/null 2>&1 3>&- </dev/null &
	pid=$!
	lab_wait '[ "$(log show --columns outcome 2>/dev/null | grep -c ok)" = 3 ]'
	kill -9 $pid
	wait $pid || true
	[ "$(log show --columns id,outcome | sort | paste -sd' ')" = "web-01	ok web-03	ok web-04	ok" ]
	[ "$(mroom state check)" = ok ]
}

@test "a server that the journal does not know is told, and is no error" {
	run --separate-stderr mroom log servers 'no'$'\e[31m''body'
	[ "$status" = 0 ]
	[ -z "$output" ]
	[ "$stderr" = 'the journal has no result of no\e[31mbody' ]
}
