#!/usr/bin/env bats
# mroom docker run of a database on a volume: whatever happens to a replacement, never two servers on the same files.

bats_require_minimum_version 1.5.0
load lib/image
load lib/lab

setup_file() {
	[ -z "$MROOM_SANITIZED" ] || return 0
	lab_docker_start || return 0
	image
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	not_quick
	lab_home
	lab_room 1
	cd "$BATS_TEST_TMPDIR" || return
}

mr() {
	engine_run mroom "$@" </dev/null
}

at_engine() {
	engine_run mroom exec -N -q -w web-01 -- "$1" </dev/null
}

# The image pg:1: busybox, and the system's own PostgreSQL with the libraries it needs.
image() {
	local tree=$LAB/pg bin from
	PATH+=:$(echo "$MROOM_TOP"/build/deps/root/usr/lib/postgresql/*/bin)
	require postgres || return 1
	bin=$(dirname "$(readlink -f "$(command -v postgres)")")
	from=${bin%/usr/lib/postgresql/*}
	mkdir -p "$tree"/etc "$tree"/data "$tree"/usr/lib "$tree"/usr/share
	cp -a "$from/usr/lib/postgresql" "$tree/usr/lib/"
	cp -a "$from/usr/share/postgresql" "$tree/usr/share/"
	# Loaded only for queries that want it, and large.
	rm -rf "$tree"/usr/lib/postgresql/*/lib/bitcode
	echo 'postgres:x:70:70::/data:/bin/sh' >"$tree/etc/passwd"
	echo 'postgres:x:70:' >"$tree/etc/group"
	chown 70:70 "$tree/data"
	image_of "$tree" pg:1 "$bin"/{postgres,initdb,psql,pg_isready} -- -c "ENV PATH=${bin#"$from"}:/bin" \
		-c 'USER postgres' -c 'VOLUME /data' \
		-c 'CMD ["sh","-c","[ -s /data/PG_VERSION ] || initdb -A trust /data >/dev/null; exec postgres -D /data -k /tmp"]' \
		-c 'HEALTHCHECK --interval=1s --retries=30 CMD pg_isready -q -h /tmp'
}

# Servers that run on the volume, each by the process namespace of its container: what a server that was killed had
# started is still its own.
servers() {
	local pid
	for pid in $(pgrep -x postgres); do
		[ "$(stat -Lc %d:%i "/proc/$pid/cwd" 2>/dev/null)" != "$files" ] || readlink "/proc/$pid/ns/pid" || true
	done | sort -u
}

@test "killed at random moments a replacement never has two servers on the files, and a rerun serves" {
	replacement=(--name db --replace --volume data:/data --wait 60s --engine-option=--stop-signal=SIGINT)
	run mr docker run -q -w web-01 "${replacement[@]}" pg:1
	echo "$output"
	[ "$status" = 0 ]
	files=$(stat -Lc %d:%i "$LAB/lib/volumes/data/_data")
	[ "$(servers | wc -l)" = 1 ]
	at_engine 'docker exec db psql -h /tmp -c "create table kept (what int)"' >/dev/null
	# Somebody watches all the time.
	touch watching
	while [ -e watching ]; do servers | wc -l; done >seen 3>&- &
	watcher=$!
	count=$(rounds 20)
	for ((i = 1; i <= count; i++)); do
		engine_run mroom docker run -q -w web-01 "${replacement[@]}" --set-label "v=$i" pg:1 </dev/null >/dev/null 2>&1 3>&- &
		run=$!
		lab_wait "script_there >/dev/null"
		perl -e 'select undef, undef, undef, rand 2'
		kill -9 $(script_there) 2>/dev/null || true
		wait "$run" || true
		run mr docker run -q -w web-01 "${replacement[@]}" --set-label "v=$i" pg:1
		echo "$output"
		[ "$status" = 0 ]
		at_engine "docker exec db psql -h /tmp -c 'insert into kept values ($i)'" >/dev/null
	done
	[ "$(at_engine 'docker exec db psql -h /tmp -Atc "select count(*) from kept"')" = "$count" ]
	rm watching
	wait "$watcher"
	[ "$(grep -cx 1 seen)" -gt "$count" ]
	sort seen | uniq -c
	refute grep -qvx '[01]' seen
}

# The processes of the script on this file's server; fails when there are none.
script_there() {
	local pid found=1
	for pid in $(grep -la 'gets_[w]ell' /proc/[0-9]*/cmdline 2>/dev/null | cut -d/ -f3); do
		! grep -qzx "MROOM_LAB=$LAB" "/proc/$pid/environ" 2>/dev/null || { echo "$pid" && found=0; }
	done
	return $found
}
