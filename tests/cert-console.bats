#!/usr/bin/env bats
# mroom cert on the console alone: keys are made and looked over.

load lib/lab

setup() {
	lab_home
	work=$BATS_TEST_TMPDIR
}

@test "keygen makes an ed25519 key known by the key feature, and overwrites nothing" {
	MROOM_IDENTITY_KEY_FEATURE='me@desk' run mroom cert keygen
	echo "$output"
	[ "$status" = 0 ]
	[[ $(cat "$HOME/.ssh/id_ed25519.pub") == "ssh-ed25519 "*" me@desk" ]]
	[ "$(stat -c %a "$HOME/.ssh" "$HOME/.ssh/id_ed25519")" = "700
600" ]
	cp "$HOME/.ssh/id_ed25519" "$work/before"
	run mroom cert keygen
	[ "$status" = 2 ]
	[[ $output == *"is there already"* ]]
	cmp "$work/before" "$HOME/.ssh/id_ed25519"
	mroom cert keygen "$work/other" --comment 'a  b'
	[ "$(cut -d' ' -f3- "$work/other.pub")" = 'a  b' ]
}

@test "doctor finds open modes, weak types and missing halves, and mends what it can" {
	mroom cert keygen >/dev/null
	mroom cert doctor
	ssh-keygen -q -t rsa -b 2048 -N '' -f "$HOME/.ssh/weak"
	ssh-keygen -q -t ed25519 -N '' -f "$HOME/.ssh/half"
	rm "$HOME/.ssh/half"
	ssh-keygen -q -t ed25519 -N '' -f "$HOME/.ssh/lone"
	cp "$HOME/.ssh/lone.pub" "$work"
	rm "$HOME/.ssh/lone.pub"
	chmod 644 "$HOME/.ssh/id_ed25519"
	chmod 777 "$HOME/.ssh"
	run mroom cert doctor
	echo "$output"
	[ "$status" = 1 ]
	[ "$(sort <<<"$output")" = "$HOME/.ssh	bad	mode 777 is open to others (700 is right)
$HOME/.ssh/half.pub	bad	its private half is missing (in an agent, or lost)
$HOME/.ssh/id_ed25519	bad	mode 644 is open to others (600 is right)
$HOME/.ssh/lone	bad	its public half is missing
$HOME/.ssh/weak.pub	bad	RSA of 2048 bits is weak (3072 or more, better ed25519)" ]
	run mroom cert doctor --fix
	[[ $output == *"id_ed25519	fixed"* ]]
	[[ $output == *"lone	fixed"* ]]
	[ "$(cut -d' ' -f1,2 "$HOME/.ssh/lone.pub")" = "$(cut -d' ' -f1,2 "$work/lone.pub")" ]
	[ "$(stat -c %a "$HOME/.ssh" "$HOME/.ssh/id_ed25519")" = "700
600" ]
	rm "$HOME/.ssh/half.pub" "$HOME/.ssh/weak"*
	mroom cert doctor
}

@test "keygen prints a record, whatever the file is called" {
	[ "$(mroom cert keygen "$BATS_TEST_TMPDIR/a"$'\n'b | wc -l)" = 1 ]
	[ "$(mroom cert keygen "$BATS_TEST_TMPDIR/c"$'\t'd | awk -F '\t' '{ print NF }')" = 3 ]
}
