#!/usr/bin/env bats
# What make install puts in place works from there alone, and make uninstall takes all of it away again.

load lib/lab

setup() {
	lab_home
	cd "$MROOM_TOP" || return
}

# Runs what is installed in $1, with a PATH that has nothing of the tree.
installed() {
	local prefix=$1
	shift
	env -i HOME="$HOME" MROOM_HOME="$MROOM_HOME" PATH="$prefix/bin:/usr/bin:/bin" LC_ALL=C.UTF-8 "$@"
}

works_from() {
	[[ $(installed "$1" mroom --version) == mroom\ [0-9]* ]]
	[ "$(installed "$1" mroom --exec-path)" = "$1/libexec/mroom" ]
	printf 'web-01--127.1.0.1--root\n' >"$BATS_TEST_TMPDIR/shop.txt"
	installed "$1" mroom inventory import "$BATS_TEST_TMPDIR/shop.txt" >/dev/null 2>&1
	[ "$(installed "$1" mroom inventory ls -o tsv --columns id)" = web-01 ]
	[ "$(installed "$1" mroom complete -- mroom exec -w w)" = web-01 ]
	installed "$1" mroom deploy stages -o tsv | grep -q "^docker"
	installed "$1" mroom tunnel drivers -o tsv | grep -q "^wireguard"
}

@test "an installation works from where it is, and is taken away whole" {
	local root=$BATS_TEST_TMPDIR/root
	.ci/install install "$root/opt/mroom" "$MROOM_TEST_BIN"
	works_from "$root/opt/mroom"
	local page
	for page in man/*.[1-8]; do
		[ -f "$root/opt/mroom/share/man/man${page##*.}/${page##*/}" ]
	done
	[ -f "$root/opt/mroom/share/zsh/site-functions/_mroom" ]
	[ -f "$root/opt/mroom/share/fish/vendor_completions.d/mroom.fish" ]
	[ -z "$(find "$root" -type f -perm /022)" ]
	# Somebody else's stays.
	echo own >"$root/opt/mroom/bin/other"
	.ci/install uninstall "$root/opt/mroom" "$MROOM_TEST_BIN"
	[ "$(find "$root" -type f)" = "$root/opt/mroom/bin/other" ]
	rm "$root/opt/mroom/bin/other"
	.ci/install install "$root/opt/mroom" "$MROOM_TEST_BIN"
	.ci/install uninstall "$root/opt/mroom" "$MROOM_TEST_BIN"
	[ -z "$(find "$root" -type f -o -type l)" ]
}

@test "make install and uninstall heed DESTDIR and PREFIX" {
	[ -z "$MROOM_SANITIZED" ] || skip "installs the ordinary build"
	make -n install DESTDIR=/stage PREFIX=/opt | grep -q 'install install "/stage/opt"'
	make -n uninstall DESTDIR=/stage PREFIX=/opt | grep -q 'install uninstall "/stage/opt"'
}

@test "the Debian package installs into a root, needs only Debian's libraries, and works there" {
	require dpkg-shlibdeps root
	not_quick
	local deb root=$BATS_TEST_TMPDIR/root package
	# A directory is named as make names it: from where one stands.
	deb=$(.ci/deb "$(realpath --relative-to=. "$MROOM_TEST_BIN")" 0.0.1 "$(realpath --relative-to=. "$BATS_TEST_TMPDIR")/deb")
	[ "$deb" = "$BATS_TEST_TMPDIR/deb/mroom_0.0.1_$(dpkg --print-architecture).deb" ]
	[ -f "$deb" ]
	# Everything it depends on is a package of this system's.
	for package in $(dpkg-deb -f "$deb" Depends | sed 's/([^)]*)//g; s/,/ /g'); do
		dpkg-query -W -f '${db:Status-Status}\n' "$package" | grep -qx installed
	done
	[[ $(dpkg-deb -f "$deb" Depends) != *libssh2* ]] || dpkg --compare-versions "$(dpkg-query -W -f '${Version}' libssh2-1)" ge 1.11.1
	mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates"
	touch "$root/var/lib/dpkg/status" "$root/var/lib/dpkg/available"
	dpkg --root="$root" --force-depends --no-triggers -i "$deb" >"$BATS_TEST_TMPDIR/said" 2>&1 || { cat "$BATS_TEST_TMPDIR/said"; false; }
	works_from "$root/usr"
	[ -f "$root/lib/systemd/system/mroom-tunnel@.service" ]
	[ -f "$root/usr/share/zsh/vendor-completions/_mroom" ]
	zcat "$root/usr/share/man/man1/mroom.1.gz" | mandoc -Tlint -W warning
	dpkg --root="$root" -P mroom >/dev/null 2>&1
	[ -z "$(find "$root/usr" -type f 2>/dev/null)" ]
}

@test "lintian finds no error in the Debian package" {
	require dpkg-shlibdeps lintian
	not_quick
	local deb
	deb=$(.ci/deb "$MROOM_TEST_BIN" 0.1.0 "$BATS_TEST_TMPDIR/deb")
	run lintian --allow-root --fail-on error "$deb"
	echo "$output"
	[ "$status" = 0 ]
	refute grep -q '^E:' <<<"$output"
}

@test "make html renders every page, and an index that leads to each" {
	local page
	.ci/html "$BATS_TEST_TMPDIR/html"
	for page in man/*.[1-8]; do
		grep -q '<h1 class="Sh" id="NAME">' "$BATS_TEST_TMPDIR/html/${page##*/}.html"
		grep -q "href=\"${page##*/}.html\"" "$BATS_TEST_TMPDIR/html/index.html"
	done
	# Links between pages lead somewhere.
	grep -oh 'href="mroom[^"#]*\.html' "$BATS_TEST_TMPDIR"/html/*.html | sort -u | cut -d '"' -f 2 |
		while read -r page; do [ -f "$BATS_TEST_TMPDIR/html/$page" ] || { echo "no $page"; exit 1; }; done
}
