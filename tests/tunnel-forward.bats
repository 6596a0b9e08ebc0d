#!/usr/bin/env bats
# Forwards that come back by themselves: real ssh, real servers; what answers behind them is the sshd itself, by its banner.

bats_require_minimum_version 1.5.0
load lib/lab
load lib/tunnel

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	require /usr/bin/python3
	lab_home
	lab_room 2
	cd "$BATS_TEST_TMPDIR"
	export TMPDIR=$BATS_TEST_TMPDIR
	export MROOM_TUNNEL_CHECK=300ms MROOM_TUNNEL_TIMEOUT=5s
	port=$((20000 + RANDOM % 10000))
	pid=
}

teardown() {
	[ -z "$pid" ] || ! kill "$pid" 2>/dev/null || wait "$pid" || true
	tmux -S "$BATS_TEST_TMPDIR/tmux" kill-server 2>/dev/null || true
	[ ! -d "${gate:-/none}" ] || "$MROOM_TOP/tests/lib/sshd" stop "$gate"
}

# Starts it in the background and waits until it is up.
forward() {
	: >out # an earlier one may have said so
	mroom tunnel forward "$@" >out 2>err 3>&- &
	pid=$!
	lab_wait 'grep -q "	up" out'
}

banner() {
	timeout 5 bash -c "exec 4<>/dev/tcp/127.0.0.1/$1 && head -c 7 <&4"
}

# The same by way of the SOCKS proxy at $port.
through_proxy() {
	/usr/bin/python3 - "$port" "$@" <<-'END'
	import socket, sys
	s = socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5)
	s.sendall(b'\5\1\0')
	assert s.recv(2) == b'\5\0'
	s.sendall(b'\5\1\0\1' + socket.inet_aton(sys.argv[2]) + int(sys.argv[3]).to_bytes(2, 'big'))
	assert s.recv(10)[:2] == b'\5\0'
	print(s.recv(7).decode())
	END
}

listens() {
	grep -q ":$(printf %04X "$1") 00000000:0000 0A" /proc/net/tcp
}

# The ssh that this forward runs.
child() {
	pgrep -P "$pid" -x ssh
}

# Directories for the sockets of ssh.
socket_dirs() {
	find "$TMPDIR" -maxdepth 1 -name 'mroom-forward.*' | grep -c . || true
}

# A server of its own, which can be stopped and started at the same port; the tunnel `gate` leads to it by its password.
gate_start() {
	if [ -z "${gate:-}" ]; then
		gate=$LAB/gate.$BATS_TEST_NUMBER
		mkdir -m 755 "$gate"
		cp "$LAB/authorized_keys" "$gate/"
	fi
	gate_port=$("$MROOM_TOP/tests/lib/sshd" start "$gate" "$@" 3>&-)
}

gate_room() {
	printf '#gate--SSH--127.2.0.1:%s--lab--%s\nhid-01--127.1.0.1--root\n' "$gate_port" "$(cat "$gate/password")" >r.txt
	mroom inventory import -q r.txt
	mkdir -p "$HOME/.ssh"
	sed "s/^/[127.2.0.1]:$gate_port /" "$gate"/host_*.pub >>"$MROOM_HOME/known_hosts"
}

ends() {
	kill -TERM "$pid"
	wait "$pid"
	lab_wait '! pgrep -f "mroom-forward.*$port" >/dev/null'
	pid=
	refute banner "$port" 2>/dev/null
}

@test "a local forward leads there, comes back when ssh is killed, and leaves nothing" {
	forward -L "$port:127.1.0.2:$LAB_PORT" web-01
	[ "$(banner "$port")" = SSH-2.0 ]
	kill -9 "$(child)"
	lab_wait '[ "$(grep -c "	up" out)" = 2 ]'
	[ "$(banner "$port")" = SSH-2.0 ]
	# on a machine with much to do a try may take too long, and another follows
	[[ $(cut -f2 out | uniq | tr "\n" " ") =~ ^"connecting up "("failed connecting ")+"up "$ ]]
	ends
	[ "$(socket_dirs)" = 0 ]
}

@test "a supervisor that is killed takes ssh with it, and the next one clears up after it" {
	forward -L "$port:127.1.0.2:$LAB_PORT" web-01
	local ssh
	ssh=$(child)
	kill -9 "$pid"
	wait "$pid" || true
	lab_wait '! kill -0 '"$ssh"' 2>/dev/null'
	[ "$(socket_dirs)" = 1 ]
	local left
	left=$(find "$TMPDIR" -maxdepth 1 -name 'mroom-forward.*')
	[ "$(stat -c %a "$left")" = 700 ]
	forward -L "$port:127.1.0.2:$LAB_PORT" web-01
	[ "$(socket_dirs)" = 1 ]
	[ ! -d "$left" ]
	# The one that lives is nobody's to clear away.
	mkdir "$TMPDIR/mroom-forward.abcdef"
	run timeout 3 mroom tunnel forward -D "$((port + 1))" web-02
	[[ $output == *"	up"* ]]
	[ ! -d "$TMPDIR/mroom-forward.abcdef" ]
	[ "$(socket_dirs)" = 1 ]
	[ "$(banner "$port")" = SSH-2.0 ]
	ends
	[ "$(socket_dirs)" = 0 ]
}

@test "a remote forward and a proxy work; one that cannot listen there says so" {
	forward -R "$((port + 1)):127.1.0.2:$LAB_PORT" -D "$port" web-01
	[ "$(banner "$((port + 1))")" = SSH-2.0 ]
	[ "$(through_proxy 127.1.0.2 "$LAB_PORT")" = SSH-2.0 ]
	ends
	run timeout 3 mroom tunnel forward -R "$LAB_PORT:127.0.0.1:1" web-01
	[[ $output == *"failed"*"remote port forwarding failed"* ]]
}

@test "a remote forward is proven from the server's side: it is up when something answers here" {
	mroom tunnel forward -R "$port:127.0.0.1:$((port + 2))" web-01 >out 2>err 3>&- &
	pid=$!
	lab_wait 'grep -q "	failed	nothing answers through -R $port:127.0.0.1:$((port + 2)): the connection is closed at once" out'
	refute grep -q "	up" out
	"$MROOM_TOP/tests/lib/listener" silent 127.0.0.1 "$((port + 2))" >listener.port 3>&- &
	lab_keep $!
	lab_wait 'grep -q "	up" out'
	kill %2
	lab_wait '[ "$(grep -c "	failed" out)" -ge 2 ]'
	ends
}

@test "of a remote port that the server chooses it is told which" {
	forward -R "0:127.1.0.2:$LAB_PORT" web-01
	local chosen
	chosen=$(sed -n "s/^web-01	up	-R 0:127.1.0.2:$LAB_PORT listens at port \([0-9]*\)$/\1/p" out)
	[ "$(banner "$chosen")" = SSH-2.0 ]
	ends
}

@test "a server that forbids connections from its side keeps no remote forward from coming up" {
	gate_start 'AllowTcpForwarding remote'
	gate_room
	forward -R "$port:127.1.0.2:$LAB_PORT" gate
	[ "$(banner "$port")" = SSH-2.0 ]
	ends
}

@test "what does not answer behind it is told, and comes up when it does" {
	mroom tunnel forward -L "$port:127.0.0.1:$((port + 2))" web-01 >out 2>err 3>&- &
	pid=$!
	lab_wait 'grep -q "	failed	nothing answers through -L $port:127.0.0.1:$((port + 2)): the connection is closed at once" out'
	refute grep -q "	up" out
	"$MROOM_TOP/tests/lib/listener" silent 127.0.0.1 "$((port + 2))" >listener.port 3>&- &
	lab_keep $!
	lab_wait 'grep -q "	up" out'
	kill %2 2>/dev/null || true
	ends
}

@test "fail-closed holds its port while the server is away, resets who comes, and lets through when it is back" {
	gate_start
	gate_room
	forward --fail-closed -L "$port:127.1.0.2:$LAB_PORT" -D "$((port + 1))" gate
	[ "$(banner "$port")" = SSH-2.0 ]
	lab_nowhere "$(cat "$gate/password")" "$MROOM_HOME"
	lab_no_environment "$(cat "$gate/password")"
	/usr/bin/python3 -c "
import socket
s = socket.create_connection(('127.0.0.1', $port))
print(s.recv(7).decode(), flush=True)
try:
    while s.recv(4096): pass
    print('the end')
except ConnectionResetError: print('cut off')" >guest 3>&- &
	lab_wait 'grep -q SSH-2.0 guest'
	"$MROOM_TOP/tests/lib/sshd" stop "$gate"
	lab_wait 'grep -q "	failed" out'
	# Who was in it is cut off, who comes is reset, and nobody else gets the port.
	lab_wait '[ "$(tail -n 1 guest)" = "cut off" ]'
	local round
	for round in 1 2 3; do
		listens "$port"
		run timeout 5 bash -c "exec 4<>/dev/tcp/127.0.0.1/$port && head -c 7 <&4"
		[[ $output == *"reset by peer"* ]]
		lab_wait "[ \$(grep -c '	failed' out) -gt $round ]"
	done
	run mroom tunnel forward --fail-closed -D "$port" web-01
	[ "$status" = 6 ]
	"$MROOM_TOP/tests/lib/sshd" again "$gate"
	lab_wait '[ "$(grep -c "	up" out)" = 2 ]' 60
	[ "$(banner "$port")" = SSH-2.0 ]
	ends
}

@test "while the server is away it is tried again ever more seldom; it comes up when the server does" {
	gate_start
	gate_room
	forward -L "$port:127.1.0.2:$LAB_PORT" gate
	before=$(wc -l <out)
	"$MROOM_TOP/tests/lib/sshd" stop "$gate"
	lab_wait '[ "$(tail -n "+$((before + 1))" out | grep -c "	failed")" -ge 4 ]' 60
	tail -n "+$((before + 1))" out | grep '	failed' | sed -n 's/.*(again in \(.*\))$/\1/p' | head -4 >pauses
	cat out
	[ "$(cat pauses)" = "500 ms
1.0 s
2.0 s
4.0 s" ]
	grep -q "	failed	ssh: connect to host 127.2.0.1 port $gate_port: Connection refused (again in" out
	refute grep -q "	up" <(tail -n "+$((before + 1))" out)
	"$MROOM_TOP/tests/lib/sshd" again "$gate"
	lab_wait '[ "$(tail -n "+$((before + 1))" out | grep -c "	up")" = 1 ]' 60
	[ "$(banner "$port")" = SSH-2.0 ]
	# It was up: the next failure begins anew.
	kill -9 "$(child)"
	lab_wait 'tail -n 3 out | grep -q "(again in 500 ms)"'
	ends
}

@test "^C in a terminal ends it, and all that it began" {
	require tmux
	local pane="tmux -S $BATS_TEST_TMPDIR/tmux"
	$pane -f /dev/null new-session -d -x 120 -y 20 'PS1="> " sh' 3>&-
	lab_wait "$pane capture-pane -p | grep -q '^>'" 60
	local forwards="-L $port:127.1.0.2:$LAB_PORT -R $((port + 1)):127.1.0.2:$LAB_PORT"
	$pane send-keys "mroom tunnel forward $forwards web-01; echo ended \$?" Enter
	lab_wait "$pane capture-pane -p | grep -q ' up'" 60
	[ "$(banner "$port")" = SSH-2.0 ]
	$pane send-keys C-c
	lab_wait "$pane capture-pane -p | grep -q 'ended 0$'" 60
	lab_wait '! pgrep -f "mroom-forward.*$port" >/dev/null'
	refute banner "$port" 2>/dev/null
	[ "$(socket_dirs)" = 0 ]
	$pane kill-server
}

@test "what cannot be is refused at once: no forward, a bad one, a VPN, an unknown server" {
	local spec
	run mroom tunnel forward web-01
	[ "$status" = 2 ]
	[[ $output == *"nothing to forward (give -L, -R or -D)"* ]]
	for spec in 8080 8080:web 0:web:80 8080:web:99999 x:8080:web:80 8080:-oProxyCommand=x:80 1:2:3:4:5; do
		run mroom tunnel forward -L "$spec" web-01
		[ "$status" = 2 ]
		[[ $output == *"-L $spec: expected [ADDRESS:]PORT:HOST:PORT"* ]]
	done
	mroom tunnel add vpn wireguard server=v.example
	run mroom tunnel forward -D "$port" vpn
	[ "$status" = 2 ]
	[[ $output == *"vpn is a tunnel of type wireguard, and forwards go through SSH"* ]]
	run mroom tunnel forward -D "$port" wbe-01
	[ "$status" = 2 ]
	[[ $output == *"wbe-01"* ]]
	/usr/bin/python3 -c "
import socket, time
s = socket.create_server(('127.0.0.1', $port))
time.sleep(20)" 3>&- &
	lab_wait 'listens "$port"'
	run mroom tunnel forward --fail-closed -D "$port" web-01
	[ "$status" = 6 ]
	[[ $output == *"cannot listen at 127.0.0.1 port $port: address already in use"* ]]
	kill %1
}
