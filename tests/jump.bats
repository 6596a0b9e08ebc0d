#!/usr/bin/env bats
# Servers behind jump hosts: any depth, one process, few sessions to the host in between.

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
	[ -z "${bastion:-}" ] || "$MROOM_TOP/tests/lib/sshd" stop "$bastion"
	[ -z "${listener:-}" ] || kill "$listener" 2>/dev/null || true
}

run_exec() {
	status=0
	mroom exec "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" </dev/null || status=$?
	out=$(sort "$BATS_TEST_TMPDIR/out")
	err=$(cat "$BATS_TEST_TMPDIR/err")
}

logins() {
	grep -c '^Accepted publickey' "$1/log" || true
}

# An sshd that is nothing but a jump host: $bastion is its directory, $bastion_port its port.
start_bastion() {
	bastion=$BATS_TEST_TMPDIR/bastion
	mkdir "$bastion"
	chmod 755 "$BATS_TEST_TMPDIR" "$bastion"
	cp "$LAB/authorized_keys" "$bastion/"
	bastion_port=$("$MROOM_TOP/tests/lib/sshd" start "$bastion" "$@" 3>&-)
	local key
	for key in "$bastion"/host_*.pub; do
		echo "[127.2.0.1]:$bastion_port $(cut -d' ' -f1,2 "$key")" >>"$MROOM_HOME/known_hosts"
	done
}

@test "a chain of three jump hosts leads to the server" {
	lab_room 4
	local before
	before=$(logins "$LAB")
	run_exec -J web-02,web-03,web-04 -w web-01 -- 'echo "${SSH_CONNECTION#* * }"'
	[ "$status" = 0 ]
	[ "$out" = "web-01	127.1.0.1 $LAB_PORT" ]
	[ $(($(logins "$LAB") - before)) -eq 4 ]
}

@test "jump hosts kept with a server are used, theirs too, and shared; none goes straight" {
	lab_room 4
	sqlite3 "$MROOM_HOME/mroom.db" "
		UPDATE server SET jump = 'web-02' WHERE id = 'web-01';
		UPDATE server SET jump = 'web-03' WHERE id = 'web-02';
		UPDATE server SET jump = 'web-03' WHERE id = 'web-04'"
	local before
	# A web-03 that is slow gets a second session.
	for _ in 1 2 3; do
		before=$(logins "$LAB")
		run_exec -w web-01,web-04 -- echo here
		[ $(($(logins "$LAB") - before)) -ne 4 ] || break
	done
	[ "$out" = "web-01	here
web-04	here" ]
	[ $(($(logins "$LAB") - before)) -eq 4 ] # web-03 once, web-02, and the two
	before=$(logins "$LAB")
	run_exec -J none -w web-01 -- echo here
	[ "$out" = "web-01	here" ]
	[ $(($(logins "$LAB") - before)) -eq 1 ]
}

@test "jump hosts that go in a circle are named, not followed" {
	lab_room 2
	sqlite3 "$MROOM_HOME/mroom.db" "
		UPDATE server SET jump = 'web-02' WHERE id = 'web-01';
		UPDATE server SET jump = 'web-01' WHERE id = 'web-02'"
	run_exec -w web-01 -- true
	[ "$status" = 4 ]
	[[ $err == *"web-01: unreachable: jump host web-02: jump hosts go in a circle"* ]]
}

@test "ProxyJump of ssh_config is heeded, also that of a jump host" {
	lab_room 4
	mkdir -m 700 "$HOME/.ssh"
	printf 'Host %s\n  ProxyJump over\nHost over\n  HostName %s\n  Port %s\n  ProxyJump web-03\n  IdentityFile %s\n' \
		"$(lab_address 1)" "$(lab_address 2)" "$LAB_PORT" "$LAB_KEY" >"$HOME/.ssh/config"
	local before
	before=$(logins "$LAB")
	run_exec -w web-01 -- echo here
	[ "$out" = "web-01	here" ]
	[ $(($(logins "$LAB") - before)) -eq 3 ]
	run_exec -F none -w web-01 -- echo here
	[ $(($(logins "$LAB") - before)) -eq 4 ]
}

@test "two hundred servers share a few sessions to one jump host" {
	lab_room 200
	start_bastion
	run_exec -t 60s -J "127.2.0.1:$bastion_port" -i "$LAB_KEY" -a -- echo here
	[ "$status" = 0 ]
	[ "$(wc -l <"$BATS_TEST_TMPDIR/out")" -eq 200 ]
	# Eight, and on a slow machine one for each that seems to hang, up to 64.
	[ "$(logins "$bastion")" -le 64 ]
}

@test "output of every size comes through a jump host unchanged, and so does input" {
	lab_room 5
	head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/data"
	sum=$(md5sum <"$BATS_TEST_TMPDIR/data")
	run_exec -J web-05 -N -w 'web-[01-04]' --stdin "$BATS_TEST_TMPDIR/data" -- md5sum
	echo "$err"
	[ "$out" = "$sum
$sum
$sum
$sum" ]
	run_exec -J web-04,web-05 -N -w 'web-[01-03]' -- "od -An -v -tx1 '$BATS_TEST_TMPDIR/data' | head -n 60000 | md5sum; od -An -v -tx1 '$BATS_TEST_TMPDIR/data' | head -n 60000 >&2"
	[ "$(grep -vc md5 "$BATS_TEST_TMPDIR/err")" -ge 180000 ]
	[ "$(sort -u "$BATS_TEST_TMPDIR/out" | wc -l)" -eq 1 ]
}

@test "the last packet of an input goes through a jump host, also when nothing else comes or goes there" {
	local i
	lab_room 9
	head -c 300000 /dev/urandom >"$BATS_TEST_TMPDIR/data"
	for ((i = 0; i < $(rounds 60); i++)); do
		mroom exec -J web-09 -t 60s -u 30s -N -w 'web-[01-08]' --stdin "$BATS_TEST_TMPDIR/data" -- md5sum >"$BATS_TEST_TMPDIR/out"
		[ "$(sort -u "$BATS_TEST_TMPDIR/out")" = "$(md5sum <"$BATS_TEST_TMPDIR/data")" ]
		[ "$(wc -l <"$BATS_TEST_TMPDIR/out")" = 8 ]
	done
}

@test "a command behind a jump host that outlives its time is killed" {
	lab_room 2
	run_exec -J web-02 -u 1s -w web-01 -- 'exec sleep 987.6'
	[ "$status" = 3 ]
	[[ $err == *"the command was killed on the server"* ]]
	[ -z "$(pgrep -f 'sleep 987[.]6')" ]
}

@test "a jump host that dies makes its servers unreachable and is named; others go on" {
	lab_room 12
	start_bastion
	sqlite3 "$MROOM_HOME/mroom.db" "UPDATE server SET jump = '127.2.0.1:$bastion_port' WHERE id <= 'web-10'"
	mroom exec -i "$LAB_KEY" -a -- "echo on; while [ ! -e '$BATS_TEST_TMPDIR/end' ]; do sleep 0.1; done" \
		>"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" &
	local pid=$!
	lab_wait '[ $(wc -l <$BATS_TEST_TMPDIR/out) -eq 12 ]'
	"$MROOM_TOP/tests/lib/sshd" stop "$bastion"
	touch "$BATS_TEST_TMPDIR/end"
	status=0
	wait $pid || status=$?
	[ "$status" = 4 ]
	err=$(cat "$BATS_TEST_TMPDIR/err")
	[[ $err == *"12 servers in "*": 2 ok, 10 unreachable"* ]]
	[[ $err == *"web-[01-10]: unreachable: jump host 127.2.0.1:$bastion_port: connection lost while the command ran"* ]]
}

@test "a jump host that does not answer is named by every server behind it, and soon" {
	lab_room 30
	run_exec -J 127.2.0.1:1 -a -- true
	[ "$status" = 4 ]
	[[ $err == *"30 unreachable"* ]]
	[[ $err == *"web-[01-30]: unreachable: jump host 127.2.0.1:1: connection refused"* ]]
}

@test "a jump host's key is checked like any server's" {
	lab_room 2
	start_bastion
	lab_known_hosts 2 >"$MROOM_HOME/known_hosts"
	run_exec -J "127.2.0.1:$bastion_port" -i "$LAB_KEY" -w web-01 -- true
	[ "$status" = 4 ]
	[[ $err == *"web-01: unreachable: jump host 127.2.0.1:$bastion_port: host key SHA256:"*" is not known"* ]]
}

@test "a jump host that forbids to go on, and a server that it cannot reach, are told apart" {
	lab_room 2
	start_bastion "PermitOpen 127.1.0.1:$LAB_PORT 127.1.0.2:1"
	run_exec -J "127.2.0.1:$bastion_port" -i "$LAB_KEY" -w web-01 -- echo here
	[ "$out" = "web-01	here" ]
	run_exec -J "127.2.0.1:$bastion_port" -i "$LAB_KEY" -w web-02 -- true
	[[ $err == *"web-02: unreachable: jump host 127.2.0.1:$bastion_port forbids to go on to 127.1.0.2:$LAB_PORT"* ]]
	run_exec -J "127.2.0.1:$bastion_port" -i "$LAB_KEY" -p 1 -w web-02 -- true
	[[ $err == *"web-02: unreachable: jump host 127.2.0.1:$bastion_port cannot connect to 127.1.0.2:1"* ]]
}

@test "a server that swallows connections behind a jump host does not hold up the others" {
	lab_room 20
	local port
	mkfifo "$BATS_TEST_TMPDIR/listener.port"
	"$MROOM_TOP/tests/lib/listener" full >"$BATS_TEST_TMPDIR/listener.port" 3>&- &
	listener=$!
	read -r port <"$BATS_TEST_TMPDIR/listener.port"
	sqlite3 "$MROOM_HOME/mroom.db" "UPDATE server SET host = '127.0.0.1', port = $port WHERE id = 'web-01'"
	run_exec -J web-20 -t 30s -w 'web-[01-19]' -- echo here
	[ "$status" = 4 ]
	[[ $err == *"18 ok, 1 unreachable"* ]]
	[[ $err == *"web-01: unreachable: no answer within 30.0 s, going through jump host web-20"* ]]
}
