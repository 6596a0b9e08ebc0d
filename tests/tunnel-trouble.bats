#!/usr/bin/env bats
# Real VPNs between two network namespaces when something is wrong: dead servers, wrong secrets, killed programs. Each has its
# reason in time, leaves nothing, and comes up again.
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

# Fails with that reason and leaves nothing; put right, it comes up.
fails_with() {
	run in_client mroom tunnel up vpn
	[ "$status" = 4 ]
	[[ $output == *"tunnel vpn: $1"* ]] || {
		echo "$output"
		return 1
	}
	tunnel_nothing_left
}

# It is up; something happens to it; it is noticed, cleared away, and comes up again.
notices() {
	lab_wait '[ "$(mroom tunnel ls --columns state vpn)" = failed ]' 30
	mroom tunnel ls --columns reason vpn
	tunnel_nothing_left
}

@test "wrong passwords and keys are told as such, leave nothing, and do not spoil the next try" {
	local kind key reason
	while read -r kind key reason; do
		tunnel_profile "$kind"
		good=$(case $kind.$key in psk.psk) echo psk1 ;; *.psk) echo grpsecret ;; *) echo pw ;; esac)
		tunnel_secret vpn "$key" wrong-one
		fails_with "$reason"
		tunnel_secret vpn "$key" "$good"
		in_client mroom tunnel up -q vpn
		mroom tunnel down vpn
		tunnel_nothing_left
		mroom tunnel rm vpn
	done <<-'END'
	openvpn password the server refused user and password
	eap password the server refused user and password
	psk psk the pre-shared key is not the one of the server
	strongswan psk the pre-shared key is not the one of the server
	strongswan password the server refused user and password
	vpnc psk the key of the group is not the one of the gateway
	vpnc password the gateway refused user, password or group
	END
}

@test "a key that WireGuard's server does not know, and dead servers, end at the deadline with a reason" {
	export MROOM_TUNNEL_TIMEOUT=2s
	local kind
	sed "s,^PrivateKey.*,PrivateKey = $(wg genkey)," "$TUNNEL_LAB/wg.conf" >bad.conf
	mroom tunnel import bad.conf --name vpn
	fails_with 'no handshake with 10.99.0.1:51820'
	mroom tunnel rm vpn
	sed 's/10.99.0.1/10.99.0.9/' "$TUNNEL_LAB/o.ovpn" | (cd "$TUNNEL_LAB" && cat >dead.ovpn)
	mroom tunnel import "$TUNNEL_LAB/dead.ovpn" --name vpn
	mroom tunnel set vpn user=al
	tunnel_secret vpn password pw
	fails_with 'no answer from 10.99.0.9:1194'
	mroom tunnel rm vpn
	for kind in eap psk vpnc strongswan; do
		tunnel_profile "$kind"
		mroom tunnel set vpn server=10.99.0.9
		fails_with 'no answer from 10.99.0.9'
		mroom tunnel rm vpn
	done
}

@test "a client program that is killed is noticed, and the next up is clean" {
	local kind program
	while read -r kind program; do
		tunnel_profile "$kind"
		in_client mroom tunnel up -q vpn
		tunnel_kill "$TUNNEL_CLIENT" "$program"
		notices
		in_client mroom tunnel up -q vpn
		mroom tunnel down vpn
		tunnel_nothing_left
		mroom tunnel rm vpn
	done <<-'END'
	wireguard wireguard-go
	openvpn openvpn
	psk charon-systemd
	vpnc vpnc
	ssh ssh
	END
}

# As in_client, where a program cannot be found.
without() {
	local path
	path=$(command -v "$1" || find "$MROOM_TOP/build/deps/root" /usr/lib/ipsec -name "$1" -type f 2>/dev/null | head -n 1)
	# shellcheck disable=SC2016 # for the inner shell
	in_client unshare -m sh -c 'mount --bind /dev/null "$1" && shift && exec "$@"' sh "$path" "${@:2}"
}

@test "a client program that is missing is named, leaves nothing, and once it is there the tunnel comes up" {
	local kind program
	while read -r kind program; do
		tunnel_profile "$kind"
		run without "$program" mroom tunnel up vpn
		[ "$status" = 4 ]
		[[ $output == *"tunnel vpn: not installed here: $program ("* ]] || { echo "$output"; false; }
		tunnel_nothing_left
		in_client mroom tunnel up -q vpn
		mroom tunnel down vpn
		tunnel_nothing_left
		mroom tunnel rm vpn
	done <<-'END'
	wireguard wg-quick
	openvpn openvpn
	eap swanctl
	psk charon-systemd
	strongswan swanctl
	vpnc vpnc
	ssh ssh
	END
}

@test "a keeper that is killed leaves what down --stale and the next up clear away" {
	local kind
	for kind in wireguard openvpn eap vpnc ssh; do
		tunnel_profile "$kind"
		in_client mroom tunnel up -q vpn
		kill -9 "$(tunnel_keeper vpn)"
		in_client mroom tunnel down --stale
		tunnel_nothing_left
		in_client mroom tunnel up -q vpn
		kill -9 "$(tunnel_keeper vpn)"
		in_client mroom tunnel up -q vpn
		mroom tunnel down vpn
		tunnel_nothing_left
		mroom tunnel rm vpn
	done
}

@test "a server that dies is noticed while the tunnel is up, at the latest by the probe behind it" {
	local kind program start
	while read -r kind program start; do
		tunnel_profile "$kind"
		case $kind in openvpn | ssh) ;; *) mroom tunnel set vpn "probe=$behind:$LAB_PORT" ;; esac
		in_client mroom tunnel up -q vpn
		tunnel_kill "$TUNNEL_SERVER" "$program"
		notices
		$start
		in_client mroom tunnel up -q vpn
		mroom tunnel down vpn
		tunnel_nothing_left
		mroom tunnel rm vpn
	done <<-'END'
	openvpn openvpn tunnel_openvpn_server
	wireguard wireguard-go tunnel_wireguard_server
	psk charon-systemd tunnel_ike_server
	vpnc charon-systemd tunnel_ike_server
	ssh sshd server_again
	END
}

server_again() {
	in_server "$MROOM_TOP/tests/lib/sshd" stop "$LAB"
	in_server "$MROOM_TOP/tests/lib/sshd" again "$LAB" 3>&-
}
