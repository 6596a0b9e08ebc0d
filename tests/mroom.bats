#!/usr/bin/env bats
# mroom: finds a tool and becomes it.

bats_require_minimum_version 1.5.0
load lib/lab

setup() {
	lab_home
	ini=$MROOM_HOME/config.ini
	bin=$BATS_TEST_TMPDIR/bin
	mkdir "$bin"
	PATH=$bin:$PATH
}

# Makes the executable $1, in $bin unless it has a slash, of the script $2.
tool() {
	local file=$1
	[[ $1 == */* ]] || file=$bin/$1
	printf '#!/bin/sh\n%s\n' "$2" >"$file"
	chmod +x "$file"
}

# mroom fails with this line.
refused() {
	local want=$1
	shift
	run --separate-stderr mroom "$@"
	[ "$status" = 2 ]
	[ "$output" = "" ]
	[ "$stderr" = "mroom: $want" ] || {
		echo "$stderr"
		return 1
	}
}

@test "a command's arguments reach its tool unchanged, and its status comes back" {
	tool mroom-args 'for arg; do printf "<%s>" "$arg"; done; exit 7'
	run mroom args -w 'a b' '' --help -- "it's" '*' $'new\nline' ';' '$(id)'
	[ "$status" = 7 ]
	[ "$output" = "<-w><a b><><--help><--><it's><*><new
line><;><\$(id)>" ]
}

@test "mroom becomes the tool: there is no process in between" {
	tool mroom-pid 'echo $$'
	mroom pid >"$BATS_TEST_TMPDIR/pid" &
	wait $!
	[ "$(cat "$BATS_TEST_TMPDIR/pid")" = $! ]
}

@test "tools get MROOM_HOME, MROOM_EXEC_PATH and MROOM_SHARE" {
	tool mroom-env 'echo "$MROOM_HOME|$MROOM_EXEC_PATH|$MROOM_SHARE"'
	[ "$(mroom env)" = "$MROOM_HOME|$MROOM_TEST_BIN|$MROOM_TOP/share" ]
	unset MROOM_HOME
	[ "$(mroom env)" = "$HOME/.machineroom|$MROOM_TEST_BIN|$MROOM_TOP/share" ]
	cd "$BATS_TEST_TMPDIR"
	[ "$(MROOM_HOME=h MROOM_EXEC_PATH=e MROOM_SHARE=/s mroom env)" = "$PWD/h|$PWD/e|/s" ]
}

@test "tools are sought in MROOM_EXEC_PATH, beside mroom, then on PATH" {
	local dir=$BATS_TEST_TMPDIR/exec
	mkdir "$dir"
	tool mroom-where 'echo path'
	[ "$(mroom where)" = path ]
	tool "$dir/mroom-where" 'echo exec-path'
	[ "$(MROOM_EXEC_PATH=$dir mroom where)" = exec-path ]
	tool mroom-config 'echo hijacked'
	[ "$(mroom config path)" = "$ini" ]
	tool "$dir/mroom-config" 'echo chosen'
	[ "$(MROOM_EXEC_PATH=$dir mroom config path)" = chosen ]
	[ "$(MROOM_EXEC_PATH=/nonexistent mroom config path)" = "$ini" ]
}

@test "an installed mroom finds its tools and shared files" {
	local root=$BATS_TEST_TMPDIR/usr
	mkdir -p "$root/bin" "$root/libexec/mroom" "$root/share/mroom"
	cp "$MROOM_TEST_BIN/mroom" "$root/bin"
	cp "$MROOM_TEST_BIN/mroom-config" "$root/libexec/mroom"
	touch "$root/share/mroom/config.ini"
	tool "$root/libexec/mroom/mroom-env" 'echo "$MROOM_EXEC_PATH|$MROOM_SHARE"'
	[ "$("$root/bin/mroom" --exec-path)" = "$root/libexec/mroom" ]
	[ "$("$root/bin/mroom" env)" = "$root/libexec/mroom|$root/share/mroom" ]
	ln -s "$root/bin/mroom" "$bin/linked"
	[ "$(linked --exec-path)" = "$root/libexec/mroom" ]
	[ "$(PATH=/usr/bin:/bin "$root/bin/mroom" --list-commands)" = "config
env
help" ]
}

@test "what is no executable file is no command" {
	mkdir "$bin/mroom-dir"
	echo 'echo no' >"$bin/mroom-plain"
	ln -s /nonexistent "$bin/mroom-dangling"
	tool mroom-stage-x 'echo stage'
	refused "'dir' is not a command (see: mroom help)" dir
	refused "'plain' is not a command (see: mroom help)" plain
	refused "'dangling' is not a command (see: mroom help)" dangling
	refused "'stage-x' is not a command (did you mean state?)" stage-x
	run mroom --list-commands
	[[ $output != *dir* && $output != *plain* && $output != *dangling* && $output != *stage* ]]
}

@test "hostile names are refused" {
	mkdir "$bin/mroom-sub"
	tool "$bin/mroom-sub/x" 'echo reached'
	tool x 'echo reached'
	refused "'../x' is not a command (see: mroom help)" ../x
	refused "'sub/x' is not a command (see: mroom help)" sub/x
	refused "'' is not a command (see: mroom help)" ''
	refused "'a\\nb' is not a command (see: mroom help)" $'a\nb'
	refused "'\\e[31mx' is not a command (see: mroom help)" $'\e[31mx'
	refused "'; rm -rf /' is not a command (see: mroom help)" '; rm -rf /'
	refused "'.' is not a command (see: mroom help)" .
	refused "'$(printf '%0100d' 0)' is not a command (see: mroom help)" "$(printf '%0100000d' 0)"
}

@test "did you mean" {
	refused "'exce' is not a command (did you mean exec?)" exce
	refused "'inventroy' is not a command (did you mean inventory?)" inventroy
	refused "'cfonig' is not a command (did you mean config?)" cfonig list
	tool mroom-diskreport true
	refused "'diskrepotr' is not a command (did you mean diskreport?)" diskrepotr
	printf '[alias]\nuptimes = exec -a -- uptime\n' >"$ini"
	refused "'uptiems' is not a command (did you mean uptimes?)" uptiems
}

@test "an unknown option is refused" {
	refused "unknown option --verison (did you mean --version?)" --verison
	refused "unknown option -Z (see mroom --help)" -Z
}

@test "a server's name becomes mroom connect, once there is one" {
	refused "'web-01' is not a command (see: mroom help)" web-01
	export MROOM_EXEC_PATH=$bin
	tool mroom-connect 'printf "<%s>" "$@"'
	[ "$(mroom web-01 -- 'ls -l')" = "<web-01><--><ls -l>" ]
	[ "$(mroom root@10.0.0.1:22)" = "<root@10.0.0.1:22>" ]
	tool mroom-web-02 'echo command'
	[ "$(mroom web-02)" = command ]
	refused "'' is not a command (see: mroom help)" ''
}

@test "aliases are split like a shell's words, without expansion" {
	cat >"$ini" <<'END'
[alias]
a = args one 'two  three' "four \"five\" \\ \n" six\ seven '' $HOME *.c a'b'c
END
	tool mroom-args 'for arg; do printf "<%s>" "$arg"; done'
	[ "$(mroom a last 'one more')" = \
		'<one><two  three><four "five" \ \n><six seven><><$HOME><*.c><abc><last><one more>' ]
}

@test "aliases may stand for aliases, but not for themselves" {
	tool mroom-args 'printf "<%s>" "$@"'
	printf '[alias]\na = b 1\nb = c 2\nc = args 3\nx = y\ny = z\nz = x\n' >"$ini"
	[ "$(mroom a 0)" = "<3><2><1><0>" ]
	refused "alias 'x' leads back to itself or too far: x -> y -> z -> x" x
	{
		echo '[alias]'
		for i in {1..20}; do echo "a$i = a$((i + 1))"; done
	} >"$ini"
	refused "alias 'a1' leads back to itself or too far: a1 -> a2 -> a3 -> a4 -> a5 -> a6 -> a7 -> a8 -> a9 -> a10 -> a11" a1
}

@test "an alias cannot hide a command" {
	printf '[alias]\nconfig = args hidden\nhelp = args hidden\n' >"$ini"
	tool mroom-args 'printf "<%s>" "$@"'
	[ "$(mroom config path)" = "$ini" ]
	[[ "$(mroom help)" == Usage:* ]]
}

@test "an alias for nothing, or with an open quote, is refused by file and line" {
	printf "[alias]\nok = exec\nq = exec 'uptime\n" >"$ini"
	refused "$ini:3: alias 'q': a ' is not closed" q
	printf '[alias]\nq = exec "\n' >"$ini"
	refused "$ini:2: alias 'q': a \" is not closed" q
	printf '[alias]\nq = exec \\\n' >"$ini"
	refused "$ini:2: alias 'q': it ends in a lone backslash" q
	printf '[alias]\nq = nonesuch x\n' >"$ini"
	refused "'nonesuch' is not a command (see: mroom help)" q
}

@test "settings are read only for a name that is no command" {
	echo nonsense >"$ini"
	[ "$(mroom config path)" = "$ini" ]
	refused "$ini:1: 'nonsense' is neither [section], key = value, nor # comment" nonesuch
}

@test "the database is never opened" {
	require strace
	echo 'not a database' >"$MROOM_HOME/mroom.db"
	tool mroom-nop ''
	strace -f -e trace=file -o "$BATS_TEST_TMPDIR/trace" mroom nop
	[ "$(grep -c 'mroom.db\|config.ini' "$BATS_TEST_TMPDIR/trace")" -le 1 ] # the look for share/config.ini
	refute grep -q "$MROOM_HOME/" "$BATS_TEST_TMPDIR/trace"
}

@test "--list-commands lists ours and foreign ones, plain names, each once" {
	tool mroom-zebra ''
	tool mroom-exec ''
	tool 'mroom-odd name' ''
	tool mroom-stage-x ''
	run mroom --list-commands
	[ "$status" = 0 ]
	[ "$output" = "$(printf '%s\n' "$output" | sort -u)" ]
	local name
	for name in config exec help inventory zebra; do
		grep -qx "$name" <<<"$output"
	done
	[[ $output != *odd* && $output != *stage* ]]
}

@test "--list-aliases lists names and meanings" {
	printf '[alias]\nup = exec -a -- uptime\nls = inventory ls\n' >"$ini"
	[ "$(mroom --list-aliases)" = "up	exec -a -- uptime
ls	inventory ls" ]
}

@test "--version and --exec-path need no home" {
	run env -u HOME -u MROOM_HOME mroom --version
	[ "$status" = 0 ]
	[[ $output =~ ^mroom\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	[ "$(env -u HOME -u MROOM_HOME mroom --exec-path)" = "$MROOM_TEST_BIN" ]
	run --separate-stderr env -u HOME -u MROOM_HOME mroom config path
	[ "$status" = 2 ]
	[[ $stderr == "mroom: no home: neither HOME nor MROOM_HOME is set"* ]]
}

@test "help shows commands by group, foreign ones apart" {
	tool mroom-zebra ''
	run mroom help
	[ "$status" = 0 ]
	[[ $output == "Usage: mroom [OPTIONS] COMMAND"* ]]
	[[ $output == *"Servers:
  inventory     import, list, change and export servers
  exec          run a command on every server, with live output"* ]]
	[[ $output == *"From PATH:
  zebra" ]]
	[ "$(mroom --help)" = "$output" ]
	[ "$(mroom -h)" = "$output" ]
	[ "$(mroom help --help)" = "$output" ]
}

@test "mroom alone shows the help and exits 2" {
	run --separate-stderr mroom
	[ "$status" = 2 ]
	[ "$stderr" = "" ]
	[ "$output" = "$(mroom help)" ]
}

@test "help NAME asks the tool where the output is no terminal" {
	[ "$(mroom help config)" = "$(mroom config --help)" ]
	tool mroom-zebra 'echo "$@"'
	[ "$(mroom help zebra)" = "--help" ]
	refused "'confgi' is not a command (did you mean config?)" help confgi
	refused "'../x' is not a command (see: mroom help)" help ../x
	printf '[alias]\nup = exec -a -- uptime\n' >"$ini"
	[ "$(mroom help up)" = "up is an alias for: exec -a -- uptime" ]
}

@test "help NAME shows the manual page on a terminal, or else --help" {
	require script
	tool man 'printf "man <%s>\n" "$@"'
	run script -qec 'mroom help config' /dev/null
	[ "${output//$'\r'/}" = "man <$MROOM_TOP/share/../man/mroom-config.1>" ]
	run script -qec 'mroom help stream' /dev/null
	[ "${output//$'\r'/}" = "man <$MROOM_TOP/share/../man/mroom-stream.7>" ]
	run script -qec 'mroom help' /dev/null
	[[ $output == Usage:* ]]
	run script -qec 'mroom help help' /dev/null
	[ "${output//$'\r'/}" = "man <$MROOM_TOP/share/../man/mroom.1>" ]
	rm "$bin/man"
	run script -qec "PATH=$bin:$MROOM_TEST_BIN mroom help config" /dev/null
	[[ $output == "Usage: mroom config"* ]]
}

@test "help of a subject shows its page in a pipe as well" {
	tool man 'printf "man <%s>\n" "$@"'
	[ "$(mroom help targets)" = "man <$MROOM_TOP/share/../man/mroom-targets.7>" ]
}

@test "help of an installed and of a foreign tool finds its page" {
	require script
	local root=$BATS_TEST_TMPDIR/usr
	mkdir -p "$root/bin" "$root/share/man/man1"
	tool "$root/bin/mroom-zebra" 'echo help'
	gzip -c </dev/null >"$root/share/man/man1/mroom-zebra.1.gz"
	tool man 'printf "man <%s>\n" "$@"'
	PATH=$root/bin:$PATH run script -qec 'mroom help zebra' /dev/null
	[ "${output//$'\r'/}" = "man <$root/bin/../share/man/man1/mroom-zebra.1.gz>" ]
}

@test "a tool that cannot be run is an error of its own" {
	echo 'echo no interpreter line' >"$bin/mroom-bare"
	chmod +x "$bin/mroom-bare"
	refused "$bin/mroom-bare: neither a program for this machine nor a script with a #! line" bare
	printf '#!/nonexistent/sh\n' >"$bin/mroom-lost"
	chmod +x "$bin/mroom-lost"
	refused "$bin/mroom-lost: the interpreter of its #! line is missing" lost
}

@test "a full disk is an error" {
	[ -c /dev/full ] || skip "needs /dev/full"
	run sh -c 'mroom --list-commands >/dev/full'
	[ "$status" = 6 ]
	run sh -c 'mroom help >/dev/full'
	[ "$status" = 6 ]
}

@test "what any tool cannot print of its help is told once, by the status for it" {
	[ -c /dev/full ] || skip "needs /dev/full"
	for tool in $(mroom --list-commands); do
		case $tool in
		demo) continue ;; # sh has its own words for it
		health) wanted=3 ;; # as Nagios has it
		*) wanted=6 ;;
		esac
		status=0
		mroom "$tool" --help >/dev/full 2>"$BATS_TEST_TMPDIR/said" || status=$?
		[ "$tool $status $(wc -l <"$BATS_TEST_TMPDIR/said")" = "$tool $wanted 1" ]
		grep -q 'standard output: No space left on device' "$BATS_TEST_TMPDIR/said"
	done
}

@test "results that cannot be printed are told once" {
	[ -c /dev/full ] || skip "needs /dev/full"
	mroom inventory add web-01 --host 127.0.0.1 >/dev/null
	for verb in 'inventory ls' 'config list' 'health report -a'; do
		# shellcheck disable=SC2086 # words
		mroom $verb >/dev/full 2>"$BATS_TEST_TMPDIR/said" </dev/null || true
		echo "$verb: $(cat "$BATS_TEST_TMPDIR/said")"
		[ "$(wc -l <"$BATS_TEST_TMPDIR/said")" = 1 ]
		grep -q 'standard output: No space left on device' "$BATS_TEST_TMPDIR/said"
	done
}
