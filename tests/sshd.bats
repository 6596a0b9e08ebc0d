#!/usr/bin/env bats
# The lab's own sshd, which mroom demo starts too: it leaves the system as it found it.

load lib/lab

setup() {
	lab_home
	export D=$BATS_TEST_TMPDIR/servers
	mkdir -p "$D/1" "$D/2"
	chmod 755 "$BATS_TEST_TMPDIR" "$D"
	ssh-keygen -q -t ed25519 -N '' -f "$D/key"
	cp "$D/key.pub" "$D/1/authorized_keys"
	cp "$D/key.pub" "$D/2/authorized_keys"
	cat >"$D/ssh" <<-'SH'
	#!/bin/sh
	exec ssh -F none -i "$D/key" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
		-o BatchMode=yes -p "$(cat "$D/$1/port")" 127.0.0.1 "$2"
	SH
	chmod +x "$D/ssh"
}

teardown() {
	for i in 1 2; do
		"$MROOM_TOP/tests/lib/sshd" stop "$D/$i" || true
	done
}

# What of the system a server might change.
system() {
	sort /etc/passwd /etc/group /etc/shadow /etc/gshadow
	ls -d /run/sshd /run/mroom-sshd 2>/dev/null || true
}

@test "a server changes nothing of the system, and notes logins in none of its logs" {
	require namespaces
	local log
	system >"$BATS_TEST_TMPDIR/before"
	"$MROOM_TOP/tests/lib/sshd" start "$D/1" 3>&-
	[ "$("$D/ssh" 1 'echo in')" = in ]
	for log in /var/log/wtmp /var/log/btmp /var/log/lastlog /run/utmp; do
		[ ! -f "$log" ] || [ "$("$D/ssh" 1 "stat -c %d:%i $log")" != "$(stat -c %d:%i "$log")" ]
	done
	"$MROOM_TOP/tests/lib/sshd" stop "$D/1"
	system | diff "$BATS_TEST_TMPDIR/before" -
}

# A system as a container without privileges has it: root, no namespaces, no user sshd, no /run/sshd.
@test "where root has no namespaces, what sshd needs is lent while one runs, and then gone" {
	require namespaces setpriv useradd
	cp -a /etc "$BATS_TEST_TMPDIR/etc"
	sed -i '/^sshd:/d' "$BATS_TEST_TMPDIR/etc/passwd" "$BATS_TEST_TMPDIR/etc/shadow"
	cat >"$BATS_TEST_TMPDIR/rounds" <<-'SH'
		set -ex
		! unshare -m true 2>/dev/null
		sshd=$MROOM_TOP/tests/lib/sshd
		sort /etc/passwd /etc/shadow /etc/group >"$D/before"
		"$sshd" start "$D/1"
		"$sshd" start "$D/2"
		[ "$("$D/ssh" 1 'echo first')" = first ]
		"$sshd" stop "$D/1"
		[ "$("$D/ssh" 2 'echo second')" = second ]
		id sshd
		# One that was killed does not keep it.
		kill -9 "$(cat "$D/2/pid")"
		"$sshd" start "$D/1"
		[ "$("$D/ssh" 1 'echo third')" = third ]
		"$sshd" stop "$D/1"
		sort /etc/passwd /etc/shadow /etc/group | diff "$D/before" -
		[ -z "$(ls /run)" ]
	SH
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m --propagation private sh -ec '
		mount --bind "$1/etc" /etc
		mount -t tmpfs -o mode=755 tmpfs /run
		exec setpriv --bounding-set -sys_admin --inh-caps -sys_admin sh "$1/rounds"' sh "$BATS_TEST_TMPDIR" 3>&-
}
