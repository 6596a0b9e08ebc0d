#!/usr/bin/env bats
# ssh_config: the same answers as ssh -G, and hosts of it as targets.

bats_require_minimum_version 1.5.0
load lib/lab

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	work=$BATS_TEST_TMPDIR
}

words=(alpha beta alpha.lab beta.lab db-01 db-02 x '*' '*.lab' 'db-?' 'db-0*' '!beta*' '!x' 'a*b' '*-*')
pick() {
	local all=("$@")
	echo "${all[RANDOM % ${#all[@]}]}"
}

# One line of some setting, spelt in one of the ways there are.
setting() {
	case $((RANDOM % 11)) in
	0) echo "  HostName $(pick 10.0.0.1 %h.example.org Real.Name '"quoted.name"' 'a%%b')" ;;
	1) echo "	Port $(pick 22 2222 65535)" ;;
	2) echo "User=$(pick root me "'someone'" deploy)" ;;
	3) echo "  IdentityFile $(pick '~/.ssh/one' /keys/%h '"/with blank/key"' /keys/two none)" ;;
	4) echo "  IdentitiesOnly $(pick yes no)" ;;
	5) echo "  ProxyJump $(pick jump none me@jump:2222 a,b)" ;;
	6) echo "  UserKnownHostsFile $(pick /k/one '/k/one /k/two' /k/%h /k/%n-%r-%p)" ;;
	7) echo "  StrictHostKeyChecking $(pick yes no ask accept-new off)" ;;
	8) echo "  connecttimeout = $(pick 5 1m30s none 90)" ;;
	9) echo "  HostKeyAlias $(pick alias Other)" ;;
	10) echo "  Compression yes # not heeded" ;;
	esac
}

condition() {
	local count=$((RANDOM % 3 + 1)) line=
	case $((RANDOM % 9)) in
	0) echo "Match all" ;;
	1) echo "Match host $(pick 10.0.0.1 alpha,beta '*.example.org,!alpha*' 'db-*')" ;;
	2) echo "Match originalhost $(pick alpha '*.lab' 'db-?,x') user $(pick root me '*')" ;;
	3) echo "Match !host $(pick alpha '*.lab') localuser $(pick "$(id -un)" nobody)" ;;
	*)
		while [ $((count -= 1)) -ge 0 ]; do line+=" $(pick "${words[@]}")"; done
		echo "$(pick Host host 'Host ' HOST)$(pick ' ' ' = ')$line"
		;;
	esac
}

# A config of some blocks; now and then another file is included. $1: file, $2: depth
generate() {
	local i j blocks=$((RANDOM % 5 + 1))
	{
		for ((i = 0; i < RANDOM % 3; i++)); do setting; done
		for ((i = 0; i < blocks; i++)); do
			echo "# block $i"
			condition
			for ((j = 0; j < RANDOM % 4; j++)); do setting; done
			if [ "$2" -lt 2 ] && [ $((RANDOM % 4)) = 0 ]; then
				generate "$1.$i" $(($2 + 1))
				echo "Include $1.$i $1.missing*"
				setting
			fi
		done
	} >"$1"
}

# What ssh says, without what it says of its own accord.
theirs() {
	ssh -G -F "$@" 2>"$work/theirs.err" | grep -E '^(user|hostname|port|identitiesonly|identityfile|connecttimeout|stricthostkeychecking|hostkeyalias|proxyjump|userknownhostsfile) ' |
		sed -e 's/^stricthostkeychecking true/stricthostkeychecking yes/' -e 's/^stricthostkeychecking false/stricthostkeychecking no/' \
			-e '/^connecttimeout none/d' -e 's/"//g' | sort
}

ours() {
	local user=
	[ "$2" = -l ] && user=$3 && set -- "$1" "$4"
	"${MROOM_TEST_BIN%/bin}/tests/unit/sshconfig" "$1" "$2" ${user:+"$user"} | sed 's/"//g' | sort
}

# Keeps of ssh's answers only what some line set: its defaults are its own.
said() {
	grep -vxF -f "$work/defaults" || :
}

@test "generated configs give the answers of ssh -G" {
	RANDOM=${MROOM_TEST_SEED:-4711}
	printf 'Host nothing\n' >"$work/none"
	local i host
	for ((i = 0; i < ${MROOM_TEST_ROUNDS:-40}; i++)); do
		generate "$work/config" 0
		for host in alpha db-02; do
			[ -f "$work/none.$host" ] || theirs "$work/none" "$host" >"$work/none.$host"
			cp "$work/none.$host" "$work/defaults"
			theirs "$work/config" "$host" | said >"$work/theirs"
			ours "$work/config" "$host" | said >"$work/ours"
			diff -u "$work/theirs" "$work/ours" || { echo "$host"; cat "$work/config"*; return 1; }
		done
		theirs "$work/config" -l me db-01 | said >"$work/theirs"
		ours "$work/config" -l me db-01 | said >"$work/ours"
		diff -u "$work/theirs" "$work/ours" || { cat "$work/config"*; return 1; }
	done
}

# Runs mroom exec; output in $out, messages in $err.
try() {
	status=0
	out=$(mroom exec "$@" 2>"$work/err" </dev/null) || status=$?
	err=$(cat "$work/err")
}

# ~/.ssh/config from standard input.
config() {
	mkdir -p -m 700 "$HOME/.ssh"
	cat >"$HOME/.ssh/config"
}

@test "a host of ssh_config is a target without an import" {
	config <<-CONFIG
	Host box
	  HostName 127.1.0.7
	  Port $LAB_PORT
	  User $LAB_USER
	  IdentityFile $work/keys/%n
	  UserKnownHostsFile $work/known_%h
	CONFIG
	mkdir "$work/keys"
	cp "$LAB_KEY" "$work/keys/box"
	lab_known_hosts 7 >"$work/known_127.1.0.7"
	try -w box -- echo in
	echo "$err"
	[ "$out" = "box	in" ]
	out=$(echo box | mroom exec -- echo in 2>/dev/null)
	[ "$out" = "box	in" ]
	try -w bax -- echo in
	[ "$status" = 2 ]
	[[ $err == *"no server 'bax'"* ]]
	try -F none -w box -- echo in
	[ "$status" = 2 ]
	mv "$HOME/.ssh/config" "$work/elsewhere"
	try -F "$work/elsewhere" -w box -- echo in
	[ "$out" = "box	in" ]
}

@test "-F names the hosts of every tool, also where they are listed or picked before any is reached" {
	lab_known_hosts 7 >"$work/known"
	printf 'Host box\n HostName 127.1.0.7\n Port %s\n User %s\n IdentityFile %s\n UserKnownHostsFile %s\n' \
		"$LAB_PORT" "$LAB_USER" "$LAB_KEY" "$work/known" >"$work/elsewhere"
	run --separate-stderr mroom health facts -F "$work/elsewhere" box --only kernel
	echo "$stderr"
	[ "$status" = 0 ]
	[ "$output" = "$(printf 'box\tkernel\t%s' "$(uname -r)")" ]
	run mroom health facts -F none box
	[ "$status" = 3 ]
	[[ $output == *"no server 'box'"* ]]
	while read -r -a tool; do
		echo "${tool[@]}"
		[ "$(mroom "${tool[@]}" -F "$work/elsewhere" -w box --list </dev/null)" = box ]
	done <<-TOOLS
	exec
	copy put
	copy get
	health check
	health facts
	health ports
	docker ps
	docker logs any
	deploy run
	TOOLS
}

@test "what the store says wins over ssh_config, and that over the settings" {
	lab_room 2
	config <<-CONFIG
	Host 127.1.0.1
	  Port 1
	  User nobody
	Host 127.1.0.2
	  IdentityFile /no/such/key
	  IdentitiesOnly yes
	  ConnectTimeout 1
	CONFIG
	try -w web-01,web-02 -- echo in
	[ "$status" = 0 ]
	lab_known_hosts 3 >"$MROOM_HOME/known_hosts"
	mroom inventory add bare 127.1.0.3
	printf 'Host 127.1.0.3\n Port %s\n User %s\n IdentityFile %s\n' "$LAB_PORT" "$LAB_USER" "$LAB_KEY" | config
	MROOM_SSH_PORT=2 MROOM_SSH_USER=nobody try -w bare -- echo in
	[ "$out" = "bare	in" ]
}

@test "IdentitiesOnly keeps the agent's other keys and the default files out" {
	lab_room 1
	printf 'one--127.1.0.1--%s----%s\n' "$LAB_USER" "$LAB_PORT" >"$work/one.txt"
	mroom inventory import "$work/one.txt"
	lab_known_hosts 1 >"$MROOM_HOME/known_hosts"
	lab_ssh_agent_start "$LAB_KEY"
	ssh-keygen -q -t ed25519 -N '' -f "$work/stranger"
	printf 'Host 127.*\n IdentityFile %s\n' "$work/stranger" | config
	try -w one -- echo in
	[ "$out" = "one	in" ]
	echo ' IdentitiesOnly yes' >>"$HOME/.ssh/config"
	try -w one -- echo in
	[ "$status" = 4 ]
}

@test "StrictHostKeyChecking accept-new learns keys, unless mroom was told otherwise" {
	lab_room 1
	: >"$MROOM_HOME/known_hosts"
	printf 'Host *\n StrictHostKeyChecking accept-new\n' | config
	try --host-key strict -w web-01 -- true
	[ "$status" = 4 ]
	try -w web-01 -- true
	[ "$status" = 0 ]
	[ -s "$MROOM_HOME/known_hosts" ]
}

@test "HostKeyAlias is the name that known_hosts has" {
	lab_room 1
	echo "the-box $(cut -d' ' -f1,2 "$LAB/host_ed25519.pub")" >"$MROOM_HOME/known_hosts"
	try -w web-01 -- true
	[ "$status" = 4 ]
	printf 'Host *\n HostKeyAlias the-box\n' | config
	try -w web-01 -- true
	[ "$status" = 0 ]
}

@test "keywords that are not heeded are named once, under -v" {
	lab_room 2
	printf 'Host *\n Compression yes\nHost b\n compression no\n ForwardAgent yes\n' | config
	try -v -w web-01,web-02 -- true
	[ "$(grep -c 'not heeded: .*Compression.*ForwardAgent' <<<"$err")" = 1 ]
	try -w web-01 -- true
	[[ $err != *"not heeded"* ]]
}

@test "a malformed ssh_config is told with file and line, before anything is done" {
	lab_room 1
	printf 'Host *\n Port none\n' | config
	try -w web-01 -- true
	[ "$status" = 2 ]
	[[ $err == *"$HOME/.ssh/config:2: no port: none"* ]]
	printf 'Host *\n' | config
	chmod 666 "$HOME/.ssh/config"
	try -w web-01 -- true
	[ "$status" = 2 ]
	[[ $err == *"$HOME/.ssh/config: its owner or mode 666"* ]]
}
