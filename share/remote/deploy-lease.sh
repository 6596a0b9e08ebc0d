# The lease of deployments on a server: $lock, a directory with owner, run and until (seconds since 1970). Functions in front of
# deploy.sh and deploy-reboot.sh.
# shellcheck disable=SC2154 # they set lock

# Whether it holds. Just made and not written yet: as good as held, unless whoever made it died over it.
lease_holds() {
	until=$(cat "$lock/until" 2>/dev/null) || until=
	if [ -z "$until" ]; then
		[ -z "$(find "$lock" -prune -mmin +1 2>/dev/null)" ]
	else
		[ "$until" -ge "$(date +%s)" ]
	fi
}
# Makes it; ends with 75 while it is another's. What has expired is taken away by one at a time, who looks once more: somebody
# else may have made it anew meanwhile.
lease_make() {
	gone=0
	until said=$(mkdir "$lock" 2>&1); do
		if ! [ -d "$lock" ]; then
			# Given back in between, unless it cannot be made at all.
			gone=$((gone + 1))
			[ "$gone" -lt 5 ] && continue
			echo "$said" >&2
			exit 1
		fi
		if lease_holds; then
			echo "a deployment is under way: $(cat "$lock/owner" 2>/dev/null)" >&2
			exit 75
		fi
		if mkdir "$lock.taking" 2>/dev/null; then
			lease_holds || rm -rf "$lock"
			rmdir "$lock.taking"
		else
			[ -z "$(find "$lock.taking" -prune -mmin +1 2>/dev/null)" ] || rmdir "$lock.taking" 2>/dev/null
			sleep 1
		fi
	done
}
# Writes into it: for run $1, asked for by $2, for $3 seconds.
lease_write() {
	echo "$2 since $(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$lock/owner"
	echo "$1" >"$lock/run"
	echo $(($(date +%s) + $3)) >"$lock/until"
}
