#!/usr/bin/env bats
# mroom tunnel: profiles, and the life of a tunnel as its keeper sees it. The driver here is one of a user's own, which makes
# a tunnel of files: nothing in it needs root.
# shellcheck disable=SC2154 # stderr is what run --separate-stderr sets

bats_require_minimum_version 1.5.0
load lib/lab
load lib/tunnel

setup() {
	lab_home
	cd "$BATS_TEST_TMPDIR"
	tunnel_file_driver
}

teardown() {
	tunnel_keepers_stop
}

tunnel() {
	mroom tunnel "$@"
}

# The state and reason of a tunnel.
state() {
	tunnel ls --columns state,reason "$1"
}

@test "a profile is added, shown with what it lacks, changed and removed" {
	tunnel add gate file server=gate.example:700 user=ops
	[ "$(tunnel show gate)" = "gate	type	file	set
gate	server	gate.example:700	set
gate	user	ops	set
gate	ticket		missing" ] || [[ $(tunnel show gate) == *"ticket	what lets us in	missing"* ]]
	tunnel set gate ticket=7 user=
	[[ $(tunnel show gate) == *"ticket	7	set"* ]]
	[[ $(tunnel show gate) != *missing* ]]
	[ "$(tunnel ls --columns tunnel,state,type,server)" = "gate	down	file	gate.example:700" ]
	tunnel rm gate
	[ "$(tunnel ls)" = "" ]
}

@test "secrets are sealed, never shown, and never taken from an argument" {
	printf 'hush-4711' | tunnel add gate file server=g.example psk --value-file -
	[[ $(tunnel show gate) == *"psk		sealed"* ]]
	run tunnel set gate psk=hush-4712
	[ "$status" = 2 ]
	[[ $output == *"psk is a secret"* ]]
	[[ $output != *4712* ]]
	(umask 077 && echo hush-4713 >secret)
	tunnel set gate private_key --value-file secret
	rm secret
	refute grep -arqE 'hush-471[123]' "$MROOM_HOME"
	tunnel set gate psk=
	[[ $(tunnel show gate) != *psk* ]]
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" 'SELECT name FROM secret')" = gate/private_key ]
	tunnel rm gate
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" 'SELECT count(*) FROM secret')" = 0 ]
}

@test "the driver of mroom-tunnel-driver(7) makes a tunnel as it is printed" {
	local driver=$MROOM_HOME/tunnels/gate
	mkdir bin
	# Its gate lets in who has the secret; then there is an address.
	cat >bin/gate <<-SH
	#!/bin/sh
	[ "\$1 \$2 \$3 \$5" = '--to gate.example --secret-file --pidfile' ] && [ "\$(cat "\$4")" = hush ] || exit 1
	sleep 60 >/dev/null 2>&1 3>&- &
	echo \$! >"\$6"
	cp "\$6" "$PWD/pid"
	SH
	printf '#!/bin/sh\necho "7: gate0 inet 10.9.9.9/24"\n' >bin/ip
	mandoc -T utf8 -O width=500 "$MROOM_TOP/man/mroom-tunnel-driver.7" | col -bx |
		sed -n '/^ *#!\/bin\/sh/,/driver_main/s/^      //p' >"$driver"
	chmod +x bin/* "$driver"
	PATH=$PWD/bin:$PATH
	[[ $(tunnel drivers gate) == gate*Gate* ]]
	tunnel add gate gate server=gate.example:700
	[[ $(tunnel show gate) == *"password	what opens it	missing"* ]]
	printf wrong | tunnel set gate password --value-file -
	run tunnel up gate
	[ "$status" = 4 ]
	[[ $(state gate) == *"the gate is shut" ]]
	printf hush | tunnel set gate password --value-file -
	tunnel up gate
	[ "$(state gate)" = "up	through gate.example" ]
	tunnel test gate
	tunnel down -y gate
	[[ $(state gate) == down* ]]
	# shellcheck disable=SC2016 # lab_wait evaluates it
	lab_wait '! kill -0 "$(cat pid)" 2>/dev/null'
}

@test "an unknown type is named with the known ones" {
	run tunnel add gate carrier-pigeon
	[ "$status" = 2 ]
	[[ $output == *"type 'carrier-pigeon', known are "*"wireguard"* ]]
	run tunnel show gtae
	[ "$status" = 2 ]
	[[ $output == *"no tunnel 'gtae'"* ]]
}

@test "a tunnel that servers stand behind is not removed" {
	printf '#vpn--WIREGUARD--v.example--u--p\nweb-01--10.0.0.1--root\n' >r.txt
	mroom inventory import r.txt -q
	run tunnel rm vpn
	[ "$status" = 5 ]
	[[ $output == *"1 server stands behind it"* ]]
}

@test "a tunnel that is up, or left behind, is not removed" {
	tunnel add gate file server=g.example ticket=1
	tunnel up -q gate
	run tunnel rm gate
	[ "$status" = 5 ]
	[[ $output == *"tunnel gate is not down (first: mroom tunnel down gate)"* ]]
	tunnel down gate
	tunnel rm gate
}

@test "the roster's tunnel lines of every type find their driver, and keep what was set besides" {
	cat >r.txt <<-'END'
	#a--L2TP/IPSEC--v.example--u--p
	#b--CISCO/IPSEC--v.example--u--p
	#c--ikv2--v.example--u--p
	#d--SSTP--v.example--u--p
	#e--PPTP--v.example--u--p
	#f--WIREGUARD--v.example:51820--u--p
	#g--SSH--v.example--u--p
	#h--OPENVPN--v.example--u--p
	#i--IPVANISH--v.example--u--p
	#j--DAE--v.example--u--p
	web-01--10.0.0.1--root
	END
	mroom inventory import r.txt -q
	[ "$(tunnel ls --columns driver | tr '\n' ' ')" = \
		"l2tp-ipsec cisco-ipsec ikev2 sstp pptp wireguard ssh openvpn ikev2 dae " ]
	printf x | tunnel set a psk --value-file -
	sed -i s/v.example/w.example/ r.txt
	mroom inventory import r.txt -q
	[[ $(tunnel show a) == *"server	w.example"*"psk		sealed"* ]]
	run tunnel up j
	[ "$status" = 4 ]
	[[ $output == *"no driver for tunnels of type 'dae', known are "* ]]
}

@test "wg-quick's file is taken as it is, and what it would run as root is said" {
	printf '[Interface]\nPrivateKey = aGlkZGVu\nAddress = 10.0.0.2/24\nPostUp = touch /x\n[Peer]\nPublicKey = cHVi\nEndpoint = v.example:51820\n' >office.conf
	run --separate-stderr tunnel import office.conf
	[ "$status" = 0 ]
	[ "$stderr" = "office: PostUp runs as root: touch /x" ]
	[ "$(tunnel ls --columns tunnel,type,server)" = "office	WIREGUARD	v.example:51820" ]
	run tunnel import office.conf
	[ "$status" = 2 ]
	[[ $output == *"--replace"* ]]
	sed -i s/v.example/w.example/ office.conf
	tunnel import office.conf --replace
	[ "$(tunnel ls --columns server)" = w.example:51820 ]
	refute grep -arq aGlkZGVu "$MROOM_HOME"
	echo nonsense >bad.conf
	run tunnel import bad.conf
	[ "$status" = 2 ]
	[[ $output == *"bad.conf: no wg-quick configuration"* ]]
}

@test "an .ovpn file takes its certificates and its login with it" {
	mkdir v
	echo CERT-A >v/ca.crt
	echo KEY-B >v/my.key
	printf 'al\nhush-4714\n' >v/login
	printf 'client\nremote v.example 1194\nca ca.crt\nkey my.key\nauth-user-pass login\nup ./x.sh\n<tls-auth>\nremote not.this 1\n</tls-auth>\n' >v/o.ovpn
	run --separate-stderr tunnel import v/o.ovpn
	[ "$status" = 0 ]
	[[ $stderr == *"up ./x.sh: it runs this as root"* ]]
	[ "$(tunnel ls --columns server,user)" = "v.example:1194	al" ]
	[[ $(tunnel show o) == *"password		sealed"* ]]
	rm v/ca.crt
	run tunnel import v/o.ovpn --replace
	[ "$status" = 2 ]
	[[ $output == *ca.crt* ]]
}

@test "drivers say what they are, and what to install" {
	run tunnel drivers --columns driver,about
	[[ $output == *"wireguard	WireGuard"* ]]
	[[ $output == *"file	a tunnel of files"* ]]
	PATH=$MROOM_TEST_BIN:/bin:/usr/bin
	file_driver_lacks=yes run tunnel drivers --columns driver,works,why_not file
	[ "$output" = "file	false	not installed: filer (files-tools)" ]
}

@test "a tunnel is brought up, tells so, and is taken down with nothing left" {
	tunnel add gate file server=g.example ticket=1
	run tunnel status gate
	[ "$status" = 4 ]
	run --separate-stderr tunnel up gate
	[ "$status" = 0 ]
	[[ $stderr == "tunnel gate is up after "* ]]
	[ "$(state gate)" = "up	gate is open" ]
	tunnel status gate
	[ "$(stat -c %a "$MROOM_HOME/run/tunnels/gate.d")" = 700 ]
	tunnel up -q gate
	[ "$(grep -c up "$MROOM_HOME/did")" = 1 ]
	tunnel down gate
	[ "$(state gate)" = "down	" ]
	[ "$(ls -A "$MROOM_HOME/run/tunnels")" = "" ]
	[ "$(cut -f2 -d' ' "$MROOM_HOME/did" | uniq | tr '\n' ' ')" = "check up down " ] ||
		[ "$(grep -v check "$MROOM_HOME/did" | uniq | tr '\n' ' ')" = "up status down " ] ||
		[ "$(grep -v check "$MROOM_HOME/did" | uniq | tr '\n' ' ')" = "up down " ]
	[ "$(tunnel log gate | cut -f3 | tr '\n' ' ')" = "connecting up down " ]
}

@test "secrets reach the driver's up alone, and are in no file afterwards" {
	printf 'hush-4715' | tunnel add gate file server=g.example ticket=1 password --value-file -
	tunnel up -q gate
	[ "$(cat "$MROOM_HOME/run/tunnels/gate.d/password")" = hush-4715 ]
	[ "$(stat -c %a "$MROOM_HOME/run/tunnels/gate.d/password")" = 600 ]
	lab_nowhere hush-4715 /dev/null
	lab_no_environment hush-4715
	tunnel down gate
	refute grep -arqF hush-4715 "$MROOM_HOME"
}

@test "what is missing is named before anything is tried" {
	tunnel add gate file server=g.example
	run tunnel up gate
	[ "$status" = 4 ]
	[[ $output == *"tunnel gate: missing: ticket: what lets us in (give it: mroom tunnel set gate ticket)"* ]]
	[ "$(ls -A "$MROOM_HOME/run/tunnels")" = "" ]
}

@test "a driver's reason is the tunnel's, and the next up starts clean" {
	tunnel add gate file server=g.example ticket=bad
	run tunnel up gate
	[ "$status" = 4 ]
	[[ $output == *"tunnel gate: the gate does not know this ticket"* ]]
	[ "$(ls -A "$MROOM_HOME/run/tunnels")" = "" ]
	[ "$(state gate)" = "failed	the gate does not know this ticket" ]
	tunnel set gate ticket=1
	tunnel up -q gate
	[ "$(state gate)" = "up	gate is open" ]
}

@test "a driver that hangs is ended in time, and says what it waited for" {
	tunnel add gate file server=g.example ticket=slow
	MROOM_TUNNEL_TIMEOUT=1s run tunnel up gate
	[ "$status" = 4 ]
	[[ $output == *"waiting for the gate: the driver did not finish in time"* ]]
	[ "$(ls -A "$MROOM_HOME/run/tunnels")" = "" ]
}

@test "a driver that is killed, or says nothing, is told as that" {
	tunnel add gate file server=g.example ticket=killed
	run tunnel up gate
	[ "$status" = 4 ]
	[[ $output == *"the driver was killed by signal 9"* ]]
	tunnel set gate ticket=mute
	run tunnel up gate
	[[ $output == *"the driver ended with status 3: mute words"* ]]
	[ "$(ls -A "$MROOM_HOME/run/tunnels")" = "" ]
}

@test "a tunnel that dies while it is up is noticed and taken down" {
	tunnel add gate file server=g.example ticket=1
	MROOM_TUNNEL_CHECK=200ms tunnel up -q gate
	touch "$MROOM_HOME/run/tunnels/gate.d/broken"
	lab_wait '[ "$(ls -A "$MROOM_HOME/run/tunnels")" = "" ]'
	[ "$(state gate)" = "failed	the gate fell shut" ]
	tunnel up -q gate
}

@test "a probe must answer before the tunnel is up, and as long as it is" {
	tunnel add gate file server=g.example ticket=1 probe=127.0.0.1:1
	tunnel test gate # somebody is there to refuse
	tunnel set gate probe=255.255.255.255:9
	MROOM_TUNNEL_TIMEOUT=1s run tunnel test gate
	[ "$status" = 4 ]
	[[ $output == *"nothing answers behind it: 255.255.255.255:9"* ]]
}

@test "a keeper that is killed leaves a stale tunnel, which down --stale and the next up clear away" {
	tunnel add gate file server=g.example ticket=1
	tunnel up -q gate
	kill -9 "$(tunnel_keeper gate)"
	[[ $(state gate) == "stale	its keeper was killed"* ]]
	run tunnel down --stale
	[ "$status" = 0 ]
	[ "$output" = "tunnel gate: cleared up" ]
	[ "$(ls -A "$MROOM_HOME/run/tunnels")" = "" ]
	tunnel up -q gate
	kill -9 "$(tunnel_keeper gate)"
	tunnel up -q gate
	[ "$(state gate)" = "up	gate is open" ]
	[ "$(grep -v check "$MROOM_HOME/did" | grep -v status | tr '\n' ' ')" = "up down up down up " ]
}

@test "test lets go of the tunnel, unless somebody keeps it" {
	tunnel add gate file server=g.example ticket=1
	run tunnel test gate --columns tunnel,result
	[ "$output" = "gate	up" ]
	[ "$(ls -A "$MROOM_HOME/run/tunnels")" = "" ]
	tunnel set gate keep=yes
	tunnel test gate
	[ "$(state gate)" = "up	gate is open" ]
}

@test "a tunnel that would take our own SSH session is refused without -y, whoever wants it" {
	export SSH_CONNECTION='198.51.100.7 4711 192.0.2.1 22'
	tunnel add gate file server=g.example ticket=1 routes=10.0.0.0/8,198.51.100.0/24
	local why='198.51.100.0/24 goes into it, and with it this SSH session from 198.51.100.7 (bring it up all the same: mroom tunnel up -y gate)'
	run tunnel up gate
	[ "$status" = 5 ]
	[ "$output" = "mroom tunnel up: tunnel gate: $why" ]
	run tunnel supervise gate
	[ "$status" = 5 ]
	# sudo takes the variable away
	run sh -c 'env -u SSH_CONNECTION mroom tunnel up gate; exit $?'
	[ "$status" = 5 ]
	run tunnel test gate --columns result,reason
	[ "$status" = 4 ]
	[ "$output" = "failed	$why" ]
	printf '#gate--SSH--g.example--u--\nhid-01--127.0.0.1--root\n' >r.txt
	mroom inventory import r.txt -q
	tunnel set gate type=file
	run mroom exec -v -w hid-01 -- true </dev/null
	[ "$status" = 4 ]
	[[ $output == *"hid-01: unreachable: tunnel gate: $why"* ]]
	[ "$(grep -c up "$MROOM_HOME/did" || true)" = 0 ]
	tunnel up -qy gate
	tunnel up -q gate # it is up: nothing changes
	tunnel down gate
	local networks
	for networks in 10.0.0.0/8,198.51.100.8 198.51.100.0/30 2001:db8::/32 nonsense/0 0.0.0.0/x; do
		tunnel set gate "routes=$networks"
		tunnel up -q gate
		tunnel down gate
	done
	tunnel set gate routes=::/0
	SSH_CONNECTION='2001:db8::7 1 2001:db8::1 22' run tunnel up gate
	[ "$status" = 5 ]
	tunnel set gate routes=0.0.0.0/0
	SSH_CONNECTION='127.0.0.1 1 127.0.0.1 22' tunnel up -q gate
}

@test "what a configuration sends into the tunnel counts too, and what a driver takes by itself" {
	export SSH_CONNECTION='198.51.100.7 4711 192.0.2.1 22'
	tunnel add gate file server=g.example ticket=1
	local line
	for line in 'AllowedIPs = 10.0.0.0/8, 198.51.100.7/32' 'redirect-gateway def1' 'route 198.51.0.0 255.255.0.0'; do
		printf '%s\n' x "$line" | tunnel set gate config --value-file -
		run tunnel up gate
		[ "$status" = 5 ]
	done
	printf 'AllowedIPs = 10.0.0.0/8\nroute 198.51.0.0 255.255.255.0\n' | tunnel set gate config --value-file -
	tunnel up -q gate
	tunnel down gate
	tunnel set gate config=
	file_driver_takes=198.0.0.0/8 run tunnel up gate
	[ "$status" = 5 ]
	[[ $output == *"198.0.0.0/8 goes into it"* ]]
}

@test "L2TP is taken down although nobody reads the fifo of xl2tpd any more" {
	mkdir dir
	mkfifo dir/control
	# As stuck as can be, in the tunnel's directory.
	env -C dir sleep 86307 </dev/null >/dev/null 2>&1 3>&- &
	echo $! >dir/xl2tpd.pid
	lab_wait '[ "$(readlink "/proc/$(cat dir/xl2tpd.pid)/cwd")" = "$(realpath dir)" ]'
	run timeout 15 env -C dir MROOM_SHARE="$MROOM_TOP/share" "$MROOM_TOP/share/tunnels/l2tp-ipsec" down </dev/null
	[ "$status" = 0 ]
	[[ $output == *"down	"* ]]
	lab_wait '! kill -0 "$(cat dir/xl2tpd.pid)" 2>/dev/null'
}

@test "every driver that is shipped answers check, and names what is missing here and in the profile" {
	local driver
	PATH=$MROOM_TEST_BIN:/bin:/usr/bin run tunnel drivers -o tsv --columns driver,works,about
	for driver in wireguard openvpn ikev2 l2tp-ipsec cisco-ipsec pptp sstp ssh networkmanager; do
		grep -q "^$driver	[a-z]*	." <<<"$output"
	done
	mkdir none
	ln -s "$(command -v sh)" "$(command -v id)" "$(command -v awk)" "$(command -v grep)" none/
	for driver in "ssh	ssh	openssh-client" "networkmanager	nmcli	network-manager" \
		"wireguard	wg-quick	wireguard-tools"; do
		run env PATH="$PWD/none" MROOM_SHARE="$MROOM_TOP/share" none/sh "$MROOM_TOP/share/tunnels/${driver%%	*}" check </dev/null
		[ "$status" = 0 ]
		[[ $output == *"program	${driver#*	}"* ]]
	done
	tunnel add jump ssh user=u
	[[ $(tunnel show jump) == *"server	the server, with :port where that is not 22	missing"* ]]
	tunnel set jump server=j.example routes=10.0.0.0/8
	[[ $(tunnel show jump) == *"remote_address	the address at the other end	missing"* ]]
}

@test "supervise brings a tunnel up again whenever it fails, tells each change, and lets go at the end" {
	export MROOM_TUNNEL_CHECK=200ms
	tunnel add gate file server=g.example ticket=bad
	mroom tunnel supervise gate >out 2>err 3>&- &
	pid=$!
	lab_wait '[ "$(grep -c "^gate	failed	the gate does not know this ticket" out)" -ge 2 ]'
	tunnel set gate ticket=1
	lab_wait 'grep -q "^gate	up	gate is open" out'
	touch "$MROOM_HOME/run/tunnels/gate.d/broken"
	lab_wait 'grep -q "^gate	failed	the gate fell shut" out'
	lab_wait '[ "$(grep -c "^gate	up" out)" = 2 ]'
	kill -TERM $pid
	wait $pid
	lab_wait '[ "$(ls -A "$MROOM_HOME/run/tunnels")" = "" ]'
}

@test "supervise keeps several tunnels up, each by itself, and waits until they are down; who uses one keeps it" {
	export MROOM_TUNNEL_CHECK=200ms
	tunnel add gate file server=g.example ticket=1
	tunnel add door file server=d.example ticket=1
	tunnel add sick file server=s.example ticket=bad
	tunnel add bare file server=b.example
	mroom tunnel supervise gate door sick bare >out 2>err 3>&- &
	pid=$!
	lab_wait '[ "$(grep -c "^gate	up" out)" = 1 ] && [ "$(grep -c "^door	up" out)" = 1 ]'
	# Ever more seldom.
	lab_wait '[ "$(grep -c "^sick	failed" out)" -ge 3 ] && [ "$(grep -c "^bare	failed" out)" -ge 2 ]' 30
	[ "$(sed -n 's/^sick	failed	the gate does not know this ticket (again in \(.*\))$/\1/p' out | head -3 | tr '\n' ,)" = \
		"1.0 s,2.0 s,4.0 s," ]
	grep -q "^bare	failed	missing: ticket: what lets us in.*(again in 1.0 s)" out
	touch "$MROOM_HOME/run/tunnels/door.d/broken"
	lab_wait '[ "$(grep -c "^door	up" out)" = 2 ]'
	[ "$(grep -c "^gate	up" out)" = 1 ]
	[ "$(tunnel log door | cut -f3 | tr '\n' ' ')" = "connecting up failed connecting up " ]
	[[ $(tunnel log bare) == *"	failed	missing: ticket"* ]]
	sleep 86308 3>&- &
	local user=$!
	tunnel up -q --for $user gate
	kill -TERM $pid
	wait $pid
	[ ! -e "$MROOM_HOME/run/tunnels/door.d" ]
	[ "$(state gate)" = "up	gate is open" ]
	kill $user
	wait $user || true
	lab_wait '[ "$(ls -A "$MROOM_HOME/run/tunnels")" = "" ]'
}

@test "a supervisor that is killed leaves no tunnel that nobody wants" {
	tunnel add gate file server=g.example ticket=1
	mroom tunnel supervise gate >out 2>err 3>&- &
	pid=$!
	lab_wait 'grep -q "^gate	up" out'
	kill -9 $pid
	wait $pid || true
	lab_wait '[ "$(ls -A "$MROOM_HOME/run/tunnels")" = "" ]'
	[ "$(state gate)" = "down	" ]
}

@test "the unit for systemd is one that systemd understands" {
	require systemd-analyze
	cp "$MROOM_TOP/share/systemd/mroom-tunnel@.service" mroom-tunnel@office.service
	run systemd-analyze verify --man=no "$PWD/mroom-tunnel@office.service"
	[ "$status" = 0 ]
	[ "$output" = "" ]
}
