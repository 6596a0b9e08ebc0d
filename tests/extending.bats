#!/usr/bin/env bats
# The commands that mroom-extending(7) prints are run as they stand there.

load lib/lab

setup_file() { lab_sshd_start; }
teardown_file() { lab_sshd_stop; }

setup() {
	lab_home
	lab_room 3
	mkdir "$BATS_TEST_TMPDIR/bin"
	PATH+=:$BATS_TEST_TMPDIR/bin
}

# Takes the script of that name out of the page, as a reader sees it.
from_page() {
	mandoc -T utf8 -O width=200 "$MROOM_TOP/man/mroom-extending.7" | sed 's/.\x08//g' |
		awk -v name="# $1:" '
			/^ *#!\/bin\/sh$/ { on = 1; held = ""; match($0, /^ */); indent = RLENGTH }
			on && index($0, name) { mine = 1 }
			on && /^[^ ]/ { on = 0 }
			on { held = held substr($0, indent + 1) "\n" }
			on && /^ *(exit \$status|exec mroom exec "\$@".*)$/ { if (mine) { printf "%s", held; exit } on = 0 }
		' >"$BATS_TEST_TMPDIR/bin/$1"
	chmod +x "$BATS_TEST_TMPDIR/bin/$1"
}

@test "the page's mroom-diskreport has 25 lines, targets, help, completion, state and journal" {
	from_page mroom-diskreport
	[ "$(wc -l <"$BATS_TEST_TMPDIR/bin/mroom-diskreport")" -le 25 ]
	sh -n "$BATS_TEST_TMPDIR/bin/mroom-diskreport"
	run mroom diskreport -w 'web-[01-02]'
	[ "$status" = 0 ]
	[ "$(grep -cE '^web-0[12]'$'\t''[0-9]+%'$'\t''[0-9]+%'$'\t''[0-9]+'$'\t''(ok|failed)$' <<<"$output")" = 2 ]
	# Standard input, as with every tool.
	[ "$(mroom inventory ls | tail -n 1 | mroom diskreport 2>/dev/null | cut -f 1)" = web-03 ]
	[ "$(mroom state get web-01 disk_report.processes)" -gt 0 ]
	mroom log list -o tsv --columns command | grep -qx diskreport
	mroom help diskreport | grep -q '^Usage: mroom diskreport'
	mroom help | grep -q diskreport
	[ "$(mroom complete -- mroom disk)" = diskreport ]
	[ "$(mroom complete -- mroom diskreport -w web-03)" = web-03 ]
	# A mistake is told by its status.
	run mroom diskreport -w nobody
	[ "$status" = 2 ]
}

@test "the page's mroom-rootdisk prints how full the root file system is" {
	from_page mroom-rootdisk
	run mroom rootdisk -a
	[ "$status" = 0 ]
	[ "$(grep -cE '^web-0[1-3]'$'\t''[0-9]+%$' <<<"$output")" = 3 ]
}
