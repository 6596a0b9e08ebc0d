#!/usr/bin/env bats
# What documents say holds: tests and commands that are named are there, pages tell what they should.

load lib/lab

@test "every test that a document names exists" {
	local file
	cd "$MROOM_TOP"
	[ "$(grep -oh '`tests/[^`]*`' share/doc/*.md | sort -u | wc -l)" -ge 30 ]
	grep -oh '`tests/[^`]*`' share/doc/*.md | tr -d '`' | sort -u | while read -r file; do
		[ -f "$file" ] || { echo "no $file"; exit 1; }
	done
}

@test "every command that the map of the original guide names exists" {
	lab_home
	local words
	grep -oh '`mroom [a-z]* [a-z]*`' "$MROOM_TOP/share/doc/seed-map.md" | tr -d '`' | sort -u >"$BATS_TEST_TMPDIR/named"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/named")" -ge 30 ]
	while read -r _ words; do
		# shellcheck disable=SC2086 # words
		mroom $words --list-options >/dev/null || { echo "no mroom $words"; false; }
	done <"$BATS_TEST_TMPDIR/named"
}

@test "a picture of a terminal is drawn from what a command prints, whatever that is" {
	require /usr/bin/python3
	"$MROOM_TOP/.ci/picture" printf '$ mroom <a> & "b"\n%0120d\n' 7 >"$BATS_TEST_TMPDIR/picture.svg"
	# shellcheck disable=SC2016 # no expansion
	grep -qF '>$ mroom &lt;a&gt; &amp; "b"</text>' "$BATS_TEST_TMPDIR/picture.svg"
	grep -q '000\.\.\.</text>' "$BATS_TEST_TMPDIR/picture.svg"
	/usr/bin/python3 -c 'import sys, xml.dom.minidom as m; [m.parse(f) for f in sys.argv[1:]]' \
		"$BATS_TEST_TMPDIR/picture.svg" "$MROOM_TOP/share/doc/mroom.svg"
}

@test "each tool's page tells its environment, files, exit status and examples" {
	local page section missing=
	for page in "$MROOM_TOP"/man/*.1; do
		for section in NAME SYNOPSIS DESCRIPTION ENVIRONMENT FILES 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
			grep -qx "\.Sh $section" "$page" || missing+=" ${page##*/}: $section;"
		done
	done
	[ -z "$missing" ] || { echo "missing:$missing"; false; }
}

@test "each page of a format or a convention has examples, and tells its environment, files and exit status" {
	local page section sections missing=
	for page in "$MROOM_TOP"/man/*.[57]; do
		sections=EXAMPLES
		# These are examples from end to end; what a state is called and a list holds is no program's.
		case ${page##*/} in mroom-tutorial.7 | mroom-examples.7) sections= ;; esac
		case ${page##*/} in
		mroom-config.5 | mroom-extending.7 | mroom-ssh.7 | mroom-stream.7 | mroom-targets.7 | mroom-tunnel-driver.7)
			sections+=$'\nEXIT STATUS'
			;;
		esac
		! grep -q '\.Ev \|^\.It Ev ' "$page" || sections+=$'\nENVIRONMENT'
		! grep -q 'Pa \$MROOM_HOME/' "$page" || sections+=$'\nFILES'
		while read -r section; do
			[ -z "$section" ] || grep -qx "\.Sh $section" "$page" || missing+=" ${page##*/}: $section;"
		done <<<"$sections"
	done
	[ -z "$missing" ] || { echo "missing:$missing"; false; }
}

@test "each tool has a page, and each page is led to from another" {
	local tool page
	for tool in "$MROOM_TEST_BIN"/mroom-*; do
		[ -f "$MROOM_TOP/man/${tool##*/}.1" ] || { echo "no page for $tool"; false; }
	done
	for page in "$MROOM_TOP"/man/mroom-*.[1-8]; do
		page=${page##*/}
		grep -lE "^\.Xr ${page%.*} ${page##*.}( |$)" "$MROOM_TOP"/man/* | grep -qv "/$page$" || { echo "nothing leads to $page"; false; }
	done
}

@test "the page of settings has each with its default, and no other" {
	awk '
	/^\.Ss \[/ { gsub(/[][]/, "", $2); section = $2 }
	/^\.It Cm [a-z0-9_]+ (No =|Pq)/ && section {
		line = $0
		sub(/^\.It Cm /, "", line)
		sub(/ Pq .*/, "", line)
		split(line, part, / No =/)
		sub(/^ /, "", part[2])
		print section "." part[1] "\t" part[2]
	}' "$MROOM_TOP/man/mroom-config.5" | sort >"$BATS_TEST_TMPDIR/page"
	# A pattern stands below its setting there, as it is too long for a line.
	mroom config list --json --columns setting,default |
		jq -r 'if .setting == "journal.redact" then .default = "" else . end | "\(.setting)\t\(.default // "")"' |
		sort | diff "$BATS_TEST_TMPDIR/page" -
}

@test "mroom(1) lists every command there is, and no id of a server may be one" {
	commands=$(PATH=$MROOM_TEST_BIN:/usr/bin:/bin mroom --list-commands | sort)
	[ "$(sed -n '/^These commands exist/,/^\.El/s/^\.It Cm //p' "$MROOM_TOP/man/mroom.1" | sort)" = "$commands" ]
	export MROOM_HOME=$BATS_TEST_TMPDIR/home
	mkdir -m 700 "$MROOM_HOME"
	for command in $commands; do
		run mroom inventory add "$command" 10.0.0.1
		[ "$status" = 2 ] || { echo "$command may be an id"; false; }
	done
}
