#!/usr/bin/env bats
# Servers behind tunnels: every tool brings the tunnel up before it connects, and the last user takes it down. The tunnel is one
# of files (tests/lib/tunnel.bash), the servers are real.
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
	cd "$BATS_TEST_TMPDIR"
	tunnel_file_driver
	lab_room 3
	hidden 6
}

teardown() {
	tunnel_keepers_stop
}

# The room `hidden` of N servers behind the tunnel `gate`, and the tunnel as it should be.
hidden() {
	mroom tunnel add gate file server=g.example ticket=1
	{
		echo '#gate--SSH--g.example--u--'
		lab_roster "$1" | sed 's/^web/hid/'
	} >hidden.txt
	lab_known_hosts "$1" >"$MROOM_HOME/known_hosts"
	mroom inventory import hidden.txt -q
	mroom tunnel set gate type=file
}

did() {
	cat "$MROOM_HOME/did" 2>/dev/null | grep -cx "$1"
}

@test "exec brings the tunnel up, and takes it down when it is done" {
	run --separate-stderr mroom exec -q -w @hidden -- 'echo $SSH_CONNECTION' </dev/null
	[ "$status" = 0 ]
	[ "${#lines[@]}" = 6 ]
	lab_wait '[ "$(ls -A "$MROOM_HOME/run/tunnels")" = "" ]'
	[ "$(did up)" = 1 ]
	[ "$(did down)" = 1 ]
}

@test "a tunnel that does not come up makes its servers unreachable; others go on" {
	mroom tunnel set gate ticket=bad
	run --separate-stderr mroom exec -v -a -- echo hi </dev/null
	[ "$status" = 4 ]
	[ "$(sort <<<"$output")" = "web-01	hi
web-02	hi
web-03	hi" ]
	[[ $stderr == *"hid-01: unreachable: tunnel gate: the gate does not know this ticket"* ]]
	[ "$(did up)" = 1 ]
}

@test "servers beside the tunnel do not wait for it" {
	mroom tunnel set gate ticket=slow
	MROOM_TUNNEL_TIMEOUT=60s mroom exec -f 2 -a -- echo hi </dev/null >out 2>err 3>&- &
	pid=$!
	lab_wait '[ "$(grep -c "^web.*hi" out)" = 3 ]'
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	[ "$status" = 130 ]
	lab_wait '[ "$(ls -A "$MROOM_HOME/run/tunnels")" = "" ]'
}

@test "--no-tunnel leaves it alone" {
	mroom tunnel set gate ticket=bad
	run mroom exec -q --no-tunnel -w hid-01 -- echo hi </dev/null
	[ "$status" = 0 ]
	[ "$output" = "hid-01	hi" ]
	[ "$(did up)" = 0 ]
}

@test "keep = yes leaves it up for the next, and so does mroom tunnel up" {
	mroom tunnel set gate keep=yes
	mroom exec -q -w hid-01 -- true </dev/null
	[ "$(mroom tunnel ls --columns state gate)" = up ]
	mroom exec -q -w hid-01 -- true </dev/null
	[ "$(did up)" = 1 ]
	mroom tunnel down gate
	mroom tunnel set gate keep=no
	mroom tunnel up -q gate
	mroom exec -q -w hid-01 -- true </dev/null
	[ "$(mroom tunnel ls --columns state gate)" = up ]
	[ "$(did up)" = 2 ]
}

@test "ten tools at once share one tunnel, three of them killed: one up, one down after the last" {
	local pids=() i
	for i in 1 2 3 4 5 6 7 8 9 10; do
		mroom exec -q -w "hid-0$((i % 6 + 1))" -- "echo in; until [ -e $PWD/go ]; do sleep 0.1; done" \
			>"out.$i" 2>&1 </dev/null 3>&- &
		pids+=($!)
	done
	lab_wait '[ "$(cat out.* | grep -c in$)" = 10 ]' 60
	[ "$(mroom tunnel ls --columns state,users gate)" = "up	10" ]
	run mroom tunnel down gate
	[ "$status" = 5 ]
	[[ $output == *"used by 10 tools"* ]]
	kill -9 "${pids[0]}" "${pids[4]}" "${pids[9]}"
	lab_wait '[ "$(mroom tunnel ls --columns state,users gate)" = "up	7" ]'
	touch go
	for i in 1 2 3 5 6 7 8; do
		wait "${pids[$i]}"
	done
	lab_wait '[ "$(ls -A "$MROOM_HOME/run/tunnels")" = "" ]'
	[ "$(did up)" = 1 ]
	[ "$(did down)" = 1 ]
}

@test "a tunnel that dies while commands run ends them as unreachable, and says why" {
	export MROOM_TUNNEL_CHECK=200ms
	mroom exec -v -w hid-01,web-01 -- 'echo in; sleep 86304 & wait' </dev/null >out 2>err 3>&- &
	pid=$!
	lab_wait '[ "$(grep -c in$ out)" = 2 ]'
	touch "$MROOM_HOME/run/tunnels/gate.d/broken"
	lab_wait 'grep -q "^hid-01: unreachable: tunnel gate: the gate fell shut; how the command ended is not known" err'
	refute grep -q '^web-01: ' err
	kill -TERM $pid
	wait $pid || true
}

@test "a keeper that is killed is noticed as well" {
	mroom exec -v -w hid-01 -- 'echo in; sleep 86304 & wait' </dev/null >out 2>err 3>&- &
	pid=$!
	lab_wait '[ "$(grep -c in$ out)" = 1 ]'
	kill -9 "$(tunnel_keeper gate)"
	lab_wait 'grep -q "^hid-01: unreachable: tunnel gate: its keeper is gone" err'
	status=0
	wait $pid || status=$?
	[ "$status" = 4 ]
	mroom exec -q -w hid-01 -- true </dev/null
}

@test "a watched process holds the tunnel as long as it lives" {
	sleep 86305 3>&- &
	pid=$!
	mroom tunnel up -q --for $pid gate
	[ "$(mroom tunnel ls --columns state,users gate)" = "up	1" ]
	kill $pid
	wait $pid || true
	lab_wait '[ "$(ls -A "$MROOM_HOME/run/tunnels")" = "" ]'
}
