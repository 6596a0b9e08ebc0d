# A command line in another directory and with more in its environment, for the user's own shell.
#
# $1: the directory, may begin with ~; empty: none; $2: the command line; the rest: NAME=VALUE
dir=$1 line=$2
shift 2
case $dir in
\~) dir=$HOME ;;
\~/*) dir=$HOME/${dir#??} ;;
esac
[ -z "$dir" ] || CDPATH='' cd -- "$dir" || exit
for setting; do
	export "${setting?}"
done
exec "${SHELL:-/bin/sh}" -c "$line"
