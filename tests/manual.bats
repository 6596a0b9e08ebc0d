#!/usr/bin/env bats
# Every example of every page is run as it is printed, here or by the test that `elsewhere` names.

load lib/lab

# The servers see an /etc, /srv and /opt of their own, and stand-ins for what an example only uses, in place of the
# real programs too: the subject is mroom. Each stand-in notes its words in $LAB/used.
setup_file() {
	require namespaces jq || return 0
	lab_dir
	local name
	export STANDINS='systemctl nginx hostnamectl journalctl apt-get make'
	mkdir "$LAB/bin"
	for name in $STANDINS; do
		printf '#!/bin/sh\necho "%s $*" >>%s/used\n' "$name" "$LAB" >"$LAB/bin/$name"
	done
	cat >"$LAB/enter" <<-'SH'
	#!/bin/sh
	# One machine is all the servers: each keeps its notes of deployments apart.
	set -- $SSH_CONNECTION
	PATH=${0%/*}/bin:$PATH
	MROOM_DIR=${0%/*}/notes/$3
	export PATH MROOM_DIR
	exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"
	SH
	chmod +x "$LAB"/bin/* "$LAB/enter"
	cp -a /etc "$LAB/etc"
	# shellcheck disable=SC2016 # for the inner shell
	LAB_PORT=$(unshare -m --propagation private sh -ec '
		mount --bind "$LAB/etc" /etc
		for place in /srv /opt; do mount -t tmpfs tmpfs "$place"; done
		for name in $STANDINS; do
			! [ -e "/usr/bin/$name" ] || mount --bind "$LAB/bin/$name" "/usr/bin/$name"
		done
		groupadd -f ssl-cert
		mkdir -p /etc/nginx /etc/app /etc/ssl/private /srv/app /srv/site /etc/ssh
		echo conf | tee /etc/nginx/nginx.conf /etc/ssh/sshd_config >/dev/null
		exec "$MROOM_TOP/tests/lib/sshd" start "$LAB" "ForceCommand exec $LAB/enter"' 3>&-)
	LAB_USER=root
	export LAB_PORT LAB_USER
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	mkdir -m 700 "$HOME/.ssh"
	cd "$BATS_TEST_TMPDIR"
}

# The commands of a page's examples, as a reader sees them: a line each, continuation lines joined.
examples() {
	mandoc -T utf8 -O width=500 "$MROOM_TOP/man/$1" | col -bx | awk '
		/^[A-Z]/ { on = $0 == "EXAMPLES"; next }
		!on { next }
		{ sub(/^ +/, "") }
		open { line = line " " $0 }
		!open && /^\$ / { line = substr($0, 3); open = 1 }
		!open && /^mroom / && !/^mroom [a-z ]+: / { line = $0; open = 1 }
		open && /\\$/ { sub(/ *\\$/, "", line); next }
		open && /\|$/ { next }
		open { print line; open = 0 }'
}

# Examples that another test runs, by how they begin: PAGE TEST BEGINNING. They want a terminal, an engine, a tunnel,
# what came before, or do not end.
elsewhere() {
	cat <<-'LIST'
	mroom-cert.1 cert-console.bats mroom cert install --ask-pass
	mroom-cert.1 cert-console.bats mroom cert keygen
	mroom-cert.1 cert.bats mroom cert rotate
	mroom-connect.1 connect.bats mroom connect db-01 -- tail -f
	mroom-connect.1 connect.bats mroom connect web-01
	mroom-connect.1 connect.bats mroom web-01
	mroom-demo.1 tutorial.bats eval
	mroom-demo.1 tutorial.bats mroom
	mroom-deploy.1 deploy-stages.bats mroom deploy run
	mroom-deploy.1 deploy-stages.bats mroom deploy plan
	mroom-deploy.1 deploy-config.bats mroom deploy config
	mroom-deploy.1 deploy-rollout.bats mroom deploy app
	mroom-deploy.1 deploy-docker.bats pass show
	mroom-deploy.1 deploy-stages.bats mroom deploy status
	mroom-docker.1 docker-compose.bats mroom docker compose
	mroom-docker.1 docker-hosts.bats docker build
	mroom-docker.1 docker-run.bats mroom docker run
	mroom-docker.1 docker.bats mroom docker
	mroom-exec.1 sudo.bats mroom exec -a --sudo -K
	mroom-exec.1 policy.bats mroom exec -g web --canary
	mroom-exec.1 detach.bats mroom exec --collect @run:42
	mroom-extending.7 extending.bats mroom rootdisk
	mroom-health.1 health-report.bats mroom health check -q -o nagios
	mroom-inventory.1 export.bats ansible
	mroom-inventory.1 import.bats mroom inventory import ~/.machineroom/cache.db
	mroom-inventory-ansible.1 export.bats ansible
	mroom-log.1 log.bats mroom log tail -f
	mroom-state.1 state-guide.bats mroom
	mroom-targets.7 targets.bats mroom exec -w root@192.0.2.7
	mroom-targets.7 docker.bats mroom exec -w '@web&docker_installed?'
	mroom-tunnel.1 tunnel.bats mroom tunnel
	LIST
}

is_elsewhere() {
	local page test beginning
	while read -r page test beginning; do
		if [ "$page" = "$1" ] && [[ $2 == "$beginning"* ]]; then
			[ -f "$MROOM_TOP/tests/$test" ]
			return
		fi
	done < <(elsewhere)
	return 1
}

# A room as the pages have it, and what else they take for granted.
world() {
	local i=0 id
	for id in web-01 web-02 web-03 web-04 web-05 web-06 web-07 web-08 web-09 web-10 web-11 web-12 web-15 db-01 \
		db-primary jumpbox; do
		i=$((i + 1))
		echo "$id--$(lab_address $i)--root----$LAB_PORT--$LAB_KEY"
	done >everyone.txt
	cp everyone.txt production.txt
	lab_known_hosts 40 >"$MROOM_HOME/known_hosts"
	mroom inventory import production.txt
	mroom inventory tag web 'web-*'
	mroom inventory tag canary web-01
	mroom state set -a os debian12
	mroom state set web-01 docker_installed true
	printf 'web-01\nweb-02\n' >tonight.txt
	for i in 1 2 3 4; do
		printf 'Host box-%d\n\tHostName 127.1.0.%d\n\tPort %s\n\tUser root\n\tIdentityFile %s\n' $i $i \
			"$LAB_PORT" "$LAB_KEY"
	done >lab.ssh
	cp "$LAB_KEY" "$HOME/.ssh/id_ed25519"
	cp "$LAB_KEY.pub" "$HOME/.ssh/id_ed25519.pub"
	mkdir conf.d
	echo a >conf.d/a
	echo key >site.key
	echo motd >motd
	printf '#!/bin/sh\necho "$@"\n' | tee x migrate.py >/dev/null
	chmod +x x migrate.py
	mkdir -p bin "$MROOM_HOME/stages"
	cp x bin/mail
	printf '#!/bin/sh\nshift\nexec "$@"\n' >bin/ssh
	printf '#!/bin/sh\nprintf "cloud-01--127.1.0.30--root\\n"\n' >bin/generate-list
	printf '#!/bin/sh\n' >bin/vi
	chmod +x bin/*
	mandoc -T utf8 -O width=500 "$MROOM_TOP/man/mroom-stage.7" | col -bx | sed -n '/# The message of/,/^ *\$ /p' |
		grep -v ' \$ ' >"$MROOM_HOME/stages/motd"
	mroom exec -a -- false || true
	mroom exec -a -- true
	cp -a "$MROOM_HOME" "$BATS_TEST_TMPDIR/template"
	PATH=$PWD/bin:$PATH
}

# Runs them all in that world; what is wrong is a mistake in the command, or the console's own trouble, not what a server says.
follows() {
	local command codes code wrong='' ran=0
	rm -rf "$MROOM_HOME"
	cp -a "$BATS_TEST_TMPDIR/template" "$MROOM_HOME"
	cp everyone.txt production.txt
	if [ "$1" = mroom-inventory.1 ]; then
		mroom inventory rm -y web-08 >/dev/null 2>&1
		grep -v web-08 everyone.txt >production.txt
	fi
	while IFS= read -r command; do
		if is_elsewhere "$1" "$command"; then
			ran=$((ran + 1))
			continue
		fi
		codes=
		eval "$command
			codes=\${PIPESTATUS[*]}" </dev/null >out 2>err || true
		for code in ${codes:-2}; do
			case $1:$code in
			*:[01] | mroom-health.1:[23]) ;;
			*) wrong+="$1: $command: $code: $(head -n 2 err)"$'\n' ;;
			esac
		done
		ran=$((ran + 1))
	done < <(examples "$1")
	[ -z "$wrong" ] || { printf '%s' "$wrong"; return 1; }
	[ "$ran" -gt 0 ] || echo "$1: no commands"
}

@test "the examples of each page work as they are printed" {
	local page wrong=0
	require namespaces
	world >/dev/null 2>&1
	for page in "$MROOM_TOP"/man/*.[1-8]; do
		page=${page##*/}
		# Their own words are not commands, or run whole by tests of theirs: tutorial, examples, driver, roster.
		case $page in mroom-tutorial.7 | mroom-examples.7 | mroom-tunnel-driver.7 | mroom-roster.5) continue ;; esac
		[ -n "$(examples "$page")" ] || { echo "$page has no example to run"; wrong=1; }
		follows "$page" || wrong=1
	done
	[ "$wrong" = 0 ]
	# They reached the servers.
	grep -q 'nginx -t' "$LAB/used"
	grep -q 'hostnamectl set-hostname web-01' "$LAB/used"
}

@test "the configuration of mroom-config(5)'s example is accepted" {
	mandoc -T utf8 -O width=500 "$MROOM_TOP/man/mroom-config.5" | col -bx | awk '
		/^[A-Z]/ { on = $0 == "EXAMPLES" }
		on && /^ +(\[|[a-z_]+ = )/ { sub(/^ +/, ""); print }' >"$MROOM_HOME/config.ini"
	[ "$(mroom config get exec.fanout)" = 200 ]
	[ "$(mroom --list-aliases | wc -l)" -ge 2 ]
}
