# The container engine of a server, docker or podman, and how its containers are chosen: what docker.sh and
# docker-run.sh begin with.
#
# Answers are lines of fields separated by TAB, made by the engine's own --format. Containers are chosen by
# selectors: name=GLOB (any of several) keyword=TEXT label=K[=V] image=REF state=STATE health=HEALTH (all of them).
# Trouble is said on standard error in the engine's own words. Exit status: 1 when something failed, 127 when
# there is no engine.
set -u
PATH=$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin:/snap/bin
export LC_ALL=C
tab=$(printf "\t")
nl="
"

engine=
for engine in docker podman none; do
	command -v "$engine" >/dev/null 2>&1 && break
done
# Where the socket is not ours, sudo may be free.
as=
socket=/var/run/docker.sock
if [ "$engine" = docker ] && [ -z "${DOCKER_HOST-}" ] && [ -S "$socket" ] && ! [ -w "$socket" ]; then
	sudo -n true 2>/dev/null && as="sudo -n"
fi

e() {
	if [ "$engine" = none ]; then
		echo "no container engine: neither docker nor podman is on PATH" >&2
		exit 127
	fi
	$as "$engine" "$@"
}

# The line of a text that says what went wrong: what the daemon answered, or else the last one that is no hint.
why() {
	printf "%s\n" "$1" | awk "/^(Error response|docker: Error response)/ { print; found = 1; exit }
		!/^(Usage:|Run .*--help|See .*--help|[ \t]*\$)/ { last = \$0 } END { if (!found) print last }"
}

# --- which containers ---

# Whether $1 matches one of the globs in $names.
named() {
	[ -n "$names" ] || return 0
	rest=$names
	while [ -n "$rest" ]; do
		glob=${rest%%"$nl"*}
		rest=${rest#*"$nl"}
		# shellcheck disable=SC2254 # a glob is meant
		case $1 in $glob) return 0 ;; esac
	done
	return 1
}

# Prints "ID NAME IMAGE STATE STATUS PORTS CREATED" of the containers that the selectors choose. Fails, having
# said so, when the engine does, or when a name without a glob is nobody's.
chosen() {
	names='' keyword='' plain='' count=$#
	while [ "$count" -gt 0 ]; do
		word=$1
		shift
		count=$((count - 1))
		case $word in
		name=*[*?[]*) names=$names${word#name=}$nl ;;
		name=*) names=$names${word#name=}$nl plain=$plain${word#name=}$nl ;;
		keyword=*) keyword=${word#keyword=} ;;
		image=*) set -- "$@" --filter "ancestor=${word#image=}" ;;
		state=*) set -- "$@" --filter "status=${word#state=}" ;;
		label=* | health=*) set -- "$@" --filter "$word" ;;
		esac
	done
	# Podman's .State is a phrase for people.
	state="{{.State}}"
	[ "$engine" != podman ] || state="{{.ListContainer.State}}"
	all=$(e ps --all --no-trunc "$@" --format \
		"{{.ID}}$tab{{.Names}}$tab{{.Image}}$tab$state$tab{{.Status}}$tab{{.Ports}}$tab{{.CreatedAt}}") || return 1
	found=$nl
	# One that the filters leave out is there all the same.
	[ -z "$plain" ] || [ $# -eq 0 ] || found=$nl$(e ps --all --format "{{.Names}}")$nl
	[ -z "$all" ] || while IFS= read -r line; do
		name=${line#*"$tab"}
		name=${name%%"$tab"*}
		found=$found$name$nl
		named "$name" || continue
		case $line in *"$keyword"*) printf "%s\n" "$line" ;; esac
	done <<-LIST
	$all
	LIST
	while [ -n "$plain" ]; do
		name=${plain%%"$nl"*}
		plain=${plain#*"$nl"}
		case $found in
		*"$nl$name$nl"*) ;;
		*)
			echo "no such container: $name" >&2
			return 1
			;;
		esac
	done
}

# The names of them, a line each.
chosen_names() {
	lines=$(chosen "$@") || return 1
	[ -z "$lines" ] || printf "%s\n" "$lines" | cut -f 2
}
