# shellcheck shell=bash
# What tests of tunnels load besides lib/lab.
#
#   tunnel_file_driver      a driver of the test's own: `mroom tunnel add NAME file ...`
#   tunnel_keeper NAME      the process of a tunnel's keeper
#   tunnel_keepers_stop     ends what a test left up

# Programs whose packages would start a service are unpacked there.
PATH=$PATH:$MROOM_TOP/build/deps/root/usr/sbin

# A tunnel made of files. Its ticket says how it fares; $MROOM_HOME/did has a line for each verb.
tunnel_file_driver() {
	mkdir -p "$MROOM_HOME/tunnels"
	cat >"$MROOM_HOME/tunnels/file" <<-'END'
	#!/bin/sh
	set -u
	. "$MROOM_SHARE/tunnels/common.sh"
	echo "$1" >>"$MROOM_HOME/did"
	driver_check() {
		about 'a tunnel of files'
		[ -z "${file_driver_lacks-}" ] || program filer files-tools
		need ticket 'what lets us in'
		[ -z "${file_driver_takes-}" ] || answer takes "$file_driver_takes"
	}
	driver_up() {
		value password >password
		case $(value ticket) in
		bad) fail 'the gate does not know this ticket' ;;
		slow)
			answer connecting 'waiting for the gate'
			exec sleep 1000
			;;
		killed) kill -9 $$ ;;
		mute)
			echo 'mute words' >&2
			exit 3
			;;
		esac
		touch open
		is_up "$(value name) is open"
	}
	driver_status() {
		[ -e open ] && [ ! -e broken ] || fail 'the gate fell shut'
		is_up open
	}
	driver_down() {
		rm -f open
	}
	driver_main "$@"
	END
	chmod 755 "$MROOM_HOME/tunnels/file"
}

# The keeper of a tunnel of this home.
tunnel_keeper() {
	local process
	for process in $(pgrep -f "^$MROOM_TEST_BIN/mroom-tunnel hold $1\$"); do
		! grep -qz "^MROOM_HOME=$MROOM_HOME$" "/proc/$process/environ" 2>/dev/null || echo "$process"
	done
}

tunnel_keepers_stop() {
	local name
	for name in "$MROOM_HOME"/run/tunnels/*.lock; do
		[ ! -e "$name" ] || mroom tunnel down -y "$(basename "$name" .lock)" || true
	done
}

# --- two namespaces, a client's and a server's, with the programs of real servers ---
#
#   tunnel_spaces_start     makes them: TUNNEL_SERVER (10.99.0.1) and TUNNEL_CLIENT (10.99.0.2), and an sshd in the
#                           server's that answers on all of its addresses; TUNNEL_LAB is a directory for the servers
#   tunnel_spaces_stop      ends everything in them
#   in_server COMMAND...    runs it there; in_client likewise
#   tunnel_kill SPACE NAME [SIGNAL]   ends the processes of that name in a namespace

tunnel_spaces_start() {
	lab_dir
	export TUNNEL_SERVER=mrs$$ TUNNEL_CLIENT=mrc$$ TUNNEL_LAB=$LAB/tunnel
	mkdir "$TUNNEL_LAB"
	ip netns add "$TUNNEL_SERVER"
	ip netns add "$TUNNEL_CLIENT"
	echo "$TUNNEL_SERVER $TUNNEL_CLIENT" >"$LAB/netns"
	ip link add "vs$$" netns "$TUNNEL_SERVER" type veth peer name "vc$$" netns "$TUNNEL_CLIENT"
	ip -n "$TUNNEL_SERVER" addr add 10.99.0.1/24 dev "vs$$"
	ip -n "$TUNNEL_CLIENT" addr add 10.99.0.2/24 dev "vc$$"
	ip -n "$TUNNEL_SERVER" link set lo up
	ip -n "$TUNNEL_CLIENT" link set lo up
	ip -n "$TUNNEL_SERVER" link set "vs$$" up
	ip -n "$TUNNEL_CLIENT" link set "vc$$" up
	mkdir -p "/etc/netns/$TUNNEL_CLIENT"
	echo 'nameserver 192.0.2.53' >"/etc/netns/$TUNNEL_CLIENT/resolv.conf"
	LAB_PORT=$(in_server "$MROOM_TOP/tests/lib/sshd" start "$LAB" 'AllowUsers *@10.0.0.0/8' 'PermitTunnel yes' 3>&-)
	LAB_USER=$(id -un)
	export LAB_PORT LAB_USER
}

tunnel_spaces_stop() {
	[ -n "${LAB:-}" ] || return 0
	[ ! -e "$LAB/turn.pid" ] || kill "$(cat "$LAB/turn.pid")" 2>/dev/null || true
	lab_sshd_stop
}

in_server() {
	ip netns exec "$TUNNEL_SERVER" "$@"
}

in_client() {
	ip netns exec "$TUNNEL_CLIENT" "$@"
}

tunnel_kill() {
	local process
	for process in $(ip netns pids "$1"); do
		[ "$(cat "/proc/$process/comm" 2>/dev/null)" != "$2" ] || kill -s "${3:-KILL}" "$process"
	done
}

# Everything that a tunnel could leave behind in the client's namespace.
tunnel_traces() {
	# What an interface is given without being asked, and its number, change by themselves.
	in_client ip -o addr show | grep -v 'inet6 fe80' | sed 's/^[0-9]*: //;s/@if[0-9]*//'
	in_client ip rule show
	in_client ip -6 rule show
	in_client ip route show table all | grep -v 'fe80\|multicast ff00' | sort
	in_client ip xfrm state
	in_client cat /etc/resolv.conf
	ip netns pids "$TUNNEL_CLIENT" | while read -r process; do
		grep -q '^State:.[ZX]' "/proc/$process/status" || cat "/proc/$process/comm" || true
	done 2>/dev/null || true
	ls -A "$MROOM_HOME/run/tunnels" 2>/dev/null || true
}

# wireguard-go ends when somebody removes its socket, which has the interface's name and a place that namespaces of
# networks share: who has such interfaces has them alone on this machine.
tunnel_turn() {
	[ ! -e "$LAB/turn" ] || return 0
	perl -MFcntl=:flock -e 'open F, ">", shift; flock F, LOCK_EX; open T, ">", shift; close T; sleep 1200' \
		/tmp/mroom-wireguard.lock "$LAB/turn" </dev/null >/dev/null 2>&1 3>&- &
	lab_keep $!
	echo $! >"$LAB/turn.pid"
	# shellcheck disable=SC2016 # lab_wait evaluates it
	lab_wait '[ -e "$LAB/turn" ]' 900
}

tunnel_wireguard_server() {
	tunnel_turn
	(
		umask 077
		cd "$TUNNEL_LAB" || exit
		[ -e wgs.key ] || wg genkey >wgs.key
		[ -e wgc.key ] || wg genkey >wgc.key
		cat >"wgs$$.conf" <<-END
		[Interface]
		PrivateKey = $(cat wgs.key)
		ListenPort = 51820
		Address = 10.77.0.1/24
		[Peer]
		PublicKey = $(wg pubkey <wgc.key)
		AllowedIPs = 10.77.0.2/32
		END
		cat >wg.conf <<-END
		[Interface]
		PrivateKey = $(cat wgc.key)
		Address = 10.77.0.2/24
		DNS = 10.77.0.53
		[Peer]
		PublicKey = $(wg pubkey <wgs.key)
		Endpoint = 10.99.0.1:51820
		AllowedIPs = 10.77.0.0/24
		END
	)
	in_server wg-quick up "$TUNNEL_LAB/wgs$$.conf" >/dev/null 2>&1 3>&-
}

tunnel_certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3 -subj "/CN=$2" \
		-addext "subjectAltName=DNS:$2" -keyout "$1.key" -out "$1.crt" 2>/dev/null
}

tunnel_openvpn_server() {
	(
		cd "$TUNNEL_LAB" || exit
		[ -e ovs.crt ] || tunnel_certificate ovs vpn.test
		[ -e ovc.crt ] || tunnel_certificate ovc client
		# shellcheck disable=SC2016 # for the script
		printf '#!/bin/sh\n[ "$(sed -n 1p "$1")" = al ] && [ "$(sed -n 2p "$1")" = pw ]\n' >auth
		chmod 755 auth
		cat >ovs.conf <<-END
		dev ovs
		dev-type tun
		proto udp
		port 1194
		local 10.99.0.1
		server 10.78.0.0 255.255.255.0
		topology subnet
		cert ovs.crt
		key ovs.key
		dh none
		peer-fingerprint $(openssl x509 -in ovc.crt -noout -fingerprint -sha256 | cut -d= -f2)
		keepalive 1 4
		script-security 2
		auth-user-pass-verify $PWD/auth via-file
		tmp-dir $PWD
		log ovs.log
		END
		cat >o.ovpn <<-END
		client
		dev tun
		proto udp
		remote 10.99.0.1 1194
		nobind
		cert ovc.crt
		key ovc.key
		peer-fingerprint $(openssl x509 -in ovs.crt -noout -fingerprint -sha256 | cut -d= -f2)
		auth-user-pass
		END
		in_server openvpn ovs.conf </dev/null >/dev/null 2>&1 3>&- &
	)
	# shellcheck disable=SC2016 # lab_wait evaluates it
	lab_wait 'grep -q "Initialization Sequence Completed" "$TUNNEL_LAB/ovs.log" 2>/dev/null'
}

# IKEv2 by key and by EAP, and Cisco's IKEv1.
tunnel_ike_server() {
	(
		cd "$TUNNEL_LAB" || exit
		mkdir -p private
		[ -e ike.crt ] || tunnel_certificate ike vpn.test
		cp ike.key private/
		cat >ike.conf <<-END
		charon-systemd {
			load_modular = no
			load = random nonce openssl pem x509 pubkey pkcs1 pkcs8 revocation constraints hmac kdf kernel-libipsec kernel-netlink socket-default vici updown eap-identity eap-mschapv2 xauth-generic unity attr md5 sha1 sha2 aes gmp curve25519 fips-prf
			i_dont_care_about_security_and_use_aggressive_mode_psk = yes
			plugins {
				vici { socket = unix://$PWD/ike.vici }
				kernel-netlink { fwmark = !0x42 }
				socket-default { fwmark = 0x42 }
			}
		}
		END
		cat >ike.swanctl.conf <<-END
		connections {
			eap {
				version = 2
				local_addrs = 10.99.0.1
				encap = yes
				dpd_delay = 2s
				pools = p
				send_cert = always
				local {
					auth = pubkey
					certs = $PWD/ike.crt
					id = vpn.test
				}
				remote {
					auth = eap-mschapv2
					eap_id = %any
				}
				children { net { local_ts = 0.0.0.0/0 } }
			}
			psk {
				version = 2
				local_addrs = 10.99.0.1
				encap = yes
				pools = p
				local {
					auth = psk
					id = psk.test
				}
				remote { auth = psk }
				children { net { local_ts = 0.0.0.0/0 } }
			}
			cisco {
				version = 1
				local_addrs = 10.99.0.1
				aggressive = yes
				encap = yes
				pools = p
				proposals = aes256-sha1-modp1024
				local {
					auth = psk
					id = @vpn.test
				}
				remote {
					auth = psk
					id = keyid:grp
				}
				remote-xa {
					auth = xauth
					round = 2
				}
				children { net {
					local_ts = 10.79.0.0/24
					esp_proposals = aes256-sha1
				} }
			}
		}
		pools { p { addrs = 10.79.1.0/24 } }
		secrets {
			eap-al {
				id = al
				secret = "pw"
			}
			xauth-al {
				id = al
				secret = "pw"
			}
			ike-1 {
				id = keyid:grp
				secret = "grpsecret"
			}
			ike-2 {
				id = psk.test
				secret = "psk1"
			}
		}
		END
		rm -f ike.vici
		STRONGSWAN_CONF=$PWD/ike.conf in_server charon-systemd </dev/null >/dev/null 2>&1 3>&- &
	)
	ip -n "$TUNNEL_SERVER" addr replace 10.79.0.1/24 dev lo
	# shellcheck disable=SC2016 # lab_wait evaluates it
	lab_wait 'swanctl --stats --uri "unix://$TUNNEL_LAB/ike.vici" >/dev/null 2>&1'
	swanctl --load-all --noprompt --uri "unix://$TUNNEL_LAB/ike.vici" --file "$TUNNEL_LAB/ike.swanctl.conf" >/dev/null 2>&1
}

# tunnel_secret NAME KEY VALUE
tunnel_secret() {
	printf %s "$3" | mroom tunnel set "$1" "$2" --value-file -
}

# tunnel_profile KIND: the profile `vpn`, and the address of the server behind it, $behind. The kinds are wireguard,
# openvpn, psk, eap, vpnc, strongswan and ssh.
tunnel_profile() {
	case $1 in
	ssh)
		export behind=10.80.0.1
		echo "[10.99.0.1]:$LAB_PORT $(cut -d' ' -f1,2 "$LAB/host_ed25519.pub")" >"$TUNNEL_LAB/known_hosts"
		mroom tunnel add vpn ssh server="10.99.0.1:$LAB_PORT" user="$LAB_USER" identity_file="$LAB_KEY" \
			known_hosts="$TUNNEL_LAB/known_hosts" address=10.80.0.2/30 remote_address=10.80.0.1/30 routes=10.80.0.0/30
		;;
	wireguard)
		export behind=10.77.0.1
		mroom tunnel import "$TUNNEL_LAB/wg.conf" --name vpn
		;;
	openvpn)
		export behind=10.78.0.1
		mroom tunnel import "$TUNNEL_LAB/o.ovpn" --name vpn
		mroom tunnel set vpn user=al
		tunnel_secret vpn password pw
		;;
	eap)
		export behind=10.79.0.1
		mroom tunnel add vpn ikev2 server=10.99.0.1 server_id=vpn.test user=al routes=10.79.0.0/24
		mroom tunnel set vpn ca --value-file "$TUNNEL_LAB/ike.crt"
		tunnel_secret vpn password pw
		;;
	psk)
		export behind=10.79.0.1
		mroom tunnel add vpn ikev2 server=10.99.0.1 server_id=psk.test routes=10.79.0.0/24
		tunnel_secret vpn psk psk1
		;;
	vpnc | strongswan)
		export behind=10.79.0.1
		mroom tunnel add vpn cisco-ipsec "client=$1" server=10.99.0.1 group=grp user=al routes=10.79.0.0/24
		[ "$1" = vpnc ] || mroom tunnel set vpn server_id=@vpn.test
		tunnel_secret vpn psk grpsecret
		tunnel_secret vpn password pw
		;;
	esac
}

# All is as in the file `before`.
tunnel_nothing_left() {
	# shellcheck disable=SC2016 # lab_wait evaluates it
	lab_wait '[ "$(ls -A "$MROOM_HOME/run/tunnels")" = "" ]'
	lab_wait 'tunnel_traces >after; cmp -s before after' 10 || diff before after
}
