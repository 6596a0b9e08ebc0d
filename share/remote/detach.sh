# What goes on without the console: the head of deploy.sh (deployments) and exec-detach.sh (commands).
#
# It is kept below $dir: /var/lib/mroom for root, ~/.mroom for others, or $MROOM_DIR. Each has a directory of its own
# there: its process (pid), what it says, and once it has ended its exit status (status).
umask 077
# shellcheck disable=SC2034 # dir is for them
if [ -n "${MROOM_DIR-}" ]; then
	dir=$MROOM_DIR
elif [ "$(id -u)" = 0 ]; then
	dir=/var/lib/mroom
else
	dir=$HOME/.mroom
fi
boot() {
	cat /proc/sys/kernel/random/boot_id 2>/dev/null
}
# Begins it in a session of its own, as far as the server can. $1: its directory; the rest: the command.
detach() {
	kept=$1
	shift
	if command -v setsid >/dev/null 2>&1; then
		set -- setsid "$@"
	elif command -v perl >/dev/null 2>&1; then
		set -- perl -e 'eval { require POSIX; POSIX::setsid() } or setpgrp; exec @ARGV' "$@"
	else
		set -- sh -c 'trap "" HUP; exec "$@"' mroom "$@"
	fi
	boot >"$kept/boot"
	"$@" </dev/null &
	note_pid "$kept" $!
}
# In one step: whoever looks meanwhile must not find it empty.
note_pid() {
	echo "$2" >"$1/pid.$$" && mv -f "$1/pid.$$" "$1/pid"
}
# Whether what is kept in $1 still runs. A number from before the server's last start is another process's.
goes_on() {
	[ ! -e "$1/status" ] && [ "$(boot)" = "$(cat "$1/boot" 2>/dev/null)" ] &&
		kill -0 "$(cat "$1/pid" 2>/dev/null)" 2>/dev/null
}
