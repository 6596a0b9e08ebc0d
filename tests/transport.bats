#!/usr/bin/env bats
# What speaks SSH: libssh2, ssh(1) where that cannot, and no SSH at all.

load lib/lab

setup_file() {
	lab_sshd_start
	# A second server, for what libssh2 cannot do.
	OTHER=$LAB/other
	export OTHER
	mkdir -m 755 "$OTHER"
	cp "$LAB/authorized_keys" "$OTHER/"
	ssh-keygen -q -t ed25519 -N '' -f "$OTHER/authority"
	ssh-keygen -q -t ed25519 -N '' -C lab -f "$OTHER/host_ed25519"
	ssh-keygen -q -s "$OTHER/authority" -I lab -h -n '127.1.0.1,127.1.0.2' "$OTHER/host_ed25519.pub" 2>/dev/null
	OTHER_PORT=$("$MROOM_TOP/tests/lib/sshd" start "$OTHER" \
		"KexAlgorithms sntrup761x25519-sha512@openssh.com" "HostCertificate $OTHER/host_ed25519-cert.pub" 3>&-)
	export OTHER_PORT
}

teardown_file() {
	"$MROOM_TOP/tests/lib/sshd" stop "$OTHER"
	lab_sshd_stop
}

setup() {
	lab_home
	lab_room 3
	for key in "$OTHER"/host_ed25519.pub "$OTHER"/host_ecdsa.pub; do
		for i in 1 2 3; do
			echo "[127.1.0.$i]:$OTHER_PORT $(cut -d' ' -f1,2 "$key")"
		done
	done >>"$MROOM_HOME/known_hosts"
}

run_exec() {
	status=0
	mroom exec "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" </dev/null || status=$?
	out=$(sort "$BATS_TEST_TMPDIR/out")
	err=$(cat "$BATS_TEST_TMPDIR/err")
}

@test "a server that has post-quantum key exchange alone is served through ssh(1), and -v says why" {
	run_exec -v -p "$OTHER_PORT" -w web-01,web-02 -- 'echo out; echo err >&2'
	[ "$status" = 0 ]
	[ "$out" = "web-01	out
web-02	out" ]
	[[ $err == *"web-01	err"* ]]
	[[ $err == *"web-01: "*"through ssh(1): no key exchange"*"in common with libssh2"* ]]
	run_exec -p "$OTHER_PORT" -w web-01 -- 'exit 7'
	[ "$status" = 1 ]
	[[ $err == *"web-01: failed: exit status 7"* ]]
}

@test "[ssh] transport decides: libssh2 alone gives up where ssh(1) would not" {
	MROOM_SSH_TRANSPORT=libssh2 run_exec -p "$OTHER_PORT" -w web-01 -- true
	[ "$status" = 4 ]
	[[ $err == *"web-01: unreachable: no key exchange"* ]]
	MROOM_SSH_TRANSPORT=openssh run_exec -v -w web-01 -- echo here
		[ "$out" = "web-01	here" ]
	[[ $err == *"through ssh(1), as [ssh] transport says"* ]]
}

@test "a command behind ssh(1) that outlives its time is killed, and proven dead" {
	MROOM_SSH_TRANSPORT=openssh run_exec -u 1s -w 'web-[01-03]' -- 'exec sleep 765.4'
	[ "$status" = 3 ]
	[[ $err == *"the command was killed on the server"* ]]
	[ -z "$(pgrep -f 'sleep 765[.]4')" ]
}

@test "input and output of every size come through ssh(1) unchanged" {
	head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/data"
	sum=$(md5sum <"$BATS_TEST_TMPDIR/data")
	MROOM_SSH_TRANSPORT=openssh run_exec -N -w 'web-[01-03]' --stdin "$BATS_TEST_TMPDIR/data" -- md5sum
	[ "$out" = "$sum
$sum
$sum" ]
	MROOM_SSH_TRANSPORT=openssh run_exec -N -w web-01 -- "od -An -v -tx1 '$BATS_TEST_TMPDIR/data'"
	[ "$(md5sum <"$BATS_TEST_TMPDIR/out")" = "$(od -An -v -tx1 "$BATS_TEST_TMPDIR/data" | md5sum)" ]
}

@test "ssh(1)'s troubles are the usual outcomes, and no process or socket stays behind" {
	export MROOM_SSH_TRANSPORT=openssh
	run_exec -t 5s -p 1 -w web-01 -- true
	[ "$status" = 4 ]
	[[ $err == *"web-01: unreachable: ssh: connect to host"*"Connection refused"* ]]
	: >"$MROOM_HOME/known_hosts"
	run_exec -w web-01 -- true
	[ "$status" = 4 ]
	[[ $err == *"web-01: hostkey: ssh: Host key verification failed"* ]]
	run_exec --host-key accept-new -w web-01 -- true
	[ "$status" = 0 ]
	[ "$(wc -l <"$MROOM_HOME/known_hosts")" -eq 1 ]
	run_exec -l no-such-user -w web-01 -- true
	[ "$status" = 4 ]
	[[ $err == *"web-01: denied: ssh: "*"Permission denied"* ]]
	lab_wait '! pgrep -f "ssh.*UserKnownHostsFile=.$MROOM_HOME"'
	[ -z "$(find /tmp -maxdepth 2 -path '/tmp/mroom-ssh.*' -newer "$BATS_TEST_TMPDIR/lab.txt" -user "$(id -un)" -name '[0-9]*')" ]
}

# stand_in: an ssh on PATH, before the real one, whose masters go through the program on standard input.
stand_in() {
	mkdir "$BATS_TEST_TMPDIR/bin"
	{
		printf '#!/bin/sh\ncase "$*" in *ControlMaster=yes*) ;; *) exec %s "$@" ;; esac\n' "$(command -v ssh)"
		cat
	} >"$BATS_TEST_TMPDIR/bin/ssh"
	chmod +x "$BATS_TEST_TMPDIR/bin/ssh"
	REAL_SSH=$(command -v ssh)
	export REAL_SSH
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

@test "an ssh(1) that misses the signal to end is told again, and says goodbye" {
	# As ssh before 9.6 does with one that comes right before it goes to sleep.
	stand_in <<-'SH'
	exec perl -e '
		my ($heard, $ssh) = (0, fork() // die);
		exec @ARGV if !$ssh;
		$SIG{TERM} = sub { kill "TERM", $ssh if ++$heard > 1 };
		1 while waitpid($ssh, 0) < 0;
		open my $log, ">>", "$ENV{BATS_TEST_TMPDIR}/heard" or die;
		print $log "$heard ", $? & 127 ? "killed" : "left", "\n";
	' "$REAL_SSH" "$@"
	SH
	MROOM_SSH_TRANSPORT=openssh run timeout 60 mroom exec -q -w web-01,web-02 -- echo here </dev/null
	[ "$status" = 0 ]
	[ "$(sort <<<"$output")" = "web-01	here
web-02	here" ]
	cat "$BATS_TEST_TMPDIR/heard"
	[ "$(grep -c '^[2-9] left$' "$BATS_TEST_TMPDIR/heard")" = 2 ]
}

@test "an ssh(1) that heeds no signal to end is killed: no run waits for it" {
	stand_in <<-'SH'
	trap '' TERM
	exec "$REAL_SSH" "$@"
	SH
	MROOM_SSH_TRANSPORT=openssh run timeout 60 mroom exec -q -w web-01 -- echo here </dev/null
	[ "$status" = 0 ]
	[ "$output" = "web-01	here" ]
	refute pgrep -f "ssh.*UserKnownHostsFile=.$MROOM_HOME"
}

@test "a server that dies under ssh(1) is lost, not failed" {
	MROOM_SSH_TRANSPORT=openssh run_exec -w web-01 -- 'kill -9 $PPID; sleep 5'
	[ "$status" = 4 ]
	[[ $err == *"web-01: unreachable: connection lost while the command ran"* ]]
}

@test "a host certificate is judged by ssh(1) when an @cert-authority line is meant for the server" {
	sed -i "/:$OTHER_PORT /d" "$MROOM_HOME/known_hosts"
	echo "@cert-authority [127.1.0.*]:$OTHER_PORT $(cat "$OTHER/authority.pub")" >>"$MROOM_HOME/known_hosts"
	run_exec -v -p "$OTHER_PORT" -w web-01,web-03 -- echo here
		[ "$out" = "web-01	here" ]
	[[ $err == *"through ssh(1), which web-01 needs: a certificate of an @cert-authority"* ]]
	[[ $err == *"web-03: hostkey: "* ]] # its name is not in the certificate
}

@test "ProxyCommand of ssh_config is heeded, through ssh(1)" {
	mkdir -m 700 "$HOME/.ssh"
	printf 'Host 127.1.0.1\n  ProxyCommand ssh -F none -o UserKnownHostsFile=%s -i %s -p %s -l %s -W %%h:%%p 127.1.0.2\n' \
		"$MROOM_HOME/known_hosts" "$LAB_KEY" "$LAB_PORT" "$LAB_USER" >"$HOME/.ssh/config"
	run_exec -v -w web-01,web-03 -- echo here
	[ "$out" = "web-01	here
web-03	here" ]
	[[ $err == *"web-01: "*"through ssh(1), which web-01 needs: ProxyCommand"* ]]
	[[ $err != *"web-03: "*"through ssh(1)"* ]]
}

@test "jump hosts are gone through where the server, or one of them, needs ssh(1)" {
	run_exec -v -J web-02,web-03 -p "$OTHER_PORT" -w web-01 -- 'echo "${SSH_CONNECTION#* * }"'
		[ "$out" = "web-01	127.1.0.1 $OTHER_PORT" ]
	run_exec -v -i "$LAB_KEY" -J "web-02,127.1.0.3:$OTHER_PORT" -w web-01 -- 'echo "${SSH_CONNECTION#* * }"'
		[ "$out" = "web-01	127.1.0.1 $LAB_PORT" ]
	[[ $err == *"through ssh(1): jump host 127.1.0.3:$OTHER_PORT: no key exchange"* ]]
}

@test "the local transport runs commands on the console itself" {
	export MROOM_SSH_TRANSPORT=local
	run_exec -w web-01,web-02 --stdin "$MROOM_TOP/LICENSE" -- 'wc -c; [ -z "$SSH_CONNECTION" ] || exit 9; echo err >&2; exit 3'
	[ "$status" = 1 ]
	[ "$(cut -f1 <<<"$out" | paste -sd' ')" = "web-01 web-02" ]
	[[ $err == *"web-[01-02]: failed: exit status 3"* ]]
	run_exec -w web-01 -- 'kill -KILL $$'
	[[ $err == *"killed by SIGKILL"* ]]
	run_exec -w web-01 -u 1s -- 'sleep 654.3'
	[[ $err == *"the command was killed on the server"* ]]
	[ -z "$(pgrep -f 'sleep 654[.]3')" ]
}

@test "a key on a FIDO token opens the door through ssh(1), and -v says why" {
	local token=$BATS_TEST_TMPDIR/token.so
	cc -shared -fPIC -o "$token" "$MROOM_TOP/tests/lib/token.c" -lsodium
	export SSH_TEST_TOKEN=$BATS_TEST_TMPDIR/signed
	ssh-keygen -q -t ed25519-sk -w "$token" -N '' -C token -f "$BATS_TEST_TMPDIR/fido" </dev/null
	cat "$BATS_TEST_TMPDIR/fido.pub" >>"$LAB/authorized_keys"
	lab_roster 2 "----$LAB_PORT--$BATS_TEST_TMPDIR/fido" >"$BATS_TEST_TMPDIR/lab.txt"
	mroom inventory import --prune "$BATS_TEST_TMPDIR/lab.txt" >/dev/null 2>&1
	# ssh(1) looks for a token in the USB ports, unless it is told where there is one.
	echo "SecurityKeyProvider $token" >"$BATS_TEST_TMPDIR/config"
	run_exec -v -F "$BATS_TEST_TMPDIR/config" -w web-01,web-02 -- echo in
	[ "$status" = 0 ] || { echo "$err"; return 1; }
	[ "$out" = "web-01	in
web-02	in" ]
	[[ $err == *"through ssh(1), which web-01 needs: SecurityKeyProvider"* ]]
	[ "$(wc -l <"$SSH_TEST_TOKEN")" = 2 ]
	# The key alone is reason enough; without a token it opens nothing.
	run_exec -v -F none -w web-01 -- echo in
	[ "$status" = 4 ]
	[[ $err == *"through ssh(1), which web-01 needs: a key on a FIDO token"* ]]
	[[ $err == *"web-01: denied"* ]]
	MROOM_SSH_TRANSPORT=libssh2 run_exec -F none -w web-01 -- echo in
	[ "$status" = 4 ]
	[[ $err == *"FIDO keys work through ssh-agent"* ]]
}

# The server pw-01, whose password is $1, behind a gate where $2 says so. The right one is in $password, and not exported.
by_password() {
	require namespaces
	password=$(cat "$LAB/password")
	{
		[ "${2:-}" != gate ] || echo "#gate--SSH--127.2.0.1:$LAB_PORT--lab--$password"
		printf 'pw-01--127.1.0.1--lab--%s--%s\n' "$1" "$LAB_PORT"
	} >"$BATS_TEST_TMPDIR/pw.txt"
	sed "s/^/[127.2.0.1]:$LAB_PORT /" "$LAB"/host_*.pub >>"$MROOM_HOME/known_hosts"
	mroom inventory import -q "$BATS_TEST_TMPDIR/pw.txt"
}

# How many logins by password there were since the test began, and how many were refused.
password_logins() {
	echo "$(($(grep -c '^Accepted password for lab' "$LAB/log" || true) - accepted))" \
		"$(($(grep -c '^Failed password for lab' "$LAB/log" || true) - refused))"
}

count_from_here() {
	accepted=$(grep -c '^Accepted password for lab' "$LAB/log" || true)
	refused=$(grep -c '^Failed password for lab' "$LAB/log" || true)
}

@test "ssh(1) gets sealed passwords, of the server and of the gate, in no argument, environment or file" {
	export MROOM_SSH_TRANSPORT=openssh
	by_password "$(cat "$LAB/password")" gate
	count_from_here
	mroom exec -v -w pw-01 -- 'echo in; until [ -e '"$LAB/go"' ]; do sleep 0.1; done' \
		>"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" </dev/null 3>&- &
	lab_wait 'grep -q in$ "$BATS_TEST_TMPDIR/out"'
	lab_nowhere "$password" "$MROOM_HOME" "$BATS_TEST_TMPDIR/err" /tmp/mroom-ssh.*
	lab_no_environment "$password"
	touch "$LAB/go"
	wait $!
	grep -q 'pw-01: .*through ssh(1)' "$BATS_TEST_TMPDIR/err"
	[ "$(password_logins)" = "2 0" ]
}

@test "ssh(1) gets the password of --password-file and of secret_command; a wrong one is offered once" {
	export MROOM_SSH_TRANSPORT=openssh
	by_password ''
	count_from_here
	(umask 077 && echo "$password" >"$BATS_TEST_TMPDIR/secret")
	run_exec --password-file "$BATS_TEST_TMPDIR/secret" -w pw-01 -- echo here
	[ "$out" = "pw-01	here" ]
	printf '[secret]\nsecret_command = while read id; do printf "%%s\\t%%s\\n" "$id" "$(cat %s)"; done\n' \
		"$BATS_TEST_TMPDIR/secret" >"$MROOM_HOME/config.ini"
	run_exec -w pw-01 -- echo here
	[ "$out" = "pw-01	here" ]
	[ "$(password_logins)" = "2 0" ]
	rm "$MROOM_HOME/config.ini"
	by_password wrong-one
	run_exec -w pw-01 -- echo here
	[ "$status" = 4 ]
	[[ $err == *"pw-01: denied: ssh: "*"Permission denied"* ]]
	[ "$(password_logins)" = "2 1" ]
	# Where none is known none is tried.
	mroom inventory set --no-password pw-01
	run_exec -w pw-01 -- echo here
	[ "$status" = 4 ]
	[ "$(password_logins)" = "2 1" ]
}

@test "ssh(1) gets the password of a jump host that is a server of ours, and none goes to a host that asks instead" {
	export MROOM_SSH_TRANSPORT=openssh
	by_password "$(cat "$LAB/password")"
	count_from_here
	run_exec -J pw-01 -w web-02 -- echo here
	[ "$out" = "web-02	here" ]
	[ "$(password_logins)" = "1 0" ]
	# What ssh_config sends it to by a way of its own is not the host that we have a password for.
	printf 'Host pw-01 127.1.0.1\n\tProxyCommand ssh -F none -o UserKnownHostsFile=%s -p %s -W %%h:%%p lab@127.1.0.3\n' \
		"$MROOM_HOME/known_hosts" "$LAB_PORT" >"$BATS_TEST_TMPDIR/config"
	run_exec -F "$BATS_TEST_TMPDIR/config" -w pw-01 -- echo here
	[ "$status" = 4 ]
	[ "$(password_logins | cut -d" " -f1)" = 1 ]
}
