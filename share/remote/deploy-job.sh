# The head of every deployment job: what stages (mroom-stage(7)) are called by, and may call.
# $1: plan, run or undo; $2: the run's id, which marks our own lines in the log.
# shellcheck disable=SC2034 # used by what follows
mode=$1 run=$2 updated=
# sudo may have left us with a user's.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
say() {
	printf '@%s %s\n' "$run" "$*"
}
have() {
	command -v "$1" >/dev/null 2>&1
}
install_packages() {
	if have apt-get; then
		export DEBIAN_FRONTEND=noninteractive
		apt-get -qqy -o DPkg::Lock::Timeout=120 install --no-install-recommends "$@" && return
		# Once: lists that are new know no more for being fetched again.
		[ -z "$updated" ] || return 1
		updated=yes
		apt-get -qqy -o DPkg::Lock::Timeout=120 update
		apt-get -qqy -o DPkg::Lock::Timeout=120 install --no-install-recommends "$@"
	elif have dnf; then
		dnf -qy install "$@"
	elif have yum; then
		yum -qy install "$@"
	elif have apk; then
		apk add -q "$@"
	elif have zypper; then
		zypper -qn install "$@"
	elif have pacman; then
		pacman -Sq --noconfirm --needed "$@"
	else
		echo "no package manager that is known here" >&2
		return 1
	fi
}
remove_packages() {
	if have apt-get; then
		DEBIAN_FRONTEND=noninteractive apt-get -qqy -o DPkg::Lock::Timeout=120 remove "$@"
	elif have dnf; then
		dnf -qy remove "$@"
	elif have yum; then
		yum -qy remove "$@"
	elif have apk; then
		apk del -q "$@"
	elif have zypper; then
		zypper -qn remove "$@"
	elif have pacman; then
		pacman -Rq --noconfirm "$@"
	else
		return 1
	fi
}
has_package() {
	if have dpkg-query; then
		# shellcheck disable=SC2016 # dpkg's own
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
	elif have rpm; then
		rpm -q "$1" >/dev/null 2>&1
	elif have apk; then
		apk info -e "$1" >/dev/null 2>&1
	elif have pacman; then
		pacman -Q "$1" >/dev/null 2>&1
	else
		return 1
	fi
}
start_service() {
	if [ -d /run/systemd/system ]; then
		systemctl enable --now "$1"
	elif have rc-service; then
		rc-update add "$1" default && rc-service "$1" start
	else
		service "$1" start
	fi
}
undo() {
	return 90
}
facts() {
	:
}
# Asks the stage's check; $why is what it says last, or its exit status where it fails without a word.
ask() {
	why=$( (check "$@") 2>&1) && return
	asked=$?
	why=$(printf '%s\n' "$why" | tail -n 1)
	[ -n "$why" ] || why="no output, exit status $asked"
	return "$asked"
}
# A stage whose functions are defined: $1 its name as it was asked for; the rest are its arguments.
mroom_stage() {
	stage=$1
	shift
	say begin "$stage"
	ask "$@"
	already=$?
	case $mode:$already in
	plan:0 | run:0) say same "$stage" ;;
	plan:*)
		say would "$stage" "$why"
		return
		;;
	run:*)
		(
			set -e
			apply "$@"
		)
		status=$?
		if [ "$status" != 0 ]; then
			say failed "$stage" "exit status $status"
			return 1
		fi
		if ! ask "$@"; then
			say failed "$stage" "applied, but its check still fails: $why"
			return 1
		fi
		say changed "$stage"
		;;
	undo:*)
		# Nothing of what it was known by holds afterwards.
		known=$( (facts "$@") 2>/dev/null | cut -d ' ' -f 1)
		(
			set -e
			undo "$@"
		)
		status=$?
		case $status in
		0) say undone "$stage" ;;
		90) say failed "$stage" "it knows no undo" ;;
		*) say failed "$stage" "exit status $status" ;;
		esac
		[ "$status" = 0 ] || return 1
		for key in $known; do
			say forget "$key"
		done
		return
		;;
	esac
	(facts "$@") 2>/dev/null | while read -r key value; do
		say fact "$key" "$value"
	done
	return 0
}
