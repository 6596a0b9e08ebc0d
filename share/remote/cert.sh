# What cert-keys.sh and cert-ca.sh, one of which follows, have in common: the verb in $verb, its arguments in $@, and
# the server that let us in.
#
# Both answer with lines "WORD<TAB>VALUE", the last being "done". What goes wrong is one line on standard error. A
# file is changed by way of a new one beside it and a rename: it is the old one or the new one at any moment.
# shellcheck disable=SC2034 # for those that follow
set -u
LC_ALL=C
export LC_ALL
umask 077
verb=$1
shift
trap 'exit 1' HUP INT TERM

say() {
	printf '%s\t%s\n' "$1" "$2"
}

die() {
	printf '%s\n' "$1" >&2
	exit 1
}

uid=$(id -u)
user=$(id -un 2>/dev/null) || user=${USER:-root}
home=${HOME:-}
if [ -n "${SUDO_USER:-}" ] || [ -z "$home" ]; then
	home=$({ getent passwd "$user" || grep "^$user:" /etc/passwd; } 2>/dev/null | head -n 1 | cut -d: -f6)
fi

# Walks up to the listener, whose title shows how it was started.
find_server() {
	sshd='' conf='' other='' listener=''
	pid=$PPID
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
		[ "${pid:-0}" -gt 1 ] || break
		title=$({ tr '\0' ' ' <"/proc/$pid/cmdline" || ps -o args= -p "$pid"; } 2>/dev/null)
		# The program alone: an argument may be a whole script, this one for example.
		case ${title%% *} in dropbear* | */dropbear*) other=dropbear ;; esac
		case $title in
		'sshd: /'*' -f '*)
			conf=$(printf '%s\n' "$title" | sed 's/.* -f *\([^ ]*\).*/\1/')
			sshd=$(printf '%s\n' "$title" | sed 's/^sshd: \([^ ]*\).*/\1/')
			listener=$pid
			;;
		'sshd: /'*'[listener]'*)
			sshd=$(printf '%s\n' "$title" | sed 's/^sshd: \([^ ]*\).*/\1/')
			listener=$pid
			;;
		esac
		up=$({ sed -n 's/^PPid:[^0-9]*//p' "/proc/$pid/status" || ps -o ppid= -p "$pid"; } 2>/dev/null)
		pid=${up##* }
	done
	[ -n "$sshd" ] || sshd=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v sshd)
	[ -n "$conf" ] || conf=/etc/ssh/sshd_config
}

# The key line's own base64.
key_of_line() {
	printf '%s\n' "$1" | awk '{ print $2 }'
}
