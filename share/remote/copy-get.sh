# Sends the files and links whose names come on standard input, ended by NUL, as tar streams one behind the other.
# $1: the directory they count from, $2: which tar it is.
set -u
LC_ALL=C
export LC_ALL
cd "$1" || exit 1
case $2 in
gnu) set -- --format=gnu --hard-dereference -S ;;
bsd) set -- --format=gnutar ;;
*) set -- ;;
esac
# What grows while it is read, as logs do, is sent as it was when that began. GNU tar has a status for it, and for what shrank.
# shellcheck disable=SC2016 # for the inner shell
exec xargs -0 sh -c '
	exec 3>&1
	said=$(tar -cf - "$@" 2>&1 >&3)
	status=$?
	[ -z "$said" ] || printf "%s\n" "$said" >&2
	[ "$status" -ne 1 ] || ! printf "%s\n" "$said" | grep -q . || printf "%s\n" "$said" | grep -qv "file changed as we read it\$" || exit 0
	exit "$status"' sh "$@"
