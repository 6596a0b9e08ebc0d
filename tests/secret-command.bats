#!/usr/bin/env bats
# Passwords from a command of the user's: asked once for a whole run, and only when one is wanted.
# shellcheck disable=SC2154 # stderr is what run --separate-stderr sets

load lib/lab

bats_require_minimum_version 1.5.0

setup_file() { lab_sshd_start; }
teardown_file() { lab_sshd_stop; }

setup() {
	lab_home
	lab_password_user
	cd "$BATS_TEST_TMPDIR" || return
}

# Servers 1..N that are logged in to by password; who keeps the passwords is the script `keeper`.
room() {
	lab_roster "$1" "----$LAB_PORT" | sed "s/--$LAB_USER--/--$LAB_PASSWORD_USER--/" >lab.txt
	lab_known_hosts "$1" >"$MROOM_HOME/known_hosts"
	mroom inventory import lab.txt -q >/dev/null
	export MROOM_SECRET_SECRET_COMMAND="$PWD/keeper"
}

keeper() {
	printf '#!/bin/sh\n%s\n' "$1" >keeper
	chmod +x keeper
}

@test "one run of the command serves all servers" {
	room 5
	(umask 077 && echo "$LAB_PASSWORD" >pw)
	keeper "echo x >>'$PWD/asked'; while read -r id; do printf '%s\t%s\n' \"\$id\" \"\$(cat '$PWD/pw')\"; done"
	[ "$(mroom exec -q -a -- echo in | sort | paste -sd' ')" = "web-01	in web-02	in web-03	in web-04	in web-05	in" ]
	[ "$(wc -l <asked)" = 1 ]
	lab_nowhere "$LAB_PASSWORD" "$MROOM_HOME"
}

@test "the time that the command takes is not taken from the servers" {
	room 4
	(umask 077 && echo "$LAB_PASSWORD" >pw)
	keeper "sleep 11; while read -r id; do printf '%s\t%s\n' \"\$id\" \"\$(cat '$PWD/pw')\"; done"
	run --separate-stderr mroom exec -a -t 10s -u 10s -- echo in
	[ "$status" = 0 ]
	[ "$(wc -l <<<"$output")" = 4 ]
}

@test "nor from a jump host" {
	room 2
	(umask 077 && echo "$LAB_PASSWORD" >pw)
	keeper "sleep 11; while read -r id; do printf '%s\t%s\n' \"\$id\" \"\$(cat '$PWD/pw')\"; done"
	run --separate-stderr mroom exec -J web-01 -w web-02 -t 10s -- echo in
	echo "$stderr"
	[ "$status" = 0 ]
	[ "$output" = "web-02	in" ]
}

@test "where it fails, or knows nothing, the servers say so" {
	room 2
	keeper "echo x >>'$PWD/asked'; exit 7"
	run --separate-stderr mroom exec -a -- true
	[ "$status" = 4 ]
	[[ $stderr == *"secret_command"*"exit status 7"* ]]
	[ "$(wc -l <asked)" = 1 ]
	keeper 'cat >/dev/null'
	run --separate-stderr mroom exec -a -- true
	[ "$status" = 4 ]
}

@test "servers that let a key in ask for nothing" {
	lab_room 2
	keeper "echo x >>'$PWD/asked'"
	MROOM_SECRET_SECRET_COMMAND=$PWD/keeper mroom exec -q -a -- true
	[ ! -e asked ]
}
