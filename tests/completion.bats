#!/usr/bin/env bats
# Completion for bash, zsh and fish: it asks the tools, so what they know is what it offers.

load lib/lab

setup() {
	lab_home
	cd "$BATS_TEST_TMPDIR" || return
	printf 'web-01--127.1.0.1--root\nweb-02--127.1.0.2--root\ndb-01--127.1.0.3--root\n' >shop.txt
	mroom inventory import shop.txt >/dev/null 2>&1
}

teardown() {
	local socket
	for socket in "$BATS_TEST_TMPDIR"/tmux.*; do
		tmux -S "$socket" kill-server 2>/dev/null || true
	done
}

# What can be named besides servers: a tag, keys of state, a tunnel, a run, a container in trouble and one worked on.
things() {
	mroom inventory tag eu web-01 >/dev/null 2>&1
	mroom state set web-01 config_version 2.1.0
	mroom state set web-02 health_check ok
	mroom tunnel add office WIREGUARD >/dev/null 2>&1
	mkdir -p "$MROOM_HOME/stages"
	printf 'check() { :; }\n' >"$MROOM_HOME/stages/monitoring"
	sqlite3 "$MROOM_HOME/mroom.db" <<-'SQL'
		INSERT INTO run (run, tool, command, user, session, started_at, ended_at, exit_status)
			VALUES (41, 'docker', 'restart shop-web', 'root', 's', 1000, 2000, 0),
			(42, 'exec', 'uptime', 'root', 's', 1000, 2000, 0);
		INSERT INTO checkup (server, at, found) SELECT row, 1000,
			'{"at":1,"status":"CRITICAL","checks":[{"check":"container:shop-db","status":"CRITICAL","text":"x"}]}'
			FROM server WHERE id = 'db-01';
	SQL
}

# The candidates of the tool itself, words alone.
candidates() {
	mroom complete -- mroom "$@" | cut -f 1
}

# What a real shell in a terminal shows once TAB was pressed twice behind a line: offers LINE [bash|zsh|fish]
offers() {
	# A server of its own each time: an old one takes a while to leave its socket.
	local pane start
	pane="tmux -S $(mktemp -u "$BATS_TEST_TMPDIR/tmux.XXXXXX")"
	case ${2-bash} in
	bash) start="bash --noprofile --rcfile '$PWD/rc' -i" ;;
	zsh)
		cat >.zshrc <<-RC
			PS1='ready> '
			fpath=("$MROOM_TOP/completions" \$fpath)
			autoload -Uz compinit
			compinit -u -D
			setopt no_beep
			LISTMAX=1000
		RC
		start="env ZDOTDIR='$PWD' zsh -d -i"
		;;
	fish) start="fish --no-config -i -C 'function fish_prompt; echo -n \"ready> \"; end; source $MROOM_TOP/completions/mroom.fish; set -g fish_greeting; set -g fish_autosuggestion_enabled 0'" ;;
	esac
	cat >rc <<-RC
	PS1='ready> '
	bind 'set completion-query-items 0'
	bind 'set page-completions off'
	bind 'set show-all-if-ambiguous on'
	bind 'set enable-bracketed-paste off'
	. "$MROOM_TOP/completions/mroom.bash"
	RC
	$pane -f /dev/null new-session -d -x 300 -y 60 "$start" 3>&-
	lab_wait "$pane capture-pane -p 2>/dev/null | grep -q '^ready>'"
	$pane send-keys -l "$1"
	$pane send-keys Tab Tab
	$pane send-keys -l '#end'
	lab_wait "$pane capture-pane -p 2>/dev/null | grep -q '#end'"
	$pane capture-pane -p
}

@test "commands and aliases are offered" {
	require tmux
	mkdir bin
	printf '#!/bin/sh\n' >bin/mroom-report
	chmod +x bin/mroom-report
	printf '[alias]\nup = exec -a -- uptime\n' >"$MROOM_HOME/config.ini"
	PATH=$PATH:$PWD/bin
	run offers 'mroom '
	for word in config exec inventory report up; do
		grep -wq -- "$word" <<<"$output"
	done
}

@test "a single candidate is filled in" {
	require tmux
	run offers 'mroom conf'
	grep -q '^ready> mroom config #end' <<<"$output"
}

@test "verbs and options come from the tool" {
	require tmux
	run offers 'mroom inventory '
	grep -wq import <<<"$output"
	grep -wq show <<<"$output"
	run offers 'mroom exec --'
	for word in --fanout --pass --no-tunnel --targets; do
		grep -q -- "$word" <<<"$output"
	done
}

@test "servers, rooms and values are offered where they belong" {
	require tmux
	run offers 'mroom exec -w we'
	grep -wq web-01 <<<"$output"
	grep -wq web-02 <<<"$output"
	refute grep -wq db-01 <<<"$output"
	run offers 'mroom inventory ls d'
	grep -wq db-01 <<<"$output"
	run offers 'mroom exec -g s'
	grep -q -- '-g shop' <<<"$output"
	run offers 'mroom exec --host-key='
	grep -wq strict <<<"$output"
	grep -wq accept-new <<<"$output"
}

@test "the words of a remote command are left alone" {
	require tmux
	run offers 'mroom exec -a -- we'
	refute grep -wq web-01 <<<"$output"
}

@test "every kind of thing that the store knows is offered" {
	things
	[ "$(candidates exec -g '')" = $'eu\nshop' ]
	[ "$(candidates exec -w @e)" = @eu ]
	[ "$(candidates exec -w db-01,@s)" = $'db-01,@shop\ndb-01,@skipped' ]
	[ "$(candidates exec -x @run:)" = $'@run:42\n@run:41' ]
	[ "$(candidates exec --collect 4)" = $'42\n41' ]
	[ "$(candidates log show '')" = $'42\n41' ]
	[ "$(candidates log show 42 d)" = db-01 ]
	[ "$(candidates inventory untag '')" = eu ]
	[ "$(candidates state get web-01 '')" = $'config_version\nhealth_check' ]
	[ "$(candidates state get -w @shop c)" = config_version ]
	[ "$(candidates state set web-01 config_version '')" = '' ]
	[ "$(candidates docker restart '')" = $'shop-db\nshop-web' ]
	[ "$(candidates tunnel up '')" = office ]

	[ "$(candidates tunnel add home wire)" = wireguard ]
	[ "$(candidates deploy run -s cert,mon)" = cert,monitoring ]
	[ "$(candidates config get exec.fan)" = exec.fanout ]
	mroom inventory retire -y db-01 >/dev/null 2>&1
	[ "$(candidates exec -w d)" = '' ]
	[ "$(candidates inventory unretire d)" = db-01 ]
}

@test "operands of deploy are offered by what stands before them" {
	things
	mroom state set web-01 blog_version 3
	mroom state set web-01 blog_deployed true
	mroom state set web-01 my_app_version 1
	mroom state set web-01 my_app_deployed true
	sqlite3 "$MROOM_HOME/mroom.db" "INSERT INTO run (run, tool, command, user, session, started_at, ended_at, exit_status)
		VALUES (43, 'deploy', 'app run my-app', 'root', 's', 1000, 2000, 0),
		(44, 'deploy', 'app status mistyped', 'root', 's', 1000, 2000, 2)"
	run mroom complete -- mroom deploy app ''
	[ "$output" = $'\tfile\t\nstatus\nrollback\nhistory\nremove\nresume' ]
	[ "$(candidates deploy app ro)" = $'\nrollback' ]
	[ "$(candidates deploy app shop.ini we)" = $'web-01\nweb-02' ]
	[ "$(candidates deploy app --canary 1 shop.ini @e)" = @eu ]
	[ "$(candidates deploy app rollback '')" = $'blog\nmy-app' ]
	[ "$(candidates deploy app status blog d)" = db-01 ]
	[ "$(candidates deploy app resume '')" = '' ]
	[ "$(candidates deploy config app.conf d)" = db-01 ]
	[ "$(candidates deploy config --to /x '')" = '' ] # files, and nothing else
	[ "$(candidates deploy lock '')" = $'show\nbreak' ]
	[ "$(candidates deploy lock show d)" = db-01 ]
}

@test "metrics, images, jump hosts, and what a server's entry names are offered" {
	things
	sqlite3 "$MROOM_HOME/mroom.db" <<-'SQL'
		INSERT INTO metric (name) VALUES ('load1'), ('disk:/');
		INSERT INTO run (run, tool, command, user, session, started_at, ended_at, exit_status)
			VALUES (43, 'docker', 'send app:2 @shop', 'root', 's', 1000, 2000, 0),
			(44, 'docker', 'send --from web-01 app:3 web-02', 'root', 's', 1000, 2000, 0),
			(45, 'docker', 'pull -g shop registry.example/db:1', 'root', 's', 1000, 2000, 0);
	SQL
	[ "$(candidates health history d)" = db-01 ]
	[ "$(candidates health history web-01 '')" = $'disk:/\nload1' ]
	[ "$(candidates health history web-01 load1 d)" = disk:/ ]
	[ "$(candidates health db '')" = '' ]
	[ "$(candidates health db /srv/app.db d)" = db-01 ]
	[ "$(candidates docker send '')" = $'app:2\nregistry.example/db:1' ]
	[ "$(candidates docker send app:2 @e)" = @eu ]
	[ "$(candidates docker pull a)" = app:2 ]
	[ "$(candidates docker run --name web app)" = app:2 ]
	[ "$(candidates docker run --name web app:2 '')" = '' ]
	[ "$(candidates inventory set web-01 --tunnel '')" = office ]
	[ "$(candidates inventory set web-01 --tags big,e)" = big,eu ]
	[ "$(candidates inventory tag '')" = eu ]
	[ "$(candidates inventory tag big,e)" = big,eu ]
	[ "$(candidates inventory tag eu d)" = db-01 ]
	[ "$(candidates exec -J d)" = db-01 ]
	[ "$(candidates exec -g shop,e)" = shop,eu ]
}

@test "the words that @ has of its own are offered, in every shell" {
	things
	mkdir "$MROOM_HOME/sources"
	printf '#!/bin/sh\ntouch "%s"\n' "$PWD/asked" >"$MROOM_HOME/sources/cloud"
	chmod +x "$MROOM_HOME/sources/cloud"
	[ "$(candidates exec -w @r)" = $'@retired\n@run:' ]
	[ "$(candidates exec -w db-01,@ret)" = db-01,@retired ]
	[ "$(candidates exec -w @run:41:f)" = @run:41:failed ]
	[ "$(candidates exec -x @c)" = $'@cancelled\n@cloud:' ]
	[ "$(candidates exec -w @cloud:)" = @cloud: ]
	[ ! -e asked ]
	require tmux zsh fish
	[ "$(fished 'mroom exec -w @ret' | cut -f 1)" = @retired ]
	run offers 'mroom exec -w @ret'
	grep -q '^ready> mroom exec -w @retired #end' <<<"$output"
	run offers 'mroom exec -w @run:41:f'
	grep -q '^ready> mroom exec -w @run:41:failed #end' <<<"$output"
	run offers 'mroom exec -w @run:41:f' zsh
	grep -q '^ready> mroom exec -w @run:41:failed #end' <<<"$output"
	run offers 'mroom exec -w @clo' zsh
	grep -q '^ready> mroom exec -w @cloud:#end' <<<"$output"
	run offers 'mroom deploy app rol' zsh
	grep -q '^ready> mroom deploy app rollback #end' <<<"$output"
	run offers 'mroom deploy app sho' zsh
	grep -q '^ready> mroom deploy app shop.txt #end' <<<"$output"
	run offers 'mroom deploy app rol'
	grep -q '^ready> mroom deploy app rollback #end' <<<"$output"
	run offers 'mroom deploy app sho'
	grep -q '^ready> mroom deploy app shop.txt #end' <<<"$output"
	[ "$(fished 'mroom deploy app rol')" = rollback ]
	[ "$(fished 'mroom deploy app sho')" = shop.txt ]
}

@test "foreign tools are asked only where they speak of it" {
	mkdir bin
	printf '#!/bin/sh\n# --list-options\nprintf "x\\texample\\ttext\\tV\\tservers\\tan example\\n"\n' >bin/mroom-good
	printf '#!/bin/sh\ntouch "%s"\n' "$PWD/worked" >bin/mroom-other
	chmod +x bin/*
	PATH=$PATH:$PWD/bin
	[ "$(candidates go)" = good ]
	[ "$(candidates good --)" = --example ]
	[ "$(candidates good -x db)" = db-01 ]
	[ "$(candidates good --example=db)" = --example=db-01 ]
	[ "$(candidates other -)" = '' ]
	[ ! -e worked ]
}

@test "completion makes no home, and says nothing where something is wrong" {
	MROOM_HOME=$PWD/nowhere
	[ "$(candidates exec -w '')" = '' ]
	[ ! -e nowhere ]
	echo garbage >broken.db
	mkdir -m 700 broken
	mv broken.db broken/mroom.db
	chmod 600 broken/mroom.db
	MROOM_HOME=$PWD/broken
	run mroom complete -- mroom exec -w ''
	[ "$status" = 0 ]
	[ -z "$output" ]
}

@test "zsh offers commands, options with their help, values, lists and files" {
	require tmux zsh
	things
	run offers 'mroom exec --host-key=' zsh
	grep -q -- '--host-key=strict' <<<"$output"
	run offers 'mroom docker lo' zsh
	grep -q 'logs  -- show what containers say' <<<"$output"
	run offers 'mroom inventory ls db' zsh
	grep -q '^ready> mroom inventory ls db-01 #end' <<<"$output"
	run offers 'mroom exec -w db-01,@e' zsh
	grep -q '^ready> mroom exec -w db-01,@eu #end' <<<"$output"
	run offers 'mroom inventory import sh' zsh
	grep -q '^ready> mroom inventory import shop.txt #end' <<<"$output"
	run offers 'mroom exec -a -- we' zsh
	refute grep -wq web-01 <<<"$output"
}

@test "fish in a terminal fills in what is the only candidate" {
	require tmux fish
	run offers 'mroom inventory ls db' fish
	grep -q 'ready> mroom inventory ls db-01 #end' <<<"$output"
}

# What fish completes a line to: words and help.
fished() {
	fish --no-config -c "source '$MROOM_TOP/completions/mroom.fish'; complete -C \$argv[1]" -- "$1"
}

@test "fish offers commands, options with their help, values, lists and files" {
	require fish
	things
	[ "$(fished 'mroom docker lo' | head -n 1)" = $'login\tlog in to a registry' ]
	[ "$(fished 'mroom exec --host-key=')" = $'--host-key=accept-new\n--host-key=strict' ]
	[ "$(fished 'mroom inventory ls db')" = db-01 ]
	[ "$(fished 'mroom exec -w db-01,@e')" = db-01,@eu ]
	[ "$(fished 'mroom inventory import sh')" = shop.txt ]
	[ "$(fished 'mroom exec -a -- we')" = '' ]
}

@test "among ten thousand servers, completing one costs less than listing them" {
	local i
	for ((i = 0; i < 10000; i++)); do
		printf 'node-%05d--10.0.%d.%d--root\n' "$i" $((i / 250)) $((i % 250 + 1))
	done >big.txt
	mroom inventory import big.txt >/dev/null 2>&1
	[ "$(candidates exec -w node-0999 | wc -l)" = 10 ]
	[ "$(candidates exec -w node- | wc -l)" = 10000 ]
	# The same work ten times over, so that what a start costs does not decide.
	measured bash -c 'for i in 1 2 3 4 5 6 7 8 9 10; do mroom complete -- mroom exec -w node-0999 >/dev/null; done'
	local one=$cpu_ms
	mroom state set -a shop_version 1
	mroom state set -a shop_deployed true
	[ "$(candidates deploy app status '')" = shop ]
	measured bash -c 'for i in 1 2 3 4 5 6 7 8 9 10; do mroom complete -- mroom deploy app status s >/dev/null; done'
	local app=$cpu_ms
	measured bash -c 'for i in 1 2 3 4 5 6 7 8 9 10; do mroom inventory ls -o tsv >/dev/null; done'
	echo "completing $one ms, an application $app ms, listing $cpu_ms ms of CPU, ten times"
	[ "$one" -lt "$cpu_ms" ]
	[ "$app" -lt "$cpu_ms" ]
}
