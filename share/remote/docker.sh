# What mroom docker does on a server: docker.sh VERB ARGS..., behind engine.sh.
# shellcheck disable=SC2154 # engine.sh sets engine, as, tab and nl
# ps IMAGE-IDS SELECTOR...: with IMAGE-IDS=yes a last field has the id of the image that really runs.
verb_ps() {
	ids=$1
	shift
	lines=$(chosen "$@") || exit 1
	[ -n "$lines" ] || exit 0
	if [ "$ids" != yes ]; then
		printf "%s\n" "$lines"
		exit 0
	fi
	printf "%s\n" "$lines" | while IFS= read -r line; do
		printf "%s\t%s\n" "$line" "$(e inspect --format "{{.Image}}" "${line%%"$tab"*}" 2>/dev/null)"
	done
}

# act VERB OPTION... -- SELECTOR...: start, stop, restart, rm, each container by itself.
verb_act() {
	verb=$1 options=
	shift
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	list=$(chosen_names "$@") || exit 1
	failed=0
	[ -z "$list" ] || while IFS= read -r name; do
		# shellcheck disable=SC2086 # options are words of ours
		if said=$(e "$verb" $options "$name" 2>&1 </dev/null); then
			printf "%s\tdone\n" "$name"
		else
			failed=1
			printf "%s\tfailed\t%s\n" "$name" "$(why "$said" | tr "\t" " ")"
			why "$said" >&2
		fi
	done <<-LIST
	$list
	LIST
	exit "$failed"
}

# inspect SELECTOR...: NAME and JSON.
verb_inspect() {
	list=$(chosen_names "$@") || exit 1
	[ -n "$list" ] || exit 0
	failed=0
	while IFS= read -r name; do
		json=$(e inspect --format "{{json .}}" "$name" | sed "s/\\\\/\\\\\\\\/g")
		[ -n "$json" ] || failed=1
		[ -z "$json" ] || printf "%s\t%s\n" "$name" "$json"
	done <<-LIST
	$list
	LIST
	exit "$failed"
}

# stats SELECTOR...: NAME CPU MEMORY MEMORY-SHARE NET BLOCK PIDS, once.
verb_stats() {
	list=$(chosen_names "$@" state=running) || exit 1
	[ -n "$list" ] || exit 0
	# shellcheck disable=SC2086 # container names are single words
	e stats --no-stream --format \
		"{{.Name}}$tab{{.CPUPerc}}$tab{{.MemUsage}}$tab{{.MemPerc}}$tab{{.NetIO}}$tab{{.BlockIO}}$tab{{.PIDs}}" $list
}

# Passes on the lines that hold $text, each behind $mark.
pass_lines() {
	if [ -z "$text$mark" ]; then
		cat
	elif [ -n "$follow" ]; then
		# Some awk hold lines back until they have many.
		while IFS= read -r line || [ -n "$line" ]; do
			case $line in *"$text"*) printf "%s\n" "$mark$line" ;; esac
		done
	else
		TEXT=$text MARK=$mark awk "ENVIRON[\"TEXT\"] == \"\" || index(\$0, ENVIRON[\"TEXT\"]) { print ENVIRON[\"MARK\"] \$0; fflush() }"
	fi
}

# logs TEXT FIELD OPTION... -- SELECTOR...: live, with the container in front where there are several; with FIELD=yes
# always, as a field.
verb_logs() {
	text=$1 field=$2 options=
	shift 2
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	list=$(chosen_names "$@") || exit 1
	[ -n "$list" ] || exit 0
	between='' follow=''
	case $list in *"$nl"*) between=": " ;; esac
	[ "$field" != yes ] || between=$tab
	case " $options " in *" --follow "*) follow=yes ;; esac
	{
		failed=$(
			exec 4>&1
			while IFS= read -r name; do
				mark=${between:+$name$between}
				# shellcheck disable=SC2086 # options are words of ours
				{ e logs $options "$name" 2>&1 </dev/null || echo "$name" >&4; } | pass_lines >&3 &
			done <<-LIST
			$list
			LIST
			wait
		)
	} 3>&1
	[ -z "$failed" ]
}

# exec NAME COMMAND...
verb_exec() {
	verb_engine exec -i "$@"
}

# engine WORD...: whatever else the engine can do.
verb_engine() {
	[ "$engine" != none ] || e
	exec $as "$engine" "$@"
}

# pull REFERENCE...: REFERENCE and the id it has now.
verb_pull() {
	failed=0
	for image; do
		if said=$(e pull --quiet "$image" 2>&1 </dev/null); then
			printf "%s\t%s\n" "$image" "$(e image inspect --format "{{.Id}}" "$image")"
		else
			failed=1
			why "$said" >&2
		fi
	done
	exit "$failed"
}

# login REGISTRY USER: the password comes on standard input.
verb_login() {
	said=$(e login --username "$2" --password-stdin "$1" 2>&1) || {
		why "$said" >&2
		exit 1
	}
}

verb_logout() {
	e logout "$1" >/dev/null
}

# --- doctor ---

# check NAME STATE TEXT
check() {
	printf "%s\t%s\t%s\n" "$1" "$2" "$3"
}

verb_doctor() {
	if [ "$engine" = none ]; then
		check engine bad "neither docker nor podman is on PATH (try: mroom deploy run -s docker)"
		exit 1
	fi
	check engine ok "$(command -v "$engine")"
	if ! version=$(e version --format "{{.Server.Version}}" 2>&1); then
		case $version in
		*"permission denied"*)
			check access bad "$(id -un) may not use the engine, and sudo -n does not help (try: usermod -aG docker $(id -un))" ;;
		*) check access bad "the engine does not answer: $(why "$version") (try: systemctl start $engine)" ;;
		esac
		exit 1
	fi
	check access ok "${as:-direct}"
	case ${version%%.*} in
	*[!0-9]* | "") check version warn "unknown: $version" ;;
	*)
		if [ "$engine" = docker ] && [ "${version%%.*}" -lt 25 ]; then
			check version warn "$version is older than 25"
		else
			check version ok "$version"
		fi
		;;
	esac
	if compose=$(e compose version --short 2>/dev/null); then
		check compose ok "$compose"
	elif command -v docker-compose >/dev/null 2>&1; then
		check compose warn "only the separate docker-compose is there (try: the compose plugin)"
	else
		check compose warn "missing (try: the package docker-compose-plugin, or docker-compose-v2)"
	fi
	root=$(e info --format "{{.DockerRootDir}}" 2>/dev/null)
	free=$(df -Pk "${root:-/var/lib}" 2>/dev/null | tail -n 1 | tr -s " " | cut -d " " -f 4,5)
	used=${free#* }
	case ${used%\%} in
	*[!0-9]* | "") check disk warn "unknown: ${root:-no data directory}" ;;
	*)
		if [ "${used%\%}" -ge 90 ]; then
			check disk bad "$root is $used full (try: $engine system prune)"
		else
			check disk ok "$root: ${free% *} KiB free"
		fi
		;;
	esac
}

verb=$1
shift
"verb_$verb" "$@"
