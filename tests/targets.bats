#!/usr/bin/env bats
# The grammar of targets, mroom-targets(7), as every tool has it.
# shellcheck disable=SC2154 # stderr is what run --separate-stderr sets

bats_require_minimum_version 1.5.0
load lib/lab

setup() {
	lab_home
	cd "$BATS_TEST_TMPDIR" || return
	seq -f 'web-%02g' 6 | sed 's/$/--10.0.0.1--root/' >web.txt
	printf 'db-01--10.0.1.1--admin\ndb-02--10.0.1.2--admin\n' >db.txt
	mroom-inventory import web.txt -q
	mroom-inventory import db.txt -q
}

# The ids that these words mean, on one line.
ids() {
	mroom-inventory ls --columns id "$@" | paste -sd' '
}

# state KEY: values from standard input, "id value" a line.
state() {
	local id value
	while read -r id value; do
		sqlite3 "$MROOM_HOME/mroom.db" "INSERT INTO state SELECT row, '$1', '$value', 0, 'test'
			FROM server WHERE id = '$id'"
	done
}

refused() {
	run mroom-inventory ls "$@"
	[ "$status" = 2 ] || { echo "$*: $status $output"; return 1; }
}

@test "words of every kind stand in one list" {
	mroom-inventory tag -q gold web-05,db-02 >/dev/null
	echo 'db-01 # the first' >file
	[ "$(ids 'web-[01-02],@gold,^file,web-0?')" = "web-01 web-02 db-02 web-05 db-01 web-03 web-04 web-06" ]
	[ "$(ids -x 'web-[02-99],@gold' -a)" = "db-01 web-01" ]
	[ "$(ids 'web-[01-06/2]')" = "web-01 web-03 web-05" ]
}

@test "state picks servers: equal, different, more, less, there" {
	state os <<<$'web-01 "debian 12"\nweb-02 "debian 11"\nweb-03 "alpine"'
	state load <<<$'web-01 0.5\nweb-02 4\nweb-03 12'
	state docker_installed <<<$'web-01 true\nweb-02 false\nweb-03 null\ndb-01 "20.1"'
	state ports <<<$'web-01 [22,80]\nweb-02 [22]'
	[ "$(ids 'os=debian*')" = "web-01 web-02" ]
	[ "$(ids os=alpine)" = "web-03" ]
	[ "$(ids 'os!=alpine')" = "db-01 db-02 web-01 web-02 web-04 web-05 web-06" ]
	[ "$(ids 'load>4')" = "web-03" ]
	[ "$(ids 'load>=4')" = "web-02 web-03" ]
	[ "$(ids 'load<1')" = "web-01" ]
	[ "$(ids 'load<=4.0')" = "web-01 web-02" ]
	[ "$(ids load=4.0)" = "web-02" ]
	[ "$(ids 'docker_installed?')" = "db-01 web-01" ]
	[ "$(ids docker_installed=true)" = "web-01" ]
	[ "$(ids ports=80)" = "web-01" ]
	[ "$(ids 'ports=*')" = "web-01 web-02" ]
	[ "$(ids 'load=[4-12]')" = "web-02 web-03" ]
}

@test "state reaches inside values, and numbers of versions compare as such" {
	state app <<<$'web-01 {"version":"1.9.2","on":[{"port":80}]}\nweb-02 {"version":"1.10.0"}'
	[ "$(ids 'app.version>1.9.9')" = "web-02" ]
	[ "$(ids 'app.version<1.9.9')" = "web-01" ]
	[ "$(ids app.on.0.port=80)" = "web-01" ]
	[ "$(ids 'app.on?')" = "web-01" ]
}

@test "a state that nobody has is a mistake, one that nobody meets is no server" {
	state os <<<$'web-01 "debian"'
	refused 'so=debian'
	refused 'os2!=x'
	[[ $output == *"no server has a state 'os2'"* ]]
	run mroom-inventory ls osx=1
	[[ $output == *"did you mean os?"* ]]
	[ "$(ids os=windows)" = "" ]
	refused '=x'
	refused 'a b=x'
}

@test "web? is a glob, docker? a question, and what could be both is refused" {
	state docker <<<$'web-01 true'
	[ "$(ids 'docker?')" = web-01 ]
	[ "$(ids 'db-0?')" = "db-01 db-02" ]
	mroom-inventory add docker1 10.0.0.9
	refused 'docker?'
	[[ $output == *"docker=*"* ]]
	[ "$(ids 'docker=*')" = web-01 ]
}

@test "& keeps what both sides mean, &! what the other does not" {
	mroom-inventory tag -q gold web-05,web-06,db-02 >/dev/null
	mroom-inventory retire -q web-06 >/dev/null
	state docker <<<$'web-04 true\nweb-05 true'
	[ "$(ids '@web&@gold')" = web-05 ]
	[ "$(ids '@gold&!@web')" = db-02 ]
	[ "$(ids '@web&docker?&!@gold')" = web-04 ]
	[ "$(ids 'web-[01-04]&web-[03-05],db-01')" = "web-03 web-04 db-01" ]
	[ "$(ids -a -x '@web&!docker?')" = "db-01 db-02 web-04 web-05" ]
	refused '@web&'
	refused '!@web'
	refused '@web&-'
}

@test "--from and --to count within one room" {
	[ "$(ids -g web --from 4)" = "web-05 web-06" ]
	[ "$(ids -g web --to 1)" = "web-01 web-02" ]
	[ "$(ids @web --from 2 --to 3)" = "web-03 web-04" ]
	[ "$(ids -g web --from 4 --to 99)" = "web-05 web-06" ]
	refused -g web --from 6
	[[ $output == *"--from: position 6 is beyond the room's 6 servers (0-5)"* ]]
	refused -g web --from 3 --to 2
	refused -g web --from x
	refused -g web --from 1 --index 2
	refused -a --from 1
	refused web-01 --to 1
}

@test "@SOURCE:GROUP asks an executable for ids, records or JSON" {
	mkdir "$MROOM_HOME/sources"
	cat >"$MROOM_HOME/sources/cloud" <<-'END'
		#!/bin/sh
		case $1 in
		known) printf 'web-02\nweb-01\n' ;;
		new) printf '# comment\ni-1\t192.0.2.1\t2222\tec2\nweb-03\t192.0.2.9\n' ;;
		json) echo '{"id":"i-2","host":"192.0.2.2","port":22,"user":"admin"}' ;;
		addresses) echo root@192.0.2.7:2222 ;;
		bad) echo 'no-host' ;;
		worse) printf 'i-3\t-oProxyCommand=x\n' ;;
		none) : ;;
		*) echo "no group $1" >&2; exit 3 ;;
		esac
	END
	chmod +x "$MROOM_HOME/sources/cloud"
	[ "$(ids @cloud:known)" = "web-02 web-01" ]
	[ "$(mroom-inventory ls --columns id,host,port,user @cloud:new)" = "i-1	192.0.2.1	2222	ec2
web-03	10.0.0.1	22	root" ]
	[ "$(mroom-inventory ls --columns id,host,port,user @cloud:json)" = "i-2	192.0.2.2	22	admin" ]
	[ "$(ids @cloud:addresses)" = root@192.0.2.7:2222 ]
	[ "$(ids @cloud:none)" = "" ]
	[ "$(ids '@cloud:known&web-01')" = web-01 ]
	refused @cloud:bad
	refused @cloud:worse
	refused @cloud:nosuch
	[[ $output == *"exit status 3"* ]]
	refused @other:x
	[[ $output == *"$MROOM_HOME/sources/other"* ]]
	refused @cloud:
	refused @../x:y
}

@test "expressions agree with ClusterShell on what they expand and fold to" {
	require nodeset /usr/bin/python3
	cd "$MROOM_TOP"
	run tests/lib/nodesets "$(rounds 2000)" 20261126
	echo "$output"
	[ "$status" = 0 ]
}

@test "picking works the same among 100,000 servers" {
	not_quick
	seq -f 'n%06g' 100000 | sed 's/$/--10.0.0.1--root/' | mroom-inventory import - --room big -q
	[ "$(mroom-inventory ls --columns id @big | wc -l)" = 100000 ]
	[ "$(mroom-inventory ls --columns id 'n0999??&@big' | wc -l)" = 100 ]
	[ "$(mroom-inventory ls --columns id @big -x 'n0*' | wc -l)" = 1 ]
}

@test "a large range means what its ids mean one by one" {
	seq -f 'n%04g' 600 | sed 's/$/--10.0.2.1--root/' >n.txt
	mroom-inventory import n.txt -q
	mroom-inventory retire -q n0003 >/dev/null
	# In the order of the words, each once, retired ones too because they are named.
	[ "$(ids 'n[0300-0600,0001-0400]' | tr ' ' '\n' | cksum)" = "$({ seq -f 'n%04g' 300 600; seq -f 'n%04g' 299; } | cksum)" ]
	[ "$(ids -x 'n[0002-0900]' @n)" = n0001 ]
	[ "$(ids '@n&n[0001-0600]&!n[0005-0600]')" = "n0001 n0002 n0004" ]
	[ "$(ids 'n[0001-0600]&!@n')" = n0003 ]
	# Addresses among them are addresses, what is unknown is named.
	[ "$(ids 'root@10.9.[0-1].[1-200]' | wc -w)" = 400 ]
	refused 'n[0001-0601]'
	[[ $output == *n0601* ]]
}
