#!/usr/bin/env bats
# What mroom exec runs: scripts and their arguments, in which place, with which values, by which shell.

load lib/lab

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	lab_room 3
	cd "$BATS_TEST_TMPDIR"
	# Scripts leave their files where this says, so that what is left over can be seen.
	mkdir files
	chmod 1777 files
}

# A run on web-01, or on what is named; output in $out, what was said in $err, the status in $status.
run_exec() {
	status=0
	mroom exec -q -N "$@" >raw 2>said </dev/null || status=$?
	out=$(cat raw)
	err=$(cat said)
}

# Every shell metacharacter, as arguments.
hard_words() {
	words=('' ' ' 'two words' "it's" '"q"' 'back\slash' 'a\nb' '!' '!!' '$HOME' '${HOME}' '$(id)' '`id`' '*' '?' '[a-z]'
		'~' '~root' '{a,b}' 'a;b' 'a&&b' 'a|b' '<in' '>out' '#no' '%1' '%h' '=ls' 'a=b' '-n' '--' '\' '\\' "'" "''" "'\\''"
		$'tab\there' $'new\nline' $'\n' $'\r' '^a^b' '@' '(a)' 'trailing\' 'été' $'\377\376' $'\e[31m' 'a  b' '%s%d' '')
}

# Puts a value (JSON) into the state of a server.
remember() {
	sqlite3 "$MROOM_HOME/mroom.db" "INSERT INTO state SELECT row, '$2', '$3', 0, 'test' FROM server WHERE id = '$1'"
}

script_printing_arguments() {
	printf '#!/bin/bash\nprintf "%%s\\0" "$@"\n' >script
}

@test "a script is run by its own interpreter" {
	printf '#!/usr/bin/perl -w\nprint "perl $] @ARGV\\n"' >script
	run_exec -w 'web-[01-03]' --script script one two
	[ "$status" = 0 ]
	[ "$(sort -u raw | wc -l)" = 1 ]
	[[ $out == "perl 5"*" one two"* ]]
	printf 'echo "plain $1"' >script
	run_exec -w web-01 --script script x
	[ "$out" = "plain x" ]
}

@test "a script's arguments arrive unchanged, whatever is in them" {
	hard_words
	script_printing_arguments
	run_exec -w web-01 --json --script script "${words[@]}"
	[ "$status" = 0 ]
	jq -r 'select(.stream) | if .data_b64 then .data_b64 else .data | @base64 end' raw |
		while read -r line; do base64 -d <<<"$line"; echo; done >got
	printf '%s\0' "${words[@]}" >want
	echo >>want # the last line had no newline
	cmp got want
}

@test "a script keeps its exit status, gets its input, and its file is gone however it ends" {
	printf '#!/bin/sh\necho "$0"; md5sum; exit 9\n' >script
	head -c 200000 /dev/urandom >data
	run_exec -w 'web-[01-03]' --env TMPDIR="$PWD/files" --stdin data --script script
	[ "$status" = 1 ]
	[ "$(grep -c "^$(md5sum <data)" raw)" = 3 ]
	[ "$(grep -c "^$PWD/files/mroom\." raw)" = 3 ]
	[[ $err == *"web-[01-03]: failed: exit status 9"* ]]
	[ -z "$(ls files)" ]
	printf '#!/no/such/interpreter\n' >script
	run_exec -w web-01 --env TMPDIR="$PWD/files" --script script
	[ "$status" = 1 ]
	[ -z "$(ls files)" ]
}

@test "a script that is stopped leaves no process and no file" {
	printf '#!/bin/sh\necho up\nsleep 86501\n' >script
	run_exec -u 1s -w 'web-[01-03]' --env TMPDIR="$PWD/files" --script script
	[ "$status" = 3 ]
	[[ $err == *"the command was killed on the server"* ]]
	refute pgrep -f 'sleep 86501'
	[ -z "$(ls files)" ]
}

@test "a script that arrives in part while nobody listens any more leaves no file" {
	mkdir "$BATS_TEST_TMPDIR/tmp"
	for shell in dash bash 'busybox sh'; do
		command -v "${shell%% *}" >/dev/null || continue
		# shellcheck disable=SC2086,SC2016 # busybox sh is two words; perl's own variables
		printf short | TMPDIR=$BATS_TEST_TMPDIR/tmp perl -e 'pipe(R, W); close R; open STDOUT, ">&W"; open STDERR, ">&W"; exec @ARGV' \
			$shell "$MROOM_TOP/share/remote/file.sh" mark 100 sh || [ $? = 141 ]
		[ -z "$(ls "$BATS_TEST_TMPDIR/tmp")" ]
	done
}

@test "a script of three megabytes, and one with NUL bytes behind its end" {
	{
		echo '#!/bin/sh'
		echo 'echo first; exec 5<"$0"; head -c 3000000 <&5 | md5sum; exit 0'
		head -c 3000000 /dev/urandom
	} >script
	run_exec -w 'web-[01-02]' --script script
	[ "$status" = 0 ]
	sum=$(head -c 3000000 script | md5sum)
	[ "$out" = "first
$sum
first
$sum" ] || [ "$(sort raw)" = "$(printf '%s\n' "$sum" "$sum" first first)" ]
}

@test "a command too long for SSH travels as a file" {
	run_exec -w 'web-[01-02]' --env TMPDIR="$PWD/files" -- "printf %s '$(printf '%090000d' 0)' | wc -c; cat"
	[ "$status" = 0 ]
	[ "$out" = "90000
90000" ]
	[ -z "$(ls files)" ]
	run_exec -u 1s -w web-01 --env TMPDIR="$PWD/files" -- ": '$(printf '%090000d' 0)'; sleep 86502"
	[ "$status" = 3 ]
	refute pgrep -f 'sleep 86502'
	[ -z "$(ls files)" ]
}

@test "an empty script and one that is not there are refused before anything is done" {
	: >script
	run_exec -w web-01 --script script
	[ "$status" = 2 ]
	run_exec -w web-01 --script nosuch
	[ "$status" = 2 ]
	[[ $err == *nosuch* ]]
}

@test "--cd and --env: another directory, more in the environment" {
	mkdir "dir with 'quotes'"
	run_exec -w web-01 --cd "$PWD/dir with 'quotes'" --env A="x  'y' \$z" --env B= -- 'pwd; echo "$A|${B-unset}"'
	[ "$out" = "$PWD/dir with 'quotes'
x  'y' \$z|" ]
	run_exec -w web-01 --cd '~' -- 'test "$PWD" = "$HOME" && echo home'
	[ "$out" = home ]
	run_exec -w web-01 --cd /no/such/place -- 'echo ran'
	[ "$status" = 1 ]
	[ "$out" = "" ]
	run_exec -w web-01 --env 1A=x -- true
	[ "$status" = 2 ]
	printf '#!/bin/sh\necho "$A $PWD $1"' >script
	run_exec -w web-01 --cd / --env A=b --script script c
	[ "$out" = "b / c" ]
}

@test "--subst fills in id, user, number and state, quoted" {
	remember web-01 color '"it'"''"'s  $red; `id`"'
	remember web-01 size '{"w":7}'
	run_exec -w web-01 --subst -- 'printf "%%s|" %h %u %n %% %{color} %{size} %{size.w}'
	[ "$status" = 0 ]
	[ "$out" = "web-01|$LAB_USER|0|%|it's  \$red; \`id\`|{\"w\":7}|7|" ]
	run_exec -w web-01,web-02 --subst -- 'echo %{color}'
	[ "$status" = 1 ]
	[[ $err == *"web-02: failed: %{color}: nothing is remembered"* ]]
	run_exec -w web-01 --subst -- 'date +%d'
	[ "$status" = 2 ]
	[[ $err == *"'%d' is no placeholder"* ]]
	run_exec -w web-01 -- 'echo %h'
	[ "$out" = "%h" ]
	script_printing_arguments
	run_exec -w web-01 --subst --script script '%h' 'a %{color}'
	[ "$(tr '\0' '|' <raw)" = "web-01|a it's  \$red; \`id\`|" ]
}

@test "--tty: a terminal, no echo, plain line ends, and it is killed like any other" {
	run_exec -w web-01 --tty -- 'test -t 0 && test -t 1 && echo terminal; echo err >&2'
	[ "$(cat raw)" = "terminal
err" ]
	run_exec -u 1s -w web-01 --tty -- 'sleep 86503'
	[ "$status" = 3 ]
	[[ $err == *"was killed on the server"* ]]
	refute pgrep -f 'sleep 86503'
	run_exec -w web-01 --tty --stdin /etc/passwd -- cat
	[ "$status" = 2 ]
}

@test "--raw sends the command untouched, and says that it cannot be stopped" {
	run_exec -w web-01 --raw -- 'tr "\0" " " </proc/$$/cmdline'
	[[ $out == *'-c tr "\0" " " </proc/$$/cmdline'* ]]
	run_exec -u 1s -w web-01 --raw -- 'exec sleep 2'
	[ "$status" = 3 ]
	[[ $err == *"could not be stopped"* ]]
	run_exec -w web-01 --raw --cd / -- true
	[ "$status" = 2 ]
}

@test "every login shell serves: commands, scripts, input, environment, a proven kill" {
	require namespaces bash dash zsh fish tcsh busybox
	hard_words
	script_printing_arguments
	head -c 100000 /dev/urandom >data
	for shell in bash dash zsh fish tcsh busybox; do
		echo "# $shell"
		run_exec -l "lab-$shell" -w web-01 -- 'echo one; echo "two  words"' "'it'"
		[ "$status" = 0 ]
		[ "$out" = "one
two  words it" ]
		run_exec -l "lab-$shell" -w web-01 --stdin data -- md5sum
		[ "$out" = "$(md5sum <data)" ]
		run_exec -l "lab-$shell" -w web-01 --cd / --env A="x 'y' !z" --script script "${words[@]:0:34}" a$'\n'b
		[ "$(md5sum <raw)" = "$({ printf '%s\0' "${words[@]:0:34}" a$'\n'b; echo; } | md5sum)" ]
		run_exec -l "lab-$shell" -w web-01 -- ": $(printf '%090000d' 0); echo long"
		[ "$out" = long ]
		run_exec -u 1s -l "lab-$shell" -w web-01 -- 'sleep 86504'
		[ "$status" = 3 ]
		[[ $err == *"was killed on the server"* ]]
		refute pgrep -f 'sleep 86504'
	done
}

@test "through sudo: scripts, long commands, a terminal" {
	require namespaces sudo
	lab_password_user
	(umask 077 && printf '%s\n' "$LAB_PASSWORD" >pw)
	printf '#!/bin/sh\nid -un; cat; echo "$1"\n' >script
	echo data >data
	for tries in "$LAB_PASSWORD" ''; do
		printf 'Defaults timestamp_timeout=0\nlab ALL=(ALL:ALL) %s ALL\n' "${tries:+PASSWD:}" >"$LAB/sudoers"
		[ -n "$tries" ] || sed -i 's/ ALL$/ NOPASSWD: ALL/' "$LAB/sudoers"
		run_exec -l lab -w 'web-[01-02]' --sudo --sudo-password-file pw --stdin data --script script arg
		[ "$(sort raw)" = "$(printf '%s\n' arg arg data data root root)" ]
		run_exec -l lab -w web-01 --sudo --sudo-password-file pw -- ": $(printf '%090000d' 0); id -un"
		[ "$out" = root ]
		run_exec -l lab -w web-01 --sudo --sudo-password-file pw --tty -- 'id -un'
		[ "$(tr -d '\r' <raw | grep -v '^$')" = root ]
	done
	run_exec -u 1s -l lab -w web-01 --sudo --sudo-password-file pw --tty -- 'sleep 86505'
	[ "$status" = 3 ]
	refute pgrep -f 'sleep 86505'
}
