#!/usr/bin/env bats
# mroom doctor: what is wrong with this console, a line each, and what to do.
# shellcheck disable=SC2154 # stderr is what run --separate-stderr sets

bats_require_minimum_version 1.5.0
load lib/lab

setup() {
	lab_home
	cd "$BATS_TEST_TMPDIR" || return
	echo 'web-01--10.0.0.1--root--sesame--22' | mroom-inventory import - --room web -q >/dev/null
}

doctor() {
	run --separate-stderr mroom-doctor "$@"
}

# A line of this check, state and text.
says() {
	grep -q "^$1	$2	.*$3" <<<"$output" || { echo "$output"; false; }
}

@test "a well console has nothing to say into a pipe, and everything on a terminal" {
	doctor
	[ "$status" = 0 ]
	[ "$(grep -v '^clock	note	' <<<"$output")" = "" ]
	[ "$stderr" = "0 bad, 0 warnings" ]
	doctor -a
	for check in database secrets settings locks agent programs libraries; do says $check ok ''; done
	says secrets ok '1 server password, all open'
}

@test "modes that let others in are named, and mended with --fix" {
	chmod 644 "$MROOM_HOME/mroom.db" "$MROOM_HOME/secret.key"
	doctor
	[ "$status" = 2 ]
	says files bad 'mroom.db: mode 644 lets others in	chmod 600'
	says files bad secret.key
	doctor --fix
	says files fixed 'mode was 644, now 600'
	[ "$(stat -c %a "$MROOM_HOME/mroom.db" "$MROOM_HOME/secret.key" | sort -u)" = 600 ]
	doctor
	[ "$status" = 0 ]
}

@test "a damaged database is told, with status 6" {
	sqlite3 "$MROOM_HOME/mroom.db" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	echo nonsense >"$MROOM_HOME/mroom.db"
	doctor
	[ "$status" = 6 ]
	says database bad 'not a database'
}

@test "a lost key file, and one that does not open what is sealed" {
	mv "$MROOM_HOME/secret.key" aside
	doctor
	[ "$status" = 2 ]
	says secrets bad 'is gone, and with it 1 sealed'
	MROOM_HOME=$PWD/other mroom-inventory add x 10.0.0.2 --secret-command 'echo p' >/dev/null
	cp other/secret.key "$MROOM_HOME/secret.key"
	doctor
	says secrets bad '1 password cannot be opened'
	[[ $output$stderr != *sesame* ]]
}

@test "private keys of servers: missing, open to others, and those of settings" {
	mroom-inventory set -q web-01 --key "$PWD/k" >/dev/null
	doctor
	[ "$status" = 2 ]
	says keys bad "$PWD/k (web-01): No such file"
	echo key >k
	chmod 644 k
	doctor --fix
	says keys fixed "k: mode was 644, now 600"
	printf '[ssh]\nidentity = %s\n' "$PWD/gone" >"$MROOM_HOME/config.ini"
	doctor
	says keys bad "gone (ssh.identity)"
}

@test "settings that cannot be read, an agent that does not answer, keys of hosts that are gone" {
	printf '[ssh]\nprot = 22\n' >"$MROOM_HOME/config.ini"
	SSH_AUTH_SOCK=$PWD/none doctor
	[ "$status" = 2 ]
	says settings bad config.ini:2
	says agent warning "none does not answer"
	rm "$MROOM_HOME/config.ini"
	printf '10.0.0.1 ssh-ed25519 AAAA\n192.0.2.1 ssh-ed25519 AAAA\n@revoked x ssh-rsa AAAA\nbroken\n' >"$MROOM_HOME/known_hosts"
	doctor
	says known_hosts bad '1 line that cannot be read'
	says known_hosts note '1 of 3 host keys are for hosts that no server has, such as 192.0.2.1'
}

@test "what killed tools left behind is named, and removed with --fix" {
	for kept in secret.key.backup mroom.db.backup config.ini.backup known_hosts.backup; do
		(umask 077 && touch -d '1 day ago' "$MROOM_HOME/$kept")
	done
	touch -d '2 hours ago' "$MROOM_HOME/.config.ini.Ab12Cd"
	touch "$MROOM_HOME/.known_hosts.Ab12Cd"
	mkdir -p "$MROOM_HOME/run/tunnels"
	: >"$MROOM_HOME/run/tunnels/vpn.lock"
	doctor
	says leftovers warning '.config.ini.Ab12Cd'
	says locks warning 'tunnel vpn'
	[[ $output != *known_hosts* ]]
	doctor --fix
	[ ! -e "$MROOM_HOME/.config.ini.Ab12Cd" ]
	[ -e "$MROOM_HOME/.known_hosts.Ab12Cd" ]
	[ "$(find "$MROOM_HOME" -name '*.backup' | wc -l)" = 4 ]
}

@test "a journal from the future means a clock that is wrong" {
	sqlite3 "$MROOM_HOME/mroom.db" "INSERT INTO run (tool, command, user, session, started_at) VALUES ('exec', '', 'x', '', 99999999999999)"
	doctor
	[ "$status" = 6 ]
	says clock bad 'in the future'
}

@test "without a home there is a note, and none is made" {
	rm -r "$MROOM_HOME"
	doctor
	[ "$status" = 0 ]
	says home note 'not there yet'
	[ ! -e "$MROOM_HOME" ]
}

@test "a home that is no directory is bad" {
	touch "$BATS_TEST_TMPDIR/file"
	MROOM_HOME=$BATS_TEST_TMPDIR/file run --separate-stderr mroom doctor
	[ "$status" = 2 ]
	[[ $output == "home"$'\t'"bad"$'\t'*"is no directory"* ]]
}
