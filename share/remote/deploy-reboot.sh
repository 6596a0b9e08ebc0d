# Restarts a server, and tells whether it is back.
# $1: restart or back; $2: the run's id; of restart $3: who asks, $4: seconds that the lease (deploy-lease.sh) is held at most;
# of back $3: the boot id before. restart prints that id; back prints "back" once there is another, and gives the lease back.
#
# MROOM_BOOT_ID_FILE and MROOM_REBOOT_COMMAND stand in for the kernel's file and for shutdown -r now.
# Exit status: 75 when a deployment holds the lease.
set -u
umask 077
if [ -n "${MROOM_DIR-}" ]; then
	dir=$MROOM_DIR
elif [ "$(id -u)" = 0 ]; then
	dir=/var/lib/mroom
else
	dir=$HOME/.mroom
fi
lock=$dir/lock
boot_id() {
	cat "${MROOM_BOOT_ID_FILE:-/proc/sys/kernel/random/boot_id}" 2>/dev/null || sysctl -n kern.boottime 2>/dev/null
}
now=$(boot_id)
if [ "$1" = back ]; then
	if [ -n "$now" ] && [ "$now" != "$3" ]; then
		[ "$(cat "$lock/run" 2>/dev/null)" != "$2" ] || rm -rf "$lock"
		echo back
	fi
	exit 0
fi
if [ -z "$now" ]; then
	echo "it has no boot id to wait for" >&2
	exit 1
fi
if [ "$(id -u)" != 0 ] && [ -z "${MROOM_REBOOT_COMMAND-}" ]; then
	echo "only root may restart it (try: --sudo)" >&2
	exit 1
fi
mkdir -p "$dir" || exit 1
lease_make
lease_write "$2" "$3" "$4"
sync
# Once this answer has left; apart from the connection, which goes first.
# shellcheck disable=SC2016 # for the inner shell
set -- sh -c 'trap "" HUP; sleep 1
	# busybox has no shutdown
	command -v shutdown >/dev/null 2>&1 || : "${MROOM_REBOOT_COMMAND:=reboot}"
	exec ${MROOM_REBOOT_COMMAND:-shutdown -r now}'
if command -v setsid >/dev/null 2>&1; then
	set -- setsid "$@"
elif command -v perl >/dev/null 2>&1; then
	set -- perl -e 'setpgrp; exec @ARGV' "$@"
fi
"$@" >/dev/null 2>&1 </dev/null &
printf '%s\n' "$now"
