#!/usr/bin/env bats
# How mroom exec shows what comes back: gathered and folded, in order, in files, as JSON.

load lib/lab

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	lab_room 6
	cd "$BATS_TEST_TMPDIR"
}

# A run on all six: output in $out, what was said in $err, the status in $status.
run_exec() {
	status=0
	mroom exec -q -a "$@" >raw 2>said </dev/null || status=$?
	out=$(cat raw)
	err=$(cat said)
}

# A command that does something else on web-02.
other='case $SSH_CONNECTION in *127.1.0.2*) echo two; exit;; esac; echo one; echo line'

@test "-b folds equal outputs under clush's header, the largest group first" {
	run_exec -b -- "$other"
	[ "$status" = 0 ]
	[ "$out" = "---------------
web-[01,03-06] (5)
---------------
one
line
---------------
web-02
---------------
two" ]
}

@test "-b gathers standard error too, on its own stream, and silence not at all" {
	run_exec -b -- 'case $SSH_CONNECTION in *127.1.0.2*) exit;; esac; echo bad >&2'
	[ "$out" = "" ]
	[ "$err" = "---------------
web-[01,03-06] (5)
---------------
bad" ]
}

@test "-bL shows lines as they come and gathers them as well" {
	run_exec -bL -- "$other"
	[ "$(head -n 11 raw | sort | head -n 1)" = "web-01	line" ]
	[ "$(tail -n 9 raw | head -n 2 | tail -n 1)" = "web-[01,03-06] (5)" ]
}

@test "-L shows servers in their order, the first ones live" {
	run_exec -L -- 'case $SSH_CONNECTION in *127.1.0.1*) sleep 0.5;; esac; echo a; echo b'
	[ "$out" = "$(for i in 1 2 3 4 5 6; do printf 'web-0%d\ta\nweb-0%d\tb\n' $i $i; done)" ]
	run_exec -L --json -- 'case $SSH_CONNECTION in *127.1.0.1*) sleep 0.5;; esac; echo a'
	[ "$(jq -r .id raw | uniq -c | tr -s ' ')" = "$(for i in 1 2 3 4 5 6; do echo " 2 web-0$i"; done)" ]
}

@test "-L holds long output of later servers on disk, and loses nothing" {
	run_exec -L -N -- 'case $SSH_CONNECTION in *127.1.0.1*) sleep 1;; esac; seq 1 300000'
	[ "$(md5sum <raw)" = "$(for i in 1 2 3 4 5 6; do seq 1 300000; done | md5sum)" ]
}

@test "--normalize masks names, addresses and times, --diff shows what differs from the majority" {
	run_exec --normalize -- 'echo "$SSH_CONNECTION" | cut -d" " -f3; date +%H:%M:%S.%N; date +%Y-%m-%d'
	[ "$out" = "---------------
web-[01-06] (6)
---------------
<name>
<time>
<date>" ]
	run_exec --diff -- 'case $SSH_CONNECTION in *127.1.0.2*) printf "a\nB\nc\n";; *) printf "a\nb\nc\n";; esac'
	[ "$out" = "---------------
web-[01,03-06] (5)
---------------
a
b
c
--- web-[01,03-06] (5)
+++ web-02 (1)
@@ -1,3 +1,3 @@
 a
-b
+B
 c" ]
}

@test "--outdir and --errdir: a file for each server, byte by byte" {
	run_exec --outdir files/out --errdir files/err -- 'printf "a\377b"; echo bad >&2'
	[ "$(ls files/out)" = "$(printf 'web-0%d\n' 1 2 3 4 5 6)" ]
	[ "$(od -An -tx1 files/out/web-03)" = " 61 ff 62" ]
	[ "$(cat files/err/web-06)" = bad ]
	[ "$(wc -l <raw)" = 6 ]
	run_exec --outdir /dev/null/x -- true
	[ "$status" = 6 ] || [ "$status" = 2 ]
	[[ $err == *"/dev/null"* ]]
}

@test "a file that --outdir cannot open stops the run before that server is dialled" {
	mkdir -p files/web-02
	run_exec -f 1 --outdir files -- echo a
	[ "$status" = 6 ]
	[[ $err == *"web-[02-06]: skipped: stopped by trouble on the console: files/web-02: Is a directory"* ]]
	[[ $err == *"mroom exec: files/web-02: Is a directory"* ]]
}

@test "a full disk under --outdir is the console's own fault, and stops the run" {
	require namespaces
	mkdir small
	run unshare -m sh -c 'mount -t tmpfs -o size=64k tmpfs small && mroom exec -q -a --outdir small -- "yes | head -c 1000000" >/dev/null </dev/null'
	[ "$status" = 6 ]
	[[ $output == *"No space left"* ]]
}

@test "gathered output as JSON and as records" {
	run_exec -b --json -- "$other; printf '\377'"
	[ "$(jq -c 'select(.ids) | [.ids, .count, .stream, .data // .data_b64]' raw)" = '[["web-01","web-03","web-04","web-05","web-06"],5,"stdout","b25lCmxpbmUK/wo="]
[["web-02"],1,"stdout","two\n"]' ]
	run_exec -b -o tsv -- "$other"
	[ "$(sort raw | head -n 2)" = 'web-01	one\nline\n
web-02	two\n' ]
}

@test "gathered on a terminal, control bytes are visible" {
	require script
	run script -qec "mroom exec -q -a -b -- 'printf \"\\033[2Jx\\n\"'" /dev/null
	[[ $output == *'web-[01-06] (6)'* ]]
	[[ $output == *'\e[2Jx'* ]]
	[[ $output != *$'\033[2J'* ]]
}

@test "gathering large outputs that differ needs little memory" {
	not_quick
	run_exec -b -- 'seq 1 1000000; echo "$SSH_CONNECTION" | cut -d" " -f3'
	[ "$(grep -c '^127.1.0' raw)" = 6 ]
	[ "$(grep -c '^1000000$' raw)" = 6 ]
	[ "$(wc -l <raw)" = 6000024 ]
}
