#!/usr/bin/env bats
# mroom deploy app: secrets, tags, time, and consoles that are killed in the middle.

load lib/lab
load lib/copy

setup_file() {
	lab_homes_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	lab_room 6
	lab_homes 6
	cd "$BATS_TEST_TMPDIR" || return 1
}

# Jobs that a killed console left would go on in the homes of the next test.
teardown() {
	touch "$BATS_TEST_TMPDIR/go"
	lab_wait '! ls -d "$LAB"/srv/*/.mroom/lock >/dev/null 2>&1' || true
}

run_app() {
	status=0
	mroom deploy app "$@" >"$BATS_TEST_TMPDIR/.out" 2>"$BATS_TEST_TMPDIR/.err" </dev/null || status=$?
	out=$(<"$BATS_TEST_TMPDIR/.out")
	err=$(<"$BATS_TEST_TMPDIR/.err")
	[ -z "$err" ] || echo "$err"
}

# The application `shop` in version $1, sick where ~/sick says so; $2 is a further line of its start.
app() {
	cat >start <<-SH
	echo "start \$APP_VERSION" >>"\$HOME/calls"
	${2:-:}
	echo "\$APP_VERSION" >"\$HOME/served"
	SH
	cat >shop.ini <<-INI
	[app shop]
	version = $1
	start = @start
	health = ! grep -qsx "\$APP_VERSION" "\$HOME/sick"
	health_timeout = 1s
	INI
}

served() {
	for i in 1 2 3 4 5 6; do
		printf '%s ' "$(cat "$(srv $i)/served")"
	done
}

# Six servers with version 1, and a version 2 that two of them cannot bear; it waits for ./go in the middle.
halfway() {
	app 1
	run_app shop.ini -a
	echo 2 >"$(srv 3)/sick"
	echo 2 >"$(srv 5)/sick"
	app 2 "until [ -e '$BATS_TEST_TMPDIR/go' ]; do sleep 0.1; done"
	mroom deploy app shop.ini "$@" -a </dev/null >/dev/null 2>&1 &
	console=$!
	# Those of the first wave have all begun.
	lab_wait 'grep -qsx "start 2" "$(srv 1)"/calls && grep -qsx "start 2" "$(srv 2)"/calls'
}

@test "a console killed in the middle: resume ends as an undisturbed run, with servers that were not begun" {
	halfway -f 2
	kill -9 $console
	wait $console || true
	refute grep -qx 'start 2' "$(srv 6)/calls"
	[ "$(served)" = "1 1 1 1 1 1 " ]
	touch go
	# from elsewhere: where the file is, is remembered
	cd /
	run_app resume
	[ "$status" = 1 ]
	[ "$(served)" = "2 2 1 2 1 2 " ]
	[[ $err == *"web-[03,05]: failed: version 2: not healthy within 1 s: no output, exit status 1 (version 1 is back)"* ]]
	[ "$(grep -c '	changed	2	' <<<"$out")" = 4 ] || { echo "$out"; return 1; }
	# what ran once did so once
	[ "$(grep -c 'start 2' "$(srv 1)/calls")" = 1 ]
	[ "$(mroom state get web-06 shop_version)" = 2 ]
	[ "$(mroom state get web-03 shop_version)" = 1 ]
	run_app resume
	[ "$status" = 0 ]
	[[ $err == *"nothing to resume"* ]]
}

@test "resumed with --rollback all, what the killed console had changed goes back as well" {
	halfway --batch 3 --rollback all
	kill -9 $console
	wait $console || true
	touch go
	lab_wait '[ "$(cat "$(srv 1)/served")" = 2 ]'
	run_app resume
	[ "$status" = 1 ]
	[ "$(served)" = "1 1 1 1 1 1 " ]
	[[ $err == *"stopped: 3 servers were not begun"* ]]
}

@test "an interrupted rollout is resumed like one that was killed; deploy resume shows it too" {
	halfway
	kill -TERM $console
	wait $console || true
	touch go
	mroom deploy resume web-01 >rows
	[ "$(cat rows)" = "web-01	app:shop	changed	2" ]
	run_app resume
	[ "$(served)" = "2 2 1 2 1 2 " ]
}

@test "what changed meanwhile is not resumed; a later rollout of the application leaves nothing to resume" {
	halfway
	kill -9 $console
	wait $console || true
	touch go
	echo '# changed' >>start
	run_app resume
	[ "$status" = 2 ]
	[[ $err == *"is another by now"* ]]
	halfway
	kill -9 $console
	wait $console || true
	touch go
	lab_wait '[ ! -e "$(srv 1)/.mroom/lock" ]'
	app 3
	run_app shop.ini web-01
	[ "$status" = 0 ]
	run_app resume
	[[ $err == *"nothing to resume"* ]]
	[ "$(cat "$(srv 1)/served")" = 3 ]
}

@test "a server that was restarted under its job does it again" {
	halfway
	kill -9 $console
	wait $console || true
	# Nothing is left of the job but what it had written.
	for i in 1 2 3 4 5 6; do
		[ ! -e "$(srv $i)/.mroom/lock/run" ] || kill -9 -- "-$(cat "$(srv $i)"/.mroom/runs/"$(cat "$(srv $i)/.mroom/lock/run")"/pid)"
	done
	touch go
	run_app resume
	[ "$status" = 1 ]
	[ "$(served)" = "2 2 1 2 1 2 " ]
}

@test "secrets reach the application in its environment, and nobody else" {
	app 1 'printf "%s %s" "$PASSWORD" "$COLOUR" >"$HOME/seen"; ls -l /proc/$$/fd >/dev/null; sleep 1'
	cat >>shop.ini <<-INI
	secret.PASSWORD = shop-{{SERVER_ID}}
	env.COLOUR = blue of {{SERVER_ID}}
	INI
	run_app shop.ini web-01
	[ "$status" = 1 ]
	[[ $err == *"shop: no secret 'shop-web-01' (try: mroom state secret set -K application shop-web-01)"* ]]
	for i in 1 2; do
		printf 'hush-471%s $(touch x) "' "$i" | mroom state secret set -K application "shop-web-0$i"
	done
	mroom deploy app shop.ini --debug --log-file "$PWD/log" 'web-[01-02]' </dev/null >all 2>&1 &
	lab_wait 'grep -qs hush "$(srv 1)/seen"'
	lab_nowhere hush-471 "$MROOM_HOME" all log shop.ini
	wait $!
	[ "$(cat "$(srv 2)/seen")" = 'hush-4712 $(touch x) " blue of web-02' ]
	[ -z "$(find "$LAB/srv" -name x)" ]
	# On the server it is in one file, which is its owner's alone.
	rm "$(srv 1)/seen"
	[ "$(grep -rl hush-4711 "$(srv 1)")" = "$(echo "$(srv 1)"/.mroom/apps/shop/versions/*/env)" ]
	[ "$(stat -c %a "$(srv 1)"/.mroom/apps/shop/versions/*/env)" = 600 ]
	lab_nowhere hush-471 "$MROOM_HOME" all log shop.ini
	# another secret is another version
	printf 'hush-4719' | mroom state secret set -K application shop-web-01
	run_app shop.ini 'web-[01-02]'
	[ "$(sort <<<"$out" | cut -f3)" = "changed
same" ]
	printf 'two\nlines' | mroom state secret set -K application shop-web-01
	run_app shop.ini web-01
	[[ $err == *"more than a line"* ]]
}

@test "servers of a tag get what its section says, and the rest as for all" {
	app 1 'echo "$COLOUR $SIZE" >"$HOME/seen"'
	cat >>shop.ini <<-INI
	env.COLOUR = blue
	env.SIZE = 1
	[app shop @gold]
	version = 1-gold
	env.COLOUR = gold
	[app shop @big]
	env.SIZE = 9
	INI
	mroom inventory tag -q gold web-02,web-03 >/dev/null
	mroom inventory tag -q big web-03 >/dev/null
	run_app shop.ini 'web-[01-03]'
	[ "$status" = 0 ]
	[ "$(cat "$(srv 1)/seen" "$(srv 2)/seen" "$(srv 3)/seen")" = "blue 1
gold 1
gold 9" ]
	[ "$(served)" = "1 1-gold 1-gold    " ]
	printf '[app other @gold]\nversion = 1\n' >>shop.ini
	run_app shop.ini web-01
	[ "$status" = 2 ]
	[[ $err == *"shop.ini:13: this application is not there, or only further down"* ]]
}

@test "an application that takes longer than its timeout is stopped, and the version before is back" {
	app 1
	run_app shop.ini web-01
	app 2 'sleep 86312'
	echo 'timeout = 2s' >>shop.ini
	run_app shop.ini web-01
	[ "$status" = 1 ]
	[[ $err == *"web-01: failed: version 2: not done within its time: start failed"*"(version 1 is back)"* ]]
	[ "$(cat "$(srv 1)/served")" = 1 ]
	lab_wait '! pgrep -f "sleep 8631[2]"'
	[ ! -e "$(srv 1)/.mroom/lock" ]
}

@test "[deployment] says timeout, retries and workers for all of a file" {
	app 1 'echo x >>"$HOME/../begun"; until [ -e '"'$BATS_TEST_TMPDIR/go'"' ]; do sleep 0.1; done'
	rm -f "$LAB/srv/begun"
	printf '[deployment]\nworkers = 2\nretries = 1\ntimeout = 20s\n' >>shop.ini
	mroom deploy app shop.ini -a </dev/null >/dev/null 2>&1 &
	lab_wait '[ "$(cat "$LAB/srv/begun" 2>/dev/null | wc -l)" = 2 ]'
	[ "$(find "$LAB/srv" -name lock | wc -l)" = 2 ]
	touch go
	wait $!
	[ "$(wc -l <"$LAB/srv/begun")" = 6 ]
	printf 'workers = none\n' >>shop.ini
	run_app shop.ini -a
	[ "$status" = 2 ]
	[[ $err == *"shop.ini:10: "* ]]
}
