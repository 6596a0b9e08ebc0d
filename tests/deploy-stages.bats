#!/usr/bin/env bats
# mroom deploy: stages on servers, repeated, resumed, refused and undone.

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
	lab_room 4
	lab_homes 4
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir "$MROOM_HOME/stages"
}

teardown() {
	touch "$BATS_TEST_TMPDIR/go"
}

run_deploy() {
	status=0
	mroom deploy "$@" >"$BATS_TEST_TMPDIR/.out" 2>"$BATS_TEST_TMPDIR/.err" </dev/null || status=$?
	out=$(<"$BATS_TEST_TMPDIR/.out")
	err=$(<"$BATS_TEST_TMPDIR/.err")
	[ -z "$err" ] || echo "$err"
}

# A stage NAME that is fulfilled once ~/NAME is there, with these further lines in its apply.
stage() {
	cat >"$MROOM_HOME/stages/$1" <<-SH
	# A stage of the test's.
	check() {
		[ -f "\$HOME/$1" ] || { echo "there is no $1"; return 1; }
	}
	apply() {
		${2:-:}
		echo "\$MROOM_SERVER_ID \$*" >"\$HOME/$1"
	}
	undo() {
		rm "\$HOME/$1"
	}
	facts() {
		echo ${1}_installed true
		echo ${1}_where "\$HOME/$1"
	}
	SH
}

@test "stages are applied once; what is so already stays; facts are remembered" {
	stage app
	stage monitoring
	run_deploy run -s app,monitoring 'web-[01-02]'
	[ "$status" = 0 ]
	[ "$(sort <<<"$out")" = "web-01	app	changed	
web-01	monitoring	changed	
web-02	app	changed	
web-02	monitoring	changed	" ]
	[ "$(cat "$(srv 2)/app")" = "web-02 " ]
	[ "$(mroom state get web-01 app_where)" = "$(srv 1)/app" ]
	run_deploy run -s app,monitoring 'web-[01-02]'
	[ "$(cut -f3 <<<"$out" | sort -u)" = same ]
	run_deploy status web-01
	[ "$(cut -f1-3 <<<"$out")" = "web-01	app	ok
web-01	monitoring	ok" ]
}

@test "the settings name the stages where -s does not" {
	stage one
	stage two
	printf '[deploy]\nstages = two,one\n' >"$MROOM_HOME/config.ini"
	run_deploy run web-01
	[ "$(cut -f2 <<<"$out")" = "two
one" ]
}

@test "plan tells what would run and why, and changes nothing" {
	stage app
	run_deploy plan -s app web-01
	[ "$status" = 0 ]
	[ "$out" = "web-01	app	would	there is no app" ]
	[ ! -e "$(srv 1)/app" ]
	[ ! -e "$(srv 1)/.mroom" ]
	# what is not so yet is not remembered
	refute mroom state get web-01 app_installed
}

@test "a stage that fails ends its server's deployment, and says why" {
	stage one
	stage two 'echo working; echo "disk on fire" >&2; false'
	stage three
	run_deploy run -s one,two,three web-01
	[ "$status" = 1 ]
	[ "$out" = "web-01	one	changed	
web-01	two	failed	disk on fire" ]
	[[ $err == *"web-01: failed: stage two: disk on fire"* ]]
	[ ! -e "$(srv 1)/three" ]
	run_deploy status web-01
	[ "$(cut -f2-3 <<<"$out" | sort)" = "one	ok
two	failed" ]
}

@test "any command that fails within apply fails it; so does a check that fails after it" {
	stage one 'false; true'
	run_deploy run -s one web-01
	[ "$status" = 1 ]
	[ ! -e "$(srv 1)/one" ]
	printf 'check() { echo never; return 1; }\napply() { :; }\n' >"$MROOM_HOME/stages/never"
	run_deploy run -s never web-01
	[ "$status" = 1 ]
	[[ $err == *"applied, but its check still fails: never"* ]]
	printf 'check() { return 3; }\napply() { :; }\n' >"$MROOM_HOME/stages/mute"
	run_deploy plan -s mute web-01
	[ "$out" = "web-01	mute	would	no output, exit status 3" ]
	run_deploy run -s mute web-01
	[[ $err == *"applied, but its check still fails: no output, exit status 3"* ]]
}

@test "a stage takes its argument behind a colon, and sees nothing of other stages" {
	stage one
	printf 'apply() { type undo; undo; }\ncheck() { return 1; }\n' >"$MROOM_HOME/stages/two"
	run_deploy run -s one:with,two web-01
	[ "$(cat "$(srv 1)/one")" = "web-01 with" ]
	[ "$status" = 1 ]
	[ -e "$(srv 1)/one" ]
}

@test "undo takes stages back, the last first" {
	stage one
	stage two
	run_deploy run -s one,two web-01
	run_deploy undo -s one,two web-01
	[ "$status" = 0 ]
	[ "$out" = "web-01	two	undone	
web-01	one	undone	" ]
	[ ! -e "$(srv 1)/one" ]
	refute mroom state get web-01 one_installed
	refute mroom state get web-01 two_where
	printf 'check() { :; }\napply() { :; }\n' >"$MROOM_HOME/stages/plain"
	run_deploy undo -s plain web-01
	[ "$status" = 1 ]
	[[ $err == *"it knows no undo"* ]]
}

@test "a console killed in the middle changes nothing for the server; resume ends as if undisturbed" {
	stage slow "until [ -e '$BATS_TEST_TMPDIR/go' ]; do sleep 0.1; done"
	stage after
	mroom deploy run -s slow,after web-01 </dev/null >/dev/null 2>&1 &
	lab_wait 'grep -qs "begin slow" "$(srv 1)"/.mroom/runs/*/log'
	kill -9 $!
	wait $! || true
	touch "$BATS_TEST_TMPDIR/go"
	run_deploy resume web-01
	[ "$status" = 0 ]
	[ "$out" = "web-01	slow	changed	
web-01	after	changed	" ]
	[ "$(cat "$(srv 1)/after")" = "web-01 " ]
	[ ! -e "$(srv 1)/.mroom/lock" ]
	run_deploy status web-01
	[ "$(cut -f3 <<<"$out" | sort -u)" = ok ]
}

@test "an interrupted run leaves the job running, and resume collects it" {
	stage slow "until [ -e '$BATS_TEST_TMPDIR/go' ]; do sleep 0.1; done"
	mroom deploy run -s slow web-01 </dev/null >/dev/null 2>&1 &
	lab_wait 'grep -qs "begin slow" "$(srv 1)"/.mroom/runs/*/log'
	kill -TERM $!
	wait $! || true
	[ -d "$(srv 1)/.mroom/lock" ]
	touch "$BATS_TEST_TMPDIR/go"
	run_deploy resume web-01
	[ "$out" = "web-01	slow	changed	" ]
}

@test "of two consoles one deploys, and the other is told who" {
	stage slow "until [ -e '$BATS_TEST_TMPDIR/go' ]; do sleep 0.1; done"
	mroom deploy run -s slow 'web-[01-02]' </dev/null >first 2>&1 &
	first=$!
	lab_wait 'grep -qs "begin slow" "$(srv 1)"/.mroom/runs/*/log && grep -qs "begin slow" "$(srv 2)"/.mroom/runs/*/log'
	cp -a "$MROOM_HOME" other
	MROOM_HOME=$PWD/other run_deploy run -s slow 'web-[01-02]'
	[ "$status" = 5 ]
	[[ $err == *"a deployment is under way: "*"process $first since "* ]]
	touch "$BATS_TEST_TMPDIR/go"
	wait $first
	MROOM_HOME=$PWD/other run_deploy run -s slow 'web-[01-02]'
	[ "$status" = 0 ]
}

@test "the lease of a job that died expires" {
	stage app
	mkdir -p "$(srv 1)/.mroom/lock" "$(srv 2)/.mroom/lock"
	echo dead >"$(srv 1)/.mroom/lock/owner"
	echo 1000 >"$(srv 1)/.mroom/lock/until"
	echo alive >"$(srv 2)/.mroom/lock/owner"
	echo $(($(date +%s) + 100)) >"$(srv 2)/.mroom/lock/until"
	run_deploy run -s app 'web-[01-02]'
	[ "$status" = 5 ]
	[ "$out" = "web-01	app	changed	" ]
	[[ $err == *"web-02: skipped: a deployment is under way: alive"* ]]
}

@test "a lease whose maker died before it wrote anything ends as well; a new one holds" {
	stage app
	mkdir -p "$(srv 1)/.mroom/lock" "$(srv 2)/.mroom/lock"
	touch -d '3 minutes ago' "$(srv 1)/.mroom/lock"
	run_deploy lock show 'web-[01-02]'
	[ "$(cut -f1,2 <<<"$out" | sort)" = "web-01	expired
web-02	held" ]
	run_deploy run -s app 'web-[01-02]'
	[ "$status" = 5 ]
	[ "$out" = "web-01	app	changed	" ]
	[ ! -e "$(srv 1)/.mroom/lock" ]
	[[ $err == *"web-02: skipped: a deployment is under way"* ]]
}

@test "a lease that expired is taken by one of the many who find it" {
	export lock=$BATS_TEST_TMPDIR/lease
	for round in 1 2 3 4 5; do
		rm -rf "$lock" took
		mkdir "$lock"
		echo 1000 >"$lock/until"
		for n in 1 2 3 4 5 6 7 8; do
			sh -c '. "$MROOM_TOP/share/remote/deploy-lease.sh"; lease_make; lease_write "$1" me 100; echo "$1" >>took' sh "$n" 2>>refused 3>&- &
		done
		wait
		[ "$(wc -l <took)" = 1 ] || { cat took; return 1; }
		[ "$(cat "$lock/run")" = "$(cat took)" ]
	done
	[ "$(grep -c '^a deployment is under way' refused)" = 35 ] || { cat refused; return 1; }
}

@test "lock show tells who deploys; lock break takes it away" {
	stage slow "until [ -e '$BATS_TEST_TMPDIR/go' ]; do sleep 0.1; done"
	mroom deploy run -s slow web-01 </dev/null >/dev/null 2>&1 &
	lab_wait 'grep -qs "begin slow" "$(srv 1)"/.mroom/runs/*/log'
	run_deploy lock show 'web-[01-02]'
	[ "$status" = 0 ]
	grep -q "^web-01	held	.*process $! since" <<<"$out"
	grep -q '^web-02	free' <<<"$out"
	run_deploy lock break web-01
	grep -q "^web-01	broken	.*process $!" <<<"$out"
	run_deploy lock show web-01
	[ "$(cut -f2 <<<"$out")" = free ]
	touch "$BATS_TEST_TMPDIR/go"
	wait $!
	run_deploy lock steal web-01
	[ "$status" = 2 ]
}

@test "a job that takes too long is stopped, with all that it started" {
	stage slow 'sleep 86311'
	run_deploy run -u 2s -s slow web-01
	[ "$status" = 1 ]
	[[ $err == *"still running after 2 s; it was stopped"* ]]
	lab_wait '! pgrep -f "sleep 8631[1]"'
	[ ! -e "$(srv 1)/.mroom/lock" ]
}

@test "the stage cert lets the console's key in, once, and takes it out again" {
	mkdir -m 700 "$HOME/.ssh"
	run_deploy run -s cert web-01
	[[ $err == *"failed: stage cert: there is no public key on the console"* ]]
	cp "$LAB_KEY.pub" "$HOME/.ssh/id_ed25519.pub"
	mkdir -m 700 "$(srv 1)/.ssh"
	printf 'ssh-rsa AAAA other' >"$(srv 1)/.ssh/authorized_keys"
	run_deploy run -s cert 'web-[01-02]'
	[ "$status" = 0 ]
	run_deploy run -s cert 'web-[01-02]'
	[ "$(cut -f3 <<<"$out" | sort -u)" = same ]
	[ "$(cat "$(srv 1)/.ssh/authorized_keys")" = "ssh-rsa AAAA other
$(cat "$LAB_KEY.pub")" ]
	[ "$(stat -c %a "$(srv 2)/.ssh/authorized_keys")" = 600 ]
	run_deploy undo -s cert web-01
	[ "$(cat "$(srv 1)/.ssh/authorized_keys")" = "ssh-rsa AAAA other" ]
}

@test "a package that is there stays, a stage of one's own brings the rest, and what is where is remembered" {
	require dpkg-query
	cat >"$MROOM_HOME/stages/custom-app" <<-'SH'
	# The application, unpacked.
	check() { [ -e "$HOME/app/install.done" ]; }
	apply() { mkdir -p "$HOME/app"; touch "$HOME/app/install.done"; }
	facts() { echo installed_software.custom-app custom; }
	SH
	run_deploy plan -s package:coreutils,custom-app 'web-[01-03]'
	[ "$(cut -f2,3 <<<"$out" | sort -u)" = "custom-app	would
package:coreutils	same" ]
	run_deploy run -s package:coreutils,custom-app 'web-[01-03]'
	[ "$status" = 0 ]
	mroom state ls -K installed_software 'web-[01-03]' >software
	[ "$(grep -c '"coreutils":"package"' software)" = 3 ]
	[ "$(grep -c '"custom-app":"custom"' software)" = 3 ]
	[ -e "$(srv 3)/app/install.done" ]
}

@test "what pip:NAME and package:NAME cannot be is refused with a reason" {
	for verb in run undo; do
		run_deploy $verb -s pip:../.. web-01
		[ "$status" = 1 ]
		[ "$out" = "web-01	pip:../..	failed	'../..' is not a package's name" ]
	done
}

@test "the stage env finds and remembers, and changes nothing" {
	run_deploy run -s env web-01
	[ "$out" = "web-01	env	same	" ]
	[ "$(mroom state get web-01 home_path)" = "$(srv 1)" ]
}

@test "stages lists those of the home and those shipped; an unknown one is refused with the nearest" {
	stage monitoring
	run_deploy stages
	grep -q '^monitoring	A stage of the test.s.	' <<<"$out"
	grep -q '^docker	A container engine' <<<"$out"
	run_deploy run -s monitorng web-01
	[ "$status" = 2 ]
	[[ $err == *"did you mean monitoring"* ]]
	run_deploy run -s ../../etc/passwd web-01
	[ "$status" = 2 ]
}

@test "a package with a dot in its name is remembered as one" {
	require dpkg-query
	name=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | awk '$1 == "installed" && $2 ~ /[.]/ { print $2; exit }')
	run_deploy run -s "package:$name" web-01
	[ "$out" = "web-01	package:$name	same	" ]
	[ "$(mroom state get web-01 "installed_software.${name//./_}")" = package ]
}

@test "no stage that is shipped pipes what it fetches into a shell, nor trusts keys for all repositories" {
	refute grep -rnE 'apt-key|trusted=yes|--allow-unauthenticated|(curl|wget)[^|]*[|] *(sudo )?(ba|da)?sh' "$MROOM_TOP/share/stages" "$MROOM_TOP/share/remote/deploy-job.sh"
}
