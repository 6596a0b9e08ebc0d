#!/usr/bin/env bats
# mroom inventory fold and expand: filters.

load lib/lab

setup() {
	lab_home
}

expand() {
	mroom-inventory expand -s ' ' "$@"
}

fold() {
	mroom-inventory fold "$@"
}

@test "expand prints what a list stands for, each name once, in order" {
	[ "$(mroom-inventory expand 'web-[01-03],db,web-02' | paste -sd,)" = web-01,web-02,web-03,db ]
	[ "$(expand 'n[0-20/5]' 'm[a-c]')" = "n0 n5 n10 n15 n20 ma mb mc" ]
	[ "$(expand 'r[1-2]n[08-10]')" = "r1n08 r1n09 r1n10 r2n08 r2n09 r2n10" ]
	[ "$(printf 'a[1-2]\tnote\n# no\nb\n' | expand)" = "a1 a2 b" ]
}

@test "expand knows & and -x" {
	[ "$(expand 'n[1-6]&n[4-9]')" = "n4 n5 n6" ]
	[ "$(expand 'n[1-6]&n[4-9]&n[6-7],x')" = "n6 x" ]
	[ "$(expand -x 'n[2-3]' -x n5 'n[1-6]')" = "n1 n4 n6" ]
	[ "$(expand -x 'n[1-9]' 'n[1-6]')" = "" ]
	run expand 'n1&'
	[ "$status" = 2 ]
	run expand 'n[1-'
	[ "$status" = 2 ]
}

@test "fold is the way back, also for names on lines" {
	[ "$(fold web-01 web-02 web-03 web-07 db)" = "db,web-[01-03,07]" ]
	[ "$(mroom-inventory expand 'web-[001-250]' | fold)" = "web-[001-250]" ]
	[ "$(fold -x 'web-0[2-3]' 'web-[01-05]')" = "web-[01,04-05]" ]
	[ "$(fold </dev/null)" = "" ]
}

@test "neither makes a home" {
	rm -r "$MROOM_HOME"
	expand 'a[1-3]' >/dev/null
	fold a1 a2 >/dev/null
	[ ! -e "$MROOM_HOME" ]
}

@test "names with a NUL byte are refused rather than cut" {
	for verb in fold expand; do
		printf 'web-01\0x\nweb-02\n' >"$BATS_TEST_TMPDIR/names"
		run mroom inventory "$verb" <"$BATS_TEST_TMPDIR/names"
		[ "$status" = 2 ]
		[ "$output" = "mroom inventory $verb: standard input: not a text file (it holds a NUL byte)" ]
	done
}
