# shellcheck shell=bash
# What tests of full screens load besides lib/lab: a terminal, by tmux.
#
#   screen_start WIDTH HEIGHT COMMAND   makes it; the command is its shell
#   screen_stop                         for teardown
#   screen                              prints what it shows
#   keys KEY...                         types, as tmux send-keys does
#   shows PATTERN                       waits until a line matches
#   start COMMAND                       begins a full-screen program
#   restored                            it has ended, and the terminal is as it was before

screen_start() {
	TMUX_TMPDIR=$BATS_TEST_TMPDIR
	export TMUX_TMPDIR
	unset TMUX
	# From the first moment: without its status line the terminal is a line higher.
	echo 'set -g status off' >"$BATS_TEST_TMPDIR/tmux.conf"
	tmux -f "$BATS_TEST_TMPDIR/tmux.conf" new-session -d -x "$1" -y "$2" "$3" 3>&-
}

screen_stop() {
	tmux kill-server 2>/dev/null || :
}

screen() {
	tmux capture-pane -p
}

keys() {
	tmux send-keys "$@"
}

shows() {
	lab_wait "screen | grep -qE '$1'" 60 || { screen; return 1; }
}

start() {
	keys "stty -a >$BATS_TEST_TMPDIR/before; $1; echo ended \$?; stty -a >$BATS_TEST_TMPDIR/after" Enter
	shows 'q quit'
}

restored() {
	lab_wait "test -s $BATS_TEST_TMPDIR/after"
	cmp "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}
