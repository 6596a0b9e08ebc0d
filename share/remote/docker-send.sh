# Images that travel without a registry, behind engine.sh: docker-send.sh VERB ARGS...
# shellcheck disable=SC2154 # engine.sh sets engine, as, tab and nl
# What the tag names, once the image is there.
tag_it() {
	[ -z "$1" ] || [ "$(e image inspect --format "{{.Id}}" "$1" 2>/dev/null)" = "$(e image inspect --format "{{.Id}}" "$2")" ] ||
		e tag "$2" "$1"
}

# look TAG ID: "same" when the image is there (it gets the tag then); else the layers of each image that is, bottom
# first, a line each, where the engine needs only what it lacks.
verb_look() {
	[ "$engine" != none ] || e
	if said=$(e image inspect --format "{{.Id}}" "$2" 2>&1); then
		tag_it "$1" "$2" || exit 1
		echo same
		exit 0
	fi
	status=$(e info --format "{{.DriverStatus}}" 2>/dev/null)
	case $engine:$status in
	podman:* | *containerd.snapshotter*) exit 0 ;;
	esac
	images=$(e image ls --all --quiet --no-trunc) || exit 1
	# shellcheck disable=SC2086 # ids are single words
	[ -z "$images" ] || e image inspect --format "layers$tab{{range .RootFS.Layers}}{{.}} {{end}}" $images | sort -u
}

# load TAG ID: the archive, which may be compressed, comes on standard input.
verb_load() {
	said=$(e load --quiet 2>&1) || {
		why "$said" >&2
		exit 1
	}
	e image inspect "$2" >/dev/null 2>&1 || e image inspect "$1" >/dev/null 2>&1 || {
		echo "the engine took the image, and has none: $(why "$said")" >&2
		exit 1
	}
}

# save IMAGE: the archive, compressed, on standard output.
verb_save() {
	said=$(e image inspect "$1" 2>&1) || {
		why "$said" >&2
		exit 1
	}
	e save "$1" | gzip -1
}

verb=$1
shift
"verb_$verb" "$@"
