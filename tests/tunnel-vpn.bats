#!/usr/bin/env bats
# Real VPNs between two network namespaces, against the real server programs: up, a server reached through them, down, and
# nothing left.
# shellcheck disable=SC2154 # stderr is what run --separate-stderr sets

bats_require_minimum_version 1.5.0
load lib/lab
load lib/tunnel

setup_file() {
	[ -z "$MROOM_SANITIZED" ] || return 0 # setup skips each
	require root namespaces /dev/net/tun ip wg-quick wireguard-go openvpn swanctl vpnc charon-systemd openssl || return 0
	tunnel_spaces_start
	tunnel_wireguard_server
	tunnel_openvpn_server
	tunnel_ike_server
}

teardown_file() {
	tunnel_spaces_stop
}

setup() {
	not_quick
	lab_home
	export MROOM_TUNNEL_TIMEOUT=8s MROOM_TUNNEL_CHECK=300ms
	cd "$BATS_TEST_TMPDIR"
	tunnel_traces >before
}

teardown() {
	tunnel_keepers_stop
}

# A server behind `vpn` in the room.
behind() {
	user=$(mroom tunnel ls --columns user vpn)
	printf '#vpn--SSH--10.99.0.1--%s--\nhid-01--%s--%s----%s--%s\n' "${user:-al}" "$behind" "$LAB_USER" "$LAB_PORT" "$LAB_KEY" \
		>r.txt
	echo "[$behind]:$LAB_PORT $(cut -d' ' -f1,2 "$LAB/host_ed25519.pub")" >"$MROOM_HOME/known_hosts"
	type=$(mroom tunnel ls --columns type vpn)
	server=$(mroom tunnel ls --columns server vpn)
	mroom inventory import r.txt -q
	mroom tunnel set vpn "type=$type" "server=$server"
}

# A server is reached through it, and afterwards all is as before.
reaches() {
	tunnel_profile "$1"
	behind
	run --separate-stderr in_client mroom exec -w hid-01 -- 'echo "$SSH_CONNECTION"' </dev/null
	[ "$status" = 0 ] || {
		echo "$stderr"
		return 1
	}
	[[ $output == *"$behind $LAB_PORT" ]] || { echo "got: $output; $stderr"; return 1; }
	tunnel_nothing_left
}

@test "WireGuard: a server is reached through it, and nothing is left" {
	reaches wireguard
}

@test "OpenVPN: a server is reached through it, and nothing is left" {
	reaches openvpn
}

@test "IKEv2 by a key: a server is reached through it, and nothing is left" {
	reaches psk
}

@test "IKEv2 by user and password: a server is reached through it, and nothing is left" {
	reaches eap
}

@test "Cisco's IPsec by vpnc: a server is reached through it, and nothing is left" {
	reaches vpnc
}

@test "Cisco's IPsec by strongSwan: a server is reached through it, and nothing is left" {
	reaches strongswan
}

@test "SSH through a tun device: a server is reached through it, and nothing is left" {
	reaches ssh
}

@test "DNS of a tunnel goes with it, also after a crash" {
	tunnel_profile wireguard
	in_client mroom tunnel up -q vpn
	[ "$(in_client cat /etc/resolv.conf)" = 'nameserver 10.77.0.53' ]
	kill -9 "$(tunnel_keeper vpn)"
	[ "$(in_client cat /etc/resolv.conf)" = 'nameserver 10.77.0.53' ]
	in_client mroom tunnel down --stale
	[ "$(in_client cat /etc/resolv.conf)" = 'nameserver 192.0.2.53' ]
}

@test "a tunnel that takes all traffic spares our own session, and all routes are back, also after a crash" {
	export SSH_CONNECTION='198.51.100.7 4711 10.99.0.2 22'
	sed 's,^AllowedIPs.*,AllowedIPs = 0.0.0.0/0,' "$TUNNEL_LAB/wg.conf" >all.conf
	mroom tunnel import all.conf --name vpn
	ip -n "$TUNNEL_CLIENT" route add default via 10.99.0.1
	tunnel_traces >before
	run in_client mroom tunnel up -q vpn
	[ "$status" = 5 ]
	[ "$output" = "mroom tunnel up: tunnel vpn: 0.0.0.0/0 goes into it, and with it this SSH session from 198.51.100.7 (bring it up all the same: mroom tunnel up -y vpn)" ]
	tunnel_nothing_left
	in_client mroom tunnel up -y -q vpn
	in_client ip route get 198.51.100.7 | grep -q "dev vc"
	in_client ip route get 198.51.100.8 | grep -q 'dev mr-vpn'
	mroom tunnel down vpn
	tunnel_nothing_left
	in_client mroom tunnel up -y -q vpn
	kill -9 "$(tunnel_keeper vpn)"
	in_client ip route get 198.51.100.8 | grep -q 'dev mr-vpn'
	in_client mroom tunnel down --stale
	tunnel_nothing_left
	ip -n "$TUNNEL_CLIENT" route delete default
}

@test "routes that a tunnel takes the place of are back when it is down, also after a crash" {
	tunnel_profile ssh
	ip -n "$TUNNEL_CLIENT" route add default via 10.99.0.1
	ip -n "$TUNNEL_CLIENT" route add 203.0.113.0/24 via 10.99.0.1
	tunnel_traces >before
	mroom tunnel set vpn routes=0.0.0.0/0,203.0.113.0/24
	in_client mroom tunnel up -q vpn
	in_client ip route get 198.51.100.8 | grep -q 'dev tun'
	in_client ip route get 203.0.113.5 | grep -q 'dev tun'
	# the server is not behind its own tunnel
	in_client ip route get 10.99.0.1 | grep -q 'dev vc'
	mroom tunnel down vpn
	tunnel_nothing_left
	in_client mroom tunnel up -q vpn
	kill -9 "$(tunnel_keeper vpn)"
	in_client mroom tunnel down --stale
	tunnel_nothing_left
	ip -n "$TUNNEL_CLIENT" route delete default
	ip -n "$TUNNEL_CLIENT" route delete 203.0.113.0/24
}

@test "two tunnels with name servers, the first one down first: what was there comes back" {
	local dir=$BATS_TEST_TMPDIR/run one=$BATS_TEST_TMPDIR/run/one.d two=$BATS_TEST_TMPDIR/run/two.d
	mkdir -p "$one" "$two"
	sed "s|^resolv=.*|resolv=$dir/resolv.conf|" "$MROOM_TOP/share/tunnels/common.sh" >common.sh
	echo 'nameserver 192.0.2.53' >"$dir/resolv.conf"
	# shellcheck source=/dev/null
	dns() { (set +e; cd "$1" || exit; . "$BATS_TEST_TMPDIR/common.sh"; value() { :; }; "${@:2}"; true); }
	dns "$one" set_dns 10.0.0.1
	dns "$two" set_dns 10.0.0.2
	dns "$one" restore_dns
	[ "$(cat "$dir/resolv.conf")" = 'nameserver 10.0.0.2' ]
	dns "$two" restore_dns
	[ "$(cat "$dir/resolv.conf")" = 'nameserver 192.0.2.53' ]
}

@test "secrets are in no argument, environment or log, their files are 0600, and gone with the tunnel" {
	tunnel_profile eap
	tunnel_secret vpn password pw
	in_client mroom tunnel up -q vpn
	[ "$(find "$MROOM_HOME/run" -type f -perm /077)" = "" ]
	refute grep -lzx 'pw' /proc/[0-9]*/cmdline
	refute grep -rlwF pw "$MROOM_HOME/run"
	mroom tunnel down vpn
	mroom tunnel rm vpn
	tunnel_profile vpnc
	in_client mroom tunnel up -q vpn
	lab_nowhere grpsecret "$MROOM_HOME"
	mroom tunnel down vpn
	tunnel_nothing_left
}
