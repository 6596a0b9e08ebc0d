#!/usr/bin/env bats
# mroom health history: what was measured, for a week, for a season, for ever.
# shellcheck disable=SC2154 # stderr is what run --separate-stderr sets

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
	lab_room 1
	printf '[health]\nping_address =\ndns_name =\nsample_every = 1s\n' >"$MROOM_HOME/config.ini"
}

@test "every check adds a sample of each value" {
	mroom health check web-01 -q >/dev/null || :
	sqlite3 "$MROOM_HOME/mroom.db" "UPDATE sample SET at = at - 600"
	mroom health check web-01 -q >/dev/null || :
	run --separate-stderr mroom health history web-01 memory processes
	[ "$status" -eq 0 ]
	echo "$output"
	[ "$(cut -f1,2 <<<"$output" | sort | uniq -c | tr -s ' \t' ' ')" = " 2 web-01 memory
 2 web-01 processes" ]
	[ "$(awk -F'\t' '$2 == "memory" && $4 == $5 && $5 == $6 && $5 > 0' <<<"$output" | wc -l)" -eq 2 ]
	run --separate-stderr mroom health history web-01 'mem*' --json
	[ "$(jq -r .metric <<<"$output" | sort -u)" = memory ]
}

@test "a table has a line of bars for each metric" {
	mroom health check web-01 -q >/dev/null || :
	run --separate-stderr mroom health history web-01 'disk:/' memory -o table
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[1]} =~ ^disk:/.*[▁█]$ ]]
	run --separate-stderr mroom health history web-01 memory -o table --points
	[[ ${lines[0]} == "ID "*METRIC*LOW*MEAN*HIGH* ]]
}

@test "a server without samples has no history, and one that is not there is an error" {
	run mroom health history web-01
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run mroom health history nosuch
	[ "$status" -eq 3 ]
	run mroom health history
	[ "$status" -eq 3 ]
}

@test "names of what nothing measures any more make room for new ones" {
	mroom health facts web-01 -q >/dev/null
	sqlite3 "$MROOM_HOME/mroom.db" "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
		INSERT INTO metric (name) SELECT 'cgroup:run-' || i FROM n"
	mroom health check web-01 -q >/dev/null || :
	run --separate-stderr mroom health history web-01
	[[ $output == *memory* && $output == *disk:/* ]]
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" 'SELECT count(*) FROM metric')" = 50000 ]
}

@test "a year of samples is small, and history answers at once" {
	not_quick
	rm -f "$MROOM_HOME/mroom.db"
	local unit=${MROOM_TEST_BIN%/bin}/tests/unit/sample servers=5
	MROOM_SHARE=$MROOM_TOP/share "$unit" year "$MROOM_HOME" "$servers"
	# A megabyte a year and server at most: 200 of them stay under 200 MB.
	[ "$(stat -c %s "$MROOM_HOME/mroom.db")" -lt $((servers * 1000000)) ]
	run --separate-stderr mroom health history web-003 --since 365d -o table
	[ "${#lines[@]}" -eq 17 ]
	run --separate-stderr mroom health history web-003 load1 --since 366d
	[ "$(wc -l <<<"$output")" -gt 4000 ]
	[ "$(wc -l <<<"$output")" -lt 5000 ]
}
