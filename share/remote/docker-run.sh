# A container as it should be: created, left alone, or replaced in a way that never leaves a server without one.
# shellcheck disable=SC2154 # engine.sh sets engine, as, tab and nl
# Functions, behind engine.sh; what is called is run, below.
# How a container is: healthy, running (it has no health check), starting, unhealthy, exited, missing.
state_of() {
	state=$(e inspect --format "{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{end}}" "$1" 2>/dev/null) || {
		echo missing
		return
	}
	case $state in
	"running ") echo running ;;
	"running "*) echo "${state#running }" ;;
	*) echo exited ;;
	esac
}

# Podman leaves looking to systemd's timers, or where there are none to others; how often that failed says nothing then.
looks_well() {
	[ "$engine" = podman ] && e healthcheck run "$1" >/dev/null 2>&1
}

# How often the engine started it again because it had ended.
restarts() {
	e inspect --format "{{.RestartCount}}" "$1" 2>/dev/null
}

# Waits until the container is well: $2 seconds at most for its health; without a health check it has to run for two.
# Afterwards $late has something where that was too short.
gets_well() {
	end=$(($(date +%s) + $2)) since=$(date +%s) late=
	before=$(restarts "$1")
	while :; do
		case $(state_of "$1") in
		healthy) return 0 ;;
		running)
			[ "$(restarts "$1")" = "$before" ] || return 1
			[ $(($(date +%s) - since)) -lt 3 ] || return 0 # whole seconds: two at least
			;;
		starting) ! looks_well "$1" || return 0 ;;
		unhealthy)
			[ "$engine" = podman ] || return 1
			! looks_well "$1" || return 0
			;;
		*) return 1 ;;
		esac
		[ "$(date +%s)" -lt "$end" ] || {
			late=" within $2 s"
			return 1
		}
		sleep 0.2 2>/dev/null || sleep 1
	done
}

# Why a container is not well, for standard error.
tell_why() {
	e inspect --format "exit code {{.State.ExitCode}}, OOM killed {{.State.OOMKilled}}{{if .State.Error}}, {{.State.Error}}{{end}}" "$1" 2>/dev/null
	tell_end "$1"
	e inspect --format "{{if .State.Health}}{{range .State.Health.Log}}health check: {{.ExitCode}} {{printf \"%.200s\" .Output}}{{println}}{{end}}{{end}}" "$1" 2>/dev/null | grep . | tail -n 3
	e logs --tail 10 "$1" 2>&1 | sed "s/^/log: /"
}

# How one that was started again by itself ended before: its state says nothing of that any more.
tell_end() {
	again=$(e inspect --format "{{.RestartCount}} {{.Id}}" "$1" 2>/dev/null) || return 0
	[ "${again%% *}" != 0 ] || return 0
	last=$(e events --since "$(($(date +%s) - 900))" --until "$(($(date +%s) + 1))" --filter "container=${again#* }" --filter event=die \
		--format "{{.Actor.Attributes.exitCode}}" 2>/dev/null | tail -n 1)
	echo "started again ${again%% *} times${last:+, its last exit code was $last}"
}

# The order of a replacement survives its own death: the old container waits as NAME.mroom-old until the new one is
# well. Puts things right when an earlier one was cut.
mend() {
	e inspect "$1.mroom-new" >/dev/null 2>&1 && e rm -f "$1.mroom-new" >/dev/null
	e inspect "$1.mroom-old" >/dev/null 2>&1 || return 0
	case $(state_of "$1") in
	missing) ;;
	*) e rm -f "$1" >/dev/null ;;
	esac
	e rename "$1.mroom-old" "$1" && e start "$1" >/dev/null
}

# One replacement of a name at a time, that of a console which is gone too: it goes on here. The turn is a symbolic link
# that names its holder; what a dead one left is cleared.
take_turn() {
	turn=$HOME/.mroom/run-$1 until=$(($(date +%s) + $2 + 60))
	mkdir -p "$HOME/.mroom" || exit 1
	while ! ln -s $$ "$turn" 2>/dev/null; do
		holder=$(readlink "$turn")
		if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
			rm -f "$turn"
		elif [ "$(date +%s)" -ge "$until" ]; then
			echo "another mroom (process $holder) is at work on the container $1" >&2
			turn=
			exit 1
		else
			sleep 0.2 2>/dev/null || sleep 1
		fi
	done
}

give_turn() {
	[ -z "$turn" ] || [ "$(readlink "$turn")" != $$ ] || rm -f "$turn"
}

# Gives the new container the old one's name; when that cannot be, nothing has changed.
swap() {
	said=$(e rename "$name" "$name.mroom-old" 2>&1) || return 1
	said=$(e rename "$name.mroom-new" "$name" 2>&1) && return 0
	e rename "$name.mroom-old" "$name"
	return 1
}

swap_failed() {
	why "$said" >&2
	e rm -f "$name.mroom-new" >/dev/null
	echo "$name: the new container could not take its place; the old one serves on" >&2
	exit 1
}

# Whether the old container holds what the new one needs: a published port, the host's own, or a place it may write to.
conflicts() {
	[ "$(e inspect --format "{{.HostConfig.NetworkMode}}" "$1")" != host ] || return 0
	ports=$(e inspect --format "{{range \$k, \$v := .HostConfig.PortBindings}}{{\$k}} {{end}}" "$1")
	mounts=$(e inspect --format "{{range .Mounts}}{{if .RW}}{{.Source}} {{end}}{{end}}" "$1")
	[ -n "$ports$mounts" ]
}

milliseconds() {
	now=$(date +%s%N)
	case $now in
	*N) echo "$(date +%s)000" ;;
	*) echo "${now%??????}" ;;
	esac
}

# Two that create a network at once may both succeed, and then neither of that name can be used: one at a time. Whoever died
# in the middle is waited for only so long.
make_network() {
	turn=$HOME/.mroom/network tries=0
	until mkdir -p "$HOME/.mroom" && mkdir "$turn" 2>/dev/null || [ "$tries" -ge 50 ]; do
		tries=$((tries + 1))
		sleep 0.2 2>/dev/null || sleep 1
	done
	said=$(e network create "$1" 2>&1) || e network inspect "$1" >/dev/null 2>&1
	made=$?
	rmdir "$turn" "$HOME/.mroom" 2>/dev/null
	[ "$made" -eq 0 ] || why "$said" >&2
	return "$made"
}

# run NAME DIGEST REPLACE WAIT NETWORK IMAGE OPTION... -- COMMAND...: prints "NAME WHAT GAP-IN-MS". The environment
# comes on standard input, a NAME=VALUE a line.
run() {
	name=$1 digest=$2 replace=$3 wait=$4 network=$5 image=$6
	shift 6
	turn=
	env=$(mktemp "${TMPDIR:-/tmp}/mroom.XXXXXX") || exit 1
	trap "rm -f \"\$env\"; give_turn" EXIT
	trap "exit 143" TERM HUP INT PIPE
	cat >"$env"
	take_turn "$name" "$wait"
	mend "$name"
	if ! e image inspect "$image" >/dev/null 2>&1 && ! said=$(e pull --quiet "$image" 2>&1); then
		why "$said" >&2
		exit 1
	fi
	want=$(e image inspect --format "{{.Id}}" "$image")
	was=$(e inspect --format "{{index .Config.Labels \"mroom.config\"}} {{.Image}} {{.State.Running}}" "$name" 2>/dev/null)
	if [ "$was" = "$digest $want true" ]; then
		printf "%s\tunchanged\t0\n" "$name"
		exit 0
	fi
	if [ -n "$was" ] && [ "$replace" != yes ]; then
		echo "a container named $name is there already (try: --replace)" >&2
		exit 1
	fi
	if [ -n "$network" ] && ! e network inspect "$network" >/dev/null 2>&1; then
		make_network "$network" || exit 1
	fi
	count=$#
	while [ "$count" -gt 0 ] && [ "$1" != -- ]; do
		set -- "$@" "$1"
		shift
		count=$((count - 1))
	done
	# Now "--", the command, and the options at the end: the options go to the front again.
	shift
	count=$((count - 1))
	set -- "$@" "$image"
	while [ "$count" -gt 0 ]; do
		set -- "$@" "$1"
		shift
		count=$((count - 1))
	done
	said=$(e create --name "$name.mroom-new" --label "mroom.config=$digest" --env-file "$env" \
		${network:+--network "$network"} "$@" 2>&1) || {
		why "$said" >&2
		exit 1
	}
	rm -f "$env"
	gap=0
	if [ -z "$was" ]; then
		said=$(e rename "$name.mroom-new" "$name" 2>&1) || {
			why "$said" >&2
			e rm -f "$name.mroom-new" >/dev/null
			exit 1
		}
		start_new || exit 1
		printf "%s\tcreated\t0\n" "$name"
		exit 0
	fi
	if conflicts "$name"; then
		began=$(milliseconds)
		e stop "$name" >/dev/null
		swap || {
			e start "$name" >/dev/null
			swap_failed
		}
		start_new || {
			back
			exit 1
		}
		gap=$(($(milliseconds) - began))
	else
		if ! said=$(e start "$name.mroom-new" 2>&1) || ! gets_well "$name.mroom-new" "$wait"; then
			[ "$said" = "$name.mroom-new" ] || why "$said" >&2
			tell_why "$name.mroom-new" >&2
			e rm -f "$name.mroom-new" >/dev/null
			echo "$name: the new container did not get well; the old one never stopped" >&2
			exit 1
		fi
		swap || swap_failed
	fi
	e rm -f "$name.mroom-old" >/dev/null
	printf "%s\treplaced\t%s\n" "$name" "$gap"
}

start_new() {
	said=$(e start "$name" 2>&1) || {
		why "$said" >&2
		[ -n "$was" ] || e rm -f "$name" >/dev/null
		return 1
	}
	gets_well "$name" "$wait" && return 0
	tell_why "$name" >&2
	[ -n "$was" ] || echo "$name: did not get well$late" >&2
	return 1
}

back() {
	e rm -f "$name" >/dev/null
	e rename "$name.mroom-old" "$name" && e start "$name" >/dev/null &&
		echo "$name: the new container did not get well; the old one serves again after $(($(milliseconds) - began)) ms" >&2
}
