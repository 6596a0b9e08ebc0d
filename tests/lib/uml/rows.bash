# shellcheck shell=bash
# What a tunnel of a type that ends in pppd has to go through, in one machine of uml/boot, where each start costs time:
#
#   rows TYPE NAME...    goes through those; a row begins with "row NAME", and ends with "ok NAME" when all was as it must
#                        be (tests/lib/uml.bash reads that)
#
# All but reached and last end with the tunnel up: what went wrong has not spoiled the next try.

# Says no to `up` in words that hold $1, and leaves nothing.
refuses() {
	local said status=0
	said=$(in_client mroom tunnel up vpn 2>&1) || status=$?
	echo "$said"
	[ "$status" = 4 ]
	[[ $said == "mroom tunnel up: tunnel vpn: $1"* ]]
	nothing_left
}

up() {
	in_client mroom tunnel up -q vpn
	[ "$(mroom tunnel ls --columns state vpn)" = up ]
}

down() {
	mroom tunnel down vpn
	nothing_left
}

# It was up: notices that it is not any more, says why in words that match $1, and leaves nothing.
notices() {
	# shellcheck disable=SC2016 # lab_wait evaluates it
	lab_wait 'sleep 0.3; [ "$(mroom tunnel ls --columns state vpn)" = failed ]' 240
	mroom tunnel ls --columns reason vpn | tee reason
	grep -q "$1" reason
	nothing_left
}

row_reached() {
	reached | tee reached
	# shellcheck disable=SC2154 # of lab.bash
	[ "$(cat reached)" = "${behind[$type]}" ]
	nothing_left
}

row_secrets() {
	up
	[ "$(cat /etc/resolv.conf)" = 'nameserver 192.0.2.80' ]
	[ "$(find "$MROOM_HOME/run" -type f -perm /077)" = "" ]
	lab_nowhere sesame-pw "$MROOM_HOME"
	lab_nowhere sesame-psk "$MROOM_HOME"
	lab_no_environment sesame
	down
	[ "$(cat /etc/resolv.conf)" = 'nameserver 192.0.2.53' ]
	up
}

row_dead_server() {
	mroom tunnel down vpn
	mroom tunnel set vpn server=10.99.0.9
	MROOM_TUNNEL_TIMEOUT=${dead_after:-5s} refuses 'no answer from 10.99.0.9'
	mroom tunnel set vpn server=10.99.0.1
	up
}

row_wrong_password() {
	mroom tunnel down vpn
	tunnel_secret vpn password wrong
	refuses 'the server refused user and password'
	good_secrets
	up
}

row_wrong_psk() {
	mroom tunnel down vpn
	tunnel_secret vpn psk wrong
	refuses 'the pre-shared key is not the one of the server'
	good_secrets
	up
}

row_unknown_certificate() {
	mroom tunnel down vpn
	(TUNNEL_LAB=$PWD tunnel_certificate other 10.99.0.1)
	mroom tunnel set vpn ca --value-file other.crt
	refuses "the server's certificate is not trusted"
	good_secrets
	up
}

row_server_killed() {
	up
	unserve
	notices 'has ended the connection\|does not answer any more\|the connection was lost'
	serve "$type"
	up
}

row_client_killed() {
	local program
	for program in "${programs[@]}"; do
		up
		tunnel_kill C "$program"
		notices ' is gone\|has ended the connection'
	done
	up
}

# While it waits for a server that does not answer.
row_driver_killed() {
	mroom tunnel down vpn
	mroom tunnel set vpn server=10.99.0.9
	ip -n C neigh replace 10.99.0.9 lladdr 02:00:00:00:00:09 dev v1
	in_client mroom tunnel up vpn >said 2>&1 &
	lab_wait 'sleep 0.3; mroom tunnel ls --columns reason vpn | grep -q "waiting for 10"' 120
	kill -9 "$(pgrep -o -f "tunnels/$type up")"
	refute wait $! >/dev/null
	cat said
	grep -q 'killed by signal 9' said
	ip -n C neigh delete 10.99.0.9 dev v1
	nothing_left
	mroom tunnel set vpn server=10.99.0.1
	up
}

row_console_killed() {
	up
	kill -9 "$(tunnel_keeper vpn)"
	in_client mroom tunnel down --stale
	nothing_left
	up
	kill -9 "$(tunnel_keeper vpn)"
	up
}

row_program_missing() {
	mroom tunnel down vpn
	mount --bind /run/user/said "$(command -v "${programs[0]}")"
	refuses "not installed here: ${programs[0]}"
	umount "$(command -v "${programs[0]}")"
	up
}

row_last() {
	down
}

# A shell of its own, outside of any condition: within one, failures would pass unseen.
row() {
	echo "row $1"
	set +e
	(
		set -e
		"row_$1"
		echo "ok $1"
	)
	# The next row shall not suffer for it.
	# shellcheck disable=SC2181 # see above
	if [ $? != 0 ]; then
		mroom tunnel down -y vpn
		mroom tunnel set vpn server=10.99.0.1
		good_secrets
		unserve
		serve "$type"
	fi
	set -e
	echo "at $(cut -d' ' -f1 /proc/uptime) s"
}

rows() {
	local name
	: >said
	type=$1
	shift
	case $type in
	pptp) programs=(pppd) ;;
	l2tp-ipsec)
		programs=(xl2tpd charon-systemd)
		dead_after=20s
		;;
	sstp) programs=(sstpc) ;;
	esac
	serve "$type"
	profile "$type"
	for name; do
		row "$name"
	done
}
