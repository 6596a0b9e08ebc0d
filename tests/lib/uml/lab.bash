# shellcheck shell=bash
# What a job of uml/boot runs with: a real server of each type of tunnel in S, which knows the user `al` by `pw`, an sshd
# there, and a home for mroom.
#
#   serve TYPE              starts the server of a type: pptp l2tp-ipsec sstp
#   unserve                 kills all servers but the sshd, at once
#   profile TYPE            the tunnel `vpn` to it; good_secrets: what it needs to get in
#   reached                 prints by which address a server behind `vpn` was reached, by `mroom exec`
#   nothing_left            all in C is as it was in the beginning
# and what lib/lab.bash and lib/tunnel.bash have besides. A command that fails ends the job, and is named.

trap 'echo "line $LINENO: status $?: $BASH_COMMAND"' ERR
# shellcheck source=/dev/null
. "${BASH_SOURCE[0]%/uml/*}/lab.bash"
# shellcheck source=/dev/null
. "${BASH_SOURCE[0]%/uml/*}/tunnel.bash"

# Programs are found in one place only here.
PATH=$MROOM_TEST_BIN:/usr/sbin:/usr/bin:/sbin:/bin
cd /run/user || exit
export BATS_TEST_TMPDIR=/run/user TUNNEL_SERVER=S TUNNEL_CLIENT=C MROOM_HOME=/run/user/home MROOM_TUNNEL_TIMEOUT=180s MROOM_TUNNEL_CHECK=1s
(umask 077 && mkdir -p "$MROOM_HOME/run/tunnels")
declare -A behind=([pptp]=10.81.0.1 [l2tp-ipsec]=10.82.0.1 [sstp]=10.83.0.1)

ip netns add S
ip netns add C
ip link add v0 netns S type veth peer name v1 netns C
ip -n S addr add 10.99.0.1/24 dev v0
ip -n C addr add 10.99.0.2/24 dev v1
for space in S C; do ip -n $space link set lo up; done
ip -n S link set v0 up
ip -n C link set v1 up
printf 'al * sesame-pw *\n' >/etc/ppp/chap-secrets

echo 'nameserver 192.0.2.53' >/etc/resolv.conf
# Users that packages add which are only unpacked.
printf '%s\n' 'sshd:x:64000:65534::/run/sshd:/usr/sbin/nologin' 'sstpc:x:64002:64002::/run/sstpc:/bin/false' >>/etc/passwd
echo 'sstpc:x:64002:' >>/etc/group

sshd_start() {
	mkdir /run/sshd
	ssh-keygen -q -t ed25519 -N '' -f host_key
	ssh-keygen -q -t ed25519 -N '' -f key
	printf '%s\n' "HostKey $PWD/host_key" 'PidFile none' 'UsePAM no' 'UseDNS no' 'StrictModes no' \
		"AuthorizedKeysFile $PWD/key.pub" 'SetEnv SHLVL=2' >sshd.conf
	in_server "$(command -v sshd)" -f "$PWD/sshd.conf"
	printf "%s $(cut -d' ' -f1,2 host_key.pub)\n" "${behind[@]}" >"$MROOM_HOME/known_hosts"
}

# Options of a server's pppd.
ppp_server_options() {
	printf '%s\n' "name $1" refuse-pap refuse-chap refuse-mschap require-mschap-v2 nodefaultroute noipv6 "logfile $PWD/$1.log"
}

serve() {
	case $1 in
	pptp)
		printf 'option %s\nlocalip %s\nremoteip 10.81.0.100-110\nlisten 10.99.0.1\n' "$PWD/pptpd.ppp" "${behind[pptp]}" >pptpd.conf
		{
			ppp_server_options pptpd
			printf '%s\n' require-mppe-128 nologfd
		} >pptpd.ppp
		in_server pptpd -c "$PWD/pptpd.conf" -p "$PWD/pptpd.pid" -f </dev/null >/dev/null 2>&1 &
		lab_wait 'in_server ss -ltn | grep -q :1723'
		;;
	l2tp-ipsec) serve_l2tp ;;
	sstp) serve_sstp ;;
	esac
}

serve_l2tp() {
	cat >charon.conf <<-END
	charon-systemd {
		load_modular = no
		load = random nonce openssl pem x509 pubkey hmac kdf kernel-netlink socket-default vici updown md5 sha1 sha2 aes gmp
		plugins { vici { socket = unix://$PWD/vici } }
		filelog { f {
			path = $PWD/charon.log
			flush_line = yes
		} }
	}
	END
	cat >swanctl.conf <<-END
	connections { l2tp {
		version = 1
		local_addrs = 10.99.0.1
		proposals = aes256-sha1-modp2048
		local { auth = psk }
		remote { auth = psk }
		children { l2tp {
			mode = transport
			local_ts = dynamic[udp/1701]
			remote_ts = dynamic[udp]
			esp_proposals = aes256-sha1
		} }
	} }
	secrets { ike-1 { secret = "sesame-psk" } }
	END
	cat >xl2tpd.conf <<-END
	[global]
	listen-addr = 10.99.0.1
	[lns default]
	ip range = 10.82.0.100-10.82.0.110
	local ip = ${behind[l2tp-ipsec]}
	refuse pap = yes
	require authentication = yes
	name = l2tpd
	pppoptfile = $PWD/xl2tpd.ppp
	END
	{
		ppp_server_options l2tpd
		printf '%s\n' noccp 'mtu 1400' 'mru 1400'
	} >xl2tpd.ppp
	rm -f vici
	mkdir -p /run/xl2tpd
	STRONGSWAN_CONF=$PWD/charon.conf in_server charon-systemd </dev/null >/dev/null 2>&1 &
	in_server xl2tpd -D -c "$PWD/xl2tpd.conf" -p "$PWD/xl2tpd.pid" -C "$PWD/xl2tpd.control" </dev/null >xl2tpd.log 2>&1 &
	lab_wait "swanctl --stats --uri unix://$PWD/vici >/dev/null 2>&1"
	swanctl --load-all --noprompt --uri "unix://$PWD/vici" --file "$PWD/swanctl.conf" >/dev/null 2>&1
}

# A certificate of its own, and pppd behind TLS.
serve_sstp() {
	[ -e sstp.crt ] || (TUNNEL_LAB=$PWD tunnel_certificate sstp 10.99.0.1)
	{
		ppp_server_options sstpd
		printf '%s\n' auth noccp nodetach local "${behind[sstp]}:10.83.0.100"
	} >sstpd.ppp
	# As far away as a server is: sstpc waits for ever when it is answered before it has begun to listen for that.
	modprobe -d /run/kernel sch_netem
	in_server tc qdisc replace dev v0 root netem delay 50ms
	in_server "$MROOM_TOP/tests/lib/uml/sstpd" sstp.crt sstp.key 10.99.0.1 "$(command -v pppd)" file "$PWD/sstpd.ppp" \
		</dev/null >sstpd.said 2>&1 &
	lab_wait 'in_server ss -ltn | grep -q :443'
}

unserve() {
	local process
	for process in $(ip netns pids S); do
		case $(cat "/proc/$process/comm" 2>/dev/null) in
		sshd) ;;
		*) kill -9 "$process" 2>/dev/null || true ;;
		esac
	done
}

profile() {
	type=$1
	mroom tunnel add vpn "$type" server=10.99.0.1 user=al dns=192.0.2.80
	good_secrets
}

good_secrets() {
	tunnel_secret vpn password sesame-pw
	case $type in
	l2tp-ipsec) tunnel_secret vpn psk sesame-psk ;;
	sstp) mroom tunnel set vpn ca --value-file sstp.crt ;;
	esac
}

reached() {
	printf '#vpn--%s--10.99.0.1--al--\nhid-01--%s--root----22--%s\n' SSH "${behind[$type]}" "$PWD/key" >room.txt
	mroom inventory import -q room.txt >/dev/null
	mroom tunnel set vpn "type=$type"
	# shellcheck disable=SC2016 # for the server's shell
	in_client mroom exec -t 60s -N -w hid-01 -- 'echo "$SSH_CONNECTION"' </dev/null | cut -d' ' -f3
}

# Everything that a tunnel could leave behind. In few processes, each of which costs time here.
traces() {
	local process name
	in_client sh -c 'ip -o addr; ip rule; ip -6 rule; ip route show table all; ip xfrm state; ip xfrm policy' |
		grep -v 'fe80\|ff00' | sed 's/^[0-9]*: //;s/@if[0-9]*//'
	for process in $(ip netns pids C); do
		read -r name 2>/dev/null <"/proc/$process/comm" && echo "process $name"
	done
	cat /etc/resolv.conf
	# But for what all pppds share.
	(cd /run && find . "$MROOM_HOME/run/tunnels" -path ./user -prune -o -path ./netns -prune -o -type d -o ! -name pppd2.tdb -print)
}

nothing_left() {
	lab_wait 'sleep 0.3; traces >after; cmp -s before after' 60 || diff before after
}

sshd_start
traces >before
