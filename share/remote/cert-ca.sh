# An authority for user certificates, which is root's business. Behind cert.sh; verbs:
#
#   trust LINE        makes sshd trust certificates of that authority
#   undo              takes that back
#   untrust LINE      no more
# shellcheck disable=SC2154 # of cert.sh: verb, uid, sshd, conf, other, listener

# Where sshd's drop-ins are, and ours among them.
ca_paths() {
	[ "$uid" = 0 ] || die "only root can change sshd's configuration (try: --sudo)"
	if [ -n "$other" ] || [ -z "$sshd" ] || ! [ -r "$conf" ]; then
		die "the server here is no OpenSSH whose configuration is found"
	fi
	set -f # patterns are wanted, not what they stand for
	dir=$(while read -r word value || [ -n "$word" ]; do
		case $word in
		[Ii][Nn][Cc][Ll][Uu][Dd][Ee])
			for part in $value; do
				case $part in
				/*/\*.conf) printf '%s\n' "${part%/*}" ;;
				*/\*.conf) printf '%s\n' "/etc/ssh/${part%/*}" ;;
				esac
			done
			;;
		esac
	done <"$conf" | head -n 1)
	set +f
	[ -n "$dir" ] || die "$conf includes no directory of drop-ins (add: Include /etc/ssh/sshd_config.d/*.conf)"
	[ -d "$dir" ] || mkdir -m 755 "$dir" || die "$dir cannot be made"
	dropin=$dir/60-mroom-ca.conf
	cafile=${conf%/*}/mroom_user_ca.pub
}

ca_in_force() {
	"$sshd" -T -f "$conf" 2>/dev/null | sed -n 's/^trustedusercakeys //p'
}

# Keeps both files as they are; puts them back.
ca_save() {
	for each in "$dropin" "$cafile"; do
		rm -f "$each.mroom-old" "$each.mroom-none"
		if [ -f "$each" ]; then
			cp -p "$each" "$each.mroom-old"
		else
			: >"$each.mroom-none"
		fi || die "$each cannot be kept (disk full?)"
	done
}

ca_restore() {
	for each in "$dropin" "$cafile"; do
		if [ -f "$each.mroom-old" ]; then
			mv -f "$each.mroom-old" "$each"
		elif [ -f "$each.mroom-none" ]; then
			rm -f "$each" "$each.mroom-none"
		fi
	done
}

# They stay as they are.
ca_forget() {
	for each in "$dropin" "$cafile"; do
		rm -f "$each.mroom-old" "$each.mroom-none"
	done
}

# A file of mode 0644 with what comes in, in one step.
ca_write() {
	{ cat >"$1.mroom-new" && chmod 644 "$1.mroom-new" && mv -f "$1.mroom-new" "$1"; } 2>/dev/null
}

# The sockets that listen on sshd's port.
ca_listening() {
	# shellcheck disable=SC2086 # four words
	set -- ${SSH_CONNECTION:-0 0 0 22}
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
		awk -v port="$(printf ':%04X$' "$4")" '$2 ~ port && $4 == "0A" { print $10 }'
}

# Tells sshd to read its configuration again, and waits until it listens again, on other sockets where the signal is ours. Where it
# cannot be told, all is put back.
ca_reload() {
	before=
	[ -z "$listener" ] || before=$(ca_listening)
	if [ -n "$listener" ]; then
		kill -HUP "$listener"
	else
		systemctl reload ssh || systemctl reload sshd || service ssh reload || service sshd reload
	fi >/dev/null 2>&1 || {
		ca_restore
		die "sshd${listener:+ (process $listener)} cannot be told to reload"
	}
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		sleep 1
		[ -r /proc/net/tcp ] || return 0
		now=$(ca_listening)
		[ -z "$now" ] || [ "$now" = "$before" ] || return 0
	done
}

trust_ca() {
	ca_paths
	force=$(ca_in_force)
	case $force in
	none | '' | "$cafile") ;;
	*) die "another TrustedUserCAKeys is in force already: $force" ;;
	esac
	key=$(key_of_line "$1")
	if [ "$force" = "$cafile" ] && grep -qsF "$key" "$cafile"; then
		ca_forget
		say present "$cafile"
		return
	fi
	ca_save
	if ! { cat "$cafile" 2>/dev/null; printf '%s\n' "$1"; } | ca_write "$cafile" ||
		! printf 'TrustedUserCAKeys %s\n' "$cafile" | ca_write "$dropin"; then
		ca_restore
		die "$dropin cannot be written"
	fi
	if ! problem=$("$sshd" -t -f "$conf" 2>&1); then
		ca_restore
		die "sshd would not start with it: $(printf '%s\n' "$problem" | tail -n 1)"
	fi
	if [ "$(ca_in_force)" != "$cafile" ]; then
		ca_restore
		die "$dropin is not heeded: another setting goes before it"
	fi
	ca_reload
	say installed "$cafile"
}

untrust_ca() {
	ca_paths
	key=$(key_of_line "$1")
	if ! grep -qsF "$key" "$cafile"; then
		say present "$cafile"
		return
	fi
	ca_save
	if ! { grep -vF "$key" "$cafile" || [ $? -eq 1 ]; } | ca_write "$cafile" || grep -qF "$key" "$cafile" ||
		{ ! [ -s "$cafile" ] && ! rm -f "$cafile" "$dropin"; }; then
		ca_restore
		die "$cafile cannot be written"
	fi
	if ! "$sshd" -t -f "$conf" 2>/dev/null; then
		ca_restore
		die "sshd would not start without it"
	fi
	ca_reload
	ca_forget
	say removed "$cafile"
}

undo_ca() {
	ca_paths
	ca_restore
	ca_reload
	say restored "$cafile"
}

find_server
case $verb in
trust) trust_ca "$1" ;;
untrust) untrust_ca "$1" ;;
undo) undo_ca ;;
*) die "unknown verb $verb" ;;
esac
say 'done' "$verb"
