#!/usr/bin/env bats
# mroom copy put and sync with -D: what changes, as text.

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
	lab_room 2
	lab_homes 2
	cd "$BATS_TEST_TMPDIR" || return 1
}

# The lines of a server, without its id.
lines_of() {
	sed -n "s/^$1	//p" <<<"$out"
}

@test "-C -D shows how each server's file differs, and changes nothing" {
	printf 'one\ntwo\nthree\n' >conf
	printf 'one\n2\nthree\n' >"$(srv 1)/conf"
	run_copy put -C -D -w 'web-[01-02]' conf conf
	[ "$status" = 0 ]
	[ "$(lines_of web-01)" = "--- conf
+++ conf
@@ -1,3 +1,3 @@
 one
-2
+two
 three" ]
	[ "$(lines_of web-02)" = "--- /dev/null
+++ conf
@@ -0,0 +1,3 @@
+one
+two
+three" ]
	[ "$(cat "$(srv 1)/conf")" = "one
2
three" ]
	[ ! -e "$(srv 2)/conf" ]
}

@test "-D alone shows the difference and makes it; then there is none" {
	mkdir -p tree/sub "$(srv 1)/t/sub"
	printf 'new\n' >tree/sub/f
	printf 'old\n' >"$(srv 1)/t/sub/f"
	run_copy sync -D -w web-01 tree t
	[ "$status" = 0 ]
	grep -qx -- '-old' <<<"$(lines_of web-01)"
	grep -qx -- '+new' <<<"$(lines_of web-01)"
	same_trees tree "$(srv 1)/t"
	run_copy sync -D -w web-01 tree t
	[ "$status" = 0 ]
	[ -z "$out" ]
}

@test "binary, long and other things are told in a line; names and lines of any bytes stay lines" {
	mkdir -p tree "$(srv 1)/t"
	printf 'a\0b' >tree/binary
	printf 'a\0c' >"$(srv 1)/t/binary"
	head -c 1100000 /dev/zero | tr '\0' x >tree/long
	echo short >"$(srv 1)/t/long"
	: >tree/empty
	ln -s there tree/link
	printf 'no end' >tree/$'odd\nname'
	printf '\033[2J\n' >"$(srv 1)/t/"$'odd\nname'
	echo gone >"$(srv 1)/t/gone"
	run_copy sync -C -D --delete -w web-01 tree t
	[ "$status" = 0 ]
	grep -qx 'change t/binary (binary)' <<<"$(lines_of web-01)"
	grep -qx 'change t/long (too long to compare)' <<<"$(lines_of web-01)"
	grep -qx 'create t/empty (empty)' <<<"$(lines_of web-01)"
	grep -qx 'create t/link' <<<"$(lines_of web-01)"
	grep -qx 'delete t/gone' <<<"$(lines_of web-01)"
	grep -qxF -- '--- t/odd\nname' <<<"$(lines_of web-01)"
	grep -qxF -- '-\e[2J' <<<"$(lines_of web-01)"
	grep -qxF -- '+no end' <<<"$(lines_of web-01)"
	grep -qxF -- '\ No newline at end of file' <<<"$(lines_of web-01)"
	[ "$(grep -cv '^web-01	' <<<"$out")" = 0 ]
	[ -e "$(srv 1)/t/gone" ]
}

@test "--pass and -D do not go together" {
	echo new >a
	run_copy put -C -D --pass -w web-01 a a
	[ "$status" = 2 ]
	[[ $err == *"--diff and --pass"* ]]
}
