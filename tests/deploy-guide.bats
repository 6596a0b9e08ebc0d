#!/usr/bin/env bats
# What the original's guide builds programs for, by the sessions of mroom-examples(7): deploying an application, configuration
# for many servers, stages of one's own, servers by position, several at once.

load lib/lab
load lib/copy
load lib/examples

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
	mkdir "$MROOM_HOME/stages"
	mroom inventory room production 'web-[01-06]' >/dev/null
}

# The guide's custom stages, which leave a mark each.
guide_stages() {
	local stage
	for stage in custom_app monitoring backup; do
		cat >"$MROOM_HOME/stages/$stage" <<-SH
		# The guide's $stage.
		check() { [ -e "\$HOME/$stage" ] || { echo "no $stage"; return 1; }; }
		apply() { touch "\$HOME/$stage"; }
		facts() { echo ${stage}_installed true; }
		SH
	done
}

@test "automated application deployment: files, a script, a version that is remembered, once" {
	echo '<h1>hello</h1>' >index.html
	echo 'run()' >app.js
	cat >my-site.ini <<-INI
	[app my-site]
	version = 2.1.0
	dir.1 = $LAB/srv/{{SERVER_HOST}}/opt
	file.1 = index.html $LAB/srv/{{SERVER_HOST}}/opt/index.html
	file.2 = app.js $LAB/srv/{{SERVER_HOST}}/opt/app.js
	start = @deploy.sh
	INI
	echo 'echo started >>"$HOME/script.log"' >deploy.sh
	session 'mroom deploy app my-site.ini @production' >/dev/null
	for i in 1 2 3 4 5 6; do
		cmp index.html "$(srv $i)/opt/index.html"
		cmp app.js "$(srv $i)/opt/app.js"
	done
	[ "$(mroom state get web-04 my_site_version)" = 2.1.0 ]
	session 'mroom deploy app my-site.ini @production' >again
	[ "$(cut -f3 again | sort -u)" = same ]
	[ "$(cat "$(srv 3)/script.log")" = started ]
	session 'mroom deploy app history my-site @production' >history
	[ "$(cut -f3,4 history | sort | uniq -c | tr -s ' ')" = " 6 deployed	2.1.0" ]
}

@test "batch configuration management: rendered per server, backed up, restarted, reported" {
	session 'mroom state set web-01 custom_port 8001'
	for i in 1 2 3 4 5 6; do
		mroom state set "web-0$i" custom_port $((8000 + i))
		mkdir "$(srv $i)/myapp"
		echo old >"$(srv $i)/myapp/config.conf"
	done
	cat >config.conf <<-'T'
	# Application Configuration
	server_id={{SERVER_ID}}
	server_host={{SERVER_HOST}}
	port={{CUSTOM_PORT}}
	log_level=info
	max_connections=1000
	T
	session 'mroom deploy config config.conf --to /etc/myapp/config.conf --restart myapp @production' \
		"s,/etc/,,; s/--restart myapp/--command 'touch restarted'/" 2>report
	grep -q '6 in all: 6 changed, 0 unchanged, 0 failed' report
	for i in 1 2 3 4 5 6; do
		grep -qx "port=$((8000 + i))" "$(srv $i)/myapp/config.conf"
		[ "$(cat "$(srv $i)"/myapp/config.conf.*.bak)" = old ]
		[ -e "$(srv $i)/restarted" ]
	done
	session 'mroom state ls -K config_applied @production' >applied
	[ "$(grep -c '	true' applied)" = 6 ]
}

@test "custom deployment stages, by the settings" {
	guide_stages
	printf '[deploy]\nstages = custom_app,monitoring,backup\n' >"$MROOM_HOME/config.ini"
	session 'mroom deploy run -s custom_app,monitoring,backup @production' 's/-s [^ ]*//' >first
	[ "$(cut -f3 first | sort | uniq -c | tr -s ' ')" = " 18 changed" ]
	[ "$(mroom state get web-06 backup_installed)" = true ]
	session 'mroom deploy run -s custom_app,monitoring,backup @production' >second
	[ "$(cut -f3 second | sort -u)" = same ]
}

@test "selective server operations: positions 0, 2 and 4, and the first five" {
	guide_stages
	session 'mroom deploy run -s monitoring @production --index 0,2,4' >some
	[ "$(cut -f1 some | sort)" = "web-01
web-03
web-05" ]
	session 'mroom deploy run -s backup @production --index 0-4' >five
	[ "$(cut -f1 five | sort | tail -n 1)" = web-05 ]
	[ "$(wc -l <five)" = 5 ]
}

@test "parallel operations: five at once, each with a line of its own; one that fails stops no other" {
	guide_stages
	touch "$(srv 2)/broken"
	cat >"$MROOM_HOME/stages/maybe" <<-'SH'
	# Fails where ~/broken is.
	check() { [ -e "$HOME/done" ]; }
	apply() { [ ! -e "$HOME/broken" ] || { echo "it is broken"; false; }; touch "$HOME/done"; }
	SH
	status=0
	session 'mroom deploy run -f 5 -s custom_app @production' 's/custom_app/maybe/' >out 2>err || status=$?
	[ "$status" = 1 ]
	[ "$(cut -f3 out | sort | uniq -c | tr -s ' ')" = " 5 changed
 1 failed" ]
	grep -q 'web-02: failed: stage maybe: it is broken' err
}
