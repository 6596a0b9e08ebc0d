#!/usr/bin/env bats
# The sessions of mroom-examples(7) that need no container engine, against real servers.

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
	lab_homes 3
	cd "$BATS_TEST_TMPDIR" || return 1
	examples_room 3
	mroom inventory import production.txt >/dev/null 2>&1
}

# A program on servers.
on_servers() {
	printf '#!/bin/sh\n%s\n' "$2" >"$LAB/bin/$1"
	chmod 755 "$LAB/bin/$1"
}

@test "a list of servers, and a connection" {
	session 'mroom inventory import production.txt' >/dev/null
	session 'mroom inventory ls @production' >list
	[ "$(cut -f1 list)" = "web-01
web-02
web-03" ]
	session 'mroom connect web-01' 's/$/ -- pwd/' >where
	[ "$(cat where)" = "$(srv 1)" ]
}

@test "the file of the guide is read as it stands: a tunnel, passwords, ports, keys" {
	cat >production_servers.txt <<-'TXT'
	#prod-vpn--L2TP/IPSEC--vpn.company.com--vpnuser--vpnpass
	web-11--192.168.1.100--root--password123--22
	db-primary--192.168.1.200--postgres--dbpass--5432
	monitoring--10.0.0.60--admin--monitorpass--2222
	kansas-server--203.0.113.100--admin------22--/Users/yourusername/.ssh/custom_key
	prod-web--192.168.1.100--ubuntu------/Users/yourusername/.ssh/prod_key
	TXT
	mroom inventory import production_servers.txt >/dev/null
	[ "$(mroom inventory ls @production_servers --columns id,host,user,port --json | jq -r '[.id, .host, .user, .port] | map(tostring) | join(" ")' | head -n 2)" = "web-11 192.168.1.100 root 22
db-primary 192.168.1.200 postgres 5432" ]
	[ "$(mroom inventory show prod-web --json | jq -r .key)" = /Users/yourusername/.ssh/prod_key ]
}

@test "a configuration of nginx that differs by kind of server, and back where nginx does not like it" {
	for i in 1 2 3; do
		mkdir -p "$(srv $i)/nginx/conf.d"
		echo '# old' >"$(srv $i)/nginx/conf.d/site.conf"
	done
	on_servers nginx 'case $1 in -s) echo reloaded >>"$HOME/reloads" ;; esac; [ ! -e "$HOME/bad" ] || ! grep -q listen "$HOME/nginx/conf.d/site.conf" || { echo "nginx: [emerg] unknown directive" >&2; exit 1; }'
	touch "$(srv 3)/bad"
	cat >site.conf <<-'T'
	server {
	    listen 80;
	    server_name {{SERVER_HOST}};
	    location / { proxy_pass http://{{UPSTREAM_SERVERS|127.0.0.1:8080}}; }
	}
	T
	session 'mroom state set web-02 upstream_servers 127.0.0.1:3000' >/dev/null
	session 'mroom deploy config site.conf --to /etc/nginx/conf.d/site.conf -C -D @production' 's,/etc/nginx,nginx,' >diff
	grep -q '^web-02	+    location / { proxy_pass http://127.0.0.1:3000; }' diff
	[ "$(cat "$(srv 1)/nginx/conf.d/site.conf")" = '# old' ]
	status=0
	session "mroom deploy config site.conf --to /etc/nginx/conf.d/site.conf --command 'nginx -t && nginx -s reload' @production" 's,/etc/nginx,nginx,' >out 2>err || status=$?
	[ "$status" = 1 ]
	grep -q 'proxy_pass http://127.0.0.1:8080;' "$(srv 1)/nginx/conf.d/site.conf"
	grep -q "server_name $(lab_address 2);" "$(srv 2)/nginx/conf.d/site.conf"
	[ "$(cat "$(srv 3)/nginx/conf.d/site.conf")" = '# old' ]
	grep -q 'web-03: failed: .*unknown directive' err
	[ "$(cat "$(srv 1)/reloads")" = reloaded ]
}

@test "health: checked, reported, and a value of one's own that is remembered" {
	session 'mroom health check @production' >checked 2>/dev/null || [ $? -le 2 ]
	[ "$(cut -f1 checked | sort -u | wc -l)" = 3 ]
	session 'mroom health report @production' >report 2>/dev/null || [ $? -le 2 ]
	grep -q web-03 report
	session "mroom exec -q -g production -- \"df -P / | awk 'NR == 2 { print \\\$5 }'\" >disk"
	session "awk -v OFS='\\t' '{ print \$1, \"disk_usage\", \$2 }' disk | mroom state load --text" 2>/dev/null
	session 'mroom state ls -K disk_usage @production' >usage
	[ "$(grep -c '^web-0[123]	disk_usage	.*[0-9]%' usage)" = 3 ]
}

@test "keys: the console's own opens every server, and which has it is remembered" {
	mkdir -m 700 "$HOME/.ssh"
	cp "$LAB_KEY.pub" "$HOME/.ssh/id_ed25519.pub"
	session 'mroom deploy run -s cert @production' >/dev/null
	session 'mroom state ls -K identity_cert_installed @production' >keys
	[ "$(grep -c 'true' keys)" = 3 ]
	for i in 1 2 3; do cmp "$LAB_KEY.pub" "$(srv $i)/.ssh/authorized_keys"; done
	cp "$LAB_KEY_ECDSA.pub" backup.pub
	session 'mroom cert install --key backup.pub --name backup --no-proof @production' >/dev/null
	session 'mroom state ls -K custom_cert_backup @production' >keys
	[ "$(wc -l <keys)" = 3 ]
}

@test "TLS certificates: the key private, nginx told, once" {
	for part in cert chain key; do echo "$part" >$part.pem; done
	on_servers nginx 'echo "$*" >>"$HOME/nginx.calls"'
	ssl=$LAB/srv/{{SERVER_HOST}}/ssl
	cat >tls.ini <<-INI
	[app tls]
	version = 2026-11
	dir.1 = $ssl/certs/{{SERVER_ID}}
	dir.2 = $ssl/private/{{SERVER_ID}}
	file.1 = cert.pem $ssl/certs/{{SERVER_ID}}/cert.pem
	file.2 = chain.pem $ssl/certs/{{SERVER_ID}}/chain.pem
	file.3 = key.pem $ssl/private/{{SERVER_ID}}/key.pem 0600
	start = nginx -t && nginx -s reload
	INI
	session 'mroom deploy app tls.ini @production' >/dev/null
	session 'mroom deploy app tls.ini @production' >again
	[ "$(cut -f3 again | sort -u)" = same ]
	[ "$(stat -c %a "$(srv 2)/ssl/private/web-02/key.pem" "$(srv 2)/ssl/certs/web-02/cert.pem" | xargs)" = "600 644" ]
	[ "$(cat "$(srv 3)/nginx.calls")" = "-t
-s reload" ]
}
