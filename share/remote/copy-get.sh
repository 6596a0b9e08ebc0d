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
exec xargs -0 tar -cf - "$@"
