# shellcheck shell=bash
# What every bats file loads: an environment that owes nothing to the user's own, and servers to talk to.
#
#   load lib/lab
#   setup_file() { lab_sshd_start; }     # one private sshd for the file; not for files that need no server
#   teardown_file() { lab_sshd_stop; }
#   setup() { lab_home; lab_room 12; }   # a home for each test, with web-01 .. web-12 in it
#
# Where things are:
#   MROOM_TOP MROOM_HOME                 the tree; the test's own home
#   LAB LAB_USER LAB_PORT                the sshd's directory, the account that answers, its port
#   LAB_KEY LAB_KEY_ECDSA LAB_KEY_RSA LAB_KEY_SEALED LAB_PASSPHRASE
#                                        keys that open it (ed25519; sealed: ed25519 under the passphrase)
#   MROOM_SANITIZED                      not empty where time and memory are no measure, and labs are left out
#
# .ci/check sets MROOM_TEST_BIN, MROOM_TEST_QUICK and MROOM_TEST_CACHE; without them a file runs on its own.

MROOM_TOP=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
MROOM_TEST_BIN=${MROOM_TEST_BIN:-$MROOM_TOP/build/bin}
MROOM_SANITIZED=${MROOM_TEST_QUICK:-}
export MROOM_TOP MROOM_TEST_BIN MROOM_SANITIZED
# The system's own programs come before others (a python of somebody's own knows none of its modules); what make
# deps unpacked for the tree alone comes last.
export PATH=$MROOM_TEST_BIN:/usr/bin:/bin:$PATH:/usr/local/sbin:/usr/sbin:/sbin
PATH+=:$MROOM_TOP/build/deps/root/usr/bin:$MROOM_TOP/build/deps/root/usr/sbin
export LC_ALL=C.UTF-8 TZ=UTC
unset SSH_AUTH_SOCK SSH_ASKPASS WCOLL FANOUT NO_COLOR CLICOLOR CLICOLOR_FORCE PAGER
unset MROOM_EXEC_PATH MROOM_SHARE
umask 022

# A home of the test's own, for mroom and for whatever looks into ~.
lab_home() {
	# shellcheck disable=SC2086 # a list
	require ${LAB_NEEDS:-}
	export HOME=$BATS_TEST_TMPDIR/user MROOM_HOME=$BATS_TEST_TMPDIR/home
	mkdir -m 700 "$HOME" "$MROOM_HOME"
}

# Skips the test where one of these is missing; where nothing may be missing (CI) the test fails.
#   require root namespaces python:asyncssh /dev/kvm zsh
# In setup_file, where bats cannot skip, it returns 1, and lab_home does that to each test of the file:
#   setup_file() { require dockerd || return 0; ... }
require() {
	local what missing=
	for what; do
		case $what in
		root) [ "$(id -u)" -eq 0 ] ;;
		namespaces) [ "$(id -u)" -eq 0 ] && unshare -m true 2>/dev/null ;;
		python:*) /usr/bin/python3 -c "import ${what#python:}" 2>/dev/null ;;
		/*) [ -e "$what" ] ;;
		*) command -v "$what" >/dev/null ;;
		esac || missing+=" $what"
	done
	[ -n "$missing" ] || return 0
	if [ -z "${BATS_TEST_NUMBER:-}" ]; then
		export LAB_NEEDS=$missing
		return 1
	fi
	if [ "${CI:-}" = true ]; then
		echo "missing:$missing (make check-labs installs it)"
		return 1
	fi
	skip "needs$missing"
}

# Skips a lab or a test of scale under sanitizers.
not_quick() {
	[ -z "$MROOM_SANITIZED" ] || skip "left out of the quick run"
}

# How often a test of N rounds goes round: a tenth of that in CI.
rounds() {
	if [ "${CI:-}" = true ]; then
		echo $((($1 + 9) / 10))
	else
		echo "$1"
	fi
}

# Fails when the command succeeds. Bats passes over a failing "! command" that is not a test's last.
#   refute grep -q secret out; cat out | refute grep -q secret
refute() {
	if "$@"; then
		echo "should have failed: $*"
		return 1
	fi
}

# The secret $1 is in no process's arguments, nor in the files and directories behind it.
lab_nowhere() {
	local pattern=$BATS_TEST_TMPDIR/nowhere
	# Not as an argument of grep's own.
	(umask 077 && printf '%s\n' "$1" >"$pattern")
	shift
	cat /proc/[0-9]*/cmdline 2>/dev/null | refute grep -aqFf "$pattern"
	refute grep -arqFf "$pattern" "$@"
	rm "$pattern"
}

# The secret $1 is in no process's environment.
lab_no_environment() {
	refute grep -laFf - /proc/[0-9]*/environ 2>/dev/null <<<"$1"
}

# Waits until the command line succeeds; fails after 60 s (or $2).
lab_wait() {
	local end=$((SECONDS + ${2:-60}))
	until eval "$1"; do
		if [ "$SECONDS" -gt "$end" ]; then
			echo "never came true: $1"
			return 1
		fi
		sleep 0.02
	done
}

# Runs a command; then $peak_kib is the most memory it held, $cpu_ms what it worked, $status how it ended.
# shellcheck disable=SC2034 # they are for tests
measured() {
	status=0
	/usr/bin/time -q -o "$BATS_TEST_TMPDIR/measured" -f '%M %U %S' "$@" || status=$?
	read -r peak_kib user_s system_s < <(tail -n 1 "$BATS_TEST_TMPDIR/measured")
	cpu_ms=$(awk -v u="$user_s" -v s="$system_s" 'BEGIN { printf "%d", (u + s) * 1000 }')
}

# Client keys, made once: an RSA key and a bcrypt seal take their time.
lab_keys() {
	local keys=${MROOM_TEST_CACHE:-$BATS_RUN_TMPDIR}/keys
	export LAB_KEY=$keys/ed25519 LAB_KEY_ECDSA=$keys/ecdsa LAB_KEY_RSA=$keys/rsa
	export LAB_KEY_SEALED=$keys/sealed LAB_PASSPHRASE='open, sesame & "door"'
	[ ! -d "$keys" ] || return 0
	local new=$keys.$$
	mkdir -p "${keys%/*}"
	mkdir -m 700 "$new"
	ssh-keygen -q -t ed25519 -N '' -C lab -f "$new/ed25519"
	ssh-keygen -q -t ecdsa -N '' -C lab -f "$new/ecdsa"
	ssh-keygen -q -t rsa -b 3072 -N '' -C lab -f "$new/rsa"
	ssh-keygen -q -t ed25519 -N "$LAB_PASSPHRASE" -C lab -f "$new/sealed"
	mv -T "$new" "$keys" 2>/dev/null || rm -rf "$new"
}

# The directory that a lab and its users share, and a guard that clears up should this file be killed.
lab_dir() {
	[ -z "${LAB:-}" ] || return 0
	LAB=$(mktemp -d "${TMPDIR:-/tmp}/mroom-lab.XXXXXX")
	export LAB
	chmod 755 "$LAB"
	lab_keys
	cat "$LAB_KEY".pub "$LAB_KEY_ECDSA.pub" "$LAB_KEY_RSA.pub" "$LAB_KEY_SEALED.pub" >"$LAB/authorized_keys"
	setsid "$MROOM_TOP/tests/lib/guard" $$ "$LAB" </dev/null >/dev/null 2>&1 3>&- 4>&- &
}

# Starts the file's sshd; arguments are further lines of its configuration.
lab_sshd_start() {
	lab_dir
	LAB_PORT=$("$MROOM_TOP/tests/lib/sshd" start "$LAB" "$@" 3>&-)
	LAB_USER=$(id -un)
	export LAB_PORT LAB_USER
}

# Ends every server of the file and all that they started.
lab_sshd_stop() {
	[ -n "${LAB:-}" ] || return 0
	"$MROOM_TOP/tests/lib/guard" now "$LAB"
	unset LAB
}

# The address of the Nth server.
lab_address() {
	echo "127.1.$((($1 - 1) / 250)).$((($1 - 1) % 250 + 1))"
}

# Prints a roster of N servers: web-01 .. with the key LAB_KEY, or what $2 says after the user's name.
lab_roster() {
	local width=${#1} i
	[ "$width" -ge 2 ] || width=2
	for ((i = 1; i <= $1; i++)); do
		printf 'web-%0*d--%s--%s%s\n' "$width" "$i" "$(lab_address "$i")" "$LAB_USER" \
			"${2:-----$LAB_PORT--$LAB_KEY}"
	done
}

# Prints known_hosts lines for the first N addresses (20 when not told), of the port $2 when given.
lab_known_hosts() {
	local i key
	for key in "$LAB"/host_*.pub; do
		for ((i = 1; i <= ${1:-20}; i++)); do
			echo "[$(lab_address "$i")]:${2:-$LAB_PORT} $(cut -d' ' -f1,2 "$key")"
		done
	done
}

# The room `lab` of N servers in the test's home, their host keys known.
lab_room() {
	lab_roster "$1" >"$BATS_TEST_TMPDIR/lab.txt"
	lab_known_hosts "$1" >"$MROOM_HOME/known_hosts"
	mroom inventory import "$BATS_TEST_TMPDIR/lab.txt" >/dev/null 2>&1
}

# A user who logs in by password: LAB_PASSWORD_USER, LAB_PASSWORD.
lab_password_user() {
	require namespaces || return 1
	export LAB_PASSWORD_USER=lab LAB_PASSWORD
	LAB_PASSWORD=$(cat "$LAB/password")
}

# An agent of the test's own that holds these keys: SSH_AUTH_SOCK.
lab_ssh_agent_start() {
	export SSH_AUTH_SOCK=$LAB/agent.$BATS_TEST_NUMBER
	ssh-agent -D -a "$SSH_AUTH_SOCK" </dev/null >/dev/null 2>&1 3>&- &
	lab_keep $!
	# It is bound for a moment before it listens. Status 1 is an agent without keys.
	lab_wait 'ssh-add -l >/dev/null 2>&1; [ $? -ne 2 ]'
	ssh-add -q "$@"
}

# A dropbear beside the sshd, with busybox for its shell: LAB_DROPBEAR_PORT.
lab_dropbear_start() {
	require namespaces dropbear busybox || return 1
	LAB_DROPBEAR_PORT=$("$MROOM_TOP/tests/lib/dropbear" start "$LAB" 3>&-)
	export LAB_DROPBEAR_PORT
}

# The guard ends this process with the lab.
lab_keep() {
	echo "$1" >>"$LAB/keep"
}

# A container engine with servers in front of it, in a network of its own: LAB_PORT, LAB_USER, and `engine_run` to run
# a command in that network. Another sshd of the file there is none. See tests/lib/docker.
lab_docker_start() {
	require namespaces dockerd docker-registry || return 1
	lab_engine_start start "$@"
}

# The same with podman.
lab_podman_start() {
	require namespaces podman conmon runc iptables || return 1
	lab_engine_start podman "$@"
}

# A host without an engine, and the repository of a vendor whose key is LAB_VENDOR_KEY.
lab_bare_start() {
	require namespaces dockerd gpg gpg-agent dpkg-scanpackages busybox sudo || return 1
	lab_dir
	LAB_VENDOR_KEY=$("$MROOM_TOP/tests/lib/vendor" "$LAB" 3>&-)
	export LAB_VENDOR_KEY
	lab_engine_start bare "$@"
}

lab_engine_start() {
	local started kind=$1
	shift
	lab_dir
	started=$("$MROOM_TOP/tests/lib/docker" "$kind" "$LAB" "$@" 3>&-)
	read -r LAB_PORT LAB_DOCKER_PID <<<"$started"
	LAB_USER=root
	export LAB_PORT LAB_USER LAB_DOCKER_PID
}

# N servers that are a Debian each, with systemd, in a network of their own: as above. See tests/lib/debian.
lab_debian_start() {
	lab_machines_start debian "$1"
}

# A server that can be restarted, 10.99.1.2, in a network of its own: as above. See tests/lib/machine.
lab_machine_start() {
	require linux.uml /dev/net/tun || return 1
	lab_machines_start machine
}

lab_machines_start() {
	local started kind=$1 root=$MROOM_TOP/build/deps/debian
	shift
	require namespaces "$root" || return 1
	lab_dir
	started=$("$MROOM_TOP/tests/lib/$kind" start "$LAB" "$root" "$@" 3>&-)
	read -r LAB_PORT LAB_DOCKER_PID <<<"$started"
	LAB_USER=root
	export LAB_PORT LAB_USER LAB_DOCKER_PID
}

engine_run() {
	nsenter --target "$LAB_DOCKER_PID" --net "$@"
}
