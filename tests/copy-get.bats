#!/usr/bin/env bats
# mroom copy get: what servers have, a directory per server here; and servers that mean no good.

load lib/lab
load lib/copy

setup_file() {
	lab_homes_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	lab_room 4
	lab_homes 4
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "a file comes into a directory per server" {
	for i in 1 2 3; do echo "of $i" >"$(srv $i)/f"; done
	touch -d @1700000000 "$(srv 1)/f"
	chmod 640 "$(srv 1)/f"
	run_copy get -w 'web-[01-03]' f got
	[ "$status" = 0 ]
	[ "$(cat got/web-01/f got/web-02/f got/web-03/f)" = "of 1
of 2
of 3" ]
	[ "$(stat -c '%a %Y' got/web-01/f)" = "640 1700000000" ]
	[ "$(cut -f1-4 <<<"$out" | sort)" = "web-01	ok	1	5
web-02	ok	1	5
web-03	ok	1	5" ]
	[ "$(ls -A got/web-01)" = f ]
}

@test "a tree comes as it is, odd names and sparse files too, and a second time nothing travels" {
	local tree
	tree=$(srv 1)/tree
	mkdir -p "$tree/-d/empty" "$tree/"$'line\nbreak'
	echo 1 >"$tree/-d/-n"
	echo 2 >"$tree/"$'line\nbreak/\n'
	echo 3 >"$tree/"$'\xff\xfe'
	echo 4 >"$tree/$(printf 'x%.0s' {1..200})"
	: >"$tree/nothing"
	ln -s nowhere "$tree/link"
	ln "$tree/nothing" "$tree/twin"
	truncate -s 50M "$tree/hole"
	echo middle | dd of="$tree/hole" bs=1 seek=30000000 conv=notrunc status=none
	for i in $(seq 0 40); do echo "piece $i" | dd of="$tree/many" bs=1 seek=$((i * 200000)) conv=notrunc status=none; done
	chmod 500 "$tree/-d"
	run_copy get -w web-01 tree got
	[ "$status" = 0 ]
	same_trees "$tree" got/web-01/tree
	[ "$(du -k got/web-01/tree/hole | cut -f1)" -lt 1000 ]
	rm got/web-01/tree/link
	run_copy get -w web-01 tree got
	[ "$(cut -f1-4 <<<"$out")" = "web-01	ok	1	0" ]
	same_trees "$tree" got/web-01/tree
	echo changed >"$tree/-d/-n"
	run_copy get -w web-01 tree got
	[ "$(cut -f4 <<<"$out")" = 8 ]
	same_trees "$tree" got/web-01/tree
}

@test "what is not there is told, and the others are not disturbed" {
	echo x >"$(srv 1)/f"
	run_copy get -w web-01,web-02 f got
	[ "$status" = 1 ]
	[[ $err == *"web-02: failed: f: no such file or directory"* ]]
	[ -f got/web-01/f ]
}

@test "a server whose stream leads elsewhere is refused, and nothing is written there" {
	mkdir -p "$(srv 1)/evil" bin elsewhere
	echo x >"$(srv 1)/evil/f"
	cat >"$LAB/bin/tar" <<-'SH'
		#!/bin/sh
		[ "$1" != --version ] || { echo GNU; exit; }
		cat "$HOME/stream"
	SH
	chmod 755 "$LAB/bin/tar"
	echo pwned >p
	PATH=/usr/bin:/bin tar -P -cf "$(srv 1)/stream" --transform 's,^p,../../elsewhere/p,' p
	run_copy get -w web-01 evil got
	[ "$status" = 1 ]
	[[ $err == *"leads elsewhere"* ]]
	PATH=/usr/bin:/bin tar -P -cf "$(srv 1)/stream" --transform "s,^p,$PWD/elsewhere/p," p
	run_copy get -w web-01 evil got
	[ "$status" = 1 ]
	ln -s "$PWD/elsewhere" evil
	PATH=/usr/bin:/bin tar -cf "$(srv 1)/stream" evil
	rm evil
	mkdir evil
	cp p evil/p
	PATH=/usr/bin:/bin tar -rf "$(srv 1)/stream" evil/p
	run_copy get -w web-01 evil got
	[ "$status" != 0 ]
	head -c 100000 /dev/urandom >"$(srv 1)/stream"
	run_copy get -w web-01 evil got
	[ "$status" = 1 ]
	[[ $err == *"makes no sense"* ]]
	rm "$LAB/bin/tar"
	[ -z "$(ls -A elsewhere)" ]
	[ "$(find got -name '.mroom-copy*')" = "" ]
}

@test "what a fetch left behind when it was killed goes with the next" {
	echo x >"$(srv 1)/f"
	mkdir -p got/web-01
	touch got/web-01/.mroom-copy.0123456789abcdef.3
	run_copy get -w web-01 f got
	[ "$(ls -A got/web-01)" = f ]
	# not while another one is at work
	touch got/web-01/.mroom-copy.0123456789abcdef.3
	echo y >"$(srv 1)/f"
	exec 9<got/web-01
	flock 9
	run_copy get -w web-01 f got
	exec 9<&-
	[ "$(cat got/web-01/f)" = y ]
	[ -e got/web-01/.mroom-copy.0123456789abcdef.3 ]
}

@test "what cannot be put here is that server's own trouble, and nobody else's" {
	for i in 1 2 3; do
		echo "$i" >"$(srv $i)/f"
	done
	mkdir -p got/web-02/f/in-the-way
	run_copy get -w web-01,web-02,web-03 f got
	[ "$status" = 1 ]
	[[ $err == *"web-02: failed: got/web-02/f: Is a directory"* ]]
	[ "$(cat got/web-01/f got/web-03/f)" = $'1\n3' ]
	[ "$(ls -A got/web-02)" = f ]
}

@test "the directory itself: what is in it comes into the server's directory here" {
	mkdir -p "$(srv 1)/sub" "$(srv 1)/other/deep"
	echo f >"$(srv 1)/f"
	echo g >"$(srv 1)/sub/g"
	echo h >"$(srv 1)/other/deep/h"
	for how in '' --sftp; do
		rm -rf got
		run_copy get $how -w web-01 . got
		[ "$status" = 0 ]
		diff -r "$(srv 1)" got/web-01
		run_copy get $how -w web-01 other/. got
		[ "$status" = 0 ]
		[ "$(cat got/web-01/deep/h)" = h ]
	done
	run_copy get -w web-01 . got
	[ "$(cut -f1-4 <<<"$out")" = "web-01	ok	0	0" ]
}

@test "a limit of bytes a second holds for all servers together, each in its turn; over SFTP too" {
	local over i start try
	for i in 1 2 3; do
		head -c 400000 /dev/urandom >"$(srv "$i")/f"
	done
	for over in '' --sftp; do
		# On a busy machine one may log in seconds before the others, and have all of the limit meanwhile.
		for try in 1 2 3; do
			rm -rf got
			start=$(date +%s%N)
			mroom copy get $over --bwlimit 100k -w 'web-[01-03]' f got >out 2>err </dev/null
			# 1.2 MB in twelve seconds; when two thirds of them are over, no server has had all of its part
			[ $((($(date +%s%N) - start) / 1000000)) -ge 10800 ]
			early=$(($(stat -c %.9Z got/web-0?/f | sort | head -n 1 | tr -d .) - start < 8000000000))
			[ "$early" = 1 ] || break
		done
		[ "$early" = 0 ]
		for i in 1 2 3; do
			cmp "$(srv "$i")/f" "got/web-0$i/f"
		done
	done
}

@test "on a terminal a fetch says how much has come, how fast, and how long it will take" {
	head -c 500000 /dev/urandom >"$(srv 1)/f"
	cp "$(srv 1)/f" "$(srv 2)/f"
	script -qec "mroom copy get --bwlimit 300k -w web-01,web-02 f got" "$BATS_TEST_TMPDIR/terminal" </dev/null >/dev/null
	tr '\r' '\n' <"$BATS_TEST_TMPDIR/terminal" |
		grep -qE '[0-9.]+ kB of 1[.]0 MB, [0-9.]+ kB/s, [0-9.]+ m?s left; [01]/2 done, [12] running'
}

@test "what grows while it is fetched is fetched as it was; what waits for nobody ends at once" {
	local writer began
	head -c 20000000 /dev/urandom >"$(srv 1)/log"
	(while :; do echo more; done >>"$(srv 1)/log" 3>&-) &
	writer=$!
	run_copy get -w web-01 log got
	kill "$writer"
	[ "$status" = 0 ]
	[ "$(wc -c <got/web-01/log)" -ge 20000000 ]
	cmp -n 20000000 "$(srv 1)/log" got/web-01/log
	# cut short under a limit that would take minutes
	head -c 400000 /dev/urandom >"$(srv 1)/log"
	began=$SECONDS
	timeout -s INT -k 120 4 mroom copy get -q -w web-01 --bwlimit 1k log other >/dev/null 2>&1 </dev/null || true
	[ $((SECONDS - began)) -lt 100 ]
}
