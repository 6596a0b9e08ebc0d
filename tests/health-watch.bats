#!/usr/bin/env bats
# mroom health watch, driven in tmux.
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # what run sets; other shells expand

bats_require_minimum_version 1.5.0
load lib/lab
load lib/screen

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	require tmux
	lab_home
	lab_room 12
	printf '[require]\nram_gb = 0\ndisk_gb = 0\n[health]\nping_address =\ndns_name =\nignore = [!m]*\n[health.web-07]\nmemory = 0:0\n[health.web-03]\nmemory = 0\n' \
		>"$MROOM_HOME/config.ini"
	mroom health check -a -q >/dev/null || :
	screen_start 100 30 'sh'
}

teardown() {
	screen_stop
}

# The ids on the list, from above.
ids() {
	screen | grep -oE '^web-[0-9]+' | xargs
}

@test "the worst stand first; keys sort, filter, look and quit" {
	start 'mroom health watch --no-check'
	shows '12/12 servers: 1 CRITICAL, 1 WARNING, 10 OK'
	[[ $(ids) == "web-07 web-03 web-01 "* ]]
	keys s
	shows 'sort:server'
	[[ $(ids) == "web-01 web-02 "* ]]
	keys r
	shows 'sort:server.r.'
	[[ $(ids) == "web-12 web-11 "* ]]
	keys / 'WEB-0' Enter
	shows '9/12 servers'
	keys / ' warning' Enter
	shows '1/12 servers'
	[ "$(ids)" = web-03 ]
	keys Enter
	shows '^WARNING +memory'
	shows 'q back'
	keys q
	shows 'q quit'
	keys / Escape
	shows '12/12 servers'
	keys q
	shows 'ended 0'
	lab_wait 'cmp -s "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"'
}

@test "a small terminal shows what fits, and a large one again all" {
	start 'mroom health watch --no-check'
	tmux resize-window -x 40 -y 10
	lab_wait '[ "$(screen | grep -c ^web-)" -eq 7 ]'
	shows '^web-07 +CRITICAL'
	keys G
	shows '^web-12'
	tmux resize-window -x 100 -y 30
	lab_wait '[ "$(screen | grep -c ^web-)" -eq 12 ]'
	tmux resize-window -x 8 -y 2
	tmux resize-window -x 100 -y 30
	shows '12/12 servers'
	keys q
	shows 'ended 0'
}

@test "killed, it leaves the terminal as it was" {
	for signal in TERM INT HUP; do
		start 'mroom health watch --no-check'
		pkill "-$signal" -n -f 'mroom-health watch' -t "$(tmux display -p '#{pane_tty}' | sed 's|/dev/||')"
		shows 'ended 130'
		lab_wait "test -s $BATS_TEST_TMPDIR/after"
		cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
		keys 'clear; rm -f '"$BATS_TEST_TMPDIR"'/after' Enter
		lab_wait '! screen | grep -q ended'
	done
}

@test "it checks the servers itself, and shows what changed" {
	start 'mroom health watch --every 1s'
	sed -i 's/^memory = 0$/memory = off/' "$MROOM_HOME/config.ini"
	shows '12/12 servers: 1 CRITICAL, 11 OK'
	keys q
	shows 'ended 0'
}

@test "what a server says does nothing to the terminal" {
	mkdir "$MROOM_HOME/checks"
	printf '#!/bin/sh\nprintf "\\302\\233[2Jevil\\342\\200\\256\\n"\nexit 2\n' >"$MROOM_HOME/checks/mean"
	chmod +x "$MROOM_HOME/checks/mean"
	sed -i 's/^ignore = .*/ignore = [!c]*,clock,cpu,c[!h]*/' "$MROOM_HOME/config.ini"
	mroom health check web-01 -q >/dev/null || :
	start 'mroom health watch --no-check'
	shows '^web-01 +CRITICAL.*check:mean: .*evil'
	keys q
}

@test "without a terminal it says so" {
	run mroom health watch </dev/null
	[ "$status" -eq 3 ]
	[[ $output == *"watch needs a terminal"* ]]
}
