#!/usr/bin/env bats
# mroom health check: what is found becomes records, words of Nagios and exit statuses.
# shellcheck disable=SC2154 # stderr is what run --separate-stderr sets

bats_require_minimum_version 1.5.0
load lib/lab

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

# Nothing outside of this machine is asked, and its own load is nobody's fault.
setup() {
	lab_home
	lab_room 3
	settings
}

# A system without /etc/hosts knows no name at all.
known_name() {
	! getent hosts localhost >/dev/null || echo localhost
}

settings() {
	{
		printf '[health]\nping_address = 127.0.0.1\ndns_name = %s\n' "$(known_name)"
		printf 'load1 = off\nload5 = off\nload15 = off\nzombies = off\ndisk = off\ninodes = off\n'
		printf '%s\n' "$@"
		printf '[require]\nram_gb = 0\ndisk_gb = 0\n'
	} >"$MROOM_HOME/config.ini"
}

# The status of check $1 in the records on standard input.
status_of() {
	awk -F'\t' -v check="$1" '$3 == check { print $2 }'
}

@test "records are id, status, check, value, text, and every server tells of the usual things" {
	run --separate-stderr mroom health check web-02 --only 'm*,*' --only memory
	[ "$status" -eq 0 ]
	[ "$(cut -f1-3 <<<"$output")" = "$(printf 'web-02\tOK\tmemory')" ]
	[[ $(cut -f4 <<<"$output") =~ ^[0-9.]+$ ]]
	[[ $(cut -f5 <<<"$output") == *" available"* ]]
	run --separate-stderr mroom health check web-02
	for check in memory load1 disk:/ inodes:/ processes zombies uptime clock $(known_name | sed s/localhost/dns/) ping cpu; do
		[ "$(status_of "$check" <<<"$output")" = OK ] || { echo "$check"; return 1; }
	done
}

@test "thresholds become words and exit statuses, the worst of all servers" {
	settings 'memory = 0:100' 'listen = 1'
	run --separate-stderr mroom health check -a --only memory
	[ "$status" -eq 1 ]
	[ "$(cut -f2 <<<"$output" | sort | uniq -c | tr -s ' ')" = " 3 WARNING" ]
	run --separate-stderr mroom health check -a --only 'memory' --only listen
	[ "$status" -eq 2 ]
	[[ $output == *"nothing listens on 1"* ]]
	settings 'memory = 0:100' "listen = $LAB_PORT"
	run --separate-stderr mroom health check -a --only memory --only listen
	[ "$status" -eq 1 ]
	[ "$(status_of listen <<<"$output" | sort -u)" = OK ]
}

@test "a threshold holds for a room, a tag or a server, and the nearest counts" {
	settings 'memory = off'
	printf '[health.lab]\nmemory = 0\n[health.web-01]\nmemory = off\n[health.db]\nmemory = 0:0\n' \
		>>"$MROOM_HOME/config.ini"
	mroom-inventory ls >/dev/null
	sqlite3 "$MROOM_HOME/mroom.db" "INSERT INTO tag SELECT row, 'db' FROM server WHERE id = 'web-03'"
	run --separate-stderr mroom health check -a --only memory --columns id,status
	[ "$(sort <<<"$output")" = "$(printf 'web-01\tOK\nweb-02\tWARNING\nweb-03\tCRITICAL')" ]
	[ "$status" -eq 2 ]
	[ "$(mroom config list --columns setting,value | grep '^health\.web-01')" = "$(printf 'health.web-01.memory\toff')" ]
}

@test "a bad threshold is refused with file and line" {
	printf '[health.web-01]\ndisk = 80m\n' >"$MROOM_HOME/config.ini"
	run mroom health check -a
	[ "$status" -eq 3 ]
	[[ $output == *"config.ini:2: [health] disk: '80m' is not a percentage"* ]]
}

@test "a server that cannot be reached is UNKNOWN, and so is the room" {
	echo "away--127.0.0.1--root----1--$LAB_KEY" | mroom inventory import - --room off -q
	run --separate-stderr mroom health check web-01 away
	[ "$status" -eq 3 ]
	[[ $output == *"$(printf 'away\tUNKNOWN\treach\t\tunreachable: ')"* ]]
	[[ $stderr == *"health: 1 UNKNOWN, 1 OK"* ]]
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" "SELECT value FROM state JOIN server ON server = row WHERE id = 'away'")" = \
		'{"problems":{"reach":"UNKNOWN"},"status":"UNKNOWN"}' ]
}

@test "a call that makes no sense is UNKNOWN for Nagios, never CRITICAL" {
	for words in "" "chekc" "check --nosuch" "check nosuch" "check"; do
		# shellcheck disable=SC2086 # words
		run mroom health $words </dev/null
		[ "$status" -eq 3 ] || [ "$words" = check ] || { echo "$words: $status"; return 1; }
	done
}

@test "the result is kept as state, and an unchanged one is no change" {
	settings 'memory = 0'
	mroom health check web-01 -q >/dev/null || [ $? -eq 1 ]
	mroom health check web-01 -q >/dev/null || [ $? -eq 1 ]
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" "SELECT value FROM state WHERE key = 'health_check'")" = \
		'{"problems":{"memory":"WARNING"},"status":"WARNING"}' ]
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" "SELECT count(*) FROM history WHERE key = 'health_check'")" = 1 ]
}

@test "records feed a pipe: what is CRITICAL goes on to the next tool" {
	printf '[health.web-02]\nmemory = 0:0\n' >>"$MROOM_HOME/config.ini"
	run --separate-stderr bash -c "mroom health check -a | awk -F'\t' '\$2==\"CRITICAL\"' | mroom exec -- echo again"
	[ "$output" = "$(printf 'web-02\tagain')" ]
}

@test "a table shows what is wrong, and one line for a server that is well" {
	printf '[health.web-02]\nmemory = 0:0\n' >>"$MROOM_HOME/config.ini"
	run --separate-stderr mroom health check web-01 web-02 -o table --columns id,status,check
	[[ $output == *"web-01 OK"* ]]
	[[ $output == *"web-02 CRITICAL memory"* ]]
	[ "${#lines[@]}" -eq 3 ]
}

@test "Nagios gets one line with perfdata, or a line for each server" {
	settings 'memory = 0:100'
	run --separate-stderr mroom health check web-01 -o nagios --only memory
	[ "$status" -eq 1 ]
	[[ $output =~ ^'HEALTH WARNING web-01 - memory: '.*' | '\'memory\'=[0-9.]+%\;0\;100$ ]]
	run --separate-stderr mroom health check -a -o nagios --only memory
	[ "${lines[0]}" = "HEALTH WARNING - 3 servers: 3 WARNING" ]
	[ "${#lines[@]}" -eq 4 ]
	[[ ${lines[3]} == *"'web-0"*" memory'="* ]]
}

@test "own checks run on the servers, in the words of Nagios plugins" {
	mkdir "$MROOM_HOME/checks"
	cat >"$MROOM_HOME/checks/queue" <<'CHECK'
#!/bin/sh
echo "QUEUE CRITICAL - 99 waiting | waiting=99;10;50"
echo "second line"
exit 2
CHECK
	printf '#!/bin/sh\necho "it'\''s \\\\ fine"\n' >"$MROOM_HOME/checks/fine"
	chmod +x "$MROOM_HOME/checks"/*
	echo 'no program' >"$MROOM_HOME/checks/README"
	run --separate-stderr mroom health check web-01 web-02 --only 'check:*'
	[ "$status" -eq 2 ]
	[ "$(sort <<<"$output")" = "$(printf '%s\tOK\tcheck:fine\t\tit'\''s \\\\ fine\n%s\tCRITICAL\tcheck:queue\t99\tQUEUE CRITICAL - 99 waiting\n' \
		web-01 web-01 web-02 web-02 | sort)" ]
	[ -z "$(find "${TMPDIR:-/tmp}" -maxdepth 2 -name queue -path '*tmp.*' -newer "$MROOM_HOME/config.ini" 2>/dev/null)" ]
}

@test "what is to be ignored is looked at and does not count" {
	settings 'memory = 0:0' 'ignore = mem*,swap'
	run --separate-stderr mroom health check web-01 --only memory
	[ "$status" -eq 0 ]
	[[ $output == *"$(printf 'OK\tmemory')"*"(ignored)" ]]
}

@test "a service that runs is OK, one that does not is CRITICAL" {
	settings 'services = sshd,nosuchservice'
	run --separate-stderr mroom health check web-01 --only 'service:*'
	[ "$status" -eq 2 ]
	[ "$(status_of service:sshd <<<"$output")" = OK ]
	[ "$(status_of service:nosuchservice <<<"$output")" = CRITICAL ]
}

@test "CPU use is known between two checks, and only shown on the first" {
	run --separate-stderr mroom health check web-01 --only cpu
	[[ $output == *"since it booted"* ]]
	# As if the last check had been a while ago.
	sqlite3 "$MROOM_HOME/mroom.db" "UPDATE checkup SET found = json_set(found, '$.cpu.busy', 0, '$.cpu.idle', 0)"
	run --separate-stderr mroom health check web-01 --only cpu
	[[ $output == *"over the last 1 min"* ]]
}

@test "what a server says is text: control bytes, HTML and bad UTF-8 do no harm" {
	mkdir "$MROOM_HOME/checks"
	printf '#!/bin/sh\nprintf "\\033[31m<script>\\377|\\n"\nexit 1\n' >"$MROOM_HOME/checks/evil"
	chmod +x "$MROOM_HOME/checks/evil"
	run --separate-stderr mroom health check web-01 --only 'check:*' --columns text
	[ "$output" = '?[31m<script>?' ]
	run --separate-stderr mroom health check web-01 --only 'check:*' --json
	jq -e '.text == "?[31m<script>?"' <<<"$output"
}
