# What listens: "port FILE ADDRESS" as /proc/net has it, or "listen PROTOCOL ADDRESS.PORT"; "owner PROTOCOL PORT
# PROGRAM" where the system tells; "end" comes last. UDP sockets of clients, which come and go, are left out.
LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL PATH
tab=$(printf "\t")
if [ -r /proc/net/tcp ]; then
	low=32768
	[ ! -r /proc/sys/net/ipv4/ip_local_port_range ] || read -r low _ </proc/sys/net/ipv4/ip_local_port_range
	set --
	for file in tcp tcp6 udp udp6; do
		[ ! -r /proc/net/$file ] || set -- "$@" /proc/net/$file
	done
	awk -v tab="$tab" -v low="$low" '
	function number(hex, i, n) {
		for (i = 1; i <= length(hex); i++) n = n * 16 + index("0123456789ABCDEF", substr(hex, i, 1)) - 1
		return n
	}
	{ n = split($2, a, ":"); udp = FILENAME ~ /udp/ }
	(!udp && $4 == "0A") || (udp && $4 == "07" && number(a[n]) < low) {
		n = split(FILENAME, f, "/")
		print "port" tab f[n] tab $2
	}' "$@"
else
	netstat -an 2>/dev/null | awk -v tab="$tab" '$NF == "LISTEN" { print "listen" tab "tcp" tab $4 }'
fi
if command -v ss >/dev/null 2>&1; then
	ss -tulnp 2>/dev/null | awk -v tab="$tab" '
	match($0, /users:\(\("[^"]*"/) {
		name = substr($0, RSTART + 9, RLENGTH - 10)
		n = split($5, a, ":")
		if (!(($1, a[n]) in seen)) print "owner" tab $1 tab a[n] tab name
		seen[$1, a[n]]
	}'
elif command -v sockstat >/dev/null 2>&1; then
	sockstat -l 2>/dev/null | awk -v tab="$tab" '
	$5 ~ /^(tcp|udp)/ { n = split($6, a, ":"); print "owner" tab substr($5, 1, 3) tab a[n] tab $2 }'
fi
echo end
