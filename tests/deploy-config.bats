#!/usr/bin/env bats
# mroom deploy config: files rendered for each server, valid or not at all, and back when the service breaks.

load lib/lab
load lib/copy

setup_file() {
	lab_homes_start
	# A service that is its configuration: it runs when the file says "works".
	cat >"$LAB/bin/service" <<-'SH'
		#!/bin/sh
		echo "$*" >>"$HOME/service.log"
		case $2 in
		restart | reload) cp "$HOME/etc/$1.conf" "$HOME/$1.running" ;;
		status) grep -q works "$HOME/$1.running" || { echo "$1 is broken"; exit 3; } ;;
		esac
	SH
	chmod 755 "$LAB/bin/service"
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	lab_room 4
	lab_homes 4
	cd "$BATS_TEST_TMPDIR" || return 1
	for i in 1 2 3 4; do mkdir "$(srv $i)/etc"; done
}

run_config() {
	status=0
	mroom deploy config "$@" >"$BATS_TEST_TMPDIR/.out" 2>"$BATS_TEST_TMPDIR/.err" </dev/null || status=$?
	out=$(<"$BATS_TEST_TMPDIR/.out")
	err=$(<"$BATS_TEST_TMPDIR/.err")
	[ -z "$err" ] || echo "$err"
}

@test "a template becomes each server's own file, from the roster and what is remembered" {
	mroom state set web-01 custom_port 8080
	mroom state set web-02 custom_port 9090
	mroom state set web-02 nested.deep value
	cat >app.conf <<-'T'
		server_id={{SERVER_ID}}
		server_host={{SERVER_HOST}}
		port={{CUSTOM_PORT}}
		deep={{ nested.deep|none }}
		kept={{ .Go }} {{}} {{not closed
	T
	run_config app.conf --to etc/app.conf 'web-[01-02]'
	[ "$status" = 0 ]
	[ "$(sort <<<"$out")" = "web-01	created	
web-02	created	" ]
	[ "$(cat "$(srv 1)/etc/app.conf")" = "server_id=web-01
server_host=127.1.0.1
port=8080
deep=none
kept={{ .Go }} {{}} {{not closed" ]
	[ "$(sed -n 3,4p "$(srv 2)/etc/app.conf")" = "port=9090
deep=value" ]
	[[ $err == *"2 in all: 2 changed, 0 unchanged, 0 failed"* ]]
	run_config app.conf --to etc/app.conf 'web-[01-02]'
	[ "$(cut -f2 <<<"$out" | sort -u)" = same ]
}

@test "a key without a value names file and line, for that server alone" {
	mroom state set web-01 custom_port 8080
	printf 'one\nport={{custom_port}}\n' >t
	run_config t --to etc/t 'web-[01-02]'
	[ "$status" = 1 ]
	[[ $err == *"web-02: failed: t:2: no value for custom_port"* ]]
	[ -f "$(srv 1)/etc/t" ]
	[ ! -e "$(srv 2)/etc/t" ]
}

@test "-C changes nothing, -D shows the difference" {
	printf 'a\nb\n' >"$(srv 1)/etc/t"
	printf 'a\nc\n' >t
	run_config t --to etc/t -C web-01
	[ "$out" = "web-01	changed	" ]
	run_config t --to etc/t -C -D web-01
	[ "$out" = "web-01	--- before
web-01	+++ after
web-01	@@ -1,2 +1,2 @@
web-01	 a
web-01	-b
web-01	+c" ]
	[ "$(cat "$(srv 1)/etc/t")" = "a
b" ]
	[ "$(ls -A "$(srv 1)/etc")" = t ]
}

@test "what is not valid replaces nothing" {
	echo old >"$(srv 1)/etc/t"
	echo new >t
	run_config t --to etc/t --validate 'grep -q old %s || { echo "line 1: bad"; false; }' web-01
	[ "$status" = 1 ]
	[[ $err == *"web-01: failed: not valid: line 1: bad"* ]]
	[ "$(cat "$(srv 1)/etc/t")" = old ]
	[ "$(ls -A "$(srv 1)/etc")" = t ]
}

@test "mode and owner are kept, or as told; a link stays one" {
	require root
	echo old >"$(srv 1)/etc/real"
	chmod 640 "$(srv 1)/etc/real"
	chown 64001:64001 "$(srv 1)/etc/real"
	ln -s real "$(srv 1)/etc/t"
	echo new >t
	run_config t --to etc/t web-01
	[ "$status" = 0 ]
	[ -L "$(srv 1)/etc/t" ]
	[ "$(stat -c '%a %u %g' "$(srv 1)/etc/real")" = "640 64001 64001" ]
	[ "$(cat "$(srv 1)/etc/real")" = new ]
	run_config t --to etc/t --mode 0600 web-01
	[ "$(stat -c '%a %u' "$(srv 1)/etc/real")" = "600 64001" ]
	run_config t --to etc/t --mode 0600 web-01
	[ "$(cut -f2 <<<"$out")" = same ]
}

@test "the service is restarted only when something changed" {
	echo works >app.conf
	run_config app.conf --to etc/app.conf --restart app web-01
	[ "$status" = 0 ]
	# it is looked at again a moment later
	[ "$(cat "$(srv 1)/service.log")" = "app restart
app status
app status" ]
	run_config app.conf --to etc/app.conf --restart app web-01
	[ "$(wc -l <"$(srv 1)/service.log")" = 3 ]
	echo works too >app.conf
	run_config app.conf --to etc/app.conf --reload app web-01
	grep -q 'app reload' "$(srv 1)/service.log"
}

@test "a file that breaks its service: every server is back on the one that works, and the service runs" {
	echo works >app.conf
	run_config app.conf --to etc/app.conf --restart app 'web-[01-03]'
	echo bad >app.conf
	run_config app.conf --to etc/app.conf --restart app 'web-[01-04]'
	[ "$status" = 1 ]
	[[ $err == *"web-[01-03]: failed: does not run afterwards: app is broken (what was there before is back)"* ]]
	for i in 1 2 3; do
		[ "$(cat "$(srv $i)/etc/app.conf")" = works ]
		[ "$(cat "$(srv $i)/app.running")" = works ]
		[ "$(ls -A "$(srv $i)/etc")" = app.conf ]
	done
	[ ! -e "$(srv 4)/etc/app.conf" ]
}

@test "a command that fails, and one that has to succeed afterwards" {
	echo old >"$(srv 1)/etc/t"
	echo new >t
	run_config t --to etc/t --command 'grep -q old etc/t || { echo no; false; }' web-01
	[ "$status" = 1 ]
	[[ $err == *"command failed: no (what was there before is back)"* ]]
	[ "$(cat "$(srv 1)/etc/t")" = old ]
	run_config t --to etc/t --verify 'grep -q new etc/t' web-01
	[ "$status" = 0 ]
	[ "$(cat "$(srv 1)/etc/t")" = new ]
}

@test "stopped while its service is restarted: what was there before is back" {
	echo old >"$(srv 1)/etc/t"
	echo new >t
	run_config t --to etc/t --command 'grep -q old etc/t || exec sleep 30' -u 2s web-01
	[ "$status" != 0 ]
	lab_wait '[ "$(cat "$(srv 1)/etc/t")" = old ]'
	lab_wait '[ "$(ls -A "$(srv 1)/etc")" = t ]'
}

@test "backups carry the time, and so many are kept" {
	for i in $(seq 7); do
		touch -d "@$((1600000000 + i))" "$(srv 1)/etc/t.2020010${i}T000000Z.bak"
	done
	touch -d @1500000000 "$(srv 1)/etc/t.allow.20200101T000000Z.bak"
	echo old >"$(srv 1)/etc/t"
	echo new >t
	run_config t --to etc/t --keep 3 web-01
	[ "$status" = 0 ]
	[ "$(find "$(srv 1)/etc" -name 't.2*Z.bak' | wc -l)" = 3 ]
	[ -e "$(srv 1)/etc/t.allow.20200101T000000Z.bak" ]
	[ "$(cat "$(find "$(srv 1)/etc" -name "t.$(date -u +%Y%m%d)T*Z.bak")")" = old ]
}

@test "what is missing or senseless is refused before any server is asked" {
	echo x >t
	run_config t web-01
	[ "$status" = 2 ]
	run_config t --to etc/t --mode rw web-01
	[ "$status" = 2 ]
	run_config missing --to etc/t web-01
	[ "$status" = 2 ]
	run_config t --to etc/t --restart a --reload b web-01
	[ "$status" = 2 ]
}
