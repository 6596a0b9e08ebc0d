#!/usr/bin/env bats
# Sealed secrets: set, listed, removed, sealed under a new key; keys and passwords that a command gives.
# shellcheck disable=SC2154 # stderr is what run --separate-stderr sets

load lib/lab

bats_require_minimum_version 1.5.0

setup() {
	lab_home
	db=$MROOM_HOME/mroom.db
	cd "$BATS_TEST_TMPDIR" || return
	printf 'web-01--h--u--first-pw\nweb-02--h--u\n' >p.txt
	mroom inventory import p.txt -q >/dev/null
}

secret() {
	mroom-state secret "$@"
}

# Whether the sealed password is this one: an import of the same changes nothing.
is_password() {
	printf '%s--h--u--%s\n' "$1" "$2" >same.txt
	[ -z "$(mroom inventory import same.txt --room p -C -o tsv 2>/dev/null | grep password)" ]
}

@test "a secret comes from a pipe or a file, and is listed but never shown" {
	echo piped-pw | secret set web-02
	is_password web-02 piped-pw
	(umask 077 && echo filed-pw >pw)
	secret set web-02 --file pw
	is_password web-02 filed-pw
	run ! is_password web-02 other
	echo open-sesame | secret set -K key-passphrase /root/.ssh/id_x
	[ "$(secret ls | cut -f1,2)" = "/root/.ssh/id_x	key-passphrase
web-01	server-password
web-02	server-password" ]
	secret rm web-02
	[ "$(secret ls | cut -f1 | paste -sd' ')" = "/root/.ssh/id_x web-01" ]
	run ! grep -rE 'piped-pw|filed-pw|open-sesame|first-pw' "$MROOM_HOME"
}

@test "what cannot be a secret is refused" {
	chmod 644 p.txt
	run --separate-stderr secret set web-01 --file p.txt
	[ "$status" = 2 ]
	run --separate-stderr secret set web-09 </dev/null
	[ "$status" = 2 ]
	[[ $stderr == *"no server 'web-09'"* ]]
	run --separate-stderr secret set web-01 </dev/null
	[ "$status" = 2 ]
	[[ $stderr == *"an empty secret"* ]]
	is_password web-01 first-pw
}

@test "rekey seals everything under a new key, and the old one opens nothing any more" {
	echo two | secret set web-02
	cp "$MROOM_HOME/secret.key" old.key
	run --separate-stderr secret rekey
	[ "$stderr" = "2 secrets sealed anew" ]
	run ! cmp -s old.key "$MROOM_HOME/secret.key"
	[ "$(stat -c %a "$MROOM_HOME/secret.key")" = 600 ]
	[ "$(find "$MROOM_HOME" -name 'secret.key*' | wc -l)" = 1 ]
	is_password web-01 first-pw
	is_password web-02 two
	cp old.key "$MROOM_HOME/secret.key"
	run ! is_password web-01 first-pw
}

@test "a rekey that was cut short is finished by the next" {
	cp "$MROOM_HOME/secret.key" "$MROOM_HOME/secret.key.old"
	head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >new.key
	echo >>new.key
	chmod 600 new.key
	mv new.key "$MROOM_HOME/secret.key"
	is_password web-01 first-pw
	echo two | secret set web-02
	secret rekey 2>/dev/null
	is_password web-01 first-pw
	is_password web-02 two
	[ "$(find "$MROOM_HOME" -name 'secret.key*' | wc -l)" = 1 ]
}

@test "kill -9 of a rekey at any moment loses no secret" {
	for ((i = 0; i < 300; i++)); do
		printf 'h-%03d--h--u--pw-%d\n' "$i" "$i"
	done >many.txt
	mroom inventory import many.txt -q >/dev/null
	count=$(rounds 40)
	for ((round = 0; round < count; round++)); do
		mroom-state secret rekey >/dev/null 2>&1 3>&- &
		pid=$!
		disown "$pid"
		sleep "0.0$((RANDOM % 5))$((RANDOM % 10))"
		kill -9 "$pid" 2>/dev/null || true
		lab_wait "! kill -0 $pid 2>/dev/null"
		[ "$(mroom inventory import many.txt -C -o tsv 2>/dev/null)" = "" ]
	done
	mroom state check
}

@test "who seals while a new key is made takes the new key" {
	for ((i = 0; i < 10; i++)); do
		for ((j = 0; j < 5; j++)); do
			echo "pw-$i-$j" | mroom-state secret set -K tunnel-password "t-$i-$j"
		done 2>"said.$i" 3>&- &
	done
	for ((j = 0; j < 5; j++)); do
		secret rekey 2>/dev/null
	done
	wait
	[ -z "$(cat said.*)" ]
	# All of them open: a rekey opens each.
	run --separate-stderr secret rekey
	[ "$stderr" = "51 secrets sealed anew" ]
}

@test "the key may come from a command" {
	cp "$MROOM_HOME/secret.key" elsewhere
	rm "$MROOM_HOME/secret.key"
	export MROOM_SECRET_KEY_COMMAND="cat $PWD/elsewhere"
	is_password web-01 first-pw
	echo two | secret set web-02
	[ ! -e "$MROOM_HOME/secret.key" ]
	run --separate-stderr secret rekey
	[ "$status" = 2 ]
	[[ $stderr == *"name it with --to"* ]]
	(umask 077 && head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' >next)
	secret rekey --to next 2>/dev/null
	run ! is_password web-01 first-pw
	MROOM_SECRET_KEY_COMMAND="cat $PWD/next" is_password web-01 first-pw
	MROOM_SECRET_KEY_COMMAND='echo short' run --separate-stderr secret rekey --to next
	[ "$status" = 2 ]
	[[ $stderr == *"[secret] key_command: it did not print a key"* ]]
	MROOM_SECRET_KEY_COMMAND='exit 3' run --separate-stderr secret rekey --to next
	[[ $stderr == *"exit status 3"* ]]
}
