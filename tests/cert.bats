#!/usr/bin/env bats
# mroom cert: keys come, are proven, are replaced and go, and no authorized_keys is ever harmed.

load lib/lab

# Each address has a home and an authorized_keys of its own; so many there are.
HOSTS=201

host_config() {
	local i home
	for ((i = 1; i <= HOSTS; i++)); do
		home=$LAB/h/$i
		printf 'Match LocalAddress %s\nAuthorizedKeysFile %s/.ssh/authorized_keys %s\nSetEnv SHLVL=2 MROOM_LAB=%s HOME=%s\n' \
			"$(lab_address "$i")" "$home" "$LAB/backdoor/%u-$i" "$LAB" "$home"
		[ "$i" -ne 201 ] || echo 'ForceCommand echo forced'
	done
}

setup_file() {
	lab_dir
	mkdir "$LAB/h" "$LAB/backdoor"
	mapfile -t lines < <(host_config)
	lab_sshd_start "${lines[@]}"
	# Whoever is not root cannot ask sshd itself, nor read this: what holds for him is the default.
	chmod 600 "$LAB/config"
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	work=$BATS_TEST_TMPDIR
	ssh-keygen -q -t ed25519 -N '' -C 'new key' -f "$work/new"
	rm -rf "$LAB"/h/* "$LAB"/backdoor/*
}

keys() {
	echo "$LAB/h/$1/.ssh/authorized_keys"
}

# N servers that LAB_KEY opens: lines before and after it as strangers'.
doors() {
	local i
	for ((i = 1; i <= $1; i++)); do
		mkdir -p -m 700 "$LAB/h/$i/.ssh"
		{
			echo '# the keys of this host'
			cat "$LAB_KEY.pub"
		} >"$(keys "$i")"
		chmod 600 "$(keys "$i")"
	done
	lab_room "$1"
}

# Makes a directory read-only for the servers; and writable again.
frozen() {
	nsenter -t "$(cat "$LAB/pid")" -m sh -ec 'mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"' sh "$1"
}

thawed() {
	local each
	for each; do nsenter -t "$(cat "$LAB/pid")" -m umount "$each"; done
}

install() {
	mroom cert install --key "$work/new.pub" "$@"
}

result() {
	cut -f1,2 | sort
}

line() {
	cat "$work/new.pub"
}

@test "a key installed twice: one line more, proven, and the second run changes nothing and says so" {
	local count i
	count=$(rounds 200)
	doors "$count"
	cp -a "$LAB/h" "$work/before"
	run install -a
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"$count servers: $count installed"* ]]
	for ((i = 1; i <= count; i++)); do
		cat "$work/before/$i/.ssh/authorized_keys" "$work/new.pub" | cmp - "$(keys "$i")"
	done
	cp -a "$LAB/h" "$work/after"
	run install -a
	[ "$status" = 0 ]
	[[ $output == *"$count servers: $count present"* ]]
	diff -r "$work/after" "$LAB/h"
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" "select count(*) from state where key = 'identity_cert_installed' and value = 'true'")" = "$count" ]
}

@test "whatever stands in the file keeps its bytes" {
	doors 8
	printf 'command="echo \\"hi there\\"",from="127.0.0.0/8" %s\n\n   \n# end' "$(cat "$LAB_KEY_ECDSA.pub")" >>"$(keys 1)"
	sed -i 's/$/\r/' "$(keys 2)"
	printf '%s' "$(cat "$(keys 3)")" >"$work/short" && cp "$work/short" "$(keys 3)"
	{
		for ((i = 0; i < 5000; i++)); do
			echo "# comment $i"
			echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI$(printf '%035d' $i) user$i"
		done
	} >>"$(keys 4)"
	mkdir "$LAB/h/5/real"
	mv "$(keys 5)" "$LAB/h/5/real/keys"
	ln -s ../real/keys "$(keys 5)"
	chmod 400 "$(keys 6)"
	printf 'garbage \x01\xff %%s $(id) `id` \\n\n' >>"$(keys 7)"
	chmod 755 "$LAB/h/8/.ssh"
	chmod 644 "$(keys 8)"
	cp -a "$LAB/h" "$work/before"
	run install -a
	echo "$output"
	[ "$status" = 0 ]
	for i in 1 2 4 6 7 8; do
		{
			cat "$work/before/$i/.ssh/authorized_keys"
			[ $i != 1 ] || echo
			line
		} | cmp - "$(keys $i)"
	done
	{
		cat "$work/before/3/.ssh/authorized_keys"
		echo
		line
	} | cmp - "$(keys 3)"
	[ -L "$(keys 5)" ]
	cat "$work/before/5/real/keys" "$work/new.pub" | cmp - "$LAB/h/5/real/keys"
	[ "$(stat -c '%a %u' "$LAB/h/8/.ssh" "$(keys 8)" "$(keys 6)" | sort -u)" = "600 0
700 0" ]
	cp -a "$LAB/h" "$work/after"
	run install -a
	[[ $output == *"8 servers: 8 present"* ]]
	diff -r "$work/after" "$LAB/h"
}

@test "a key that stands there with options counts as present, one in a comment does not" {
	doors 2
	echo "command=\"echo a b\",no-pty $(line)" >>"$(keys 1)"
	echo "#$(line)" >>"$(keys 2)"
	run install --no-proof -a --columns id,result
	[[ $output == *"web-01	present"* ]]
	[[ $output == *"web-02	installed"* ]]
	[ "$(grep -c "$(cut -d' ' -f2 "$work/new.pub")" "$(keys 1)")" = 1 ]
}

@test "a password gets in, the key is made at home there, and opens it from then on" {
	lab_password_user
	rm -rf "$LAB/lab/.ssh"
	mkdir -p -m 755 "$LAB/h/1"
	chown lab "$LAB/h/1" 2>/dev/null || chown 64001 "$LAB/h/1"
	(umask 077 && printf '%s\n' "$LAB_PASSWORD" >"$work/pw")
	lab_known_hosts 1 >"$MROOM_HOME/known_hosts"
	mroom inventory add web-01 "lab@127.1.0.1:$LAB_PORT" --room lab
	run install --password-file "$work/pw" web-01
	echo "$output"
	[ "$status" = 0 ]
	[ "$(stat -c '%a %u' "$LAB/h/1/.ssh" "$(keys 1)")" = "700 64001
600 64001" ]
	[ "$(mroom exec -w web-01 -- id -un 2>/dev/null)" = "web-01	lab" ]
}

@test "each broken server has a clear outcome, and the others are done" {
	lab_password_user
	doors 7
	# 2: no home. 3: full disk. 4: ~/.ssh of another. 5: a directory in the file's place. 6: nobody listens. 201: forced.
	cp "$(keys 2)" "$LAB/backdoor/root-2"
	rm -rf "$LAB/h/2"
	nsenter -t "$(cat "$LAB/pid")" -m mount -t tmpfs -o size=8k,mode=755 tmpfs "$LAB/h/3"
	nsenter -t "$(cat "$LAB/pid")" -m sh -c "mkdir -m 700 '$LAB/h/3/.ssh'; cat '$LAB_KEY.pub' >'$(keys 3)'; cat /dev/zero >'$LAB/h/3/fill'" 2>/dev/null || true
	cp "$LAB_KEY.pub" "$LAB/backdoor/lab-4"
	chmod 644 "$LAB/backdoor/lab-4"
	mroom inventory set web-04 --user lab
	cp "$(keys 5)" "$LAB/backdoor/root-5"
	rm "$(keys 5)" && mkdir "$(keys 5)"
	mroom inventory set web-06 --port 1
	mkdir -p -m 700 "$LAB/h/201/.ssh"
	cp "$LAB_KEY.pub" "$(keys 201)"
	mroom inventory add forced "root@$(lab_address 201):$LAB_PORT" --key "$LAB_KEY"
	lab_known_hosts 201 >"$MROOM_HOME/known_hosts"
	status=0
	install -a --columns id,result,note >"$work/out" 2>"$work/err" || status=$?
	nsenter -t "$(cat "$LAB/pid")" -m umount "$LAB/h/3"
	cat "$work/out"
	[ "$status" = 4 ]
	grep -qP '^web-01\tinstalled' "$work/out"
	grep -qP '^web-02\tfailed\tfailed: the home directory .*/h/2 does not exist' "$work/out"
	grep -qP '^web-03\tfailed\tfailed: .*(disk full|no file can be made)' "$work/out"
	grep -qP '^web-04\tfailed\tfailed: .*/h/4/.ssh belongs to another user' "$work/out"
	grep -qP '^web-05\tfailed\tfailed: .*is no regular file' "$work/out"
	grep -qP '^web-06\tfailed\tunreachable: ' "$work/out"
	grep -qP '^web-07\tinstalled' "$work/out"
	grep -qP '^forced\tfailed\tfailed: the server ran a command of its own' "$work/out"
}

@test "dropbear with busybox takes a key and is opened by it" {
	lab_dropbear_start
	lab_roster 1 "----$LAB_DROPBEAR_PORT--$LAB_KEY" >"$work/lab.txt"
	mroom inventory import "$work/lab.txt" >/dev/null 2>&1
	run install --host-key accept-new -a
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"1 server: 1 installed"* ]]
	run install -a
	[[ $output == *"1 server: 1 present"* ]]
	[ "$(grep -c 'new key' "$LAB/home/.ssh/authorized_keys")" = 1 ]
}

@test "a key that is there and does not open is told" {
	doors 1
	echo "from=\"192.0.2.1\" $(line)" >>"$(keys 1)"
	run install web-01
	[ "$status" = 4 ]
	[[ $output == *"web-01	unproven	the key is there and does not open: denied"* ]]
	[ "$(mroom state ls web-01 2>/dev/null | grep -c identity_cert)" = 0 ]
}

@test "check, ls and matrix agree with what was prepared by hand" {
	doors 3
	line >>"$(keys 2)"
	echo "from=\"192.0.2.1\" $(line)" >>"$(keys 3)"
	echo "$(cut -d' ' -f1,2 "$LAB_KEY_RSA.pub") rsa@desk" >>"$(keys 3)"
	new=$(ssh-keygen -lf "$work/new.pub" | cut -d' ' -f2)
	lab=$(ssh-keygen -lf "$LAB_KEY.pub" | cut -d' ' -f2)
	rsa=$(ssh-keygen -lf "$LAB_KEY_RSA.pub" | cut -d' ' -f2)
	run mroom cert check --key "$work/new.pub" -a
	echo "$output"
	[[ $output == *"web-01	absent"* ]]
	[[ $output == *"web-02	works"* ]]
	[[ $output == *"web-03	present, does not work	denied"* ]]
	run mroom cert check --feature rsa@ -a --columns id,result
	[ "$status" = 1 ]
	[ "$(grep -P '^web' <<<"$output" | sort)" = "web-01	absent
web-02	absent
web-03	present" ]
	[ "$(mroom cert ls -a --columns id,fingerprint,type,bits,comment,options 2>/dev/null | sort -s -k1,1)" = "$(
		for i in 1 2 3; do
			echo "web-0$i	$lab	ssh-ed25519	256	lab	"
			[ $i != 2 ] || echo "web-0$i	$new	ssh-ed25519	256	new key	"
			[ $i != 3 ] || echo "web-0$i	$new	ssh-ed25519	256	new key	from=\"192.0.2.1\""
			[ $i != 3 ] || echo "web-0$i	$rsa	ssh-rsa	3072	rsa@desk	"
		done
	)" ]
	[ "$(mroom cert ls web-01 --columns since 2>/dev/null)" != "" ]
	MROOM_IDENTITY_KEY_DIR=$work run mroom cert matrix --prove -a --json
	echo "$output"
	jq -c . <<<"$(grep '^{' <<<"$output")" >/dev/null
	[ "$(grep -F "$new" <<<"$output" | jq -c '[.servers, .opens, .shut]')" = '[["web-02","web-03"],["web-02"],["web-03"]]' ]
	[ "$(grep -F "$lab" <<<"$output" | jq -c .servers)" = '["web-01","web-02","web-03"]' ]
	[ "$(mroom cert matrix -a 2>/dev/null | grep -F "$rsa")" = "web-03	$rsa	rsa@desk	yes" ]
	mroom cert matrix -a -o table 2>/dev/null | grep -F "$new" | grep -qE ' new key +yes +yes *$'
}

@test "a key that cannot be used here is told as untried, and no server is said to refuse it" {
	doors 1
	ssh-keygen -q -t ed25519 -N 'open sesame' -C locked -f "$work/locked"
	cat "$work/new.pub" "$work/locked.pub" >>"$(keys 1)"
	mv "$work/new" "$work/elsewhere"
	untried() {
		run mroom cert check --key "$work/$1.pub" web-01
		echo "$output"
		[ "$status" = 0 ]
		[[ $output == *"web-01	present, untried	"*"the key cannot be used here: no agent holds it"*"key $work/$1: $2"* ]]
		[[ $output != *"denied"* ]]
	}
	untried new 'No such file or directory'
	untried locked 'it needs a passphrase (try: ssh-add'
	lab_ssh_agent_start "$LAB_KEY_RSA"
	untried new 'No such file or directory'
	untried locked 'it needs a passphrase (try: ssh-add'
	MROOM_IDENTITY_KEY_DIR=$work mroom cert matrix --prove web-01 --columns comment,state >"$work/out"
	grep -qx 'locked	yes' "$work/out"
	run install web-01
	[[ $output == *"web-01	unproven	the key is there and was not tried: "* ]]
	ssh-add -q "$work/elsewhere"
	run mroom cert check --key "$work/new.pub" web-01
	[ "$status" = 0 ]
	[[ $output == *"web-01	works"* ]]
}

@test "remove takes a key out and nothing else, but not the one in use nor the last that works" {
	doors 3
	for i in 1 2 3; do line >>"$(keys $i)"; echo '# after' >>"$(keys $i)"; done
	cp "$LAB/backdoor"/* "$work" 2>/dev/null || true
	grep -v lab "$(keys 3)" >"$work/only" && cp "$work/only" "$(keys 3)"
	mroom inventory set web-03 --key "$work/new"
	cp -a "$LAB/h" "$work/before"
	run mroom cert remove --key "$work/new.pub" -a
	echo "$output"
	[ "$status" = 5 ]
	[[ $output == *"web-01	removed"* ]]
	[[ $output == *"web-02	removed"* ]]
	[[ $output == *"web-03	refused	mroom logs in with this key"* ]]
	for i in 1 2; do
		grep -vF "$(line)" "$work/before/$i/.ssh/authorized_keys" | cmp - "$(keys $i)"
	done
	cmp "$work/before/3/.ssh/authorized_keys" "$(keys 3)"
	run mroom cert remove --key "$work/new.pub" -a
	[[ $output == *"web-01	absent"* ]]
	# The last that works, though mroom came in by password.
	lab_password_user
	cp "$(keys 3)" "$LAB/backdoor/lab-3"
	chmod 644 "$LAB/backdoor/lab-3"
	mroom exec -w web-01 -- true
	run mroom cert remove --key "$LAB_KEY.pub" web-01
	[ "$status" = 5 ]
	[[ $output == *"web-01	refused"* ]]
	run mroom cert remove --force --key "$LAB_KEY.pub" web-01
	[ "$status" = 0 ]
	[[ $output == *"web-01	removed"* ]]
	refute grep -F "$(cut -d' ' -f2 "$LAB_KEY.pub")" "$(keys 1)"
}

@test "a key that was removed is forgotten, however it was named and remembered" {
	state() { mroom state ls "$1" --columns key 2>/dev/null | grep -E 'cert_' | sort | tr '\n' ' '; }
	doors 3
	ssh-keygen -q -t ed25519 -N '' -C 'other key' -f "$work/other"
	install -a
	mroom cert install --key "$work/other.pub" --name other -a
	install --name same web-02
	run mroom cert remove --feature 'new key' web-01
	[[ $output == *"web-01	removed"* ]]
	[ "$(state web-01)" = 'custom_cert_other ' ]
	run mroom cert remove --fingerprint "$(ssh-keygen -lf "$work/new.pub" | cut -d' ' -f2)" web-02
	[[ $output == *"web-02	removed"* ]]
	[ "$(state web-02)" = 'custom_cert_other ' ]
	run mroom cert remove --feature 'other key' web-03
	[[ $output == *"web-03	removed"* ]]
	[ "$(state web-03)" = 'identity_cert_installed local_cert_path ' ]
	# As the stage cert leaves it: of the usual key.
	mroom state unset web-03 local_cert_path
	mroom cert remove --feature other web-03
	[ "$(state web-03)" = 'identity_cert_installed ' ]
	MROOM_IDENTITY_PUBLIC_KEY=$work/new.pub run mroom cert remove --feature 'new key' web-03
	[[ $output == *"web-03	removed"* ]]
	[ -z "$(state web-03)" ]
}

@test "a key that was removed is the server's own no more, unless a certificate lies beside it" {
	doors 3
	for i in 1 2 3; do line >>"$(keys $i)"; done
	cp "$work/new" "$work/certified"
	cp "$work/new.pub" "$work/certified.pub"
	ssh-keygen -q -s "$LAB_KEY" -I me -n root "$work/certified.pub"
	mroom inventory set -q web-01 --key "$work/new"
	mroom inventory set -q web-02 --key "$work/certified"
	run mroom cert remove -i "$LAB_KEY" --feature 'new key' -a
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"web-01	removed	it was the server's key in the inventory ($work/new), which names none now"* ]]
	[ "$(mroom inventory show 'web-[01-03]' --columns key)" = "
$work/certified
$LAB_KEY" ]
	mroom exec -q -i "$LAB_KEY" -w web-01 -- true
}

@test "the last key that works is not removed although a password opens the server too" {
	lab_password_user
	mkdir -p -m 755 "$LAB/h/1"
	mkdir -m 700 "$LAB/h/1/.ssh"
	line >"$(keys 1)"
	chown -R 64001 "$LAB/h/1"
	(umask 077 && printf '%s\n' "$LAB_PASSWORD" >"$work/pw")
	lab_known_hosts 1 >"$MROOM_HOME/known_hosts"
	mroom inventory add web-01 "lab@127.1.0.1:$LAB_PORT"
	sed -i 's/^/# sole\n/' "$(keys 1)"
	run mroom cert remove --password-file "$work/pw" --key "$work/new.pub" web-01
	echo "$output"
	[ "$status" = 5 ]
	[[ $output == *"web-01	refused	no other key of yours opens this server"* ]]
	{
		echo '# sole'
		line
	} | cmp - "$(keys 1)"
}

@test "rotate: those that fail at any step stay open, the report says where each stands, --resume finishes them" {
	local count i good
	count=$(rounds 50)
	[ "$count" -ge 8 ] || count=8
	doors "$count"
	# 1: unreachable. 2: its file cannot be changed. 3: the new key is let in from elsewhere alone, until it is mended.
	# 4 and 5: the new key is there, and the file system read-only: the old one cannot be taken away.
	mroom inventory set web-01 --port 1
	rm "$(keys 2)" && mkdir "$(keys 2)" && cp "$LAB_KEY.pub" "$LAB/backdoor/root-2"
	echo "from=\"192.0.2.1\" $(line)" >>"$(keys 3)"
	for i in 4 5; do
		line >>"$(keys $i)"
		frozen "$LAB/h/$i/.ssh"
	done
	mroom inventory ls >"$work/ids"
	status=0
	mroom cert rotate --new "$work/new.pub" -a >"$work/out" 2>"$work/err" || status=$?
	cat "$work/out" "$work/err"
	[ "$status" = 4 ]
	grep -qP '^web-01\tbegun\tthe old key still opens it; the new one could not be added: unreachable' "$work/out"
	grep -qP '^web-02\tbegun\tthe old key still opens it; the new one could not be added: ' "$work/out"
	grep -qP '^web-03\tinstalled\tthe old key still opens it; the new one is there and was not let in: denied' "$work/out"
	for i in 4 5; do
		grep -qP "^web-0$i\tswitched\tthe new key opens it, and so may the old one; the old one was not removed: failed" "$work/out"
	done
	[ "$(grep -cP '^web-\d+\trotated' "$work/out")" = $((count - 5)) ]
	mroom inventory set web-01 --port "$LAB_PORT"
	mroom exec -i "$LAB_KEY" -w 'web-[01-05]' -- true
	[ "$(mroom exec -i "$LAB_KEY" -a --pass -- true 2>/dev/null | wc -l)" -ge 5 ]
	rmdir "$(keys 2)" && cp "$LAB_KEY.pub" "$(keys 2)"
	sed -i 's/^from="[^"]*" //' "$(keys 3)"
	thawed "$LAB/h/4/.ssh" "$LAB/h/5/.ssh"
	rm -f "$LAB/backdoor"/*
	run mroom cert rotate --resume
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"5 servers: 5 rotated"* ]]
	run mroom cert rotate --resume
	[[ $output == *"nothing to rotate"* ]]
	for ((i = 1; i <= count; i++)); do
		refute grep -qF "$(cut -d' ' -f2 "$LAB_KEY.pub")" "$(keys "$i")"
		[ "$(grep -cF "$(line)" "$(keys "$i")")" = 1 ]
	done
	mroom exec -a -- true
}

@test "off forgets here alone, and keys go by name too" {
	doors 1
	install web-01
	mroom state get web-01 local_cert_path | grep -qF "$work/new"
	cp "$(keys 1)" "$work/before"
	# The inventory's key is another one: there is nothing to say about it.
	run mroom cert off web-01
	[ "$output" = 'forgotten for 1 server' ]
	run mroom state get web-01 identity_cert_installed
	[ "$status" != 0 ]
	cmp "$work/before" "$(keys 1)"
	install --name deploy web-01
	mroom state get web-01 custom_cert_deploy
	mroom cert off --name deploy web-01
	run mroom state get web-01 custom_cert_deploy
	[ "$status" != 0 ]
	run install --name 'a b' web-01
	[ "$status" = 2 ]
}

@test "off leaves the inventory's key, which may be all that opens the server, and says so" {
	doors 2
	mroom inventory set -q --key '' web-01
	install -i "$LAB_KEY" web-01 web-02
	[ "$(mroom inventory show web-01 --columns key)" = "$work/new" ]
	run mroom cert off web-01 web-02
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"forgotten for 2 servers"*"1 of them keeps it as their key in the inventory"*"mroom inventory set --key ''"* ]]
	[ "$(mroom inventory show web-01 --columns key)" = "$work/new" ]
	mroom exec -q -w web-01 -- true
	run mroom cert off web-01
	[[ $output != *"inventory"* ]]
}

@test "retired servers are left out unless they are named" {
	doors 2
	mroom inventory retire web-02
	run install -a
	[[ $output == *"1 server: 1 installed"* ]]
	run install web-02
	[[ $output == *"1 server: 1 installed"* ]]
	[ "$(install --list -a)" = web-01 ]
}

# The file of host 1 is as it was, or that and the line.
whole() {
	cmp -s "$work/before" "$(keys 1)" || cat "$work/before" "$work/new.pub" | cmp "$(keys 1)" -
}

# The processes of this lab's servers that are at it.
scripts_there() {
	local file
	for file in $(grep -lzx "MROOM_LAB=$LAB" /proc/[0-9]*/environ 2>/dev/null); do
		! tr '\0' ' ' <"${file%environ}cmdline" 2>/dev/null | grep -q ' install ssh-ed25519' || cut -d/ -f3 <<<"$file"
	done
}

# One round: an install that dies after about $2 thousandths of a second, the way that $1 says.
interrupted() {
	local victim victim_there
	install --no-proof -q web-01 >/dev/null 2>&1 &
	victim=$!
	sleep "0.$(printf '%03d' "$2")"
	case $1 in
	console) kill -9 "$victim" ;;
	connection) pkill -9 -P "$(cat "$LAB/pid")" ;;
	script) for victim_there in $(scripts_there); do kill -9 "$victim_there"; done ;;
	esac
	wait "$victim" 2>/dev/null
	return 0
}

@test "interrupted at random moments no authorized_keys is harmed, and a rerun finishes" {
	local i how moment landed=0
	RANDOM=${MROOM_TEST_SEED:-1}
	doors 1
	{
		for ((i = 0; i < 2000; i++)); do
			echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI$(printf '%035d' "$i") user$i"
		done
	} >>"$(keys 1)"
	cp "$(keys 1)" "$work/before"
	for ((i = 0; i < $(rounds 100); i++)); do
		how=(console connection script)
		how=${how[i % 3]}
		moment=$((RANDOM % 250 + 20))
		interrupted "$how" "$moment" || true
		lab_wait '[ -z "$(scripts_there)" ]'
		whole || { echo "round $i: $how after $moment ms"; wc "$(keys 1)"; return 1; }
		cmp -s "$work/before" "$(keys 1)" || landed=$((landed + 1))
		[ "$(stat -c %a "$(keys 1)")" = 600 ]
		if [ $((i % 5)) = 0 ]; then
			install --no-proof web-01 >/dev/null 2>&1
			cat "$work/before" "$work/new.pub" | cmp "$(keys 1)" -
		fi
		# In one step: a server that was cut off may begin its script only now.
		command install -m 600 "$work/before" "$work/again"
		mv "$work/again" "$(keys 1)"
	done
	echo "# $landed of $i had landed before they were cut" >&3
	install web-01
	cat "$work/before" "$work/new.pub" | cmp "$(keys 1)" -
	[ "$(ls -A "$LAB/h/1/.ssh")" = authorized_keys ]
}

@test "many consoles at once add many keys, each once" {
	local i
	doors 1
	for i in 1 2 3 4 5 6; do
		ssh-keygen -q -t ed25519 -N '' -C "key $i" -f "$work/many$i"
		for _ in 1 2; do
			mroom cert install --no-proof --key "$work/many$i.pub" web-01 >/dev/null 2>"$work/err$i" &
		done
	done
	wait
	cat "$work"/err*
	for i in 1 2 3 4 5 6; do [ "$(grep -c "key $i\$" "$(keys 1)")" = 1 ]; done
	[ "$(wc -l <"$(keys 1)")" = 8 ]
	[ "$(ls -A "$LAB/h/1/.ssh")" = authorized_keys ]
}

@test "a full disk harms nothing wherever it strikes, and a rerun finishes once there is room" {
	local i size
	doors 1
	cp "$(keys 1)" "$work/start"
	{
		cat "$work/start"
		for ((i = 0; i < 300; i++)); do echo "# $i ................................................................"; done
	} >"$work/before"
	for ((i = 0; i < $(rounds 20); i++)); do
		nsenter -t "$(cat "$LAB/pid")" -m sh -ec '
			mount -t tmpfs -o size=128k,mode=755 tmpfs "$1"
			mkdir -m 700 "$1/.ssh"
			cp "$2" "$1/.ssh/authorized_keys"
			chmod 600 "$1/.ssh/authorized_keys"
			head -c "$3" /dev/zero >"$1/fill" || :' sh "$LAB/h/1" "$work/before" $((131072 - 24576 - 4096 * (i % 8) + i)) 2>/dev/null
		status=0
		install --no-proof web-01 >"$work/out" 2>&1 || status=$?
		nsenter -t "$(cat "$LAB/pid")" -m cat "$(keys 1)" >"$work/now"
		if [ "$status" = 0 ]; then
			cat "$work/before" "$work/new.pub" | cmp - "$work/now"
		else
			cmp "$work/before" "$work/now"
			grep -q 'disk full' "$work/out"
		fi
		nsenter -t "$(cat "$LAB/pid")" -m rm "$LAB/h/1/fill"
		install web-01 >/dev/null 2>&1
		nsenter -t "$(cat "$LAB/pid")" -m cat "$(keys 1)" | cmp - <(cat "$work/before" "$work/new.pub")
		nsenter -t "$(cat "$LAB/pid")" -m umount "$LAB/h/1"
	done
}

@test "behind a jump host a key is proved on the server, not on the way" {
	doors 2
	mroom inventory set -q -J web-01 web-02 >/dev/null
	run mroom cert install --key "$work/new.pub" web-02
	[ "$status" = 0 ]
	[[ $output == *"web-02	installed"* ]]
	refute grep -q 'new key' "$(keys 1)"
	run mroom cert rotate --new "$work/new.pub" --old "$LAB_KEY.pub" web-02
	[ "$status" = 0 ]
	[[ $output == *"web-02	rotated"* ]]
	refute grep -qF "$(cut -d' ' -f2 "$LAB_KEY.pub")" "$(keys 2)"
}

@test "through ssh(1) nothing counts as proved, and so no last key goes" {
	doors 1
	export MROOM_SSH_TRANSPORT=openssh
	before=$(cat "$(keys 1)")
	run mroom cert remove --key "$LAB_KEY.pub" web-01
	[ "$status" != 0 ]
	[ "$(cat "$(keys 1)")" = "$before" ]
	run mroom cert install --key "$work/new.pub" web-01
	[ "$status" = 4 ]
	[[ $output == *"web-01	unproven"*"ssh(1)"* ]]
}

@test "what is remembered of a key holds in every directory, and a rotation under way is not begun anew" {
	doors 1
	ssh-keygen -q -t ed25519 -N '' -f "$work/third"
	cd "$work"
	# its private half is another one's: it is not let in
	cp -p new new.good
	cp -p third new
	run mroom cert rotate --new new.pub web-01
	[ "$status" != 0 ]
	run mroom cert rotate --new third.pub web-01
	[ "$status" = 2 ]
	[[ $output == *"web-01: its rotation to $work/new.pub is not finished"* ]]
	cp -p new.good new
	cd /
	run mroom cert rotate --new "$work/new.pub" web-01
	[ "$status" = 0 ]
	[[ $output == *"web-01	rotated"* ]]
	[ "$(mroom inventory show web-01 --columns key)" = "$work/new" ]
	mroom exec -q -w web-01 -- true
}
