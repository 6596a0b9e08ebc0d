# The keys that open this account. Behind cert.sh; verbs:
#
#   list              says where they are and what stands there
#   install LINE      adds LINE unless its key is there
#   remove KEY...     takes out every line of these keys (base64)
#
# Every line that is not meant keeps its bytes.
# shellcheck disable=SC2154 # of cert.sh: verb, uid, user, home, sshd, conf, other
new='' lock=''
trap end EXIT

# --- which files: those of the server that let us in ---

# AuthorizedKeysFile in a configuration, up to the first Match; includes are followed.
conf_value() {
	[ -r "$1" ] || return 0
	while read -r word value || [ -n "$word" ]; do
		case $word in
		[Mm][Aa][Tt][Cc][Hh]) return 0 ;;
		[Ii][Nn][Cc][Ll][Uu][Dd][Ee])
			for part in $value; do
				case $part in
				/*) ;;
				*) part=/etc/ssh/$part ;;
				esac
				[ "$2" -ge 3 ] || conf_value "$part" $(($2 + 1))
			done
			;;
		[Aa][Uu][Tt][Hh][Oo][Rr][Ii][Zz][Ee][Dd][Kk][Ee][Yy][Ss][Ff][Ii][Ll][Ee])
			printf '%s\n' "$value"
			;;
		esac
	done <"$1"
}

keys_setting() {
	setting=
	[ -z "$other" ] || return 0
	if [ "$uid" = 0 ] && [ -n "$sshd" ]; then
		# shellcheck disable=SC2086 # four words
		set -- ${SSH_CONNECTION:-127.0.0.1 0 127.0.0.1 22}
		setting=$("$sshd" -T -f "$conf" -C "user=$user,host=$1,addr=$1,laddr=$3,lport=$4" 2>/dev/null |
			sed -n 's/^authorizedkeysfile //p')
	fi
	[ -n "$setting" ] || setting=$(conf_value "$conf" 0 | head -n 1)
}

# The files, one a line, in $files; the first, where keys are added, in $file.
find_files() {
	keys_setting
	files=
	# What is read where nothing is set: by OpenSSH, both.
	usual=.ssh/authorized_keys
	[ -n "$other" ] || usual="$usual .ssh/authorized_keys2"
	set -f
	for word in ${setting:-$usual}; do
		[ "$word" != none ] || die "the server takes no keys from files (AuthorizedKeysFile none)"
		word=$(printf '%s\n' "$word" | sed "s|%h|$home|g; s|%u|$user|g; s|%U|$uid|g; s|%%|%|g; s|\"||g")
		case $word in
		/*) ;;
		*) word=$home/$word ;;
		esac
		files="$files$word
"
	done
	set +f
	file=${files%%
*}
}

# --- what stands in it ---

# Prints the base64 of every key, by line: NUMBER KEY. Options may hold blanks in quotes.
keys_of() {
	[ -f "$1" ] || return 0
	[ -r "$1" ] || die "$1 cannot be read"
	awk '
	function type(word) { return word ~ /^(ssh|ecdsa|sk-ssh|sk-ecdsa)-/ }
	{
		sub(/\r$/, "")
		line = $0
		sub(/^[ \t]+/, "", line)
		if (line == "" || line ~ /^#/)
			next
		count = split(line, words, /[ \t]+/)
		if (!type(words[1])) {
			quoted = 0
			for (at = 1; at <= length(line); at++) {
				c = substr(line, at, 1)
				if (c == "\\" && substr(line, at + 1, 1) == "\"")
					at++
				else if (c == "\"")
					quoted = !quoted
				else if (!quoted && (c == " " || c == "\t"))
					break
			}
			line = substr(line, at + 1)
			sub(/^[ \t]+/, "", line)
			count = split(line, words, /[ \t]+/)
		}
		if (count > 1 && type(words[1]))
			print NR, words[2]
	}' "$1"
}

# --- changing it ---

# Makes the directory, and gives both to the user, as sshd wants to see them.
prepare_dir() {
	dir=${file%/*}
	case $file in
	"$home"/*)
		[ -d "$home" ] || die "the home directory $home does not exist"
		[ -d "$dir" ] || mkdir -p "$dir" 2>/dev/null || die "$dir cannot be made"
		;;
	*) [ -d "$dir" ] || die "$dir does not exist (AuthorizedKeysFile $file)" ;;
	esac
	owner=$(stat -c %u "$dir" 2>/dev/null || stat -f %u "$dir" 2>/dev/null) || owner=$uid
	case $file in
	"$home"/*)
		if [ "$owner" != "$uid" ] && [ "$uid" != 0 ]; then
			die "$dir belongs to another user (uid $owner), so its keys cannot be changed"
		fi
		if [ "$owner" != "$uid" ]; then
			chown "$uid" "$dir" || die "$dir belongs to uid $owner and cannot be taken over"
			say fixed "$dir belonged to uid $owner"
		fi
		mode=$(stat -c %a "$dir" 2>/dev/null || stat -f %Lp "$dir" 2>/dev/null) || mode=700
		if [ "$mode" != 700 ]; then
			chmod 700 "$dir" || die "$dir: its mode cannot be changed"
			say fixed "$dir had mode $mode"
		fi
		;;
	esac
}

# The file itself, be there a symbolic link to it.
resolve() {
	real=$(readlink -f "$file" 2>/dev/null) || real=
	[ -n "$real" ] || real=$file
	if [ -e "$real" ] && ! [ -f "$real" ]; then
		die "$file is no regular file"
	fi
	[ -d "${real%/*}" ] || die "$file leads to $real, whose directory does not exist"
}

# Whether the process that holds the lock is one of ours and lives.
alive() {
	if [ -d /proc/self ]; then
		tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -q mroom
	else
		kill -0 "$1" 2>/dev/null
	fi
}

# Takes the lock of $1, who is dead, away: one at a time, who looks whether it is that one's still.
clear_lock() {
	if ln -s $$ "$link.taking" 2>/dev/null; then
		[ "$(readlink "$link")" != "$1" ] || rm -f "$link"
		rm -f "$link.taking"
	elif taker=$(readlink "$link.taking") && ! alive "$taker"; then
		rm -f "$link.taking"
	else
		sleep 0.1 2>/dev/null || sleep 1
	fi
}

# One at a time: the lock is a symbolic link that names its holder. What a dead one left is cleared.
begin() {
	tries=0 misses=0
	link=$real.mroom-lock
	until ln -s $$ "$link" 2>/dev/null; do
		# That it is gone by now means that somebody was faster; again and again, that none can be made.
		if holder=$(readlink "$link"); then
			misses=0
		elif [ $((misses += 1)) -ge 10 ]; then
			die "no file can be made in ${real%/*} (disk full, or a read-only file system)"
		fi
		if [ -n "$holder" ] && ! alive "$holder"; then
			clear_lock "$holder"
		else
			sleep 0.1 2>/dev/null || sleep 1
		fi
		[ $((tries += 1)) -le 100 ] || die "another mroom (process $holder) is changing $real"
	done
	lock=$link
	if taker=$(readlink "$link.taking") && ! alive "$taker"; then
		rm -f "$link.taking"
	fi
	rm -f "$real.mroom-new"
	(set -C && : >"$real.mroom-new") 2>/dev/null ||
		die "no file can be made in ${real%/*} (disk full, or a read-only file system)"
	new=$real.mroom-new
}

# Gives the lock back.
end() {
	[ -z "$new" ] || rm -f "$new"
	[ -z "$lock" ] || [ "$(readlink "$lock")" != $$ ] || rm -f "$lock"
	new='' lock=''
}

# Copies what is there, bytes, owner and mode.
copy() {
	[ -f "$real" ] || return 0
	cp -p "$real" "$new" 2>/dev/null || die "$real cannot be copied beside itself (disk full?)"
	chmod u+w "$new"
}

# Puts the new file in the old one's place, $1 bytes long.
finish() {
	[ "$(wc -c <"$new")" -eq "$1" ] || die "the new file is not whole (disk full?)"
	case $file in
	"$home"/*)
		{ chmod 600 "$new" && chown "$uid" "$new"; } 2>/dev/null ||
			die "$new: its mode or owner cannot be set"
		;;
	*) chmod "$(stat -c %a "$real" 2>/dev/null || echo 600)" "$new" ;;
	esac
	sync "$new" 2>/dev/null || :
	[ "$(readlink "$lock")" = $$ ] || die "another mroom changed $real meanwhile (try again)"
	mv -f "$new" "$real" 2>/dev/null || die "$real cannot be replaced (immutable, or a read-only file system)"
	new=
	if command -v restorecon >/dev/null 2>&1; then
		restorecon "${real%/*}" "$real" 2>/dev/null || :
	fi
}

# Mode and owner of a file that holds the key already.
fix_file() {
	case $file in
	"$home"/*) ;;
	*) return 0 ;;
	esac
	mode=$(stat -c %a "$real" 2>/dev/null || stat -f %Lp "$real" 2>/dev/null) || mode=600
	owner=$(stat -c %u "$real" 2>/dev/null || stat -f %u "$real" 2>/dev/null) || owner=$uid
	if [ "$owner" != "$uid" ]; then
		chown "$uid" "$real" 2>/dev/null || die "$real belongs to another user (uid $owner)"
		say fixed "$real belonged to uid $owner"
	fi
	case $mode in
	600 | 400) ;;
	*)
		chmod 600 "$real" || die "$real: its mode cannot be changed"
		say fixed "$real had mode $mode"
		;;
	esac
}

is_there() {
	printf '%s' "$files" | while read -r each; do
		keys_of "$each"
	done | grep -qF " $1"
}

install_key() {
	key=$(key_of_line "$1")
	prepare_dir
	resolve
	if is_there "$key"; then
		[ ! -f "$real" ] || fix_file
		say present "$file"
		return
	fi
	begin
	if is_there "$key"; then # since we last looked
		end
		say present "$file"
		return
	fi
	copy
	size=$(wc -c <"$new")
	text=$1
	if [ "$size" -gt 0 ] && [ -n "$(tail -c 1 "$new")" ]; then
		text="
$1"
	fi
	printf '%s\n' "$text" >>"$new" 2>/dev/null || die "the key cannot be added (disk full?)"
	finish $((size + ${#text} + 1))
	end
	say installed "$file"
}

# The lines of these keys in one file.
lines_of() {
	keys_of "$file" | while read -r number key; do
		for each; do
			[ "$key" != "$each" ] || echo "$number"
		done
	done
}

# Takes the lines of these keys out of one file.
remove_from() {
	file=$1
	shift
	[ -f "$file" ] || return 0
	resolve
	[ -n "$(lines_of "$@")" ] || return 0
	prepare_dir
	begin
	lines=$(lines_of "$@")
	copy
	before=$(wc -c <"$real")
	gone=$(sed -n "$(printf '%s\n' "$lines" | sed 's/$/p/')" "$real" | wc -c)
	sed "$(printf '%s\n' "$lines" | sed 's/$/d/')" "$real" >"$new" 2>/dev/null ||
		die "the new file cannot be written (disk full?)"
	# A last line that lacked its newline may be counted with one.
	size=$(wc -c <"$new")
	[ "$size" -eq $((before - gone)) ] || [ "$size" -eq $((before - gone + 1)) ] ||
		die "the new file is not whole (disk full?)"
	finish "$size"
	end
	say removed "$file"
}

list_keys() {
	[ -z "$home" ] || [ -d "$home" ] || say note "the home directory $home does not exist"
	printf '%s' "$files" | while read -r each; do
		[ -f "$each" ] || continue
		[ -r "$each" ] || die "$each cannot be read"
		say file "$each"
		sed 's/^/line	/' "$each"
		[ -z "$(tail -c 1 "$each")" ] || echo
	done || exit 1
}

find_server
find_files
case $verb in
list) list_keys ;;
install) install_key "$1" ;;
remove)
	for_all=$files
	while [ -n "$for_all" ]; do
		remove_from "${for_all%%
*}" "$@"
		for_all=${for_all#*
}
	done
	;;
*) die "unknown verb $verb" ;;
esac
say 'done' "$verb"
