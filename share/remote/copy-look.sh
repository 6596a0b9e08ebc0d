# Tells what is there of what a copy is about to bring: attributes and SHA-256 sums.
# $1: put, into (a directory) or sync (below it); $2: the target; $3, $4: the directory that it is in and
# its name there; $5: what names begin with when the target turns out to be a directory to go into;
# $6: "hash" when sums are wanted, "tar" when the kind of tar is, or both ("hash tar"); $7: "all" when every name below the target is; $8: who is to own it;
# $9: what parts of files that were cut short are called by.
#
# Standard input has what follows the target's name in each name that is asked about, ended by NUL. Names are only ever
# printed behind ./ and in the order of the list: lib/wire/transfer_plan_read.c takes it from there.
set -u
LC_ALL=C
export LC_ALL
# What SFTP can do without.
lacks() {
	echo "$*" >&2
	exit 69
}
kind=$1 place=$2 top=''
die() {
	echo "$*" >&2
	exit 1
}
case $kind in
put)
	if [ -d "$2" ]; then
		kind=into top=$5
	else
		kind=as place=$3 top=$4
		[ -d "$place" ] || die "$place: no such directory"
	fi
	;;
into)
	top=$5
	;;
esac
if [ -e "$place" ] || [ -L "$place" ]; then
	[ -d "$place" ] || die "$place: not a directory"
	cd "$place" || exit 1
	[ -w . ] || die "$place: may not be written to"
	place=
fi
# Every program that need not be started is time, with many servers on few machines.
id='' group=''
while [ -z "$group" ] && read -r name _ number _; do
	case $name in
	Uid:) id=$number ;;
	Gid:) group=$number ;;
	esac
done 2>/dev/null </proc/$$/status
[ -n "$id" ] && [ -n "$group" ] || { id=$(id -u) && group=$(id -g); } || exit 1
printf 'kind %s\nuser %s %s\n' "$kind" "$id" "$group"
command -v tar >/dev/null 2>&1 || lacks "no tar on the server"
case $6 in
*tar*)
	case $(tar --version 2>&1) in
	*GNU*) echo tar gnu ;;
	esac
	;;
esac
if [ -n "$8" ]; then
	user=${8%%:*} number=-1
	group=${8#"$user"}
	group=${group#:}
	case $user in
	'') ;;
	*[!0-9]*) number=$(id -u -- "$user" 2>/dev/null) || die "no user $user on the server" ;;
	*) number=$user ;;
	esac
	case $group in
	'') group=-1 ;;
	*[!0-9]*)
		name=$group
		group=$({ getent group "$name" || grep "^$name:" /etc/group; } 2>/dev/null | head -n 1 | cut -d: -f3)
		[ -n "$group" ] || die "no group $name on the server"
		;;
	esac
	echo "owner $number $group"
fi
sum=
case $6 in
*hash*)
	for try in sha256sum 'sha256 -r' 'shasum -a 256' 'openssl dgst -sha256 -r'; do
		if command -v "${try%% *}" >/dev/null 2>&1; then
			sum=$try
			break
		fi
	done
	;;
esac
if [ -z "$place" ] && [ -n "$sum" ]; then
	for f in "./.mroom-copy.$9".*; do
		if [ -f "$f" ] && ! [ -L "$f" ]; then
			said=$($sum "$f") && echo "part $(($(wc -c <"$f"))) ${said%% *} $f"
		fi
	done
fi
# shellcheck disable=SC2016 # for the inner shell, or this one
tell='
	top=$1 sum=$2 stat=$3
	shift 3
	any=
	for end do
		if [ -e "./$top$end" ]; then
			any=any
			break
		fi
	done
	for end do
		f=./$top$end
		if [ -L "$f" ]; then
			printf "L%s\0" "$f"
			printf "%s\0" "$(readlink "$f"; echo .)"
		fi
	done
	[ -n "$any" ] || exit 0
	for end do
		f=./$top$end
		if [ -e "$f" ] && ! [ -L "$f" ]; then
			printf "%s\0" "$f"
		fi
	done | xargs -0 stat "${stat%% *}" "${stat#* }" 2>/dev/null
	# Something went in between: 123, or 1 as other systems have it, which may as well mean that there is no -0.
	case $? in
	0 | 123) ;;
	1) printf "x\0" | xargs -0 true 2>/dev/null || exit 69 ;;
	*) exit 69 ;;
	esac
	[ -n "$sum" ] || exit 0
	for end do
		f=./$top$end
		if [ -f "$f" ] && ! [ -L "$f" ]; then
			printf "%s\0" "$f"
		fi
	done | xargs -0 $sum 2>/dev/null
	exit 0'
echo list
if [ -z "$place" ] && { [ -z "$top" ] || [ -e "./$top" ] || [ -L "./$top" ]; }; then
	stat='-c S%f %u %g %s %Y %n'
	stat -c %f . >/dev/null 2>&1 || stat='-f S%Xp %u %g %z %m %N'
	if [ $# -gt 9 ]; then
		(
			shift 13
			set -- "$top" "$sum" "$stat" "$@"
			eval "$tell"
		)
	else
		xargs -0 sh -c "$tell" mroom "$top" "$sum" "$stat"
	fi || lacks "no xargs -0 or no stat on the server"
	if [ "$7" = all ]; then
		echo EXTRA
		find . -print0
	fi
fi
