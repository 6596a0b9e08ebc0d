# Puts a configuration file in place, and takes it back when its service does not like it.
# $1: the path; $2: bytes of the new contents, which come on standard input; $3: mode, $4: owner (empty: as now);
# $5: a command that judges the new file, %s; $6: restart or reload, $7: the service; $8: a command instead;
# $9: a command that has to succeed afterwards; ${10}: backups to keep; ${11}: check, ${12}: diff.
#
# shellcheck disable=SC2317 # functions are called by name
#
# Prints "same", "changed" or "created", then the difference where it is wanted.
set -u
LC_ALL=C
export LC_ALL
path=$1 size=$2 mode=$3 owner=$4 validate=$5 how=$6 service=$7 command=$8 verify=$9
shift 9
keep=$1 check=$2 diff=$3
die() {
	echo "$*" >&2
	exit 1
}
# What a command said last, when it failed; of one that fails without a word its exit status.
attempt() {
	said=$("$@" 2>&1) && return
	failed=$?
	[ -n "$said" ] || said="no output, exit status $failed"
	said=$(printf '%s\n' "$said" | tail -n 1)
	return 1
}
[ ! -d "$path" ] || die "$path: is a directory"
# A link stays one: what it points to is replaced.
if [ -L "$path" ]; then
	path=$(readlink -f "$path") || die "$path: a link to nowhere"
fi
case $path in
*/*) place=${path%/*}/ ;;
*) place=./ path=./$path ;;
esac
new=${place}.mroom-config.$$
trap 'rm -f "$new" "$new.old"' EXIT
trap 'exit 1' HUP INT TERM
(umask 077 && cat >"$new") || exit 1
[ "$(wc -c <"$new")" -eq "$size" ] || die "the contents arrived incomplete"
old=/dev/null result=created was=
if [ -e "$path" ]; then
	old=$path result=changed
	was=$(stat -c '%a %u:%g' "$path" 2>/dev/null || stat -f '%Lp %u:%g' "$path") || exit 1
	[ -n "$mode" ] || mode=${was% *}
	[ -n "$owner" ] || owner=${was#* }
fi
mode=${mode:-644}
mode=${mode#0}
# Only root gives files away; for others the owner is who they are.
if [ -n "$owner" ] && { [ "$(id -u)" = 0 ] || [ "$owner" != "${was#* }" ]; }; then
	chown "$owner" "$new" || exit 1
fi
chmod "$mode" "$new" || exit 1
is=$(stat -c '%a %u:%g' "$new" 2>/dev/null || stat -f '%Lp %u:%g' "$new")
if [ "$old" != /dev/null ] && cmp -s "$old" "$new" && [ "$is" = "$was" ]; then
	echo same
	exit 0
fi
echo "$result"
if [ "$diff" = diff ]; then
	diff -u "$old" "$new" | sed "1s|.*|--- before|;2s|.*|+++ after|"
fi
if [ -n "$validate" ]; then
	# shellcheck disable=SC2016 # for the shell that runs it
	line=$(printf '%s\n' "$validate" | sed 's/%s/"$1"/g')
	attempt sh -c "$line" mroom "$new" || die "not valid: $said"
fi
[ "$check" != check ] || exit 0
backup=
if [ "$old" != /dev/null ]; then
	backup=$path.$(date -u +%Y%m%dT%H%M%SZ).bak
	cp -p "$old" "$backup" || exit 1
fi
sync "$new" 2>/dev/null || sync
act() {
	if [ -n "$command" ]; then
		sh -c "$command"
	elif [ -z "$how" ]; then
		:
	elif [ -d /run/systemd/system ]; then
		systemctl "$how" "$service"
	elif command -v rc-service >/dev/null 2>&1; then
		rc-service "$service" "$how"
	else
		service "$service" "$how"
	fi </dev/null
}
runs() {
	if [ -n "$verify" ]; then
		sh -c "$verify"
	elif [ -z "$how" ]; then
		:
	elif [ -d /run/systemd/system ]; then
		systemctl is-active "$service"
	elif command -v rc-service >/dev/null 2>&1; then
		rc-service "$service" status
	else
		service "$service" status
	fi </dev/null
}
# It may take a moment to be up.
runs_soon() {
	tries=0
	until attempt runs; do
		tries=$((tries + 1))
		[ "$tries" -lt "$1" ] || return 1
		sleep 1
	done
}
# What cannot bear its file may die of it only a moment later, and be started again by whoever looks after it.
stays() {
	[ -n "$how" ] || return 0
	before=$(process)
	sleep 1
	attempt runs || return 1
	[ "$(process)" = "$before" ] || { said="$service was started again meanwhile" && return 1; }
}
process() {
	! [ -d /run/systemd/system ] || systemctl show --property MainPID --value "$service"
}
# What was there before comes back, and is told with the reason.
take_back() {
	trap '' HUP INT TERM
	if [ -n "$backup" ]; then
		if ! cp -p "$backup" "$new.old" || ! mv -f "$new.old" "$path"; then
			die "$why; and $path could not be restored: it is in $backup"
		fi
		rm -f "$backup"
	else
		rm -f "$path"
	fi
	attempt act
	if runs_soon 5 && stays; then
		die "$why (what was there before is back)"
	fi
	die "$why; what was there before is back, and does not run either: $said"
}
# From here on whoever stops this does not leave a file behind of which nobody knows whether it will do.
trap 'why="stopped before it was known to run" && take_back' HUP INT TERM
mv -f "$new" "$path" || exit 1
why=
if ! attempt act; then
	why="${how:-command} failed: $said"
elif ! runs_soon 5 || ! stays; then
	why="does not run afterwards: $said"
fi
[ -z "$why" ] || take_back
trap 'exit 1' HUP INT TERM
# Not those of a file whose name only begins so.
d='[0-9][0-9]'
# shellcheck disable=SC2012,SC2086 # the oldest by time; a pattern
ls -t "$path".$d$d$d${d}T$d$d${d}Z.bak 2>/dev/null | tail -n "+$((keep + 1))" | while read -r extra; do
	rm -f "$extra"
done
exit 0
