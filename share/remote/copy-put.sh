# Puts in place what a tar stream on standard input brings (lib/wire/transfer_stream.c).
# $1: the directory that names count from, $2: a name for a temporary directory in it, $3: "make" when $1 is to be
# made; $4: who is to own it; $5: a suffix for what was there, to keep it; $6: "force" when
# things of another kind give way; $7: the number of files; $8: what parts of files are called by.
#
# All of it is on the disk before the first name changes, and each name changes in one step. Without the
# stream's end nothing changes.
set -u
LC_ALL=C
export LC_ALL
die() {
	echo "$*" >&2
	exit 1
}
[ "$3" != make ] || [ -d "$1" ] || mkdir -p -- "$1" || exit 1
cd "$1" || exit 1
stage=./$2 owner=$4 suffix=$5 force=$6
(umask 077 && mkdir "$stage") || exit 1
keep=keep
# Of large files the stream may have brought a part, for the next copy to go on behind.
leave() {
	if [ -n "$keep" ] && [ -f "$stage/keep" ]; then
		# shellcheck disable=SC2016 # for the inner shell
		xargs -0 -n 2 sh -c '[ ! -f "$0/$1" ] || mv -f "$0/$1" "$2"' "$stage" <"$stage/keep"
	fi
	rm -rf "$stage"
}
trap leave EXIT
trap 'exit 1' HUP INT TERM
# When nobody listens any more there is still to be cleared up.
trap '' PIPE
# GNU's tar would read and write 10 KiB at a time.
TAR_OPTIONS=-b128
export TAR_OPTIONS
if ! said=$(tar -xpf - -C "$stage" 2>&1); then
	case $said in
	*'o space left'*) keep='' ;;
	*'Wrote only'*) keep='' said="No space left on device ($said" && said="${said%%
*})" ;;
	esac
	die "${said%%
*}"
fi
[ -f "$stage/end" ] || die "the stream broke off"
keep=''
if [ -f "$stage/parts" ]; then
	# shellcheck disable=SC2016 # for the inner shell
	xargs -0 -n 5 sh -c '
		to=$0/$5
		mkdir -p "${to%/*}" && mv -f "$1" "$to" || exit 1
		chown "$4" "$to" 2>/dev/null
		chmod "$2" "$to" || exit 1
		[ "$3" = - ] || TZ=UTC0 touch -t "$3" "$to"' "$stage" <"$stage/parts" || exit 1
fi
# Whether everything below t$1 can be put in place, before anything is.
look() {
	for f in "$stage/t$1"/* "$stage/t$1"/.[!.]* "$stage/t$1"/..?*; do
		[ -e "$f" ] || [ -L "$f" ] || continue
		there=.$1/${f##*/}
		[ -e "$there" ] || [ -L "$there" ] || continue
		if [ -d "$f" ] && ! [ -L "$f" ]; then
			if [ -d "$there" ] && ! [ -L "$there" ]; then
				look "$1/${f##*/}"
			elif [ "$force" = force ]; then
				rm -f -- "$there" || exit 1
			else
				die "$there: stands where a directory is to be"
			fi
		elif [ -d "$there" ] && ! [ -L "$there" ]; then
			[ "$force" = force ] || die "$there: is a directory where none is to be"
			rm -rf -- "$there" || exit 1
		fi
	done
}

# Keeps what is to be replaced, all of it before anything is.
keep_old() {
	for f in "$stage/t$1"/* "$stage/t$1"/.[!.]* "$stage/t$1"/..?*; do
		there=.$1/${f##*/}
		if [ -d "$f" ] && ! [ -L "$f" ]; then
			! [ -d "$there" ] || [ -L "$there" ] || keep_old "$1/${f##*/}"
		elif { [ -e "$f" ] || [ -L "$f" ]; } && { [ -f "$there" ] || [ -L "$there" ]; }; then
			ln "$there" "$there$suffix" 2>/dev/null || cp -pP "$there" "$there$suffix" ||
				die "$there: cannot be kept, so nothing was replaced"
		fi
	done
}

# Names below t$1 that are moved whole: printed, or, where they are few, moved.
movable() {
	for f in "$stage/t$1"/* "$stage/t$1"/.[!.]* "$stage/t$1"/..?*; do
		[ -e "$f" ] || [ -L "$f" ] || continue
		there=.$1/${f##*/}
		if [ -d "$f" ] && ! [ -L "$f" ] && [ -d "$there" ]; then
			continue
		fi
		if [ -z "$few" ]; then
			printf '%s\0' "$f"
		else
			mv -f "$f" ".$1/" || return 1
		fi
	done
}

# On the disk: a few by themselves, many with all of the file system.
flush() {
	if [ "$1" = 1 ]; then
		for f in "$stage/t"/*; do
			if [ -f "$f" ] && ! [ -L "$f" ]; then
				sync "$f" 2>/dev/null && return
			fi
		done
	fi
	if [ "$1" -gt 16 ] || ! find "$stage/t" -type f -exec sync {} + 2>/dev/null; then
		sync -f "$stage" 2>/dev/null || sync
	fi
}

settle() {
	if [ -n "$few" ]; then
		movable "$1" || exit 1
	else
		# shellcheck disable=SC2016 # for the inner shell
		movable "$1" | xargs -0 sh -c '[ $# -eq 0 ] || exec mv -f "$@" "$0"' ".$1/" || exit 1
	fi
	for f in "$stage/t$1"/*/ "$stage/t$1"/.[!.]*/ "$stage/t$1"/..?*/; do
		f=${f%/}
		if [ -d "$f" ] && ! [ -L "$f" ]; then
			settle "$1/${f##*/}"
		fi
	done
}

if [ -d "$stage/t" ]; then
	[ -z "$owner" ] || chown -hR "$owner" "$stage/t" || exit 1
	flush "$7"
	few=
	[ "$7" -gt 3 ] || few=few
	look ''
	[ -z "$suffix" ] || keep_old ''
	settle ''
fi
if [ -f "$stage/meta" ]; then
	# shellcheck disable=SC2016 # for the inner shell
	xargs -0 -n 300 sh -c '
		owner=$0
		while [ $# -ge 3 ]; do
			[ -z "$owner" ] || chown "$owner" "$3" || exit 1
			chmod "$1" "$3" || exit 1
			[ "$2" = - ] || TZ=UTC0 touch -t "$2" "$3" || exit 1
			shift 3
		done' "$owner" <"$stage/meta" || exit 1
fi
if [ -f "$stage/delete" ]; then
	xargs -0 rm -rf -- <"$stage/delete" || exit 1
fi
for f in "./.mroom-copy.$8".*; do
	[ ! -f "$f" ] || rm -f "$f" || exit 1
done
trap - EXIT
exec rm -rf "$stage"
