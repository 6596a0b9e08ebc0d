#!/usr/bin/env bats
# What a tool's option table says, its page and its --help say too, for every tool and verb there is.

bats_require_minimum_version 1.5.0
load lib/lab

setup_file() {
	export LEAVES=$BATS_FILE_TMPDIR/leaves
	export MROOM_HOME=$BATS_FILE_TMPDIR/home
	mkdir -m 700 "$MROOM_HOME"
	local tool
	for tool in "$MROOM_TEST_BIN"/mroom-*; do
		leaves "${tool##*/mroom-}"
	done >"$LEAVES"
}

# Every command that takes options, a line each: the tool, its verbs.
leaves() {
	local answer verb
	answer=$(mroom "$@" --list-options)
	if [[ $answer != verb$'\t'* ]]; then
		echo "$*"
		return
	fi
	while IFS=$'\t' read -r _ verb _; do
		leaves "$@" "$verb"
	done <<<"$answer"
}

# The options of a leaf, -x and --name, one a line and sorted.
listed() {
	# shellcheck disable=SC2086 # words
	mroom $1 --list-options | awk -F '\t' '$3 != "operand" { if ($1) print "-" $1; if ($2) print "--" $2 }' | sort
}

# The options that a page speaks of: its own text, as a reader sees it.
paged() {
	mandoc -T utf8 -O width=400 "$1" | sed 's/.\x08//g' | grep -oE '(^|[^A-Za-z0-9-])--?[A-Za-z0-9][A-Za-z0-9-]*' |
		sed 's/^[^-]//' | sort -u
}

# The options that a page marks up as such, up to its examples: Fl abc, Fl a , -name, Fl Fl name.
marked() {
	awk '
		/^\.Sh EXAMPLES/ { exit }
		!/^\./ { next }
		{
			flag = 0
			for (i = 1; i <= NF; i++) {
				word = $i
				sub(/^\./, "", word)
				if (word == "Fl") flag++
				else if (word ~ /^[A-Z][a-z]$/ || word == ",") flag = word == "," && flag ? 1 : 0
				else if (!flag || word !~ /^-?[A-Za-z0-9]/) continue
				else if (word ~ /^-/) print "-" word
				else if (flag > 1) { print "--" word; flag = 1 }
				else for (j = 1; j <= length(word); j++) print "-" substr(word, j, 1)
			}
		}' "$1" | sort -u
}

# The pages beside its own that a tool refers to for options it shares.
shared() {
	local page
	for page in exec.1 targets.7 stream.7; do
		! grep -qE "^\.Xr mroom-${page%.*} ${page#*.}( |\$)" "$1" || echo "$MROOM_TOP/man/mroom-$page"
	done
}

@test "there are as many commands as the tools' tables have verbs" {
	[ "$(wc -l <"$LEAVES")" -ge 100 ]
	grep -qx 'inventory ls' "$LEAVES"
	grep -qx exec "$LEAVES"
}

@test "--help shows each option of the table, and no other" {
	local leaf wrong=0
	while read -r leaf; do
		# shellcheck disable=SC2086 # words
		mroom $leaf --help | awk '/^Examples:/ { exit } /^  +-/' | sed 's/^ *//; s/  .*//' |
			grep -oE '(^|, )--?[A-Za-z0-9][A-Za-z0-9-]*' | sed 's/^, //' | sort >"$BATS_TEST_TMPDIR/help"
		listed "$leaf" | diff - "$BATS_TEST_TMPDIR/help" || { echo "mroom $leaf --help differs"; wrong=1; }
	done <"$LEAVES"
	[ "$wrong" = 0 ]
}

@test "no option stands twice in a table" {
	local leaf twice=
	while read -r leaf; do
		twice+=$(listed "$leaf" | uniq -d | sed "s/^/mroom $leaf: /")
	done <"$LEAVES"
	[ -z "$twice" ] || { echo "$twice"; false; }
}

@test "a tool's page, or a page it names, tells of each option and verb" {
	local leaf tool page other missing=
	while read -r leaf; do
		tool=${leaf%% *}
		page=$MROOM_TOP/man/mroom-$tool.1
		if [ ! -e "$BATS_TEST_TMPDIR/$tool" ]; then
			for other in "$page" $(shared "$page"); do
				paged "$other"
			done | sort -u >"$BATS_TEST_TMPDIR/$tool"
		fi
		missing+=$(listed "$leaf" | comm -23 - "$BATS_TEST_TMPDIR/$tool" |
			grep -vxE -e '-h|--help' | sed "s/^/mroom $leaf /")
		grep -qw -- "${leaf##* }" "$page" || missing+=" $leaf"
	done <"$LEAVES"
	[ -z "$missing" ] || { echo "no page tells of: $missing"; false; }
}

@test "a tool's page speaks of no option that no verb of it has" {
	local tool wrong=
	for tool in $(cut -d ' ' -f 1 "$LEAVES" | sort -u); do
		grep -E "^$tool( |\$)" "$LEAVES" | while read -r leaf; do listed "$leaf"; done |
			cat - <(echo --list-options) | sort -u >"$BATS_TEST_TMPDIR/known"
		wrong+=$(marked "$MROOM_TOP/man/mroom-$tool.1" | comm -23 - "$BATS_TEST_TMPDIR/known" |
			sed "s/^/ mroom-$tool(1): /")
	done
	[ -z "$wrong" ] || { echo "told of, but not there:$wrong"; false; }
}

@test "completion offers each option of the table, and no other" {
	local leaf wrong=0
	while read -r leaf; do
		# shellcheck disable=SC2086 # words
		mroom complete -- mroom $leaf - | cut -f 1 | sort >"$BATS_TEST_TMPDIR/offered"
		listed "$leaf" | diff - "$BATS_TEST_TMPDIR/offered" || { echo "completing mroom $leaf differs"; wrong=1; }
	done <"$LEAVES"
	[ "$wrong" = 0 ]
}

# A line for each leaf and option: the leaf, a tab, the option.
by_table() {
	local leaf
	while read -r leaf; do
		listed "$leaf" | sed "s/^/$leaf\t/"
	done <"$LEAVES" | sort
}

@test "a real bash offers each option of every command" {
	bash --norc -c '. "$MROOM_TOP/completions/mroom.bash"
		while read -r leaf; do
			COMP_LINE="mroom $leaf -"
			COMP_POINT=${#COMP_LINE}
			read -ra COMP_WORDS <<<"$COMP_LINE"
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
			_mroom
			printf "$leaf\t%s\n" "${COMPREPLY[@]}"
		done <"$LEAVES"' | sort >"$BATS_TEST_TMPDIR/bash"
	by_table | diff - "$BATS_TEST_TMPDIR/bash"
}

@test "a real fish offers each option of every command" {
	require fish
	fish --no-config -c 'source $MROOM_TOP/completions/mroom.fish
		while read leaf
			for word in (complete -C "mroom $leaf -")
				printf "%s\t%s\n" $leaf (string split \t -- $word)[1]
			end
		end <$LEAVES' | sort >"$BATS_TEST_TMPDIR/fish"
	by_table | diff - "$BATS_TEST_TMPDIR/fish"
}

# What a verb wants besides servers.
besides() {
	case $1 in
	'cert remove') echo --key key.pub ;;
	'deploy app') echo app.ini ;;
	'deploy config') echo key.pub --to /etc/x ;;
	'deploy lock') echo break ;;
	'docker compose '*) echo app.yml ;;
	'docker exec') echo web id ;;
	'docker login') echo --registry-user al registry ;;
	'docker run') echo --name web image ;;
	'docker install' | 'docker doctor') ;;
	'docker '*) echo thing ;;
	'health alert') echo --run true ;;
	'health db') echo /var/x.db ;;
	'health history') echo web-01 ;;
	'inventory home') echo /srv ;;
	'inventory room' | 'inventory tag' | 'inventory untag') echo new ;;
	'inventory set') echo --user al ;;
	'state due' | 'state schedule') echo backup ;;
	'state done') echo backup web-01 ;;
	'state set') echo key value ;;
	'state ls' | 'state dump') ;;
	'state '*) echo key ;;
	esac
}

@test "--list shows the servers that would be touched, and does nothing, whatever the verb" {
	export MROOM_HOME=$BATS_TEST_TMPDIR/home
	local leaf before words servers
	cd "$BATS_TEST_TMPDIR"
	mkdir -m 700 "$MROOM_HOME"
	ssh-keygen -q -t ed25519 -N '' -f key
	cp -p key "$MROOM_HOME/ca"
	cp key.pub "$MROOM_HOME/ca.pub"
	printf '[identity]\npublic_key = %s\n' "$PWD/key.pub" >"$MROOM_HOME/config.ini"
	printf '[application]\nname = shop\nimage = shop:1\n' >app.ini
	echo 'services: {}' >app.yml
	# nobody answers there
	printf '%s\n' web-01--127.9.9.9--root web-02--127.9.9.8--root >r.txt
	mroom inventory import -q r.txt >/dev/null
	before=$(mroom inventory export)
	while read -r leaf; do
		# shellcheck disable=SC2086 # words
		mroom $leaf --list-options | grep -q '	list	.*would be touched' || continue
		read -ra words <<<"$(besides "$leaf")"
		servers=(-w web-01)
		case $leaf in 'state done' | 'health history') servers=() ;; esac
		# shellcheck disable=SC2086
		run --separate-stderr timeout 20 mroom $leaf --list "${servers[@]}" "${words[@]}" </dev/null
		[ "$status $output" = '0 web-01' ] || {
			echo "mroom $leaf --list: $status $output $stderr" | tee -a wrong
		}
	done <"$LEAVES"
	[ ! -e wrong ]
	[ "$(mroom inventory export)" = "$before" ]
	[ "$(mroom state dump)" = "" ]
	[ "$(mroom log list)" = "" ]
}
