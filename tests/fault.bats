#!/usr/bin/env bats
# Servers that misbehave in many ways: each ends with its outcome within its deadline, and the healthy ones beside
# them do not notice.

load lib/lab

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	require python:asyncssh
	lab_home
	lab_room 50
	cd "$BATS_TEST_TMPDIR"
	"$MROOM_TOP/tests/lib/faultd" "$LAB/host_ed25519" "$LAB_PORT" >>ports 2>faultd.log 3>&- &
	lab_keep $!
	faultd=$!
	lab_wait 'grep -q ready ports' 60
	sed -n 's/^\([a-z_]*\) \([0-9]*\)$/\1--127.0.0.1--lab----\2--/p' ports | sed "s|\$|$LAB_KEY|" >faults.txt
	sed -n 's/^[a-z_]* \([0-9]*\)$/[127.0.0.1]:\1 /p' ports |
		sed "s|\$|$(cut -d' ' -f1,2 "$LAB/host_ed25519.pub")|" >>"$MROOM_HOME/known_hosts"
	mroom inventory import faults.txt >imported 2>&1 || { cat imported ports; return 1; }
}

teardown() {
	[ -z "${faultd:-}" ] || kill "$faultd" 2>/dev/null || true
}

# The outcome and the message of a server, from the JSON of a run.
ended() {
	jq -r --arg id "$1" 'select(.id == $id) | "\(.outcome): \(.message // "")"' outcomes
}

# Fails unless the server ended so, with a message like that.
must() {
	local got
	got=$(ended "$1")
	# shellcheck disable=SC2053 # a pattern
	[[ $got == "$2: "$3 ]] || {
		echo "$1: $got"
		echo "instead of $2: $3"
		return 1
	}
}

@test "each of 43 faults has its outcome in its time, with fifty healthy servers beside it" {
	status=0
	SECONDS=0
	mroom exec --json -f 128 -t 40s -u 20s -a -- 'echo healthy' >raw 2>said </dev/null || status=$?
	[ "$status" = 4 ]
	# The deadlines, the patience of a kill, and a busy machine.
	[ "$SECONDS" -le 240 ]
	grep -F '"outcome":' raw >outcomes
	[ "$(jq -r 'select(.outcome == "ok").id' outcomes | grep -c '^web-')" = 50 ]
	[ "$(grep -c '^{"id":"web-.*"data":"healthy"}' raw)" = 50 ]
	[ "$(wc -l <faults.txt)" = 43 ] || { cat ports faultd.log; false; }

	must silent unreachable 'no answer within 40.0 s, waiting for its SSH handshake'
	must hangup unreachable 'server closed the connection before it said a word*'
	must reset unreachable '*'
	must garbage_banner unreachable 'what answers there is no SSH server'
	must old_version unreachable '*SSH-1.5*'
	must banner_flood unreachable '*'
	must banner_without_end unreachable '*'
	must banner_then_silence unreachable 'no answer within 40.0 s, waiting for its SSH handshake'
	must banner_then_hangup unreachable 'server closed the connection during the handshake'
	must huge_packet unreachable 'handshake failed*'
	must empty_packet unreachable 'handshake failed*'
	must random_packets unreachable 'handshake failed*'
	must refused_kex unreachable '*no matching key exchange method*'
	must kex_then_silence unreachable 'no answer within 40.0 s, waiting for its SSH handshake'
	must kex_then_disconnect unreachable '*'
	must kex_wrong_reply unreachable '*'
	must byte_by_byte ok ''
	must too_slow unreachable 'no answer within 40.0 s*'
	must cut_in_kex unreachable '*'
	must cut_in_auth unreachable '*'

	must auth_silence unreachable 'no answer within 40.0 s, logging in'
	must auth_disconnect denied '*not today*'
	must auth_loop denied '*no key offered matched*'
	must auth_banner_flood unreachable 'no answer within 40.0 s, logging in'

	must channel_refused denied 'server refuses a session channel*'
	must channel_silence timeout 'still running after 20.0 s*'
	must exec_refused denied 'server refuses to run commands'
	must never_ends timeout 'still running after 20.0 s; the command could not be stopped*'
	must endless_output timeout 'still running after 20.0 s*'
	must endless_stderr timeout 'still running after 20.0 s*'
	must endless_line timeout 'still running after 20.0 s*'
	must exit_signal failed 'killed by SIGSEGV'
	must huge_status failed 'exit status *'
	must eof_without_close timeout 'still running after 20.0 s*'
	must disconnect_in_command unreachable '*maintenance*while the command ran*'
	must abort_in_command unreachable '*while the command ran*'
	must closed_window timeout 'still running after 20.0 s*'
	must talkative ok ''
	must rekey ok ''
	for fault in no_exit_status no_exit_status_gcm no_exit_status_etm no_exit_status_mac; do
		must "$fault" failed 'the server ended the command without an exit status'
	done
	[ "$(grep '^{"id":"rekey","stream"' raw | jq -r .data | md5sum)" = \
		"$(for ((i = 0; i < 2000; i++)); do echo "line $i of output that spans many keys"; done | md5sum)" ]
	[ "$(grep '^{"id":"no_exit_status","stream"' raw | jq -r .data)" = "said and done" ]
}

@test "a server whose window stays closed keeps no other from its input" {
	head -c 300000 /dev/urandom >data
	status=0
	mroom exec -N -q -f 64 -t 60s -u 20s --stdin data -a -x 'silent,hangup,reset,banner_*,auth_*,kex_*,*_packet*,endless_*,*_kex,too_slow' \
		-- md5sum >raw 2>said </dev/null || status=$?
	[ "$(grep -c "^$(md5sum <data)" raw)" = 51 ] # byte_by_byte leads to a healthy one
	grep -q 'closed_window.*timeout' said || grep -q 'timeout: still running' said
}

# A server with that cipher and MAC, in the place of the file's; what a command there ended with.
status_under() {
	unset LAB
	lab_sshd_start "Ciphers $1" "MACs $2"
	lab_room 1
	mroom exec --json -w web-01 -- "exit $3" 2>&1 </dev/null | jq -r 'select(.outcome) | "\(.outcome) \(.status)"'
	lab_sshd_stop
}

@test "an exit status is heard whatever the server encrypts with" {
	while read -r cipher mac; do
		[ "$(status_under "$cipher" "$mac" 0)" = "ok 0" ]
		[ "$(status_under "$cipher" "$mac" 3)" = "failed 3" ]
	done <<-'ALGORITHMS'
	aes128-ctr hmac-sha2-256
	aes256-ctr hmac-sha2-512-etm@openssh.com
	aes128-gcm@openssh.com hmac-sha2-256
	chacha20-poly1305@openssh.com hmac-sha2-256
	ALGORITHMS
}
