# What drivers share whose tunnels end in pppd: pptp, l2tp-ipsec, sstp. The connection is up when there is an
# address on the interface; pppd's exit status, and xl2tpd's even more, says little.

ppp_check() {
	program pppd ppp
	program ip iproute2
	need_root
	[ -c /dev/ppp ] || modprobe -q ppp_generic 2>/dev/null || [ -d /sys/module/ppp_generic ] ||
		answer cannot 'this kernel has no PPP'
}

# A word of an options file.
ppp_quoted() {
	value "$1" | sed 's/[\\"]/\\&/g' | tr -d '\n'
}

# Options that all of them need. The password is in this file alone, which nobody else can read. A server is asked
# every three seconds, as long as the timeout is, and once it is there, noticed within half a minute when it is not.
ppp_options() {
	printf 'name "%s"\npassword "%s"\n' "$(ppp_quoted user)" "$(ppp_quoted password)"
	cat <<-END
	ifname $interface
	ipparam $interface
	linkname $interface
	noauth
	refuse-eap
	refuse-pap
	nobsdcomp
	nodeflate
	nodefaultroute
	noipv6
	lcp-max-configure $((${p_timeout:-30} / 3 + 1))
	lcp-echo-interval 5
	lcp-echo-failure 4
	logfile $PWD/ppp.log
	END
}

# pppd gives the interface its address first, and only then can routes lead into it.
ppp_connected() {
	ip -o -4 addr show dev "$1" up 2>/dev/null | grep -q ' inet '
}

# After the address is there.
ppp_risen() {
	rm -f options
	if has routes; then
		add_routes "$interface" || fail "a network of routes cannot be reached through it: $(value routes)"
	fi
	set_dns
	is_up "address $(ip -o -4 addr show dev "$interface" | awk '{ print $4; exit }')"
}

ppp_why() {
	if grep -q 'authentication failed\|CHAP authentication failed\|E=691\|MS-CHAP.*failed\|failed to authenticate' ppp.log 2>/dev/null; then
		echo 'the server refused user and password'
	elif grep -q 'MPPE required\|MPPE.*not available' ppp.log 2>/dev/null; then
		echo 'no encryption could be agreed on (MPPE)'
	elif grep -q 'LCP: timeout' ppp.log 2>/dev/null; then
		echo "$(host) does not answer with PPP"
	else
		echo "no answer from $(host)"
	fi
}

ppp_status() {
	interface=$(recall interface)
	has_address "$interface" || fail "$(ppp_lost)"
}
ppp_lost() {
	if grep -q 'No response to' ppp.log 2>/dev/null; then
		echo "$(host) does not answer any more"
	elif grep -q 'hangup\|terminated' ppp.log 2>/dev/null; then
		echo "$(host) has ended the connection"
	elif ! alive "/var/run/ppp-$interface.pid"; then
		echo 'pppd is gone'
	else
		echo "the address is gone: $(tail -n 1 ppp.log 2>/dev/null | cut -c1-100)"
	fi
}

ppp_down() {
	interface=$(recall interface)
	[ -z "$interface" ] || stop_ppp "/var/run/ppp-$interface.pid"
	stop_all
	[ -z "$interface" ] || remove_interface "$interface"
	# What a pppd that was killed has left there, also under its interface's first name.
	for ppp_pid in "/var/run/ppp-$interface.pid" "/var/run/$interface.pid" /var/run/ppp[0-9]*.pid; do
		[ ! -e "$ppp_pid" ] || alive "$ppp_pid" || rm -f "$ppp_pid"
	done
}
# Its pidfile is where all can see it, and may be left from another.
stop_ppp() {
	alive "$1" || return 0
	# shellcheck disable=SC2154 # of common.sh
	grep -q pppd "/proc/$alive_pid/comm" 2>/dev/null || return 0
	kill "$alive_pid" 2>/dev/null
	gone "$1" 50 || kill -9 "$alive_pid" 2>/dev/null
}
