#!/usr/bin/env bats
# mroom copy against a small system: busybox for the shell and every tool that copies need.

load lib/lab
load lib/copy

setup_file() {
	require busybox || return 0
	lab_homes_start
	for tool in sh tar stat find xargs sha256sum readlink mv rm mkdir ln cp chmod chown touch date cut tail head dd id cat sed; do
		ln -s "$(command -v busybox)" "$LAB/bin/$tool"
	done
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	require busybox
	lab_home
	lab_room 1
	lab_homes 1
	cd "$BATS_TEST_TMPDIR" || return 1
	mroom exec -q -w web-01 -- 'tar --help 2>&1; sha256sum --help 2>&1' | grep -q BusyBox
}

make_tree() {
	mkdir -p tree/sub/empty "tree/-rf"
	echo one >tree/one
	echo two >"tree/-rf/-n"
	echo three >$'tree/line\nbreak'
	echo four >$'tree/\xff\xfe'
	echo five >"tree/$(printf 'x%.0s' {1..150})"
	: >tree/sub/nothing
	ln -s one tree/link
	truncate -s 3M tree/hole
	chmod 640 tree/one
	touch -d @1600000000 tree/one
}

@test "a tree arrives, is recognised, changes, and what is extra goes" {
	make_tree
	run_copy sync -w web-01 tree t
	[ "$status" = 0 ]
	same_trees tree "$(srv 1)/t"
	run_copy sync -w web-01 tree t
	[ "$(cut -f1-6 <<<"$out")" = "web-01	ok	0	0	0	0" ]
	echo changed >tree/one
	touch "$(srv 1)/t/extra"
	run_copy sync --delete -w web-01 tree t
	[ "$(cut -f3-5 <<<"$out")" = "1	0	1" ]
	same_trees tree "$(srv 1)/t"
}

@test "a tree is fetched, and not again" {
	make_tree
	rm tree/link
	cp -a tree "$(srv 1)/tree"
	run_copy get -w web-01 tree got
	[ "$status" = 0 ]
	same_trees tree got/web-01/tree
	run_copy get -w web-01 tree got
	[ "$(cut -f1-4 <<<"$out")" = "web-01	ok	0	0" ]
}

@test "a file whose fetch was cut short goes on" {
	local before
	head -c 40000000 /dev/urandom >"$(srv 1)/large"
	refute bash -c 'ulimit -c 0 -f 30000; exec mroom copy get -q -w web-01 large got' 2>/dev/null
	before=$(ls -A got/web-01)
	run_copy get -w web-01 large got
	[ "$(cut -f1-4 <<<"$out")" = "web-01	ok	1	$((40000000 - ${before##*.}))" ]
	cmp "$(srv 1)/large" got/web-01/large
}

@test "over SFTP, where dropbear starts OpenSSH's sftp-server: there, again, on behind a part, and back" {
	local part
	require /usr/lib/sftp-server
	lab_dropbear_start
	lab_known_hosts 1 "$LAB_DROPBEAR_PORT" >>"$MROOM_HOME/known_hosts"
	dropbear_copy() { run_copy "$1" --sftp -p "$LAB_DROPBEAR_PORT" -w web-01 "${@:2}"; }
	make_tree
	dropbear_copy sync tree "$LAB/over"
	[ "$status" = 0 ]
	same_trees tree "$LAB/over"
	dropbear_copy sync tree "$LAB/over"
	[ "$(cut -f1-6 <<<"$out")" = "web-01	ok	0	0	0	0" ]
	head -c 40000000 /dev/urandom >large
	mroom copy put -q --sftp --bwlimit 4M -p "$LAB_DROPBEAR_PORT" -w web-01 large "$LAB/over/" >/dev/null 2>&1 </dev/null &
	lab_wait 'ls "$LAB"/over/.mroom-copy.*/ 2>/dev/null | grep -q "[.][1-9]"'
	kill -9 $!
	wait $! || true
	# until dropbear's session has gone
	lab_wait '[ -z "$(pgrep -P "$(cat "$LAB/dropbear.pid")")" ]'
	part=$(ls "$LAB"/over/.mroom-copy.*/)
	dropbear_copy put large "$LAB/over/"
	[ "$(cut -f6 <<<"$out")" = $((40000000 - ${part##*.})) ]
	cmp large "$LAB/over/large"
	dropbear_copy get "$LAB/over" got
	[ "$status" = 0 ]
	same_trees "$LAB/over" got/web-01/over
}
