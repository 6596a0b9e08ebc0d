# An application on a server: versions that are kept, one of which is current, and the way back to it. Functions behind
# engine.sh, docker-run.sh, compose.sh and deploy-files.sh; app_main VERB NAME SUM FORCE KEEP is called, where VERB is run, rollback or
# remove, as a job of deploy.sh's, or status or history, and FORCE is empty or "force": to start again what is current.
#
# A version is DIR/apps/NAME/versions/SUM, and what is in it came as the directory bundle beside the job: place (number,
# path, mode, owner, TAB between them, a line per file; the mode "link": what is in it is where a link leads), files/NUMBER, dirs, env (NAME=VALUE lines), timeout (seconds), name (of the
# container or project), the version, and those there are of the scripts start, stop, health and log, of health_url, container (sh: image,
# network, and set -- with options and command) and compose (a project's file). The files current and previous hold sums.
#
# status prints "VERSION HEALTH WHY", history its lines; the others what deploy-job.sh prints, of a stage app:NAME.
# shellcheck disable=SC2154 # engine.sh sets engine, tab and nl
if [ -n "${MROOM_DIR-}" ]; then
	base=$MROOM_DIR
elif [ "$(id -u)" = 0 ]; then
	base=/var/lib/mroom
else
	base=$HOME/.mroom
fi
say() {
	word=$1
	shift
	printf '@%s %s app:%s%s\n' "$run_id" "$word" "$APP_NAME" "${*:+ $*}"
}
give_up() {
	say failed "$*"
	exit 1
}
# The lines of a text, each as one of the failed version's log.
say_log() {
	[ -z "$1" ] || printf '%s\n' "$1" | while IFS= read -r line; do
		say log "$line"
	done
}
last_line() {
	printf '%s\n' "$1" | tail -n 1
}
# Runs a command; $said is what it said. One that fails without a word is told by its exit status.
attempt() {
	said=$("$@" 2>&1) && return
	failed=$?
	[ -n "$said" ] || said="no output, exit status $failed"
	return "$failed"
}
now() {
	date -u +%Y-%m-%dT%H:%M:%SZ
}
read_word() {
	[ -f "$app/$1" ] && cat "$app/$1"
}
version_of() {
	cat "$app/versions/$1/version" 2>/dev/null
}
note() {
	printf '%s\t%s\t%s\n' "$(now)" "$1" "$2" >>"$app/history"
}
has() {
	[ -n "$1" ] && [ -f "$app/versions/$1/$2" ]
}
name_of() {
	cat "$app/versions/$1/name" 2>/dev/null
}
# A command, with the environment of a version, and in its directory.
within() {
	(
		cd "$app/versions/$1" || exit 1
		APP_VERSION=$(version_of "$1") APP_CONTAINER=$(name_of "$1")
		export APP_VERSION APP_CONTAINER
		while IFS= read -r line; do
			export "${line?}"
		done <./env
		shift
		"$@"
	) </dev/null
}
# A script of a version, when it has one.
call() {
	! has "$1" "$2" || within "$1" sh -e "./$2"
}
# The container of a version, put in the other one's place; $2 is yes where it is to start again though it is there.
container_up() {
	(
		wait=$(cat "$app/versions/$1/timeout") name=$(name_of "$1") sum=$1 again=$2
		# shellcheck disable=SC1090 # ours
		. "$app/versions/$1/container"
		# shellcheck disable=SC2154 # network, image: container
		answer=$(run "$name" "$sum" yes "$wait" "$network" "$image" "$@" <"$app/versions/$sum/env") || exit 1
		[ "$again" = yes ] || exit 0
		case $answer in
		*"${tab}unchanged$tab"*)
			e restart "$name" >/dev/null && gets_well "$name" "$wait" && exit 0
			tell_why "$name" >&2
			echo "$name: did not get well again" >&2
			exit 1
			;;
		esac
	)
}
compose_up() {
	if [ -n "$as" ] && [ -s "$app/versions/$1/env" ]; then
		echo "the engine is reached through sudo here, which keeps the environment from compose: log in as one who may use it, or with --sudo"
		return 1
	fi
	wait=$(cat "$app/versions/$1/timeout")
	size=$(wc -c <"$app/versions/$1/compose")
	within "$1" compose_put "$(name_of "$1")" "$wait" "$((size))" "$2"
}
compose_put() {
	(compose up "$1" no "$2" no "$3" <./compose) >/dev/null || {
		project_why "$1" >&2
		echo "$1: the project did not get well" >&2
		return 1
	}
	[ "$4" != yes ] || (compose_of "$1" && must "$file" restart)
}
project_containers() {
	e ps --all --filter "label=com.docker.compose.project=$1" --format "{{.Names}}"
}
# Of the containers that are not well; where all are, of all.
project_why() {
	found=
	for one in $(project_containers "$1"); do
		case $(state_of "$one") in
		healthy | running) ;;
		*)
			found=yes
			echo "container: $one"
			tell_why "$one"
			;;
		esac
	done
	[ -z "$found" ] || return 0
	for one in $(project_containers "$1"); do
		echo "container: $one"
		tell_why "$one"
	done
}
# Whether what a version is made of runs: how it is, in a word.
state_of_version() {
	if has "$1" container; then
		state_of "$(name_of "$1")"
	elif has "$1" compose; then
		word=running
		[ -n "$(project_containers "$(name_of "$1")" 2>/dev/null)" ] || word=missing
		for one in $(project_containers "$(name_of "$1")" 2>/dev/null); do
			case $(state_of "$one") in
			healthy | running | starting) ;;
			*) word="$one is $(state_of "$one")" ;;
			esac
		done
		echo "$word"
	else
		echo running
	fi
}
url_up() {
	if command -v curl >/dev/null 2>&1; then
		curl -fsS -o /dev/null --max-time 5 -- "$1"
	elif command -v wget >/dev/null 2>&1; then
		wget -q -O /dev/null -T 5 -- "$1"
	else
		echo "there is neither curl nor wget to ask $1"
		return 1
	fi
}
well_now() {
	if has "$1" health_url; then
		url_up "$(cat "$app/versions/$1/health_url")"
	else
		call "$1" health
	fi
}
healthy() {
	end=$(($(date +%s) + $(cat "$app/versions/$1/timeout")))
	while :; do
		attempt well_now "$1" && return 0
		[ -z "$late" ] && [ "$(date +%s)" -lt "$end" ] || return 1
		sleep 1
	done
}
# Has a version run. $2: yes where it is to start again. Else $why is why not, and $details what its containers say.
activate() {
	why='' details=''
	if ! attempt put_files "$1"; then
		why="its files could not be put in place: $(last_line "$said")"
	elif has "$1" container && ! attempt container_up "$1" "$2"; then
		why=$(last_line "$said") details=$(printf '%s\n' "$said" | sed '$d')
	elif has "$1" compose && ! attempt compose_up "$1" "$2"; then
		why=$(last_line "$said") details=$(printf '%s\n' "$said" | sed '$d')
	elif ! attempt call "$1" start; then
		why="start failed: $(last_line "$said")"
	elif ! healthy "$1"; then
		why="not healthy within $(cat "$app/versions/$1/timeout") s: $(last_line "$said")"
		if has "$1" container; then
			details=$(tell_why "$(name_of "$1")")
		elif has "$1" compose; then
			details=$(project_why "$(name_of "$1")")
		fi
	fi
	[ -z "$why" ]
}
# What runs of a version, as far as the one behind it does not take its place.
stop_version() {
	[ -n "$1" ] || return 0
	call "$1" stop || return 1
	if has "$1" container && ! { has "$2" container && [ "$(name_of "$1")" = "$(name_of "$2")" ]; }; then
		name=$(name_of "$1")
		(e stop "$name" && e rm -f "$name") >/dev/null 2>&1
	fi
	if has "$1" compose && ! { has "$2" compose && [ "$(name_of "$1")" = "$(name_of "$2")" ]; }; then
		within "$1" compose_off "$(name_of "$1")"
	fi
}
compose_off() {
	(compose down "$1" no '' no '' >/dev/null)
}
# The version that is current was started again, and failed: there is nothing to go back to.
stay() {
	reason=$why
	[ -z "$late" ] || reason="not done within its time: $reason"
	late=
	say_log "$details"
	! has "$1" log || say_log "$(call "$1" log 2>&1 | tail -n 20)"
	note "$(version_of "$1")" "failed: $reason"
	echo "$1" >"$app/unwell"
	give_up "version $(version_of "$1"): $reason (it was current before: it was left as it is)"
}
# From one version that failed to what ran before, if anything did.
go_back() {
	bad=$1 good=$2 reason=$why
	[ -z "$late" ] || reason="not done within its time: $reason"
	late=
	say_log "$details"
	! has "$bad" log || say_log "$(call "$bad" log 2>&1 | tail -n 20)"
	stop_version "$bad" "$good" >/dev/null 2>&1
	drop_files "$bad" "$good"
	note "$(version_of "$bad")" "failed: $reason"
	[ -n "$good" ] || give_up "version $(version_of "$bad"): $reason (nothing ran before: it was taken away)"
	# What a running container sees of its files are the old ones only once it starts again.
	again=no
	[ ! -s "$app/versions/$good/place" ] || again=yes
	if activate "$good" "$again"; then
		note "$(version_of "$good")" 'back'
		give_up "version $(version_of "$bad"): $reason (version $(version_of "$good") is back)"
	fi
	give_up "version $(version_of "$bad"): $reason (and version $(version_of "$good") does not come back: $why)"
}
app_status() {
	[ -n "$current" ] || return 0
	state=$(state_of_version "$current")
	case $state in
	healthy | running) attempt well_now "$current" && state= ;;
	*) said="it is $state" ;;
	esac
	if [ -z "$state" ]; then
		printf '%s\thealthy\t\n' "$(version_of "$current")"
	else
		printf '%s\tunhealthy\t%s\n' "$(version_of "$current")" "$(last_line "$said")"
	fi
}
app_remove() {
	[ -n "$current" ] || { say removed && return; }
	attempt stop_version "$current" '' ||
		give_up "stop failed: it was left as it is: $(last_line "$said")"
	know_placed
	drop_files "$current" ''
	rm -rf -- "$app"
	say removed
}
app_rollback() {
	previous=$(read_word previous) || give_up "there is no version before this one"
	[ -d "$app/versions/$previous" ] || give_up "the version before is not kept"
	stop_version "$current" "$previous" >/dev/null 2>&1
	know_placed
	drop_files "$current" "$previous"
	activate "$previous" no || go_back "$previous" "$current"
	echo "$previous" >"$app/current"
	echo "$current" >"$app/previous"
	note "$(version_of "$previous")" 'rolled back'
	say back "$(version_of "$previous")"
}
# Keeps the newest so many besides what runs and what ran before.
forget_old() {
	# shellcheck disable=SC2012 # sums
	ls -t "$app/versions" | while read -r old; do
		case $old in
		"$1" | "$2") continue ;;
		esac
		left=$((left - 1))
		[ "$left" -ge 1 ] || rm -rf "$app/versions/$old"
	done
}
app_run() {
	sum=$1 force=$2 left=$3
	if [ "$current" = "$sum" ] && [ "$force" != force ] && [ "$(read_word unwell)" != "$sum" ]; then
		case $(state_of_version "$sum") in
		healthy | running | starting)
			say same "$(version_of "$sum")"
			return
			;;
		esac
	fi
	(umask 077 && mkdir -p "$app/versions") || exit 1
	if ! [ -d "$app/versions/$sum" ]; then
		mv "$from/bundle" "$app/versions/$sum" || exit 1
	fi
	again=no result=changed
	if [ "$current" = "$sum" ]; then
		again=yes result=restarted
	else
		stop_version "$current" "$sum" >/dev/null 2>&1
	fi
	know_placed
	if ! activate "$sum" "$again"; then
		[ "$current" != "$sum" ] || stay "$sum"
		go_back "$sum" "$current"
	fi
	rm -f "$app/unwell"
	if [ -n "$current" ] && [ "$current" != "$sum" ]; then
		drop_files "$current" "$sum"
		echo "$current" >"$app/previous"
	fi
	echo "$sum" >"$app/current.new" && mv "$app/current.new" "$app/current" || exit 1
	note "$(version_of "$sum")" deployed
	forget_old "$sum" "$(read_word previous)"
	say "$result" "$(version_of "$sum")"
}
app_main() {
	verb=$1 late='' app=$base/apps/$2
	export APP_NAME="$2"
	shift 2
	current=$(read_word current) || current=
	case $verb in
	status) app_status ;;
	history) [ ! -f "$app/history" ] || cat "$app/history" ;;
	*)
		# Out of time: what runs now is ended by the same signal, and the way back is gone.
		trap 'late=yes' TERM
		trap 'rm -rf "$from/bundle"' EXIT
		say begin
		"app_$verb" "$@"
		;;
	esac
}
