#!/usr/bin/env bats
# mroom docker run against a real engine: created, left alone, replaced, and back again.

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
}

teardown() {
	[ -z "${LAB:-}" ] || at_engine 'docker ps -aq | xargs -r docker rm -f >/dev/null; docker volume prune -f >/dev/null'
}

mr() {
	engine_run mroom "$@" </dev/null
}

at_engine() {
	engine_run mroom exec -N -q -w web-01 -- "$1" </dev/null
}

inspect() {
	at_engine "docker inspect -f '$2' $1"
}

@test "a container is created as asked, and left alone when it is so already" {
	mkdir -m 755 "$LAB/site"
	echo bound >"$LAB/site/index.html"
	asked=(--name web --publish 8080:80 --bind "$LAB/site:/www:ro" --volume data:/data --network front
		--env COLOUR=blue --set-label tier=front bbweb:1)
	run --separate-stderr mr docker run -w web-01 "${asked[@]}"
	[ "$status" = 0 ]
	[ "$output" = $'web-01\tweb\tcreated\t0' ]
	[ "$(inspect web '{{.HostConfig.RestartPolicy.Name}} {{index .HostConfig.LogConfig.Config "max-size"}} {{index .HostConfig.LogConfig.Config "max-file"}} {{.HostConfig.NetworkMode}}')" = "unless-stopped 10m 5 front" ]
	[ "$(engine_run curl -s http://127.0.0.1:8080/)" = bound ] || [ "$(at_engine 'wget -qO- http://127.0.0.1:8080/ || curl -s http://127.0.0.1:8080/')" = bound ]
	[ "$(at_engine 'docker exec web sh -c "echo \$COLOUR"')" = blue ]
	started=$(inspect web '{{.State.StartedAt}}')
	run --separate-stderr mr docker run -w web-01 "${asked[@]}"
	[ "$output" = $'web-01\tweb\tunchanged\t0' ]
	[ "$(inspect web '{{.State.StartedAt}}')" = "$started" ]
	# Anything else under that name is a conflict, unless it is to be replaced.
	run --separate-stderr mr docker run -w web-01 --name web bbweb:1
	[ "$status" = 1 ]
	[[ $stderr == *"name conflict"*"--replace"* ]]
}

@test "a replacement of what publishes a port stops the old one first and tells the gap" {
	mr docker run -w web-01 --name web --publish 8080:80 bbweb:1
	old=$(inspect web '{{.Id}}')
	run --separate-stderr mr docker run -w web-01 --name web --replace --publish 8080:80 --set-label v=2 bbweb:1
	[ "$status" = 0 ]
	[[ $output =~ ^web-01$'\t'web$'\t'replaced$'\t'[1-9][0-9]*$ ]]
	[ "$(inspect web '{{.Id}}')" != "$old" ]
	[ "$(at_engine 'docker ps -aq | wc -l')" = 1 ]
}

@test "without port and writable mount the two overlap: no gap" {
	mr docker run -w web-01 --name web bbweb:1
	run --separate-stderr mr docker run -w web-01 --name web --replace --set-label v=2 bbweb:1
	[ "$output" = $'web-01\tweb\treplaced\t0' ]
	[ "$(at_engine 'docker ps -aq | wc -l')" = 1 ]
	[ "$(inspect web '{{.State.Running}}')" = true ]
}

# Asks the old container without end while the file asking is there; then prints the longest time, in ms, without its
# answer. The file asked is not empty after an answer.
longest_silence() {
	local answered=$EPOCHREALTIME now silence longest=0
	while [ -e asking ]; do
		[ "$(engine_run curl -s -m 1 http://127.0.0.1:8080/)" = old ] || continue
		now=$EPOCHREALTIME
		silence=$(((${now/./} - ${answered/./}) / 1000))
		[ "$silence" -lt "$longest" ] || longest=$silence
		answered=$now
		echo yes >asked
	done
	echo "$longest"
}

@test "a new image that never gets well: the old container serves again, and why is told" {
	mkdir -m 755 "$LAB/old"
	echo old >"$LAB/old/index.html"
	mr docker run -w web-01 --name web --publish 8080:80 --bind "$LAB/old:/www:ro" bbweb:1
	old=$(inspect web '{{.Id}}')
	touch asking
	longest_silence >silence 3>&- &
	asked=$!
	lab_wait "[ -s asked ]"
	run --separate-stderr mr docker run -w web-01 --name web --replace --wait 20s --publish 8080:80 bbweb:sick
	[ "$status" = 1 ]
	[[ $stderr =~ "web-01: failed: not healthy: web: the new container did not get well; the old one serves again after "([0-9]+)" ms" ]]
	told=${BASH_REMATCH[1]}
	: >asked
	lab_wait "[ -s asked ]"
	rm asking
	wait "$asked"
	# What was told is what somebody who asks all the time has seen.
	echo "told $told ms, seen $(cat silence) ms"
	[ "$(cat silence)" -gt $((told / 2)) ]
	[ "$(cat silence)" -lt $((told * 3 / 2)) ]
	[ "$(inspect web '{{.Id}} {{.State.Running}}')" = "$old true" ]
	[ "$(at_engine 'docker ps -aq | wc -l')" = 1 ]
	# The same where nothing has to be stopped.
	at_engine 'docker rm -f web' >/dev/null
	mr docker run -w web-01 --name web bbweb:1
	old=$(inspect web '{{.Id}}')
	run --separate-stderr mr docker run -w web-01 --name web --replace --wait 20s bbweb:sick
	[ "$status" = 1 ]
	[[ $stderr == *"the old one never stopped"* ]]
	[ "$(inspect web '{{.Id}} {{.State.Running}}')" = "$old true" ]
}

# The processes of the script on this file's server; fails when there are none.
script_there() {
	local pid found=1
	for pid in $(grep -la 'gets_[w]ell' /proc/[0-9]*/cmdline 2>/dev/null | cut -d/ -f3); do
		! grep -qzx "MROOM_LAB=$LAB" "/proc/$pid/environ" 2>/dev/null || { echo "$pid" && found=0; }
	done
	return $found
}

# Begins a replacement by version $1, and returns once its script runs on the server.
begin_replacement() {
	engine_run mroom docker run -q -w web-01 "${replacement[@]}" --set-label "v=$1" bbweb:1 </dev/null >/dev/null 2>&1 3>&- &
	run=$!
	lab_wait script_there >/dev/null
	began=$EPOCHREALTIME
}

# Kills the script at work: it alone, or (group) with the engine's command that it waits for. Fails when it was over.
cut_short() {
	local pid hit=1
	for pid in $(script_there); do
		[ "$1" != group ] || pid=-$(awk '{ print $5 }' "/proc/$pid/stat" 2>/dev/null)
		! kill -9 -- "$pid" 2>/dev/null || hit=0
	done
	return $hit
}

@test "killed at any moment: never none, and a rerun leaves exactly one" {
	replacement=(--name web --replace --publish 8080:80 --engine-option=--health-interval=300ms)
	mr docker run -q -w web-01 "${replacement[@]}" bbweb:1
	# How long one takes that nobody disturbs.
	begin_replacement undisturbed
	while script_there >/dev/null; do :; done
	whole=$(awk -v from="$began" -v to="$EPOCHREALTIME" 'BEGIN { print to - from }')
	wait "$run"
	count=$(rounds 50) hits=0
	for ((i = 1; hits < count; i++)); do
		# One that came too late does not count, and the next is sought earlier: runs differ in length.
		[ "$i" -le $((count * 4)) ]
		begin_replacement "$i"
		perl -e 'select undef, undef, undef, rand $ARGV[0]' "$whole"
		if cut_short "$([ $((i % 2)) = 0 ] || echo group)"; then
			hits=$((hits + 1))
		else
			whole=$(awk -v whole="$whole" 'BEGIN { print whole * 0.7 }')
		fi
		wait "$run" || true
		[ "$(at_engine 'docker ps -aq | wc -l')" -ge 1 ]
		run mr docker run -q -w web-01 "${replacement[@]}" --set-label "v=$i" bbweb:1
		[ "$status" = 0 ]
		[ "$(at_engine 'docker ps -a --format "{{.Names}} {{.State}}"')" = "web running" ]
	done
}

@test "secrets in the environment are on no command line, and leave no file" {
	(umask 077 && echo PASSWORD=hush-4711 >secret.env)
	mr docker run -w web-01 --name web --env-file "$PWD/secret.env" bbweb:1
	[ "$(at_engine 'docker exec web sh -c "echo \$PASSWORD"')" = hush-4711 ]
	lab_nowhere hush-4711 "$MROOM_HOME"
	refute grep -ls hush-4711 /tmp/mroom.??????
	chmod 644 secret.env
	run mr docker run -w web-01 --name other --env-file "$PWD/secret.env" bbweb:1
	[ "$status" = 2 ]
	[[ $output == *"chmod 600"* ]]
}

@test "what cannot be is told in the engine's words, and nothing is half done" {
	run mr docker run -w web-01 --name web --bind relative:/x bbweb:1
	[ "$status" = 2 ]
	run mr docker run -w web-01 --name web --bind /nonexistent/x:/x bbweb:1
	[ "$status" = 1 ]
	[[ $output == *"bad mount"* ]]
	at_engine 'docker run -d --name holder -p 8081:80 bbweb:1' >/dev/null
	run mr docker run -w web-01 --name web --publish 8081:80 bbweb:1
	[ "$status" = 1 ]
	[[ $output == *"port taken"* ]]
	run mr docker run -w web-01 --name web bbweb:nope
	[ "$status" = 1 ]
	[ "$(at_engine 'docker ps -a --format "{{.Names}}"')" = holder ]
	run mr docker run -w web-01 bbweb:1
	[ "$status" = 2 ]
	[[ $output == *"--name"* ]]
	for name in x -f a/b 'a b' ''; do
		run mr docker run -w web-01 "--name=$name" bbweb:1
		[ "$status" = 2 ]
		[[ $output == *"--name: '$name' is no name for a container"* ]]
	done
	run mr docker run -w web-01 --name web --publish 80800:80 bbweb:1
	[ "$status" = 1 ]
	[[ $output == *"web-01: failed: "*80800* ]]
	# What never stays up says how it ended.
	run mr docker run -w web-01 --name web --restart no bbweb:1 sh -c 'echo no database; exit 3'
	[ "$status" = 1 ]
	[[ $output == *"web-01: exit code 3, OOM killed false"*"web-01: log: no database"*"web-01: failed: not healthy: web: did not get well" ]]
	at_engine 'docker rm -f web' >/dev/null
}

@test "two consoles at once, one of them gone: the replacements come one after the other" {
	mr docker run -q -w web-01 --name web --publish 8080:80 bbweb:1
	replacement=(--name web --replace --publish 8080:80 --engine-option=--health-interval=2s)
	begin_replacement one
	# the console is killed, its script goes on
	pkill -9 -P "$run" 2>/dev/null || true
	kill -9 "$run" 2>/dev/null || true
	run --separate-stderr mr docker run -w web-01 "${replacement[@]}" --set-label v=two bbweb:1
	[ "$status" = 0 ]
	[ "$(inspect web '{{index .Config.Labels "v"}} {{.State.Running}}')" = "two true" ]
	lab_wait '! script_there'
	[ "$(at_engine 'docker ps -a --format "{{.Names}} {{.State}}"')" = "web running" ]
	[ "$(inspect web '{{index .Config.Labels "v"}}')" = two ]
}

@test "one that falls over and over is no replacement; another network is another container" {
	mr docker run -q -w web-01 --name web bbweb:1
	old=$(inspect web '{{.Id}}')
	at_engine 'printf "FROM bbweb:1\nHEALTHCHECK NONE\n" | docker build -q -t bbweb:plain - >/dev/null 2>&1' || skip "the engine cannot build"
	for pause in 1 1.5; do
		run --separate-stderr mr docker run -w web-01 --name web --replace bbweb:plain sh -c "sleep $pause; exit 3"
		[ "$status" = 1 ]
		[ "$(inspect web '{{.Id}} {{.State.Running}}')" = "$old true" ]
	done
	mr docker run -q -w web-01 --name web --replace --network one bbweb:1
	run --separate-stderr mr docker run -w web-01 --name web --replace --network two bbweb:1
	[ "$output" = $'web-01\tweb\treplaced\t0' ]
	[ "$(inspect web '{{.HostConfig.NetworkMode}}')" = two ]
}
