# shellcheck shell=bash
# For tests of files on servers: every server has a home of its own, although one sshd answers for all.
#
# A relative path on web-NN is $LAB/srv/ADDRESS/path: see there.

lab_homes_start() {
	lab_dir
	mkdir -m 755 "$LAB/srv" "$LAB/bin"
	# What is asked for is written down; the disk of whoever runs the tests is left in peace.
	printf '#!/bin/sh\necho "$@" >>%s/synced\n' "$LAB" >"$LAB/bin/sync"
	chmod 755 "$LAB/bin/sync"
	cat >"$LAB/own-home" <<'SH'
#!/bin/sh
# shellcheck disable=SC2086 # its fields
set -- $SSH_CONNECTION
HOME=${0%/*}/srv/$3
MROOM_DIR=$HOME/.mroom
export HOME MROOM_DIR
[ -d "$HOME" ] || mkdir -p "$HOME"
cd "$HOME" || exit 1
PATH=${0%/*}/bin:$PATH
case $SSH_ORIGINAL_COMMAND in
internal-sftp) SSH_ORIGINAL_COMMAND=/usr/lib/openssh/sftp-server ;;
esac
exec "${SHELL:-/bin/sh}" -c "$SSH_ORIGINAL_COMMAND"
SH
	chmod 755 "$LAB/own-home"
	# As the leader of its own group, as every command of sshd is.
	lab_sshd_start "ForceCommand exec $LAB/own-home" "$@"
}

# Where the Nth server's home is.
srv() {
	echo "$LAB/srv/$(lab_address "$1")"
}

# Empty homes, which exist, for the first N servers.
lab_homes() {
	local i
	rm -rf "$LAB"/srv/*
	for ((i = 1; i <= $1; i++)); do
		mkdir -p "$(srv "$i")"
	done
}

# Runs mroom copy; what it printed in $out and $err, its status in $status.
# shellcheck disable=SC2034 # they are the test's
run_copy() {
	status=0
	mroom copy "$@" >"$BATS_TEST_TMPDIR/.out" 2>"$BATS_TEST_TMPDIR/.err" </dev/null || status=$?
	out=$(<"$BATS_TEST_TMPDIR/.out")
	err=$(<"$BATS_TEST_TMPDIR/.err")
	[ -z "$err" ] || echo "$err"
}

# What a tree is made of, in a form that can be compared: kind, mode, time, size, target, name.
shape() {
	(cd "$1" && find . -mindepth 1 \( -type d -printf 'd %m %P\0' -o -type l -printf 'l %l %P\0' -o -printf '%y %m %Ts %s %P\0' \) | sort -z | tr '\0' '\n')
}

same_trees() {
	diff <(shape "$1") <(shape "$2")
	diff -r --no-dereference "$1" "$2"
}

# Servers that do SFTP and nothing else, each with a home of its own: $1 of them.
lab_sftp_start() {
	local i
	lab_dir
	mkdir -m 755 "$LAB/srv"
	set -- "$1" "Subsystem sftp internal-sftp"
	for ((i = 1; i <= $1; i++)); do
		mkdir "$(srv "$i")"
		set -- "$@" "Match LocalAddress $(lab_address "$i")" "ForceCommand internal-sftp -d $(srv "$i")"
	done
	shift 2
	lab_sshd_start "$@"
}
