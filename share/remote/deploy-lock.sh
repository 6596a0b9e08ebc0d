# The lease of deployments on a server (deploy-lease.sh). $1: show prints "held", "expired" or "free", owner and seconds left,
# separated by TAB; break takes it away from whoever holds it.
set -u
if [ -n "${MROOM_DIR-}" ]; then
	lock=$MROOM_DIR/lock
elif [ "$(id -u)" = 0 ]; then
	lock=/var/lib/mroom/lock
else
	lock=$HOME/.mroom/lock
fi
if ! [ -d "$lock" ]; then
	printf 'free\t\t\n'
	exit 0
fi
owner=$(head -n 1 "$lock/owner" 2>/dev/null)
until=$(head -n 1 "$lock/until" 2>/dev/null)
case $until in
'' | *[!0-9]*)
	left=0
	# Whoever made it died over it.
	[ -z "$(find "$lock" -prune -mmin +1 2>/dev/null)" ] || left=-1
	;;
*) left=$((until - $(date +%s))) ;;
esac
if [ "$1" = break ]; then
	# Moved first: whoever looks meanwhile sees all of it or nothing.
	mv "$lock" "$lock.broken.$$" || exit 1
	rm -rf "$lock.broken.$$"
	printf 'broken\t%s\t\n' "$owner"
elif [ "$left" -ge 0 ]; then
	printf 'held\t%s\t%s\n' "$owner" "$left"
else
	printf 'expired\t%s\t%s\n' "$owner" "$left"
fi
