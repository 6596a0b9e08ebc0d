#!/usr/bin/env bats
# Which proof goes first: certificates, the agent, and what let us in last time.

load lib/lab

setup_file() {
	lab_dir
	ssh-keygen -q -t ed25519 -N '' -C ca -f "$LAB/ca"
	lab_sshd_start 'LogLevel DEBUG1' "TrustedUserCAKeys $LAB/ca.pub"
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	work=$BATS_TEST_TMPDIR
}

# N servers without a key of their own.
keyless_room() {
	lab_roster "$1" "----$LAB_PORT" >"$work/lab.txt"
	lab_known_hosts "$1" >"$MROOM_HOME/known_hosts"
	mroom inventory import "$work/lab.txt" >/dev/null 2>&1
}

# Logs in to web-01 with these arguments; what the server logged meanwhile goes to $log.
enter() {
	local before
	before=$(wc -l <"$LAB/log")
	out=$(mroom exec -w web-01 "$@" -- echo in 2>"$work/err" </dev/null) || { cat "$work/err"; return 1; }
	[ "$out" = "web-01	in" ]
	log=$(tail -n "+$((before + 1))" "$LAB/log")
}

# How many requests of a method the server saw.
requests() {
	grep -c "userauth-request for user .* method $1" <<<"$log" || :
}

remembered() {
	sqlite3 "$MROOM_HOME/mroom.db" "select coalesce(auth_method, '') from server where id = 'web-01'"
}

fingerprint() {
	ssh-keygen -lf "$1" | cut -d' ' -f2
}

# A key that opens nothing but by its certificate: certified NAME TYPE [SSH-KEYGEN OPTIONS]
certified() {
	ssh-keygen -q -t "$2" -N '' -f "$work/$1"
	ssh-keygen -q -s "$LAB/ca" -I "$1" -n "$LAB_USER" "${@:3}" "$work/$1.pub"
}

@test "a certificate beside a key logs in, whatever the key's type" {
	keyless_room 1
	for type in ed25519 ecdsa rsa; do
		certified "$type" "$type"
		enter -i "$work/$type"
		grep -q 'Accepted certificate' <<<"$log" || grep -q 'CERT' <<<"$log"
	done
}

@test "a certificate that has expired is not offered" {
	keyless_room 1
	certified old ed25519 -V 20200101:20200102
	run mroom exec -w web-01 -i "$work/old" -- true
	[ "$status" = 4 ]
	enter -i "$work/old" -i "$LAB_KEY"
	[ "$(requests publickey)" = 3 ]
}

@test "a certificate that the agent holds logs in" {
	keyless_room 1
	for type in ed25519 ecdsa rsa; do
		certified "$type" "$type"
		lab_ssh_agent_start "$work/$type"
		rm "$work/$type" "$work/$type-cert.pub"
		enter
		ssh-add -qD
		pid=$(tail -n 1 "$LAB/keep")
		kill "$pid"
		wait "$pid" || true # it takes its socket away
	done
}

@test "a locked key that the agent holds is the agent's to sign with" {
	keyless_room 1
	cp "$LAB_KEY_SEALED" "$LAB_KEY_SEALED.pub" "$work"
	lab_ssh_agent_start "$LAB_KEY" "$LAB_KEY_RSA"
	printf '#!/bin/sh\nprintf "%%s" "$LAB_PASSPHRASE"\n' >"$work/ask"
	chmod 755 "$work/ask"
	DISPLAY=none SSH_ASKPASS=$work/ask SSH_ASKPASS_REQUIRE=force ssh-add -q "$LAB_KEY_SEALED" </dev/null
	enter -i "$work/sealed"
	[ "$(requests publickey)" = 2 ]
	[ "$(remembered)" = "publickey $(fingerprint "$LAB_KEY_SEALED.pub")" ]
}

@test "the key that let us in is tried first the next time" {
	keyless_room 1
	mkdir -m 700 "$HOME/.ssh"
	ssh-keygen -q -t ed25519 -N '' -f "$HOME/.ssh/id_ed25519"
	ssh-keygen -q -t ecdsa -N '' -f "$HOME/.ssh/id_ecdsa"
	cp "$LAB_KEY_RSA" "$HOME/.ssh/id_rsa"
	enter
	[ "$(requests publickey)" = 4 ]
	[ "$(remembered)" = "publickey $(fingerprint "$LAB_KEY_RSA.pub")" ]
	enter
	[ "$(requests publickey)" = 2 ]
	[ "$(requests none)" = 0 ]
}

@test "a remembered key that opens no more does no harm" {
	keyless_room 1
	ssh-keygen -q -t ed25519 -N '' -f "$work/stranger"
	sqlite3 "$MROOM_HOME/mroom.db" "update server set auth_method = 'publickey $(fingerprint "$work/stranger.pub")'"
	printf '[ssh]\nidentity = %s, %s\n' "$LAB_KEY" "$work/stranger" >"$MROOM_HOME/config.ini"
	enter
	[ "$(requests publickey)" = 3 ]
	[ "$(remembered)" = "publickey $(fingerprint "$LAB_KEY.pub")" ]
	sqlite3 "$MROOM_HOME/mroom.db" "update server set auth_method = 'password'"
	enter
	[ "$(remembered)" = "publickey $(fingerprint "$LAB_KEY.pub")" ]
	sqlite3 "$MROOM_HOME/mroom.db" "update server set auth_method = 'nonsense of another version'"
	enter
}

@test "a key that is asked for goes before what is remembered" {
	keyless_room 1
	enter -i "$LAB_KEY"
	enter -i "$LAB_KEY_ECDSA"
	[ "$(requests publickey)" = 2 ]
	[ "$(remembered)" = "publickey $(fingerprint "$LAB_KEY_ECDSA.pub")" ]
}

@test "a password is asked for once by the server, then remembered and sent at once" {
	lab_password_user
	mkdir -m 700 "$HOME/.ssh"
	ssh-keygen -q -t ed25519 -N '' -f "$HOME/.ssh/id_ed25519"
	printf 'web-01--127.1.0.1--%s--%s--%s\n' "$LAB_PASSWORD_USER" "$LAB_PASSWORD" "$LAB_PORT" >"$work/lab.txt"
	lab_known_hosts 1 >"$MROOM_HOME/known_hosts"
	mroom inventory import "$work/lab.txt" >/dev/null 2>&1
	enter
	[ "$(requests publickey)" = 1 ]
	[ "$(requests none)" = 1 ]
	[ "$(requests password)" = 1 ]
	[ "$(remembered)" = password ]
	enter
	[ "$(requests publickey)" = 0 ]
	[ "$(requests none)" = 0 ]
	[ "$(requests password)" = 1 ]
}
