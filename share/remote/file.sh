# Runs what arrives on standard input from a file of its own, which is removed however that ends.
#
# $1: what to say once it is here; $2: its size in bytes; $3: who runs it: its own #! line (own), sh, or the
# user's shell (shell); the rest are its arguments. Data for it follows only after we have said so.
mark=$1 size=$2 by=$3
shift 3
file=$(mktemp "${TMPDIR:-/tmp}/mroom.XXXXXX") || exit 1
trap 'rm -f "$file"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
# The connection is lost, and we say something.
trap 'exit 141' PIPE
head -c "$size" >"$file"
if [ "$(wc -c <"$file")" -ne "$size" ]; then
	echo "the script did not arrive whole" >&2
	exit 1
fi
printf '%s 0\n' "$mark"
chmod 700 "$file"
case $by in
own)
	if [ -x "$file" ]; then
		set -- "$file" "$@"
	else
		# Where nothing in the directory may be executed, the interpreter may still read it.
		read -r first <"$file"
		case $first in
		'#!'*) first=${first#??} ;;
		*) first='sh' ;;
		esac
		# shellcheck disable=SC2086 # an interpreter may have an argument
		set -- $first "$file" "$@"
	fi
	;;
sh) set -- sh "$file" "$@" ;;
*) set -- "${SHELL:-/bin/sh}" "$file" "$@" ;;
esac
# Waiting, unlike a command in the foreground, does not keep a signal from us.
exec 3<&0
"$@" <&3 3<&- &
wait $!
