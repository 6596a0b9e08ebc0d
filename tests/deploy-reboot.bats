#!/usr/bin/env bats
# The stage reboot on a machine with a kernel of its own, which really starts anew.

load lib/lab

setup_file() {
	[ -z "$MROOM_SANITIZED" ] || return 0
	lab_machine_start || return 0
}

teardown_file() {
	lab_sshd_stop
}

setup() {
	not_quick
	lab_home
	cd "$BATS_TEST_TMPDIR" || return
	echo "vm-01--10.99.1.2--root------$LAB_PORT--$LAB_KEY" >lab.txt
	sed "s/^/[10.99.1.2]:$LAB_PORT /" "$LAB"/host_*.pub >"$MROOM_HOME/known_hosts"
	mroom inventory import lab.txt >/dev/null
}

on_vm() {
	engine_run mroom exec -N -q -w vm-01 -- "$1" </dev/null
}

@test "reboot: the kernel starts anew with another boot id, and the stages behind it come to the new one" {
	before=$(on_vm 'cat /proc/sys/kernel/random/boot_id')
	on_vm 'touch /run/gone-with-it /var/lib/stays'
	engine_run mroom deploy run -u 400s -s user:before,reboot,user:after vm-01 >out </dev/null
	[ "$(cut -f2,3 out)" = "user:before	changed
reboot	changed
user:after	changed" ]
	after=$(on_vm 'cat /proc/sys/kernel/random/boot_id')
	[ -n "$before" ] && [ -n "$after" ] && [ "$before" != "$after" ]
	[ "$(on_vm 'ls /run/gone-with-it /var/lib/stays 2>/dev/null; id -un before; id -un after')" = "/var/lib/stays
before
after" ]
	engine_run mroom deploy lock show vm-01 >lease </dev/null
	[ "$(cut -f2 lease)" = free ]
}
