#!/usr/bin/env bats
# mroom copy sync: a directory there is made like one here; whatever is cut short, a second run finishes.

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
	lab_room 5
	lab_homes 5
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "what is in the directory here is in the directory there; a second sync moves no file data" {
	mkdir -p tree/a/b
	echo 1 >tree/one
	echo 2 >tree/a/b/two
	ln -s one tree/link
	run_copy sync -w 'web-[01-02]' tree deep/er
	[ "$status" = 0 ]
	same_trees tree "$(srv 1)/deep/er"
	same_trees tree "$(srv 2)/deep/er"
	run_copy sync -w 'web-[01-02]' tree deep/er
	[ "$(cut -f1-6 <<<"$out" | sort)" = "web-01	ok	0	0	0	0
web-02	ok	0	0	0	0" ]
}

@test "what is not here stays there, unless --delete says otherwise" {
	mkdir -p tree/keep "$(srv 1)/t/extra/deep" "$(srv 1)/t/keep"
	echo 1 >tree/keep/one
	echo x >"$(srv 1)/t/extra/deep/x"
	echo x >"$(srv 1)/t/keep/"$'odd\nname'
	echo x >"$(srv 1)/t/-rf"
	run_copy sync -w web-01 tree t
	[ "$status" = 0 ]
	[ -e "$(srv 1)/t/extra/deep/x" ]
	run_copy sync -C --delete -w web-01 tree t
	[ "$(grep -c '	delete	' <<<"$out")" = 3 ]
	grep -qF 'web-01	delete	t/keep/odd\nname' <<<"$out"
	[ -e "$(srv 1)/t/-rf" ]
	run_copy sync --delete -w web-01 tree t
	[ "$(cut -f1-6 <<<"$out")" = "web-01	ok	0	0	3	0" ]
	same_trees tree "$(srv 1)/t"
}

@test "with --delete what is of another kind gives way" {
	mkdir -p tree/d "$(srv 1)/t/f"
	echo 1 >tree/f
	echo 2 >tree/d/x
	echo old >"$(srv 1)/t/f/old"
	echo old >"$(srv 1)/t/d"
	run_copy sync --delete -w web-01 tree t
	[ "$status" = 0 ]
	same_trees tree "$(srv 1)/t"
}

@test "a link to a directory there is not followed out of the target" {
	mkdir -p tree/d "$(srv 1)/elsewhere" "$(srv 1)/t"
	echo 1 >tree/d/x
	ln -s ../elsewhere "$(srv 1)/t/d"
	run_copy sync -w web-01 tree t
	[ "$status" = 1 ]
	[ -z "$(ls -A "$(srv 1)/elsewhere")" ]
	run_copy sync --delete -w web-01 tree t
	[ "$status" = 0 ]
	[ -z "$(ls -A "$(srv 1)/elsewhere")" ]
	same_trees tree "$(srv 1)/t"
}

@test "everything is asked to be on the disk before any name changes" {
	mkdir tree
	echo 1 >tree/x
	rm -f "$LAB/synced"
	run_copy sync -w web-01 tree t
	grep -q 'mroom-copy.*/t/x' "$LAB/synced"
	for i in $(seq 20); do echo "$i" >tree/$i; done
	run_copy sync -w web-01 tree t
	grep -q -- '-f ./.mroom-copy' "$LAB/synced"
}

@test "cut at random moments: each file old or new, nothing left but the rerun's to finish" {
	mkdir old new
	for i in $(seq 30); do
		head -c $((RANDOM * 4)) /dev/urandom >old/$i
		head -c $((RANDOM * 4)) /dev/urandom >new/$i
	done
	count=$(rounds 100)
	[ -z "$MROOM_SANITIZED" ] || count=10
	for round in $(seq "$count"); do
		# A new one each time: what the last one began may go on for a moment.
		t=t$round
		cp -a old "$(srv 1)/$t"
		mroom copy sync -q -w web-01 new "$t" >/dev/null 2>&1 </dev/null &
		perl -e 'select undef, undef, undef, rand 0.5'
		kill -9 $! 2>/dev/null || true
		wait $! 2>/dev/null || true
		for i in $(seq 30); do
			cmp -s "$(srv 1)/$t/$i" old/$i || cmp "$(srv 1)/$t/$i" new/$i
		done
	done
	# what the last one left behind goes by itself
	lab_wait '! ls -A "$(srv 1)/$t" | grep -q mroom-copy'
	run_copy sync -w web-01 new "$t"
	[ "$status" = 0 ]
	same_trees new "$(srv 1)/$t"
}

@test "a sparse file of 5 GB arrives in its few blocks" {
	not_quick
	truncate -s 5G big
	echo end | dd of=big bs=1 seek=5000000000 conv=notrunc status=none
	mkdir tree
	mv big tree/
	run_copy sync -w web-01 tree t
	[ "$status" = 0 ]
	[ "$(stat -c %s "$(srv 1)/t/big")" = 5368709120 ]
	[ "$(du -k "$(srv 1)/t/big" | cut -f1)" -lt 1000 ]
	[ "$(dd if="$(srv 1)/t/big" bs=1 skip=5000000000 count=4 status=none)" = end ]
}

@test "ten thousand small files to five servers, and none of them again" {
	not_quick
	mkdir tree
	(cd tree && for d in $(seq 20); do mkdir d$d && seq 500 | sed 's/.*/file & of the tree/' | split -l 1 -a 3 - d$d/f; done)
	run_copy sync -w 'web-[01-05]' tree t
	[ "$status" = 0 ]
	for i in 1 2 3 4 5; do
		diff -r tree "$(srv $i)/t"
	done
	run_copy sync -w 'web-[01-05]' tree t
	[ "$(cut -f2-6 <<<"$out" | sort -u)" = "ok	0	0	0	0" ]
}
