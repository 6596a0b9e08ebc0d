#!/usr/bin/env bats
# mroom connect: becomes ssh(1).
# shellcheck disable=SC2154 # stderr is what run --separate-stderr sets

bats_require_minimum_version 1.5.0
load lib/lab

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	lab_room 3
	cd "$BATS_TEST_TMPDIR" || return
}

@test "a command runs on the server, and its exit status is ours" {
	# shellcheck disable=SC2016 # the server's shell is to expand it
	run mroom connect web-02 -- 'echo "$SSH_CONNECTION"; exit 7'
	[ "$status" = 7 ]
	[[ $output == *" $(lab_address 2) $LAB_PORT" ]]
	run mroom connect web-02 echo a 'b c'
	[ "$output" = "a b c" ]
}

@test "mroom ID is the same" {
	run mroom web-01 -- echo there
	[ "$output" = there ]
	run mroom web-99
	[ "$status" = 2 ]
	[[ $output == "mroom: no such command: no server 'web-99' (did you mean web-0"* ]]
	run mroom exce
	[ "$output" = "mroom: 'exce' is not a command (did you mean exec?)" ]
}

@test "ssh is told host, port, user, key, jump hosts and where host keys are" {
	mroom inventory add gate admin@192.0.2.9:2022 >/dev/null
	mroom inventory add far 10.9.9.9 --user deploy --port 2200 --key '/k/a b' >/dev/null
	sqlite3 "$MROOM_HOME/mroom.db" "UPDATE server SET jump = 'gate,x@hop:23' WHERE id = 'far'"
	run mroom connect -C far -- uptime
	[ "$status" = 0 ]
	[[ $output == ssh\ * ]]
	[[ $output == *"$MROOM_HOME/known_hosts"* ]]
	[[ $output == *" -l deploy -p 2200 -i '/k/a b' -J admin@192.0.2.9:2022,x@hop:23 -- 10.9.9.9 uptime" ]]
	run mroom connect -C -l root -p 22 -J none -i /k/x --host-key strict far
	[[ $output == *"-o StrictHostKeyChecking=yes"*" -l root -p 22 -i /k/x -i '/k/a b' -J none -- 10.9.9.9" ]]
}

@test "a login begins in its home directory" {
	mkdir "$BATS_TEST_TMPDIR/some where"
	mroom inventory home -q web-01 "$BATS_TEST_TMPDIR/some where" >/dev/null
	run script -qec 'mroom connect web-01' /dev/null <<<$'pwd; echo "at=$PWD="; exit\n'
	echo "$output"
	[[ $output == *"at=$BATS_TEST_TMPDIR/some where="* ]]
}

@test "the sealed password reaches ssh, and stands in no argument and no environment" {
	lab_password_user
	printf '%s\n' "$LAB_PASSWORD" >pw
	chmod 600 pw
	mroom inventory set -q web-01 --user "$LAB_PASSWORD_USER" --key '' --password-file pw >/dev/null
	run mroom connect web-01 -- id -un
	echo "$output"
	[ "$output" = "$LAB_PASSWORD_USER" ]
	# looked at while it runs
	env -u LAB_PASSWORD mroom connect web-01 -- 'echo begun; exec sleep 30' >said 3>&- &
	local pid=$!
	lab_wait 'grep -q begun said'
	[ "$(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -d' ' -f1)" = ssh ]
	run grep -cF -- "$LAB_PASSWORD" "/proc/$pid/cmdline" "/proc/$pid/environ"
	kill "$pid"
	[ "$status" = 1 ]
	# the journal has none either
	run grep -cF -- "$LAB_PASSWORD" "$MROOM_HOME/mroom.db"
	[ "$output" = 0 ]
}

@test "a wrong password is offered once" {
	lab_password_user
	(umask 077 && echo wrong >pw)
	mroom inventory set -q web-01 --user "$LAB_PASSWORD_USER" --key '' --password-file pw >/dev/null
	run timeout 60 mroom connect web-01 -- id -un
	[ "$status" = 255 ]
	[[ $output == *"Permission denied"* ]]
}

@test "the helper answers only the login's own question" {
	(umask 077 && echo sesame >pw)
	mroom inventory set -q web-01 --user u --password-file pw >/dev/null
	export MROOM_CONNECT_FOR=web-01 MROOM_CONNECT_LOGIN=u@127.1.0.1
	[ "$(mroom-connect "u@127.1.0.1's password: ")" = sesame ]
	[ "$(mroom-connect '(u@127.1.0.1) Password: ')" = sesame ]
	for question in "u@evil's password: " '(u@127.1.0.1) Verification code: ' 'Enter PIN for key: '; do
		run setsid -w mroom-connect "$question" </dev/null
		[ "$status" != 0 ]
		[[ $output != *sesame* ]]
	done
}

@test "a host key that is not known is refused when strict, learned into our file otherwise" {
	rm "$MROOM_HOME/known_hosts"
	run mroom connect --host-key strict web-01 -- true
	[ "$status" = 255 ]
	run mroom connect --host-key accept-new web-01 -- echo there
	[[ $output == *there ]]
	grep -q . "$MROOM_HOME/known_hosts"
}

@test "a server behind a tunnel that cannot come up is not reached past it" {
	printf '#vpn--WIREGUARD--127.0.0.1:9----\nweb-09--%s--%s----%s--%s\n' "$(lab_address 1)" "$LAB_USER" "$LAB_PORT" \
		"$LAB_KEY" | mroom inventory import - --room tunnelled -q >/dev/null
	run mroom connect web-09 -- echo there
	[ "$status" != 0 ]
	[[ $output != *there* ]]
	run mroom connect --no-tunnel web-09 -- echo there
	[ "$output" = there ]
}

@test "the journal says who went where" {
	mroom connect web-01 -- true
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" "SELECT command FROM run WHERE tool = 'connect'")" = "web-01 true" ]
}

@test "addresses and mistakes" {
	run mroom connect -l "$LAB_USER" -i "$LAB_KEY" "$(lab_address 3):$LAB_PORT" -- echo there
	[ "$output" = there ]
	run mroom connect
	[ "$status" = 2 ]
	run mroom connect web-01,web-02
	[ "$status" = 2 ]
	run mroom connect nosuch
	[ "$status" = 2 ]
}
