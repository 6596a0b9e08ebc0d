#!/usr/bin/env bats
# mroom docker compose, install, and the engine's own command line, against a real engine.

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
	lab_room 2
	cd "$BATS_TEST_TMPDIR" || return
	cat >shop.yaml <<-'YAML'
	services:
	  web:
	    image: "{{image|bbweb:1}}"
	    environment: {WHERE: "{{SERVER_ID}}", TRICKY: "a\"b\\c"}
	    volumes: ["data:/data"]
	  worker:
	    image: bbweb:1
	    command: sh -c "echo working; exec sleep 1000"
	    stop_grace_period: 1s
	    healthcheck: {test: ["CMD", "true"], interval: 1s}
	volumes: {data: {}}
	YAML
}

teardown() {
	[ -z "${LAB:-}" ] || at_engine 'docker ps -aq | xargs -r docker rm -f >/dev/null; docker volume prune -f >/dev/null; docker network prune -f >/dev/null; rm -rf .mroom'
}

mr() {
	engine_run mroom "$@" </dev/null
}

at_engine() {
	engine_run mroom exec -N -q -w web-01 -- "$1" </dev/null
}

@test "up puts a rendered file in place and runs it; again nothing changes; ps and logs are the project's" {
	run --separate-stderr mr docker compose up shop.yaml -w web-01 --wait
	[ "$status" = 0 ]
	[ "$output" = $'web-01\tshop\tcreated\t2/2' ]
	grep -q 'WHERE: "web-01"' "$LAB/home/.mroom/compose/shop/compose.yaml"
	[ "$(stat -c %a "$LAB/home/.mroom/compose/shop/compose.yaml" "$LAB/home/.mroom/compose/shop" | xargs)" = "600 700" ]
	at_engine 'docker run -d --name other bbweb:1 sleep 1000' >/dev/null
	before=$(at_engine 'docker ps -q --no-trunc | sort')
	run --separate-stderr mr docker compose up shop.yaml -w web-01
	[ "$output" = $'web-01\tshop\tsame\t2/2' ]
	[ "$(at_engine 'docker ps -q --no-trunc | sort')" = "$before" ]
	run --separate-stderr mr docker compose ps shop -w web-01 --columns container,health
	[ "$(sort <<<"$output" | cut -f1)" = $'shop-web-1\nshop-worker-1' ]
	grep -q $'^shop-web-1\thealthy$' <<<"$output"
	run --separate-stderr mr docker compose logs shop.yaml -w web-01 --grep working
	[ "$output" = $'web-01\tshop-worker-1: working' ]
	run --separate-stderr mr docker compose down shop -w web-01 --volumes
	[ "$output" = $'web-01\tshop\tdown\t0/0' ]
	[ "$(at_engine 'docker ps --format "{{.Names}}"')" = other ]
	refute grep -q shop_data <<<"$(at_engine 'docker volume ls -q')"
}

@test "a file that is not valid replaces nothing, and one that does not get well is a failure" {
	mr docker compose up shop.yaml -w web-01
	printf 'services: {web: {image: bbweb:1, prts: [80]}}\n' >shop.yaml
	run --separate-stderr mr docker compose up shop.yaml -w web-01
	[ "$status" = 1 ]
	[[ $stderr == *"web-01: failed: bad file: the file is not valid: "*prts* ]]
	grep -q worker "$LAB/home/.mroom/compose/shop/compose.yaml"
	[ "$(ls -A "$LAB/home/.mroom/compose/shop")" = compose.yaml ]
	printf 'services: {web: {image: "bbweb:sick"}}\n' >sick.yaml
	run --separate-stderr mr docker compose up sick.yaml -w web-01 --wait --wait-timeout 30s
	[ "$status" = 1 ]
	[[ $stderr == *"web-01: failed: not healthy: "* ]]
	printf 'x: {{nothing}}\n' >none.yaml
	run --separate-stderr mr docker compose up none.yaml -w web-01
	[ "$status" = 1 ]
	[[ $stderr == *"none.yaml:1: no value for nothing"* ]]
	run mr docker compose down never -w web-01
	[ "$status" = 1 ]
	[[ $output == *"no project never in place"* ]]
	run mr docker compose up 'Bad Name.yaml' -w web-01
	[ "$status" = 2 ]
	[[ $output == *"no project's name"* ]]
}

@test "config tells what a file comes to on each server, as JSON" {
	mr state set web-02 image bbweb:sick
	run --separate-stderr mr docker compose config shop.yaml -w 'web-[01-02]' --json
	[ "$status" = 0 ]
	[ "$(jq -r '[.id, .config.services.web.image, .config.services.web.environment.WHERE, .config.services.web.environment.TRICKY] | join(" ")' <<<"$output" | sort)" = $'web-01 bbweb:1 web-01 a"b\\c\nweb-02 bbweb:sick web-02 a"b\\c' ]
	[ ! -e "$LAB/home/.mroom/compose/shop" ]
}

@test "upgrade pulls and makes containers anew" {
	at_engine 'docker tag bbweb:1 127.0.0.1:5000/b:1; echo secret | docker login -u user --password-stdin 127.0.0.1:5000 >/dev/null 2>&1; docker push -q 127.0.0.1:5000/b:1; docker rmi 127.0.0.1:5000/b:1' >/dev/null
	printf 'services: {web: {image: "127.0.0.1:5000/b:1", stop_grace_period: 1s}}\n' >pulled.yaml
	run --separate-stderr mr docker compose pull pulled.yaml -w web-01
	[ "$status" = 0 ]
	[ "$output" = $'web-01\tpulled\tpulled\t0/0' ]
	[ ! -e "$LAB/home/.mroom/compose/pulled" ]
	mr docker compose up pulled.yaml -w web-01
	before=$(at_engine 'docker ps -q --no-trunc')
	run --separate-stderr mr docker compose up pulled.yaml -w web-01 --upgrade
	[ "$output" = $'web-01\tpulled\tsame\t1/1' ]
	[ "$(at_engine 'docker ps -q --no-trunc')" != "$before" ]
	at_engine 'docker logout 127.0.0.1:5000' >/dev/null
}

@test "whatever follows the dashes is the engine's own command, word by word" {
	run --separate-stderr mr docker -w 'web-[01-02]' -- image ls --format '{{.Repository}} {{.Tag}}' bbweb:1
	[ "$status" = 0 ]
	[ "$(sort <<<"$output")" = $'web-01\tbbweb 1\nweb-02\tbbweb 1' ]
	run --separate-stderr mr docker -N -w web-01 -- run --rm bbweb:1 printf '<%s>' 'a b' '$HOME' "c'd"
	[ "$output" = "<a b><\$HOME><c'd>" ]
	run mr docker -w web-01 -- inspect nothing
	[ "$status" = 1 ]
	run mr docker -w web-01 image ls
	[ "$status" = 2 ]
	[[ $output == *"behind --"* ]]
	run mr docker -w web-01 --
	[ "$status" = 2 ]
	[ -z "$(mr docker -w web-01 --list -- ps | grep -v '^web-01$')" ]
}

@test "install is the deployment's stage, and leaves alone what is there" {
	run --separate-stderr mr docker install -w web-01
	[ "$status" = 0 ]
	[[ $output == web-01$'\t'docker$'\t'* ]]
	[ "$(mr state get web-01 docker_installed)" = true ]
}
