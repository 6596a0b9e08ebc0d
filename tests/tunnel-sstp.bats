#!/usr/bin/env bats
# SSTP against a real server, on a machine of user-mode-linux whose kernel has PPP: up, a server reached
# through it, down. Whatever goes wrong is told with its reason, leaves nothing, and does not spoil the next try.

bats_require_minimum_version 1.5.0
load lib/lab
load lib/uml

setup_file() {
	[ -z "$MROOM_SANITIZED" ] || return 0 # setup skips each
	require root linux.uml modprobe pppd sstpc openssl || return 0
	uml_boot rows sstp reached secrets dead_server wrong_password unknown_certificate \
		server_killed client_killed driver_killed console_killed program_missing last
}

setup() {
	not_quick
	lab_home
}

@test "SSTP: a server is reached through it, and nothing is left" {
	uml_row reached
}

@test "SSTP: secrets are in no argument, environment or log; name servers come and go with it" {
	uml_row secrets
}

@test "SSTP: a server that does not answer is told as that" {
	uml_row dead_server
}

@test "SSTP: a wrong password is told as that" {
	uml_row wrong_password
}

@test "SSTP: a certificate of somebody else is told as that" {
	uml_row unknown_certificate
}

@test "SSTP: a server that is killed while it is up is noticed" {
	uml_row server_killed
}

@test "SSTP: a client program that is killed while it is up is noticed" {
	uml_row client_killed
}

@test "SSTP: a driver that is killed on the way up is told as that" {
	uml_row driver_killed
}

@test "SSTP: a keeper that is killed leaves what down --stale and the next up clear away" {
	uml_row console_killed
}

@test "SSTP: a client program that is not installed is named" {
	uml_row program_missing
}

@test "SSTP: in the end it is down, and nothing is left" {
	uml_row last
}
