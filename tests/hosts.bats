#!/usr/bin/env bats
# mroom cert hosts: one review of the host keys that runs have met.

load lib/lab

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	work=$BATS_TEST_TMPDIR
	known=$MROOM_HOME/known_hosts
}

# What stands for web-01, web-02 in the review.
review() {
	mroom cert hosts review --columns id,state,fingerprint,known "$@"
}

fingerprint() {
	ssh-keygen -lf "$1" | cut -d' ' -f2
}

@test "new keys of a run wait for one review, and accepting them lets everybody in" {
	lab_room 3
	: >"$known"
	run mroom exec -a -- true
	[ "$status" = 4 ]
	[[ $output == *"3 host keys wait for a review (mroom cert hosts review)"* ]]
	new=$(fingerprint "$LAB/host_ed25519.pub")
	[ "$(review)" = "web-01	new	$new	
web-02	new	$new	
web-03	new	$new	" ]
	[ "$(mroom cert hosts accept web-02 --columns id)" = web-02 ]
	[ "$(wc -l <"$known")" = 1 ]
	[ "$(review --columns id)" = "web-01
web-03" ]
	mroom cert hosts accept --all-new
	[ "$(review)" = "" ]
	mroom exec -a -- true
}

@test "a changed key shows both, is not taken by --all-new, and replaces the old one when named" {
	lab_room 2
	ssh-keygen -q -t ed25519 -N '' -f "$work/other"
	{
		echo "[127.1.0.1]:$LAB_PORT $(cut -d' ' -f1,2 "$work/other.pub")"
		lab_known_hosts 2 | grep 127.1.0.2
	} >"$known"
	run mroom exec -a -- true
	[ "$status" = 4 ]
	[[ $output == *"mroom cert hosts accept"* ]]
	new=$(fingerprint "$LAB/host_ed25519.pub") old=$(fingerprint "$work/other.pub")
	[ "$(review)" = "web-01	changed	$new	$old" ]
	[ "$(mroom cert hosts review --columns where)" = "$known:1" ]
	mroom cert hosts accept --all-new
	[ "$(review)" = "web-01	changed	$new	$old" ]
	mroom cert hosts accept "$new"
	refute grep -F "$(cut -d' ' -f2 "$work/other.pub")" "$known"
	mroom exec -a -- true
}

@test "a key that accept-new learned is in the review too" {
	lab_room 1
	: >"$known"
	run mroom exec --host-key accept-new -a -- true
	[ "$status" = 0 ]
	[[ $output != *review* ]]
	[ "$(mroom cert hosts review --columns id,state)" = "web-01	learned" ]
	mroom cert hosts accept web-01
	[ "$(wc -l <"$known")" = 1 ]
	[ "$(review)" = "" ]
}

@test "accepting what does not wait is a mistake, and then nothing is accepted" {
	lab_room 2
	: >"$known"
	run mroom exec -a -- true
	run mroom cert hosts accept web-01 web-99
	[ "$status" = 2 ]
	[[ $output == *"'web-99': no host key"* ]]
	[ ! -s "$known" ]
	run mroom cert hosts accept
	[ "$status" = 2 ]
}

@test "ls and export tell what is known, hashed names too" {
	lab_room 2
	ssh-keygen -q -H -f "$known"
	rm -f "$known.old"
	new=$(fingerprint "$LAB/host_ed25519.pub")
	mroom cert hosts ls web-02 | grep -F "web-02	127.1.0.2	$LAB_PORT	ssh-ed25519	$new	$known	"
	mroom cert hosts export | sort >"$work/exported"
	lab_known_hosts 2 | sort | diff - "$work/exported"
}

@test "forget takes a server out, hashed or one of several names, and leaves the others" {
	lab_room 3
	ed=$(cut -d' ' -f1,2 "$LAB/host_ed25519.pub")
	{
		echo '# mine'
		echo "[127.1.0.1]:$LAB_PORT,[127.1.0.2]:$LAB_PORT $ed"
		echo "@revoked [127.1.0.1]:$LAB_PORT $(cut -d' ' -f1,2 "$LAB/host_ecdsa.pub")"
		lab_known_hosts 3 | grep 127.1.0.3
	} >"$known"
	run mroom cert hosts forget web-01
	[[ $output == *"1 server: 1 key forgotten"* ]]
	{
		echo '# mine'
		echo "[127.1.0.2]:$LAB_PORT $ed"
		echo "@revoked [127.1.0.1]:$LAB_PORT $(cut -d' ' -f1,2 "$LAB/host_ecdsa.pub")"
		lab_known_hosts 3 | grep 127.1.0.3
	} | diff - "$known"
	ssh-keygen -q -H -f "$known" 2>/dev/null
	mroom cert hosts forget web-03
	run mroom exec -w web-03 -- true
	[ "$status" = 4 ]
	mroom exec -w web-02 -- true
}

@test "import learns a file once, and refuses a key that differs" {
	lab_room 2
	: >"$known"
	lab_known_hosts 2 >"$work/keys"
	echo "@cert-authority *.lab $(cut -d' ' -f1,2 "$LAB/host_ecdsa.pub")" >>"$work/keys"
	run mroom cert hosts import "$work/keys"
	[ "$status" = 0 ]
	[[ $output == *"5 added, 0 known already, 0 changed, 0 malformed"* ]]
	run mroom cert hosts import - <"$work/keys"
	[[ $output == *"0 added, 5 known already"* ]]
	diff "$work/keys" "$known"
	ssh-keygen -q -t ed25519 -N '' -f "$work/other"
	printf '[127.1.0.1]:%s %s\nrubbish\n' "$LAB_PORT" "$(cut -d' ' -f1,2 "$work/other.pub")" >"$work/bad"
	run mroom cert hosts import "$work/bad"
	[ "$status" = 2 ]
	[[ $output == *"bad:1: 127.1.0.1 is known by another key"* ]]
	[[ $output == *"bad:2: no line of a known_hosts file"* ]]
	diff "$work/keys" "$known"
	mroom exec -a -- true
}
