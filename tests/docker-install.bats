#!/usr/bin/env bats
# mroom docker install from a vendor's signed repository, on a system of its own that has no engine.

bats_require_minimum_version 1.5.0
load lib/lab

setup_file() {
	[ -z "$MROOM_SANITIZED" ] || return 0
	lab_bare_start || return 0
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	not_quick
	lab_home
	lab_room 1
	cd "$BATS_TEST_TMPDIR" || return
}

mr() {
	engine_run mroom "$@" </dev/null
}

at_host() {
	engine_run mroom exec -N -q -w web-01 -- "$1" </dev/null
}

# What the settings say of the vendor.
vendor() {
	printf '[docker]\nrepository = %s\nrepository_key = %s\n' "$1" "$2" >"$MROOM_HOME/config.ini"
}

installed() {
	at_host 'dpkg-query -W -f "\${Package} \${Version}\n" "docker*" containerd.io 2>/dev/null | grep " " | sort; ls /etc/apt/sources.list.d /etc/apt/keyrings'
}

@test "a key that is not the vendor's is refused, and so is what it did not sign: nothing changes" {
	before=$(installed)
	vendor http://127.0.0.1 "$(cat "$LAB/other")"
	run --separate-stderr mr docker install web-01
	echo "$output $stderr"
	[ "$status" = 1 ]
	[[ $stderr == *"web-01: failed: stage docker: the key at http://127.0.0.1/debian/gpg is not $(cat "$LAB/other") but $LAB_VENDOR_KEY: refused"* ]]
	[ "$(installed)" = "$before" ]
	# The right key, but another has signed.
	vendor http://127.0.0.1 "$LAB_VENDOR_KEY"
	"$MROOM_TOP/tests/lib/vendor" sign "$LAB" other
	run --separate-stderr mr docker install web-01
	echo "$output $stderr"
	[ "$status" = 1 ]
	[[ $stderr == *"web-01: failed: stage docker: the packages at http://127.0.0.1/debian are not signed by $LAB_VENDOR_KEY: refused"* ]]
	[ "$(installed)" = "$before" ]
	vendor http://127.0.0.1 8D81803C0EBFCD88
	run --separate-stderr mr docker install web-01
	[ "$status" = 1 ]
	[[ $stderr == *"docker.repository_key is no fingerprint: '8D81803C0EBFCD88': refused"* ]]
	run at_host 'command -v docker'
	[ "$status" != 0 ]
	run --separate-stderr mr docker doctor -w web-01
	[[ $output == *$'web-01\tengine\tbad\tneither docker nor podman'* ]]
	"$MROOM_TOP/tests/lib/vendor" sign "$LAB" vendor
}

@test "the vendor's engine, and compose in the settings' version; again nothing changes; doctor tells what is old" {
	vendor http://127.0.0.1 "$(sed 's/..../& /g' <<<"$LAB_VENDOR_KEY")"
	run --separate-stderr mr docker install web-01
	echo "$output $stderr"
	[ "$status" = 0 ]
	[ "$output" = $'web-01\tdocker\tchanged\t' ]
	versions=$(installed)
	grep -q '^docker-ce 5:25.0.3-1~' <<<"$versions"
	grep -q '^docker-compose-plugin 2.24.6-1~' <<<"$versions"
	grep -q '^containerd.io 1.6.28-1$' <<<"$versions"
	[ "$(at_host 'cat /etc/apt/sources.list.d/mroom-docker.list')" = "deb [arch=$(dpkg --print-architecture) signed-by=/etc/apt/keyrings/mroom-docker.gpg] http://127.0.0.1/debian $(. /etc/os-release && echo "$VERSION_CODENAME") stable" ]
	[ "$(mroom state get web-01 docker_installed)" = true ]
	[ "$(mroom state get web-01 docker_compose_installed)" = true ]
	[ "$(mroom state get web-01 docker_path)" = /usr/bin/docker ]
	[ "$(mroom state get web-01 docker_compose_path)" = /usr/libexec/docker/cli-plugins/docker-compose ]
	[ "$(mroom state get web-01 docker_version)" = "$(at_host 'docker version --format "{{.Server.Version}}"')" ]
	run --separate-stderr mr docker install web-01
	[ "$output" = $'web-01\tdocker\tsame\t' ]
	[ "$(installed)" = "$versions" ]
	# The lab's engine is Debian's, whatever its package says here.
	run --separate-stderr mr docker doctor -w web-01
	version=$(mroom state get web-01 docker_version)
	if [ "${version%%.*}" -lt 25 ]; then
		grep -qx $'web-01\tversion\twarn\t'"$version is older than 25" <<<"$output"
	else
		grep -qx $'web-01\tversion\tok\t'"$version" <<<"$output"
	fi
	grep -q $'^web-01\tcompose\tok\t' <<<"$output"
}

@test "who comes by sudo is put into the group; a version that is nowhere gives way to the newest" {
	vendor http://127.0.0.1 "$LAB_VENDOR_KEY"
	echo 'compose_version = 2.24' >>"$MROOM_HOME/config.ini"
	at_host 'dpkg --purge docker-compose-plugin' >/dev/null
	(umask 077 && cat "$LAB/password" >password)
	run --separate-stderr mr docker install web-01 -l lab --sudo --sudo-password-file password
	echo "$output $stderr"
	[ "$status" = 0 ]
	[ "$output" = $'web-01\tdocker\tchanged\t' ]
	installed | grep -q '^docker-compose-plugin 2.29.1-1~'
	[[ " $(at_host 'id -nG lab') " == *" docker "* ]]
	run --separate-stderr mr docker ps -w web-01 -l lab
	[ "$status" = 0 ]
}

@test "where the vendor cannot be reached the distribution's packages are taken" {
	vendor http://127.0.0.1:1 "$LAB_VENDOR_KEY"
	at_host 'dpkg --purge docker-ce docker-ce-cli docker-compose-plugin; rm -f /etc/apt/sources.list.d/* /etc/apt/keyrings/* /var/lib/apt/lists/*_*
		pkill -x dockerd' >/dev/null 2>&1 || true
	lab_wait '! at_host "pgrep -x dockerd" >/dev/null'
	run --separate-stderr mr docker install web-01
	echo "$output $stderr"
	# It has none either: here its place is empty.
	[ "$status" = 1 ]
	[[ $stderr == *"docker.io"* ]]
	[ "$(at_host 'ls -A /etc/apt/sources.list.d')" = "" ]
}
