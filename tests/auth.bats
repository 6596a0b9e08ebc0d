#!/usr/bin/env bats
# Who we are and who they are: every kind of key, agent, password; host keys known, new, changed, revoked.

load lib/lab

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
}

# A room of N servers without a key of their own.
keyless_room() {
	lab_roster "$1" "----$LAB_PORT" >"$BATS_TEST_TMPDIR/lab.txt"
	lab_known_hosts "$1" >"$MROOM_HOME/known_hosts"
	mroom inventory import "$BATS_TEST_TMPDIR/lab.txt" >/dev/null 2>&1
}

# mroom exec with these arguments: status, and output sorted in $out, standard error in $err.
try() {
	status=0
	mroom exec "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" </dev/null || status=$?
	out=$(sort "$BATS_TEST_TMPDIR/out")
	err=$(cat "$BATS_TEST_TMPDIR/err")
}

opens() {
	try "$@" -w web-01,web-02 -- echo in
	[ "$status" = 0 ] || { echo "$err"; return 1; }
	[ "$out" = "web-01	in
web-02	in" ]
}

# Types a line once the prompt is there: on_terminal PROMPT LINE COMMAND; what was shown goes to $out.
on_terminal() {
	local shown=$BATS_TEST_TMPDIR/shown
	{
		lab_wait "grep -q '$1' '$shown' 2>/dev/null"
		printf '%s\n' "$2"
	} | script -qefc "$3" "$shown" >/dev/null
	out=$(tr -d '\r' <"$shown")
}

secret_file() {
	(umask 077 && printf '%s\n' "$2" >"$BATS_TEST_TMPDIR/$1")
	echo "$BATS_TEST_TMPDIR/$1"
}

@test "an ed25519 key logs in" {
	keyless_room 2
	opens -i "$LAB_KEY"
}

@test "an ECDSA key logs in" {
	keyless_room 2
	opens -i "$LAB_KEY_ECDSA"
}

@test "an RSA key of 3072 bits logs in" {
	keyless_room 2
	opens -i "$LAB_KEY_RSA"
}

@test "an RSA key logs in to many at once, also while some are given up" {
	keyless_room 24
	try -i "$LAB_KEY_RSA" -a -- echo in
	[ "$status" = 0 ]
	[ "$(grep -c 'in$' <<<"$out")" = 24 ]
	try -i "$LAB_KEY_RSA" -k -f 24 -a -- false
	[ "$status" -gt 0 ]
	[[ $err == *"24 servers in "* ]]
}

@test "a key under a passphrase logs in once it is given" {
	keyless_room 2
	opens -i "$LAB_KEY_SEALED" --passphrase-file "$(secret_file pp "$LAB_PASSPHRASE")"
	try -i "$LAB_KEY_SEALED" -w web-01 -- true
	[ "$status" = 2 ]
	[[ $err == *"$LAB_KEY_SEALED: it needs a passphrase"* ]]
	try -i "$LAB_KEY_SEALED" --passphrase-file "$(secret_file bad wrong)" -w web-01 -- true
	[ "$status" = 2 ]
	[[ $err == *"$LAB_KEY_SEALED: the passphrase does not open it"* ]]
}

@test "servers have locked keys of their own, opened by the passphrase that is given or kept" {
	local n kept
	for n in 1 2 3; do
		(umask 077 && cp "$LAB_KEY_SEALED" "$BATS_TEST_TMPDIR/key.$n")
	done
	lab_roster 3 "----$LAB_PORT--$BATS_TEST_TMPDIR/key" | awk '{ print $0 "." NR }' >"$BATS_TEST_TMPDIR/own.txt"
	lab_known_hosts 3 >"$MROOM_HOME/known_hosts"
	mroom inventory import -q "$BATS_TEST_TMPDIR/own.txt" 2>/dev/null
	opens --passphrase-file "$(secret_file pp "$LAB_PASSPHRASE")"
	try -w web-01 -- true
	[ "$status" = 4 ]
	[[ $err == *"$BATS_TEST_TMPDIR/key.1: it needs a passphrase"* ]]
	kept=$(secret_file pp "$LAB_PASSPHRASE")
	mroom state secret set -K key-passphrase "$BATS_TEST_TMPDIR/key.1" --file "$kept"
	mroom state secret set -K key-passphrase "$BATS_TEST_TMPDIR/key.2" --file "$kept"
	opens
	# A wrong one first, and then what is kept.
	opens --passphrase-file "$(secret_file bad wrong)"
	try --passphrase-file "$(secret_file bad wrong)" -a -- echo in
	[ "$status" = 4 ]
	[ "$out" = "web-01	in
web-02	in" ]
	[[ $err == *"web-03: denied: "*"$BATS_TEST_TMPDIR/key.3: the passphrase does not open it"* ]]
}

@test "a locked default key is opened for the server whose own it is, though others have passed it by" {
	keyless_room 2
	mkdir -m 700 "$HOME/.ssh"
	(umask 077 && cp "$LAB_KEY_SEALED" "$HOME/.ssh/id_ed25519")
	mroom inventory set -q --key "$HOME/.ssh/id_ed25519" web-02 >/dev/null
	mroom state secret set -K key-passphrase "$HOME/.ssh/id_ed25519" --file "$(secret_file pp "$LAB_PASSPHRASE")"
	refusals() { grep -c '^Connection closed by authenticating user root' "$LAB/log" || true; }
	before=$(refusals)
	mkfifo "$BATS_TEST_TMPDIR/ids"
	mroom exec -- echo in <"$BATS_TEST_TMPDIR/ids" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
	exec 4>"$BATS_TEST_TMPDIR/ids"
	echo web-01 >&4
	lab_wait '[ "$(refusals)" -gt "$before" ]'
	echo web-02 >&4
	exec 4>&-
	wait $! || true
	[ "$(cat "$BATS_TEST_TMPDIR/out")" = "web-02	in" ]
}

@test "a passphrase is asked for on a terminal, before the run begins" {
	require script
	keyless_room 2
	on_terminal Passphrase "$LAB_PASSPHRASE" "mroom exec -q -i '$LAB_KEY_SEALED' -w web-01,web-02 -- echo in"
	[[ $out == *"Passphrase for $LAB_KEY_SEALED: "* ]]
	[ "$(grep -c '^web-0[12]: in$' <<<"$out")" = 2 ]
	[[ $out != *"$LAB_PASSPHRASE"* ]]
}

@test "the agent's keys log in, RSA among them" {
	keyless_room 2
	lab_ssh_agent_start "$LAB_KEY_RSA"
	opens
	ssh-add -qD
	ssh-add -q "$LAB_KEY_ECDSA"
	opens
	ssh-add -qD
	ssh-add -q "$LAB_KEY"
	opens
}

@test "an agent that never answers costs two seconds, not the run" {
	keyless_room 2
	mkfifo "$BATS_TEST_TMPDIR/ready"
	perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new(Local => shift, Listen => 5) or die; open(R, ">", shift); close R; while (my $c = $s->accept) { push @k, $c }' \
		"$BATS_TEST_TMPDIR/agent" "$BATS_TEST_TMPDIR/ready" 3>&- &
	lab_keep $!
	cat "$BATS_TEST_TMPDIR/ready"
	SSH_AUTH_SOCK=$BATS_TEST_TMPDIR/agent opens -i "$LAB_KEY"
	SSH_AUTH_SOCK=/dev/null/agent opens -i "$LAB_KEY"
}

@test "the default keys in ~/.ssh log in" {
	keyless_room 2
	mkdir -m 700 "$HOME/.ssh"
	cp "$LAB_KEY_RSA" "$HOME/.ssh/id_rsa"
	opens
}

@test "a server's own key from the roster logs in" {
	lab_room 2
	opens
}

@test "a password from a file logs in, and a wrong one is denied" {
	lab_password_user
	keyless_room 2
	opens -l "$LAB_PASSWORD_USER" --password-file "$(secret_file pw "$LAB_PASSWORD")"
	try -l "$LAB_PASSWORD_USER" --password-file "$(secret_file wrong nonsense)" -w web-01 -- true
	[ "$status" = 4 ]
	[[ $err == *"web-01: denied: the password for lab is wrong"* ]]
}

@test "a password from the roster is sealed and logs in" {
	lab_password_user
	printf 'web-01--127.1.0.1--%s--%s--%s\nweb-02--127.1.0.2--%s--%s--%s\n' "$LAB_PASSWORD_USER" "$LAB_PASSWORD" "$LAB_PORT" \
		"$LAB_PASSWORD_USER" "$LAB_PASSWORD" "$LAB_PORT" >"$BATS_TEST_TMPDIR/lab.txt"
	lab_known_hosts 2 >"$MROOM_HOME/known_hosts"
	mroom inventory import "$BATS_TEST_TMPDIR/lab.txt" >/dev/null 2>&1
	opens
	refute grep -aF "$LAB_PASSWORD" "$MROOM_HOME"/mroom.db*
}

@test "a password is asked for once with --ask-pass" {
	require script
	lab_password_user
	keyless_room 2
	on_terminal Password "$LAB_PASSWORD" "mroom exec -q --ask-pass -l '$LAB_PASSWORD_USER' -w web-01,web-02 -- echo in"
	[ "$(grep -c '^web-0[12]: in$' <<<"$out")" = 2 ]
	[[ $out != *"$LAB_PASSWORD"* ]]
}

@test "a secret file that others can read is refused" {
	keyless_room 1
	printf 'x\n' >"$BATS_TEST_TMPDIR/open"
	chmod 644 "$BATS_TEST_TMPDIR/open"
	try --password-file "$BATS_TEST_TMPDIR/open" -w web-01 -- true
	[ "$status" = 2 ]
	[[ $err == *"$BATS_TEST_TMPDIR/open"* ]]
	cp "$LAB_KEY" "$BATS_TEST_TMPDIR/key"
	chmod 640 "$BATS_TEST_TMPDIR/key"
	try -i "$BATS_TEST_TMPDIR/key" -w web-01 -- true
	[ "$status" = 2 ]
	[[ $err == *"mode 640 is open to others"* ]]
}

@test "a key that the server does not know is denied, with what it accepts" {
	keyless_room 1
	ssh-keygen -q -t ed25519 -N '' -f "$BATS_TEST_TMPDIR/stranger"
	try -i "$BATS_TEST_TMPDIR/stranger" -w web-01 -- true
	[ "$status" = 4 ]
	[[ $err == *"web-01: denied: server accepts publickey"*"no key offered matched"* ]]
	try -w web-01 -- true
	[[ $err == *"there is no key to offer"* ]]
}

@test "a key that cannot be read is told beside the denial" {
	lab_roster 1 "----$LAB_PORT--/dev/null/key" >"$BATS_TEST_TMPDIR/lab.txt"
	lab_known_hosts 1 >"$MROOM_HOME/known_hosts"
	mroom inventory import "$BATS_TEST_TMPDIR/lab.txt" >/dev/null 2>&1
	try -w web-01 -- true
	[ "$status" = 4 ]
	[[ $err == *"web-01: denied: "*"key /dev/null/key: "* ]]
}

@test "dropbear is reached with ed25519, and what outlives -u is killed there too" {
	lab_dropbear_start
	keyless_room 2
	lab_known_hosts 2 >"$MROOM_HOME/known_hosts"
	opens --host-key accept-new -p "$LAB_DROPBEAR_PORT" -i "$LAB_KEY"
	try --host-key accept-new -p "$LAB_DROPBEAR_PORT" -i "$LAB_KEY" -u 1s -w web-01 -- 'sleep 86201; echo no'
	[ "$status" = 3 ]
	[[ $err == *"web-01: timeout: still running after 1.0 s; the command was killed on the server"* ]]
	refute pgrep -f 'sleep 86201'
}

@test "an unknown host key is refused by default and learned with accept-new" {
	lab_room 2
	: >"$MROOM_HOME/known_hosts"
	try -w web-01,web-02 -- echo in
	[ "$status" = 4 ]
	[ "$out" = "" ]
	[[ $err == *"web-[01-02]: hostkey: host key SHA256:"*"is not known"* ]]
	[ ! -s "$MROOM_HOME/known_hosts" ]
	opens --host-key accept-new
	[ "$(wc -l <"$MROOM_HOME/known_hosts")" = 2 ]
	opens
	printf '[ssh]\nhost_key = accept-new\n' >"$MROOM_HOME/config.ini"
	: >"$MROOM_HOME/known_hosts"
	opens
}

@test "a changed host key is refused in every mode, with both fingerprints, file and line" {
	lab_room 2
	ssh-keygen -q -t ed25519 -N '' -f "$BATS_TEST_TMPDIR/other"
	{
		echo '# a comment'
		echo "[127.1.0.1]:$LAB_PORT $(cut -d' ' -f1,2 "$BATS_TEST_TMPDIR/other.pub")"
		lab_known_hosts 2 | grep '127.1.0.2'
	} >"$MROOM_HOME/known_hosts"
	old=$(ssh-keygen -lf "$BATS_TEST_TMPDIR/other.pub" | cut -d' ' -f2)
	new=$(ssh-keygen -lf "$LAB/host_ed25519.pub" | cut -d' ' -f2)
	for mode in strict accept-new; do
		try --host-key "$mode" -w web-01,web-02 -- echo in
		[ "$status" = 4 ]
		[ "$out" = "web-02	in" ]
		[[ $err == *"web-01: hostkey: HOST KEY CHANGED: server presents $new, but $MROOM_HOME/known_hosts:2 knows $old"* ]]
	done
}

@test "a server known by another type of key is asked for that one" {
	lab_room 1
	echo "[127.1.0.1]:$LAB_PORT $(cut -d' ' -f1,2 "$LAB/host_ecdsa.pub")" >"$MROOM_HOME/known_hosts"
	try -w web-01 -- echo in
	[ "$out" = "web-01	in" ]
	ssh-keygen -q -H -f "$MROOM_HOME/known_hosts"
	try -w web-01 -- echo in
	[ "$out" = "web-01	in" ]
}

@test "hashed names and ~/.ssh/known_hosts are honoured, and so is @revoked" {
	lab_room 2
	rm "$MROOM_HOME/known_hosts"
	mkdir -m 700 "$HOME/.ssh"
	lab_known_hosts 2 >"$HOME/.ssh/known_hosts"
	ssh-keygen -q -H -f "$HOME/.ssh/known_hosts"
	opens
	echo "@revoked * $(cut -d' ' -f1,2 "$LAB/host_ed25519.pub")" >>"$HOME/.ssh/known_hosts"
	try -w web-01 -- true
	[ "$status" = 4 ]
	[[ $err == *"hostkey: host key SHA256:"*"is marked @revoked in $HOME/.ssh/known_hosts:"* ]]
}
