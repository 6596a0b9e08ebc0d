#!/usr/bin/env bats
# mroom copy where the server has no shell: sshd with ForceCommand internal-sftp.

load lib/lab
load lib/copy

setup_file() {
	lab_sftp_start 4
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	lab_room 4
	lab_homes 4
	cd "$BATS_TEST_TMPDIR" || return 1
	mroom exec -w web-01 -- true 2>&1 | grep -q 'sftp connections only'
}

@test "that it has no shell is found out, and remembered" {
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
	[ "$(cut -f1-6 <<<"$out" | sort)" = "web-01	ok	1	0	0	6
web-02	ok	1	0	0	6
web-03	ok	1	0	0	6" ]
	[ "$(mroom state get web-01 copy_by | tail -n 1)" = sftp ]
	refute mroom state get web-04 copy_by
	# and then nothing else is tried
	mroom copy put --debug -w web-01 motd greeting 2>&1 | refute grep -q 'connections only'
}

@test "a tree arrives as it is, odd names too; a second time nothing travels; only what differs does" {
	mkdir -p -- tree/sub/empty tree/locked "tree/-rf" $'tree/line\nbreak'
	echo one >tree/one
	: >tree/sub/nothing
	ln -s one tree/link
	ln -s ../nowhere/at/all tree/sub/dangling
	ln -s sub tree/dirlink
	echo 1 >"tree/-rf/-n"
	echo 2 >$'tree/line\nbreak/\n'
	echo 3 >$'tree/\xff\xfe'
	echo 4 >"tree/$(printf 'x%.0s' {1..200})"
	head -c 3000000 /dev/urandom >tree/sub/large
	ln -s $'line\nbreak\n' tree/oddlink
	chmod 4755 tree/one
	chmod 1777 tree/sub
	echo inside >tree/locked/x
	chmod 500 tree/locked
	touch -d @1600000000 tree/sub/nothing
	run_copy put -w 'web-[01-02]' tree tree
	[ "$status" = 0 ]
	same_trees tree "$(srv 1)/tree"
	same_trees tree "$(srv 2)/tree"
	run_copy put -w 'web-[01-02]' tree .
	[ "$(cut -f1-6 <<<"$out" | sort)" = "web-01	ok	0	0	0	0
web-02	ok	0	0	0	0" ]
	echo changed >tree/one
	chmod 4755 tree/one
	chmod 600 "$(srv 1)/tree/sub/nothing"
	ln -sfn elsewhere "$(srv 1)/tree/link"
	run_copy put -w web-01 tree .
	[ "$(cut -f1-6 <<<"$out")" = "web-01	ok	2	1	0	8" ]
	same_trees tree "$(srv 1)/tree"
	[ "$(ls -A "$(srv 1)")" = tree ]
}

@test "sync makes directories, deletes, and lets what is of another kind give way" {
	mkdir -p tree/d/e tree/keep "$(srv 1)/t/f/deep" "$(srv 1)/t/extra/deep" "$(srv 1)/t/keep"
	echo 1 >tree/f
	echo 2 >tree/d/x
	echo old >"$(srv 1)/t/f/deep/old"
	echo old >"$(srv 1)/t/d"
	echo x >"$(srv 1)/t/extra/deep/x"
	echo x >"$(srv 1)/t/keep/"$'odd\nname'
	run_copy sync -w web-01 tree t
	[ "$status" = 1 ]
	[[ $err == *"is a directory where none is to be"* ]] || [[ $err == *"stands where a directory is to be"* ]]
	[ -e "$(srv 1)/t/f/deep/old" ]
	run_copy sync -C --delete -w web-01 tree t
	[ "$(grep -c '	delete	' <<<"$out")" = 2 ]
	run_copy sync --delete -w web-01 tree t
	[ "$status" = 0 ]
	same_trees tree "$(srv 1)/t"
	run_copy sync --delete -w web-02 tree deep/er
	[ "$status" = 0 ]
	same_trees tree "$(srv 2)/deep/er"
	run_copy sync --delete -w 'web-[01-02]' tree "$(srv 2)/deep/er"
	[ "$(cut -f2-6 <<<"$out" | sort -u)" = "ok	0	0	0	0" ]
}

@test "--owner by number, --mode, --backup, -C and -D" {
	require root
	echo old >"$(srv 1)/f"
	chown 64001:64001 "$(srv 1)/f"
	echo newer >f
	run_copy put -C -D -w web-01 f f
	[ "$status" = 0 ]
	grep -qx 'web-01	-old' <<<"$out"
	grep -qx 'web-01	+newer' <<<"$out"
	[ "$(cat "$(srv 1)/f")" = old ]
	run_copy put --backup -w web-01 f f
	[ "$(stat -c %u "$(srv 1)/f")" = 64001 ]
	[ "$(cat "$(srv 1)"/f.*Z.bak)" = old ]
	run_copy put --mode 0600 --owner 64002:64003 -w web-01 f f
	[ "$(stat -c '%a %u %g' "$(srv 1)/f")" = "600 64002 64003" ]
	run_copy put --owner lab -w web-01 f f
	[ "$status" = 1 ]
	[[ $err == *"told by numbers"* ]]
	run_copy put --sftp --sudo -w web-01 f f
	[ "$status" = 2 ]
}

@test "a sparse file of 5 GB goes in its few blocks" {
	truncate -s 5G big
	echo end | dd of=big bs=1 seek=5000000000 conv=notrunc status=none
	run_copy put -w web-01 big big
	[ "$status" = 0 ]
	[ "$(stat -c %s "$(srv 1)/big")" = 5368709120 ]
	[ "$(du -k "$(srv 1)/big" | cut -f1)" -lt 1000 ]
	[ "$(dd if="$(srv 1)/big" bs=1 skip=5000000000 count=4 status=none)" = end ]
}

@test "a full disk: the old file stays, what was written goes, and the reason is told" {
	require namespaces
	mkdir "$(srv 1)/small"
	inside() { nsenter -t "$(cat "$LAB/pid")" -m sh -c "$1"; }
	inside "mount -t tmpfs -o size=1m tmpfs '$(srv 1)/small'; echo old >'$(srv 1)/small/f'"
	head -c 3000000 /dev/urandom >f
	run_copy put -w web-01 f small/f
	[ "$status" = 1 ]
	[[ $err == *"No space left on device"* ]]
	[ "$(inside "cat '$(srv 1)/small/f'; ls -A '$(srv 1)/small'")" = "old
f" ]
	inside "umount '$(srv 1)/small'"
}

@test "--bwlimit holds over SFTP too" {
	head -c 300000 /dev/urandom >f
	start=$(date +%s%N)
	run_copy put --bwlimit 200k -w 'web-[01-02]' f f
	[ "$status" = 0 ]
	# 600 kB in three seconds
	[ $((($(date +%s%N) - start) / 1000000)) -ge 2700 ]
	cmp f "$(srv 2)/f"
}

@test "no such directory, and no right to write: each is said" {
	echo x >f
	run_copy put -w web-01 f nowhere/f
	[ "$status" = 1 ]
	[[ $err == *"nowhere: no such directory"* ]]
	echo x >"$(srv 1)/file"
	run_copy put -w web-01 f file/
	[ "$status" = 1 ]
	[[ $err == *"file: not a directory"* ]]
}

@test "a tree is fetched as it is, and then only what differs" {
	local tree
	tree=$(srv 1)/tree
	mkdir -p "$tree/-d/empty" "$tree/"$'line\nbreak'
	echo 1 >"$tree/-d/-n"
	echo 2 >"$tree/"$'line\nbreak/\n'
	echo 3 >"$tree/"$'\xff\xfe'
	: >"$tree/nothing"
	ln -s nowhere "$tree/link"
	for i in $(seq 40); do echo "$i" >"$tree/$i"; done
	head -c 5000001 /dev/urandom >"$tree/large"
	head -c 32768 /dev/urandom >"$tree/one-piece"
	truncate -s 5M "$tree/hole"
	echo middle | dd of="$tree/hole" bs=1 seek=3000000 conv=notrunc status=none
	chmod 500 "$tree/-d"
	run_copy get -w web-01 tree got
	[ "$status" = 0 ]
	same_trees "$tree" got/web-01/tree
	[ "$(du -k got/web-01/tree/hole | cut -f1)" -lt 1000 ]
	run_copy get -w web-01 tree got
	[ "$(cut -f1-4 <<<"$out")" = "web-01	ok	0	0" ]
	echo changed >"$tree/-d/-n"
	rm got/web-01/tree/link
	run_copy get -w web-01 tree got
	[ "$(cut -f1-4 <<<"$out")" = "web-01	ok	2	8" ]
	same_trees "$tree" got/web-01/tree
	run_copy get -w web-01,web-02 tree/large got
	[ "$status" = 1 ]
	cmp "$tree/large" got/web-01/large
	[[ $err == *"web-02: failed: tree/large: no such file or directory"* ]]
}

@test "through ssh(1) too" {
	head -c 3000000 /dev/urandom >large
	export MROOM_SSH_TRANSPORT=openssh
	run_copy put -w 'web-[01-02]' large large
	[ "$status" = 0 ]
	cmp large "$(srv 1)/large"
	cmp large "$(srv 2)/large"
	run_copy get -w 'web-[01-02]' large got
	[ "$status" = 0 ]
	cmp large got/web-01/large
	cmp large got/web-02/large
}

@test "within a chroot, where nothing but files is" {
	require namespaces
	inside() { nsenter -t "$(cat "$LAB/pid")" -m sh -c "$1"; }
	inside 'mount -t tmpfs -o mode=755 tmpfs /mnt && mkdir /mnt/in'
	sed 's|^ForceCommand.*|ForceCommand internal-sftp\nChrootDirectory /mnt|' "$LAB/config" >"$LAB/config.chroot"
	port=$((LAB_PORT + 1))
	nsenter -t "$(cat "$LAB/pid")" -m "$(readlink "/proc/$(cat "$LAB/pid")/exe")" -D -e -f "$LAB/config.chroot" -p "$port" \
		>"$LAB/chroot.log" 2>&1 3>&- &
	lab_keep $!
	lab_wait 'grep -q "Server listening" "$LAB/chroot.log"'
	lab_known_hosts 4 "$port" >>"$MROOM_HOME/known_hosts"
	mkdir -p tree/d
	echo 1 >tree/d/x
	run_copy sync -p "$port" -w web-01 tree in/t
	[ "$status" = 0 ]
	[ "$(inside 'cat /mnt/in/t/d/x')" = 1 ]
	run_copy get -p "$port" -w web-01 in/t got
	diff -r tree got/web-01/t
	inside 'umount -l /mnt'
}
