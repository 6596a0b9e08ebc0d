#!/usr/bin/env bats
# mroom copy put: files and trees to servers, whole and exact.

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

@test "a file goes to every server under the name it is given there" {
	echo hello >motd
	touch -d @1700000000 motd
	chmod 640 motd
	run_copy put -w 'web-[01-03]' motd greeting
	[ "$status" = 0 ]
	for i in 1 2 3; do
		[ "$(cat "$(srv $i)/greeting")" = hello ]
		[ "$(stat -c '%a %Y' "$(srv $i)/greeting")" = "640 1700000000" ]
		[ "$(ls -A "$(srv $i)")" = greeting ]
	done
	[ ! -e "$(srv 4)/greeting" ]
	[ "$(cut -f1-6 <<<"$out" | sort)" = "web-01	ok	1	0	0	6
web-02	ok	1	0	0	6
web-03	ok	1	0	0	6" ]
}

@test "into a directory that is there; and a name ending in / is a directory, made when missing" {
	echo a >a
	mkdir "$(srv 1)/dir"
	run_copy put -w web-01,web-02 a dir
	[ "$status" = 0 ]
	[ -f "$(srv 1)/dir/a" ]
	[ -f "$(srv 2)/dir" ]
	run_copy put -w web-03 a new/deep/
	[ "$status" = 0 ]
	[ -f "$(srv 3)/new/deep/a" ]
}

@test "several sources go into the directory, and two of one name are refused" {
	mkdir -p x y
	echo 1 >x/one
	echo 2 >two
	echo 3 >y/two
	run_copy put -w web-01 x two dir
	[ "$status" = 0 ]
	[ "$(cat "$(srv 1)/dir/x/one" "$(srv 1)/dir/two")" = "1
2" ]
	run_copy put -w web-01 two y/two dir
	[ "$status" = 2 ]
	[[ $err == *"two sources are called two"* ]]
}

@test "a tree arrives as it is: modes, times, links, empty files and directories" {
	mkdir -p tree/sub/empty tree/locked
	echo one >tree/one
	: >tree/sub/nothing
	ln -s one tree/link
	ln -s ../nowhere/at/all tree/sub/dangling
	ln -s sub tree/dirlink
	chmod 4755 tree/one
	chmod 1777 tree/sub
	chmod 500 tree/locked
	touch -d @1600000000 tree/sub/nothing
	run_copy put -w 'web-[01-02]' tree tree
	[ "$status" = 0 ]
	same_trees tree "$(srv 1)/tree"
	same_trees tree "$(srv 2)/tree"
}

@test "names with newlines, dashes, blanks, quotes, UTF-8 and bytes that are not UTF-8, and long ones" {
	mkdir -p -- "tree/-rf" $'tree/line\nbreak'
	echo 1 >"tree/-rf/-n"
	echo 2 >$'tree/line\nbreak/\n'
	echo 3 >$'tree/\xff\xfe'
	echo 4 >'tree/größe 大'
	echo 5 >"tree/it's \"\$HOME\" \`id\` \\ *"
	echo 6 >$'tree/cr\r'
	echo 7 >tree/.hidden
	echo 8 >tree/..twice
	echo 9 >"tree/$(printf 'x%.0s' {1..200})"
	ln -s "$(printf 'y%.0s' {1..300})" tree/longlink
	ln -s $'line\nbreak\n' tree/oddlink
	run_copy put -w web-01 tree tree
	[ "$status" = 0 ]
	same_trees tree "$(srv 1)/tree"
	# and all of it is recognised: nothing travels again
	run_copy put -w web-01 tree .
	[ "$status" = 0 ]
	[ "$(cut -f1-6 <<<"$out")" = "web-01	ok	0	0	0	0" ]
}

@test "only what differs travels, each server by itself" {
	mkdir tree
	for i in 1 2 3 4 5; do echo "contents $i" >tree/f$i; done
	run_copy put -w 'web-[01-02]' tree .
	echo other >"$(srv 1)/tree/f2"
	rm "$(srv 1)/tree/f3"
	chmod 600 "$(srv 2)/tree/f5"
	touch -d @1700000000 "$(srv 2)/tree/f4"
	run_copy put -w 'web-[01-02]' tree .
	[ "$status" = 0 ]
	[ "$(cut -f1-6 <<<"$out" | sort)" = "web-01	ok	2	0	0	22
web-02	ok	0	2	0	0" ]
	same_trees tree "$(srv 1)/tree"
	same_trees tree "$(srv 2)/tree"
}

@test "a file of the same size and time but other contents is noticed; with --quick it is not" {
	echo aaaa >f
	touch -d @1700000000 f
	echo bbbb >"$(srv 1)/f"
	touch -d @1700000000 "$(srv 1)/f"
	run_copy put --quick -w web-01 f f
	[ "$(cat "$(srv 1)/f")" = bbbb ]
	run_copy put -w web-01 f f
	[ "$(cat "$(srv 1)/f")" = aaaa ]
}

@test "-C tells what would be done and does nothing" {
	mkdir tree
	echo new >tree/new
	echo changed >tree/changed
	echo same >tree/same
	echo adjusted >tree/adjusted
	cp -a tree "$(srv 1)/tree"
	rm "$(srv 1)/tree/new"
	echo old >"$(srv 1)/tree/changed"
	chmod 600 "$(srv 1)/tree/adjusted"
	run_copy put -C -w web-01 tree .
	[ "$status" = 0 ]
	[ "$out" = "web-01	adjust	./tree/adjusted	0
web-01	change	./tree/changed	8
web-01	create	./tree/new	4" ]
	[ ! -e "$(srv 1)/tree/new" ]
	[ "$(cat "$(srv 1)/tree/changed")" = old ]
}

@test "--mode and --owner are given to files, and seen when they differ" {
	require root
	echo x >f
	run_copy put --mode 0600 --owner 64001:64001 -w web-01 f f
	[ "$status" = 0 ]
	[ "$(stat -c '%a %u %g' "$(srv 1)/f")" = "600 64001 64001" ]
	chown 0:0 "$(srv 1)/f"
	run_copy put --mode 0600 --owner lab -w web-01 f f
	[ "$(cut -f3-6 <<<"$out")" = "0	1	0	0" ]
	[ "$(stat -c '%a %u %g' "$(srv 1)/f")" = "600 64001 0" ]
	run_copy put --owner nosuchuser -w web-01 f f
	[ "$status" = 1 ]
	[[ $err == *"no user nosuchuser on the server"* ]]
}

@test "a file that is replaced keeps its owner, and --backup keeps what was there" {
	require root
	echo old >"$(srv 1)/f"
	chown 64001:64001 "$(srv 1)/f"
	echo new >f
	run_copy put --backup -w web-01 f f
	[ "$status" = 0 ]
	[ "$(stat -c %u "$(srv 1)/f")" = 64001 ]
	[ "$(cat "$(srv 1)/f")" = new ]
	[ "$(cat "$(srv 1)"/f.*Z.bak)" = old ]
}

@test "a link at the target's place is replaced, not written through" {
	echo precious >"$(srv 1)/precious"
	ln -s precious "$(srv 1)/f"
	echo new >f
	run_copy put -w web-01 f f
	[ "$(cat "$(srv 1)/precious")" = precious ]
	[ ! -L "$(srv 1)/f" ]
}

@test "a directory in a file's way and a file in a directory's way: nothing is changed, and it is said" {
	mkdir -p tree/d
	echo 1 >tree/a
	echo 2 >tree/d/x
	mkdir -p "$(srv 1)/tree/a"
	mkdir -p "$(srv 2)/tree"
	echo in the way >"$(srv 2)/tree/d"
	run_copy put -w web-01,web-02 tree .
	[ "$status" = 1 ]
	[[ $err == *"web-01: failed: ./tree/a: is a directory where none is to be"* ]]
	[[ $err == *"web-02: failed: ./tree/d: stands where a directory is to be"* ]]
	[ ! -e "$(srv 1)/tree/d" ]
	[ "$(cat "$(srv 2)/tree/d")" = "in the way" ]
	[ ! -e "$(srv 2)/tree/a" ]
	[ "$(ls -A "$(srv 1)" "$(srv 2)" | grep -c mroom-copy)" = 0 ]
}

@test "no such directory, a source that is not there, a mode that is none: each is said" {
	echo x >f
	run_copy put -w web-01 f nowhere/f
	[ "$status" = 1 ]
	[[ $err == *"nowhere: no such directory"* ]]
	run_copy put -w web-01 missing f
	[ "$status" = 2 ]
	[[ $err == *"missing: No such file"* ]]
	run_copy put -w web-01 --mode rwx f f
	[ "$status" = 2 ]
	run_copy put -w web-01 f
	[ "$status" = 2 ]
}

@test "put composes: ids in, those where it worked out" {
	echo x >f
	mkdir "$(srv 1)/opt" "$(srv 3)/opt"
	mroom exec -q -w 'web-[01-04]' --pass -- test -d opt 2>/dev/null |
		mroom copy put -q --pass f opt | mroom exec -q -- cat opt/f >got
	[ "$(sort got)" = "web-01	x
web-03	x" ]
}

@test "a sparse file stays sparse, and its contents are exact" {
	truncate -s 64M hole
	echo middle | dd of=hole bs=1 seek=33554432 conv=notrunc status=none
	truncate -s 20M allhole
	head -c 100000 /dev/urandom >tail
	truncate -s 1M tail
	for i in $(seq 0 40); do echo "piece $i" | dd of=many bs=1 seek=$((i * 200000)) conv=notrunc status=none; done
	run_copy put -w web-01 hole allhole tail many dir/
	[ "$status" = 0 ]
	for f in hole allhole tail many; do
		cmp $f "$(srv 1)/dir/$f"
	done
	[ "$(du -k "$(srv 1)/dir/hole" | cut -f1)" -lt 1000 ]
	[ "$(du -k "$(srv 1)/dir/allhole" | cut -f1)" -lt 1000 ]
}

@test "a full disk: the old file stays, what was written goes, and the reason is told" {
	require namespaces
	mkdir "$(srv 1)/small"
	nsenter -t "$(cat "$LAB/pid")" -m mount -t tmpfs -o size=1m tmpfs "$(srv 1)/small"
	nsenter -t "$(cat "$LAB/pid")" -m sh -c "echo old >'$(srv 1)/small/f'"
	head -c 3000000 /dev/urandom >f
	run_copy put -w web-01 f small/f
	[ "$status" = 1 ]
	[[ $err == *"No space left on device"* ]]
	[ "$(nsenter -t "$(cat "$LAB/pid")" -m sh -c "cat '$(srv 1)/small/f'; ls -A '$(srv 1)/small'")" = "old
f" ]
	nsenter -t "$(cat "$LAB/pid")" -m umount "$(srv 1)/small"
}

@test "through sudo, as who logs in may not" {
	require sudo root
	echo x >f
	mkdir "$(srv 1)/closed"
	chmod 700 "$(srv 1)/closed"
	run_copy put -w web-01 --sudo f closed/f
	[ "$status" = 0 ]
	[ "$(cat "$(srv 1)/closed/f")" = x ]
}

@test "a file that is bigger than the limit of bytes a second takes its time, and arrives" {
	head -c 300000 /dev/urandom >f
	start=$(date +%s%N)
	run_copy put --bwlimit 200k -w 'web-[01-02]' f f
	[ "$status" = 0 ]
	# 600 kB in three seconds
	[ $((($(date +%s%N) - start) / 1000000)) -ge 2700 ]
	cmp f "$(srv 1)/f"
	cmp f "$(srv 2)/f"
}

@test "on a terminal it says how much has gone, how fast, and how long it will take" {
	head -c 500000 /dev/urandom >f
	script -qec "mroom copy put --bwlimit 200k -w web-01,web-02 f f" "$BATS_TEST_TMPDIR/terminal" </dev/null >/dev/null
	tr '\r' '\n' <"$BATS_TEST_TMPDIR/terminal" |
		grep -qE '[0-9.]+ kB of 1[.]0 MB, [0-9.]+ kB/s, [0-9.]+ m?s left; [01]/2 done, [12] running'
}

@test "what goes on the server while it is looked at is sent, whatever xargs makes of it" {
	local status_of
	echo new >gone
	echo same >here
	touch -d @1700000000 gone here
	printf '#!/bin/sh\ncase $* in *gone*) rm -f gone ;; esac\nexec /usr/bin/stat "$@"\n' >"$LAB/bin/stat"
	chmod 755 "$LAB/bin/stat"
	for status_of in 123 1; do
		printf '#!/bin/sh\n/usr/bin/xargs "$@"\ngot=$?\n[ $got != 123 ] || exit %s\nexit $got\n' $status_of >"$LAB/bin/xargs"
		chmod 755 "$LAB/bin/xargs"
		mkdir -p "$(srv 1)/dir"
		echo old >"$(srv 1)/dir/gone"
		cp -p here "$(srv 1)/dir/"
		run_copy put -w web-01 gone here dir/
		[ "$(cut -f1-4 <<<"$out")" = "web-01	ok	1	0" ]
		[ "$(cat "$(srv 1)/dir/gone")" = new ]
		# and that is no reason to do without a shell
		refute mroom state get web-01 copy_by
	done
	rm "$LAB/bin/stat" "$LAB/bin/xargs"
}

@test "what cannot be kept under another name is not replaced, nor anything beside it" {
	local long
	long=$(printf 'n%.0s' {1..240})
	mkdir new
	echo new >"new/$long"
	echo new >new/a
	mkdir "$(srv 1)/t"
	echo old >"$(srv 1)/t/$long"
	echo old >"$(srv 1)/t/a"
	run_copy sync --backup -w web-01 new t
	[ "$status" = 1 ]
	[[ $err == *"cannot be kept, so nothing was replaced"* ]]
	[ "$(cat "$(srv 1)/t/$long" "$(srv 1)/t/a")" = "old
old" ]
}
