#!/usr/bin/env bats
# ^C on a terminal, driven in tmux.

load lib/lab

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	require tmux
	lab_home
	lab_room 3
	export TMUX_TMPDIR=$BATS_TEST_TMPDIR
	unset TMUX
	tmux -f /dev/null new-session -d -x 120 -y 50 'PS1="> " sh' 3>&-
	# Keys that come before the prompt are echoed before it: then output would stand behind it.
	lab_wait 'screen | grep -q "^>"' 60
}

teardown() {
	tmux kill-server 2>/dev/null || true
}

screen() {
	tmux capture-pane -p
}

# How many lines of the screen match.
lines() {
	screen | grep -cE "$1" || true
}

@test "^C once shows what is outstanding, twice leaves none of it on any server" {
	local asked=0
	tmux send-keys "mroom exec -w 'web-[01-03]' -- 'echo up; sleep 86111'; echo ended \$?" Enter
	lab_wait '[ "$(lines "^web-0[1-3]: up")" = 3 ]' 60 || { screen; return 1; }
	# On a busy machine a second may pass between two: then it was a first one again.
	until [ "$(lines '^ended')" = 1 ]; do
		tmux send-keys C-c
		lab_wait '[ "$(lines "again to cancel")" -gt $asked ] || [ "$(lines "^ended")" = 1 ]' 60
		asked=$(lines 'again to cancel')
	done
	[ "$asked" -gt 0 ]
	screen | grep -q '^ended 130'
	screen | grep -q 'web-\[01-03\]: cancelled: interrupted; the command was killed on the server'
	refute pgrep -f 'sleep 86111'
}
