#!/usr/bin/env bats
# mroom docker stats on a terminal, driven in tmux, and elsewhere.
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # what run sets; other shells expand

bats_require_minimum_version 1.5.0
load lib/lab
load lib/screen

setup_file() {
	[ -z "$MROOM_SANITIZED" ] || return 0
	require tmux || return 0
	lab_docker_start || return 0
	DOCKER_HOST=unix://$LAB/run/docker.sock
	export DOCKER_HOST
	docker run -d --no-healthcheck --name busy bbweb:1 sh -c 'while :; do :; done' >/dev/null
	docker run -d --no-healthcheck --name idle bbweb:1 sleep 10000 >/dev/null
	docker run -d --no-healthcheck --name twin bbweb:1 sh -c 'sleep 10000 & sleep 10000' >/dev/null
	unset DOCKER_HOST
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	not_quick
	lab_home
	lab_room 3
	screen_start 120 20 'nsenter --target "$LAB_DOCKER_PID" --net sh'
}

teardown() {
	screen_stop
}

# Server and container of each row, from above.
rows() {
	screen | awk '/^web-/ { print $1, $2 }' | xargs
}

@test "the busiest stand first and are kept up to date; keys sort, filter and quit; the journal has one run" {
	start 'mroom docker stats -a'
	shows '3 servers, 9/9 containers'
	lab_wait '[[ $(rows) == "web-01 busy web-02 busy web-03 busy "* ]]'
	keys s s s s s
	shows 'sort:server'
	[ "$(rows)" = "web-01 busy web-01 idle web-01 twin web-02 busy web-02 idle web-02 twin web-03 busy web-03 idle web-03 twin" ]
	keys r
	shows 'sort:server.r.'
	[[ $(rows) == "web-03 twin "* ]]
	keys / 'WEB-02 tw' Enter
	shows '3 servers, 1/9 containers'
	[ "$(rows)" = "web-02 twin" ]
	# What starts later is seen.
	engine_run mroom exec -q -w web-01 -- docker run -d --no-healthcheck --name tweed bbweb:1 sleep 10000 </dev/null
	keys / Escape
	shows '3 servers, 12/12 containers'
	shows '^web-03 +tweed '
	engine_run mroom exec -q -w web-01 -- docker rm -f tweed </dev/null
	shows '3 servers, 9/9 containers'
	tmux resize-window -x 40 -y 6
	lab_wait '[ "$(screen | grep -c ^web-)" -eq 3 ]'
	keys G
	shows '^web-01 +busy'
	tmux resize-window -x 120 -y 20
	shows 'BLOCK IN / OUT'
	keys q
	shows 'ended 0'
	restored
	[ "$(mroom log list | grep -c stats)" = 1 ]
}

@test "interrupted or killed it gives the terminal back and ends with 130" {
	for signal in INT TERM HUP; do
		start 'mroom docker stats -a'
		[ "$signal" = INT ] || shows '9/9 containers'
		if [ "$signal" = INT ]; then
			keys C-c
		else
			pkill "-$signal" -f 'mroom-docker stats' -t "$(tmux display -p '#{pane_tty}' | sed 's|/dev/||')"
		fi
		shows 'ended 130'
		restored
		keys 'clear; rm -f '"$BATS_TEST_TMPDIR"'/after' Enter
		lab_wait '! screen | grep -q ended'
	done
}

@test "a server in trouble is a row of its own; containers are chosen" {
	echo "gone-1--127.1.0.3--root----1--$LAB_KEY" >"$BATS_TEST_TMPDIR/gone.txt"
	mroom inventory import "$BATS_TEST_TMPDIR/gone.txt" >/dev/null 2>&1
	start "printf 'web-01\\ngone-1\\n' | mroom docker stats 'i*' twin -"
	shows '^gone-1 +unreachable: connection refused'
	shows '2 servers, 2/2 containers: .*; 1 in trouble'
	[ "$(rows | xargs -n 2 | sort | xargs)" = "web-01 idle web-01 twin" ]
	keys q
	shows 'ended 0'
}

@test "once, or where there is no terminal, it prints records" {
	run --separate-stderr engine_run mroom docker stats -a busy --columns id,container,pids </dev/null
	[ "$status" = 0 ]
	[ "$(sort <<<"$output")" = $'web-01\tbusy\t1\nweb-02\tbusy\t1\nweb-03\tbusy\t1' ]
	keys 'mroom docker stats -w web-01 --once; echo ended $?' Enter
	shows 'ended 0'
	screen | grep -qE '^ID +CONTAINER'
	screen | grep -qE '^web-01 +twin'
	keys clear Enter 'mroom docker stats -w web-01 --json; echo over $?' Enter
	shows 'over 0'
	screen | grep -q '^{"id":"web-01","container":"'
	keys clear Enter 'TERM=nothing mroom docker stats -w web-01; echo good $?' Enter
	shows 'good 0'
	shows '^web-01 +twin'
}
