#!/usr/bin/env bats
# mroom docker where the engine is podman, and docker is not there.

bats_require_minimum_version 1.5.0
load lib/lab

setup_file() {
	[ -n "$MROOM_SANITIZED" ] || lab_podman_start || return 0
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	not_quick
	lab_home
	lab_room 2
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
	[ -z "${LAB:-}" ] || at_engine 'podman rm -af >/dev/null 2>&1; podman volume prune -f >/dev/null'
}

mr() {
	engine_run mroom "$@" </dev/null
}

at_engine() {
	engine_run mroom exec -N -q -w web-01 -- "$1" </dev/null
}

@test "run creates, leaves alone, replaces; ps tells; logs; stop, start, rm" {
	run at_engine 'command -v docker'
	[ "$status" != 0 ]
	asked=(--name web --publish 8080:80 --volume data:/data --network front --env COLOUR=blue --set-label tier=front bbweb:1)
	run --separate-stderr mr docker run -w web-01 "${asked[@]}"
	[ "$status" = 0 ]
	[ "$output" = $'web-01\tweb\tcreated\t0' ]
	[ "$(engine_run curl -s http://127.0.0.1:8080/)" = ok ]
	run --separate-stderr mr docker run -w web-01 "${asked[@]}"
	[ "$output" = $'web-01\tweb\tunchanged\t0' ]
	run --separate-stderr mr docker run -w web-01 --replace --set-label v=2 "${asked[@]}"
	[[ $output =~ ^web-01$'\t'web$'\t'replaced$'\t'[1-9][0-9]*$ ]]
	[ "$(engine_run curl -s http://127.0.0.1:8080/)" = ok ]
	[ "$(at_engine 'podman exec web sh -c "echo \$COLOUR"')" = blue ]
	run --separate-stderr mr docker ps -w 'web-[01-02]' --columns id,container,image,state
	[ "$(sort <<<"$output")" = $'web-01\tweb\tlocalhost/bbweb:1\trunning\nweb-02\tweb\tlocalhost/bbweb:1\trunning' ]
	[ "$(mr docker ps -w web-01 --label tier=front --columns container -q)" = web ]
	[[ $(mr docker ps -w web-01 --columns image_id -q) == *[0-9a-f]* ]]
	run --separate-stderr mr docker logs web -w web-02 --grep response
	[[ $output == $'web-02\t'*'response:200'* ]]
	[ "$(mr docker stats -w web-01 --columns id,container -q)" = $'web-01\tweb' ]
	engine_run bash -c "mroom docker ps -w web-01 -q | mroom docker stop --grace 1s - -q" >done
	[ "$(cat done)" = $'web-01\tweb\tdone\t' ]
	[ "$(mr docker ps -w web-01 --columns state -q)" = exited ]
	[ "$(mr docker start web -w web-01 -q)" = $'web-01\tweb\tdone\t' ]
	run --separate-stderr mr docker rm web -w web-01
	[ "$status" = 1 ]
	[ "$(mr docker rm --force web -w web-01 -q)" = $'web-01\tweb\tdone\t' ]
	[ -z "$(mr docker ps -w web-01 -q)" ]
}

@test "health is looked at where nothing else does, and what never gets well gives way to the old" {
	run --separate-stderr mr docker run -w web-01 --name web --publish 8080:80 --health-cmd 'wget -q -O /dev/null http://127.0.0.1/' bbweb:1
	[ "$status" = 0 ]
	old=$(at_engine 'podman inspect -f "{{.Id}} {{.State.Running}}" web')
	run --separate-stderr mr docker run -w web-01 --name web --replace --wait 5s --publish 8080:80 --health-cmd false bbweb:1
	[ "$status" = 1 ]
	[[ $stderr == *"not healthy"*"the old one serves again after "*" ms"* ]]
	[ "$(at_engine 'podman inspect -f "{{.Id}} {{.State.Running}}" web')" = "$old" ]
	[ "$(engine_run curl -s http://127.0.0.1:8080/)" = ok ]
	run at_engine 'podman ps -aq | wc -l'
	[ "$output" = 1 ]
}

@test "trouble is told in podman's words, by its kind" {
	at_engine "podman run -d --name web -p 8080:80 bbweb:1" >/dev/null
	run mr docker run -w web-01 --name web bbweb:1
	[[ $output == *"name conflict"* ]]
	run mr docker run -w web-01 --name other --publish 8080:80 bbweb:1
	[ "$status" = 1 ]
	[[ $output == *"port taken"* ]]
	run mr docker run -w web-01 --name other nothing:1
	[ "$status" = 1 ]
	[[ $output == *"no such image"* ]]
	run mr docker run -w web-01 --name other 127.0.0.1:1/nothing:1
	[ "$status" = 1 ]
	[[ $output == *"registry unreachable"* ]]
	run mr docker run -w web-01 --name other --bind /nonexistent/x:/x bbweb:1
	[ "$status" = 1 ]
	[[ $output == *"bad mount"* ]]
	run mr docker restart nothing -w web-01
	[[ $output == *"no such container"* ]]
	[ "$(mr docker ps -w web-01 --columns container -q)" = web ]
}
