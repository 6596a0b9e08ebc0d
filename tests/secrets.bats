#!/usr/bin/env bats
# A password or passphrase is nowhere but where it is used: not in argument lists, environments, the journal,
# debug output, the database, or a core.

load lib/lab

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	lab_password_user
	cd "$BATS_TEST_TMPDIR"
}

secret_file() {
	(umask 077 && printf '%s\n' "$2" >"$BATS_TEST_TMPDIR/$1")
	echo "$BATS_TEST_TMPDIR/$1"
}

# Begins a run that stays on the servers, and waits until it is there: its process is $pid.
begin() {
	env -u LAB_PASSWORD -u LAB_PASSPHRASE mroom exec --debug -v "$@" -w web-01 -- 'echo up; exec sleep 86301' >out 2>err </dev/null &
	pid=$!
	lab_wait 'grep -q up out || ! kill -0 $pid'
	grep -q up out
}

end() {
	kill -TERM "$pid"
	wait "$pid" || true
}

# The text is in no process's arguments, not in mroom's environment, and in no file of the home or of the run.
nowhere() {
	lab_nowhere "$1" "$MROOM_HOME" out err
	tr '\0' '\n' <"/proc/$pid/environ" >environ
	refute grep -qF "$1" environ
}

@test "a password from a file is nowhere to be seen while it is used, nor afterwards" {
	lab_roster 1 "----$LAB_PORT" >lab.txt
	lab_known_hosts 1 >"$MROOM_HOME/known_hosts"
	mroom inventory import lab.txt >/dev/null 2>&1
	begin -l "$LAB_PASSWORD_USER" --password-file "$(secret_file pw "$LAB_PASSWORD")"
	nowhere "$LAB_PASSWORD"
	end
	lab_nowhere "$LAB_PASSWORD" "$MROOM_HOME" out err
}

@test "a password from the roster is sealed in the database, and wiped from the write-ahead log's view" {
	printf 'web-01--127.1.0.1--%s--%s--%s\n#vpn--L2TP/IPSEC--v.example--u--%s\n' "$LAB_PASSWORD_USER" \
		"$LAB_PASSWORD" "$LAB_PORT" tunnel-secret-4711 >lab.txt
	lab_known_hosts 1 >"$MROOM_HOME/known_hosts"
	mroom inventory import lab.txt >/dev/null 2>&1
	rm lab.txt
	begin
	nowhere "$LAB_PASSWORD"
	end
	[ "$(stat -c %a "$MROOM_HOME/secret.key")" = 600 ]
	refute grep -arqF tunnel-secret-4711 "$MROOM_HOME"
	mroom inventory ls --json | refute grep -F "$LAB_PASSWORD"
	mroom inventory show web-01 | refute grep -F "$LAB_PASSWORD"
}

@test "a key's passphrase is nowhere to be seen" {
	lab_roster 1 "----$LAB_PORT" >lab.txt
	lab_known_hosts 1 >"$MROOM_HOME/known_hosts"
	mroom inventory import lab.txt >/dev/null 2>&1
	begin -i "$LAB_KEY_SEALED" --passphrase-file "$(secret_file pp "$LAB_PASSPHRASE")"
	nowhere "$LAB_PASSPHRASE"
	end
}

@test "a tool that crashes while it holds a password leaves no core" {
	lab_roster 1 "----$LAB_PORT" >lab.txt
	lab_known_hosts 1 >"$MROOM_HOME/known_hosts"
	mroom inventory import lab.txt >/dev/null 2>&1
	ulimit -c unlimited
	export ASAN_OPTIONS=${ASAN_OPTIONS-}:handle_segv=0 # the crash is ours
	begin -l "$LAB_PASSWORD_USER" --password-file "$(secret_file pw "$LAB_PASSWORD")"
	grep -q '^Max core file size *0 ' "/proc/$pid/limits"
	kill -SEGV "$pid"
	wait "$pid" || true
	refute ls "$BATS_TEST_TMPDIR"/core* 2>/dev/null
}

@test "a wrong key file for the sealed passwords is told, and opens nothing" {
	printf 'web-01--127.1.0.1--%s--%s--%s\n' "$LAB_PASSWORD_USER" "$LAB_PASSWORD" "$LAB_PORT" >lab.txt
	lab_known_hosts 1 >"$MROOM_HOME/known_hosts"
	mroom inventory import lab.txt >/dev/null 2>&1
	head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \n' >"$MROOM_HOME/secret.key"
	echo >>"$MROOM_HOME/secret.key"
	run mroom exec -w web-01 -- true </dev/null
	[ "$status" = 4 ]
	[[ $output == *"web-01: denied: "*"server-password of web-01: "*"another key"* ]]
	chmod 644 "$MROOM_HOME/secret.key"
	run mroom exec -w web-01 -- true </dev/null
	[ "$status" = 4 ]
	[[ $output == *"secret.key"*"chmod 600"* ]]
}
