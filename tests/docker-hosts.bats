#!/usr/bin/env bats
# mroom docker over hosts that have an engine each: images sent to them, and what is done on some of them only.

bats_require_minimum_version 1.5.0
load lib/lab

# web-01 .. web-03: an engine and an sshd each. The console's engine is yet another.
setup_file() {
	[ -z "$MROOM_SANITIZED" ] || return 0
	lab_docker_start || return 0
	export PORTS=$LAB_PORT CONSOLE=unix://$LAB/${LAB##*/}-console/run/docker.sock
	local started=()
	beside console 127.1.0.9 >/dev/null & started+=($!)
	beside 2 127.1.0.2 >"$LAB/second" & started+=($!)
	beside 3 127.1.0.3 >"$LAB/third" & started+=($!)
	wait "${started[@]}"
	PORTS+=" $(cat "$LAB/second") $(cat "$LAB/third")"
	head -c "$(rounds 200)M" /dev/urandom >"$LAB/noise"
	echo two >"$LAB/small"
	at_console create --name layer bbweb:1 sh -c true
	at_console cp "$LAB/noise" layer:/noise
	at_console commit layer base:1
	at_console rm layer
	at_console create --name layer base:1 sh -c true
	at_console cp "$LAB/small" layer:/small
	at_console commit layer app:2
	at_console rm layer
}

# Another host on the same network; prints its port.
beside() {
	local dir=$LAB/${LAB##*/}-$1 port
	mkdir -m 755 "$dir"
	cp "$LAB/authorized_keys" "$dir/"
	echo "$2" >"$dir/listen"
	port=$("$MROOM_TOP/tests/lib/docker" beside "$dir" "$LAB_DOCKER_PID" 3>&-)
	lab_keep "$(cat "$dir/docker.pid")"
	echo "${port% *}"
}

at_console() {
	DOCKER_HOST=$CONSOLE docker "$@" >/dev/null
}

teardown_file() {
	local host
	for host in console 2 3; do
		[ -z "${LAB_DOCKER_PID:-}" ] || "$MROOM_TOP/tests/lib/docker" stop "$LAB/${LAB##*/}-$host"
	done
	lab_sshd_stop
}

setup() {
	not_quick
	lab_home
	local i=0 port dir=$LAB
	for port in $PORTS; do
		[ $((i += 1)) = 1 ] || dir=$LAB/${LAB##*/}-$i
		echo "web-0$i--127.1.0.$i--root----$port--$LAB_KEY" >>"$BATS_TEST_TMPDIR/hosts.txt"
		echo "[127.1.0.$i]:$port $(cut -d' ' -f1,2 "$dir/host_ed25519.pub")" >>"$MROOM_HOME/known_hosts"
	done
	cd "$BATS_TEST_TMPDIR" || return
	mroom inventory import "$BATS_TEST_TMPDIR/hosts.txt" >/dev/null 2>said || { cat said hosts.txt; return 1; }
	mkdir scratch
	export TMPDIR=$PWD/scratch
}

teardown() {
	[ -z "${LAB_DOCKER_PID:-}" ] || at_hosts 'docker ps -aq | xargs -r docker rm -f; docker rmi app:2 base:1 other:1 2>/dev/null' >/dev/null 2>&1 || true
}

# On the servers' network, with the console's engine.
mr() {
	DOCKER_HOST=$CONSOLE engine_run mroom "$@" </dev/null
}

# A command on every host.
at_hosts() {
	engine_run mroom exec -b -q -w 'web-[01-03]' -- "$1" </dev/null
}

at_engine() {
	engine_run mroom exec -N -q -w web-01 -- "$1" </dev/null
}

bytes() {
	awk -F '\t' '{ n += $4 } END { print n + 0 }' <<<"$1"
}

@test "an image arrives with its name; sent again nothing travels" {
	run --separate-stderr mr docker send base:1 'web-[01-03]'
	[ "$status" = 0 ]
	[ "$(cut -f1-3 <<<"$output" | sort)" = $'web-01\tbase:1\tsent\nweb-02\tbase:1\tsent\nweb-03\tbase:1\tsent' ]
	[ "$(bytes "$output")" -gt $((3 * $(stat -c %s "$LAB/noise"))) ]
	[ "$(at_engine 'docker run --rm --network none base:1 sha256sum /noise' | cut -c1-64)" = "$(sha256sum "$LAB/noise" | cut -c1-64)" ]
	run --separate-stderr mr docker send base:1 'web-[01-03]'
	[ "$status" = 0 ]
	[ "$(sort <<<"$output")" = $'web-01\tbase:1\tsame\t0\nweb-02\tbase:1\tsame\t0\nweb-03\tbase:1\tsame\t0' ]
	# Under another name it is the same image.
	at_engine 'docker tag base:1 other:1; docker rmi base:1' >/dev/null
	run --separate-stderr mr docker send base:1 -w web-01
	[ "$output" = $'web-01\tbase:1\tsame\t0' ]
	[ "$(at_engine 'docker image inspect -f "{{.Id}}" base:1')" = "$(at_engine 'docker image inspect -f "{{.Id}}" other:1')" ]
	# Nothing is left behind.
	[ -z "$(ls -A "$TMPDIR")" ]
}

@test "where the lower layers are there only those above travel" {
	mr docker send base:1 -w web-01 -q
	run --separate-stderr mr docker send app:2 -w web-01
	[ "$status" = 0 ]
	[[ $output == $'web-01\tapp:2\tsent\t'* ]]
	[ "$(bytes "$output")" -lt 100000 ]
	[ "$(at_engine 'docker run --rm --network none app:2 cat /small')" = two ]
	[ "$(at_engine 'docker run --rm --network none app:2 sha256sum /noise' | cut -c1-64)" = "$(sha256sum "$LAB/noise" | cut -c1-64)" ]
}

@test "an image comes from a server as well, and what is nowhere is told" {
	run --separate-stderr mr docker send bbweb:1 --from web-02 -w web-01
	[ "$status" = 0 ]
	[[ $output == $'web-01\tbbweb:1\tsent\t'* ]]
	run --separate-stderr mr docker send bbweb:1 --from web-02 -w web-01
	[ "$output" = $'web-01\tbbweb:1\tsame\t0' ]
	run --separate-stderr mr docker send nothing:1 --from web-02 -w web-01
	[ "$status" = 1 ]
	[[ $stderr == *"web-02: failed: no such image: "* ]]
	run --separate-stderr mr docker send nothing:1 -w web-01
	[ "$status" = 2 ]
	run --separate-stderr mr docker send base:1
	[ "$status" = 0 ] # from an empty standard input: no servers
	[ -z "$output" ]
	run mr docker send -w web-01
	[ "$status" = 2 ]
	[ -z "$(ls -A "$TMPDIR")" ]
}

@test "pairs are acted on where they are, and nowhere else" {
	at_hosts 'for n in twin other; do docker run -d --network none --name "$n" bbweb:1 sleep 1000; done' >/dev/null
	started='docker inspect -f "{{.Name}} {{.State.StartedAt}}" twin other'
	engine_run mroom exec -q -w 'web-[01-03]' -- "$started" </dev/null | sort >before
	engine_run bash -c "mroom docker ps -a 2>/dev/null | awk -F'\t' '(\$1 == \"web-02\" && \$2 == \"twin\") || (\$1 == \"web-03\" && \$2 == \"other\")' | mroom docker restart --grace 1s - 2>/dev/null" >done
	[ "$(sort done)" = $'web-02\ttwin\tdone\t\nweb-03\tother\tdone\t' ]
	engine_run mroom exec -q -w 'web-[01-03]' -- "$started" </dev/null | sort >after
	[ "$(comm -13 before after | cut -d' ' -f1)" = $'web-02\t/twin\nweb-03\t/other' ]
	# What differs from the majority is named.
	at_hosts 'docker rm -f twin other' >/dev/null
	at_console tag bbweb:1 other:1
	mr docker send other:1 'web-[01-03]'
	at_hosts 'docker create --name app other:1' >/dev/null
	engine_run mroom exec -q -w web-03 -- 'docker rm app; docker create --name app bbweb:sick' </dev/null >/dev/null
	run --separate-stderr mr docker ps -a --drift --columns id,container
	[ "$output" = $'web-03\tapp' ]
}

# Begins to send, and waits until the console has a file of this name for it; again where it was there too shortly to be seen.
begin_sending() {
	local try
	for try in 1 2 3 4 5; do
		# The one before may have been cut short when all servers had it.
		at_hosts 'docker rmi app:2 2>/dev/null || true' >/dev/null
		DOCKER_HOST=$CONSOLE nsenter --target "$LAB_DOCKER_PID" --net mroom docker send app:2 'web-[01-03]' </dev/null >said 2>&1 3>&- &
		sending=$!
		lab_wait "compgen -G '$TMPDIR/mroom-send.*/$1' >/dev/null || grep -q '^3 servers in' said"
		[ -n "$(compgen -G "$TMPDIR/mroom-send.*/$1")" ] && return
		wait "$sending" || true
	done
	cat said
	return 1
}

@test "sending that is cut short leaves nothing behind, here or there" {
	before=$(at_hosts 'ls -A; ls -d /tmp/mroom-send.* 2>/dev/null || true')
	for moment in '' tree/manifest.json 'without-*.tar.gz'; do
		begin_sending "$moment"
		kill -TERM "$sending"
		status=0
		wait "$sending" || status=$?
		[ "$status" = 130 ]
		[ -z "$(ls -A "$TMPDIR")" ]
	done
	# Nobody clears up for what was killed but the next one.
	begin_sending image.tar
	kill -KILL "$sending"
	wait "$sending" || true
	# What it had started writes there to its end.
	lab_wait 'lab_nowhere "$TMPDIR/mroom-send." /dev/null >/dev/null'
	[ -n "$(ls -A "$TMPDIR")" ]
	at_hosts 'docker rmi app:2 2>/dev/null || true' >/dev/null
	run --separate-stderr mr docker send app:2 'web-[01-03]'
	[ "$status" = 0 ]
	[ "$(cut -f1-3 <<<"$output" | sort)" = $'web-01\tapp:2\tsent\nweb-02\tapp:2\tsent\nweb-03\tapp:2\tsent' ]
	[ -z "$(ls -A "$TMPDIR")" ]
	[ "$(at_hosts 'ls -A; ls -d /tmp/mroom-send.* 2>/dev/null || true')" = "$before" ]
	at_hosts 'docker run --rm --network none app:2 cat /small' | grep -qx two
}
