#!/usr/bin/env bats
# mroom docker on a hundred servers: one engine behind as many addresses.

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
	lab_room 100
	cd "$BATS_TEST_TMPDIR" || return
}

at_engine() {
	engine_run mroom exec -N -q -w web-001 -- "$1" </dev/null
}

# Runs mroom on the servers' network, and keeps the least of what it cost so far: $least_cpu[$1] $least_wall[$1], in ms.
costs() {
	local what=$1 began=$EPOCHREALTIME wall
	shift
	measured nsenter --target "$LAB_DOCKER_PID" --net mroom "$@" </dev/null >rows 2>/dev/null
	wall=$(((${EPOCHREALTIME/./} - ${began/./}) / 1000))
	[ "${least_cpu[$what]:-$cpu_ms}" -lt "$cpu_ms" ] || least_cpu[$what]=$cpu_ms
	[ "${least_wall[$what]:-$wall}" -lt "$wall" ] || least_wall[$what]=$wall
}

@test "ps costs little more than the engine's own, run everywhere" {
	at_engine 'for n in aa bb cc; do docker create --name "$n" bbweb:1; done' >/dev/null
	declare -A least_cpu least_wall
	for _ in 1 2 3; do
		costs exec exec -a -- docker ps --all
		[ "$(wc -l <rows)" = 400 ]
		costs ps docker ps -a
		[ "$(wc -l <rows)" = 300 ]
	done
	echo "ps $(declare -p least_cpu least_wall)"
	[ "${least_cpu[ps]}" -le $((least_cpu[exec] * 3 / 2)) ]
	[ "${least_wall[ps]}" -le $((least_wall[exec] * 3 / 2)) ]
	at_engine 'docker rm aa bb cc' >/dev/null
}

@test "a hundred containers followed by a slow reader: bounded memory, nothing lost" {
	# Each says 10 000 lines of a hundred bytes, one more once all of them have been read, and lives on until that was
	# read too: what is said right before its end, the engine itself may keep from whoever follows.
	at_engine 'docker run -d --name chatty bbweb:1 sh -c "yes \$(printf %099d 7) | head -n 10000; until [ -e /go ]; do sleep 0.2; done; echo the end; until [ -e /gone ]; do sleep 0.2; done"' >/dev/null
	mkfifo pipe
	perl -e 'select undef, undef, undef, 3;
		while (<STDIN>) {
			next unless /^(web-\d+)\t(0{98}7|the end)$/;
			$full++ if ++$lines{$1} == 10000;
			if ($full == 100 && !$told++) { open my $file, ">", "full" }
			if ($lines{$1} == 10001 && ++$ended == 100) { open my $file, ">", "ended" }
		}
		print scalar(grep { $_ == 10001 } values %lines), "\n"' <pipe >complete 3>&- &
	reader=$!
	{ lab_wait "[ -e full ]" 120 && at_engine 'docker exec chatty touch /go' && { lab_wait "[ -e ended ]" 60 || true; } &&
		at_engine 'docker exec chatty touch /gone'; } 3>&- &
	measured nsenter --target "$LAB_DOCKER_PID" --net mroom docker logs chatty -a -f 100 --follow --since 1h >pipe 2>said </dev/null
	wait $reader
	echo "status $status, $(cat complete) complete, peak $peak_kib KiB: $(tail -n 1 said)"
	[ "$status" = 0 ]
	[ "$(cat complete)" = 100 ]
	# Of a hundred megabytes.
	[ "$peak_kib" -lt 50000 ]
	# What is older is left out, and what is sought is sought there.
	[ -z "$(engine_run mroom docker logs chatty -w web-001 --since 1s -q </dev/null | grep 0007)" ]
	[ "$(engine_run mroom docker logs chatty -w web-001 --grep end -q </dev/null)" = $'web-001\tthe end' ]
	at_engine 'docker rm -f chatty' >/dev/null
}
