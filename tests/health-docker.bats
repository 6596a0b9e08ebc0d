#!/usr/bin/env bats
# mroom health check of servers with a real container engine.
# shellcheck disable=SC2154 # stderr is what run --separate-stderr sets

bats_require_minimum_version 1.5.0
load lib/lab

setup_file() {
	[ -n "$MROOM_SANITIZED" ] || lab_docker_start || return 0
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	not_quick
	lab_home
	lab_room 1
	printf '[health]\nping_address =\ndns_name =\n' >"$MROOM_HOME/config.ini"
}

on_server() {
	engine_run mroom exec -w web-01 -N -q -- "$@"
}

check() {
	engine_run mroom health check web-01 -q --only 'container*' --columns status,check,text
}

@test "a container that is unhealthy or restarting is CRITICAL by name, one that is well is counted" {
	on_server 'docker run -d --init --name well bbweb:1; docker run -d --init --name sick bbweb:sick;
		docker run -d --restart always --name loop bbweb:1 false' >/dev/null
	lab_wait "check | grep -q 'CRITICAL	container:sick	.*unhealthy'" 60
	lab_wait "check | grep -q 'CRITICAL	container:loop	Restarting'" 60
	run --separate-stderr check
	[ "$status" -eq 2 ]
	! grep -q 'container:well' <<<"$output" || return 1
	[[ $output == *"OK	containers	"*" running, "*" in trouble (docker)"* ]]
	on_server 'docker rm -f sick loop' >/dev/null
	run --separate-stderr check
	[ "$status" -eq 0 ]
	[ "$output" = "OK	containers	1 running, 0 in trouble (docker)" ]
}
