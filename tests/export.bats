#!/usr/bin/env bats
# mroom inventory export: what other tools read, and what import reads back.
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
	cd "$BATS_TEST_TMPDIR" || return
}

inventory() {
	mroom-inventory "$@"
}

# A room with something in every field that a roster has.
roster() {
	cat <<-'END'
		gate--203.0.113.7--admin----2222--~/.ssh/gate
		v6--[2001:db8::1]--root----22
		---------
		x---xn--bcher-kva.example---root------22
		#vpn--WIREGUARD--gate.example:51820----
		web-01--10.0.0.1--root--pw--22
		web-02--10.0.0.2--root--with--22--/k/a b
		#other--SSH--h.example--user--
		db-01——10.0.1.1——root——-dash--es-——22
	END
}

room() {
	roster | sed '/^---------$/d' >room.txt
	inventory import room.txt -q
}

# Exports as $1 with the options that follow, imports that in an empty home, exports again: the same bytes.
round_trip() {
	local form=$1
	shift
	inventory export -y -q --format "$form" "$@" >"first.$form"
	[ -s "first.$form" ]
	mkdir -m 700 "again.$form"
	MROOM_HOME=$PWD/again.$form inventory import "first.$form" --room room -q --format "$form" >/dev/null
	MROOM_HOME=$PWD/again.$form inventory export -y -q --format "$form" "$@" | sed "s#$PWD/again.$form#$MROOM_HOME#" |
		diff "first.$form" -
}

@test "a room comes back the same, byte for byte, from a roster with its passwords" {
	room
	round_trip roster --secrets
	grep -q 'pw' first.roster
	# and not only what is exported: all that is listed
	MROOM_HOME=$PWD/again.roster inventory ls --json >again
	inventory ls --json | diff - again
	round_trip_secret=$(MROOM_HOME=$PWD/again.roster inventory export --secrets -y --format csv db-01)
	[[ $round_trip_secret == *'-dash--es-'* ]]
}

@test "a room comes back the same from JSON and CSV, with tags, state and what is retired" {
	room
	inventory set -q web-01 --description 'one, "quoted"' --tags a,b >/dev/null
	inventory home -q db-01 /srv >/dev/null
	inventory retire -q web-02 >/dev/null
	sqlite3 "$MROOM_HOME/mroom.db" "INSERT INTO state SELECT row, 'ports', '[22,80]', 0, 'test' FROM server WHERE id = 'web-01'"
	round_trip json --secrets --retired
	round_trip csv --secrets --retired
	MROOM_HOME=$PWD/again.json inventory ls --json --retired >again
	inventory ls --json --retired | diff - again
	grep -q '"state":{"ports":\[22,80\]}' first.json
}

@test "several rooms come back from one JSON file" {
	room
	echo 'lone--10.9.9.9--root' | inventory import - --room zoo -q
	inventory add free 10.9.9.8
	inventory export >all.jsonl
	mkdir -m 700 empty
	MROOM_HOME=$PWD/empty inventory import all.jsonl -q >/dev/null
	MROOM_HOME=$PWD/empty inventory ls --json >again
	inventory ls --json | diff - again
}

@test "a room comes back from hosts and Ansible as far as these can carry it" {
	room
	inventory set -q @room --tunnel '' --user root --port 22 --key '' >/dev/null
	inventory rm -q -y x >/dev/null
	round_trip hosts
	round_trip ansible --secrets
	MROOM_HOME=$PWD/again.ansible inventory ls --json >again
	inventory ls --json | diff - again
}

@test "what a form cannot carry is said and left out" {
	room
	inventory add name host.example
	run --separate-stderr inventory export --format hosts name v6
	[ "$output" = "2001:db8::1	v6" ]
	[ "$stderr" = "name: left out: its host is a name, not an address" ]
	run --separate-stderr inventory export --format roster name
	[ "$output" = "" ]
	[[ $stderr == *"a roster needs a user"* ]]
	run --separate-stderr inventory export --format roster web-01 v6
	[[ $stderr == *"v6: left out: it has no tunnel, but stands behind one that has"* ]]
	inventory add behind 10.0.0.9 -l root -J gate >added
	run --separate-stderr inventory export --format roster behind
	[ "$output" = "behind--10.0.0.9--root----22" ]
	[ "$stderr" = "behind: left out: its jump hosts" ]
	run --separate-stderr inventory export --format roster gate
	[ "$stderr" = "" ]
}

@test "no secrets unless asked for, and then into a closed file only" {
	room
	for form in roster ssh_config ansible json csv hosts; do
		run inventory export --format $form
		[[ $output != *pw* && $output != *-dash--es-* ]]
	done
	run inventory export --secrets
	[ "$status" = 2 ]
	inventory export --secrets --file out.json
	[ "$(stat -c %a out.json)" = 600 ]
	grep -q '"password":"pw"' out.json
	(umask 077 && inventory export --secrets --format csv >closed)
	grep -q ',pw$' closed
	inventory export --file open.json
	[ "$(stat -c %a open.json)" = 644 ]
}

@test "ssh -F reaches a server through what was exported" {
	lab_room 3
	inventory export --format ssh_config --file config
	run ssh -F config -o BatchMode=yes -o StrictHostKeyChecking=yes web-02 echo there
	echo "$output"
	[ "$output" = there ]
}

@test "ansible runs on every server of the dynamic inventory" {
	require ansible
	not_quick
	lab_room 3
	mroom inventory add -q other x 2>/dev/null || true
	inventory retire -q web-03 >/dev/null
	export ANSIBLE_HOST_KEY_CHECKING=True ANSIBLE_LOCAL_TEMP=$BATS_TEST_TMPDIR/ansible
	# shellcheck disable=SC2016 # the server's shell is to expand it
	run ansible -i "$(mroom --exec-path)/mroom-inventory-ansible" all -m raw -a 'echo ok-$((20 + 1))'
	echo "$output"
	[ "$status" = 0 ]
	[ "$(grep -c '^ok-21' <<<"$output")" = 2 ]
	run ansible -i "$(mroom --exec-path)/mroom-inventory-ansible" lab --list-hosts
	[[ $output == *"hosts (2)"* ]]
}

@test "the dynamic inventory answers --host, and refuses other words" {
	room
	run mroom-inventory-ansible --host web-01
	[ "$(jq -r .ansible_host <<<"$output")" = 10.0.0.1 ]
	run mroom-inventory-ansible --list
	[ "$(jq -r '.room.hosts | length' <<<"$output")" = 6 ]
	[[ $output != *pw* ]]
	run mroom-inventory-ansible
	[ "$status" = 2 ]
	run mroom-inventory-ansible --host nosuch
	[ "$status" = 2 ]
}

@test "schedules come back whole from JSON: periods, and what is never due again" {
	printf '%s\n' web-01--10.0.0.1--root web-02--10.0.0.2--root web-03--10.0.0.3--root >r.txt
	mroom inventory import -q r.txt >/dev/null
	mroom state schedule backup --in 1h --every 90s -w web-01
	mroom state schedule backup --in 2h -w web-02
	mroom state done backup web-03
	mroom inventory export >all.json
	MROOM_HOME=$BATS_TEST_TMPDIR/other
	mkdir -m 700 "$MROOM_HOME"
	mroom inventory import -q all.json >/dev/null
	[ "$(mroom inventory export)" = "$(cat all.json)" ]
	[ "$(mroom state due backup)" = "" ]
	[ "$(mroom state schedule --columns id,every | cut -f1,2 | tr '\n' ' ')" = "web-01	90.000 web-02	 web-03	 " ]
	# a period that is not told stays
	echo '{"id":"web-01","host":"10.0.0.1","schedule":{"backup":1700000000}}' | mroom inventory import -q --room r - >/dev/null
	[ "$(mroom state schedule --columns id,every | grep web-01)" = "web-01	90.000" ]
	[ "$(mroom state due backup)" = web-01 ]
	for wrong in '"tomorrow"' 1e300 -1 '{"due":1,"every":0}' '{"due":[]}' true; do
		status=0
		echo '{"id":"web-01","host":"10.0.0.1","schedule":{"backup":'"$wrong"'}}' | mroom inventory import --room r - >/dev/null 2>err || status=$?
		[ "$status" = 2 ]
		grep -q '^standard input:1: web-01: its schedule is neither' err || { cat err; false; }
	done
}

@test "a key of any name, and the way by jump hosts, are what ssh and Ansible read" {
	require ssh
	inventory add gate al@192.0.2.7:2222
	inventory add odd 10.0.0.1 -l root --key "/k/it's #1"
	inventory add even 10.0.0.2 -l root -J 'gate,bob@192.0.2.8'
	inventory add bad 10.0.0.3 -l root --key '/k/a"b'
	inventory add worse 10.0.0.4 -l root --key '/k/a\b'
	run --separate-stderr inventory export --format ssh_config odd even bad worse
	[ "$stderr" = "bad: left out: ssh_config cannot hold its fields
worse: left out: ssh_config cannot hold its fields" ]
	echo "$output" >config
	ssh -F config -G odd | grep -qx "identityfile /k/it's #1"
	grep -qx '    ProxyJump gate,bob@192.0.2.8' config
	[ "$(inventory export --format ansible even | jq -r ._meta.hostvars.even.ansible_ssh_common_args)" = \
		"-o 'UserKnownHostsFile=$MROOM_HOME/known_hosts ~/.ssh/known_hosts ~/.ssh/known_hosts2' -o ProxyJump=al@192.0.2.7:2222,bob@192.0.2.8" ]
	inventory set -q --key /k/own gate >/dev/null
	run --separate-stderr inventory export --format ansible even
	[ "$stderr" = "even: left out: its jump hosts" ]
	for jump in '-x' 'a b' "a'b" $'a\nb'; do
		run inventory set -J "$jump" even
		[ "$status" = 2 ]
	done
}

@test "a tunnel that no roster can say costs the servers behind it, and nobody else" {
	printf 'id,host,user,tunnel\nfar,10.0.0.1,root,odd\nnear,10.0.0.2,root,\n' >t.csv
	inventory import -q --room r t.csv >/dev/null
	run --separate-stderr inventory export --format roster far near
	[ "$status" = 0 ]
	[ "$output" = "near--10.0.0.2--root----22" ]
	[ "$stderr" = "far: left out: a roster's line cannot say its tunnel" ]
}
