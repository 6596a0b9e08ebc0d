# Whether SQLite databases are whole: "db RESULT SIZE FILE TEXT", RESULT being ok, bad or unknown; "end" comes last.
# $1: a file, a pattern, or a directory whose *.db are looked at. Nothing is written to a database.
LC_ALL=C PATH=$PATH:/usr/local/bin:/usr/sbin:/sbin
export LC_ALL PATH
line() { printf "%s\n" "$1" | head -n 1 | tr "[:cntrl:]" "?"; }
say() {
	file=$(line "$3")
	text=$(line "$4")
	printf "db\t%s\t%s\t%s\t%s\n" "$1" "$2" "${file%?}" "${text%?}"
}
examine() {
	size=$(wc -c <"$1" 2>/dev/null) || {
		say unknown "" "$1" "cannot be read"
		return
	}
	if command -v sqlite3 >/dev/null 2>&1; then
		text=$(sqlite3 -readonly "$1" "PRAGMA integrity_check(3)" 2>&1 </dev/null) || text="${text:-sqlite3 failed}"
	elif command -v python3 >/dev/null 2>&1; then
		text=$(python3 -c "
import sqlite3, sys, urllib.parse
try:
    c = sqlite3.connect(\"file:\" + urllib.parse.quote(sys.argv[1]) + \"?mode=ro\", uri=True)
    print(c.execute(\"PRAGMA integrity_check(3)\").fetchone()[0])
except Exception as e:
    print(e)
" "$1" 2>&1 </dev/null)
	else
		say unknown "$((size))" "$1" "the server has neither sqlite3 nor python3"
		return
	fi
	case $text in
	ok) say ok "$((size))" "$1" "$text" ;;
	*locked* | *busy* | *"unable to open"*) say unknown "$((size))" "$1" "$text" ;;
	*) say bad "$((size))" "$1" "$text" ;;
	esac
}
if [ -d "$1" ]; then
	set -- "${1%/}/*.db"
elif [ -f "$1" ]; then
	examine "$1"
	echo end
	exit
fi
IFS=
# shellcheck disable=SC2086 # a pattern
for file in $1; do
	[ ! -f "$file" ] || examine "$file"
done
echo end
