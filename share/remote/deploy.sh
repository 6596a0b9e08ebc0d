# A deployment on a server, apart from the connection: lease, job, and what the job says.
# $1: plan, run, resume; $2: the run's id; $3: who asks; $4: seconds after which a lease without a sign of life
# ends; $5: the longest the job may take, in seconds; $6: empty, or bundle. Standard input: the job, which ends with the
# line "# end"; or with a bundle a tar stream, the job in it and the file end the last. A bundle that is there already
# under the same id is joined, not done again: whoever resumes sends it once more.
#
# Stands behind detach.sh and deploy-lease.sh: a run is kept in DIR/runs/ID (job, log, pid, status).
# The job holds the lease DIR/lock and goes on when the connection is lost: resume shows what came of it.
# Exit status: the job's; 75 when another deployment holds the lease.
set -u
# shellcheck disable=SC2154 # dir: detach.sh
lock=$dir/lock id=$2
nap() {
	sleep 0.2 2>/dev/null || sleep 1
}
die() {
	echo "$*" >&2
	exit 1
}
receive() {
	cat >"$1" || exit 1
	[ "$(tail -n 1 "$1")" = '# end' ] || die "the job arrived incomplete"
}
receive_bundle() {
	said=$(cd "$1" && tar -xf - 2>&1) || die "$(printf '%s\n' "$said" | head -n 1)"
	[ -f "$1/end" ] || die "the stream broke off"
}
# Shows the log from its beginning until the job has ended.
follow() {
	exec 3<"$1/log" || exit 1
	while ! [ -e "$1/status" ]; do
		cat <&3
		if ! goes_on "$1" && ! [ -e "$1/status" ]; then
			die "the job is gone without a word (was the server restarted?)"
		fi
		nap
	done
	cat <&3
	exit "$(cat "$1/status")"
}
if [ "$1" = plan ]; then
	job=$(mktemp) || exit 1
	trap 'rm -f "$job"' EXIT
	trap 'exit 1' HUP INT TERM PIPE
	receive "$job"
	echo "@ $id"
	sh "$job" plan "$id"
	exit
fi
if [ "$1" = resume ]; then
	[ -f "$dir/last" ] || exit 0
	read -r id <"$dir/last"
	echo "@ $id"
	follow "$dir/runs/$id"
fi
# Joins the run where it goes on or has ended; what was cut before it began, or died with its server, begins anew.
join() {
	tries=0
	while ! [ -e "$run/pid" ] && [ "$(cat "$lock/run" 2>/dev/null)" = "$id" ] && [ "$tries" -lt 50 ]; do
		tries=$((tries + 1))
		nap
	done
	# In this order: one that ends in between has left its status.
	if goes_on "$run" || [ -e "$run/status" ]; then
		cat >/dev/null
		echo "@ $id"
		follow "$run"
	fi
	rm -rf "$run"
	[ "$(cat "$lock/run" 2>/dev/null)" != "$id" ] || rm -rf "$lock"
}
run=$dir/runs/$id
[ "$6" != bundle ] || ! [ -d "$run" ] || join
mkdir -p "$dir/runs" || exit 1
# Stopped before the job is on its own: no lease stays behind.
mine=
trap '[ -z "$mine" ] || rm -rf "$lock"' EXIT
trap 'exit 1' HUP INT TERM PIPE
lease_make
mine=yes
lease_write "$id" "$3" "$4"
mkdir "$run" || exit 1
if [ "$6" = bundle ]; then
	receive_bundle "$run"
else
	receive "$run/job"
fi
cat >"$run/main" <<'MAIN'
run=$1 lock=$2 lease=$3 longest=$4
id=${run##*/}
trap '' HUP
# Whoever began this may be gone before it can tell; whoever looks meanwhile must not find it empty.
echo $$ >"$run/pid.$$" && mv -f "$run/pid.$$" "$run/pid"
ours() {
	[ "$(cat "$lock/run" 2>/dev/null)" = "$id" ]
}
sh "$run/job" "$5" "$id" &
job=$!
(
	# The lease is renewed also while the job finds its way back.
	trap '' TERM
	passed=0
	while sleep 1; do
		passed=$((passed + 1))
		kill -0 "$job" 2>/dev/null || exit
		ours && [ $((passed % 5)) = 0 ] && echo $(($(date +%s) + lease)) >"$lock/until"
		if [ "$longest" -gt 0 ] && [ "$passed" -ge "$longest" ]; then
			echo "@$id late $longest"
			longest=0
			kill -TERM 0
		fi
	done
) &
beat=$!
trap '' TERM
wait "$job"
status=$?
kill -KILL "$beat" 2>/dev/null
[ "$status" -le 1 ] || status=1
if ours; then
	rm -rf "$lock"
fi
echo "$status" >"$run/status.new"
mv "$run/status.new" "$run/status"
MAIN
: >"$run/log"
echo "$id" >"$dir/last"
# From here on the lease is the job's.
trap - EXIT HUP INT TERM PIPE
detach "$run" sh "$run/main" "$run" "$lock" "$4" "$5" "$1" >"$run/log" 2>&1
# Old runs go, but for the last ten.
# shellcheck disable=SC2012 # names are ours
ls -t "$dir/runs" | tail -n +11 | while read -r old; do
	rm -rf "$dir/runs/$old"
done
echo "@ $id"
follow "$run"
