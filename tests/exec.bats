#!/usr/bin/env bats
# mroom exec against a real sshd: one process, many servers, every way to end.

load lib/lab

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	lab_room 6
}

teardown() {
	[ -z "${listener:-}" ] || kill "$listener" 2>/dev/null || true
}

# Starts a bad server of that kind; its port is in $bad_port.
start_listener() {
	local ports=$BATS_TEST_TMPDIR/listener.port
	mkfifo "$ports"
	"$MROOM_TOP/tests/lib/listener" "$1" >"$ports" 3>&- &
	listener=$!
	read -r bad_port <"$ports"
}

# What a run said on standard error and printed, in files; its status in $status.
run_exec() {
	status=0
	mroom exec "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" </dev/null || status=$?
	out=$(sort "$BATS_TEST_TMPDIR/out")
	err=$(cat "$BATS_TEST_TMPDIR/err")
}

# No process of that marker is left on the "servers".
gone() {
	refute pgrep -f "$1"
}

@test "a command runs on every server and each line carries the server's id" {
	run_exec -w 'web-[01-03]' -- 'echo one; echo two'
	[ "$status" = 0 ]
	[ "$out" = "web-01	one
web-01	two
web-02	one
web-02	two
web-03	one
web-03	two" ]
	[[ $err == "3 servers in "*": 3 ok" ]]
}

@test "-a runs on all, -x leaves out, --list only shows" {
	run_exec -a -x 'web-[02-05]' -- true
	[ "$status" = 0 ]
	[[ $err == "2 servers in "* ]]
	run_exec -a -x web-02 --list
	[ "$out" = "web-01
web-03
web-04
web-05
web-06" ]
}

@test "without a target the run is refused, never taken for all" {
	run_exec -- true
	[ "$status" = 0 ] # an empty pipe means no servers
	[ "$err" = "no servers" ]
	run script -qec "mroom exec -- true" /dev/null
	[ "$status" = 2 ]
	[[ $output == *"no targets"* || $output == *"no server"* || $output == *"-w"* ]]
}

@test "without a command the run is refused" {
	run_exec -a
	[ "$status" = 2 ]
	[[ $err == *"no command"* ]]
}

@test "remote standard error goes to standard error" {
	run_exec -w web-01 -- 'echo out; echo err >&2'
	[ "$out" = "web-01	out" ]
	[[ $err == *"web-01	err"* ]]
}

@test "words are joined by blanks and not quoted, as ssh does" {
	run_exec -w web-01 -- echo 'a   b;' echo '$((1+2))'
	[ "$out" = "web-01	3
web-01	a b" ]
}

@test "every byte of a command reaches the server's shell" {
	local text
	text=$(printf 'a\\b"c$d`e!f\303\244 *?[x]{y}~#%%&|<>()=\t')
	run_exec -N -w web-01 -- "printf '%s\n' '$text' 'second
line'"
	[ "$(cat "$BATS_TEST_TMPDIR/out")" = "$text
second
line" ]
}

@test "a remote failure is outcome failed with its status, and exit status 1" {
	run_exec -w web-01,web-02 -- 'case $SSH_CONNECTION in *127.1.0.1*) exit 3;; esac'
	[ "$status" = 1 ]
	[[ $err == *"2 servers in "*": 1 ok, 1 failed"* ]]
	[[ $err == *"web-01: failed: exit status 3"* ]]
}

@test "-S exits with the largest remote status" {
	run_exec -S -w web-01,web-02 -- 'case $SSH_CONNECTION in *127.1.0.1*) exit 3;; *) exit 42;; esac'
	[ "$status" = 42 ]
}

@test "a command killed by a signal is named with it" {
	run_exec -w web-01 -- 'kill -SEGV $$'
	[ "$status" = 1 ]
	[[ $err == *"web-01: failed: killed by SIGSEGV"* ]]
}

@test "servers with the same trouble are folded into one line that parses back" {
	run_exec -w 'web-[01-06]' -- false
	[[ $err == *"web-[01-06]: failed: exit status 1"* ]]
}

@test "--pass hands on exactly the servers that ended so, silent or not" {
	run_exec --pass -w 'web-[01-04]' -- 'echo noise; case $SSH_CONNECTION in *127.1.0.2*) exit 1;; esac'
	[ "$status" = 1 ]
	[ "$(cut -f1-3 <<<"$out")" = "web-01	ok	0
web-03	ok	0
web-04	ok	0" ]
	run_exec --pass=failed,timeout -w 'web-[01-04]' -- 'case $SSH_CONNECTION in *127.1.0.2*) exit 1;; esac'
	[ "$(cut -f1-3 <<<"$out")" = "web-02	failed	1" ]
	run_exec --pass=nonsense -w web-01 -- true
	[ "$status" = 2 ]
	[[ $err == *"'nonsense' is no outcome"* ]]
}

@test "a pipeline goes on with the servers that succeeded" {
	mroom exec -q --pass -w 'web-[01-03]' -- 'case $SSH_CONNECTION in *127.1.0.2*) exit 1;; esac' 2>/dev/null |
		mroom exec -q -- echo on >"$BATS_TEST_TMPDIR/out"
	[ "$(sort "$BATS_TEST_TMPDIR/out")" = "web-01	on
web-03	on" ]
}

@test "inventory ls, grep, exec, cut compose" {
	out=$(mroom inventory ls | grep 'web-0[2-4]' | mroom exec -q -- uptime | cut -f1 | sort -u)
	[ "$out" = "web-02
web-03
web-04" ]
}

@test "the same with --json and jq" {
	out=$(mroom inventory ls --json | jq -c 'select(.id | test("web-0[2-4]"))' |
		mroom exec -q --json -- uptime | jq -r 'select(.stream == "stdout").id' | sort -u)
	[ "$out" = "web-02
web-03
web-04" ]
}

@test "JSON carries bytes that are not UTF-8 as base64, and how each server ended" {
	run_exec --json -w web-01 -- 'printf "a\377\nb\n"; exit 5'
	[ "$(jq -r 'select(.data_b64).data_b64' "$BATS_TEST_TMPDIR/out" | base64 -d | od -An -tx1)" = " 61 ff" ]
	[ "$(jq -r 'select(.outcome) | [.id, .outcome, .status] | @tsv' "$BATS_TEST_TMPDIR/out")" = "web-01	failed	5" ]
}

@test "-o tsv escapes the line, a terminal shows control bytes instead of obeying them" {
	run_exec -o tsv -w web-01 -- 'printf "a\tb\033[2J\\\\\n"'
	[ "$out" = 'web-01	a\tb\x1b[2J\\' ]
	run script -qec "mroom exec -w web-01 -- 'printf \"\\033[2Jx\\n\"'" /dev/null
	[[ $output == *'web-01: \e[2Jx'* || $output == *'web-01: \x1b[2Jx'* ]]
	[[ $output != *$'\033[2J'* ]]
}

@test "--field makes a field of what stands before a line's first TAB, of lines of any length" {
	local order
	run_exec --field unit -o tsv -w web-01 -- 'printf "ssh\ta\tb\nplain\n"'
	[ "$out" = 'web-01		plain
web-01	ssh	a\tb' ]
	run_exec --field unit --json -w web-01 -- 'printf "ssh\ta\tb\nplain\n"; printf "x\ty\n" >&2'
	[ "$(jq -c 'select(.stream) | [.unit, .stream, .data]' "$BATS_TEST_TMPDIR/out" | sort)" = '["ssh","stdout","a\tb"]
[null,"stderr","x\ty"]
[null,"stdout","plain"]' ]
	for order in '' -L; do
		run_exec $order --field unit --json -w web-01,web-02 -- 'printf "ssh\t"; head -c 3000000 /dev/zero | tr "\0" x; echo'
		[ "$(jq -r 'select(.data) | .unit + " " + (.data | ltrimstr("x") | length | tostring)' "$BATS_TEST_TMPDIR/out" | xargs)" = "ssh 2999999 ssh 2999999" ]
		run_exec $order --field unit -o tsv -w web-01 -- 'printf "ssh\t"; head -c 3000000 /dev/zero | tr "\0" x; echo'
		[ "$(cut -f2 "$BATS_TEST_TMPDIR/out")" = ssh ]
		[ "$(cut -f3 "$BATS_TEST_TMPDIR/out" | wc -c)" = 3000001 ]
	done
	run_exec --field data -w web-01 -- true
	[ "$status" = 2 ]
}

@test "-N leaves the id away, -q the summary" {
	run_exec -N -q -w web-01 -- echo bare
	[ "$out" = bare ]
	[ "$err" = "" ]
}

@test "a last line without a newline is still a line" {
	run_exec -w web-01,web-02 -- 'printf nonewline'
	[ "$out" = "web-01	nonewline
web-02	nonewline" ]
}

@test "a line of ten million bytes arrives whole" {
	run_exec -N -w web-01 -- 'head -c 10000000 /dev/zero | tr "\0" x; echo; echo end'
	[ "$(awk '{print length($0)}' "$BATS_TEST_TMPDIR/out")" = "10000000
3" ]
}

@test "--stdin feeds every server the same bytes" {
	head -c 300000 /dev/urandom >"$BATS_TEST_TMPDIR/data"
	sum=$(md5sum <"$BATS_TEST_TMPDIR/data")
	run_exec -N -w 'web-[01-04]' --stdin "$BATS_TEST_TMPDIR/data" -- md5sum
	[ "$out" = "$sum
$sum
$sum
$sum" ]
	out=$(mroom exec -q -N -w web-01,web-02 --stdin - -- md5sum <"$BATS_TEST_TMPDIR/data")
	[ "$out" = "$sum
$sum" ]
	out=$(mroom exec -q -N -w web-01 --stdin - -- md5sum < <(cat "$BATS_TEST_TMPDIR/data"))
	[ "$out" = "$sum" ]
	run_exec -w web-01 --stdin /nonexistent -- cat
	[ "$status" = 2 ]
	[[ $err == *"/nonexistent"* ]]
}

@test "what --stdin - takes brings no ids" {
	for targets in '' '-w -' '-w web-01,-'; do
		# shellcheck disable=SC2086 # two words
		run mroom exec --stdin - $targets -- cat <<<web-01
		[ "$status" = 2 ]
		[[ $output == *"--stdin - takes standard input"* ]]
	done
	echo web-02 >"$BATS_TEST_TMPDIR/wcoll"
	[ "$(WCOLL=$BATS_TEST_TMPDIR/wcoll mroom exec -q --stdin - -- cat <<<web-01)" = $'web-02\tweb-01' ]
}

@test "a megabyte of binary through --stdin arrives unchanged on fifty servers" {
	lab_room 50
	head -c 1048576 /dev/urandom >"$BATS_TEST_TMPDIR/data"
	run_exec -a --stdin "$BATS_TEST_TMPDIR/data" -- md5sum
	[ "$status" = 0 ]
	[ "$(cut -f2 <<<"$out" | uniq -c | xargs)" = "50 $(md5sum <"$BATS_TEST_TMPDIR/data" | xargs)" ]
}

@test "a command that does not read its input ends all the same" {
	head -c 30000000 /dev/zero >"$BATS_TEST_TMPDIR/data"
	run_exec -w web-01 --stdin "$BATS_TEST_TMPDIR/data" -- true
	[ "$status" = 0 ]
}

@test "without --stdin the command's input is empty" {
	run_exec -w web-01 -- 'cat; echo read'
	[ "$out" = "web-01	read" ]
}

@test "a refused port, a silent one, an unknown name and a stranger: each its outcome, the others undisturbed" {
	start_listener silent
	run_exec -t 2s -w "web-[01-03],127.0.0.1:1,127.0.0.1:$bad_port,root@nosuch.invalid" -- echo fine
	[ "$status" = 4 ]
	[ "$out" = "web-01	fine
web-02	fine
web-03	fine" ]
	[[ $err == *"127.0.0.1:1: unreachable: connection refused"* ]]
	[[ $err == *"127.0.0.1:$bad_port: unreachable: no answer within 2.0 s, waiting for its SSH handshake"* ]]
	[[ $err == *"nosuch.invalid: unreachable: "*"name"* ]]
	[[ $err == *": 3 ok, 3 unreachable"* ]]
}

@test "what answers without speaking SSH is said so, and a server that hangs up too" {
	start_listener garbage
	run_exec -t 5s -w "127.0.0.1:$bad_port" -- true
	[ "$status" = 4 ]
	[[ $err == *"unreachable: "*"SSH"* ]]
	kill "$listener"
	rm "$BATS_TEST_TMPDIR/listener.port"
	start_listener hangup
	run_exec -t 5s -w "127.0.0.1:$bad_port" -- true
	[ "$status" = 4 ]
	[[ $err == *"unreachable: server closed the connection"* ]]
}

@test "a server that dies in the middle of a command is unreachable, not ok" {
	run_exec -w 'web-[01-03]' -- 'case $SSH_CONNECTION in *127.1.0.2*) kill -9 $PPID; sleep 5;; esac; echo done'
	[ "$status" = 4 ]
	[ "$out" = "web-01	done
web-03	done" ]
	[[ $err == *"web-02: unreachable: connection lost while the command ran"* ]]
}

@test "-u kills a command that outlives it, and proves it" {
	run_exec -u 1s -w 'web-[01-03]' -- 'case $SSH_CONNECTION in *127.1.0.2*) sleep 86101;; esac; echo done'
	[ "$status" = 3 ]
	[ "$out" = "web-01	done
web-03	done" ]
	[[ $err == *"web-02: timeout: still running after 1.0 s; the command was killed on the server"* ]]
	gone 'sleep 86101'
}

@test "-u also kills what ignores TERM, and its children" {
	run_exec -u 1s -w web-01 -- 'trap "" TERM; (sleep 86102 &); sleep 86102'
	[ "$status" = 3 ]
	[[ $err == *"was killed on the server"* ]]
	gone 'sleep 86102'
}

@test "an interrupted run kills what it started and exits 130" {
	mroom exec -w 'web-[01-03]' -- 'echo up; sleep 86103' >"$BATS_TEST_TMPDIR/up" 2>"$BATS_TEST_TMPDIR/err" </dev/null &
	pid=$!
	lab_wait 'test "$(wc -l <"$BATS_TEST_TMPDIR/up")" = 3'
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	[ "$status" = 130 ]
	grep -q 'web-\[01-03\]: cancelled: interrupted; the command was killed on the server' "$BATS_TEST_TMPDIR/err"
	gone 'sleep 86103'
}

@test "a full disk under standard output is status 6, and what ran is stopped" {
	status=0
	mroom exec -w web-01 -- 'seq 100000; sleep 86104' >/dev/full 2>"$BATS_TEST_TMPDIR/err" </dev/null || status=$?
	[ "$status" = 6 ]
	grep -q 'standard output: No space left on device' "$BATS_TEST_TMPDIR/err"
	gone 'sleep 86104'
}

@test "a closed pipe is status 6, not silence" {
	mroom exec -w web-01 -- 'seq 1000000; sleep 86105' 2>"$BATS_TEST_TMPDIR/err" </dev/null | head -n 1 >/dev/null || true
	grep -q 'standard output: Broken pipe' "$BATS_TEST_TMPDIR/err"
	gone 'sleep 86105'
}

@test "an unknown id is refused before anything is done" {
	run_exec -w web-01,web-99 -- "touch $BATS_TEST_TMPDIR/touched"
	[ "$status" = 2 ]
	[[ $err == *web-99* ]]
	[ ! -e "$BATS_TEST_TMPDIR/touched" ]
}

@test "an unknown id on standard input is named with its line; what was begun is finished" {
	status=0
	printf 'web-01\nweb-99\nweb-02\n' | mroom exec -- echo hi >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
	[ "$status" = 2 ]
	grep -q 'web-99' "$BATS_TEST_TMPDIR/err"
	grep -q '2' "$BATS_TEST_TMPDIR/err"
}

@test "work starts on the first id while later ones still arrive" {
	mkfifo "$BATS_TEST_TMPDIR/ids"
	mroom exec -q -- echo hi <"$BATS_TEST_TMPDIR/ids" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" &
	pid=$!
	exec 9>"$BATS_TEST_TMPDIR/ids"
	echo web-01 >&9
	lab_wait 'grep -q "^web-01" "$BATS_TEST_TMPDIR/out"'
	printf 'web-02\nweb-01\n' >&9
	exec 9>&-
	wait $pid
	[ "$(sort "$BATS_TEST_TMPDIR/out")" = "web-01	hi
web-02	hi" ]
}

@test "a server behind a tunnel is not touched outside it unless told so" {
	printf '#vpn--WIREGUARD--v.example--u--p\nhid-1--127.1.0.5--%s----%s--%s\n' \
		"$LAB_USER" "$LAB_PORT" "$LAB_KEY" >"$BATS_TEST_TMPDIR/hidden.txt"
	mroom inventory import "$BATS_TEST_TMPDIR/hidden.txt" >/dev/null 2>&1
	run_exec -w hid-1 -- echo seen
	[ "$status" = 4 ]
	[ "$out" = "" ]
	[[ $err == *"hid-1: unreachable: tunnel vpn: "* ]]
	run_exec --no-tunnel -w hid-1 -- echo seen
	[ "$status" = 0 ]
	[ "$out" = "hid-1	seen" ]
}

@test "every run and every server's outcome is in the journal" {
	run_exec -w 'web-[01-02],127.0.0.1:1' -- 'case $SSH_CONNECTION in *127.1.0.2*) exit 7;; esac'
	sqlite3 "$MROOM_HOME/mroom.db" "SELECT server, outcome, exit_status FROM result ORDER BY server" >"$BATS_TEST_TMPDIR/rows"
	[ "$(cat "$BATS_TEST_TMPDIR/rows")" = "127.0.0.1:1|unreachable|
web-01|ok|0
web-02|failed|7" ]
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" 'SELECT count(*) FROM run')" = 1 ]
}
