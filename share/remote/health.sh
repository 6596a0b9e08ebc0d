# How a server is: one fact a line, WORD TAB FIELD... What cannot be had is left out; "end" comes last.
# $1: an address to ping, $2: a name to resolve ("": neither), $3: patterns of certificate files, $4: services
# (both blank-separated), $5: "deep" asks the package manager too, $6: "checks": a tar archive of executables
# in the Nagios plugin format comes on standard input, $7: "ports" tells what listens.
# Comes behind health-system.sh. Needs no root. Sizes are in KiB, times in seconds. Names are printed as they are, control bytes as "?".
LC_ALL=C RES_OPTIONS="timeout:2 attempts:1" PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL RES_OPTIONS PATH
tab="	" nl="
"
say() {
	old=$IFS IFS=$tab
	printf "%s\n" "$*"
	IFS=$old
}
have() { command -v "$1" >/dev/null 2>&1; }
brief() {
	if have timeout; then
		timeout 10 "$@"
	else
		"$@"
	fi
}
say time "$(date +%s)"
if [ -r /proc/sys/kernel/ostype ]; then
	read -r system </proc/sys/kernel/ostype
	read -r release </proc/sys/kernel/osrelease
	read -r name </proc/sys/kernel/hostname
	machine=
	[ ! -r /proc/sys/kernel/arch ] || read -r machine </proc/sys/kernel/arch
	say host "$name" "$system" "$release" "${machine:-$(uname -m)}"
else
	system=$(uname -s) release=$(uname -r)
	say host "$(uname -n)" "$system" "$release" "$(uname -m)"
fi

# What the service manager says of each; where there is none, a process of that name has to do.
services() {
	if [ -d /run/systemd/system ]; then
		say manager systemd
		was=$IFS IFS=$nl
		for unit in $(brief systemctl list-units --failed --all --plain --no-legend --no-pager); do
			say failed "${unit%% *}"
		done
		[ $# -eq 0 ] || for state in $(brief systemctl is-active "$@"); do
			say service "$1" "$state"
			shift
		done
		IFS=$was
	elif have rc-service; then
		for service; do
			if state=$(rc-service "$service" status 2>&1); then
				say service "$service" active
			else
				say service "$service" inactive
			fi
		done
	fi
}
containers() {
	if have docker && [ -S /var/run/docker.sock ]; then
		set -- docker
	elif have podman; then
		set -- podman
	else
		return
	fi
	if list=$(brief "$1" ps -a --format "{{.Names}}$tab{{.Status}}" 2>/dev/null); then
		say containers "$1"
		was=$IFS IFS=$nl
		for line in $list; do say container "$line"; done
		IFS=$was
	else
		say containers "$1" silent
	fi
}
certificates() {
	# shellcheck disable=SC2086 # patterns
	for file in $1; do
		[ -f "$file" ] || continue
		until=
		! have openssl || until=$(openssl x509 -noout -enddate -in "$file" 2>/dev/null)
		say certificate "$file" "${until#*=}"
	done
}
updates() {
	file=/var/lib/update-notifier/updates-available
	if [ -r $file ]; then
		awk -v tab="$tab" '/security/ && $1 + 0 == $1 { n += $1 } END { print "updates" tab n + 0 }' $file
	elif [ "$1" != deep ]; then
		return
	elif have apt-get; then
		list=$(brief apt-get -s -o Debug::NoLocking=1 upgrade 2>/dev/null) &&
			printf "%s\n" "$list" | awk -v tab="$tab" '/^Inst .*[Ss]ecurity/ { n++ } END { print "updates" tab n + 0 }'
	elif have dnf; then
		list=$(brief dnf -q -C updateinfo list --security 2>/dev/null) &&
			printf "%s" "$list" | awk -v tab="$tab" 'END { print "updates" tab NR }'
	elif have apk; then
		list=$(brief apk version -l "<" 2>/dev/null) &&
			printf "%s\n" "$list" | awk -v tab="$tab" 'END { print "updates" tab NR - 1 }'
	fi
}
# An address to ping and a name to resolve, both at once and last: they may take their time.
answers() {
	address=$1 name=$2 resolver="" wait=W
	have ping || address=
	[ "$system" = Linux ] || wait=t
	if have getent; then
		resolver="getent hosts"
	elif have nslookup; then
		resolver="brief nslookup"
	elif have host; then
		resolver="brief host"
	else
		name=
	fi
	[ -n "$address$name" ] || return
	if answer=$(
		if [ -n "$address" ]; then ping -c 1 -$wait 2 "$address" 2>&1 & fi
		[ -z "$name" ] || $resolver "$name" >/dev/null 2>&1
	); then
		[ -z "$name" ] || say dns "$name" ok
	else
		say dns "$name" failed
	fi
	case $answer in
	*time=*)
		answer=${answer#*time=}
		say ping "$address" ok "${answer%%[ m]*}"
		;;
	*permitted* | *denied* | *"socket"*) ;;
	*) [ -z "$address" ] || say ping "$address" lost ;;
	esac
}
# Runs what came in the archive: the status, and the first line that was said.
checks() {
	dir=$(mktemp -d) || return
	trap 'rm -rf "$dir"' EXIT
	trap "exit 1" HUP INT TERM PIPE
	tar -xf - -C "$dir" 2>/dev/null || { say check tar 3 "the server has no tar"; return; }
	for file in "$dir"/*; do
		[ -f "$file" ] || continue
		said=$(cd / && brief "$file" 2>&1 </dev/null)
		status=$?
		if [ $status = 126 ] && read -r first <"$file"; then
			# No program may be started from there.
			# shellcheck disable=SC2086 # program and option
			said=$(cd / && brief ${first#??} "$file" 2>&1 </dev/null)
			status=$?
		fi
		said=${said%%"$nl"*}
		case $said in
		*[[:cntrl:]]*) said=$(printf "%s" "$said" | tr "[:cntrl:]" "?") ;;
		esac
		say check "${file##*/}" "$status" "$said"
	done
}

case $system in
Linux) linux "$4" ;;
*) bsd "$4" 2>/dev/null ;;
esac
# shellcheck disable=SC2086 # a list
services $4
containers
certificates "$3"
updates "$5"
[ "$6" != checks ] || checks
[ "$7" != ports ] || ports
answers "$1" "$2"
say end
