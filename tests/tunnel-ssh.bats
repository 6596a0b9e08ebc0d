#!/usr/bin/env bats
# Tunnels of type SSH: jump hosts of a whole room, which the tools go through by themselves.
# shellcheck disable=SC2154 # stderr is what run --separate-stderr sets

bats_require_minimum_version 1.5.0
load lib/lab
load lib/tunnel

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	lab_password_user
	cd "$BATS_TEST_TMPDIR"
	gate=$LAB/gate.$BATS_TEST_NUMBER
	mkdir "$gate"
	chmod 755 "$gate"
	cp "$LAB/authorized_keys" "$gate/"
	start_gate
	lab_room 2
	hidden "$(cat "$gate/password")"
}

teardown() {
	tunnel_keepers_stop
	"$MROOM_TOP/tests/lib/sshd" stop "$gate"
}

start_gate() {
	gate_port=$("$MROOM_TOP/tests/lib/sshd" start "$gate" "$@" 3>&-)
}

# The room `hidden` of four servers behind `gate`, whose password is $1.
hidden() {
	{
		echo "#gate--SSH--127.2.0.1:$gate_port--lab--$1"
		lab_roster 4 | sed 's/^web/hid/'
	} >hidden.txt
	lab_known_hosts 4 >"$MROOM_HOME/known_hosts"
	for key in "$gate"/host_*.pub; do
		echo "[127.2.0.1]:$gate_port $(cut -d' ' -f1,2 "$key")"
	done >>"$MROOM_HOME/known_hosts"
	mroom inventory import hidden.txt -q
}

logins() {
	grep -c '^Accepted password for lab' "$gate/log" || true
}

@test "a roster's SSH tunnel is the jump host of its room: one login for all, others go straight" {
	run --separate-stderr mroom exec -a -- 'echo in' </dev/null
	[ "$status" = 0 ]
	[ "$(sort <<<"$output" | tr '\n' ' ')" = "hid-01	in hid-02	in hid-03	in hid-04	in web-01	in web-02	in " ]
	[ "$(logins)" = 1 ]
	mroom exec -q --no-tunnel -w hid-01 -- true </dev/null
	[ "$(logins)" = 1 ]
	echo hello >file
	mroom copy put -w @hidden file "$BATS_TEST_TMPDIR/there" </dev/null
	[ "$(cat there)" = hello ]
	[ "$(logins)" = 2 ]
	[ ! -e "$MROOM_HOME/run/tunnels/gate.d" ]
}

@test "jump hosts of servers and of -J come behind the tunnel, none goes through it all the same" {
	local before
	before=$(grep -c '^Accepted publickey' "$LAB/log" || true)
	run --separate-stderr mroom exec -J web-01 -w hid-01,hid-02 -- 'echo in' </dev/null
	[ "$status" = 0 ]
	[ "$(logins)" = 1 ]
	[ $(($(grep -c '^Accepted publickey' "$LAB/log") - before)) = 3 ]
	mroom exec -q -J none -w hid-03 -- true </dev/null
	[ "$(logins)" = 2 ]
}

@test "a wrong password makes the servers behind it unreachable with the reason; others go on" {
	hidden wrong-one
	run --separate-stderr mroom exec -v -a -- 'echo in' </dev/null
	[ "$status" = 4 ]
	[ "$(sort <<<"$output")" = "web-01	in
web-02	in" ]
	local n
	for n in 1 2 3 4; do
		grep -q "^hid-0$n: unreachable: tunnel gate: .*password" <<<"$stderr"
	done
	refute grep -q wrong-one <<<"$stderr"
}

@test "a dead gate, an unknown one, and one that forbids it are told as the tunnel's trouble" {
	"$MROOM_TOP/tests/lib/sshd" stop "$gate"
	run --separate-stderr mroom exec -v -w hid-01 -- true </dev/null
	[ "$status" = 4 ]
	[[ $stderr == *"hid-01: unreachable: tunnel gate: "*refused* ]]
	start_gate 'AllowTcpForwarding no'
	hidden "$(cat "$gate/password")"
	run --separate-stderr mroom exec -v -w hid-01 -- true </dev/null
	[ "$status" = 4 ]
	[[ $stderr == *"hid-01: unreachable: tunnel gate forbids to go on to 127.1.0.1:$LAB_PORT"* ]]
	sed -i '/^\[127.2/d' "$MROOM_HOME/known_hosts"
	run --separate-stderr mroom exec -v -w hid-01 -- true </dev/null
	[ "$status" = 4 ]
	[[ $stderr == *"hid-01: unreachable: tunnel gate: "*"host key"* ]]
	mroom tunnel set gate server=
	run --separate-stderr mroom exec -v -w hid-01 -- true </dev/null
	[ "$status" = 4 ]
	[[ $stderr == *"hid-01: unreachable: tunnel gate: missing: server"* ]]
}

@test "the gate's key may be a file, and a gate that dies mid-run is noticed" {
	hidden ''
	mroom tunnel set gate password= "identity_file=$LAB_KEY"
	mroom exec -v -w hid-01 -- 'echo in; sleep 86306 & wait' </dev/null >out 2>err 3>&- &
	pid=$!
	lab_wait '[ "$(grep -c in$ out)" = 1 ]'
	"$MROOM_TOP/tests/lib/sshd" stop "$gate"
	status=0
	wait $pid || status=$?
	[ "$status" = 4 ]
	grep -q '^hid-01: unreachable: tunnel gate: ' err
}

@test "connect goes through it, with its password, and test proves that it lets us in" {
	cp "$MROOM_HOME/known_hosts" "$BATS_TEST_TMPDIR/user/kh"
	mkdir -p "$HOME/.ssh"
	run mroom connect -C hid-01
	[[ $output == *" -J lab@127.2.0.1:$gate_port "* ]]
	run mroom tunnel test gate --columns tunnel,result
	[ "$output" = "gate	up" ]
	[ "$(logins)" = 1 ]
	# ssh gives its jump host nothing of the command line: what it knows must be where it looks by itself.
	printf 'Host *\nUserKnownHostsFile %s\n' "$MROOM_HOME/known_hosts" >config
	run setsid -w mroom connect -F config hid-01 -- echo there </dev/null
	[ "$status" = 0 ]
	[[ $output == *there* ]]
	[ "$(logins)" = 2 ]
	printf wrong | mroom tunnel set gate password --value-file -
	run mroom tunnel test gate --columns result,reason
	[ "$output" = "failed	the server refused user, password and keys" ]
}
