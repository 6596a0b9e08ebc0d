#!/usr/bin/env bats
# VPNs that NetworkManager has, here by its plugin for OpenVPN, between two namespaces: a NetworkManager of the file's own.
# shellcheck disable=SC2154 # stderr is what run --separate-stderr sets

bats_require_minimum_version 1.5.0
load lib/lab
load lib/tunnel

setup_file() {
	[ -z "$MROOM_SANITIZED" ] || return 0 # setup skips each
	require root namespaces /dev/net/tun ip openvpn openssl dbus-daemon NetworkManager nmcli || return 0
	tunnel_spaces_start
	tunnel_openvpn_server
	local device
	device=$(in_client ls /sys/class/net | grep ^vc)
	export NM NM_DIR=$TUNNEL_LAB/nm
	mkdir "$NM_DIR"
	NM=$("$MROOM_TOP/tests/lib/networkmanager" start "$NM_DIR" "$TUNNEL_CLIENT" "$device" 10.99.0.2/24 10.99.0.1 3>&-)
	nm nmcli connection add type vpn con-name office vpn-type openvpn ifname '*' autoconnect no ipv4.never-default yes \
		ipv6.method disabled vpn.data "connection-type=password-tls,remote=10.99.0.1,port=1194,ca=$TUNNEL_LAB/ovs.crt,$(
		)cert=$TUNNEL_LAB/ovc.crt,key=$TUNNEL_LAB/ovc.key,username=al,password-flags=2,cert-pass-flags=4" >/dev/null
}

teardown_file() {
	tunnel_spaces_stop
}

setup() {
	not_quick
	lab_home
	export MROOM_TUNNEL_TIMEOUT=15s MROOM_TUNNEL_CHECK=300ms
	cd "$BATS_TEST_TMPDIR"
	tunnel_traces >before
	mroom tunnel add vpn networkmanager server=10.99.0.1 connection=office
	tunnel_secret vpn password pw
}

teardown() {
	tunnel_keepers_stop
}

# Where NetworkManager is: its network, its mounts, its bus.
nm() {
	nsenter -m -n -t "$NM" "$@"
}

comes_up() {
	nm mroom tunnel up -q vpn
	[ "$(nm nmcli -g GENERAL.STATE connection show office)" = activated ]
	in_client ip -o addr show | grep -q 'inet 10.78.0.'
}

goes_down() {
	mroom tunnel down vpn
	[ "$(nm nmcli -g GENERAL.STATE connection show office)" = "" ]
	tunnel_nothing_left
}

@test "NetworkManager: a server is reached through it, and nothing is left" {
	printf '#vpn--SSH--10.99.0.1--al--\nhid-01--10.78.0.1--%s----%s--%s\n' "$LAB_USER" "$LAB_PORT" "$LAB_KEY" >r.txt
	echo "[10.78.0.1]:$LAB_PORT $(cut -d' ' -f1,2 "$LAB/host_ed25519.pub")" >"$MROOM_HOME/known_hosts"
	mroom inventory import r.txt -q
	mroom tunnel set vpn type=networkmanager
	run --separate-stderr nm mroom exec -w hid-01 -- 'echo "$SSH_CONNECTION"' </dev/null
	[ "$status" = 0 ] || { echo "$stderr"; return 1; }
	[[ $output == *"10.78.0.1 $LAB_PORT" ]]
	tunnel_nothing_left
}

@test "what NetworkManager lacks, refuses or cannot do is told, leaves nothing, and does not spoil the next try" {
	local reason
	mroom tunnel set vpn connection=ofice
	run nm mroom tunnel up vpn
	[ "$status" = 4 ]
	[[ $output == *"tunnel vpn: NetworkManager has no connection 'ofice'"* ]]
	mroom tunnel set vpn connection=office password=
	run nm mroom tunnel up vpn
	[ "$status" = 4 ]
	[[ $output == *"tunnel vpn: NetworkManager has no secret for it"* ]]
	tunnel_nothing_left
	tunnel_secret vpn password wrong-one
	MROOM_TUNNEL_TIMEOUT=3s run nm mroom tunnel up vpn
	[ "$status" = 4 ]
	[[ $output == *"tunnel vpn: no answer, or a wrong secret"* ]]
	tunnel_nothing_left
	# The kernel has none, and NetworkManager knows no other way.
	if ! in_client ip link add wgtest type wireguard 2>/dev/null; then
		nm nmcli connection add type wireguard con-name wg ifname wgnm autoconnect no ipv4.method manual \
			ipv4.addresses 10.77.0.2/24 wireguard.private-key "$(wg genkey)" >/dev/null
		mroom tunnel add wg networkmanager
		run nm mroom tunnel up wg
		[ "$status" = 4 ]
		[[ $output == *"tunnel wg: "*"Failed to create WireGuard interface 'wgnm'"* ]]
		tunnel_nothing_left
	fi
	tunnel_secret vpn password pw
	comes_up
	run nm mroom tunnel add twice networkmanager connection=office
	run nm mroom tunnel up twice
	[ "$status" = 4 ]
	[[ $output == *"tunnel twice: somebody else has it up already"* ]]
	[ "$(nm nmcli -g GENERAL.STATE connection show office)" = activated ]
	goes_down
}

@test "the secret is in no argument, environment or file" {
	tunnel_secret vpn password wrong-4716
	MROOM_TUNNEL_TIMEOUT=10s nm mroom tunnel up vpn >out 2>&1 3>&- &
	lab_wait 'in_client ps -A -o args | grep -q "nmcli.*connection up"'
	lab_nowhere wrong-4716 /dev/null
	lab_no_environment wrong-4716
	[ "$(find "$MROOM_HOME/run" -type f -perm /077)" = "" ]
	wait $! || true
	refute grep -arqF wrong-4716 "$MROOM_HOME/run" out
}

@test "a program that is killed, and somebody who takes it down, are noticed; the next up is clean" {
	comes_up
	nm nmcli connection down office >/dev/null
	lab_wait '[ "$(mroom tunnel ls --columns state vpn)" = failed ]' 30
	[ "$(mroom tunnel ls --columns reason vpn)" = "NetworkManager does not call it activated any more" ]
	tunnel_nothing_left
	comes_up
	tunnel_kill "$TUNNEL_CLIENT" openvpn
	lab_wait '[ "$(mroom tunnel ls --columns state vpn)" = failed ]' 30
	tunnel_nothing_left
	comes_up
	goes_down
}

@test "a keeper that is killed leaves what down --stale takes down" {
	comes_up
	kill -9 "$(tunnel_keeper vpn)"
	lab_wait '[ "$(mroom tunnel ls --columns state vpn)" = stale ]'
	nm mroom tunnel down --stale
	[ "$(nm nmcli -g GENERAL.STATE connection show office)" = "" ]
	tunnel_nothing_left
}

@test "a connection that takes all traffic is refused where it would cut off our own session" {
	export SSH_CONNECTION='198.51.100.7 4711 10.99.0.2 22'
	comes_up
	goes_down
	nm nmcli connection modify office ipv4.never-default no
	run nm mroom tunnel up vpn
	[ "$status" = 5 ]
	[[ $output == *"tunnel vpn: 0.0.0.0/0 goes into it, and with it this SSH session from 198.51.100.7"* ]]
	nm mroom tunnel up -q -y vpn
	in_client ip route get 198.51.100.7 | grep -q 'dev vc'
	in_client ip route get 198.51.100.8 | grep -q 'dev tun'
	goes_down
	nm nmcli connection modify office ipv4.never-default yes ipv4.routes '198.51.100.0/24 10.78.0.1'
	run nm mroom tunnel up vpn
	[ "$status" = 5 ]
	[[ $output == *"198.51.100.0/24 goes into it"* ]]
	nm nmcli connection modify office ipv4.routes ''
}

@test "a NetworkManager that dies is noticed, and named when it is wanted again" {
	comes_up
	kill -9 "$NM"
	lab_wait '[ "$(mroom tunnel ls --columns state vpn)" = failed ]' 30
	[ "$(mroom tunnel ls --columns reason vpn)" = "NetworkManager does not run any more" ]
	lab_wait '[ "$(ls -A "$MROOM_HOME/run/tunnels")" = "" ]'
}
