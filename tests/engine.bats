#!/usr/bin/env bats
# The lab of the container engine itself: what every test of containers stands on.

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
	lab_room 3
}

@test "servers with a private engine answer mroom, and nobody else sees them" {
	run engine_run mroom exec -a -- docker images bbweb --format '{{.Tag}}' </dev/null
	[ "$status" = 0 ]
	[ "$(grep -c $'\t1$' <<<"$output")" = 3 ]
	[ "$(grep -c $'\tsick$' <<<"$output")" = 3 ]
	run mroom exec -w web-01 -t 5s -- true </dev/null
	[ "$status" = 4 ]
	# Their socket is not the system's.
	refute grep -q "$LAB" /proc/self/mounts
}

@test "a healthy image gets healthy, a sick one never does" {
	engine_run mroom exec -w web-01 -- 'docker run -d --name well bbweb:1; docker run -d --name ill bbweb:sick' </dev/null
	state='engine_run mroom exec -N -q -w web-01 -- docker inspect -f {{.State.Health.Status}} '
	lab_wait "[ \"\$($state well </dev/null)\" = healthy ]"
	lab_wait "[ \"\$($state ill </dev/null)\" = unhealthy ]"
}

@test "the registry wants a login, and keeps what is pushed" {
	run engine_run mroom exec -N -w web-01 -- 'docker tag bbweb:1 127.0.0.1:5000/b:1; docker push -q 127.0.0.1:5000/b:1 2>&1' </dev/null
	[ "$status" = 1 ]
	run engine_run mroom exec -N -w web-01 -- 'echo secret | docker login -u user --password-stdin 127.0.0.1:5000 2>&1 && docker push -q 127.0.0.1:5000/b:1' </dev/null
	[ "$status" = 0 ]
	[[ $output == *"127.0.0.1:5000/b:1"* ]]
}
