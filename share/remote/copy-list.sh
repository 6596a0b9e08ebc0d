# Lists what is to be fetched. $1: the directory it is in, $2: its name there.
#
# Prints "tar gnu", "tar bsd" or "tar plain", "list", every name ended by NUL, an empty name, then a line per name
# with its attributes, as copy-look.sh does; links come as L, name, NUL, target, NUL.
set -u
LC_ALL=C
export LC_ALL
cd "$1" || exit 1
if ! [ -e "./$2" ] && ! [ -L "./$2" ]; then
	echo "$2: no such file or directory" >&2
	exit 1
fi
case $(tar --version 2>&1) in
*GNU*) echo tar gnu ;;
*bsdtar*) echo tar bsd ;;
*) echo tar plain ;;
esac
stat='-c S%f %u %g %s %Y %n'
stat -c %f . >/dev/null 2>&1 || stat='-f S%Xp %u %g %z %m %N'
echo list
find "./$2" -print0 || exit 1
printf '\0'
find "./$2" ! -type l -exec stat "${stat%% *}" "${stat#* }" {} + || exit 1
# shellcheck disable=SC2016 # for the inner shell
find "./$2" -type l -exec sh -c '
	for f do
		printf "L%s\0" "$f"
		printf "%s\0" "$(readlink "$f"; echo .)"
	done' mroom {} + || exit 1
