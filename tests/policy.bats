#!/usr/bin/env bats
# How far a run goes: failing fast, budgets, batches, canaries, further tries; and what is said meanwhile.

load lib/lab

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	lab_room 12
	cd "$BATS_TEST_TMPDIR"
}

# A run on all twelve: output in $out, what was said in $err, the status in $status.
run_exec() {
	status=0
	mroom exec -a "$@" >raw 2>said </dev/null || status=$?
	out=$(sort raw)
	err=$(cat said)
}

# Fails on the servers whose last number is in this pattern.
fails_on() {
	echo "case \$SSH_CONNECTION in *127.1.0.$1' '*) exit 3;; esac"
}

@test "-k stops at the first failure: what runs is killed, what waits is not begun, exit status 5" {
	# It fails when another runs.
	run_exec -f 6 -k -- "case \$SSH_CONNECTION in *127.1.0.2' '*) until ls '$PWD'/up.* >/dev/null 2>&1; do sleep 0.1; done; exit 3;; esac
		: >'$PWD'/up.\$\$; exec sleep 86601"
	[ "$status" = 5 ]
	[[ $err == *": 1 failed, 5 cancelled, 6 skipped"* ]]
	[[ $err == *"cancelled: stopped at the first failure (-k); the command was killed on the server"* ]]
	refute pgrep -f 'sleep 86601'
}

@test "--max-fail begins no more once the budget is spent, and lets finish what runs" {
	run_exec -f 1 --max-fail 1 -- "$(fails_on '[12]'); echo fine"
	[ "$status" = 5 ]
	[[ $err == *": 2 failed, 10 skipped"* ]]
	[[ $err == *"web-[03-12]: skipped: stopped: 2 of 12 failed (--max-fail 1)"* ]]
	run_exec -f 1 --max-fail 2 -- "$(fails_on '[12]'); echo fine"
	[ "$status" = 1 ]
	[ "$(grep -c fine raw)" = 10 ]
}

@test "--max-fail takes a share of all servers" {
	run_exec -f 1 --max-fail 20% -- "$(fails_on '[123]'); echo fine"
	[ "$status" = 5 ]
	[[ $err == *": 3 failed, 9 skipped"* ]]
	run_exec -f 1 --max-fail 25% -- "$(fails_on '[123]'); echo fine"
	[ "$status" = 1 ]
	run_exec --max-fail x% -- true
	[ "$status" = 2 ]
	[[ $err == *"--max-fail: 'x%'"* ]]
}

@test "--batch: the next batch begins when all of the last are done" {
	local size
	for size in 4 50%; do
		run_exec -q --batch "$size" -- 'echo in; sleep 0.3; echo out'
		[ "$status" = 0 ]
		# Whoever comes in finds every server of the batches before it gone.
		awk -v size="${size/50%/6}" '$2 == "in" { k = ins - ins % size; ins++; if (outs < k) bad = 1 } $2 == "out" { outs++ }
			END { exit bad || ins != 12 || outs != 12 }' raw
	done
}

@test "--canary: a failed canary keeps all others from beginning" {
	run_exec --canary 2 -- "$(fails_on 2); echo fine"
	[ "$status" = 5 ]
	[ "$out" = "web-01	fine" ]
	[[ $err == *"web-[03-12]: skipped: stopped: a canary failed (--canary)"* ]]
	run_exec --canary 2 --batch 5 -- "$(fails_on 7); echo fine"
	[ "$status" = 1 ]
	[ "$(grep -c fine raw)" = 11 ]
}

@test "--pause stands between batches" {
	run_exec -q --batch 6 --pause 700ms -- 'date +%s%N'
	[ "$status" = 0 ]
	sort -t'	' -k2 raw | awk -F'	' '{ t[NR] = $2 } END { exit t[7] - t[6] < 600000000 }'
	run_exec --pause 1s -- true
	[ "$status" = 2 ]
}

@test "--pause stands between batches of servers whose ids arrive late, too" {
	{ echo web-01; lab_wait '[ -s raw ]'; echo web-02; } | mroom exec -q --batch 1 --pause 2s -- 'date +%s%N' >raw
	awk -F'	' '{ t[NR] = $2 } END { exit NR != 2 || t[2] - t[1] < 1900000000 }' raw
}

@test "--random: all servers, in another order" {
	run_exec -q -f 1 --random -- true
	run_exec -q -f 1 --random -- echo x
	first=$(cat raw)
	[ "$(wc -l <raw)" = 12 ]
	run_exec -q -f 1 --random -- echo x
	second=$(cat raw)
	run_exec -q -f 1 --random -- echo x
	[ "$first" != "$second" ] || [ "$second" != "$(cat raw)" ]
}

@test "--retries dials again what could not be reached, and runs nothing twice" {
	mkfifo port
	# A listener that hangs up twice, then lets through to the real server.
	perl -MIO::Socket::INET -MIO::Select -e '
		my $l = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 9) or die;
		open(P, ">", "port"); print P $l->sockport, "\n"; close P;
		my $n = 0;
		while (my $c = $l->accept) {
			if ($n++ < 2) { close $c; next }
			my $s = IO::Socket::INET->new("127.0.0.1:$ENV{LAB_PORT}") or die;
			my $both = IO::Select->new($c, $s);
			while (my @r = $both->can_read) { for my $r (@r) {
				my $got = sysread($r, my $b, 65536) or exit;
				syswrite($r == $c ? $s : $c, $b);
			} }
		}' 3>&- &
	lab_keep $!
	read -r port <port
	sed "s/^\[127.1.0.1\]:[0-9]*/[127.0.0.1]:$port/" "$MROOM_HOME/known_hosts" | grep "^\[127.0.0.1\]" >>"$MROOM_HOME/known_hosts"
	status=0
	mroom exec --retries 3 -i "$LAB_KEY" -w "127.0.0.1:$port,web-01" -- echo reached >raw 2>said </dev/null || status=$?
	[ "$status" = 0 ]
	[ "$(grep -c reached raw)" = 2 ]
	grep -q ': 2 ok' said
	[ "$(sqlite3 "$MROOM_HOME/mroom.db" 'SELECT count(*) FROM result')" = 2 ]
	status=0
	mroom exec --retries 1 -w 127.0.0.1:1 -- true 2>said </dev/null || status=$?
	[ "$status" = 4 ]
	grep -q ': 1 unreachable' said
}

@test "a connection lost in the middle of a command is not tried again" {
	status=0
	mroom exec --retries 3 -w web-01 -- 'echo once >>'"$PWD/count"'; kill -9 $PPID; sleep 5' >raw 2>said </dev/null || status=$?
	[ "$status" = 4 ]
	[ "$(wc -l <count)" = 1 ]
}

@test "an interrupt during a pause ends the run at once" {
	mroom exec -a --batch 3 --pause 1h -- echo up >raw 2>said </dev/null &
	pid=$!
	# their results, which come after their output
	lab_wait '[ "$(sqlite3 "$MROOM_HOME/mroom.db" "SELECT count(*) FROM result")" = 3 ]'
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	[ "$status" = 130 ]
	grep -q '3 ok, 9 skipped' said
}

@test "a hangup kills what runs, as an interrupt does; nohup does without" {
	# Who runs the tests may be deaf to it, as behind nohup.
	perl -e '$SIG{HUP} = "DEFAULT"; exec @ARGV' mroom exec -a -- 'echo up; exec sleep 86602' >raw 2>said </dev/null &
	pid=$!
	lab_wait 'test "$(wc -l <raw)" = 12'
	kill -HUP $pid
	status=0
	wait $pid || status=$?
	[ "$status" = 130 ]
	refute pgrep -f 'sleep 86602'
	nohup mroom exec -w web-01 -- 'echo up; sleep 1; echo end' >kept 2>said </dev/null &
	pid=$!
	lab_wait 'grep -q up kept'
	kill -HUP $pid
	wait $pid
	grep -q end kept
}

@test "on a terminal a line says how far things are, and never mixes with output" {
	require script
	script -qefc "mroom exec -w 'web-[01-06]' -- 'echo one; sleep 1.5; echo two; sleep 1.5; echo three'" shown >/dev/null </dev/null
	grep -q '0/6 done, 6 running; slowest: web-0' shown
	# Whatever was drawn is taken away before anything else: without it the output is whole.
	tr -d '\r' <shown | sed 's/\x1b\[K/\n/g' | grep -v -e ' done, ' -e '^Script' -e '^$' | grep -v '^6 servers' | sort >lines
	for i in 1 2 3 4 5 6; do printf 'web-0%d: one\nweb-0%d: three\nweb-0%d: two\n' $i $i $i; done | sort >want
	diff want lines
	# Into a file it is drawn too; into a pipe it is not, as the reader may write to the same terminal.
	script -qefc "mroom exec -w web-01 -- 'sleep 1.5' >/dev/null" shown >/dev/null </dev/null
	grep -q '0/1 done, 1 running' shown
	script -qefc "mroom exec -w web-01 -- 'sleep 1.5; echo end' | cat" shown >/dev/null </dev/null
	grep -q end shown
	refute grep -q 'done, ' shown
	script -qefc "mroom exec -q -w web-01 -- 'sleep 1.5'" shown >/dev/null </dev/null
	refute grep -q 'done, ' shown
}
