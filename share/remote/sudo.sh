# Another of our scripts as another user, through sudo.
#
# $1: what sudo is to ask with, on standard error; $2: the user, empty for root; $3: the script; the rest are its
# arguments. The password comes on standard input. The login user's shell stays the one that reads
# command lines: the other user's may be none. Root is not asked to become root.
# The lines are also valid joined by blanks: see lib/wire/remote.c.
p=$1 u=$2 s=$3;
shift 3;
if [ -z "$u" ] && [ "$(id -u)" = 0 ]; then
exec sh -c "$s" mroom "$@";
fi;
# shellcheck disable=SC2016 # for the other user's sh
exec sudo -S -p "$p" ${u:+-u "$u"} -- sh -c 'SHELL=$1; shift; '"$s" mroom "${SHELL:-/bin/sh}" "$@"
