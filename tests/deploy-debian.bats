#!/usr/bin/env bats
# Stages and configuration on servers that are a Debian of their own, with systemd as their first process: packages are
# installed from the distribution's mirror, services run under the real service manager.

load lib/examples
load lib/lab

setup_file() {
	[ -z "$MROOM_SANITIZED" ] || return 0
	lab_debian_start 3 || return 0
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	not_quick
	lab_home
	lab_room 3
	cd "$BATS_TEST_TMPDIR" || return
}

# Runs mroom deploy in the servers' network; what it printed in $out and $err, its status in $status.
run_deploy() {
	status=0
	engine_run mroom deploy "$@" >.out 2>.err </dev/null || status=$?
	out=$(<.out) err=$(<.err)
	echo "$out"
	[ -z "$err" ] || echo "$err"
}

on() {
	local server=$1
	shift
	engine_run mroom exec -N -q -w "$server" -- "$*" </dev/null
}

# Columns of what was printed, words on a line.
column() {
	cut -f"$1" <<<"$out" | xargs
}

# What the stages would do, do, and leave alone the second time.
once_and_again() {
	run_deploy plan -s "$1" web-01
	[ "$(column 3 | tr ' ' '\n' | sort -u)" = would ]
	run_deploy run -u 600s -s "$1" web-01
	[ "$status" = 0 ]
	[ "$(column 3 | tr ' ' '\n' | sort -u)" = changed ]
	run_deploy run -s "$1" web-01
	[ "$status" = 0 ]
	[ "$(column 3 | tr ' ' '\n' | sort -u)" = same ]
}

@test "package:NAME and user:NAME: installed from the mirror, found again, taken back" {
	once_and_again package:tree,user:alice
	on web-01 'tree --version; getent passwd alice; stat -c %U /home/alice' >said
	grep -q '^tree v' said
	grep -q '^alice:x:.*:/home/alice:/bin/sh$' said
	grep -qx alice said
	[ "$(mroom state get web-01 installed_software.tree)" = package ]
	run_deploy undo -s package:tree,user:alice web-01
	[ "$status" = 0 ]
	[ "$(column 3)" = "undone undone" ]
	[ "$(on web-01 'command -v tree; id alice 2>&1')" = "id: 'alice': no such user" ]
	refute mroom state get web-01 installed_software.tree
	# what no package is called fails its server, with apt's own words
	run_deploy run -s package:no-such-package-4711 web-01
	[ "$status" = 1 ]
	[ "$out" = "web-01	package:no-such-package-4711	failed	E: Unable to locate package no-such-package-4711" ]
}

@test "docker: engine and compose from the distribution, running; env finds where everything is" {
	printf '[docker]\nrepository =\n' >"$MROOM_HOME/config.ini"
	once_and_again docker
	[ "$(on web-01 'systemctl is-active docker; systemctl is-enabled docker')" = "active
enabled" ]
	on web-01 'tar -c -C / bin/true | docker import - nothing:1 && docker-compose version --short' >said
	grep -q '^sha256:' said
	run_deploy run -s env web-01
	[ "$(mroom state get web-01 docker_installed)" = true ]
	[ "$(mroom state get web-01 docker_path)" = /usr/bin/docker ]
	[ "$(mroom state get web-01 docker_compose_path)" = /usr/bin/docker-compose ]
	[ "$(mroom state get web-01 bash_path)" = /usr/bin/bash ]
	[ "$(mroom state get web-01 docker_version)" = "$(on web-01 'docker version -f "{{.Server.Version}}"')" ]
	run_deploy undo -s docker web-01
	[ "$status" = 1 ]
	[[ $err == *"it knows no undo"* ]]
}

# An index of Python packages at the server $1, which holds $2, on the port $3 of the loopback that they share; pip is
# told by its own settings.
python_index() {
	on "$1" "set -- $2 $3"'; mkdir -p "/srv/index/$1" && cd "/srv/index/$1" && python3 -c "
import sys, zipfile
name = sys.argv[1]
info = name + \"-1.0.dist-info/\"
wheel = zipfile.ZipFile(name + \"-1.0-py3-none-any.whl\", \"w\")
wheel.writestr(name + \".py\", \"print(4711)\")
wheel.writestr(info + \"METADATA\", \"Metadata-Version: 2.1\nName: \" + name + \"\nVersion: 1.0\n\")
wheel.writestr(info + \"WHEEL\", \"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n\")
wheel.writestr(info + \"RECORD\", \"\")
wheel.close()
" "$1" && printf "[global]\nindex-url = http://127.0.0.1:%s/\n" "$2" >/etc/pip.conf &&
	systemd-run --unit=index --working-directory=/srv/index python3 -m http.server --bind 127.0.0.1 "$2"' >/dev/null 2>&1
	lab_wait "on $1 'python3 -c \"import urllib.request as u; u.urlopen(\\\"http://127.0.0.1:$3\\\")\"'"
}

@test "python: with pip and venv; pip:NAME: in an environment of its own, from the index of the server's settings" {
	once_and_again python
	[ "$(mroom state get web-01 python3_installed)" = true ]
	[ "$(mroom state get web-01 python3_version)" = "$(on web-01 'python3 --version' | cut -d ' ' -f 2)" ]
	python_index web-01 demo 8000
	once_and_again pip:demo
	[ "$(on web-01 '/opt/mroom/demo/bin/python -m demo')" = 4711 ]
	[ "$(mroom state get web-01 installed_software.demo)" = pip ]
	run_deploy run -s pip:nothing-4711 web-01
	[ "$status" = 1 ]
	[[ $err == *"No matching distribution found for nothing-4711"* ]]
	run_deploy undo -s pip:demo web-01
	[ "$status" = 0 ]
	on web-01 'ls /opt/mroom' >left
	refute grep -qx demo left
	refute mroom state get web-01 installed_software.demo
}

@test "daed: from a repository that was set up before; its service runs, and at every start; taken back" {
	run_deploy run -s daed web-02
	[ "$status" = 1 ]
	[ "$out" = "web-02	daed	failed	E: Unable to locate package daed" ]
	# The distribution has none: one that does nothing but run, and a repository with it.
	on web-01 'set -e; mkdir -p /srv/daed/DEBIAN /srv/daed/usr/bin /srv/daed/lib/systemd/system /srv/repository; cd /srv
		printf "Package: daed\nVersion: 1\nArchitecture: all\nMaintainer: test <test@example.org>\nDescription: stands in\n" >daed/DEBIAN/control
		printf "#!/bin/sh\nexec sleep 100000\n" >daed/usr/bin/daed; chmod 755 daed/usr/bin/daed
		printf "[Service]\nExecStart=/usr/bin/daed\n[Install]\nWantedBy=multi-user.target\n" >daed/lib/systemd/system/daed.service
		dpkg-deb --build daed repository/daed.deb; cd repository
		{ dpkg-deb -f daed.deb; echo "Filename: ./daed.deb"; echo "Size: $(stat -c %s daed.deb)"
			echo "SHA256: $(sha256sum daed.deb | cut -d " " -f 1)"; } >Packages
		echo "deb [trusted=yes] file:/srv/repository ./" >/etc/apt/sources.list.d/own.list' >/dev/null
	once_and_again daed
	[ "$(on web-01 'systemctl is-active daed; systemctl is-enabled daed')" = "active
enabled" ]
	[ "$(mroom state get web-01 daed_path)" = /usr/bin/daed ]
	on web-01 'systemctl stop daed'
	run_deploy plan -s daed web-01
	[ "$(column 4)" = "daed does not run" ]
	run_deploy run -s daed web-01
	[ "$(column 3)" = changed ]
	run_deploy undo -s daed web-01
	[ "$(on web-01 'command -v daed || echo none')" = none ]
}

# The service `app` on all servers: it runs by /etc/app.conf, and dies over one that does not say "works" a moment after
# it was started.
app_service() {
	on web-01,web-02,web-03 'printf "%s\n" "sleep 0.3; grep -q works /etc/app.conf || { echo cannot read >&2; exit 3; }; exec sleep 100000" >/usr/local/bin/app
		printf "[Service]\nExecStart=/bin/sh /usr/local/bin/app\n'"$1"'" >/etc/systemd/system/app.service
		rm -f /etc/app.conf; systemctl daemon-reload'
}

@test "a template that breaks its service: every server is back on the file that works, and the service runs" {
	local restart
	for restart in no always; do
		app_service "Restart=$restart\nRestartSec=100ms\n"
		echo 'works for {{SERVER_ID}}' >app.conf
		run_deploy config app.conf --to /etc/app.conf --restart app -a
		[ "$status" = 0 ]
		[ "$(column 2)" = "created created created" ]
		[ "$(on web-01,web-02,web-03 'systemctl is-active app' | xargs)" = "active active active" ]
		echo 'broken for {{SERVER_ID}}' >app.conf
		run_deploy config app.conf --to /etc/app.conf --restart app -a
		[ "$status" = 1 ]
		[[ $err == *"3 in all: 0 changed, 0 unchanged, 3 failed"* ]]
		[ "$(grep -c 'does not run afterwards: .*(what was there before is back)' <<<"$out")" = 3 ]
		[ "$(on web-01,web-02,web-03 'systemctl is-active app' | xargs)" = "active active active" ]
		[ "$(on web-02 'cat /etc/app.conf; ls /etc/app.conf*')" = "works for web-02
/etc/app.conf" ]
	done
}

@test "sshd itself: a file that it cannot read leaves the server as reachable as before" {
	echo 'MaxSessions 11' >sshd.conf
	run_deploy config sshd.conf --to /etc/ssh/sshd_config.d/app.conf --restart ssh -a
	[ "$status" = 0 ]
	echo 'NoSuchWord yes' >sshd.conf
	run_deploy config sshd.conf --to /etc/ssh/sshd_config.d/app.conf --validate 'sshd -t -f %s' --restart ssh web-01
	[ "$status" = 1 ]
	[[ $out == *"not valid: "* ]]
	run_deploy config sshd.conf --to /etc/ssh/sshd_config.d/app.conf --restart ssh -a
	[ "$status" = 1 ]
	[ "$(grep -c '(what was there before is back)' <<<"$out")" = 3 ]
	[ "$(on web-01,web-02,web-03 'systemctl is-active ssh; cat /etc/ssh/sshd_config.d/app.conf' | sort | uniq -c | tr -s ' ')" = " 3 MaxSessions 11
 3 active" ]
}

@test "a job outlives its console and its login session, and resume collects it" {
	mkdir "$MROOM_HOME/stages"
	printf '%s\n' 'check() { [ -e /root/done ]; }' 'apply() { until [ -e /root/go ]; do sleep 0.2; done; echo once >>/root/done; }' >"$MROOM_HOME/stages/slow"
	engine_run mroom deploy run -s slow web-01,web-02 </dev/null >/dev/null 2>&1 &
	lab_wait '[ "$(on web-01,web-02 "cat /var/lib/mroom/runs/*/log 2>/dev/null" | grep -c "begin slow")" = 2 ]'
	kill -9 $!
	wait $! || true
	on web-01,web-02 'touch /root/go'
	run_deploy resume web-01,web-02
	[ "$status" = 0 ]
	[ "$(column 3)" = "changed changed" ]
	[ "$(on web-01,web-02 'cat /root/done; ls -d /var/lib/mroom/lock 2>/dev/null')" = "once
once" ]
}

# A registry at web-02 for the loopback that they share, which holds nginx:alpine; web-03's engine, once it is there,
# asks it before any other.
image_mirror() {
	on web-02 'mkdir -p /etc/docker && echo "{\"bridge\":\"none\",\"iptables\":false}" >/etc/docker/daemon.json
		apt-get -qq update && apt-get -qqy install --no-install-recommends docker.io docker-registry &&
		printf "version: 0.1\nstorage: {filesystem: {rootdirectory: /srv/images}}\nhttp: {addr: 127.0.0.1:5050}\n" >/srv/registry.yml &&
		systemd-run --unit=mirror docker-registry serve /srv/registry.yml' >/dev/null 2>&1
	lab_wait "on web-02 'tar -c -C / bin/true | docker import - 127.0.0.1:5050/library/nginx:alpine && docker push -q 127.0.0.1:5050/library/nginx:alpine' >/dev/null 2>&1"
	on web-02 'systemctl stop docker.socket docker'
	on web-03 'mkdir -p /etc/docker && echo "{\"bridge\":\"none\",\"iptables\":false,\"registry-mirrors\":[\"http://127.0.0.1:5050\"]}" >/etc/docker/daemon.json'
}

# The session as it stands, with one server of the room.
at_web03() {
	session "$1" 's/^mroom /engine_run mroom /; s/deploy run /&-u 600s /; s/@production/web-03/'
}

@test "mroom-examples: software for all, packages, images and what is one's own" {
	local all=package:htop,package:docker.io,image:nginx:alpine,custom-app
	image_mirror
	mkdir "$MROOM_HOME/stages"
	cat >"$MROOM_HOME/stages/custom-app" <<-'SH'
	# The application, unpacked.
	check() { [ -e "$HOME/app/install.done" ]; }
	apply() { mkdir -p "$HOME/app"; touch "$HOME/app/install.done"; }
	facts() { echo installed_software.custom-app custom; }
	SH
	at_web03 "mroom deploy plan -s $all @production" >plan
	[ "$(cut -f3 plan | xargs)" = "would would would would" ]
	at_web03 "mroom deploy run -s $all @production" >out
	[ "$(cut -f2,3 out)" = "package:htop	changed
package:docker.io	changed
image:nginx:alpine	changed
custom-app	changed" ]
	on web-03 'htop --version; docker image inspect -f "{{.RepoTags}}" nginx:alpine; ls app' >there
	grep -q '^htop 3' there
	grep -qxF '[nginx:alpine]' there
	grep -qx install.done there
	on web-03 'apt-get -qqy install --no-install-recommends python3-venv python3-pip' >/dev/null 2>&1
	python_index web-03 requests 8001
	at_web03 'mroom deploy run -s python,pip:requests @production' >out
	[ "$(on web-03 '/opt/mroom/requests/bin/python -m requests')" = 4711 ]
	[ "$(mroom state get web-03 installed_software | jq -cS .)" = '{"custom-app":"custom","docker_io":"package","htop":"package","nginx_alpine":"image","requests":"pip"}' ]
	session 'mroom state ls -K installed_software @production' 's/@production/web-03/' >software
	grep -q '"requests":"pip"' software
}
