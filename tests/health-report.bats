#!/usr/bin/env bats
# mroom health report: one screen, records, Prometheus, a page.
# shellcheck disable=SC2154 # stderr is what run --separate-stderr sets

bats_require_minimum_version 1.5.0
load lib/lab

setup_file() {
	lab_sshd_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	lab_room 4
	quiet_settings
	printf '[health.web-02]\nmemory = 0:0\n[health.web-03]\nmemory = 0:100\n' >>"$MROOM_HOME/config.ini"
}

# Only what the tests make trouble of is trouble.
quiet_settings() {
	printf '[require]\nram_gb = 0\ndisk_gb = 0\n[health]\nping_address =\ndns_name =\n' >"$MROOM_HOME/config.ini"
	printf '%s = off\n' load1 load5 load15 zombies disk inodes cpu swap cgroup updates units >>"$MROOM_HOME/config.ini"
	printf 'ignore = reboot,route,container*\n' >>"$MROOM_HOME/config.ini"
}

check() {
	mroom health check -a -q >/dev/null || :
}

@test "records name the worst first, and nothing that is well unless asked" {
	check
	run --separate-stderr mroom health report
	[ "$status" -eq 2 ]
	[ "$(cut -f1-3 <<<"$output")" = "$(printf 'web-02\tCRITICAL\tmemory\nweb-03\tWARNING\tmemory')" ]
	run --separate-stderr mroom health report web-01
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	run --separate-stderr mroom health report web-01 --full
	[[ $output == *"$(printf 'web-01\tOK\tuptime')"* ]]
}

@test "one screen folds servers with the same trouble, and says what changed" {
	check
	quiet_settings
	printf '[health.lab]\nmemory = 0:100\n' >>"$MROOM_HOME/config.ini"
	check
	run --separate-stderr mroom health report -o table
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "4 servers: 4 WARNING" ]
	[[ $output == *"WARNING memory 4: web-[01-04] "* ]]
	[[ $output == *"memory: OK -> WARNING  2: web-[01,04]"* ]]
	[[ $output == *"memory: CRITICAL -> WARNING  web-02"* ]]
}

@test "a screen holds 500 servers with all kinds of trouble" {
	lab_roster 500 >"$BATS_TEST_TMPDIR/lab.txt"
	mroom inventory import "$BATS_TEST_TMPDIR/lab.txt" --prune -q >/dev/null
	sqlite3 "$MROOM_HOME/mroom.db" "INSERT INTO checkup SELECT row, unixepoch() * 1000,
		json_object('at', unixepoch() * 1000, 'status', 'CRITICAL', 'checks', json_array(
		json_object('check', 'disk:/' || (row % 40), 'status', iif(row % 3, 'WARNING', 'CRITICAL'), 'text', 'x', 'value', row)))
		FROM server"
	run --separate-stderr mroom health report -o table
	[ "${#lines[@]}" -le 40 ]
	[[ ${lines[0]} == "500 servers: "* ]]
	[[ $output == *"more kinds of trouble"* ]]
}

@test "what was never checked, or long ago, is UNKNOWN" {
	run --separate-stderr mroom health report web-01
	[ "$status" -eq 3 ]
	[ "$output" = "$(printf 'web-01\tUNKNOWN\treach\t\tnever checked')" ]
	check
	sqlite3 "$MROOM_HOME/mroom.db" "UPDATE checkup SET found = json_set(found, '\$.at', 1000)"
	run --separate-stderr mroom health report web-01
	[ "$status" -eq 3 ]
	[[ $output == "web-01	UNKNOWN	stale"* ]]
}

# Trouble with a name that means something in every language it passes through.
evil_check() {
	mkdir -p "$MROOM_HOME/checks"
	cat >"$MROOM_HOME/checks/a\"b'<script>" <<'CHECK'
#!/bin/sh
printf '%s\n' "<script>document.title='taken'</script><img src=x onerror=document.title='taken'> \"'&\\ | a=3"
exit 1
CHECK
	chmod +x "$MROOM_HOME/checks"/*
}

@test "promtool accepts the metrics, whatever a server says" {
	require promtool
	evil_check
	check
	mroom health report -o prometheus >"$BATS_TEST_TMPDIR/mroom.prom" || [ $? -eq 2 ]
	run promtool check metrics <"$BATS_TEST_TMPDIR/mroom.prom"
	[ "$status" -eq 0 ]
	[ -z "$output" ]
	grep -qx 'mroom_health_status{id="web-02"} 2' "$BATS_TEST_TMPDIR/mroom.prom"
	grep -q '^mroom_disk_used_ratio{id="web-01",mount="/"} 0\.' "$BATS_TEST_TMPDIR/mroom.prom"
	grep -qF 'mroom_own_check_value{id="web-01",name="a\"b'\''<script>"} 3' "$BATS_TEST_TMPDIR/mroom.prom"
	# A check gives the same without a second step.
	mroom health check -a -q -o prometheus >"$BATS_TEST_TMPDIR/mroom.prom" || [ $? -eq 2 ]
	promtool check metrics <"$BATS_TEST_TMPDIR/mroom.prom"
}

@test "the page needs nothing from outside, and holds no markup of a server's" {
	evil_check
	check
	run mroom health report --html "$BATS_TEST_TMPDIR/page.html"
	[ "$status" -eq 2 ]
	[ "$(stat -c %a "$BATS_TEST_TMPDIR/page.html")" = 644 ]
	run ! grep -E "(src|href)=\"?(https?:|//)|@import|url\(" "$BATS_TEST_TMPDIR/page.html"
	[ "$(grep -c '<script>' "$BATS_TEST_TMPDIR/page.html")" -eq 1 ]
	grep -q "&lt;script&gt;document.title=&#39;taken&#39;" "$BATS_TEST_TMPDIR/page.html"
	run mroom health report --html "$BATS_TEST_TMPDIR/nosuch/page.html"
	[ "$status" -eq 3 ]
}

@test "a browser sorts and filters the page without an error, and runs nothing of a server's" {
	not_quick
	require chromium python3
	evil_check
	check
	sqlite3 "$MROOM_HOME/mroom.db" 'UPDATE sample SET at = at - 20000'
	check
	mroom health report --html "$BATS_TEST_TMPDIR/page.html" || [ $? -eq 2 ]
	local ids='[...document.querySelectorAll("#servers > tbody > tr")].filter((row) => !row.hidden).map((row) => row.cells[0].textContent).join(" ")'
	local search='{ const search = document.getElementById("search"); search.value = "WORDS"; search.dispatchEvent(new Event("input")); void 0; }'
	local column='document.querySelectorAll("#servers > thead button")'
	{
		printf '%s\n' "$ids" "${column}[0].click()" "$ids" "${column}[0].click()" "$ids"
		printf '%s\n' "${column}[2].click()" "$ids" "${search/WORDS/memory web-03}" "$ids" "${search/WORDS/nosuch}" "$ids"
		printf '%s\n' 'document.getElementById("none").hidden' "${search/WORDS/}" "$ids"
		printf '%s\n' 'document.querySelector("nav button[data-status=\"2\"]").click()' "$ids"
		printf '%s\n' 'document.title' 'document.querySelectorAll("tbody script, img").length'
		printf '%s\n' 'document.querySelectorAll("td polyline").length > 0' errors
	} >"$BATS_TEST_TMPDIR/steps"
	run --separate-stderr "$MROOM_TOP/tests/lib/browser" "$BATS_TEST_TMPDIR/page.html" <"$BATS_TEST_TMPDIR/steps"
	echo "$stderr"
	[ "$status" -eq 0 ]
	[ "$(grep -v null <<<"$output")" = '"web-02 web-01 web-03 web-04"
"web-01 web-02 web-03 web-04"
"web-04 web-03 web-02 web-01"
"web-02 web-04 web-03 web-01"
"web-03"
""
false
"web-02 web-04 web-03 web-01"
"web-02"
"Health of 4 servers"
0
true
0' ]
}
