# What a server is: WORD TAB VALUE lines, several of one word for a list; "end" comes last. What cannot be
# had is left out.
# $1: programs to look for, besides the usual; $2: processes to count (both blank-separated).
LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL PATH
tab=$(printf "\t")
say() {
	[ -z "$2" ] || printf "%s\t%s\n" "$1" "$2"
}
have() { command -v "$1" >/dev/null 2>&1; }
system=$(uname -s)
say hostname "$(uname -n)"
say system "$system"
say kernel "$(uname -r)"
say arch "$(uname -m)"
say user "$(id -un)"
say home "$HOME"
say timezone "$(date +%Z)"

# Quotes in /etc/os-release are a shell's.
release() (
	# shellcheck source=/dev/null
	. /etc/os-release
	eval "printf %s \"\$$1\""
)
if [ -r /etc/os-release ]; then
	say os "$(release ID)"
	say version "$(release VERSION_ID)"
	say os_name "$(release PRETTY_NAME)"
elif have sw_vers; then
	say os macos
	say version "$(sw_vers -productVersion)"
else
	say os "$(uname -s | tr "[:upper:]" "[:lower:]")"
	say version "$(uname -r)"
fi

virtual() {
	if have systemd-detect-virt; then
		systemd-detect-virt 2>/dev/null
	elif [ -f /.dockerenv ]; then
		echo docker
	elif [ -r /sys/class/dmi/id/product_name ]; then
		grep -q "^flags.* hypervisor" /proc/cpuinfo && tr -d "\n" </sys/class/dmi/id/product_name || echo none
	elif have sysctl; then
		sysctl -n kern.vm_guest 2>/dev/null
	fi
}
say virtualization "$(virtual)"

linux() {
	say cores "$(grep -c "^cpu[0-9]" /proc/stat)"
	say cpu "$(awk -F": *" "/^model name/ { print \$2; exit }" /proc/cpuinfo)"
	say ram_mb "$(awk "/^MemTotal/ { print int(\$2 / 1024) }" /proc/meminfo)"
	for disk in /sys/block/*; do
		case ${disk##*/} in
		loop* | ram* | zram* | dm-* | sr* | fd*) continue ;;
		esac
		[ -r "$disk/size" ] && read -r sectors <"$disk/size" && [ "$sectors" -gt 0 ] &&
			say disk "${disk##*/} $((sectors / 2097152)) GB"
	done
	if [ -d /run/systemd/system ]; then
		say init systemd
	elif have rc-service; then
		say init openrc
	elif [ -r /proc/1/comm ]; then
		read -r init </proc/1/comm && say init "$init"
	fi
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null
}
bsd() {
	say cores "$(sysctl -n hw.ncpu)"
	say cpu "$(sysctl -n hw.model)"
	say ram_mb $(($(sysctl -n hw.memsize 2>/dev/null || sysctl -n hw.physmem) / 1048576))
	for disk in $(sysctl -n kern.disks 2>/dev/null); do
		say disk "$disk"
	done
	say init "$([ "$system" = Darwin ] && echo launchd || echo rc)"
	netstat -an | awk "\$NF == \"LISTEN\" { n = split(\$4, p, \".\"); print \"used\", p[n] }"
}
# Passes facts on; out of the sockets between them come the ports from 8000 up that are free.
ports() {
	awk -v tab="$tab" '
	function number(hex, i, n) {
		for (i = 1; i <= length(hex); i++) n = n * 16 + index("0123456789ABCDEF", substr(hex, i, 1)) - 1
		return n
	}
	$1 == "used" { used[$2]; next }
	$4 == "0A" { n = split($2, a, ":"); used[number(a[n])]; next }
	index($0, tab) { print }
	END {
		for (port = 8000; port < 65536 && free < 10; port++)
			if (!(port in used)) { print "free_port" tab port; free++ }
	}'
}
case $system in
Linux) linux ;;
*) bsd 2>/dev/null ;;
esac | ports

if have ip; then
	ip -o addr show 2>/dev/null | awk -v tab="$tab" '$3 ~ /^inet/ { sub(/\/.*/, "", $4); print "address" tab $2 " " $4 }'
elif have ifconfig; then
	ifconfig -a 2>/dev/null | awk -v tab="$tab" '
	/^[a-z]/ { name = $1; sub(/:$/, "", name) }
	$1 ~ /^inet6?$/ { a = $2; sub(/^addr:/, "", a); sub(/[%\/].*/, "", a); print "address" tab name " " a }'
fi
for name in apt-get dnf yum apk zypper pacman pkg brew; do
	if have $name; then
		say package_manager $name
		break
	fi
done
for name in sh bash dash ash zsh fish ksh mksh tcsh busybox; do
	have $name && say shell $name
done
for name in bash curl daed docker docker-compose git nginx openssl perl podman python3 rsync sqlite3 sudo systemctl tar wget $1; do
	have "$name" && say program "$name"
done
if [ -n "$2" ]; then
	# Linux keeps 15 letters of a name.
	if [ -r /proc/self/stat ]; then
		cat /proc/[0-9]*/comm 2>/dev/null
	else
		ps -axo comm= | sed "s/.*\///"
	fi | awk -v names="$2" -v tab="$tab" -v linux="$([ -r /proc/self/stat ] && echo yes)" '
	{ count[$0]++ }
	END {
		n = split(names, name, " ")
		for (i = 1; i <= n; i++) print "process" tab name[i] " " count[linux ? substr(name[i], 1, 15) : name[i]] + 0
	}'
fi
echo end
