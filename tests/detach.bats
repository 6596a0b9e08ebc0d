#!/usr/bin/env bats
# mroom exec --detach and --collect: commands that no lost console touches, and what came of them.
# shellcheck disable=SC2154 # what run_exec sets

load lib/lab
load lib/copy

setup_file() {
	lab_homes_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	lab_room 3
	lab_homes 3
	cd "$BATS_TEST_TMPDIR" || return 1
	wait_for_go="until [ -e '$PWD/go' ]; do sleep 0.1; done"
}

teardown() {
	touch "$BATS_TEST_TMPDIR/go"
}

# Output in $out, sorted; what was said in $err, the status in $status, the run's number in $run when it detached.
run_exec() {
	status=0
	mroom exec "$@" >raw 2>said </dev/null || status=$?
	out=$(sort raw)
	err=$(cat said)
	[ -z "$err" ] || echo "$err"
	[[ $err != *" on: mroom exec --collect "* ]] || run=${err##* }
}

# What is kept on the Nth server.
kept() {
	echo "$(srv "$1")"/.mroom/detached/*
}

# Waits until the commands on these servers have ended.
ended() {
	local n
	for n; do
		lab_wait "[ -e $(kept "$n")/status ]"
	done
}

@test "a detached command goes on in a session of its own; output and exit status are fetched later, once" {
	run_exec --detach -w 'web-[01-02]' -- "echo begun; echo oops >&2; $wait_for_go; echo done; exit 3"
	[ "$status" = 0 ]
	[ -z "$out" ]
	[[ $err == *"they go on: mroom exec --collect "[1-9]* ]]
	pid=$(cat "$(kept 1)/pid")
	lab_wait '[ "$(ps -o sid= -p "$pid" | tr -d " ")" = "$pid" ]'
	[ "$(stat -c %a "$(kept 1)")" = 700 ]
	run_exec --collect "@run:$run"
	[ "$status" = 5 ]
	[ -z "$out" ]
	[[ $err == *"web-[01-02]: skipped: still running"* ]]
	touch go
	ended 1 2
	run_exec --collect "$run"
	[ "$status" = 1 ]
	[ "$out" = "web-01	begun
web-01	done
web-02	begun
web-02	done" ]
	[[ $err == *"web-01	oops"* ]]
	[[ $err == *"web-[01-02]: failed: exit status 3"* ]]
	[ -z "$(ls "$(srv 1)/.mroom/detached" "$(srv 2)/.mroom/detached" | grep -v :)" ]
	run_exec --collect "$run"
	[ "$status" = 1 ]
	[[ $err == *"web-[01-02]: failed: nothing is kept there"* ]]
}

@test "of a run's servers those that are done are collected, the others later" {
	run_exec --detach -w 'web-[01-02]' -- "case \$HOME in *127.1.0.2) $wait_for_go;; esac; echo done"
	ended 1
	run_exec --collect "$run"
	[ "$status" = 5 ]
	[ "$out" = "web-01	done" ]
	touch go
	ended 2
	run_exec -w web-02 --collect "$run"
	[ "$status" = 0 ]
	[ "$out" = "web-02	done" ]
}

@test "a console that is killed loses none of what it detached" {
	mroom exec --detach --canary 1 --pause 600s -w 'web-[01-03]' -- "$wait_for_go; echo done" >raw 2>said </dev/null &
	console=$!
	lab_wait '[ "$(sqlite3 "$MROOM_HOME/mroom.db" "SELECT count(*) FROM result WHERE reason = '"'detached'"'")" = 1 ]'
	run=$(sqlite3 "$MROOM_HOME/mroom.db" 'SELECT max(run) FROM run')
	kill -9 "$console"
	wait "$console" || true
	touch go
	ended 1
	run_exec -q --collect "$run"
	[ "$status" = 0 ]
	[ "$out" = "web-01	done" ]
}

@test "a detached script has its arguments, place, environment and values; bytes come back as they are" {
	printf '#!/bin/bash\nprintf "%%s|" "$PWD" "$PLACE" "$@"\nprintf "\\377\\0\\n"\ncat' >script
	mkdir dir
	run_exec --detach -w web-01 --cd "$PWD/dir" --env PLACE=here --subst --script script -- 'two words' "it's" '%h' '$x'
	[ "$status" = 0 ]
	ended 1
	run_exec -q -N -w web-01 --collect "$run"
	[ "$status" = 0 ]
	printf '%s|here|two words|it'"'"'s|web-01|$x|\377\0\n' "$PWD/dir" | cmp - raw
}

@test "--stdin is there for a detached command, which need not read it" {
	head -c 300000 /dev/urandom >data
	run_exec --detach -w 'web-[01-02]' --stdin data -- md5sum
	[ "$status" = 0 ]
	ended 1 2
	run_exec -q -b --json --collect "$run"
	[ "$(jq -r 'select(.count) | .count, .data' raw)" = "2
$(md5sum <data)" ]
	run_exec --detach -w web-01 --stdin data -- true
	ended 1
	run_exec -q --collect "$run"
	[ "$status" = 0 ]
}

@test "a command that is gone without a word is said so, with what it had said" {
	run_exec --detach -w web-01 -- "echo begun; $wait_for_go"
	lab_wait "[ -s $(kept 1)/out ]"
	kill -9 -- "-$(cat "$(kept 1)/pid")"
	lab_wait "! kill -0 $(cat "$(kept 1)/pid") 2>/dev/null"
	run_exec --collect "$run"
	[ "$status" = 1 ]
	[ "$out" = "web-01	begun" ]
	[[ $err == *"web-01: failed: gone without an exit status"* ]]
	[ -z "$(ls "$(srv 1)/.mroom/detached")" ]
}

@test "a number that was another process's before the server's last start is not taken for it" {
	run_exec --detach -w web-01 -- "$wait_for_go"
	echo before >"$(kept 1)/boot"
	run_exec --collect "$run"
	[[ $err == *"web-01: failed: gone without an exit status"* ]]
}

@test "what cannot be collected or detached is refused before anything is done" {
	run_exec -w web-01 -- true
	run_exec --collect 1
	[ "$status" = 2 ]
	[[ $err == *"run 1 detached no commands"* ]]
	for words in '--collect 77' '--collect x' '--detach --collect 1 -w web-01' '--detach -w web-01 --tty -- true' \
		'--detach -w web-01 --raw -- true' '--collect 1 -- true'; do
		# shellcheck disable=SC2086 # words
		run_exec $words
		[ "$status" = 2 ]
	done
	[ ! -e "$(srv 1)/.mroom" ]
}
