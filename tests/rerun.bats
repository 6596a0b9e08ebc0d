#!/usr/bin/env bats
# Targets from the journal: those that failed in the newest run of this terminal session, or in the run of a number.

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
	cd "$BATS_TEST_TMPDIR"
}

run_exec() {
	status=0
	mroom exec "$@" >raw 2>said </dev/null || status=$?
	out=$(sort raw)
	err=$(cat said)
}

@test "@failed, @ok and @unreachable are those of the newest run, which is named first" {
	run_exec -a -w 127.0.0.1:1 -- 'case $SSH_CONNECTION in *127.1.0.[24]*) exit 3;; esac'
	run_exec -w @failed --list
	[ "$out" = "web-02
web-04" ]
	run_exec -w @ok --list
	[ "$out" = "web-01
web-03
web-05
web-06" ]
	run_exec -w @unreachable --list
	[ "$out" = "127.0.0.1:1" ]
	run_exec -w @failed -- 'case $SSH_CONNECTION in *127.1.0.2*) exit 3;; esac; echo again'
	[ "$out" = "web-04	again" ]
	[ "$(head -n 1 said)" = 'run 1: exec: case $SSH_CONNECTION in *127.1.0.[24]*) exit 3;; esac' ]
	run_exec -q -w @failed -- 'echo third'
	[ "$out" = "web-02	third" ]
	[ "$err" = "" ]
	run_exec -w @failed -- true
	[ "$status" = 0 ]
	[[ $err == *"no servers"* ]]
}

@test "@run:N and @run:N:OUTCOME name an older run; they combine with others" {
	run_exec -w 'web-[01-03]' -- 'case $SSH_CONNECTION in *127.1.0.2*) exit 3;; esac'
	run_exec -w web-05 -- true
	run_exec -w @run:1 --list
	[ "$out" = "web-01
web-02
web-03" ]
	[[ $err == "run 1: exec: case"* ]]
	run_exec -w @run:1:failed,@run:2 --list
	[ "$out" = "web-02
web-05" ]
	run_exec -w @run:1 -x @run:1:failed --list
	[ "$out" = "web-01
web-03" ]
	run_exec -w @run:9 -- true
	[ "$status" = 2 ]
	[[ $err == *"no run 9"* ]]
	run_exec -w @run:x -- true
	[ "$status" = 2 ]
	run_exec -w @run:1:nonsense -- true
	[ "$status" = 2 ]
}

@test "without a run of this session there is nothing to go by" {
	run_exec -w @failed -- true
	[ "$status" = 2 ]
	[[ $err == *"no run of this terminal session"* ]]
	require script
	script -qefc 'mroom exec -w web-01 -- false' /dev/null >/dev/null </dev/null || true
	run_exec -w @failed -- true
	[ "$status" = 2 ]
	run_exec -w @run:1:failed --list
	[ "$out" = web-01 ]
}

@test "a run that goes on is not the newest: only one that ended is" {
	run_exec -w web-02 -- false
	mkfifo hold
	mroom exec -q -w web-03 -- 'echo up; sleep 86701' >up 2>/dev/null </dev/null &
	pid=$!
	lab_wait 'grep -q up up'
	run_exec -w @failed --list
	[ "$out" = web-02 ]
	kill -TERM $pid
	wait $pid || true
	run_exec -w @cancelled --list
	[ "$out" = web-03 ]
}

@test "servers that were retired or forgotten since then are left out" {
	run_exec -w 'web-[01-03]' -- false
	mroom inventory retire web-01 >/dev/null 2>&1
	sqlite3 "$MROOM_HOME/mroom.db" "DELETE FROM server WHERE id = 'web-02'"
	run_exec -w @failed --list
	[ "$out" = web-03 ]
	[[ $err == *"(1 of its servers are known no more)"* ]]
}
