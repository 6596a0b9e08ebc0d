# A command that goes on without the console (mroom exec --detach), and what came of it (--collect). Behind detach.sh.
# $1: what to do; $2: the name that it is kept by, in DIR/detached.
#
# start: runs the first $3 bytes of standard input by the user's own shell; the rest is their input. When $4 is not
# empty, the first line that they say is not their own.
# ask: exit status 0 when it has ended, 75 when it still runs, 76 when nothing is kept, 77 when it is gone without a word.
# take: says what it said, on both streams, and ends as it did.
# remove: removes what is kept, and ends with $3.
# shellcheck disable=SC2154 # dir: detach.sh
kept=$dir/detached/$2
case $1 in
start)
	mkdir -p "$dir/detached" && mkdir "$kept" || exit 1
	trap 'rm -rf "$kept"' EXIT
	trap 'exit 1' HUP INT TERM
	# Some read on beyond the bytes that they are to take, but not in a file.
	cat >"$kept/all" && head -c "$3" "$kept/all" >"$kept/line" && tail -c "+$(($3 + 1))" "$kept/all" >"$kept/in" || exit 1
	rm "$kept/all"
	if [ "$(wc -c <"$kept/line")" -ne "$3" ]; then
		echo "the command did not arrive whole" >&2
		exit 1
	fi
	[ -z "$4" ] || : >"$kept/script" || exit 1
	# From here on it is either not begun or known. Signals that are caught, unlike ignored ones, are not inherited.
	trap : HUP INT TERM
	trap - EXIT
	# shellcheck disable=SC2016 # for the sh that waits for it
	detach "$kept" sh -c '"${SHELL:-/bin/sh}" "$1/line" <"$1/in"
		echo $? >"$1/status.new"
		mv "$1/status.new" "$1/status"' mroom "$kept" >"$kept/out" 2>"$kept/err"
	;;
ask)
	[ -d "$kept" ] || exit 76
	! goes_on "$kept" || exit 75
	[ -e "$kept/status" ] || exit 77
	;;
take)
	if [ -e "$kept/script" ]; then
		tail -n +2 "$kept/out"
	else
		cat "$kept/out"
	fi
	cat "$kept/err" >&2
	exit "$(cat "$kept/status" 2>/dev/null || echo 1)"
	;;
remove)
	rm -rf "$kept"
	exit "$3"
	;;
esac
