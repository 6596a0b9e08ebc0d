#!/usr/bin/env bats
# mroom copy cut short: by the console's death, by the network's; and what the next copy makes of it.

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

# The connection of every session breaks.
cut_network() {
	local pid
	for pid in $(cat "/proc/$(cat "$LAB/pid")/task/"*/children); do
		kill -9 "$pid" 2>/dev/null || true
	done
}

# Copies 12 MB slowly, and returns when a good part of it is there. In $copying: the copy's pid.
begin_large() {
	mroom copy put -q --bwlimit 6M "$@" -w web-01 large dir/ >/dev/null 2>&1 </dev/null &
	copying=$!
	lab_wait '[ -n "$(find "$(srv 1)/dir" -name large -size +5M 2>/dev/null)" ]'
}

@test "a large file goes on where it was cut, by the console's death or the network's" {
	mkdir "$(srv 1)/dir"
	head -c 12000000 /dev/urandom >large
	touch -d @1700000000 large
	chmod 640 large
	begin_large
	kill -9 "$copying"
	wait "$copying" || true
	lab_wait 'ls -A "$(srv 1)/dir" | grep -q "mroom-copy.*[.].*[.]" && ! ls -A "$(srv 1)/dir" | grep -qx "[.]mroom-copy[.][^.]*"'
	[ ! -e "$(srv 1)/dir/large" ]
	# the rest is cut as well: then no more than what is missing still travels
	mroom copy put -q --bwlimit 3M -w web-01 large dir/ >/dev/null 2>&1 </dev/null &
	copying=$!
	lab_wait '[ -n "$(find "$(srv 1)/dir" -name ".mroom-copy*" -size +7M)" ]'
	cut_network
	wait "$copying" || true
	size=$(stat -c %s "$(srv 1)"/dir/.mroom-copy.*)
	[ "$size" -gt 7000000 ]
	run_copy put -w web-01 large dir/
	[ "$status" = 0 ]
	[ "$(cut -f6 <<<"$out")" = $((12000000 - size)) ]
	[ "$(cut -f3 <<<"$out")" = 1 ]
	cmp large "$(srv 1)/dir/large"
	[ "$(stat -c '%a %Y' "$(srv 1)/dir/large")" = "640 1700000000" ]
	[ "$(ls -A "$(srv 1)/dir")" = large ]
}

@test "a part that is not what the file begins with counts for nothing, and goes" {
	mkdir "$(srv 1)/dir"
	head -c 12000000 /dev/urandom >large
	begin_large
	kill -9 "$copying"
	wait "$copying" || true
	lab_wait 'ls -A "$(srv 1)/dir" | grep -q "mroom-copy.*[.].*[.]" && ! ls -A "$(srv 1)/dir" | grep -qx "[.]mroom-copy[.][^.]*"'
	printf X | dd of="$(echo "$(srv 1)"/dir/.mroom-copy.*)" bs=1 seek=1000000 conv=notrunc status=none
	run_copy put -w web-01 large dir/
	[ "$(cut -f6 <<<"$out")" = 12000000 ]
	cmp large "$(srv 1)/dir/large"
	[ "$(ls -A "$(srv 1)/dir")" = large ]
}

# No session of the server's is left, nor what one whose sshd was killed had started: a request that was under way
# when its console died is still carried out.
sessions_over() {
	lab_wait '[ -z "$(cat "/proc/$(cat "$LAB/pid")/task/"*/children)" ]'
	lab_wait '! readlink /proc/[0-9]*/cwd | grep -qF "$LAB/srv/"'
}

@test "under --bwlimit every server gets its part at every moment" {
	local i grown='' was=()
	head -c 20000000 /dev/urandom >large
	mroom copy put -q --bwlimit 2M -a large large >/dev/null 2>&1 </dev/null &
	copying=$!
	# from when all of them have begun until one has got so much more
	for i in 1 2 3 4; do
		lab_wait "[ -n \"\$(find '$(srv $i)' -name large -size +64k)\" ]"
	done
	for i in 1 2 3 4; do
		was[i]=$(stat -c %s "$(srv $i)"/.mroom-copy.*/t/large)
	done
	lab_wait "[ \$(stat -c %s '$(srv 1)'/.mroom-copy.*/t/large) -gt $((was[1] + 1500000)) ]"
	kill -9 "$copying"
	wait "$copying" || true
	# each server's script keeps the part, and clears up the rest
	for i in 1 2 3 4; do
		lab_wait "ls -A '$(srv $i)' | grep -q 'mroom-copy.*[.].*[.]' && ! ls -A '$(srv $i)' | grep -qx '[.]mroom-copy[.][^.]*'"
		grown+="$(($(stat -c %s "$(srv $i)"/.mroom-copy.*) - was[i])) "
	done
	echo "$grown"
	awk '{ for (i = 1; i <= 4; i++) { if (i == 1 || $i < least) least = $i; if ($i > most) most = $i } }
		END { exit NF != 4 || least < most / 2 }' <<<"$grown"
}

@test "over SFTP a large file goes on behind what was on the server's disk for sure" {
	mkdir "$(srv 1)/dir"
	head -c 50000000 /dev/urandom >large
	touch -d @1700000000 large
	# the console is killed, then the network cut
	for kind in console network; do
		mroom copy put -q --sftp --bwlimit 12M -w web-01 large dir/ >/dev/null 2>&1 </dev/null &
		copying=$!
		at=${size:-0}
		lab_wait 'size=$(ls "$(srv 1)"/dir/.mroom-copy.*/ 2>/dev/null); size=${size##*.}; [ "${size:-0}" -gt "$at" ]'
		case $kind in
		console) kill -9 "$copying" ;;
		network) cut_network ;;
		esac
		wait "$copying" || true
		sessions_over
		[ ! -e "$(srv 1)/dir/large" ]
	done
	size=$(ls "$(srv 1)"/dir/.mroom-copy.*/)
	size=${size##*.}
	[ "$size" -ge 33554432 ]
	run_copy put --sftp -w web-01 large dir/
	[ "$status" = 0 ]
	[ "$(cut -f6 <<<"$out")" = $((50000000 - size)) ]
	cmp large "$(srv 1)/dir/large"
	[ "$(stat -c %Y "$(srv 1)/dir/large")" = 1700000000 ]
	[ "$(ls -A "$(srv 1)/dir")" = large ]
}

@test "over SFTP a part of a file that has changed since counts for nothing, and goes" {
	mkdir "$(srv 1)/dir"
	head -c 30000000 /dev/urandom >large
	touch -d @1700000000 large
	mroom copy put -q --sftp --bwlimit 8M -w web-01 large dir/ >/dev/null 2>&1 </dev/null &
	copying=$!
	lab_wait 'ls "$(srv 1)"/dir/.mroom-copy.*/ 2>/dev/null | grep -q "[.][1-9]"'
	kill -9 "$copying"
	wait "$copying" || true
	sessions_over
	# same size, same time
	printf X | dd of=large bs=1 seek=1000000 conv=notrunc status=none
	touch -d @1700000000 large
	run_copy put --sftp -w web-01 large dir/
	[ "$(cut -f6 <<<"$out")" = 30000000 ]
	cmp large "$(srv 1)/dir/large"
	[ "$(ls -A "$(srv 1)/dir")" = large ]
}

@test "a large file that is fetched over SFTP goes on behind what is here" {
	local part=.mroom-copy.part.*.33554432
	head -c 50000000 /dev/urandom >"$(srv 1)/large"
	touch -d @1700000000 "$(srv 1)/large"
	# the console ends at the 40,960,000th byte
	refute bash -c 'ulimit -c 0 -f 40000; exec mroom copy get -q --sftp -w web-01 large got' 2>/dev/null
	# shellcheck disable=SC2053 # a pattern
	[[ $(ls -A got/web-01) == $part ]]
	run_copy get --sftp -w web-01 large got
	[ "$(cut -f1-4 <<<"$out")" = "web-01	ok	1	$((50000000 - 33554432))" ]
	cmp "$(srv 1)/large" got/web-01/large
	[ "$(ls -A got/web-01)" = large ]
	# what has changed on the server is fetched whole
	printf X | dd of="$(srv 1)/large" bs=1 seek=1000000 conv=notrunc status=none
	touch -d @1700000001 "$(srv 1)/large"
	refute bash -c 'ulimit -c 0 -f 40000; exec mroom copy get -q --sftp -w web-01 large got' 2>/dev/null
	touch -d @1700000002 "$(srv 1)/large"
	run_copy get --sftp -w web-01 large got
	[ "$(cut -f1-4 <<<"$out")" = "web-01	ok	1	50000000" ]
	cmp "$(srv 1)/large" got/web-01/large
	[ "$(ls -A got/web-01)" = large ]
}

@test "a large file that is fetched goes on behind what is here, once the server's sum has told that it is the same" {
	local before
	head -c 60000000 /dev/urandom >"$(srv 1)/large"
	touch -d @1700000000 "$(srv 1)/large"
	chmod 640 "$(srv 1)/large"
	# the console ends at the 51,200,000th byte
	refute bash -c 'ulimit -c 0 -f 50000; exec mroom copy get -q -w web-01 large got' 2>/dev/null
	before=$(ls -A got/web-01)
	before=${before##*.}
	[ "$before" -gt 48000000 ]
	run_copy get -w web-01 large got
	[ "$(cut -f1-4 <<<"$out")" = "web-01	ok	1	$((60000000 - before))" ]
	cmp "$(srv 1)/large" got/web-01/large
	[ "$(stat -c '%a %Y' got/web-01/large)" = "640 1700000000" ]
	[ "$(ls -A got/web-01)" = large ]
}

@test "the network cut: the file goes on, and the others of the tree come behind it" {
	local before
	mkdir "$(srv 1)/tree"
	head -c 200000000 /dev/urandom >"$(srv 1)/tree/large"
	for i in $(seq 30); do
		head -c 5000 /dev/urandom >"$(srv 1)/tree/$i"
	done
	mroom copy get -q -w web-01 tree got >/dev/null 2>&1 </dev/null &
	copying=$!
	lab_wait '[ -n "$(find got -name ".mroom-copy.part.*.[1-9]*" 2>/dev/null)" ]'
	cut_network
	wait "$copying" || true
	sessions_over
	before=$(cd got/web-01 && echo .mroom-copy.part.*)
	before=${before##*.}
	[ "$before" -gt 16000000 ]
	run_copy get -w web-01 tree got
	[ "$status" = 0 ]
	[ "$(cut -f4 <<<"$out")" -le $((200000000 - before + 30 * 5000)) ]
	diff -r "$(srv 1)/tree" got/web-01/tree
	[ "$(ls -A got/web-01)" = tree ]
}

# cut_fetch HOW OPTION...: 60 files are on their way, and it is cut; what had arrived whole is here, and does not travel again.
cut_fetch() {
	local how=$1 here
	shift
	rm -rf got
	mroom copy get -q --bwlimit 3M "$@" -w web-01 tree got >/dev/null 2>&1 </dev/null &
	copying=$!
	lab_wait '[ "$(find got -type f 2>/dev/null | wc -l)" -gt 10 ]'
	"$how"
	wait "$copying" || true
	sessions_over
	here=$(find got/web-01/tree -type f | wc -l)
	echo "$how $*: $here"
	[ "$here" -ge 10 ]
	[ "$here" -lt 60 ]
	[ "$(ls -A got/web-01)" = tree ]
	run_copy get "$@" -w web-01 tree got
	[ "$(cut -f1-4 <<<"$out")" = "web-01	ok	$((60 - here))	$(((60 - here) * 100000))" ]
	diff -r "$(srv 1)/tree" got/web-01/tree
}

interrupt() {
	kill -TERM "$copying"
}

@test "of a fetch that is cut short the files that arrived whole stay, and are not fetched again" {
	mkdir "$(srv 1)/tree"
	for i in $(seq 60); do
		head -c 100000 /dev/urandom >"$(srv 1)/tree/$i"
	done
	cut_fetch cut_network
	cut_fetch cut_network --sftp
	cut_fetch interrupt
}

@test "of a fetch that the disk here has no room for the files that fit stay whole" {
	require namespaces
	mkdir "$(srv 1)/tree" got kept
	for i in $(seq 30); do
		head -c 100000 /dev/urandom >"$(srv 1)/tree/$i"
	done
	run unshare -m sh -c 'mount -t tmpfs -o size=2m tmpfs got && { mroom copy get -w web-01 tree got </dev/null; cp -a got/. kept; }'
	[[ $output == *"No space left"* ]]
	[ "$(find kept -type f | wc -l)" -ge 10 ]
	[ "$(ls -A kept/web-01)" = tree ]
	(cd kept/web-01/tree && for i in *; do cmp "$i" "$(srv 1)/tree/$i"; done)
}

@test "a part that is not what the server's file begins with is fetched again" {
	head -c 40000000 /dev/urandom >"$(srv 1)/large"
	touch -d @1700000000 "$(srv 1)/large"
	refute bash -c 'ulimit -c 0 -f 30000; exec mroom copy get -q -w web-01 large got' 2>/dev/null
	# same size, same time
	printf X | dd of="$(srv 1)/large" bs=1 seek=1000000 conv=notrunc status=none
	touch -d @1700000000 "$(srv 1)/large"
	run_copy get -w web-01 large got
	[ "$(cut -f1-4 <<<"$out")" = "web-01	ok	1	40000000" ]
	cmp "$(srv 1)/large" got/web-01/large
	[ "$(ls -A got/web-01)" = large ]
	# another time: it is not even asked about
	rm -r got
	refute bash -c 'ulimit -c 0 -f 30000; exec mroom copy get -q -w web-01 large got' 2>/dev/null
	touch -d @1700000001 "$(srv 1)/large"
	run_copy get -w web-01 large got
	[ "$(cut -f1-4 <<<"$out")" = "web-01	ok	1	40000000" ]
	[ "$(ls -A got/web-01)" = large ]
}

# cut_often KIND OPTION...: 100 rounds; every file is old or new, and the copy after the last one leaves nothing behind.
cut_often() {
	local kind=$1 count round i
	shift
	mkdir old new
	for i in $(seq 20); do
		head -c $((RANDOM * 8)) /dev/urandom >old/$i
		head -c $((RANDOM * 8)) /dev/urandom >new/$i
	done
	head -c 6000000 /dev/urandom >old/large
	head -c 6000000 /dev/urandom >new/large
	touch -d @1600000000 old/*
	count=$(rounds 100)
	[ -z "$MROOM_SANITIZED" ] || count=5
	for round in $(seq "$count"); do
		# what earlier rounds left behind stays
		mkdir -p "$(srv 1)/t"
		cp -p old/* "$(srv 1)/t/"
		mroom copy sync -q "$@" -w web-01 new t >/dev/null 2>&1 </dev/null &
		copying=$!
		perl -e 'select undef, undef, undef, rand 0.6'
		case $kind in
		network) cut_network ;;
		console) kill -9 "$copying" 2>/dev/null || true ;;
		esac
		wait "$copying" 2>/dev/null || true
		for i in $(seq 20) large; do
			cmp -s "$(srv 1)/t/$i" old/$i || cmp "$(srv 1)/t/$i" new/$i
		done
	done
	sessions_over
	run_copy sync "$@" -w web-01 new t
	[ "$status" = 0 ]
	same_trees new "$(srv 1)/t"
}

@test "the network cut at random moments: each file old or new, and the rerun finishes" {
	cut_often network
}

@test "the console killed at random moments: the same" {
	cut_often console
}

@test "the network cut at random moments, over SFTP" {
	cut_often network --sftp
}

@test "the console killed at random moments, over SFTP" {
	cut_often console --sftp
}
