# shellcheck shell=bash
# Images with this system's own programs in them, for tests of containers that do something real.

# Makes the tree $1 the image $2 of the lab's engine, with busybox and the libraries of the programs that are named;
# what follows -- are options of docker import.
image_of() {
	local tree=$1 name=$2 programs=()
	shift 2
	while [ "$1" != -- ]; do
		programs+=("$1")
		shift
	done
	shift
	cp -a "$LAB/image/bin" "$tree/"
	mkdir -p "$tree/etc" "$tree/tmp"
	chmod 1777 "$tree/tmp"
	ldd "${programs[@]}" | grep -oE '/[^ ]+\.so[^ ]*' | sort -u | xargs cp -L --parents -t "$tree"
	tar -C "$tree" -c . | DOCKER_HOST=unix://$LAB/run/docker.sock docker import "$@" - "$name" >/dev/null
}
