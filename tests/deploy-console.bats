#!/usr/bin/env bats
# mroom deploy: what the console has a part in: stages that are programs here, hooks, restarts.

load lib/lab
load lib/copy

setup_file() {
	lab_dir
	# Nothing in this file restarts anything: what a server would call, and what it would ask the kernel for, are these.
	lab_homes_start
	sed -i '/^cd /a export MROOM_BOOT_ID_FILE=boot_id MROOM_REBOOT_COMMAND=./restart' "$LAB/own-home"
	for name in shutdown reboot systemctl; do
		printf '#!/bin/sh\necho "$0 $*" >>%s/never\n' "$LAB" >"$LAB/bin/$name"
		chmod 755 "$LAB/bin/$name"
	done
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	lab_room 4
	lab_homes 4
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir "$MROOM_HOME/stages" bin
	PATH=$PWD/bin:$PATH
}

run_deploy() {
	status=0
	mroom deploy "$@" >"$BATS_TEST_TMPDIR/.out" 2>"$BATS_TEST_TMPDIR/.err" </dev/null || status=$?
	out=$(<"$BATS_TEST_TMPDIR/.out")
	err=$(<"$BATS_TEST_TMPDIR/.err")
	[ -z "$err" ] || echo "$err"
}

# A stage on servers that is fulfilled once ~/NAME is there.
stage() {
	printf 'check() { [ -f "$HOME/%s" ]; }\napply() { : >"$HOME/%s"; }\nundo() { rm "$HOME/%s"; }\n' "$1" "$1" "$1" >"$MROOM_HOME/stages/$1"
}

# A program on the console, of these lines.
program() {
	printf '#!/bin/sh\n%s\n' "$2" >"$1"
	chmod 755 "$1"
}

@test "a stage may be a program here: it gets the server as a record, and is asked and applied like any other" {
	stage one
	stage two
	program bin/mroom-stage-dns 'read -r record; echo "$* <- $record" >>calls
case $1 in
check) [ -f "dns-$MROOM_SERVER_ID" ] || { echo "no name yet"; exit 1; } ;;
apply) : >"dns-$MROOM_SERVER_ID" ;;
undo) rm "dns-$MROOM_SERVER_ID" ;;
facts) echo "dns_name $MROOM_SERVER_ID.example" ;;
esac'
	run_deploy plan -s one,dns:zone,two 'web-[01-02]'
	[ "$status" = 0 ]
	grep -qx 'web-02	dns:zone	would	no name yet' <<<"$out"
	[ ! -e dns-web-01 ]
	run_deploy run -s one,dns:zone,two 'web-[01-02]'
	[ "$status" = 0 ]
	[ "$(grep '^web-01' <<<"$out" | cut -f2,3)" = "one	changed
dns:zone	changed
two	changed" ]
	[ -e dns-web-01 ] && [ -e dns-web-02 ]
	grep -qx "apply zone <- web-01	$(lab_address 1)	$LAB_PORT	.*" calls
	[ "$(mroom state get web-02 dns_name)" = web-02.example ]
	run_deploy run -s one,dns:zone,two 'web-[01-02]'
	[ "$(cut -f3 <<<"$out" | sort -u)" = same ]
	run_deploy undo -s one,dns:zone,two web-01
	[ "$status" = 0 ]
	[ "$(cut -f2,3 <<<"$out")" = "two	undone
dns:zone	undone
one	undone" ]
	[ ! -e dns-web-01 ] && [ -e dns-web-02 ]
	run_deploy stages
	grep -q "^dns	A program of this console's.	.*/mroom-stage-dns$" <<<"$out"
	# it is a stage and no command
	run mroom help
	[[ $output != *stage-dns* ]]
}

@test "a program that fails ends its server's deployment, and no other's" {
	stage one
	program bin/mroom-stage-dns 'case $1 in
check) [ -f "dns-$MROOM_SERVER_ID" ] ;;
apply) [ "$MROOM_SERVER_ID" != web-02 ] || { echo "zone is frozen" >&2; exit 3; }; : >"dns-$MROOM_SERVER_ID" ;;
esac'
	run_deploy run -s dns,one 'web-[01-03]'
	[ "$status" = 1 ]
	grep -qx 'web-02	dns	failed	zone is frozen' <<<"$out"
	[[ $err == *"web-02: failed: stage dns: zone is frozen"* ]]
	[ -e "$(srv 1)/one" ] && [ -e "$(srv 3)/one" ] && [ ! -e "$(srv 2)/one" ]
	run_deploy status web-02
	[ "$(cut -f2-3 <<<"$out")" = "dns	failed" ]
}

@test "a program that outlives -u ends with all that it started" {
	program bin/mroom-stage-dns 'case $1 in
check) exit 1 ;;
apply) echo begun >>calls; sleep 86411 & trap "" TERM; sleep 86411; sleep 86411 ;;
esac'
	run_deploy run -u 3s -s dns 'web-[01-02]'
	[ "$status" = 1 ]
	grep -qx 'web-02	dns	failed	still running after 3 s; it was stopped' <<<"$out"
	[ -s calls ]
	refute pgrep -f 'sleep 8641[1]'
}

@test "an interrupt ends what runs here as well" {
	program bin/mroom-stage-dns 'case $1 in
check) exit 1 ;;
apply) echo begun >>calls; sleep 86412 & wait ;;
esac'
	setsid -w perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' mroom deploy run -s dns web-01 >out 2>&1 3>&- </dev/null &
	lab_wait '[ -s calls ] && pgrep -f "sleep 8641[2]"'
	console=$(pgrep -of "mroom-deploy run -s [d]ns web-01")
	kill -INT -- "-$(ps -o pgid= -p "$console" | tr -d " ")"
	wait $! || true
	lab_wait '! pgrep -f "sleep 8641[2]"'
}

@test "hooks run here before and after their stage, with the server as a record" {
	stage one
	stage two
	program "$MROOM_HOME/stages/two.pre" 'read -r record; echo "pre $1 ${record%%	*}" >>calls; [ "$MROOM_SERVER_ID" != web-02 ] || { echo "in use"; exit 1; }'
	program "$MROOM_HOME/stages/two.post" 'read -r record; echo "post $1 ${record%%	*} $MROOM_STAGE_RESULT" >>calls'
	run_deploy plan -s one,two 'web-[01-02]'
	[ ! -e calls ]
	run_deploy run -s one,two 'web-[01-02]'
	[ "$status" = 1 ]
	[ "$(sort calls)" = "post two web-01 changed
pre two web-01
pre two web-02" ]
	[ -e "$(srv 1)/two" ] && [ -e "$(srv 2)/one" ] && [ ! -e "$(srv 2)/two" ]
	grep -qx 'web-02	two	failed	pre: in use' <<<"$out"
	run_deploy stages
	[ "$(grep -c '^two' <<<"$out")" = 1 ]
}

@test "post hears of a stage that failed, and fails what went well when it fails itself" {
	stage one
	printf 'check() { [ -f "$HOME/two" ]; }\napply() { [ "$MROOM_SERVER_ID" != web-02 ]; : >"$HOME/two"; }\n' >"$MROOM_HOME/stages/two"
	program "$MROOM_HOME/stages/two.post" 'echo "$MROOM_SERVER_ID $MROOM_STAGE_RESULT" >>calls; [ "$MROOM_SERVER_ID" != web-03 ]'
	run_deploy run -s two,one 'web-[01-03]'
	[ "$status" = 1 ]
	[ "$(sort calls)" = "web-01 changed
web-02 failed
web-03 changed" ]
	[ -e "$(srv 1)/one" ] && [ ! -e "$(srv 2)/one" ] && [ ! -e "$(srv 3)/one" ]
	grep -qx 'web-03	two	failed	post: exit status 1' <<<"$out"
}

@test "reboot restarts a server, waits for its new boot id, and goes on" {
	stage one
	stage two
	for i in 1 2; do
		echo "old $i" >"$(srv $i)/boot_id"
		program "$(srv $i)/restart" 'sleep 1; echo "new" >boot_id'
	done
	run_deploy plan -s one,reboot,two 'web-[01-02]'
	grep -q '^web-01	reboot	would	' <<<"$out"
	[ "$(cat "$(srv 1)/boot_id")" = "old 1" ]
	run_deploy run -s one,reboot,two 'web-[01-02]'
	[ "$status" = 0 ]
	[ "$(grep '^web-01' <<<"$out" | cut -f2,3)" = "one	changed
reboot	changed
two	changed" ]
	[ "$(cat "$(srv 2)/boot_id")" = new ]
	# the lease has ended, and so it was with the real programs
	run_deploy lock show 'web-[01-02]'
	[ "$(cut -f2 <<<"$out" | sort -u)" = free ]
	[ ! -e "$LAB/never" ]
}

@test "a server that does not come back within the deadline has failed, and what follows is not done" {
	stage two
	echo old >"$(srv 1)/boot_id"
	program "$(srv 1)/restart" ':'
	run_deploy run -s reboot,two -u 3s web-01
	[ "$status" = 1 ]
	[ "$out" = "web-01	reboot	failed	no new boot id within 3 s" ]
	[[ $err == *"web-01: failed: stage reboot: no new boot id within 3 s"* ]]
	[ ! -e "$(srv 1)/two" ]
	[ ! -e "$LAB/never" ]
}

@test "a server on which somebody deploys is not restarted" {
	echo old >"$(srv 1)/boot_id"
	program "$(srv 1)/restart" 'echo new >boot_id'
	mkdir -p "$(srv 1)/.mroom/lock"
	echo 'alice@desk' >"$(srv 1)/.mroom/lock/owner"
	echo $(($(date +%s) + 600)) >"$(srv 1)/.mroom/lock/until"
	run_deploy run -s reboot web-01
	[ "$status" = 5 ]
	[[ $out == *"alice@desk"* ]]
	[ "$(cat "$(srv 1)/boot_id")" = old ]
	[ ! -e "$LAB/never" ]
}

@test "a server that cannot be reached is dialled again as often as the settings say" {
	stage one
	mkfifo port
	perl -MIO::Socket::INET -e '
		my $l = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 9) or die;
		open(P, ">", "port"); print P $l->sockport, "\n"; close P;
		while (my $c = $l->accept) { open(N, ">>", "dials"); print N "x\n"; close N; print $c "SSH-1.5-old\r\n"; close $c }
	' 3>&- 4>&- &
	dialled=$!
	read -r port <port
	printf '[deploy]\nretries = 2\n' >"$MROOM_HOME/config.ini"
	run_deploy run -s one "127.0.0.1:$port"
	kill "$dialled"
	[ "$status" = 4 ]
	[ "$(wc -l <dials)" = 3 ]
}
