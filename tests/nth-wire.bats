#!/usr/bin/env bats
# Whichever call of the system fails in the console's own process: the run ends, every server of it in one outcome, and
# what went wrong is said.

load lib/lab

setup_file() {
	require cc sqlite3 || return 0
	lab_sshd_start
	export NTH_LIB=$LAB/nth.so
	cc -shared -fPIC -o "$NTH_LIB" "$MROOM_TOP/tests/lib/nth.c"
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	export NTH_MARK=$BATS_TEST_TMPDIR/happened WORK=$LAB/work.$BATS_TEST_NUMBER
	# The sanitizers' runtime wants to be first.
	case $MROOM_TEST_BIN in */san/*) skip "a sanitized tool takes no library before its own" ;; esac
	mkdir "$WORK"
	cd "$BATS_TEST_TMPDIR"
	lab_room 2
	mkdir tree tree/sub
	seq 20000 >tree/numbers
	seq 9 >tree/sub/more
}

teardown() {
	rm -rf "${WORK:?}"
}

# Runs a tool with the Nth call of function $1 failing by error $2: the words behind are the tool's. Every N up to
# $3, and then ever fewer.
each_nth() {
	local function=$1 error=$2 all=$3 n status tool=$4 hit=0
	shift 4
	for ((n = 1; n < 2000; n += n > all ? n / 4 : 1)); do
		rm -f "$NTH_MARK"
		status=0
		timeout 60 env NTH="$function $n $error" LD_PRELOAD="$NTH_LIB" "$MROOM_TEST_BIN/mroom-$tool" "$@" \
			</dev/null >out 2>err || status=$?
		[ -e "$NTH_MARK" ] || break
		hit=$((hit + 1))
		sound "$status" || {
			echo "mroom $tool $* with $function $n failing: status $status"
			head -n 5 err
			return 1
		}
	done
	[ "$hit" -gt 0 ] || { echo "mroom $tool $*: no $function"; return 1; }
}

# A status of ours, told of when it is not 0, and two outcomes in a run that has ended.
sound() {
	case $1 in
	0) ;;
	[1-6]) [ -s err ] || { echo "nothing said"; return 1; } ;;
	*) return 1 ;;
	esac
	[ "$1" = 6 ] || [ "$1" = 2 ] || [ "$(sqlite3 "$MROOM_HOME/mroom.db" \
		"SELECT count(*) FROM result WHERE run = (SELECT max(run) FROM run WHERE ended_at > 0)")" = 2 ]
}

# The functions that the lines of standard input name: FUNCTION ERROR ALL
each_function() {
	local function error all wrong=
	while read -r function error all; do
		each_nth "$function" "$error" "$all" "$@" || wrong+=x
	done
	[ -z "$wrong" ]
}

# EMFILE 24, ENETUNREACH 101, ECONNRESET 104, EPIPE 32, EACCES 13, ENOSPC 28, EIO 5, ENOMEM 12, ENOBUFS 105
console() {
	cat <<-'LIST'
	socket 24 20
	connect 101 20
	open 24 12
	recv 104 12
	send 32 12
	read 5 6
	LIST
}

@test "a command: no descriptor, no network, no byte" {
	console | each_function exec -w web-01,web-02 -t 5 -- 'echo hello; cat /etc/hostname'
}

@test "a command with input, behind a jump host" {
	seq 30000 >input
	printf 'socket 24 9\nconnect 101 9\nrecv 104 6\nsend 32 6\nread 5 6\n' |
		each_function exec -w web-01,web-02 -t 5 -J "$LAB_USER@127.1.0.9:$LAB_PORT" --stdin input -- wc -l
}

@test "a command by ssh(1): no pipe, no descriptor" {
	export MROOM_SSH_TRANSPORT=openssh
	printf 'socketpair 24 9\nfork 11 5\nopen 24 9\nread 5 5\n' |
		each_function exec -w web-01,web-02 -t 5 -- echo hello
}

@test "a tree that is brought: unreadable, cut, no room" {
	printf 'open 13 12\nopendir 13 5\nfstat 5 6\nread 5 9\nsend 104 9\nrecv 104 9\n' |
		each_function copy put -w web-01,web-02 -t 5 tree "$WORK/"
}

@test "a tree that is fetched: no room, no right, cut" {
	mroom copy put -w web-01 tree "$WORK/" >/dev/null 2>&1
	printf 'open 24 12\npwrite 28 9\nmkdir 13 6\nmkdirat 13 6\nrenameat 5 6\nfchmod 13 6\nrecv 104 9\n' >functions
	local function error all wrong=
	while read -r function error all; do
		rm -rf got
		each_nth "$function" "$error" "$all" copy get -w web-01,web-02 -t 5 "$WORK/tree" got || wrong+=x
	done <functions
	[ -z "$wrong" ]
}
