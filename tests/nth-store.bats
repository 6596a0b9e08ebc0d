#!/usr/bin/env bats
# Whichever call of SQLite fails, whatever tool makes it: it says so, by the database's name, with status 6, and has
# changed nothing.

load lib/lab

setup_file() {
	require cc sqlite3 || return 0
	export NTH_LIB=$BATS_FILE_TMPDIR/nth.so TEMPLATE=$BATS_FILE_TMPDIR/template HOME=$BATS_FILE_TMPDIR
	export MROOM_HOME=$TEMPLATE
	cc -shared -fPIC -o "$NTH_LIB" "$MROOM_TOP/tests/lib/nth.c"
	mkdir -m 700 "$TEMPLATE"
	fill >/dev/null 2>&1
}

setup() {
	lab_home
	# The sanitizers' runtime wants to be first.
	case $MROOM_TEST_BIN in */san/*) skip "a sanitized tool takes no library before its own" ;; esac
	export NTH_MARK=$BATS_TEST_TMPDIR/happened
	cd "$BATS_FILE_TMPDIR"
}

# A home in which there is something of every kind.
fill() {
	cd "$BATS_FILE_TMPDIR" || return
	printf '#office--WIREGUARD--vpn.example:51820----\nweb-01--127.1.0.1--root--pw\nweb-02--127.1.0.2--root\n' >shop.txt
	printf 'web-02--127.1.0.9--root--other\nweb-03--127.1.0.3--root\n' >less.txt
	printf 'id,host,user,tags,custom\nweb-01,127.1.0.1,root,a;b,1\nnew-01,127.1.0.5,root,c,2\n' >more.csv
	printf '[Interface]\nPrivateKey = %s=\nAddress = 10.0.0.2/32\n[Peer]\nPublicKey = %s=\nEndpoint = v.example:1\n' \
		"$(printf 'A%.0s' {1..43})" "$(printf 'B%.0s' {1..43})" >wg0.conf
	mroom inventory import shop.txt
	mroom inventory tag eu web-01
	mroom inventory add lone root@127.1.0.4 --room other
	mroom inventory retire -y lone
	mroom state set web-01 version 1
	mroom state set web-01 version '{"a":[1,2]}'
	mroom state schedule backup --every 1d -a
	echo sealed | mroom state secret set -K application api
	mroom tunnel add ssh-office SSH server=127.1.0.1
	mroom exec -x @retired -a --no-tunnel -p 1 -- true || [ $? = 4 ]
	mroom exec -a --no-tunnel -p 1 -- false || [ $? = 4 ]
	mroom state dump >dumped
	mroom state backup saved.db
	sqlite3 "$MROOM_HOME/mroom.db" <<-'SQL'
		INSERT INTO checkup (server, at, found) SELECT row, 1000,
			'{"at":1,"status":"CRITICAL","checks":[{"check":"disk:/","status":"CRITICAL","text":"x"}]}'
			FROM server WHERE id = 'web-01';
		PRAGMA wal_checkpoint(TRUNCATE);
	SQL
}

content() {
	sqlite3 "$MROOM_HOME/mroom.db" .dump
}

# Runs a tool with the Nth call of function $1 failing by error $2, for every N; the words behind are the tool's.
# `sound` is asked after each.
each_nth() {
	local function=$1 error=$2 n status tool=$3
	shift 3
	for ((n = 1; n < 400; n++)); do
		rm -rf "$NTH_MARK" "$MROOM_HOME" && cp -a "$TEMPLATE" "$MROOM_HOME"
		status=0
		timeout 60 env NTH="$function $n $error" LD_PRELOAD="$NTH_LIB" "$MROOM_TEST_BIN/mroom-$tool" "$@" \
			</dev/null >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
		[ -e "$NTH_MARK" ] || break
		sound "$status" "$tool" || {
			echo "mroom $tool $* with $function $n failing: status $status"
			head -n 5 "$BATS_TEST_TMPDIR/err"
			return 1
		}
	done
	[ "$n" -gt 1 ] || { echo "mroom $tool $*: no $function"; return 1; }
}

# Told, and nothing was done. Health's 3 is Nagios's word for it.
sound() {
	[ "$1" = 6 ] || [ "$1$2" = 3health ] || return
	grep -q '\.db: ' "$BATS_TEST_TMPDIR/err" && content | cmp -s - "$BATS_FILE_TMPDIR/content"
}

# The commands on standard input, a line each.
each_command() {
	local words wrong=
	MROOM_HOME=$TEMPLATE content >"$BATS_FILE_TMPDIR/content"
	while read -r words; do
		# shellcheck disable=SC2086 # words
		each_nth $1 $2 $words || wrong+=x
	done
	[ -z "$wrong" ]
}

readers() {
	cat <<-'LIST'
	inventory ls
	inventory ls --columns id,host,tunnel,room,tags @shop
	inventory show web-01
	inventory room
	inventory export --format roster @shop
	inventory export --format ssh_config -a
	state get web-01 version
	state ls
	state has -a version
	state dump
	state history web-01 version
	state schedule backup
	state due backup
	state secret ls
	state check
	log list
	log show
	log failed
	log servers web-01
	log slow
	log diff
	log export
	tunnel ls
	tunnel show office
	tunnel log office
	health report
	health history web-01
	exec -w @failed --list
	exec -w version=1 --list
	exec -w @run:1 --list
	exec -g shop --index 0 --list
	exec -w web-9* --list
	LIST
}

writers() {
	cat <<-'LIST'
	inventory import shop.txt
	inventory import less.txt --room shop --prune
	inventory import less.txt --room shop --retire
	inventory import more.csv --room shop
	inventory add web-09 root@127.1.0.9 --room shop
	inventory set web-01 --user deploy --room far
	inventory rename web-01 web-10
	inventory rm -y web-01
	inventory retire -y web-02
	inventory unretire lone
	inventory tag us web-02
	inventory untag eu web-01
	inventory room far web-01
	inventory home web-01 /srv
	state set web-01 version 2
	state set -a version 3 --if-absent
	state unset web-01 version
	state flag web-01 done
	state incr web-01 count
	state load dumped
	state schedule backup --every 2d web-01
	state done backup web-01
	state secret rm -K application api
	state restore -y saved.db
	tunnel add second SSH server=127.1.0.2
	tunnel set ssh-office server=127.1.0.3
	tunnel import wg0.conf --name third
	tunnel rm ssh-office
	log prune --keep 0s
	LIST
}

@test "reading: a statement that fails at any step" {
	readers | each_command sqlite3_step 10
}

@test "reading: a statement that cannot be prepared" {
	readers | each_command sqlite3_prepare_v3 11
}

@test "writing: a disk that is full at any step" {
	writers | each_command sqlite3_step 13
}

@test "writing: a statement that cannot be prepared" {
	writers | each_command sqlite3_prepare_v3 11
}
