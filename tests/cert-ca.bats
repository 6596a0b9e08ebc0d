#!/usr/bin/env bats
# mroom cert ca: an authority signs keys, servers trust it once that is proven, and else are as they were.

load lib/lab

setup_file() {
	require root || return 0
	lab_dir
	mkdir "$LAB/sshd.d"
	lab_sshd_start "Include $LAB/sshd.d/*.conf"
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	work=$BATS_TEST_TMPDIR
	rm -f "$LAB"/sshd.d/* "$LAB"/mroom_user_ca.pub*
	lab_roster 1 "----$LAB_PORT" >"$work/lab.txt"
	lab_known_hosts 1 >"$MROOM_HOME/known_hosts"
	mroom inventory import "$work/lab.txt" >/dev/null 2>&1
	mroom cert ca init >/dev/null
	ssh-keygen -q -t ed25519 -N '' -C me -f "$work/me"
}

# Only by its certificate: the key itself is nowhere.
opens() {
	mroom exec -q -i "$work/me" -w web-01 -- true 2>/dev/null
}

@test "a signed key opens a server that trusts the authority, and no more once it does not" {
	[ "$(mroom cert ca sign --principals "$LAB_USER" --valid 1d "$work/me.pub")" = "$work/me-cert.pub" ]
	ssh-keygen -Lf "$work/me-cert.pub" | grep -qF "Key ID: \"me\""
	refute opens
	run mroom cert ca trust -i "$LAB_KEY" --proof "$work/me-cert.pub" web-01
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"web-01	trusts"* ]]
	opens
	[ "$(cat "$LAB/sshd.d/60-mroom-ca.conf")" = "TrustedUserCAKeys $LAB/mroom_user_ca.pub" ]
	run mroom cert ca trust -i "$LAB_KEY" --proof "$work/me-cert.pub" web-01
	[[ $output == *"web-01	trusted already"* ]]
	run mroom cert ca untrust -i "$LAB_KEY" web-01
	[[ $output == *"web-01	untrusted"* ]]
	refute opens
	[ ! -e "$LAB/sshd.d/60-mroom-ca.conf" ]
	run mroom cert ca untrust -i "$LAB_KEY" web-01
	[[ $output == *"did not trust it"* ]]
}

@test "a certificate that does not open the server takes the trust back" {
	mroom cert ca sign --principals nobody "$work/me.pub" >/dev/null
	run mroom cert ca trust -i "$LAB_KEY" --proof "$work/me-cert.pub" web-01
	echo "$output"
	[ "$status" = 4 ]
	[[ $output == *"web-01	rolled back	the certificate did not open it: denied"* ]]
	[ ! -e "$LAB/sshd.d/60-mroom-ca.conf" ]
	[ ! -e "$LAB/mroom_user_ca.pub" ]
	mroom exec -q -i "$LAB_KEY" -w web-01 -- true
}

@test "a proof that cannot even be tried takes the trust back as well" {
	local proof
	mroom cert ca sign --principals "$LAB_USER" "$work/me.pub" >/dev/null
	mkdir "$work/locked"
	ssh-keygen -q -t ed25519 -N sesame -f "$work/locked/me"
	mroom cert ca sign --principals "$LAB_USER" "$work/locked/me.pub" >/dev/null
	for proof in "$work/nowhere-cert.pub" "$work/locked/me-cert.pub"; do
		run mroom cert ca trust -i "$LAB_KEY" --proof "$proof" web-01 </dev/null
		echo "$output"
		[ "$status" -ne 0 ]
		[ ! -e "$LAB/sshd.d/60-mroom-ca.conf" ]
		[ ! -e "$LAB/mroom_user_ca.pub" ]
	done
}

@test "a trust that was there stays, whoever fails to prove it" {
	mroom cert ca sign --principals "$LAB_USER" "$work/me.pub" >/dev/null
	mroom cert ca trust -i "$LAB_KEY" --proof "$work/me-cert.pub" web-01
	ssh-keygen -q -t ed25519 -N '' -f "$work/you"
	mroom cert ca sign --principals nobody "$work/you.pub" >/dev/null
	run mroom cert ca trust -i "$LAB_KEY" --proof "$work/you-cert.pub" web-01
	[ "$status" = 4 ]
	[[ $output == *"web-01	unproven	the certificate did not open it: denied"* ]]
	opens
	[ "$(cd "$LAB" && echo sshd.d/* mroom_user_ca.pub*)" = "sshd.d/60-mroom-ca.conf mroom_user_ca.pub" ]
}

@test "a configuration that sshd refuses is never put in force, and a foreign authority is left alone" {
	mroom cert ca sign --principals "$LAB_USER" "$work/me.pub" >/dev/null
	echo 'Nonsense yes' >"$LAB/sshd.d/99.conf"
	run mroom cert ca trust -i "$LAB_KEY" --proof "$work/me-cert.pub" web-01
	[ "$status" = 1 ]
	[[ $output == *"sshd would not start with it"* ]]
	[ "$(ls "$LAB/sshd.d")" = 99.conf ]
	echo 'TrustedUserCAKeys /etc/other' >"$LAB/sshd.d/99.conf"
	run mroom cert ca trust -i "$LAB_KEY" --proof "$work/me-cert.pub" web-01
	[[ $output == *"another TrustedUserCAKeys is in force already: /etc/other"* ]]
}

@test "what was signed is listed, and what expires soon" {
	mroom cert ca sign --principals root,deploy --valid 30d --id long "$work/me.pub" >/dev/null
	mroom cert ca sign --principals root --valid 1h --id short "$work/me.pub" >/dev/null
	[ "$(mroom cert ca ls --columns key_id,principals,state)" = "long	root,deploy	valid
short	root	valid" ]
	[ "$(mroom cert ca ls --within 1d --columns key_id)" = short ]
	run mroom cert ca sign "$work/me.pub"
	[ "$status" = 2 ]
	run mroom cert ca init
	[ "$status" = 2 ]
}
