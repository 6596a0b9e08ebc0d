#!/usr/bin/env bats
# exec's prompt, driven in tmux. Output goes to a file, what is typed and said to the screen.

load lib/lab
load lib/tunnel

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
	servers=3 out=$BATS_TEST_TMPDIR/out ended=$BATS_TEST_TMPDIR/ended
	export TMUX_TMPDIR=$BATS_TEST_TMPDIR
	unset TMUX
}

teardown() {
	tmux kill-server 2>/dev/null || true
	tunnel_keepers_stop
}

# prompt ARGS...: begins one, and waits until it asks.
prompt() {
	rm -f "$ended"
	tmux -f /dev/null new-session -d -x 120 -y 50 \
		"mroom exec $* >>'$out'; echo \$? >'$ended'" 3>&-
	tmux set -g remain-on-exit on
	asks "$servers"
}

screen() {
	tmux capture-pane -p
}

# The last line of the screen is the prompt (for $1 servers), with nothing typed yet.
asks() {
	local wanted="mroom ($1)>"
	lab_wait '[ "$(screen | sed "/^$/d" | tail -n 1)" = "$wanted" ]' 60 || { screen; return 1; }
}

# type LINE [SERVERS]: enters it, and waits until the prompt is back. It is cleared from the screen first.
type() {
	local typed="> $1"
	tmux send-keys C-l
	lab_wait '[ "$(screen | grep -c .)" = 1 ]' 30 || { screen; return 1; }
	tmux send-keys -l -- "$1"
	tmux send-keys Enter
	lab_wait 'screen | grep -qF -- "$typed"' 30 || { screen; return 1; }
	asks "${2:-3}"
}

leave() {
	tmux send-keys C-d
	lab_wait '[ -s "$ended" ]' 60
	cat "$ended"
}

# The connections that answered $1, a server and its number each.
connections() {
	grep -P "\t$1 " "$out" | awk '{ print $1, $4 }' | sort -u
}

@test "each line runs on every server, over sessions that stay open" {
	prompt -w "'web-[01-03]'"
	type 'echo one $SSH_CONNECTION'
	type 'echo two $SSH_CONNECTION; exit 3'
	type 'echo three $SSH_CONNECTION'
	[ "$(connections one | wc -l)" = 3 ]
	[ "$(connections two)" = "$(connections one)" ]
	[ "$(connections three)" = "$(connections one)" ]
	type 'exit 7'
	[ "$(leave)" = 1 ]
}

@test "sessions of ssh(1) stay open too" {
	printf '[ssh]\ntransport = openssh\n' >"$MROOM_HOME/config.ini"
	prompt -w "'web-[01-03]'"
	type 'echo one $SSH_CONNECTION'
	type 'echo two $SSH_CONNECTION'
	[ "$(connections one | wc -l)" = 3 ]
	[ "$(connections two)" = "$(connections one)" ]
	[ "$(leave)" = 0 ]
}

@test "each line is a run of its own in the journal" {
	prompt -w "'web-[01-03]'"
	type 'echo first'
	type 'exit 3'
	[ "$(leave)" = 1 ]
	mroom log list --json >"$out"
	[ "$(jq -rs 'map(.command) | sort | join(",")' "$out")" = 'echo first,exit 3' ]
	[ "$(jq -s 'map(select(.command == "exit 3").status) | .[0]' "$out")" = 1 ]
}

@test "a server that dropped meanwhile is logged in to again, the others are not" {
	local port pid
	require ss
	prompt -w "'web-[01-03]'"
	type 'echo one $SSH_CONNECTION'
	port=$(connections one | awk '$1 == "web-02" { print $2 }')
	# Those on the other side of it.
	for pid in $(ss -tnpH state established "dport = :$port and sport = :$LAB_PORT" | grep -o 'pid=[0-9]*' | cut -d= -f2); do
		kill "$pid"
	done
	lab_wait 'ss -tnH state established "sport = :$port and dport = :$LAB_PORT" | refute grep -q . >/dev/null' 60
	type 'echo two $SSH_CONNECTION'
	[ "$(connections two | wc -l)" = 3 ]
	[ "$(connections one | grep -v web-02)" = "$(connections two | grep -v web-02)" ]
	[ "$(connections one | grep web-02)" != "$(connections two | grep web-02)" ]
	[ "$(leave)" = 0 ]
}

@test "^C ends what runs, on the servers too, and not the prompt" {
	prompt -w "'web-[01-03]'"
	tmux send-keys -l 'echo up; sleep 86113'
	tmux send-keys Enter
	lab_wait '[ "$(grep -c up "$out")" = 3 ]' 60
	tmux send-keys C-c
	lab_wait 'screen | grep -q "web-.01-03.: cancelled: interrupted; the command was killed on the server"' 60
	asks 3
	refute pgrep -f 'sleep 8611[3]'
	type 'echo after'
	[ "$(grep -c after "$out")" = 3 ]
	[ "$(leave)" = 0 ]
}

@test "^C at the prompt drops what was typed" {
	prompt -w "'web-[01-03]'"
	tmux send-keys -l 'echo never'
	lab_wait 'screen | grep -q "> echo never"' 60
	tmux send-keys C-c
	asks 3
	type 'echo yes'
	refute grep -q never "$out"
	[ "$(leave)" = 0 ]
}

@test "the history outlasts the prompt, is nobody else's, and leaves out what begins with a blank" {
	prompt -w "'web-[01-03]'"
	type 'echo kept'
	type ' echo hidden'
	[ "$(leave)" = 0 ]
	[ "$(stat -c %a "$MROOM_HOME/history")" = 600 ]
	[ "$(cat "$MROOM_HOME/history")" = 'echo kept' ]
	tmux kill-server
	# The old one may still be on its way out of its socket.
	export TMUX_TMPDIR=$BATS_TEST_TMPDIR/again
	mkdir "$TMUX_TMPDIR"
	servers=1
	prompt -w web-01
	tmux send-keys Up Enter
	lab_wait '[ "$(grep -c kept "$out")" = 4 ]' 60
}

@test "other servers and gathered output at a word" {
	prompt -w "'web-[01-03]'"
	type ':b'
	screen | grep -q 'output is gathered'
	type 'echo same'
	[ "$(cat "$out")" = "$(printf '%s\n' --------------- 'web-[01-03] (3)' --------------- same)" ]
	type =
	type ':w -web-02' 2
	: >"$out"
	type 'echo $SSH_CONNECTION >/dev/null; echo here' 2
	[ "$(sort "$out")" = "$(printf 'web-%s\there\n' 01 03)" ]
	type ':w nowhere' 2
	screen | grep -q "nowhere"
	type ':w web-02' 1
	type '+web-03' 2
	type ':nonsense' 2
	screen | grep -q ':help'
	tmux send-keys ':quit' Enter
	lab_wait '[ -s "$ended" ]' 60
}

@test "@failed at the prompt means those of the last line, and stays what it was" {
	prompt -w "'web-[01-03]'"
	type 'case $SSH_CONNECTION in *127.1.0.2*) exit 9 ;; esac'
	type '@failed' 1
	: >"$out"
	type 'echo again' 1
	type 'echo again' 1
	[ "$(cat "$out")" = "$(printf 'web-02\tagain\nweb-02\tagain')" ]
}

@test "a tunnel that failed for one line is tried again for the next" {
	tunnel_file_driver
	mroom tunnel add gate file server=g.example ticket=bad
	mroom inventory set -q --tunnel gate web-03 >/dev/null
	prompt -w "'web-[01-03]'"
	type 'echo one'
	screen | grep -F 'web-03: unreachable: tunnel gate: the gate does not know this ticket'
	mroom tunnel set gate ticket=1
	type 'echo two'
	[ "$(sort "$out")" = "web-01	one
web-01	two
web-02	one
web-02	two
web-03	two" ]
	[ "$(leave)" = 0 ]
}

@test "many more servers than fanout stay open" {
	lab_room 40
	servers=40
	prompt -f 4 -w "'web-[01-40]'"
	type 'echo one $SSH_CONNECTION' 40
	type 'echo two $SSH_CONNECTION' 40
	[ "$(connections one | wc -l)" = 40 ]
	[ "$(connections two)" = "$(connections one)" ]
	[ "$(leave)" = 0 ]
}

@test "SIGTERM at the prompt, and in the middle of a line, leaves nothing behind" {
	local pid
	prompt -w "'web-[01-03]'"
	tmux send-keys -l 'echo up; sleep 86115'
	tmux send-keys Enter
	lab_wait '[ "$(grep -c up "$out")" = 3 ]' 60
	pid=$(pgrep -t "$(tmux display -p '#{pane_tty}' | sed 's|/dev/||')" mroom-exec)
	kill "$pid"
	lab_wait '[ -s "$ended" ]' 60
	[ "$(cat "$ended")" = 130 ]
	refute pgrep -f 'sleep 8611[5]'
}

@test "without a terminal there is no prompt" {
	run mroom exec -w web-01 </dev/null
	[ "$status" = 2 ]
	[[ $output == *'no command given'* ]]
}

@test "^D typed while a command runs is nothing; at the prompt it leaves" {
	servers=1
	prompt -w web-01
	tmux send-keys "echo up; until [ -e $BATS_TEST_TMPDIR/go ]; do sleep 0.1; done" Enter
	lab_wait 'grep -q up "$out"' 60
	tmux send-keys C-d
	sleep 1 # tmux hands it to the terminal by and by
	touch "$BATS_TEST_TMPDIR/go"
	lab_wait 'screen | grep -q "1 server in"' 60
	asks 1
	[ "$(leave)" = 0 ]
}

@test "the terminal stays one whose reads and writes wait" {
	servers=1
	tmux -f /dev/null new-session -d -x 120 -y 50 "
		mroom exec -w web-01 >>'$out'
		perl -MFcntl -e 'print fcntl(STDIN, F_GETFL, 0) & O_NONBLOCK ? q(changed) : q(same), qq(\n)' >'$ended'" 3>&-
	asks "$servers"
	[ "$(leave)" = same ]
}
