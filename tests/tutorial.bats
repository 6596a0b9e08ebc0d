#!/usr/bin/env bats
# mroom-tutorial(7) is followed word by word, and mroom demo comes and goes.

load lib/lab

setup() {
	lab_home
	cd "$HOME" || return
	chmod 755 "$BATS_TEST_TMPDIR" "$HOME"
}

teardown() {
	mroom demo down >/dev/null 2>&1 || true
}

# The commands of the tutorial, as a reader sees them.
commands() {
	mandoc -T utf8 -O width=200 "$MROOM_TOP/man/mroom-tutorial.7" | sed 's/.\x08//g' | awk '
		/^[A-Z]/ { on = ($0 == "DESCRIPTION") }
		!on { next }
		/^ *\$ / { match($0, /^ */); indent = RLENGTH; typed = 1; print substr($0, indent + 3); next }
		/^ *$/ || (match($0, /^ */) && RLENGTH < indent) { typed = 0 }
		typed { print substr($0, indent + 1) }'
}

# Types them into a shell that is started by the words behind.
follows() {
	commands >"$BATS_TEST_TMPDIR/typed"
	[ "$(grep -c '^mroom\|^eval' "$BATS_TEST_TMPDIR/typed")" -ge 24 ]
	run "$@" "$BATS_TEST_TMPDIR/typed"
	echo "$output"
	[ "$status" = 0 ]
	[ "$(grep -c 'Hello</h1>$' <<<"$output")" -ge 12 ]
	grep -q 'port=8081$' <<<"$output"
	[ ! -e mroom-demo ]
}

@test "every command of the tutorial works as it is printed" {
	follows bash -eux
}

@test "every command of the tutorial works in dash, with what is installed and without the tree" {
	local prefix=$BATS_TEST_TMPDIR/installed
	"$MROOM_TOP/.ci/install" install "$prefix" "$MROOM_TEST_BIN"
	# But for an sshd that may have been unpacked for the tree alone.
	follows env -i HOME="$HOME" sh -eux -c '
		export PATH=$1/bin:/usr/bin:/bin:/usr/sbin:/sbin:$2
		. "$3"' sh "$prefix" "$MROOM_TOP/build/deps/root/usr/sbin"
}

@test "mroom demo keeps its room up, has one of it, and leaves nothing" {
	run mroom demo up
	[ "$status" = 0 ]
	eval "$(mroom demo where)"
	mroom inventory import demo.txt >/dev/null 2>&1
	[ "$(mroom exec -a -- 'cd && pwd' 2>/dev/null | cut -f 2 | sort -u | wc -l)" = 12 ]
	run mroom demo up
	[ "$status" = 5 ]
	cd "$HOME"
	mroom demo down
	[ ! -e mroom-demo ]
	run mroom demo down
	[ "$status" = 2 ]
	mkdir mroom-demo
	run mroom demo down
	[ "$status" = 2 ]
	[ -d mroom-demo ]
	rmdir mroom-demo
}
