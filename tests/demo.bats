#!/usr/bin/env bats
# What `make demo` shows: the first thing that anyone sees of mroom.

load lib/lab

@test "the demo shows a room of 12 servers, runs a command on all, chains a pipeline, and is gone" {
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir "$TMPDIR"
	chmod 755 "$BATS_TEST_TMPDIR" "$TMPDIR"
	run "$MROOM_TOP/tests/lib/demo"
	[ "$status" = 0 ]
	[ "$(grep -cE '^(web|db|cache|mail|backup)-[0-9]+'$'\t''Linux ' <<<"$output")" = 12 ]
	[[ $output == *"12 added, 0 changed, 0 unchanged"* ]]
	[[ $output == *"12 servers in "*": 12 ok"* ]]
	[ "$(grep -cx 'web-0[1-6]' <<<"$output")" = 6 ]
	[ "$(grep -c 'still with us$' <<<"$output")" -ge 3 ]
	[[ $output == *"office"* ]]
	lab_wait '[ -z "$(ls -A "$TMPDIR")" ]'
	lab_wait '! pgrep -f "$TMPDIR"'
}
