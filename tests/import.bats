#!/usr/bin/env bats
# mroom inventory import: from wherever people are.
# shellcheck disable=SC2154 # stderr is what run --separate-stderr sets

bats_require_minimum_version 1.5.0
load lib/lab

setup() {
	lab_home
	cd "$BATS_TEST_TMPDIR" || return
}

inventory() {
	mroom-inventory "$@"
}

# The servers of $1, as "id host port user key tunnel", one a line.
servers() {
	inventory ls --columns id,host,port,user,key,tunnel "@$1" | tr '\t' ' ' | sed 's/ *$//'
}

password() {
	inventory export --secrets -y "$1" | jq -r '.password // ""'
}

# --- the original's documents, line by line ---

@test "README: traditional passwords, keys with a port and without" {
	cat >servers.txt <<-'END'
		# Traditional password authentication
		web1--192.168.1.10--root--mypassword--22
		db1--192.168.1.11--admin--secretpass--2222

		# SSH key authentication with custom port
		kansas-server--204.12.246.204--kliner------22--/Users/hesdx/.ssh/kansas_rsa

		# SSH key authentication with default port
		prod-web--192.168.1.100--ubuntu------/Users/hesdx/.ssh/prod_key
	END
	inventory import servers.txt -q
	[ "$(servers servers)" = "web1 192.168.1.10 22 root
db1 192.168.1.11 2222 admin
kansas-server 204.12.246.204 22 kliner /Users/hesdx/.ssh/kansas_rsa
prod-web 192.168.1.100 22 ubuntu /Users/hesdx/.ssh/prod_key" ]
	[ "$(password web1)" = mypassword ]
	[ "$(password kansas-server)$(password prod-web)" = "" ]
}

@test "quick start: comments, a password without a port, a key behind an empty password" {
	cat >my_servers.txt <<-'END'
		# Format: server_id--host--user--password--port--ssh_key_path
		web-01--192.168.1.100--root--mypassword--22
		db-01--192.168.1.101--admin--secretpass--2222
		api-01--10.0.0.50--ubuntu--mypassword
		# SSH key authentication (empty password)
		kansas-server--203.0.113.100--admin------22--/Users/yourusername/.ssh/custom_key
		# Custom SSH port
		backup-server--192.168.1.250--backup--backuppass--2222
	END
	inventory import my_servers -q
	[ "$(servers my_servers)" = "web-01 192.168.1.100 22 root
db-01 192.168.1.101 2222 admin
api-01 10.0.0.50 22 ubuntu
kansas-server 203.0.113.100 22 admin /Users/yourusername/.ssh/custom_key
backup-server 192.168.1.250 2222 backup" ]
	[ "$(password api-01)" = mypassword ]
}

@test "quick start and quick reference: a tunnel on the first line holds for all" {
	printf '#tunnel-profile-name--L2TP/IPSEC--vpn.company.com--vpnuser--vpnpass\nweb-01--192.168.1.100--root--mypassword--22\n' >a.txt
	printf '#tunnel-profile--L2TP/IPSEC--vpn.server.com--user--pass\nweb-02--192.168.1.100--root--password123--22\n' >b.txt
	inventory import a.txt -q
	inventory import b.txt -q
	[ "$(servers a)" = "web-01 192.168.1.100 22 root  tunnel-profile-name" ]
	[ "$(servers b)" = "web-02 192.168.1.100 22 root  tunnel-profile" ]
}

@test "import guide: the example file, and every type of tunnel it lists" {
	for type in L2TP/IPSEC CISCO/IPSEC IKEV2 SSH WIREGUARD PPTP; do
		name=t-${type%/*}
		printf '#%s--%s--vpn.company.com--vpnuser--vpnpass\n%s-1--192.168.1.1--root--pw--22\n' "$name" "$type" "$name"
	done >types.txt
	inventory import types.txt -q
	[ "$(servers types | wc -l)" = 6 ]
	[ "$(servers types | awk '$6 != "" || 1 {print $NF}' | paste -sd' ')" = "t-L2TP t-CISCO t-IKEV2 t-SSH t-WIREGUARD t-PPTP" ]
}

@test "import guide: comments before the tunnel line" {
	cat >production.txt <<-'END'
		# Example Server Configuration File
		# - password: SSH password (can be empty for SSH key auth)
		#
		# Format: #tunnel-profile-name--TUNNEL_TYPE--tunnel-server--username--password

		# Example tunnel configuration (uncomment and modify as needed)
		#prod-vpn--L2TP/IPSEC--vpn.company.com--vpnuser--vpnpass

		# Example servers (modify with your actual server details)
		web-server-01--192.168.1.100--root--password123--22
		# Example with empty password (for SSH key authentication)
		key-auth-server--192.168.1.150--ubuntu----22
	END
	inventory import production.txt -q
	[ "$(servers production)" = "web-server-01 192.168.1.100 22 root  prod-vpn
key-auth-server 192.168.1.150 22 ubuntu  prod-vpn" ]
	[ "$(password key-auth-server)" = "" ]
}

@test "import guide: several environments, each with its tunnel line, in one file" {
	cat >envs.txt <<-'END'
		#dev-vpn--L2TP/IPSEC--dev-vpn.company.com--devuser--devpass
		dev-web-01--10.0.1.100--ubuntu--devpass--22
		dev-db-01--10.0.1.200--postgres--devpass--5432

		#staging-vpn--L2TP/IPSEC--staging-vpn.company.com--staginguser--stagingpass
		staging-web-01--10.0.2.100--ubuntu--stagingpass--22
		staging-db-01--10.0.2.200--postgres--stagingpass--5432
	END
	inventory import envs.txt -q
	[ "$(servers envs)" = "dev-web-01 10.0.1.100 22 ubuntu  dev-vpn
dev-db-01 10.0.1.200 5432 postgres  dev-vpn
staging-web-01 10.0.2.100 22 ubuntu  staging-vpn
staging-db-01 10.0.2.200 5432 postgres  staging-vpn" ]
}

@test "import guide: mixed ways to log in, with ------22--/key" {
	cat >mixed.txt <<-'END'
		# Use SSH keys (password can be empty or placeholder)
		web-01--192.168.1.100--root----22
		# Use password authentication
		web-02--192.168.1.101--root--password123--22
		web-03--192.168.1.102--admin--adminpass--2222
		kansas-server--203.0.113.100--admin------22--/Users/yourusername/.ssh/custom_key
		prod-web--192.168.1.100--ubuntu------/Users/yourusername/.ssh/prod_key
	END
	inventory import mixed.txt -q
	[ "$(servers mixed)" = "web-01 192.168.1.100 22 root
web-02 192.168.1.101 22 root
web-03 192.168.1.102 2222 admin
kansas-server 203.0.113.100 22 admin /Users/yourusername/.ssh/custom_key
prod-web 192.168.1.100 22 ubuntu /Users/yourusername/.ssh/prod_key" ]
	[ "$(password web-01)" = "" ]
	[ "$(password web-03)" = adminpass ]
}

@test "import guide: every delimiter it lists, em-dashes too" {
	local n=0
	for d in -- --- ---- —— ————; do
		n=$((n + 1))
		echo "s-$n${d}10.0.0.$n${d}root${d}pass$n${d}2222"
	done >delimiters.txt
	inventory import delimiters.txt -q
	[ "$(servers delimiters)" = "$(seq 5 | sed 's/.*/s-& 10.0.0.& 2222 root/')" ]
	[ "$(password s-4)" = pass4 ]
}

@test "import guide: a server may not have a command's name, a malformed line is reported" {
	printf 'ls--10.0.0.1--root\nretire--10.0.0.1--root\nsethome--10.0.0.1--root\nfoo\n' >bad.txt
	run --separate-stderr inventory import bad.txt
	[ "$status" = 2 ]
	[ "$(grep -c '^bad.txt:[1-4]: ' <<<"$stderr")" = 4 ]
}

# --- cache.db ---

# A cache.db as the original made it, with $1 servers.
cache() {
	sqlite3 cache.db "CREATE TABLE server_room (host char(100) not null, id char(100) primary key,
			description char(1000), user char(100) not null, pass char(100), port number(5) not null,
			res blob not null, next_action blob not null);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		INSERT INTO server_room SELECT '10.0.' || (i / 250) || '.' || (i % 250), printf('srv-%04d', i),
			CASE i % 3 WHEN 0 THEN 'number ' || i END, 'root', CASE i % 2 WHEN 0 THEN 'pw-' || i ELSE '' END,
			22 + i % 5,
			json_object('identity_cert_installed', json('true'), 'docker_compose_installed', json('true'),
				'home_path', '/srv/' || i, 'ports', json('[22,80]'),
				'tunnel_profile', CASE i % 4 WHEN 0 THEN 'office' ELSE '' END,
				'retired', json(CASE i % 10 WHEN 0 THEN 'true' ELSE 'false' END),
				'health_check', json_object('disk_usage', '4%')),
			json_object('backup', 1700000000 + i) FROM n;"
}

@test "a cache.db of 1,000 servers comes over whole, and again changes nothing" {
	cache 1000
	sum=$(sha256sum cache.db)
	stamp=$(stat -c %Y.%y cache.db)
	run --separate-stderr inventory import cache.db
	echo "$stderr"
	[ "$status" = 0 ]
	[ "${stderr%%$'\n'*}" = "cache: 1000 added, 0 changed, 0 unchanged" ]
	run --separate-stderr inventory import cache.db
	[ "${stderr%%$'\n'*}" = "cache: 0 added, 0 changed, 1000 unchanged" ]
	[ "$output" = "" ]
	[ "$(sha256sum cache.db)" = "$sum" ]
	[ "$(stat -c %Y.%y cache.db)" = "$stamp" ]
	[ "$(echo cache.db*)" = cache.db ]
	[ "$(inventory ls --retired --columns id @cache | wc -l)" = 1000 ]
	[ "$(inventory ls --columns id @retired | wc -l)" = 100 ]
	[ "$(inventory ls --retired --columns id,host,port,user,room,tunnel,retired,description srv-0012)" = "srv-0012	10.0.0.12	24	root	cache	office	false	number 12" ]
	[ "$(password srv-0012)" = pw-12 ]
	[ "$(mroom-state get srv-0012 home_path)" = /srv/12 ]
	[ "$(mroom-state get srv-0012 health_check.disk_usage)" = 4% ]
	[ "$(mroom-state get srv-0012 ports.1)" = 80 ]
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" 'SELECT count(*), min(due_at) FROM schedule')" = "1000|1700000001000" ]
	run grep -c 'pw-12' "$MROOM_HOME/mroom.db"
	[ "$output" = 0 ]
}

@test "servers that a roster brought stay in their room when the cache comes" {
	cache 3
	echo 'srv-0001--10.0.0.1--root----23' >web.txt
	inventory import web.txt -q
	inventory import cache.db -q
	[ "$(inventory ls --retired --columns id,room,position | paste -sd' ')" = "srv-0002	cache	0 srv-0003	cache	1 srv-0001	web	0" ]
	[ "$(inventory room)" = "cache	2	0
web	1	0" ]
}

@test "a database that is none of the original's is refused, a bad row is named" {
	sqlite3 other.db 'CREATE TABLE t (x)'
	run inventory import other.db
	[ "$status" = 2 ]
	[[ $output == *"no cache.db"*"server_room"* ]]
	cache 2
	sqlite3 cache.db "UPDATE server_room SET id = 'a b' WHERE id = 'srv-0001'; UPDATE server_room SET res = '[' WHERE id = 'srv-0002'"
	run --separate-stderr inventory import cache.db
	[ "$status" = 2 ]
	[[ $stderr == *"cache.db:1: "*"'a b'"*"cache.db:2: srv-0002: "* ]]
	inventory ls --json | diff - /dev/null
}

# --- other tools' ---

@test "CSV with a header, in any order, with quotes; TSV; unknown columns are named" {
	printf '\xef\xbb\xbfName,Address,Owner,Port,Username,tags,description,state:os\r\nweb-01,10.0.0.1,x,2222,root,"a,b","say ""hi""\nthere",debian\r\nweb-02,10.0.0.2,,,,,,\r\n' >list.csv
	run --separate-stderr inventory import list.csv
	[ "$status" = 0 ]
	[ "$stderr" = "list.csv: columns that mean nothing here: Owner
list: 2 added, 0 changed, 0 unchanged" ]
	[ "$(inventory ls --columns id,host,port,user,room,tags,description web-01)" = 'web-01	10.0.0.1	2222	root	list	a,b	say "hi"\nthere' ]
	[ "$(mroom-state get web-01 os)" = debian ]
	inventory ls -H | sed 's/10\.0\.0\.2/10.0.0.22/' >back.tsv
	run --separate-stderr inventory import back.tsv
	[ "$output" = "web-02	changed	host	" ]
	printf 'id;host\na;10.0.0.3\n' | inventory import - --room semi -q
	[ "$(servers semi)" = "a 10.0.0.3" ]
}

@test "what is rejected is counted, named, and stops the import unless it is to go on" {
	printf 'id,host,port\nok,10.0.0.1,22\nb d,10.0.0.2,22\nbadport,10.0.0.3,99999\nok,10.0.0.4,22\nmany,10.0.0.5,1,2\n' >list.csv
	run --separate-stderr inventory import list.csv
	[ "$status" = 2 ]
	[ "$(inventory ls)" = "" ]
	[ "$(grep -c '^list.csv:[3-6]: ' <<<"$stderr")" = 4 ]
	run --separate-stderr inventory import list.csv --keep-going
	[ "$status" = 2 ]
	[[ $stderr == *"list: 1 added, 0 changed, 0 unchanged, 4 rejected"* ]]
	[ "$(servers list)" = "ok 10.0.0.1 22" ]
}

@test "/etc/hosts: addresses and first names, without what every machine has for itself" {
	cat >hosts <<-'END'
		127.0.0.1 localhost
		::1 localhost ip6-localhost
		ff02::1 ip6-allnodes
		192.0.2.1	web-01.example web-01 # the first
		2001:db8::1 web-01.example
		192.0.2.2 db
	END
	inventory import hosts -q
	[ "$(servers hosts)" = "web-01.example 192.0.2.1
db 192.0.2.2" ]
	# what it does not speak of stays
	inventory set -q db --user admin --port 2222 >/dev/null
	sed -i 's/192.0.2.2/192.0.2.9/' hosts
	[ "$(inventory import hosts -q)" = "db	changed	host	" ]
	[ "$(servers hosts | tail -1)" = "db 192.0.2.9 2222 admin" ]
}

@test "Ansible inventories, INI and YAML, through ansible-inventory" {
	require ansible-inventory
	cat >hosts.ini <<-'END'
		[web]
		web-01 ansible_host=10.0.0.1 ansible_port=2222 ansible_user=deploy
		web-02 ansible_host=10.0.0.2 ansible_password=sesame
		[db]
		db-01.example ansible_ssh_private_key_file=/k/db
		[production:children]
		web
		db
		[db:vars]
		ansible_user=admin
	END
	run inventory import hosts.ini
	[ "$status" = 2 ]
	[[ $output == *"ansible-inventory -i FILE --list"* ]]
	ansible-inventory -i hosts.ini --list | inventory import - --room site -q >/dev/null
	[ "$(servers site | sort)" = "db-01.example db-01.example  admin /k/db
web-01 10.0.0.1 2222 deploy
web-02 10.0.0.2" ]
	[ "$(inventory ls --columns id @production | wc -l)" = 3 ]
	[ "$(inventory ls --columns id '@web&@production' | sort | paste -sd' ')" = "web-01 web-02" ]
	[ "$(password web-02)" = sesame ]
	printf 'all:\n  hosts:\n    y-01: {ansible_host: 10.1.0.1}\n' >hosts.yml
	run inventory import hosts.yml
	[ "$status" = 2 ]
	ansible-inventory -i hosts.yml --list | inventory import - --room yaml -q >/dev/null
	[ "$(servers yaml)" = "y-01 10.1.0.1" ]
}

@test "JSON lines and arrays, with rooms, state and schedules" {
	cat >list.jsonl <<-'END'
		{"id":"a","host":"10.0.0.1","room":"one","tags":["x","y"],"state":{"os":"debian","n":{"m":1}},"schedule":{"backup":1700000000}}
		{"id":"b","host":"10.0.0.2","room":null,"retired":true}
		{"id":"c","host":"10.0.0.3","port":2222,"other":1}
	END
	inventory import list.jsonl -q >/dev/null
	[ "$(inventory ls --retired --columns id,room,tags,retired)" = "c	list		false
a	one	x,y	false
b			true" ]
	[ "$(mroom-state get a n.m)" = 1 ]
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" 'SELECT key, due_at FROM schedule')" = "backup|1700000000000" ]
	run --separate-stderr inventory import list.jsonl
	[ "$stderr" = "list: 0 added, 0 changed, 3 unchanged
list: 1 in the file is retired and stays so" ]
	echo '[{"id":"d","host":"10.0.0.4"}]' | inventory import - --room arr -q >/dev/null
	[ "$(servers arr)" = "d 10.0.0.4" ]
	run inventory import - --room x <<<'{"id":"e"'
	[ "$status" = 2 ]
	run inventory import - --room x <<<'{"id":"e","host":"-oProxyCommand=x"}'
	[ "$status" = 2 ]
}

@test "--format forces, and a tunnel that nobody knows is still a tunnel" {
	echo '{"id":"a","host":"10.0.0.1","tunnel":"office"}' >x.json
	run --separate-stderr inventory import x.json
	[[ $stderr == *"tunnel added: office"* ]]
	[ "$(servers x)" = "a 10.0.0.1    office" ]
	run mroom exec -w a -- true
	[ "$status" != 0 ]
	[[ $output == *tunnel* ]]
	printf '10.0.0.7 b\n' | inventory import - --room h -q --format hosts >/dev/null
	[ "$(servers h)" = "b 10.0.0.7" ]
	run inventory import x.json --format roster
	[ "$status" = 2 ]
}

@test "ssh_config: Hosts without wildcards, as the whole file says of them" {
	mkdir -p "$HOME/.ssh"
	cat >config <<-'END'
		Host web-01 web
		    HostName 10.0.0.1
		    ProxyJump gate,admin@hop:23
		    IdentityFile ~/.ssh/web
		Host gate
		    HostName 192.0.2.9
		    Port 2222
		Host *.internal !x
		    User nobody
		Host *
		    User deploy
	END
	inventory import config -q >/dev/null
	[ "$(inventory ls --columns id,host,port,user,key,jump @config)" = "web-01	10.0.0.1		deploy	~/.ssh/web	gate,admin@hop:23
web	10.0.0.1		deploy	~/.ssh/web	gate,admin@hop:23
gate	192.0.2.9	2222	deploy		" ]
	run inventory import - --room x <config
	[ "$status" = 2 ]
	[[ $output == *"from a file"* ]]
	# what is exported comes back
	inventory export --format ssh_config >first
	mkdir -m 700 again
	MROOM_HOME=$PWD/again inventory import first --room config -q >/dev/null
	MROOM_HOME=$PWD/again inventory export --format ssh_config | sed "s#$PWD/again#$MROOM_HOME#" | diff first -
}
