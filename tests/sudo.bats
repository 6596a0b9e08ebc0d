#!/usr/bin/env bats
# --sudo: commands as another user, with a password and without one, and nothing but the command gets the data.

load lib/lab

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	require namespaces sudo
	lab_home
	lab_password_user
	cd "$BATS_TEST_TMPDIR"
	lab_room 4
	(umask 077 && printf '%s\n' "$LAB_PASSWORD" >good && echo wrong-4711 >bad)
	may 'lab ALL=(ALL:ALL) ALL'
}

# What sudo lets whom do on the servers.
may() {
	printf 'Defaults timestamp_timeout=0, passwd_tries=3\n%s\n' "$1" >"$LAB/sudoers"
}

# A run as lab on four servers: its output sorted in $out, what it said in $err, its status in $status.
run_sudo() {
	status=0
	mroom exec -l lab -w 'web-[01-04]' "$@" >raw 2>said </dev/null || status=$?
	out=$(sort raw)
	err=$(cat said)
}

all_of_them() {
	printf 'web-0%d\t%s\n' 1 "$1" 2 "$1" 3 "$1" 4 "$1"
}

@test "with a password the command runs as root, and nothing of sudo's talk is output" {
	run_sudo --sudo --sudo-password-file good -- 'id -un; echo said >&2'
	[ "$status" = 0 ]
	[ "$out" = "$(all_of_them root)" ]
	[ "$(grep -v servers said | sort)" = "$(all_of_them said)" ]
}

@test "where sudo wants no password none is sent, with -K or without" {
	may 'lab ALL=(ALL:ALL) NOPASSWD: ALL'
	run_sudo --sudo -- 'id -un; cat'
	[ "$status" = 0 ]
	[ "$out" = "$(all_of_them root)" ]
	run_sudo --sudo --sudo-password-file good -- 'id -un; cat'
	[ "$out" = "$(all_of_them root)" ]
}

@test "a wrong password is denied in one clear line, whatever the number of tries" {
	run_sudo --sudo --sudo-password-file bad -- id -un
	[ "$status" = 4 ]
	[ "$out" = "" ]
	[[ $err == *"web-[01-04]: denied: sudo: wrong password"* ]]
	[[ $err != *4711* ]]
	may 'Defaults passwd_tries=1
lab ALL=(ALL:ALL) ALL'
	run_sudo --sudo --sudo-password-file bad -- id -un
	[ "$status" = 4 ]
	[[ $err == *"web-[01-04]: denied: sudo: "* ]]
}

@test "no password where one is wanted: denied, and what to do" {
	run_sudo --sudo -- id -un
	[ "$status" = 4 ]
	[[ $err == *"web-[01-04]: denied: sudo wants a password (try: -K)"* ]]
}

@test "who may not is denied in sudo's own words" {
	may 'root ALL=(ALL:ALL) ALL'
	run_sudo --sudo --sudo-password-file good -- id -un
	[ "$status" = 4 ]
	[[ $err == *"web-[01-04]: denied: "*"lab is not in the sudoers file"* ]]
}

@test "the server's own password serves when none is given for sudo" {
	run_sudo --sudo --password-file good -- id -un
	[ "$status" = 0 ]
	[ "$out" = "$(all_of_them root)" ]
}

@test "-K asks once, on the terminal" {
	require script
	{
		lab_wait 'grep -q "sudo password:" shown 2>/dev/null'
		printf '%s\n' "$LAB_PASSWORD"
	} | script -qefc 'mroom exec -l lab -w web-01,web-02 --sudo -K -- id -un' shown >/dev/null
	[ "$(grep -c 'sudo password:' shown)" = 1 ]
	[ "$(grep -c 'web-0[12]: root' shown)" = 2 ]
	refute grep -qF "$LAB_PASSWORD" shown
}

@test "data on standard input reaches the command unchanged, with a password and without" {
	head -c 300000 /dev/urandom >data
	sum=$(md5sum <data)
	run_sudo --sudo --sudo-password-file good --stdin data -- md5sum
	[ "$out" = "$(all_of_them "$sum")" ]
	may 'lab ALL=(ALL:ALL) NOPASSWD: ALL'
	run_sudo --sudo --sudo-password-file good --stdin data -- md5sum
	[ "$out" = "$(all_of_them "$sum")" ]
}

@test "another user than root, whose shell is none" {
	run_sudo --sudo=nobody --sudo-password-file good -- 'id -un; echo $HOME'
	[ "$status" = 0 ]
	[ "$(cut -f2 raw | sort -u)" = "/nonexistent
nobody" ]
}

@test "root needs no sudo to be root" {
	status=0
	mroom exec -q -w web-01 --sudo -- 'id -un; cat' >raw </dev/null || status=$?
	[ "$status" = 0 ]
	[ "$(cat raw)" = "web-01	root" ]
}

@test "exit statuses and every byte of a command pass through sudo" {
	text=$(printf 'a\\b"c$d`e!f\303\244 *?[x]{y}~#%%&|<>()=\t')
	run_sudo --sudo --sudo-password-file good -N -- "printf '%s\n' '$text'; exit 7"
	[ "$status" = 1 ]
	[ "$(sort -u raw)" = "$text" ]
	[[ $err == *"web-[01-04]: failed: exit status 7"* ]]
}

@test "what runs as root is killed, and proven dead, by its time and by an interrupt" {
	run_sudo -u 1s --sudo --sudo-password-file good -- 'trap "" TERM; (sleep 86401 &); sleep 86401'
	[ "$status" = 3 ]
	[[ $err == *"web-[01-04]: timeout: still running after 1.0 s; the command was killed on the server"* ]]
	refute pgrep -f 'sleep 86401'
	mroom exec -l lab -a --sudo --sudo-password-file good -- 'echo up; sleep 86402' >up 2>said </dev/null &
	pid=$!
	lab_wait 'test "$(wc -l <up)" = 4'
	kill -TERM $pid
	wait $pid || [ $? = 130 ]
	grep -q 'web-\[01-04\]: cancelled: interrupted; the command was killed on the server' said
	refute pgrep -f 'sleep 86402'
}

@test "the same as a user who is not root" {
	run_sudo -u 1s --sudo=nobody --sudo-password-file good -- 'sleep 86403'
	[ "$status" = 3 ]
	[[ $err == *"the command was killed on the server"* ]]
	refute pgrep -f 'sleep 86403'
}

@test "a run stopped while sudo waits leaves nothing behind" {
	may 'Defaults passwd_tries=1000
lab ALL=(ALL:ALL) ALL'
	mroom exec -l lab -a --sudo --sudo-password-file bad -- 'sleep 86404' >raw 2>said </dev/null &
	pid=$!
	kill -TERM $pid
	wait $pid || true
	refute pgrep -f 'sleep 86404'
}

@test "a password without --sudo is a mistake, and so is a user that is an option" {
	run_sudo -K -- true
	[ "$status" = 2 ]
	[[ $err == *"--sudo"* ]]
	run_sudo --sudo=-x -- true
	[ "$status" = 2 ]
}

@test "the password is in no argument list, journal or debug output" {
	mroom exec --debug -v -l lab -w web-01 --sudo --sudo-password-file good -- 'echo up; exec sleep 86405' \
		>raw 2>said </dev/null &
	pid=$!
	lab_wait 'grep -q up raw'
	lab_nowhere "$LAB_PASSWORD" "$MROOM_HOME" raw said
	kill -TERM $pid
	wait $pid || true
	lab_nowhere "$LAB_PASSWORD" "$MROOM_HOME" raw said
	refute pgrep -f 'sleep 86405'
}
