# Sends what follows a part of a file that is on the console already.
# $1: the directory it is in, $2: its name there, $3: the size of the part.
#
# Prints the part's SHA-256 sum, or "-", and a newline; the rest once standard input says "go".
set -u
LC_ALL=C
export LC_ALL
cd "$1" || exit 1
# Opened once for each: what is put in its place meanwhile is another file.
exec 3<"./$2" 4<"./$2" || exit 1
said=-
for sum in sha256sum 'sha256 -r' 'shasum -a 256' 'openssl dgst -sha256 -r'; do
	if command -v "${sum%% *}" >/dev/null 2>&1; then
		# shellcheck disable=SC2086 # program and options
		said=$(head -c "$3" <&3 | $sum) || exit 1
		break
	fi
done
echo "${said%% *}"
read -r said || exit 0
[ "$said" = go ] || exit 1
# Not every tail counts that far.
dd bs=1048576 skip=$(($3 / 1048576)) <&4 2>/dev/null | tail -c "+$(($3 % 1048576 + 1))"
