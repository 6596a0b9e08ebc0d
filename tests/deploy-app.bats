#!/usr/bin/env bats
# mroom deploy app: versions, health, and the way back.

load lib/lab
load lib/copy

setup_file() {
	lab_homes_start
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	lab_home
	lab_room 6
	lab_homes 6
	cd "$BATS_TEST_TMPDIR" || return 1
}

run_app() {
	status=0
	mroom deploy app "$@" >"$BATS_TEST_TMPDIR/.out" 2>"$BATS_TEST_TMPDIR/.err" </dev/null || status=$?
	out=$(<"$BATS_TEST_TMPDIR/.out")
	err=$(<"$BATS_TEST_TMPDIR/.err")
	[ -z "$err" ] || echo "$err"
}

# The application `shop` in version $1: it "serves" its page by copying it, and is healthy where ~/sick is not.
app() {
	echo "page of $1" >page
	echo "key $1" >key
	cat >shop.ini <<-INI
	[app shop]
	version = $1
	dir.1 = $LAB/srv/{{SERVER_HOST}}/shop
	file.1 = page $LAB/srv/{{SERVER_HOST}}/shop/page
	file.2 = key $LAB/srv/{{SERVER_HOST}}/shop/key-{{SERVER_ID}} 0600
	start = cp "\$HOME/shop/page" "\$HOME/served"
	stop = rm -f "\$HOME/served"
	health = grep -q "page of \$APP_VERSION" "\$HOME/served" && ! grep -qsx "\$APP_VERSION" "\$HOME/sick"
	health_timeout = 1s
	log = echo "the log of \$APP_VERSION"
	INI
}

served() {
	cat "$(srv "$1")/served"
}

@test "an application is put in place, private files private, and not again while nothing changed" {
	app 1.0
	run_app shop.ini 'web-[01-02]'
	[ "$status" = 0 ]
	[ "$(sort <<<"$out")" = "web-01	shop	changed	1.0	
web-02	shop	changed	1.0	" ]
	[ "$(served 2)" = "page of 1.0" ]
	[ "$(stat -c %a "$(srv 1)/shop/key-web-01")" = 600 ]
	run_app shop.ini 'web-[01-02]'
	[ "$(cut -f3 <<<"$out" | sort -u)" = same ]
	rm "$(srv 1)/served"
	run_app shop.ini --force web-01
	[ "$(cut -f3 <<<"$out")" = restarted ]
	[ "$(served 1)" = "page of 1.0" ]
	[ "$(mroom state get web-01 shop_version)" = 1.0 ]
	# other contents under the same version are another version
	echo "page of 1.0, mended" >page
	run_app shop.ini web-01
	[ "$(cut -f3 <<<"$out")" = changed ]
	[ "$(served 1)" = "page of 1.0, mended" ]
}

@test "version 2 is sick on 2 of 6 servers: those serve version 1 again, and the report says why" {
	app 1
	run_app shop.ini -a
	echo 2 >"$(srv 3)/sick"
	echo 2 >"$(srv 5)/sick"
	app 2
	run_app shop.ini -a
	[ "$status" = 1 ]
	for i in 1 2 4 6; do [ "$(served $i)" = "page of 2" ]; done
	for i in 3 5; do
		[ "$(served $i)" = "page of 1" ]
		[ "$(cat "$(srv $i)/shop/page")" = "page of 1" ]
	done
	grep -qx 'web-03: log: the log of 2' <<<"$err"
	refute grep -q '^web-01: log:' <<<"$err"
	[[ $err == *"web-[03,05]: failed: version 2: not healthy within 1 s: no output, exit status 1 (version 1 is back)"* ]]
	run_app status shop -a
	[ "$(cut -f1,4 <<<"$out" | sort)" = "web-01	2
web-02	2
web-03	1
web-04	2
web-05	1
web-06	2" ]
	[ "$(cut -f3 <<<"$out" | sort -u)" = healthy ]
	run_app history shop web-03
	grep -q '	failed: not healthy' <<<"$out"
}

@test "with --rollback all every server of the run goes back" {
	app 1
	run_app shop.ini -a
	echo 2 >"$(srv 3)/sick"
	app 2
	run_app shop.ini --rollback all -a
	[ "$status" = 1 ]
	for i in 1 2 3 4 5 6; do [ "$(served $i)" = "page of 1" ]; done
}

@test "a canary that fails stops it all; so does a batch" {
	app 1
	run_app shop.ini -a
	app 2
	echo 2 >"$(srv 1)/sick"
	run_app shop.ini --canary 1 -a
	[ "$status" = 1 ]
	[[ $err == *"stopped: 5 servers were not begun"* ]]
	for i in 1 2 3 4 5 6; do [ "$(served $i)" = "page of 1" ]; done
	rm "$(srv 1)/sick"
	echo 2 >"$(srv 4)/sick"
	run_app shop.ini --canary 1 --batch 2 -a
	[[ $err == *"stopped: 1 servers were not begun"* ]]
	[ "$(served 3)" = "page of 2" ]
	[ "$(served 4)" = "page of 1" ]
	[ "$(served 6)" = "page of 1" ]
}

@test "where nothing ran before, what failed is taken away" {
	app 1
	echo 1 >"$(srv 1)/sick"
	run_app shop.ini -v web-01
	[ "$status" = 1 ]
	[[ $err == *"nothing ran before"* ]]
	[[ $err == *"the log of 1"* ]]
	[ ! -e "$(srv 1)/served" ]
	[ ! -e "$(srv 1)/shop/page" ]
}

@test "a file that the server had before comes back, whatever becomes of the application" {
	app 1
	mkdir -p "$(srv 1)/shop"
	echo "the distribution's" >"$(srv 1)/shop/page"
	chmod 640 "$(srv 1)/shop/page"
	echo other >"$(srv 1)/shop/other"
	# it fails before its second file, then at its start, and then is removed
	sed -i 's|^file.1.*|& 0644 nosuchuser|; s|^health =.*|file.3 = key '"$LAB"'/srv/{{SERVER_HOST}}/shop/other\n&|' shop.ini
	run_app shop.ini web-01
	[ "$status" = 1 ]
	[ "$(cat "$(srv 1)/shop/page" "$(srv 1)/shop/other")" = "the distribution's
other" ]
	app 1
	echo 1 >"$(srv 1)/sick"
	run_app shop.ini web-01
	[ "$status" = 1 ]
	[ "$(cat "$(srv 1)/shop/page")" = "the distribution's" ]
	[ ! -e "$(srv 1)/shop/key-web-01" ]
	rm "$(srv 1)/sick"
	run_app shop.ini web-01
	[ "$status" = 0 ]
	app 2
	run_app shop.ini web-01
	[ "$(cat "$(srv 1)/shop/page")" = "page of 2" ]
	run_app remove shop web-01
	[ "$status" = 0 ]
	[ "$(cat "$(srv 1)/shop/page")" = "the distribution's" ]
	[ "$(stat -c %a "$(srv 1)/shop/page")" = 640 ]
	[ ! -e "$(srv 1)/shop/key-web-01" ]
}

@test "links are put in place, follow the version, and go again" {
	app 1
	echo 'link.1 = releases/{{SERVER_ID}}-1 '"$LAB"'/srv/{{SERVER_HOST}}/shop/current' >>shop.ini
	mkdir -p "$(srv 1)/shop/releases/web-01-1" "$(srv 2)/shop/current"
	ln -s /nowhere "$(srv 1)/shop/current"
	run_app shop.ini web-01
	[ "$status" = 0 ]
	[ "$(readlink "$(srv 1)/shop/current")" = releases/web-01-1 ]
	# a directory does not give way
	run_app shop.ini web-02
	[ "$status" = 1 ]
	[[ $err == *"shop/current: is a directory"* ]]
	app 2
	echo 'link.1 = releases/{{SERVER_ID}}-2 '"$LAB"'/srv/{{SERVER_HOST}}/shop/current' >>shop.ini
	run_app shop.ini web-01
	[ "$(readlink "$(srv 1)/shop/current")" = releases/web-01-2 ]
	run_app rollback shop web-01
	[ "$(readlink "$(srv 1)/shop/current")" = releases/web-01-1 ]
	run_app remove shop web-01
	[ "$(readlink "$(srv 1)/shop/current")" = /nowhere ]
	for link in '/a' '/a b' 'a /b c'; do
		printf '[app x]\nversion = 1\nlink.1 = %s\n' "$link" >x.ini
		run_app x.ini web-01
		[ "$status" = 2 ]
	done
}

@test "what is current and does not start again is left as it is, and not taken for well" {
	app 1
	run_app shop.ini web-01
	echo 1 >"$(srv 1)/sick"
	run_app shop.ini --force web-01
	[ "$status" = 1 ]
	[[ $out == *"it was current before: it was left as it is"* ]]
	[ -e "$(srv 1)/shop/page" ]
	rm "$(srv 1)/sick"
	run_app shop.ini web-01
	[ "$(cut -f3 <<<"$out")" = restarted ]
	[ "$(served 1)" = "page of 1" ]
	run_app shop.ini web-01
	[ "$(cut -f3 <<<"$out")" = same ]
}

@test "rollback goes to the version before, and forth again; remove takes all away" {
	app 1
	run_app shop.ini web-01
	app 2
	run_app shop.ini web-01
	run_app rollback shop web-01
	[ "$out" = "web-01	shop	back	1	" ]
	[ "$(served 1)" = "page of 1" ]
	run_app rollback shop web-01
	[ "$(served 1)" = "page of 2" ]
	run_app remove shop web-01
	[ "$status" = 0 ]
	[ ! -e "$(srv 1)/served" ]
	[ ! -e "$(srv 1)/shop/page" ]
	[ ! -e "$(srv 1)/.mroom/apps/shop" ]
	run_app rollback shop web-02
	[ "$status" = 1 ]
	[[ $err == *"no version before"* ]]
}

@test "several applications in one file come in the order they ask for" {
	cat >apps.ini <<-INI
	[app web]
	version = 1
	after = db
	start = echo web >>"\$HOME/order"
	[app db]
	version = 1
	start = echo db >>"\$HOME/order"
	INI
	run_app apps.ini web-01
	[ "$status" = 0 ]
	[ "$(cat "$(srv 1)/order")" = "db
web" ]
	sed -i 's/^version/after = web\n&/' apps.ini
	run_app apps.ini web-01
	[ "$status" = 2 ]
	[[ $err == *"in a circle"* ]]
}

@test "what is wrong in the file is told with its line, before any server is asked" {
	app 1
	echo 'colour = red' >>shop.ini
	run_app shop.ini web-01
	[ "$status" = 2 ]
	[[ $err == *"shop.ini:11: no such key"* ]]
	app 1
	rm page
	run_app shop.ini web-01
	[ "$status" = 2 ]
	[[ $err == *"shop.ini:4: "*page* ]]
	printf '[app x]\nfile.1 = key relative\nversion = 1\n' >x.ini
	run_app x.ini web-01
	[ "$status" = 2 ]
	[[ $err == *"x.ini:2: a file's place on servers begins with /"* ]]
}

@test "--list of a deployment touches nothing" {
	app 1
	run_app shop.ini --list 'web-[01-02]'
	[ "$out" = "web-01
web-02" ]
	[ ! -e "$(srv 1)/served" ]
	status=0
	out=$(mroom deploy run -s env --list 'web-[01-02]') || status=$?
	[ "$status" = 0 ]
	[ "$out" = "web-01
web-02" ]
	[ ! -e "$(srv 1)/.mroom" ]
}

@test "what --force started again does not go back with --rollback all" {
	app 1
	run_app shop.ini 'web-[01-03]'
	app 2
	run_app shop.ini 'web-[01-02]'
	echo 2 >"$(srv 3)/sick"
	run_app shop.ini --force --rollback all 'web-[01-03]'
	[ "$status" = 1 ]
	[ "$(cut -f1,3 <<<"$out" | sort)" = "web-01	restarted
web-02	restarted
web-03	failed" ]
	[ "$(served 1)" = "page of 2" ]
	[ "$(served 3)" = "page of 1" ]
}
