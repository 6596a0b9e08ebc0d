#!/usr/bin/env bats
# Getting through to a server: names with several addresses, sshd that has too many at the door.

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

teardown() {
	[ -z "${listener:-}" ] || kill "$listener" 2>/dev/null || true
}

run_exec() {
	status=0
	mroom exec "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" </dev/null || status=$?
	out=$(sort "$BATS_TEST_TMPDIR/out")
	err=$(cat "$BATS_TEST_TMPDIR/err")
}

# Runs mroom exec where the name `twin` has these addresses.
run_exec_named() {
	require namespaces
	# All of it, since not every system has a file of that name there.
	# Others' files come and go there meanwhile.
	cp -a /etc "$BATS_TEST_TMPDIR/etc" 2>/dev/null || [ -e "$BATS_TEST_TMPDIR/etc/passwd" ]
	rm -f "$BATS_TEST_TMPDIR/etc/hosts"
	printf '%s twin\n' ${1//,/ } >"$BATS_TEST_TMPDIR/etc/hosts"
	shift
	status=0
	unshare -m --propagation private sh -ec 'mount --bind "$1" /etc; shift; exec mroom exec "$@"' \
		sh "$BATS_TEST_TMPDIR/etc" "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" </dev/null || status=$?
	out=$(cat "$BATS_TEST_TMPDIR/out")
	err=$(cat "$BATS_TEST_TMPDIR/err")
}

# Starts a bad server of that kind, on that address and port when given.
start_listener() {
	mkfifo "$BATS_TEST_TMPDIR/listener.port"
	"$MROOM_TOP/tests/lib/listener" "$@" >"$BATS_TEST_TMPDIR/listener.port" 3>&- &
	listener=$!
	read -r bad_port <"$BATS_TEST_TMPDIR/listener.port"
}

# One server called web-01 whose host is the name twin, with the lab's key known for it.
twin_room() {
	lab_room 1
	sqlite3 "$MROOM_HOME/mroom.db" "UPDATE server SET host = 'twin'"
	sed -i "s/^[^ ]*/[twin]:$LAB_PORT/" "$MROOM_HOME/known_hosts"
}

@test "an IPv6 address that keeps silent does not keep IPv4 from serving" {
	grep -q . /proc/net/if_inet6 || skip "needs IPv6"
	twin_room
	start_listener full ::1 "$LAB_PORT"
	run_exec_named ::1,127.1.0.1 -t 20s -w web-01 -- 'echo "${SSH_CONNECTION#* * }"'
	[ "$out" = "web-01	127.1.0.1 $LAB_PORT" ]
	[ "$status" = 0 ]
}

@test "an address that refuses gives way to the next at once" {
	twin_room
	run_exec_named ::1,127.1.0.1 -w web-01 -- echo here
	[ "$out" = "web-01	here" ]
}

@test "a name none of whose addresses serves says what is wrong with them" {
	twin_room
	run_exec_named ::1,127.1.0.1 -p 1 -w web-01 -- echo here
	[ "$status" = 4 ]
	[[ $err == *"web-01: unreachable: connection refused"* ]]
}

@test "an sshd with room for ten lets two hundred in, one after the other" {
	local busy=$BATS_TEST_TMPDIR/busy i key
	chmod 755 "$BATS_TEST_TMPDIR"
	mkdir -m 755 "$busy"
	cp "$LAB/authorized_keys" "$busy/"
	local port
	port=$("$MROOM_TOP/tests/lib/sshd" start "$busy" "MaxStartups 10:30:100" 3>&-)
	for ((i = 1; i <= 200; i++)); do
		echo "web-$i--$(lab_address "$i")--$LAB_USER----$port--$LAB_KEY"
		for key in "$busy"/host_*.pub; do
			echo "[$(lab_address "$i")]:$port $(cut -d' ' -f1,2 "$key")" >>"$MROOM_HOME/known_hosts"
		done
	done >"$BATS_TEST_TMPDIR/busy.txt"
	mroom inventory import "$BATS_TEST_TMPDIR/busy.txt" >/dev/null 2>&1
	run_exec -a -f 200 -t 60s -- echo here
	"$MROOM_TOP/tests/lib/sshd" stop "$busy"
	[ "$status" = 0 ]
	[[ $err == "200 servers in "*": 200 ok" ]]
	grep -q 'drop connection' "$busy/log" # else nothing was shown
}

@test "many servers at one address are not all dialled at once, and others pass them" {
	lab_room 60
	sqlite3 "$MROOM_HOME/mroom.db" "UPDATE server SET host = '127.1.0.1' WHERE id <= 'web-40'"
	run_exec -a --debug -- true
	[ "$status" = 0 ]
	# When the eleventh server of the one address was dialled, all the others had been.
	awk '/: connecting$/ { split($1, id, ":"); sub("web-", "", id[1]); if (id[1] > 40) { if (crowd > 10) bad = 1 } else crowd++ }
		END { exit bad }' "$BATS_TEST_TMPDIR/err"
}

@test "a server that always hangs up unheard is tried until its time is over, and said so" {
	lab_room 1
	start_listener hangup
	run_exec -t 10s -w "127.0.0.1:$bad_port,web-01" -- echo here
	[ "$out" = "web-01	here" ]
	[ "$status" = 4 ]
	[[ $err =~ "127.0.0.1:$bad_port: unreachable: server closed the connection before it said a word, "([0-9]+)" times" ]]
	[ "${BASH_REMATCH[1]}" -ge 2 ]
}

@test "a server that falls silent is lost after three unanswered questions, a quiet one is not" {
	lab_room 2
	export MROOM_SSH_KEEPALIVE=3s
	run_exec -w web-01,web-02 -- 'case "$SSH_CONNECTION" in *127.1.0.1*) kill -STOP $PPID ;; esac; sleep 17; echo done'
	[ "$status" = 4 ]
	[ "$out" = "web-02	done" ]
	[[ $err == *"web-01: unreachable: connection lost: the server no longer answers"* ]]
}
