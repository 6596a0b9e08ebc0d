# shellcheck shell=bash
# The sessions of mroom-examples(7), run as they stand there.
#
#   session 'mroom deploy app tls.ini @production' ['s,/etc,./etc,']
#
# Fails when the page does not have that command. The second is a program of sed's: where things are in the lab.
session() {
	mandoc -T utf8 -O width=500 "$MROOM_TOP/man/mroom-examples.7" | col -bx | sed -n 's/^ *\$ //p' >"$BATS_TEST_TMPDIR/.told"
	grep -qxF -- "$1" "$BATS_TEST_TMPDIR/.told" || {
		echo "not in mroom-examples(7): $1"
		return 1
	}
	eval "$(sed "${2:-}" <<<"$1")"
}

# The lab's servers as the room `production`, from production.txt.
examples_room() {
	lab_roster "$1" >production.txt
	lab_known_hosts "$1" >"$MROOM_HOME/known_hosts"
}
