#!/usr/bin/env bats
# The first MachineRoom's quick start, typed line by line: its words still work.

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
	lab_known_hosts 3 >"$MROOM_HOME/known_hosts"
	lab_roster 3 >"$MROOM_HOME/my_servers.txt"
}

@test "import, ls, a login, set-home, retire and v" {
	run mroom import my_servers.txt
	[ "$status" = 0 ]
	run mroom ls
	[ "$(cut -f1 <<<"$output" | paste -sd' ')" = "web-01 web-02 web-03" ]
	run mroom ls --columns classic
	[ "${#lines[@]}" = 3 ]
	run mroom web-01 -- echo there
	[ "$output" = there ]
	run mroom set-home web-01 /home/user
	[ "$status" = 0 ]
	[ "$(mroom state get web-01 home_path)" = /home/user ]
	run mroom retire my_servers.txt
	[ "$status" = 0 ]
	[ "$(mroom ls)" = "" ]
	run mroom v
	[ "$output" = "$(mroom --version)" ]
}

@test "every word of old is understood" {
	for word in import update_file update_conf updateconfig updateconfiguration updateconfigurations; do
		run mroom "$word" my_servers
		[ "$status" = 0 ] || { echo "$word: $output"; false; }
	done
	for word in ls show list tell; do
		[ "$(mroom "$word" | wc -l)" = 3 ]
		[ "$(mroom "$word" my_servers.txt | wc -l)" = 3 ]
	done
	for word in sethome startpath loginstart loginat; do
		run mroom "$word" web-02 "/srv/$word"
		[ "$(mroom state get web-02 home_path)" = "/srv/$word" ]
	done
	for word in ver version versions; do
		[ "$(mroom "$word")" = "$(mroom --version)" ]
	done
	# the file's name without its ending, as the import took it
	run mroom retired my_servers
	[ "$(mroom inventory ls @retired | wc -l)" = 3 ]
}

@test "scan_docker and its kin ask every server of the room for its engine" {
	mroom import my_servers -q >/dev/null
	run --separate-stderr mroom docker doctor -w @my_servers
	local meant=$status
	[ "$(cut -f1 <<<"$output" | sort -u | paste -sd' ')" = "web-01 web-02 web-03" ]
	for word in scan_docker scandocker validation valid; do
		run --separate-stderr mroom "$word" my_servers.txt
		[ "$status" = "$meant" ]
		[ "$(cut -f1 <<<"$output" | sort -u | paste -sd' ')" = "web-01 web-02 web-03" ]
	done
	[ "$(mroom help valid)" = "valid is an alias for: docker doctor -w" ]
}

@test "words that became other tools say so in help, one's own alias goes before" {
	[ "$(mroom help off-cert)" = "off-cert is an alias for: cert off" ]
	[ "$(mroom help add-cert)" = "add-cert is an alias for: cert install" ]
	[ "$(mroom help watch-profile)" = "watch-profile is an alias for: health ports" ]
	printf '[alias]\nls = inventory room\n' >"$MROOM_HOME/config.ini"
	mroom import my_servers -q >/dev/null
	[ "$(mroom ls)" = "my_servers	3	0" ]
}

@test "a server's id is no file's name: retire takes ids as well" {
	mroom import my_servers -q >/dev/null
	mroom retire -q web-02 >/dev/null
	[ "$(mroom inventory ls --columns id @retired)" = web-02 ]
}

@test "import --setup brings the room through the settings' stages" {
	not_quick
	printf '[deploy]\nstages = env\n' >"$MROOM_HOME/config.ini"
	# the lab's servers are one machine, which takes one deployment at a time
	lab_roster 1 >"$MROOM_HOME/my_servers.txt"
	run mroom import --setup my_servers.txt
	echo "$output"
	[ "$status" = 0 ]
	[ "$(mroom deploy status @my_servers | grep -c env)" = 1 ]
}
