#!/usr/bin/env bats
# mroom docker against a real engine behind several servers' addresses.

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
	lab_room 3
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	[ -z "${LAB:-}" ] || at_engine 'docker ps -aq | xargs -r docker rm -f >/dev/null'
}

# On the servers' network.
mr() {
	engine_run mroom "$@" </dev/null
}

# A command on the one engine that all servers share.
at_engine() {
	engine_run mroom exec -N -q -w web-01 -- "$1" </dev/null
}

docker_state() {
	at_engine "docker inspect -f '{{.State.Status}}' $1 2>/dev/null" || true
}

@test "ps lists containers of every server, with state and health" {
	at_engine 'docker run -d --name front bbweb:1 >/dev/null; docker create --name idle bbweb:1 >/dev/null'
	lab_wait "[ \"\$(at_engine 'docker inspect -f {{.State.Health.Status}} front')\" = healthy ]"
	run --separate-stderr mr docker ps -a --columns id,container,image,state,health
	[ "$status" = 0 ]
	[ "$(sort <<<"$output")" = "$(printf 'web-0%s\tfront\tbbweb:1\trunning\thealthy\nweb-0%s\tidle\tbbweb:1\tcreated\t\n' 1 1 2 2 3 3)" ]
	run --separate-stderr mr docker ps -w web-02 --health healthy --columns container
	[ "$output" = front ]
	run --separate-stderr mr docker ps -w web-02 --json 'i*'
	[ "$(jq -r '.id + " " + .container + " " + .state' <<<"$output")" = "web-02 idle created" ]
	run --separate-stderr mr docker ps -w web-02 --columns image_id front
	[[ $output == sha256:* ]]
}

@test "what is said on standard input is acted on, and nothing else" {
	at_engine 'for n in one two three; do docker run -d --name "$n" bbweb:1 sleep 1000 >/dev/null; done'
	before=$(at_engine 'docker inspect -f "{{.Name}} {{.State.StartedAt}}" one two three')
	engine_run bash -c "mroom docker ps -w web-01 2>/dev/null | awk -F'\t' '\$2 == \"two\"' | mroom docker restart --grace 1s - 2>/dev/null" >done
	[ "$(cat done)" = $'web-01\ttwo\tdone\t' ]
	after=$(at_engine 'docker inspect -f "{{.Name}} {{.State.StartedAt}}" one two three')
	[ "$(diff <(echo "$before") <(echo "$after") | grep -c '^>')" = 1 ]
	diff <(echo "$before") <(echo "$after") | grep -q '^> /two'
	# Ids of servers with a container named, as health's records are.
	engine_run bash -c "printf 'web-02\tCRITICAL\n' | mroom docker stop --grace 1s three - 2>/dev/null" >done
	[ "$(cat done)" = $'web-02\tthree\tdone\t' ]
	[ "$(docker_state three)" = exited ]
	[ "$(docker_state one)" = running ]
	# Whoever is named without a container is not asked for all of them.
	for words in 'docker stop -a -' 'docker stop -w web-01 -' 'docker rm --force -g lab -'; do
		run engine_run bash -c "printf 'web-02\tone\n' | mroom $words"
		[ "$status" = 2 ]
		[[ $output == *"pairs on standard input name their servers"* ]]
	done
	for id in @lab 'web-*' 'web-[01-02]' '^x'; do
		run engine_run bash -c "printf '%s\tone\n' '$id' | mroom docker stop -"
		[ "$status" = 2 ]
		[[ $output == *"is no server's id"* ]]
	done
	[ "$(docker_state one)" = running ]
	# Names and filters together: one that a filter leaves out is no stranger.
	run mr docker start -w web-01 three --state running
	[ "$status" = 0 ]
	[ "$(docker_state three)" = exited ]
}

@test "a name that nobody has is an error, a glob that nobody matches is not" {
	run --separate-stderr mr docker restart nothing -w web-01
	[ "$status" = 1 ]
	[[ $stderr == *"web-01: failed: no such container: nothing"* ]]
	run mr docker restart 'nothing*' -w web-01
	[ "$status" = 0 ]
	run mr docker restart -w web-01
	[ "$status" = 2 ]
	[[ $output == *"no container named"* ]]
	run engine_run bash -c "echo web-01 | mroom docker restart -"
	[ "$status" = 2 ]
	[[ $output == *"standard input:1: no container in the second field"* ]]
}

@test "hostile names and labels are harmless" {
	at_engine 'docker run -d --name fine --label "evil=\$(touch /tmp/mroom-pwned); x" bbweb:1 sleep 1000 >/dev/null'
	for name in '$(touch /tmp/mroom-pwned)' '; touch /tmp/mroom-pwned' $'a\nb' '-f' '`id`' '../x' '*;*'; do
		run mr docker stop -w web-01 -- "$name"
		[ "$status" -le 2 ]
	done
	run mr docker ps -w web-01 --label 'evil=$(touch /tmp/mroom-pwned); x' --columns container -q
	[ "$output" = fine ]
	run mr docker ps -w web-01 --keyword '$(touch /tmp/mroom-pwned)'
	[ "$status" = 0 ]
	[ ! -e /tmp/mroom-pwned ]
	[ "$(docker_state fine)" = running ]
}

@test "rm takes what is stopped, and what runs only by force" {
	at_engine 'docker run -d --name up bbweb:1 sleep 1000 >/dev/null; docker create --name off bbweb:1 >/dev/null'
	run --separate-stderr mr docker rm up -w web-01
	[ "$status" = 1 ]
	[[ $output == $'web-01\tup\tfailed\t'* ]]
	run mr docker rm off -w web-01 -q
	[ "$output" = $'web-01\toff\tdone\t' ]
	run mr docker rm --force up -w web-01 -q
	[ "$status" = 0 ]
	[ -z "$(at_engine 'docker ps -aq')" ]
}

@test "logs are shown with server and container, filtered where they arise" {
	at_engine 'for n in aa bb; do docker run -d --name "log-$n" bbweb:1 sh -c "echo \"first of $n\"; echo \"ERROR in $n\" >&2" >/dev/null; done'
	lab_wait "[ \"\$(docker_state log-bb)\" = exited ]"
	run --separate-stderr mr docker logs 'log-*' -w 'web-[01-02]'
	[ "$status" = 0 ]
	[ "$(grep -c 'log-aa: first of aa$' <<<"$output")" = 2 ]
	run --separate-stderr mr docker logs log-aa -w web-03 --grep ERROR
	[ "$output" = $'web-03\tERROR in aa' ]
	# as records: the container is a field, also where it is the only one
	run --separate-stderr mr docker logs 'log-*' -w 'web-[01-02]' -o json
	[ "$(jq -c 'select(.data) | [.id, .container, .stream, .data]' <<<"$output" | sort)" = "$(for id in web-01 web-02; do
		for n in aa bb; do printf '["%s","log-%s","stdout","%s"]\n' $id $n "ERROR in $n" $id $n "first of $n"; done
	done)" ]
	run --separate-stderr mr docker logs log-aa -w web-03 --grep first --json
	[ "$(jq -r 'select(.data) | .container + " " + .data' <<<"$output")" = "log-aa first of aa" ]
	run --separate-stderr mr docker logs 'log-*' -w web-03 --grep ERROR -o tsv
	[ "$(sort <<<"$output")" = $'web-03\tlog-aa\tERROR in aa\nweb-03\tlog-bb\tERROR in bb' ]
	run mr docker logs nothing -w web-03
	[ "$status" = 1 ]
}

@test "what is followed comes at once, filtered too, of several containers; what the engine refuses is a failure" {
	at_engine 'for n in aa bb; do docker run -d --no-healthcheck --name "live-$n" bbweb:1 sh -c "while :; do echo \"ERROR $n\"; echo fine; sleep 0.2; done"; done' >/dev/null
	nsenter --target "$LAB_DOCKER_PID" --net mroom docker logs 'live-*' -w 'web-[01-02]' --follow --since 1s --grep ERROR </dev/null >lines 2>said 3>&- &
	for line in 'web-01\tlive-aa: ERROR aa' 'web-01\tlive-bb: ERROR bb' 'web-02\tlive-aa: ERROR aa' 'web-02\tlive-bb: ERROR bb'; do
		lab_wait "grep -qxP '$line' lines"
	done
	kill -TERM $!
	status=0
	wait $! || status=$?
	[ "$status" = 130 ]
	refute grep -q fine lines
	nsenter --target "$LAB_DOCKER_PID" --net mroom docker logs live-aa -w web-01 --follow --since 1s -o tsv </dev/null >lines 2>said 3>&- &
	lab_wait "grep -qxP 'web-01\tlive-aa\tfine' lines"
	kill -TERM $!
	wait $! || true
	run mr docker logs live-aa -w web-01 --since 3q
	[ "$status" = 1 ]
	[[ $output == *'web-01	'*'"3q"'* ]]
	run mr docker logs live-aa -w web-01 --since yesterday
	[ "$status" = 2 ]
	[[ $output == *"--since: 'yesterday' is no time"* ]]
}

@test "exec runs words as they are in a container" {
	at_engine 'docker run -d --name box bbweb:1 sleep 1000 >/dev/null'
	run --separate-stderr mr docker exec -w web-01 box printf '<%s>' 'a b' "c'd" '$HOME' '*'
	[ "$status" = 0 ]
	[ "$output" = "web-01	<a b><c'd><\$HOME><*>" ]
	run --separate-stderr mr docker exec -o tsv -w web-01 box printf 'a\tb'
	[ "$output" = 'web-01	a\tb' ]
	run --separate-stderr mr docker exec -o json -w web-01 box sh -c 'echo out; echo err >&2'
	[ "$(jq -r 'select(.data) | .id + " " + .stream + " " + .data' <<<"$output" | sort)" = $'web-01 stderr err\nweb-01 stdout out' ]
	run --separate-stderr mr docker -o json -w web-01 -- ps --format '{{.Names}}'
	[ "$(jq -r 'select(.data).data' <<<"$output")" = box ]
	run mr docker exec -w web-01 box sh -c 'exit 7'
	[ "$status" = 1 ]
	[[ $output == *"exit status 7"* ]]
}

@test "a registry wants a login; the password is on no command line; pull tells what it brought" {
	at_engine 'docker tag bbweb:1 127.0.0.1:5000/b:1; echo secret | docker login -u user --password-stdin 127.0.0.1:5000 >/dev/null 2>&1; docker push -q 127.0.0.1:5000/b:1; docker rmi 127.0.0.1:5000/b:1; docker logout 127.0.0.1:5000' >/dev/null
	run --separate-stderr mr docker pull 127.0.0.1:5000/b:1 -w web-01
	[ "$status" = 1 ]
	[[ $stderr == *"unauthorized"*"docker login"* ]]
	(umask 077 && echo wrong >wrong && echo secret >right)
	run mr docker login 127.0.0.1:5000 --registry-user user --registry-password-file wrong -w web-01
	[ "$status" = 1 ]
	[[ $output == *"unauthorized"* ]]
	run mr docker login 127.0.0.1:5000 --registry-user user --registry-password-file right -w web-01
	[ "$status" = 0 ]
	run --separate-stderr mr docker pull 127.0.0.1:5000/b:1 -w web-01
	[ "$status" = 0 ]
	[[ $output == $'web-01\t127.0.0.1:5000/b:1\tsha256:'* ]]
	# A disk without room for what is pulled.
	at_engine 'docker run --name fat bbweb:1 sh -c "head -c 1000000 /dev/urandom >/fat"; docker commit fat 127.0.0.1:5000/fat:1; docker push -q 127.0.0.1:5000/fat:1; docker rm fat; docker rmi 127.0.0.1:5000/fat:1' >/dev/null
	nsenter --target "$LAB_DOCKER_PID" --mount mount -t tmpfs -o size=64k tmpfs "$LAB/lib/tmp"
	run --separate-stderr mr docker pull 127.0.0.1:5000/fat:1 -w web-01
	nsenter --target "$LAB_DOCKER_PID" --mount umount "$LAB/lib/tmp"
	[ "$status" = 1 ]
	[[ $stderr == *"web-01: failed: disk full: "*"no space left on device"* ]]
	run --separate-stderr mr docker pull 127.0.0.1:5000/nothing:1 -w web-01
	[ "$status" = 1 ]
	[[ $stderr == *"web-01: failed: no such image"* ]]
	run mr docker logout 127.0.0.1:5000 -w web-01
	[ "$status" = 0 ]
}

@test "inspect gives JSON, stats numbers, doctor a verdict" {
	at_engine 'docker run -d --no-healthcheck --name box bbweb:1 sleep 1000 >/dev/null'
	run --separate-stderr mr docker inspect box -w web-01 --json
	[ "$(jq -r .inspect.Config.Image <<<"$output")" = bbweb:1 ]
	run --separate-stderr mr docker stats -w web-01 --columns id,container,pids
	[ "$output" = $'web-01\tbox\t1' ]
	run --separate-stderr mr docker doctor -w web-01
	grep -q $'^web-01\tengine\tok\t' <<<"$output"
	grep -q $'^web-01\taccess\tok\t' <<<"$output"
	grep -q $'^web-01\tdisk\t' <<<"$output"
}

@test "a server without an engine says so" {
	lab_dir
	run mr docker ps -w web-01 --no-such-option
	[ "$status" = 2 ]
	cat "$MROOM_TOP/share/remote/engine.sh" "$MROOM_TOP/share/remote/docker.sh" >whole.sh
	mkdir empty
	for tool in sh cut tail printf tr id; do ln -s "$(type -P "$tool")" empty/; done
	sed "s|^PATH=.*|PATH=$PWD/empty|" whole.sh >bare.sh
	run sh bare.sh ps no
	[ "$status" != 0 ]
	[[ $output == *"no container engine"* ]]
}

@test "who may not use the engine is told so, and so is an engine that is down" {
	run --separate-stderr mr docker ps -w web-01 -l lab
	[ "$status" = 1 ]
	[[ $stderr == *"web-01: failed: no permission (try: mroom docker doctor): "*"permission denied"* ]]
	run --separate-stderr mr docker doctor -w web-01 -l lab
	[[ $output == *$'web-01\taccess\tbad\tlab may not use the engine'*"usermod -aG docker lab"* ]]
	# The last of this file's tests.
	kill -9 $(pgrep -f -- "--data-root $LAB/lib ")
	run --separate-stderr mr docker ps -w web-01
	[ "$status" = 1 ]
	[[ $stderr == *"web-01: failed: daemon down (try: mroom docker doctor): Cannot connect"* ]]
	run --separate-stderr mr docker doctor -w web-01
	[[ $output == *$'web-01\taccess\tbad\tthe engine does not answer: '* ]]
}
