#!/usr/bin/env bats
# The database under mroom: what it does when files are wrong, full, foreign or fought over.
# shellcheck disable=SC2154 # stderr and stderr_lines are what run --separate-stderr sets

bats_require_minimum_version 1.5.0
load lib/lab

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	PATH=${BUILD:-$top/build}/bin:$PATH
	export MROOM_HOME=$BATS_TEST_TMPDIR/home
	db=$MROOM_HOME/mroom.db
	cd "$BATS_TEST_TMPDIR" || return
	printf 'a--h--u--pw\nb--h--u--pw\n' >r.txt
}

teardown() {
	[ -z "${mounted:-}" ] || umount "$mounted"
}

inventory() {
	mroom-inventory "$@"
}

# The number of the newest migration.
newest_schema() {
	local newest
	newest=$(find "$top/share/schema" -name "*.sql" -printf "%f\n" | sort | tail -1)
	echo $((10#${newest%%-*}))
}

# A small file system of its own at ./small, $1 its size; skips where that is not allowed.
small_disk() {
	mkdir small
	mount -t tmpfs -o "size=$1" tmpfs small 2>/dev/null || skip "no right to mount"
	mounted=$PWD/small
	export MROOM_HOME=$mounted/home
	db=$MROOM_HOME/mroom.db
}

# The command ends with status 6 and one line that names the database and says this.
is_console_fault() {
	local want=$1
	shift
	run --separate-stderr inventory "$@"
	[ "$status" = 6 ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == "mroom inventory "*": $db: "*"$want"* ]] || {
		echo "$stderr"
		return 1
	}
}

@test "the schema is what the newest migration says" {
	inventory import r.txt -q
	[ "$(sqlite3 "$db" 'PRAGMA user_version')" -eq "$(newest_schema)" ]
	[ "$(sqlite3 "$db" 'PRAGMA journal_mode')" = wal ]
	[ "$(sqlite3 "$db" 'PRAGMA integrity_check')" = ok ]
	[ -z "$(sqlite3 "$db" 'PRAGMA foreign_key_check')" ]
	[ "$(sqlite3 "$db" 'SELECT count(*) FROM pragma_table_list WHERE schema = "main" AND type = "table" AND NOT strict AND name NOT LIKE "sqlite_%"')" = 0 ]
}

@test "a file that is no database is named, with what to do" {
	inventory import r.txt -q
	echo "this is a text, not a database, and long enough to be told apart from an empty file" >"$db"
	is_console_fault "file is not a database (move the file away" ls
}

@test "a damaged database is named, with what to do" {
	inventory import r.txt -q
	printf 'xxxxxxxx' | dd of="$db" bs=1 seek=100 conv=notrunc status=none
	is_console_fault "malformed (restore a backup" ls
}

@test "a database of a newer mroom is refused with both versions named" {
	inventory import r.txt -q
	sqlite3 "$db" 'PRAGMA user_version = 99'
	is_console_fault "schema 99; this one knows up to $(newest_schema)" ls
}

@test "a directory in the database's place is named" {
	mkdir -p "$db"
	chmod 700 "$MROOM_HOME"
	is_console_fault "Is a directory" ls
}

@test "missing schema files are named" {
	mkdir -m 700 share
	run --separate-stderr env MROOM_SHARE="$PWD/share" mroom-inventory ls
	[ "$status" = 6 ]
	[[ $stderr == *"$PWD/share/schema/0001-*.sql is missing"* ]]
}

@test "a migrated database needs no schema files" {
	inventory import r.txt -q
	[ "$(MROOM_SHARE=/nonexistent mroom-inventory ls --columns id | paste -sd' ')" = "a b" ]
}

@test "a full disk stops an import, keeps the old room and takes up again" {
	small_disk 1m
	inventory import r.txt -q
	seq -f "web-%06g--10.0.0.1--root--secret" 20000 >big.txt
	is_console_fault "disk is full (nothing was changed; free some space" import big.txt
	[ "$(inventory ls --columns id | paste -sd' ')" = "a b" ]
	[ "$(sqlite3 "$db" 'PRAGMA integrity_check')" = ok ]
	head -c 2m /dev/zero >small/fill 2>/dev/null || true
	is_console_fault "No space left on device" ls
	rm small/fill
	echo 'c--h--u' >c.txt
	inventory import c.txt -q
	[ "$(inventory ls --columns id | paste -sd' ')" = "c a b" ]
}

@test "a read-only file system is named" {
	small_disk 1m
	inventory import r.txt -q
	mount -o remount,ro small
	is_console_fault "Read-only file system" ls
	is_console_fault "Read-only file system" import r.txt
}

@test "a home that cannot be written is named" {
	[ "$(id -u)" = 0 ] || skip "needs root to become another user"
	setpriv --help >/dev/null 2>&1 || skip "no setpriv"
	inventory import r.txt -q
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR"
	chown -R 65534 "$MROOM_HOME"
	chmod 400 "$db"
	run --separate-stderr setpriv --reuid=65534 --clear-groups mroom-inventory ls
	[ "$status" != 126 ] || skip "the build tree is closed to others"
	[ "$status" = 6 ]
	[[ $stderr == *"$db: the database cannot be written (check the file's owner and mode)" ]]
}

@test "kill -9 in the middle of an import leaves nothing half done" {
	inventory import r.txt -q
	seq -f "web-%06g--10.0.0.1--root--secret" 50000 >big.txt
	mroom-inventory import big.txt -q >/dev/null 3>&- &
	pid=$!
	# It is in the middle as soon as the write-ahead log grows.
	until [ "$(stat -c %s "$db-wal" 2>/dev/null || echo 0)" -gt 100000 ] || ! kill -0 $pid; do :; done
	kill -9 $pid
	wait $pid || true
	[ "$(sqlite3 "$db" 'PRAGMA integrity_check')" = ok ]
	# The old room; or all of the new one, where the kill came late.
	case $(sqlite3 "$db" 'SELECT (SELECT count(*) FROM server), (SELECT count(*) FROM secret)') in
	'2|2') [ "$(inventory ls --columns id | paste -sd' ')" = "a b" ] ;;
	'50002|50002') ;;
	*) return 1 ;;
	esac
}

@test "an import that is killed after it answered has been kept" {
	seq -f "web-%06g--10.0.0.1--root--secret" 2000 >big.txt
	# Its last act: it waits for the reader of its summary, and is killed there.
	mkfifo summary
	mroom-inventory import big.txt >/dev/null 2>summary 3>&- &
	pid=$!
	read -r line <summary
	kill -9 $pid 2>/dev/null || true
	wait $pid || true
	[[ $line == "big: 2000 added"* ]]
	[ "$(inventory ls | wc -l)" -eq 2000 ]
}

@test "sealed values are bound to their place and to the key" {
	inventory import r.txt -q
	sqlite3 "$db" "UPDATE secret SET sealed = (SELECT sealed FROM secret WHERE name = 'a') WHERE name = 'b'"
	run --separate-stderr inventory import r.txt
	[ "$output" = "b	changed	password	" ]
	chmod 644 "$MROOM_HOME/secret.key"
	sed -i 's/pw/pw2/' r.txt
	run inventory import r.txt
	[ "$status" = 2 ]
	[[ $output == *"chmod 600 $MROOM_HOME/secret.key"* ]]
}

@test "no core, no ptrace by others: a tool that holds secrets is hardened" {
	mkfifo slow
	mroom-inventory import --room r slow 3>&- &
	pid=$!
	exec 4>slow
	# It has opened the pipe, so it is past its beginning.
	[ "$(awk '/Max core file size/ { print $5, $6 }' /proc/$pid/limits)" = "0 0" ]
	[ "$(tr '\0' ' ' </proc/$pid/cmdline)" = "mroom-inventory import --room r slow " ]
	echo 'a--h--u--pw' >&4
	exec 4>&-
	wait $pid
}

@test "where the database is broken a run says that, and not that there are no servers" {
	mroom inventory add web-01 --host 127.0.0.1 >/dev/null
	sqlite3 "$MROOM_HOME/mroom.db" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	dd if=/dev/zero of="$MROOM_HOME/mroom.db" bs=4096 seek=1 count=20 conv=notrunc 2>/dev/null
	run --separate-stderr mroom exec -w web-01 -- true
	[ "$status" = 6 ]
	[ -z "$output" ]
	[[ $stderr == "mroom exec: $MROOM_HOME/mroom.db: "* ]]
	[ "$(wc -l <<<"$stderr")" = 1 ]
}
