# Continues a file that was cut short: standard input is what is missing.
# $1: the directory it is in, $2: the part's name there, $3: its size.
set -u
LC_ALL=C
export LC_ALL
cd "$1" || exit 1
if [ -L "$2" ] || [ "$(wc -c <"$2")" -ne "$3" ]; then
	echo "$2: is not what it was" >&2
	exit 1
fi
cat >>"$2" || {
	rm -f "$2"
	exit 1
}
