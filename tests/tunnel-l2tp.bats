#!/usr/bin/env bats
# L2TP/IPsec against a real server, on a machine of user-mode-linux whose kernel has PPP: up, a server reached
# through it, down. Whatever goes wrong is told with its reason, leaves nothing, and does not spoil the next try.

bats_require_minimum_version 1.5.0
load lib/lab
load lib/uml

setup_file() {
	[ -z "$MROOM_SANITIZED" ] || return 0 # setup skips each
	require root linux.uml modprobe pppd xl2tpd charon-systemd swanctl || return 0
	uml_boot rows l2tp-ipsec reached secrets dead_server wrong_password wrong_psk \
		server_killed client_killed driver_killed console_killed program_missing last
}

setup() {
	not_quick
	lab_home
}

@test "L2TP/IPsec: a server is reached through it, and nothing is left" {
	uml_row reached
}

@test "L2TP/IPsec: secrets are in no argument, environment or log; name servers come and go with it" {
	uml_row secrets
}

@test "L2TP/IPsec: a server that does not answer is told as that" {
	uml_row dead_server
}

@test "L2TP/IPsec: a wrong password is told as that" {
	uml_row wrong_password
}

@test "L2TP/IPsec: a wrong pre-shared key is told as that" {
	uml_row wrong_psk
}

@test "L2TP/IPsec: a server that is killed while it is up is noticed" {
	uml_row server_killed
}

@test "L2TP/IPsec: a client program that is killed while it is up is noticed" {
	uml_row client_killed
}

@test "L2TP/IPsec: a driver that is killed on the way up is told as that" {
	uml_row driver_killed
}

@test "L2TP/IPsec: a keeper that is killed leaves what down --stale and the next up clear away" {
	uml_row console_killed
}

@test "L2TP/IPsec: a client program that is not installed is named" {
	uml_row program_missing
}

@test "L2TP/IPsec: in the end it is down, and nothing is left" {
	uml_row last
}
