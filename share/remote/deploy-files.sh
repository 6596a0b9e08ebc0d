# The files of an application's versions: put in place, and taken away again, when what the server had there comes back.
# Functions for deploy-app.sh, which says what is in $app.
#
# $app/placed has the path of each file that is the application's, a line each; $app/before the originals of those that
# the server had before, and in its file list "NUMBER TAB PATH".
# shellcheck disable=SC2154 # app, current: deploy-app.sh; tab: engine.sh
# Whether a file is where this application has put one: what else is there is the server's own.
is_ours() {
	grep -qxF -- "$1" "$app/placed" 2>/dev/null
}
# Before the application puts a file there for the first time: keeps the one that the server has.
keep_original() {
	! is_ours "$1" || return 0
	if [ -d "$1" ] && ! [ -L "$1" ]; then
		echo "$1: is a directory"
		return 1
	fi
	if [ -e "$1" ] || [ -L "$1" ]; then
		(umask 077 && mkdir -p "$app/before") || return 1
		kept=$(awk '$1 > most { most = $1 } END { print most + 1 }' "$app/before/list" 2>/dev/null) || kept=1
		cp -pP -- "$1" "$app/before/$kept" && printf '%s\t%s\n' "$kept" "$1" >>"$app/before/list" || return 1
	fi
	printf '%s\n' "$1" >>"$app/placed"
}
# The number under which a file's original is kept.
original_of() {
	[ ! -f "$app/before/list" ] || FILE=$1 awk -F "$tab" '$2 == ENVIRON["FILE"] { kept = $1 } END { print kept }' "$app/before/list"
}
# An application of before originals were kept: what is its current version's is its own.
know_placed() {
	[ -f "$app/placed" ] || [ ! -d "$app/versions" ] || {
		[ -z "$current" ] || cut -f2 "$app/versions/$current/place" 2>/dev/null
	} >"$app/placed"
}
# The first takes the second's place, which may be a link to a directory, but no directory.
take_place() {
	if [ -d "$2" ]; then
		[ -L "$2" ] || { echo "$2: is a directory" && return 1; }
		rm -f -- "$2" || return 1
	fi
	mv -f -- "$1" "$2"
}
put_files() {
	while read -r path; do
		mkdir -p -- "$path" || return 1
	done <"$app/versions/$1/dirs"
	while IFS=$tab read -r number path mode owner; do
		new=$path.mroom-app.$$
		# A private file is private from its first byte.
		if [ "$mode" = link ]; then
			ln -s -- "$(cat "$app/versions/$1/files/$number")" "$new" || return 1
		else
			(umask 077 && cp -- "$app/versions/$1/files/$number" "$new") || return 1
		fi
		if ! { [ -z "$owner" ] || chown -- "$owner" "$new"; } || ! { [ "$mode" = link ] || chmod "$mode" "$new"; } ||
			! keep_original "$path" || ! take_place "$new" "$path"; then
			rm -f -- "$new"
			return 1
		fi
	done <"$app/versions/$1/place"
}
drop_files() {
	while IFS=$tab read -r number path mode owner; do
		# Not what the other version has as well.
		if [ -n "$2" ] && cut -f2 "$app/versions/$2/place" | grep -qxF -- "$path"; then
			continue
		fi
		# It may have failed before it came so far.
		is_ours "$path" || continue
		kept=$(original_of "$path")
		if [ -n "$kept" ]; then
			new=$path.mroom-app.$$
			if ! cp -pP -- "$app/before/$kept" "$new" || ! take_place "$new" "$path"; then
				continue
			fi
			rm -f "$app/before/$kept"
			sed "/^$kept$tab/d" "$app/before/list" >"$app/before/list.new" && mv "$app/before/list.new" "$app/before/list"
		else
			rm -f -- "$path"
		fi
		{ grep -vxF -- "$path" "$app/placed" || :; } >"$app/placed.new" && mv "$app/placed.new" "$app/placed"
	done <"$app/versions/$1/place"
}
