#!/usr/bin/env bats
# What the console remembers: values, conditions, loads, schedules, backups, and the store as an interface.

load lib/lab

bats_require_minimum_version 1.5.0

setup() {
	lab_home
	db=$MROOM_HOME/mroom.db
	cd "$BATS_TEST_TMPDIR" || return
	printf 'web-01--h--u--pw\nweb-02--h--u\ndb--h--u\n' >p.txt
	mroom inventory import p.txt -q >/dev/null
}

state() {
	mroom-state "$@"
}

# The command ends so, with these words on standard error and nothing on standard output.
refuses() {
	local want=$1 words=$2
	shift 2
	run --separate-stderr state "$@"
	[ "$status" -eq "$want" ]
	[ -z "$output" ]
	# shellcheck disable=SC2154 # what run sets
	[[ $stderr == *"$words"* ]] || {
		echo "$stderr"
		return 1
	}
}

@test "a value comes back as it was given" {
	for value in hello 42 -1.50 2.10 true null '"8"' '[1,2]' '{"a":{"b":"c d"}}' 007 '' 'a	b' 'ä€'; do
		state set web-01 k -- "$value"
		[ "$value" = '"8"' ] && value=8
		[ "$(state get web-01 k)" = "$value" ]
	done
	[ "$(sqlite3 "$db" "SELECT group_concat(value, ' ') FROM history WHERE value LIKE '%8%' OR value LIKE '%7%'")" = '"8" "007"' ]
}

@test "--text takes anything as a text; what looks like JSON and is none is refused" {
	state set --text web-01 k 42
	[ "$(state get web-01 k --json)" = '{"id":"web-01","value":"42"}' ]
	refuses 2 "the value is no JSON" set web-01 k '{"a":'
	refuses 2 "the value is no JSON" set web-01 k '"open'
	refuses 2 "not UTF-8" set web-01 k $'\xff'
	state set --text web-01 k '{"a":'
	[ "$(state get web-01 k)" = '{"a":' ]
}

@test "get of a missing key exits 1 and prints nothing" {
	refuses 1 "" get web-01 none
	refuses 1 "" get web-01 none.deeper
	refuses 1 "" get -w @p none
	[ "$(state get web-01 none --default '{"x":1}')" = '{"x":1}' ]
	state set web-01 k 1
	[ "$(state get -w @p k --default 0 | paste -sd' ')" = "web-01	1 web-02	0 db	0" ]
	[ "$(state get -w @p k)" = "web-01	1" ]
}

@test "a dotted path reaches inside, and makes what it needs" {
	state set web-01 health.disk.root 81
	state set web-01 health.ports '[80, 443]'
	[ "$(state get web-01 health)" = '{"disk":{"root":81},"ports":[80,443]}' ]
	[ "$(state get web-01 health.ports.1)" = 443 ]
	refuses 2 "leads through something that is no object" set web-01 health.disk.root.x 1
	state unset web-01 health.disk
	[ "$(state get web-01 health)" = '{"ports":[80,443]}' ]
}

@test "who is no server, or no key, is refused" {
	refuses 2 "no server 'web-09' (did you mean web-01?)" get web-09 k
	refuses 2 "is not the id of one server" set 'web*' k v
	refuses 2 "is an address: only servers of the inventory have state" set -w root@10.0.0.1 k v
	refuses 2 "'a b' is no key" set web-01 'a b' v
	refuses 2 "'a=b' is no key" set web-01 'a=b' v
	refuses 2 "'a..b' is no key" get web-01 'a..b'
	refuses 2 "expected KEY and VALUE" set web-01 k
	refuses 2 "unexpected argument 'w'" set web-01 k v w
}

@test "many servers are set in one transaction, all or none" {
	state set -w 'web*' v one
	[ "$(state get -a v | cut -f1 | paste -sd' ')" = "web-01 web-02" ]
	printf 'web-01\t8080\ndb\t"x\\\\ty"\n{"id":"web-02","value":{"a":[1.1]}}\n' | state set -w - port
	[ "$(state get web-01 port),$(state get db port),$(state get web-02 port)" = '8080,x	y,{"a":[1.1]}' ]
	refuses 2 "standard input:2: no server 'nope'" set -w - port < <(printf 'web-01\t1\nnope\t2\n')
	refuses 2 "standard input:2: 1 fields, expected id and value" set -w - port < <(printf 'web-01\t1\ndb\n')
	[ "$(state get web-01 port)" = 8080 ]
	printf 'web-01\ndb\n' | state set -w - w same
	[ "$(state get -a w | cut -f1 | paste -sd' ')" = "web-01 db" ]
}

@test "set --if-absent and --if: one of those who race gets it" {
	state set web-01 lock 1 --if-absent
	refuses 1 "" set web-01 lock 2 --if-absent
	refuses 1 "" set web-01 lock 2 --if 3
	state set web-01 lock 2 --if 1
	[ "$(state get web-01 lock)" = 2 ]
	[ "$(state set -a lock mine --if-absent | paste -sd' ')" = "web-02 db" ]
	refuses 1 "" set -a lock mine --if-absent
	refuses 2 "exclude each other" set web-01 lock 1 --if 1 --if-absent
	for i in $(seq 20); do
		mroom-state set db leader "$i" --if-absent >/dev/null && echo "$i" >>won &
	done 3>&-
	wait
	[ "$(wc -l <won)" = 1 ]
	[ "$(state get db leader)" = "$(cat won)" ]
}

@test "flags: flag, has, unflag" {
	run ! state has web-01 docker_installed
	state flag -w web-01,db docker_installed python3_installed
	state has web-01 docker_installed
	[ "$(state has -a python3_installed | paste -sd' ')" = "web-01 db" ]
	state unflag web-01 docker_installed
	run ! state has web-01 docker_installed
	for no in false null 0 ''; do
		state set db docker_installed "$no"
		run ! state has db docker_installed
	done
}

@test "incr counts, and refuses what is no integer" {
	[ "$(state incr web-01 n)" = 1 ]
	[ "$(state incr web-01 n 41)" = 42 ]
	[ "$(state incr -w web-01,db n -- -2 | paste -sd' ')" = "web-01	40 db	-2" ]
	[ "$(state incr web-01 inner.n)" = 1 ]
	state set db n word
	refuses 2 'n of db is "word", not an integer' incr -w web-01,db n
	[ "$(state get web-01 n)" = 40 ]
	state set db n 9223372036854775807
	refuses 2 "would not fit 64 bits" incr db n
}

@test "what dump prints, load reads" {
	state set web-01 a '{"x": ["y\\z", 1.10]}'
	state set web-02 b 'tab	and "quotes"'
	state set db c null
	mroom inventory retire db >/dev/null 2>&1 || true
	state dump >dump.tsv
	state dump --json >dump.json
	[ "$(wc -l <dump.tsv)" = 3 ]
	for file in dump.tsv dump.json; do
		state unset -w web-01,web-02,db a b c
		[ -z "$(state dump)" ]
		state load -q $file
		if [ $file = dump.tsv ]; then
			diff dump.tsv <(state dump)
		else
			diff dump.json <(state dump --json | sed 's/1\.1\([^0-9]\)/1.10\1/')
		fi
	done
	printf 'web-01\tz\t1\nnope\tz\t1\n' >bad.tsv
	refuses 2 "nothing was loaded: bad.tsv:2: no server 'nope'" load bad.tsv
	refuses 1 "" get web-01 z
}

@test "history tells who changed what, when, and from what" {
	state set web-01 k 1
	state set web-01 k 1
	state set web-01 k 2
	state unset web-01 k
	[ "$(state history web-01 k | cut -f1-4,6)" = "web-01	k		1	state
web-01	k	1	2	state
web-01	k	2		state" ]
	[ "$(state history | cut -f7 | sort -u)" = "$(id -un)" ]
	[ "$(state history --since 1h | wc -l)" = 3 ]
	sqlite3 "$db" "UPDATE history SET changed_at = changed_at - 7200000 WHERE value = 1"
	[ "$(state history --since 1h | wc -l)" = 2 ]
	[ "$(state history --since 2020-01-01 | wc -l)" = 3 ]
	refuses 2 "is no moment" history --since yesterday
	printf 'web-02--h--u\n' >p.txt
	mroom inventory import p.txt -q --prune >/dev/null
	[ "$(state history web-01 k | wc -l)" = 3 ]
}

@test "a server without an entry is due; done makes it wait for its period" {
	[ "$(state due backup | paste -sd' ')" = "web-01 web-02 db" ]
	state schedule backup --in 1h --every 1d -w web-01
	[ "$(state due backup | paste -sd' ')" = "web-02 db" ]
	state due backup | grep web | state "done" backup
	[ "$(state due backup)" = db ]
	state "done" backup db --every 2h
	[ -z "$(state due backup)" ]
	[ "$(state schedule | cut -f1,2,4)" = "db	backup	7200.000
web-01	backup	86400.000
web-02	backup	" ]
	# Late by three and a half periods: once is enough, and the time of day stays.
	sqlite3 "$db" "UPDATE schedule SET due_at = due_at - 9 * 3600000 WHERE every = 7200000"
	[ "$(state due | cut -f1,2)" = "db	backup" ]
	before=$(sqlite3 "$db" "SELECT due_at FROM schedule WHERE every = 7200000")
	state "done" backup db
	[ -z "$(state due)" ]
	[ $((($(sqlite3 "$db" "SELECT due_at FROM schedule WHERE every = 7200000") - before) % 7200000)) = 0 ]
	state schedule backup --clear -a
	[ "$(state due backup | wc -l)" = 3 ]
	[ "$(state due backup 'web*' | wc -l)" = 2 ]
}

@test "a backup is a database, and restore puts it back" {
	state set web-01 k old
	run --separate-stderr state backup copy.db
	[ "$status" = 0 ]
	[[ $stderr == *"the key that seals its 1 secret is not in it"* ]]
	[ "$(stat -c %a copy.db)" = 600 ]
	[ "$(sqlite3 copy.db 'PRAGMA integrity_check')" = ok ]
	state set web-01 k new
	refuses 2 "say so with -y" restore copy.db
	[ "$(state get web-01 k)" = new ]
	state restore -y copy.db 2>said
	[ "$(state get web-01 k)" = old ]
	aside=$(sed 's/.* is in //' said)
	[ "$(sqlite3 "$aside" "SELECT value FROM state WHERE key = 'k'")" = '"new"' ]
	[ "$(state check)" = ok ]
}

@test "what is no backup of mroom is not restored" {
	state set web-01 k here
	state backup copy.db 2>/dev/null
	sqlite3 other.db 'CREATE TABLE t (x)'
	refuses 2 "a database, but none of mroom" restore -y other.db
	head -c 8192 /dev/zero | tr '\0' x >noise.db
	refuses 6 "noise.db: file is not a database" restore -y noise.db
	refuses 2 "No such file" restore -y none.db
	refuses 2 "this is the database itself" restore -y "$db"
	refuses 2 "this is the database itself" backup "$db"
	refuses 2 "not a file that can be replaced" backup .
	sqlite3 copy.db 'PRAGMA user_version = 99'
	refuses 6 "copy.db: made by a newer mroom (schema 99; this one knows up to" restore -y copy.db
	[ "$(state get web-01 k)" = here ]
}

@test "sql reads by documented views, and cannot write" {
	state set web-01 k 'a b'
	[ "$(state sql "SELECT id, text, value FROM v_state")" = 'web-01	a b	"a b"' ]
	[ "$(state sql "SELECT id, retired FROM v_server WHERE room = 'p' LIMIT 1")" = "web-01	0" ]
	[ "$(state sql --json "SELECT 1.5 AS a, x'00ff' AS b, NULL AS c, 'q' AS d, count(*) AS n FROM v_run")" = \
		'{"a":1.5,"b":"00ff","c":null,"d":"q","n":0}' ]
	[ "$(state sql "SELECT name, sealed IS NULL FROM secret")" = "web-01	1" ]
	for write in "DELETE FROM state" "ATTACH 'x' AS y" "PRAGMA user_version = 5" "DROP VIEW v_run" \
		"CREATE TABLE t (x)" "BEGIN" "VACUUM INTO 'copy'"; do
		refuses 2 "only reading is allowed" sql "$write"
	done
	refuses 2 "expected one statement" sql "SELECT 1; SELECT 2"
	refuses 2 "syntax error" sql "SELEC 1"
	for columns in \
		"v_server id, host, port, user, key, room, position, tunnel, tags, retired, description" \
		"v_state id, key, value, text, changed, changed_by" \
		"v_run run, tool, command, user, session, started, ended, seconds, status, servers, ok" \
		"v_result id, run, outcome, reason, message, status, started, seconds"; do
		state sql "SELECT ${columns#* } FROM ${columns%% *}" >/dev/null
	done
}

@test "a database of every older schema is migrated, and the old one kept beside it" {
	newest=$(sqlite3 "$db" 'PRAGMA user_version')
	for ((old = 1; old < newest; old++)); do
		export MROOM_HOME=$BATS_TEST_TMPDIR/old$old
		mkdir -m 700 "$MROOM_HOME"
		for ((step = 1; step <= old; step++)); do
			cat "$MROOM_TOP"/share/schema/"$(printf %04d "$step")"-*.sql
		done | sqlite3 "$MROOM_HOME/mroom.db"
		sqlite3 "$MROOM_HOME/mroom.db" "PRAGMA journal_mode = WAL; PRAGMA user_version = $old;
			INSERT INTO server (id, host) VALUES ('a', 'h');
			INSERT INTO state VALUES (1, 'k', '[1]', 1, 'then')" >/dev/null
		[ "$(state get a k)" = '[1]' ]
		[ "$(sqlite3 "$MROOM_HOME/mroom.db" 'PRAGMA user_version; PRAGMA integrity_check' | paste -sd' ')" = "$newest ok" ]
		kept=$MROOM_HOME/mroom.db.schema-$old
		[ "$(sqlite3 "$kept" 'PRAGMA user_version; SELECT value FROM state' | paste -sd' ')" = "$old [1]" ]
		[ "$(stat -c %a "$kept")" = 600 ]
	done
	[ "$newest" -ge 4 ]
}

@test "a backup of an older schema is restored as one of ours, or not at all" {
	state set web-01 k here
	newest=$(sqlite3 "$db" 'PRAGMA user_version')
	cat "$MROOM_TOP"/share/schema/000[1-4]-*.sql | sqlite3 older.db
	sqlite3 older.db "PRAGMA user_version = 4; INSERT INTO server (id, host) VALUES ('a', 'h');
		INSERT INTO state VALUES (1, 'k', '[1]', 1, 'then')"
	state restore -y older.db 2>said
	[ "$(state get a k)" = '[1]' ]
	[ "$(sqlite3 "$db" 'PRAGMA user_version; PRAGMA integrity_check' | paste -sd' ')" = "$newest ok" ]
	[ "$(sqlite3 older.db 'PRAGMA user_version')" = 4 ]
	# One that cannot be brought up changes nothing, and nothing of the trial stays.
	state set a k '[2]'
	sqlite3 older.db 'CREATE TABLE history (x)' 2>/dev/null || true
	sqlite3 older.db 'CREATE TABLE sample (x); CREATE TABLE checkup (x)'
	before=$(ls -A "$MROOM_HOME")
	run --separate-stderr mroom-state restore -y older.db
	[ "$status" = 6 ]
	[[ $stderr == *"already exists"* ]]
	[ "$(state get a k)" = '[2]' ]
	[ "$(ls -A "$MROOM_HOME")" = "$before" ]
}

@test "an upgrade that fails halfway has not happened" {
	mkdir -p share/schema
	cp "$MROOM_TOP"/share/schema/*.sql share/schema
	sqlite3 "$db" 'PRAGMA user_version = 1; DROP TABLE history'
	before=$(sqlite3 "$db" .schema | sort | sha256sum)
	echo 'CREATE TABLE half (x); CREATE TABLE half (x);' >"$(echo share/schema/0002-*.sql)"
	run --separate-stderr env MROOM_SHARE="$PWD/share" mroom-state ls
	[ "$status" = 6 ]
	[[ $stderr == *"schema 0002: "*"already exists"* ]]
	[ "$(sqlite3 "$db" .schema | sort | sha256sum)" = "$before" ]
	[ "$(sqlite3 "$db" 'PRAGMA user_version')" = 1 ]
}

@test "who reads a pipe holds nobody up: the one that feeds it may write" {
	{
		mroom state set web-01 fed first
		printf 'web-01\tload\t1\n'
		timeout 20 mroom-state set web-01 fed second && printf 'web-01\tload\t2\n'
	} | state load -q
	[ "$(state get web-01 load),$(state get web-01 fed)" = 2,second ]
	{
		printf 'web-01\t1\n'
		timeout 20 mroom-state set web-01 fed third && printf 'web-01\t2\n'
	} | state set -w - value
	[ "$(state get web-01 value),$(state get web-01 fed)" = 2,third ]
}

@test "a history of nothing is told, and is no error" {
	run --separate-stderr mroom state history nobody
	[ "$status" = 0 ]
	[ -z "$output" ]
	[ "$stderr" = 'no change of a state of nobody' ]
	run --separate-stderr mroom state history nobody key
	[ "$stderr" = 'no change of that state of nobody' ]
}
