#!/usr/bin/env bats
# mroom health facts: asked once, remembered for a while.
# shellcheck disable=SC2154,SC2016 # stderr is what run --separate-stderr sets; other shells expand

bats_require_minimum_version 1.5.0
load lib/lab

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	lab_room 2
}

# How many servers were connected to so far.
contacts() {
	sqlite3 "$MROOM_HOME/mroom.db" 'SELECT count(*) FROM result'
}

@test "facts are records of id, fact and value" {
	run --separate-stderr mroom health facts web-01
	[ "$status" -eq 0 ]
	grep -qx "$(printf 'web-01\tkernel\t%s' "$(uname -r)")" <<<"$output"
	grep -qx "$(printf 'web-01\tcores\t%s' "$(grep -c '^cpu[0-9]' /proc/stat)")" <<<"$output"
	for fact in os arch ram_mb user shells programs addresses free_ports; do
		grep -q "^web-01	$fact	." <<<"$output" || { echo "no $fact"; return 1; }
	done
	[[ $(awk -F'\t' '$2 == "addresses" { print $3 }' <<<"$output") == *"lo 127.0.0.1"* ]]
}

@test "they are remembered as state, and asked again when stale, or when told to" {
	run --separate-stderr mroom health facts -a --only os
	[ "$(wc -l <<<"$output")" -eq 2 ]
	[ "$(contacts)" = 2 ]
	run --separate-stderr mroom health facts -a --only os
	[ "$(wc -l <<<"$output")" -eq 2 ]
	[ "$(contacts)" = 2 ]
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" "SELECT count(*) FROM state WHERE key = 'facts' AND value ->> 'kernel' <> ''")" = 2 ]
	mroom health facts web-01 --fresh -q >/dev/null
	[ "$(contacts)" = 3 ]
	sqlite3 "$MROOM_HOME/mroom.db" "UPDATE state SET value = json_set(value, '$.at', 1)"
	mroom health facts web-02 -q >/dev/null
	[ "$(contacts)" = 4 ]
}

@test "JSON is one object for each server" {
	run --separate-stderr mroom health facts -a --json
	[ "$(jq -r 'select((.shells | index("sh")) != null) | .id' <<<"$output" | sort | xargs)" = "web-01 web-02" ]
}

@test "programs and processes are asked for by name" {
	run --separate-stderr mroom health facts web-01 --program sh --program nosuch --process sshd --process nosuch
	[ "$(grep -v sshd <<<"$output")" = "$(printf 'web-01\tprogram:sh\tyes\nweb-01\tprogram:nosuch\tno\nweb-01\tprocess:nosuch\t0')" ]
	[[ $output =~ process:sshd.[1-9] ]]
	# Known from now on.
	before=$(contacts)
	run --separate-stderr mroom health facts web-01 --program nosuch
	[ "$output" = "$(printf 'web-01\tprogram:nosuch\tno')" ]
	[ "$(contacts)" = "$before" ]
	# What is no word for a shell stays text.
	run --separate-stderr mroom health facts web-01 --program '`id`' --fresh
	[ "$output" = "$(printf 'web-01\tprogram:`id`\tno')" ]
}

@test "ports that something listens on are not free" {
	require namespaces dash bash busybox perl ip
	free() {
		unshare -n -p -f --mount-proc sh -c 'ip link set lo up
			exec perl -MIO::Socket::INET -e "@s = map { IO::Socket::INET->new(LocalPort => \$_, Listen => 1) or die } 8000, 8003;
				fork or do { close STDOUT; sleep 60; exit }; exec @ARGV" "$@"' sh "$@" "$MROOM_TOP/share/remote/health-facts.sh" "" "sleep perl" |
			grep -vE '^(shell|init)	'
	}
	free dash >"$BATS_TEST_TMPDIR/dash"
	grep '^free_port' "$BATS_TEST_TMPDIR/dash" | head -n 3 | cut -f2 | xargs | grep -x '8001 8002 8004'
	grep -x "process	perl 1" "$BATS_TEST_TMPDIR/dash"
	free bash | diff -u "$BATS_TEST_TMPDIR/dash" -
	free busybox sh | diff -u "$BATS_TEST_TMPDIR/dash" -
}

@test "a server that does not answer is told of, the others are shown" {
	echo "away--127.0.0.1--root----1--$LAB_KEY" | mroom inventory import - --room off -q
	run --separate-stderr mroom health facts web-01 away --only os
	[ "$status" -eq 3 ]
	[[ $output == "web-01	os	"* ]]
	[[ $stderr == *"away: unreachable"* ]]
}
