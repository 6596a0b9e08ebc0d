# What drivers share; each begins with: . "$MROOM_SHARE/tunnels/common.sh"
# mroom-tunnel-driver(7) tells what a driver is asked, and what it answers.
#
# A driver defines driver_check, driver_up, driver_status and driver_down, and ends with driver_main "$@".
# It runs in the tunnel's own directory, where nobody else can look; secrets go into files there and
# nowhere else: no program gets one as an argument or in its environment.

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH
LC_ALL=C
export LC_ALL
umask 077

# The profile: key=value lines. Assigned by the shell itself, so that no value is ever an argument.
read_profile() {
	while IFS= read -r profile_line; do
		profile_key=${profile_line%%=*}
		case $profile_key in
		'' | *[!a-z0-9_]*) ;;
		*) eval "p_$profile_key=\${profile_line#*=}" ;;
		esac
	done
}

# value KEY [OTHERWISE]: prints a field.
value() {
	eval "printf '%b' \"\${p_$1:-\${2-}}\""
}

# Whether the profile has the field, sealed or not.
has() {
	eval "[ -n \"\${p_$1-}\${p_has_$1-}\" ]"
}

# The server without a port, and its port or $1.
host() {
	case ${p_server-} in
	\[*) h=${p_server#\[} && printf %s "${h%%\]*}" ;;
	*:*:*) printf %s "$p_server" ;;
	*) printf %s "${p_server%:*}" ;;
	esac
}
port() {
	case ${p_server-} in
	\[*\]:*) printf %s "${p_server##*:}" ;;
	\[*) printf %s "$1" ;;
	*:*:*) printf %s "$1" ;;
	*:*) printf %s "${p_server##*:}" ;;
	*) printf %s "$1" ;;
	esac
}

# The server's address: names are looked up once, so that routes and configuration mean the same one.
address() {
	case $(host) in
	*[!0-9.]*) getent ahosts "$(host)" | awk '{ print $1; exit }' ;;
	*) host ;;
	esac
}

# --- answers ---

answer() {
	printf '%s\t%s\n' "$1" "$2"
}
about() {
	answer about "$1"
}
# field KEY WHAT: the driver knows it. need KEY WHAT: and cannot do without.
field() {
	printf 'field\t%s\t%s\n' "$1" "$2"
}
need() {
	field "$1" "$2"
	has "$1" || [ -z "${p_name-}" ] || printf 'missing\t%s\t%s\n' "$1" "$2"
}
# program NAME PACKAGE: it must be installed here.
program() {
	command -v "$1" >/dev/null 2>&1 || printf 'program\t%s\t%s\n' "$1" "$2"
}
need_root() {
	[ "$(id -u)" -eq 0 ] || answer cannot "only root can bring it up"
}
need_tun() {
	[ -c /dev/net/tun ] || answer cannot "there is no /dev/net/tun (try: modprobe tun)"
}

# Ends the verb.
fail() {
	answer failed "$1"
	exit 0
}
is_up() {
	answer up "$1"
	exit 0
}

# --- waiting ---

# Sets $now, in seconds: no program is started for that, and nobody can set this clock.
clock() {
	read -r now _ </proc/uptime
	now=${now%%.*}
}

# Seconds left until the profile's timeout.
left() {
	clock
	echo $((deadline - now))
}

# The same for programs that take 0 for ever.
span() {
	span_left=$(left)
	echo $((span_left > 0 ? span_left : 1))
}

# await WHAT COMMAND...: until the command succeeds; 1 when time is up, 2 when the function `dead` says that
# it cannot succeed any more.
await() {
	answer connecting "$1"
	shift
	while ! "$@"; do
		! dead || return 2
		clock
		[ "$now" -lt "$deadline" ] || return 1
		sleep 0.1
	done
}
dead() {
	return 1
}

# --- processes ---

# Whether the process lives: a zombie does not, whatever kill -0 says. $parent is its parent then.
lives() {
	read -r lives_line 2>/dev/null <"/proc/$1/stat" || return 1
	# After its name, which may hold anything.
	lives_line=${lives_line##*) }
	case $lives_line in [ZX]*) return 1 ;; esac
	parent=${lives_line#? } parent=${parent%% *}
}

# The same of the one that a pidfile names. Asked again and again: it starts no program for that.
alive() {
	alive_pid=
	read -r alive_pid 2>/dev/null <"$1"
	alive_pid=${alive_pid%%[!0-9]*}
	[ -n "$alive_pid" ] && lives "$alive_pid"
}

# gone PIDFILE TENTHS: waits for its end; 1 when it lives on after so many tenths of a second.
gone() {
	gone_tenths=$2
	while alive "$1"; do
		[ "$gone_tenths" -gt 0 ] || return 1
		gone_tenths=$((gone_tenths - 1))
		sleep 0.1
	done
}

# Whether it is still the one that we started: a number may have been given to another since.
ours() {
	alive "$1" || return 1
	[ "$(readlink "/proc/$alive_pid/cwd" 2>/dev/null)" = "$(pwd -P)" ] ||
		tr '\0' ' ' <"/proc/$alive_pid/cmdline" 2>/dev/null | grep -qF -e "$(pwd -P)" -e "$(pwd)"
}

# stop PIDFILE: asks it to end, then makes it.
stop() {
	ours "$1" || return 0
	kill "$alive_pid" 2>/dev/null
	gone "$1" 20 || kill -9 "$alive_pid" 2>/dev/null
	gone "$1" 10
}

# Everything that still runs in the tunnel's directory: what a killed driver had begun.
stop_all() {
	# As a pattern of find, which is one process however many there are to look at.
	here=$(pwd -P | sed 's/[][*?\\]/\\&/g')
	for stop_signal in TERM KILL; do
		stop_found=
		# shellcheck disable=SC2044 # no name in there has a blank
		for process in $(find /proc/[0-9]*/cwd -prune -lname "$here" 2>/dev/null); do
			process=${process%/cwd}
			pid=${process#/proc/}
			if [ "$pid" = $$ ] || ! lives "$pid" || [ "$parent" = $$ ]; then
				continue # this one, and subshells of its own
			fi
			kill -s "$stop_signal" "$pid" 2>/dev/null && stop_found=yes
		done
		[ -n "$stop_found" ] || return 0
		sleep 0.2
	done
}

# --- interface, routes, DNS ---

interface_exists() {
	[ -d "/sys/class/net/$1" ] || ip link show "$1" >/dev/null 2>&1
}
has_address() {
	ip -o addr show dev "$1" scope global 2>/dev/null | grep -q ' inet6\{0,1\} '
}
remove_interface() {
	interface_exists "$1" && ip link delete "$1" 2>/dev/null
	return 0
}

# -4 or -6, whichever the network is of.
family_of() {
	case $1 in *:*) echo -6 ;; *) echo -4 ;; esac
}
# All of it are two halves, which leave the default route alone.
halves() {
	case $1 in
	0.0.0.0/0) echo 0.0.0.0/1 128.0.0.0/1 ;;
	::/0) echo ::/1 8000::/1 ;;
	*) echo "$1" ;;
	esac
}
# The server itself is not behind its tunnel.
keep_server() {
	server=$(address)
	[ -n "$server" ] || return 0
	way=$(ip route get "$server" 2>/dev/null | sed -n '1s/ uid .*//p' | sed 's/ src [^ ]*//;s/ cache.*//')
	case $way in '' | *' lo'* | local*) return 0 ;; esac
	# shellcheck disable=SC2086 # the words of a route
	ip "$(family_of "$server")" route add $way 2>/dev/null && echo "$way" >server.route
}
# Sends the networks of the field `routes` (comma-separated) through the interface; they go with it. A route to just that
# network which was there comes back then.
add_routes() {
	for network in $(value routes | tr ',' ' '); do
		case $network in */0) keep_server ;; esac
		for half in $(halves "$network"); do
			family=$(family_of "$half")
			# Not the interface's own, which goes with it.
			ip "$family" route show exact "$half" | grep -v " dev $1 " | sed -n "s/ linkdown//;s/^/$family /p" >>routes.before
			ip "$family" route replace "$half" dev "$1" || return 1
		done
	done
}
restore_routes() {
	if [ -s server.route ]; then
		read -r way <server.route
		# shellcheck disable=SC2086 # the words of a route
		ip "$(family_of "$way")" route delete $way 2>/dev/null
	fi
	[ ! -e routes.before ] || while read -r family way; do
		# shellcheck disable=SC2086 # the words of a route
		ip "$family" route add $way 2>/dev/null
	done <routes.before
	rm -f server.route routes.before
}

# The way back to where our own session comes from, if all traffic goes into the tunnel: a route of its own, which
# is more special than any that a tunnel sets, and a rule for those that look into tables of their own.
protect() {
	[ -n "${p_protect-}" ] || return 0
	way=$(ip route get "$p_protect" 2>/dev/null | sed -n '1s/ uid .*//p' | sed 's/ src [^ ]*//;s/ cache.*//')
	case $way in
	'' | *' lo'* | local*) return 0 ;;
	esac
	case $p_protect in *:*) family=-6 ;; *) family=-4 ;; esac
	printf '%s %s\n' "$family" "$p_protect" >protected
	# shellcheck disable=SC2086 # the words of a route
	ip $family route add $way 2>/dev/null && echo "$way" >protected.route
	ip $family rule add to "$p_protect" lookup main priority 90 2>/dev/null
}
unprotect() {
	[ -s protected ] || return 0
	read -r family protected_address <protected
	ip "$family" rule delete to "$protected_address" lookup main priority 90 2>/dev/null
	if [ -s protected.route ]; then
		read -r way <protected.route
		# shellcheck disable=SC2086
		ip $family route delete $way 2>/dev/null
	fi
	rm -f protected protected.route
}

# dns SERVER...: name servers of the tunnel, as long as it is up. Written in place: the file may be mounted there.
resolv=/etc/resolv.conf
set_dns() {
	[ -z "$(value dns)$*" ] && return 0
	[ -e "$resolv" ] && cp "$resolv" resolv.before
	: >resolv.ours
	for server in $(value dns | tr ',' ' ') "$@"; do
		echo "nameserver $server" >>resolv.ours
	done
	grep '^\(search\|domain\|options\)' "$resolv" >>resolv.ours 2>/dev/null
	cat resolv.ours >"$resolv"
}
# As it was, unless somebody else has changed it since.
restore_dns() {
	[ -e resolv.ours ] || return 0
	if cmp -s resolv.ours "$resolv"; then
		if [ -e resolv.before ]; then
			cat resolv.before >"$resolv"
		else
			: >"$resolv"
		fi
	else
		# Another tunnel came up behind us: what it goes back to is what we would have.
		for later in ../*/resolv.before; do
			if [ -e "$later" ] && [ -e resolv.before ] && cmp -s resolv.ours "$later"; then
				cat resolv.before >"$later"
			fi
		done
	fi
	rm -f resolv.ours resolv.before
}

# remember KEY VALUE, recall KEY: what `down` must know, also when the profile is gone.
remember() {
	printf '%s' "$2" >"state.$1"
}
recall() {
	[ ! -e "state.$1" ] || cat "state.$1"
}

driver_main() {
	read_profile
	clock
	deadline=$((now + ${p_timeout:-30}))
	case $1 in
	check) driver_check ;;
	up)
		remember interface "$(value interface)"
		driver_up
		;;
	status) driver_status ;;
	down)
		driver_down
		restore_routes
		unprotect
		restore_dns
		answer down ''
		;;
	*)
		echo "usage: ${0##*/} check|up|status|down" >&2
		exit 2
		;;
	esac
}
