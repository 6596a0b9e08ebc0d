# What drivers share that speak IPsec through strongSwan: a charon of the tunnel's own, that knows nothing of the
# system's, listens on no fixed port, and is asked through a socket in the tunnel's directory.

charon=$(command -v charon-systemd || echo /usr/sbin/charon-systemd)

has_charon() {
	[ -x "$charon" ]
}

swan_check() {
	has_charon || printf 'program\tcharon-systemd\tcharon-systemd libcharon-extauth-plugins libcharon-extra-plugins\n'
	program swanctl strongswan-swanctl
	program ip iproute2
	need_root
}

# Whether this kernel encrypts packets itself; elsewhere charon does, through a tun device.
kernel_esp() {
	esp_said=$(ip xfrm state add src 127.0.0.1 dst 127.0.0.1 proto esp spi 0x6d72 mode transport \
		enc 'cbc(aes)' 0x000102030405060708090a0b0c0d0e0f auth-trunc 'hmac(sha1)' \
		0x000102030405060708090a0b0c0d0e0f10111213 96 2>&1) ||
		case $esp_said in
		*'File exists'*) ;; # another driver asks just now, or was killed while it did
		*) return 1 ;;
		esac
	ip xfrm state delete src 127.0.0.1 dst 127.0.0.1 proto esp spi 0x6d72 2>/dev/null
	return 0
}

# A value inside the quotes of strongSwan's configuration.
swan_quoted() {
	value "$1" | sed 's/[\\"]/\\&/g' | tr -d '\n'
}
swan_word() {
	printf %s "$1" | tr -cd 'A-Za-z0-9._:@/,%*!=+-'
}

# swan_start [PLUGIN...]: writes its settings and starts it.
swan_start() {
	ip rule show 2>/dev/null | grep -q 'lookup 220' || touch rule.ours
	libipsec=
	kernel_esp || libipsec=kernel-libipsec
	cat >strongswan.conf <<-END
	charon-systemd {
		load_modular = no
		load = random nonce openssl pem x509 pubkey pkcs1 pkcs8 revocation constraints hmac kdf $libipsec kernel-netlink socket-default vici updown $* md5 sha1 sha2 aes gmp curve25519 fips-prf
		port = 0
		port_nat_t = 0
		retransmit_tries = 3
		retransmit_timeout = 2
		retransmit_base = 1.5
		close_ike_on_child_failure = yes
		i_dont_care_about_security_and_use_aggressive_mode_psk = yes
		plugins {
			vici { socket = unix://vici }
			resolve { file = resolv.pushed }
			kernel-netlink { fwmark = !0x6d72 }
			socket-default { fwmark = 0x6d72 }
		}
		filelog { f {
			path = charon.log
			default = 1
			flush_line = yes
		} }
	}
	END
	: >charon.log
	STRONGSWAN_CONF=$PWD/strongswan.conf "$charon" </dev/null >/dev/null 2>>log &
	echo $! >pid
	await 'starting charon' swan_answers || fail 'charon does not start (is strongSwan installed whole?)'
	swan --load-all --noprompt --file swanctl.conf >load.log 2>&1 ||
		fail "strongSwan does not take the profile: $(tail -n 1 load.log)"
	load_trouble=$(grep failed load.log | grep -v '^opening directory' | tail -n 1)
	[ -z "$load_trouble" ] || fail "strongSwan does not take the profile: $load_trouble"
	rm -f swanctl.conf
}
swan() {
	swan_verb=$1
	shift
	STRONGSWAN_CONF=$PWD/strongswan.conf swanctl "$swan_verb" --uri unix://vici "$@"
}
swan_answers() {
	[ -S vici ] && swan --stats >/dev/null 2>&1
}
swan_installed() {
	swan --list-sas 2>/dev/null | grep -q 'INSTALLED'
}
dead() {
	! alive pid
}

# Initiates the child `net`; fails with what the log says.
swan_initiate() {
	answer connecting "waiting for $(host)"
	swan --initiate --child net --timeout "$(span)" >initiate.log 2>&1
	swan_installed || fail "$(swan_why)"
	swan --list-sas 2>/dev/null | sed -n "s/^ *local  *'.*' @ [^ ]* \[\([0-9.]*\)\].*/\1/p" >vip
}

swan_why() {
	if grep -q 'no trusted .* public key\|no issuer certificate\|certificate.*invalid\|constraint check failed' charon.log; then
		echo "the server's certificate is not trusted (its CA: field ca; its name: field server_id)"
	elif grep -q 'EAP_FAILURE\|EAP method.*failed\|XAuth authentication of .* failed\|received XAuth.*FAIL\|XAUTH.*failed' charon.log; then
		echo 'the server refused user and password'
	elif grep -q 'AUTHENTICATION_FAILED\|AUTH_FAILED' charon.log && has password && ! has psk; then
		echo 'the server refused user and password'
	elif grep -q 'AUTHENTICATION_FAILED\|MAC mismatched\|INVALID_HASH\|calculated HASH does not match\|could not decrypt payloads\|PAYLOAD_MALFORMED\|invalid HASH_V1\|INVALID_ID' charon.log; then
		echo 'the pre-shared key is not the one of the server'
	elif grep -q 'NO_PROPOSAL_CHOSEN\|NO_PROP' charon.log; then
		echo 'the server takes none of our ciphers (fields proposals, esp_proposals)'
	elif grep -q 'TS_UNACCEPTABLE\|INVALID_ID_INFORMATION' charon.log; then
		echo 'the server does not route these networks (field routes)'
	elif grep -q 'retransmit\|giving up\|not responding' charon.log; then
		echo "no answer from $(host)"
	elif ! grep -q 'received packet' charon.log && ! dead; then
		echo "no answer from $(host)"
	elif dead; then
		echo "charon died: $(tail -n 1 charon.log)"
	else
		echo "not established: $(tail -n 1 initiate.log)"
	fi
}

swan_status() {
	alive pid || fail 'charon is gone'
	swan_installed || fail "the connection was lost: $(grep -v NET charon.log | tail -n 1 | cut -c1-120)"
}

# What a killed charon leaves: addresses, states and policies of its server, its rule.
swan_down() {
	if alive pid && [ -S vici ]; then
		swan --terminate --ike vpn --force --timeout 3 >/dev/null 2>&1
	fi
	stop pid
	stop_all
	if [ -s vip ]; then
		while read -r address; do
			device=$(ip -o -4 addr show to "$address/32" 2>/dev/null | awk '{ print $2; exit }')
			[ -z "$device" ] || ip addr delete "$address/32" dev "$device" 2>/dev/null
		done <vip
	fi
	peer=$(recall peer)
	if [ -n "$peer" ]; then
		ip xfrm state deleteall src "$peer" 2>/dev/null
		ip xfrm state deleteall dst "$peer" 2>/dev/null
		ip xfrm policy show 2>/dev/null | awk -v peer="$peer" '
			/^src/ { selector = $0 }
			/dir/ && !/tmpl/ { dir = $2 }
			# Transport mode has it in the selector alone.
			/tmpl/ && (index($0 " ", " " peer " ") || index(selector, " " peer "/")) {
				print selector, "dir", dir
			}' |
			while read -r policy; do
				# shellcheck disable=SC2086 # the words of a policy
				ip xfrm policy delete $policy 2>/dev/null
			done
	fi
	if [ -e rule.ours ] && ! ip route show table 220 2>/dev/null | grep -q .; then
		ip rule delete lookup 220 2>/dev/null
		ip -6 rule delete lookup 220 2>/dev/null
	fi
	return 0
}
