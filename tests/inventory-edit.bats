#!/usr/bin/env bats
# mroom inventory: the verbs that change servers one by one.
# shellcheck disable=SC2154 # stderr is what run --separate-stderr sets

bats_require_minimum_version 1.5.0
load lib/lab

setup() {
	lab_home
	cd "$BATS_TEST_TMPDIR" || return
	seq -f 'web-%02g' 5 | sed 's/$/--10.0.0.1--root/' >web.txt
	printf '#vpn--WIREGUARD--gate.example:51820----\ndb-01--10.0.1.1--admin--pw\n' >db.txt
	inventory import web.txt -q
	inventory import db.txt -q
}

inventory() {
	mroom-inventory "$@"
}

columns() {
	inventory ls --retired --columns "$@"
}

@test "add takes every field, and the password from a file" {
	(umask 077 && echo 'p w' >pw)
	inventory add web-06 deploy@10.0.0.6:2222 --key /k/a --room web --tags blue,canary --tunnel vpn \
		--description 'the sixth' --password-file pw
	run inventory show web-06 --json
	[ "$output" = '{"id":"web-06","host":"10.0.0.6","port":2222,"user":"deploy","key":"/k/a","room":"web","position":5,"tunnel":"vpn","tags":["blue","canary"],"retired":false,"description":"the sixth"}' ]
	inventory add alone --host ::1
	[ "$(columns id,host,port,user,room,position alone)" = "alone	::1				" ]
}

@test "add refuses what is there, what is misspelt and what is no server" {
	for words in 'web-01 h' 'ls h' 'new' 'new h --tunnel vpm' 'new h --port 0' 'new h x' '-- -x h' 'new a..b:c'; do
		# shellcheck disable=SC2086 # words
		run inventory add $words
		[ "$status" = 2 ] || { echo "$words: $output"; false; }
	done
	[[ $(inventory add new h --tunnel vpm 2>&1) == *'did you mean vpn'* ]]
	[ "$(inventory ls --columns id | wc -l)" = 6 ]
}

@test "set changes fields, says which, and an empty value unsets one" {
	run --separate-stderr inventory set web-01,web-02 --user deploy --port 2222 --key /k
	[ "$output" = "web-01	changed	port,user,key
web-02	changed	port,user,key" ]
	[ "$stderr" = "2 changed, 0 unchanged" ]
	run --separate-stderr inventory set web-01,web-02 --user deploy --port 2222 --key /k
	[ "$output" = "" ]
	[ "$stderr" = "0 changed, 2 unchanged" ]
	inventory set -q web-01 --key '' --port '' --user '' >/dev/null
	[ "$(columns port,user,key web-01)" = "		" ]
	[ "$(columns port,user,key web-02)" = "2222	deploy	/k" ]
}

@test "set is done to all servers or to none" {
	run inventory set web-01,web-02 --tunnel nosuch --user x
	[ "$status" = 2 ]
	[ "$(columns user web-01,web-02 | sort -u)" = root ]
	run inventory set web-01
	[ "$status" = 2 ]
	run inventory set web-01 --host ''
	[ "$status" = 2 ]
	run inventory set 10.9.9.9 --user x
	[ "$status" = 2 ]
	[[ $output == *"not in the inventory"* ]]
}

@test "a password comes from a file, a command or a prompt, and never shows" {
	(umask 077 && echo 'first one' >pw)
	[ "$(inventory set -q web-01 --password-file pw)" = "web-01	changed	password" ]
	[ "$(inventory set -q web-01 --secret-command 'echo "first one"')" = "" ]
	[ "$(inventory set -q web-01 --secret-command 'echo other; echo more')" = "web-01	changed	password" ]
	[ "$(inventory set -q web-01 --no-password)" = "web-01	changed	password" ]
	[ "$(inventory set -q web-01 --no-password)" = "" ]
	run inventory set web-01 --secret-command 'exit 3'
	[ "$status" = 2 ]
	[[ $output == *"exit status 3"* ]]
	run inventory set web-01 --ask-password </dev/null
	[ "$status" = 2 ]
	run inventory set web-01 --ask-password --no-password
	[ "$status" = 2 ]
	inventory set -q web-01 --password-file pw >/dev/null
	run grep -c 'first one' "$MROOM_HOME/mroom.db"
	[ "$output" = 0 ]
}

@test "a password that others could read is refused" {
	echo pw >pw
	chmod 644 pw
	run inventory set web-01 --password-file pw
	[ "$status" = 2 ]
}

@test "rename keeps everything, the sealed password too" {
	inventory tag -q gold db-01 >/dev/null
	inventory rename db-01 db-primary
	[ "$(columns id,host,room,tunnel,tags 'db*')" = "db-primary	10.0.1.1	db	vpn	gold" ]
	printf '#vpn--WIREGUARD--gate.example:51820----\ndb-primary--10.0.1.1--admin--pw\n' >db.txt
	run --separate-stderr inventory import db.txt
	[ "$stderr" = "db: 0 added, 0 changed, 1 unchanged" ]
	run inventory rename db-primary web-01
	[ "$status" = 2 ]
	run inventory rename nosuch other
	[ "$status" = 2 ]
	run inventory rename web-01 ls
	[ "$status" = 2 ]
}

@test "rm names what goes, and needs -y where nobody can be asked" {
	run inventory rm 'web-0[1-3]' </dev/null
	[ "$status" = 2 ]
	[[ $output == *"web-[01-03] (3 servers)"*"-y"* ]]
	[ "$(inventory ls --columns id | wc -l)" = 6 ]
	run --separate-stderr inventory rm -y 'web-0[1-3]'
	[ "$status" = 0 ]
	[ "$stderr" = "3 removed, 0 unchanged" ]
	[ "$(columns id,position @web)" = "web-04	0
web-05	1" ]
	inventory rm -y -q @web >/dev/null
	run inventory ls @web
	[ "$status" = 2 ]
	# its password went as well
	inventory rm -y -q db-01 >/dev/null
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" 'SELECT count(*) FROM secret WHERE kind = "server-password"')" = 0 ]
}

@test "rm asks on a terminal, and no means no" {
	run script -qec 'mroom-inventory rm web-01' /dev/null <<<n
	[[ $output == *"web-01 (1 server) to be removed"*"[y/N]"* ]]
	[ "$(inventory ls --columns id web-01)" = web-01 ]
	run script -qec 'mroom-inventory rm web-01' /dev/null <<<y
	run inventory ls web-01
	[ "$status" = 2 ]
}

@test "retire leaves servers out, unretire takes them back" {
	[ "$(inventory retire -q web-02 web-03)" = "web-02	retired	
web-03	retired	" ]
	[ "$(inventory ls --columns id @web | paste -sd' ')" = "web-01 web-04 web-05" ]
	[ "$(inventory ls --columns id @retired | paste -sd' ')" = "web-02 web-03" ]
	[ "$(inventory ls --retired --columns id @web | wc -l)" = 5 ]
	[ "$(inventory unretire -q @web)" = "web-02	unretired	
web-03	unretired	" ]
	[ "$(inventory ls --columns id @web | wc -l)" = 5 ]
}

@test "tags are given and taken; @TAG means who has them" {
	inventory tag -q blue,odd web-01,web-03 >/dev/null
	[ "$(columns id,tags @odd)" = "web-01	blue,odd
web-03	blue,odd" ]
	[ "$(inventory tag -q odd @web | wc -l)" = 3 ]
	inventory untag -q odd @odd >/dev/null
	run inventory ls @odd
	[ "$status" = 2 ]
	[ "$(columns id @blue | wc -l)" = 2 ]
	run inventory tag retired web-01
	[ "$status" = 2 ]
	run inventory tag 'a b' web-01
	[ "$status" = 2 ]
}

@test "room lists rooms, and moves servers to the end of one" {
	[ "$(inventory room)" = "db	1	0
web	5	0" ]
	inventory room -q db web-05 web-01 >/dev/null
	[ "$(columns id,position @db | paste -sd' ')" = "db-01	0 web-05	1 web-01	2" ]
	[ "$(columns id,position @web | paste -sd' ')" = "web-02	0 web-03	1 web-04	2" ]
	inventory room -q --none @web >/dev/null
	[ "$(inventory room)" = "db	3	0" ]
	[ "$(columns id,room web-02)" = "web-02	" ]
}

@test "home says where logins begin" {
	[ "$(inventory home -q web-01 web-02 /srv/app)" = "web-01	set	state
web-02	set	state" ]
	[ "$(inventory home -q web-01 /srv/app)" = "" ]
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" "SELECT value FROM state WHERE key = 'home_path' LIMIT 1")" = '"/srv/app"' ]
	inventory home -q --unset @web >/dev/null
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" "SELECT count(*) FROM state")" = 0 ]
	run inventory home web-01 srv
	[ "$status" = 2 ]
}

@test "targets come from a pipe, a dry run does nothing, --list only lists" {
	[ "$(inventory ls @web | grep 0[12] | inventory retire -C -q)" = "web-01	retired	
web-02	retired	" ]
	[ "$(inventory ls @retired | wc -l)" = 0 ]
	[ "$(inventory rm --list @web | wc -l)" = 5 ]
	[ "$(inventory ls @web | wc -l)" = 5 ]
	run inventory retire </dev/null
	[ "$status" = 0 ]
	[[ $output == *"0 retired"* ]]
}

@test "two hundred processes at once change and import: none fails, nothing is lost" {
	local n
	n=$(rounds 200)
	not_quick
	seq -f 'many-%03g' "$n" | sed 's/$/--10.1.0.1--root/' >many.txt
	inventory import many.txt -q >/dev/null
	for i in $(seq -f %03g "$n"); do
		{
			inventory set -q "many-$i" --user "user-$i" --tags "t$i" --secret-command "echo secret-$i" >/dev/null ||
				echo "set $i: $?" >>failures
		} &
		{
			echo "own-$i--10.2.0.1--root--pw-$i" | inventory import - --room "room-$i" -q >/dev/null ||
				echo "import $i: $?" >>failures
		} &
	done
	wait
	[ ! -e failures ] || { cat failures; false; }
	[ "$(inventory ls --columns id 'own-*' | wc -l)" = "$n" ]
	for i in $(seq -f %03g "$n"); do echo "many-$i	user-$i	t$i"; done >want
	inventory ls --columns id,user,tags @many | diff want -
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" "SELECT count(*) FROM secret WHERE kind = 'server-password'")" = $((2 * n + 1)) ]
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" 'PRAGMA integrity_check')" = ok ]
}

@test "whoever is reached through a server still is when that is renamed, and keeps it from being removed" {
	inventory set -q -J 'web-01,al@gate:22' web-03 >/dev/null
	inventory set -q -J web-0 web-04 >/dev/null
	inventory rename web-01 web-gate
	[ "$(columns id,jump 'web-0[3-4]')" = "web-03	web-gate,al@gate:22
web-04	web-0" ]
	run inventory rm -y web-gate web-02
	[ "$status" = 5 ]
	[[ $output == *"web-03 is reached through web-gate"* ]]
	[ "$(inventory ls --columns id | wc -l)" = 6 ]
	run --separate-stderr inventory rm -y web-gate web-03
	[ "$status" = 0 ]
	[ "$(columns id,position @web)" = "web-02	0
web-04	1
web-05	2" ]
}

@test "who was put in a removed server's place while it was asked about stays" {
	mkfifo answer
	script -qec 'mroom-inventory rm db-01' /dev/null <answer >asked 2>&1 3>&- &
	exec 4>answer
	lab_wait 'grep -q "y/N" asked'
	inventory rm -q -y db-01 >/dev/null
	inventory add new 10.9.9.9
	echo y >&4
	exec 4>&-
	wait
	grep -q 'db-01: it was removed meanwhile' asked
	[ "$(columns host new)" = 10.9.9.9 ]
}

@test "a large room is emptied, moved and told about in one go" {
	seq -f 'n%05g--10.0.0.1--root' 20000 >big.txt
	inventory import -q big.txt >/dev/null
	timeout 60 mroom-inventory room other 'n0[0-9]*' >moved 2>/dev/null
	[ "$(wc -l <moved)" = 9999 ]
	[ "$(columns position n10000)" = 0 ]
	timeout 60 mroom-inventory rm -q -y @big | head -n 1 >first
	[ "$(inventory ls --columns id @other | wc -l)" = 9999 ]
	[ "$(inventory room | cut -f1 | tr '\n' ' ')" = "db other web " ]
}
