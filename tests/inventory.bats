#!/usr/bin/env bats
# mroom inventory: rosters in, servers out.
# shellcheck disable=SC2154 # stderr and stderr_lines are what run --separate-stderr sets

bats_require_minimum_version 1.5.0
load lib/lab

setup() {
	top=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	PATH=${BUILD:-$top/build}/bin:$PATH
	export MROOM_HOME=$BATS_TEST_TMPDIR/home
	cd "$BATS_TEST_TMPDIR" || return
}

inventory() {
	mroom-inventory "$@"
}

# Writes a roster of $2 servers to file $1; their port is $3.
roster() {
	seq -f "web-%06g" "$2" | sed "s/\$/--10.0.0.1--root--secret-of-it--$3/" >"$1"
}

# The guide's own example.
guide() {
	cat >production_servers.txt <<'END'
#prod-vpn--L2TP/IPSEC--vpn.company.com--vpnuser--vpnpass
web-01--192.168.1.100--root--password123--22
web-02--192.168.1.101--root--password123--22
db-primary--192.168.1.200--postgres--dbpass--5432
cache-redis--192.168.1.210--redis--cachepass--6379
END
}

@test "the guide's example is imported and listed in file order" {
	guide
	run --separate-stderr inventory import production_servers.txt
	[ "$status" = 0 ]
	[ "$stderr" = "production_servers: 4 added, 0 changed, 0 unchanged
production_servers: tunnel added: prod-vpn" ]
	[ "$output" = "web-01	added		
web-02	added		
db-primary	added		
cache-redis	added		" ]
	run inventory ls
	[ "$output" = "web-01	192.168.1.100	22	root		production_servers	0	prod-vpn		false	
web-02	192.168.1.101	22	root		production_servers	1	prod-vpn		false	
db-primary	192.168.1.200	5432	postgres		production_servers	2	prod-vpn		false	
cache-redis	192.168.1.210	6379	redis		production_servers	3	prod-vpn		false	" ]
}

@test "JSON has the promised fields in the promised order, and no password" {
	guide
	inventory import production_servers -q
	run inventory show web-01 --json
	[ "$output" = '{"id":"web-01","host":"192.168.1.100","port":22,"user":"root","key":null,"room":"production_servers","position":0,"tunnel":"prod-vpn","tags":[],"retired":false,"description":null}' ]
}

@test "show prints a block for a terminal, also for several servers" {
	guide
	inventory import production_servers -q
	run inventory show web-01 db-primary -o table --columns id,port,key,retired
	[ "$output" = "id           web-01
port         22
key
retired      no

id           db-primary
port         5432
key
retired      no" ]
}

@test "a table has a header, --columns picks fields, -H heads records" {
	guide
	inventory import production_servers -q
	run inventory ls -o table --columns id,port web-01
	[ "${lines[0]}" = "ID     PORT" ]
	[ "${lines[1]}" = "web-01   22" ]
	run inventory ls -H --columns port,id 'web*'
	[ "$output" = "#port	id
22	web-01
22	web-02" ]
}

@test "ls takes ids, globs, rooms and a stream" {
	guide
	inventory import production_servers -q
	echo 'x--10.0.0.9--root' | inventory import - --room other -q
	[ "$(inventory ls --columns id @other)" = x ]
	[ "$(inventory ls --columns id 'web-[01-02]' x)" = "web-01
web-02
x" ]
	[ "$(inventory ls --columns id -x 'web*,x')" = "db-primary
cache-redis" ]
	[ "$(printf 'x\tnote\nweb-02\n' | inventory ls --columns id -)" = "x
web-02" ]
	run inventory ls nosuch
	[ "$status" = 2 ]
	[[ $output == *"no server 'nosuch'"* ]]
}

@test "an empty home lists nothing, without an error" {
	run inventory ls
	[ "$status" = 0 ]
	[ "$output" = "" ]
}

@test "importing the same file again changes nothing" {
	guide
	inventory import production_servers -q
	before=$(inventory ls --json)
	run --separate-stderr inventory import production_servers
	[ "$status" = 0 ]
	[ "$output" = "" ]
	[ "$stderr" = "production_servers: 0 added, 0 changed, 4 unchanged" ]
	[ "$(inventory ls --json)" = "$before" ]
}

@test "changes are named field by field" {
	guide
	inventory import production_servers -q
	sed -i 's/^web-01.*/web-01--10.1.1.1--admin--new--2222--\/k/; s/dbpass/dbpass2/' production_servers.txt
	run --separate-stderr inventory import production_servers
	[ "$output" = "web-01	changed	host,port,user,key,password	
db-primary	changed	password	" ]
	[ "$stderr" = "production_servers: 0 added, 2 changed, 2 unchanged" ]
}

@test "servers gone from the file stay at the end and are reported" {
	guide
	inventory import production_servers -q
	sed -i '/web-01/d' production_servers.txt
	run --separate-stderr inventory import production_servers
	[ "$output" = "web-01	gone		" ]
	[ "$stderr" = "production_servers: 0 added, 0 changed, 3 unchanged
production_servers: not in the file, but kept: web-01 (--prune removes, --retire retires)" ]
	[ "$(inventory ls --columns id,position | tail -1)" = "web-01	3" ]
}

@test "--prune removes them, --retire retires them" {
	guide
	inventory import production_servers -q
	sed -i '/web-01/d' production_servers.txt
	run --separate-stderr inventory import production_servers --retire
	[ "$output" = "web-01	retired		" ]
	[ "$(inventory ls --columns id | paste -sd' ')" = "web-02 db-primary cache-redis" ]
	[ "$(inventory ls --retired --columns id,retired | tail -1)" = "web-01	true" ]
	[ "$(inventory ls --columns id,retired web-01)" = "web-01	true" ]
	sed -i '/web-02/d' production_servers.txt
	run --separate-stderr inventory import production_servers --prune
	[ "$output" = "web-02	removed		
web-01	removed		" ]
	[ "$(inventory ls --retired --columns id | paste -sd' ')" = "db-primary cache-redis" ]
	run inventory import production_servers --prune --retire
	[ "$status" = 2 ]
	[[ $output == *"exclude each other"* ]]
}

@test "a retired server that comes back in the file stays retired, and that is said" {
	guide
	inventory import production_servers -q
	sed -i '/web-01/d' production_servers.txt
	inventory import production_servers --retire -q
	guide
	run --separate-stderr inventory import production_servers
	[ "$output" = "" ]
	[ "$stderr" = "production_servers: 0 added, 0 changed, 4 unchanged
production_servers: 1 in the file is retired and stays so" ]
	[ "$(inventory ls --retired --columns id,position,retired | head -1)" = "web-01	0	true" ]
}

@test "an empty file prunes nothing" {
	guide
	inventory import production_servers -q
	: >production_servers.txt
	run inventory import production_servers --prune
	[ "$status" = 2 ]
	[[ $output == *"would remove the whole room"* ]]
	run inventory import production_servers --retire
	[ "$status" = 2 ]
	[ "$(inventory ls | wc -l)" -eq 4 ]
}

@test "a server is in one room: the last import has it" {
	printf 'a--h--u\nb--h--u\nc--h--u\n' >one.txt
	printf 'b--h--u\n' >two.txt
	inventory import one -q
	run --separate-stderr inventory import two
	[ "$output" = "b	moved	room	one" ]
	[ "$stderr" = "two: 0 added, 0 changed, 1 moved, 0 unchanged
two: moved here from other rooms: b" ]
	[ "$(inventory ls --columns id,room,position)" = "a	one	0
c	one	1
b	two	0" ]
}

@test "--dry-run shows what would change and changes nothing" {
	guide
	run --separate-stderr inventory import production_servers --dry-run
	[ "$status" = 0 ]
	[ "${#lines[@]}" -eq 4 ]
	[[ $stderr == "production_servers: dry run, nothing done: 4 added, 0 changed, 0 unchanged"* ]]
	[ -z "$(inventory ls)" ]
	[ ! -e "$MROOM_HOME/secret.key" ]
}

@test "a file is sought as it is, with .txt, and both again in MROOM_HOME" {
	mkdir -m 700 home
	echo 'a--here--u' >there.txt
	echo 'a--home--u' >home/there.txt
	echo 'b--home--u' >home/bare
	mkdir there
	inventory import there -q
	[ "$(inventory ls --columns host,room)" = "here	there" ]
	rm there.txt
	inventory import there -q
	[ "$(inventory ls --columns host,room)" = "home	there" ]
	inventory import bare -q
	inventory import "$PWD/home/bare" --room full -q
	[ "$(inventory ls --columns id,room b)" = "b	full" ]
	run inventory import nosuch
	[ "$status" = 2 ]
	[[ $output == *"nosuch: no such file here or in $MROOM_HOME, with or without .txt" ]]
	run inventory import /
	[ "$status" = 2 ]
	[[ $output == *"/ is a directory, a roster file is needed" ]]
}

@test "standard input and pipes need --room" {
	run inventory import - <<<'a--h--u'
	[ "$status" = 2 ]
	[[ $output == *"use --room NAME"* ]]
	run inventory import <(echo 'a--h--u')
	[ "$status" = 2 ]
	inventory import --room r -q <(echo 'a--h--u')
	[ "$(inventory ls --columns room)" = r ]
}

@test "a room's name is checked, from the file or from --room" {
	echo 'a--h--u' >'my servers.txt'
	run inventory import 'my servers.txt'
	[ "$status" = 2 ]
	[[ $output == *"name the room with --room"*"may hold letters"* ]]
	run inventory import 'my servers.txt' --room failed
	[ "$status" = 2 ]
	[[ $output == *"'failed' is a reserved word"* ]]
	inventory import 'my servers.txt' --room mine -q
	[ "$(inventory ls --columns room)" = mine ]
}

@test "every bad line is reported, and then nothing is imported" {
	printf 'a--h--u\nx\n\nshow--h--u\na--h--u\nb--h--u\n' >r.txt
	run --separate-stderr inventory import r.txt
	[ "$status" = 2 ]
	[ "$output" = "" ]
	[[ ${stderr_lines[0]} == "r.txt:2: no delimiter"* ]]
	[ "${stderr_lines[1]}" = "r.txt:4: id 'show' is a command's name, so 'mroom show' could not mean a server" ]
	[ "${stderr_lines[2]}" = "r.txt:5: id 'a' is on line 1 already" ]
	[[ ${stderr_lines[3]} == *"r.txt: 3 lines cannot be read, so nothing was imported"* ]]
	[ -z "$(inventory ls)" ]
}

@test "--keep-going imports the good lines and still says 2" {
	printf 'a--h--u\nx\nb--h--u\n' >r.txt
	run --separate-stderr inventory import r.txt --keep-going
	[ "$status" = 2 ]
	[ "$output" = "a	added		
b	added		" ]
	[[ ${stderr_lines[0]} == "r.txt:2: no delimiter"* ]]
	run inventory import r.txt --keep-going --prune
	[ "$status" = 2 ]
	[[ $output == *"mend it before --prune"* ]]
}

@test "servers behind a misspelt tunnel are never imported without it" {
	printf 'w--h--u\n#t--L2TP-IPSEC--h--u--p\nx--h--u\ny--h--u\n#u--SSH--h--u--p\nz--h--u\n' >r.txt
	run inventory import r.txt
	[ "$status" = 2 ]
	[[ $output == "r.txt:2: unknown tunnel type 'L2TP-IPSEC', known are L2TP/IPSEC, CISCO/IPSEC, IKEV2, SSTP, PPTP, WIREGUARD, OPENVPN, SSH"*"the 2 servers behind it"* ]]
	run --separate-stderr inventory import r.txt --keep-going
	[ "$output" = "w	added		
z	added		" ]
	[ "$(inventory ls --columns id,tunnel)" = "w	
z	u" ]
}

@test "hostile rosters do no harm" {
	# shellcheck disable=SC2016 # that it is not run is what is tested
	printf 'a--$(touch x)--u\nb--;reboot--u\n../c--h--u\nd--h--\033[2J\n-w--h--u\ne--h--u--p\033]0;x\007--22\n' >r.txt
	head -c 100000 /dev/urandom >noise.txt
	run inventory import r.txt
	[ "$status" = 2 ]
	[ "${#lines[@]}" -eq 7 ]
	[[ $output != *$'\033'* ]]
	[ ! -e x ]
	run inventory import noise.txt
	[ "$status" = 2 ]
	[ "${#lines[@]}" -eq 2 ]
	tr '\0\n' x <noise.txt >line.txt
	run inventory import line.txt
	[ "$status" = 2 ]
	[ "${#lines[@]}" -eq 2 ]
}

@test "a password never shows: not in listings, messages, the database or its log" {
	cat >r.txt <<'END'
#t--SSH--gate--jump--TUNNELSECRET
a--h--u--SERVERSECRET--22
b--h--u--FIRSTSECRET--LASTSECRET--22
c--h--SLIP---SLIPSECRET
END
	run inventory import r.txt --keep-going
	[[ $output != *SECRET* ]]
	[ "$(inventory ls --columns id)" = a ]
	inventory ls --json >all
	inventory show a -o table >>all
	inventory import r.txt --keep-going -o json >>all 2>&1 || true
	refute grep -a SECRET all
	refute grep -ra SECRET "$MROOM_HOME"
	[ "$(stat -c %a "$MROOM_HOME" "$MROOM_HOME/mroom.db" "$MROOM_HOME/secret.key" | paste -sd' ')" = "700 600 600" ]
}

@test "a full disk behind standard output is an error" {
	guide
	inventory import production_servers -q
	run sh -c 'mroom-inventory ls >/dev/full'
	[ "$status" = 6 ]
	[[ $output == *"No space left on device"* ]]
}

@test "100,000 servers are imported in one go and listed" {
	roster big.txt 100000 22
	run --separate-stderr inventory import big.txt -o json
	[ "$status" = 0 ]
	[ "$stderr" = "big: 100000 added, 0 changed, 0 unchanged" ]
	[ "${#lines[@]}" -eq 100000 ]
	[ "$(inventory ls | wc -l)" -eq 100000 ]
	[ "$(inventory ls --columns position web-100000)" = 99999 ]
}

@test "an import killed at any moment leaves the old or the new room" {
	roster a.txt 10000 1001
	roster b.txt 10000 1002
	inventory import a.txt --room r -q >/dev/null
	wanted=50
	[ "${CI:-}" != true ] || wanted=5
	# How long a whole import takes here, in milliseconds: kills fall anywhere within it.
	start=$(date +%s%3N)
	inventory import b.txt --room r -q >/dev/null
	whole=$(($(date +%s%3N) - start))
	now=1002
	for ((killed = 0, tries = 0; killed < wanted && tries < 10 * wanted; tries++)); do
		file=$([ "$now" = 1002 ] && echo a || echo b)
		mroom-inventory import "$file.txt" --room r -q >/dev/null 3>&- &
		pid=$!
		# A read from a pipe that stays silent ends at its timeout.
		read -r -t "$(printf '%d.%03d' 0 $((RANDOM % (whole + 1) % 1000)))" <> <(:) || true
		kill -9 $pid 2>/dev/null || true
		wait $pid || killed=$((killed + 1))
		ports=$(inventory ls --columns port @r | sort | uniq -c | tr -s ' ' | sed 's/^ //')
		[[ $ports == "10000 1001" || $ports == "10000 1002" ]] || {
			echo "try $tries: $ports"
			return 1
		}
		now=${ports#* }
	done 2>/dev/null
	[ "$killed" -eq "$wanted" ]
	inventory import a.txt --room r -q >/dev/null
	[ "$(inventory ls --columns port @r | sort | uniq -c | tr -s ' ')" = " 10000 1001" ]
}

@test "50 imports of different rooms at once: none fails, none is lost" {
	for i in $(seq 50); do
		roster "r$i.txt" 20 22
		sed -i "s/^web/r$i/" "r$i.txt"
	done
	pids=()
	for i in $(seq 50); do
		mroom-inventory import "r$i.txt" -q >/dev/null 2>"err$i" 3>&- &
		pids+=($!)
	done
	failed=0
	for pid in "${pids[@]}"; do wait "$pid" || failed=$((failed + 1)); done
	cat err*
	[ "$failed" = 0 ]
	[ "$(inventory ls | wc -l)" -eq 1000 ]
	[ "$(inventory ls --columns room | sort -u | wc -l)" -eq 50 ]
}

@test "the example of mroom-roster(5) means what the page says" {
	sed -n '/^.Sh EXAMPLES/,$p' "$top/man/mroom-roster.5" |
		sed -n '/^.Bd/,/^.Ed/{/^\./!p}' >example.txt
	inventory import example -q
	[ "$(inventory ls --columns id,host,port,user,key,tunnel)" = "gate	203.0.113.7	2222	admin	~/.ssh/gate	
dev-web-01	10.0.1.100	22	ubuntu		dev-vpn
dev-db-01	10.0.1.200	22	ubuntu		dev-vpn
staging-web-01	10.0.2.100	22	ubuntu		staging-vpn" ]
}

@test "verbs and options tell of themselves" {
	run mroom-inventory --list-options
	[[ $output == *"verb	import	read a list of servers into a room"* ]]
	run mroom-inventory import --list-options
	[[ $output == *"	dry-run	flag	"* ]]
	run mroom-inventory lz
	[ "$status" = 2 ]
	[[ $output == *"did you mean ls?"* ]]
	run mroom-inventory import
	[ "$status" = 2 ]
	run mroom-inventory import a b
	[ "$status" = 2 ]
}
