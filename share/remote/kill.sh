# Stops a process group and says whether it is gone: "dead", or "alive".
# $1: its id. TERM first; KILL after a second. Proof is "no such process", or nothing but zombies that
# some parent has yet to collect: a group we may not signal (started through sudo) is still alive.
gone() {
	case $(LC_ALL=C kill -0 "-$1" 2>&1) in
	*[Nn]'o such process'*) return 0 ;;
	esac
	ps -A -o pgid= -o stat= 2>/dev/null | {
		zombies=0
		while read -r group state; do
			[ "$group" = "$1" ] || continue
			case $state in
			Z*) zombies=$((zombies + 1)) ;;
			*) exit 1 ;;
			esac
		done
		[ "$zombies" -gt 0 ]
	}
}
kill -TERM "-$1" 2>/dev/null
i=0
until gone "$1"; do
	i=$((i + 1))
	if [ "$i" -ge 10 ]; then
		kill -KILL "-$1" 2>/dev/null
	fi
	if [ "$i" -ge 25 ]; then
		echo alive
		exit 0
	fi
	sleep 0.1 2>/dev/null || sleep 1
done
echo dead
