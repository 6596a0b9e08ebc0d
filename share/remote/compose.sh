# Compose on a server, functions behind engine.sh: compose VERB PROJECT UPGRADE WAIT VOLUMES SIZE.
# shellcheck disable=SC2154 # engine.sh sets engine, as, tab and nl
#
# The project's file is kept as ~/.mroom/compose/PROJECT/compose.yaml; a new one of SIZE bytes comes on standard input,
# and has to be valid before it replaces that. UPGRADE and VOLUMES are yes or no; WAIT is in seconds, or empty.
# Prints "PROJECT RESULT RUNNING/ALL", or for config the whole as JSON.

# Finds compose, and the project's place.
compose_of() {
	project=$1
	dir=$HOME/.mroom/compose/$project
	file=$dir/compose.yaml
	new=$dir/.new.$$.yaml
	[ "$engine" != none ] || e
	compose=
	if e compose version >/dev/null 2>&1; then
		compose="$as $engine compose"
	else
		for own in docker-compose podman-compose; do
			command -v "$own" >/dev/null 2>&1 && compose="$as $own" && break
		done
	fi
	[ -n "$compose" ] || {
		echo "no compose (try: mroom docker install)" >&2
		exit 127
	}
}

# c FILE WORD...: compose itself, for this project.
c() {
	from=$1
	shift
	# shellcheck disable=SC2086 # words of ours
	$compose --project-name "$project" --project-directory "$dir" --file "$from" "$@" </dev/null
}

# Does so, or says why not and ends.
must() {
	said=$(c "$@" 2>&1) || {
		why "$said" >&2
		exit 1
	}
}

# The new file, in $new, found valid.
receive() {
	umask 077
	mkdir -p "$dir" || exit 1
	trap "rm -f \"\$new\"; rmdir \"\$dir\" 2>/dev/null" EXIT
	trap "exit 143" TERM HUP INT
	cat >"$new" || exit 1
	[ "$(wc -c <"$new")" -eq "$size" ] || {
		echo "the file arrived incomplete" >&2
		exit 1
	}
	said=$(c "$new" config --quiet 2>&1) || {
		echo "the file is not valid: $(why "$said")" >&2
		exit 1
	}
}

# What is told at the end.
tell() {
	running=$(e ps --quiet --filter "label=com.docker.compose.project=$project" | grep -c .)
	all=$(e ps --all --quiet --filter "label=com.docker.compose.project=$project" | grep -c .)
	printf "%s\t%s\t%s/%s\n" "$project" "$1" "$running" "$all"
}

verb_up() {
	receive
	result=created
	[ ! -e "$file" ] || result=changed
	! cmp -s "$new" "$file" || result=same
	[ "$upgrade" != yes ] || must "$new" pull --quiet
	mv -f "$new" "$file" || exit 1
	set -- "$file" up --detach --remove-orphans
	[ "$upgrade" != yes ] || set -- "$@" --force-recreate
	[ -z "$wait" ] || set -- "$@" --wait --wait-timeout "$wait"
	must "$@"
	tell "$result"
}

verb_pull() {
	receive
	must "$new" pull --quiet
	tell pulled
}

verb_config() {
	receive
	said=$(c "$new" config --format json 2>&1) || {
		why "$said" >&2
		exit 1
	}
	printf "%s\t%s\n" "$project" "$(printf "%s" "$said" | tr -d "\n" | sed "s/\\\\/\\\\\\\\/g")"
}

verb_down() {
	[ -e "$file" ] || {
		echo "there is no project $project in place" >&2
		exit 1
	}
	set -- "$file" down --remove-orphans
	[ "$volumes" != yes ] || set -- "$@" --volumes
	must "$@"
	tell down
}

compose() {
	verb=$1 upgrade=$3 wait=$4 volumes=$5 size=${6-}
	compose_of "$2"
	"verb_$verb"
}
