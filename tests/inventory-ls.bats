#!/usr/bin/env bats
# mroom inventory ls: columns, filters and order.

load lib/lab

setup() {
	lab_home
	cd "$BATS_TEST_TMPDIR" || return
	cat >list.jsonl <<-'END'
		{"id":"web-2","host":"10.0.0.2","port":22,"user":"root","tags":["blue"],"tunnel":"vpn","state":{"os":"debian 12","ports":[22,80],"docker_compose_installed":true,"identity_cert_installed":true}}
		{"id":"web-10","host":"10.0.0.10","port":2222,"user":"root","state":{"os":"alpine","docker_installed":false,"identity_cert_installed":true,"local_cert_path":"/k/c","home_path":"/srv"}}
		{"id":"db-1","host":"10.0.1.1","user":"admin","retired":true,"tags":["blue","gold"],"state":{"yacht_installed":true,"python3_installed":true,"daed_installed":true}}
		{"id":"db-2","host":"10.0.1.2","port":22,"jump":"web-2"}
	END
	mroom-inventory import list.jsonl --room r -q >/dev/null
}

ls_() {
	mroom-inventory ls "$@"
}

@test "any state is a column, as plain text in records and as JSON in JSON" {
	[ "$(ls_ --columns id,state:os,state:ports web-2 web-10)" = "web-2	debian 12	[22,80]
web-10	alpine	" ]
	[ "$(ls_ --json --columns id,state:os,state:ports web-2 web-10)" = '{"id":"web-2","state:os":"debian 12","state:ports":[22,80]}
{"id":"web-10","state:os":"alpine","state:ports":null}' ]
	run ls_ --columns id,nosuch
	[ "$status" = 2 ]
}

@test "cert, docker, home and jump are columns" {
	[ "$(ls_ --retired --columns id,cert,docker,home,jump)" = "web-2	default	true		
web-10	/k/c	false	/srv	
db-1		false		
db-2		false		web-2" ]
}

@test "classic is the first MachineRoom's table, with what is retired" {
	run ls_ -o table --columns classic
	[ "$(tr -s ' ' <<<"${lines[0]}")" = "ID HOST TUNNEL EXPIRED CERT DOCKER DAED YACHT PY" ]
	[ "$(ls_ --columns classic | sed -n 1p)" = "web-2	10.0.0.2	vpn	false	default	true	false	false	false" ]
	[ "$(ls_ --columns classic | sed -n 3p)" = "db-1	10.0.1.1		true		false	true	true	true" ]
}

@test "--filter asks columns and states, all of it" {
	[ "$(ls_ --columns id --filter 'host=10.0.0.*' | paste -sd' ')" = "web-2 web-10" ]
	[ "$(ls_ --columns id --filter 'port>22')" = web-10 ]
	[ "$(ls_ --columns id --filter 'port?' --filter port=22 | paste -sd' ')" = "web-2 db-2" ]
	[ "$(ls_ --columns id --filter user!=root --retired | paste -sd' ')" = "db-1 db-2" ]
	[ "$(ls_ --columns id --filter user= )" = db-2 ]
	[ "$(ls_ --columns id --filter tags=gold --retired)" = db-1 ]
	[ "$(ls_ --columns id --filter docker=true)" = web-2 ]
	[ "$(ls_ --columns id --filter 'state:ports=80')" = web-2 ]
	[ "$(ls_ --columns id --filter 'state:os?' | wc -l)" = 2 ]
	[ "$(ls_ --columns id --filter retired=true --retired)" = db-1 ]
	run ls_ --filter nosuch=1
	[ "$status" = 2 ]
	run ls_ --filter user
	[ "$status" = 2 ]
}

@test "--sort is by any columns, numbers by value, the other way round with -" {
	[ "$(ls_ --columns id --sort id | paste -sd' ')" = "db-2 web-2 web-10" ]
	[ "$(ls_ --columns id --sort -id | paste -sd' ')" = "web-10 web-2 db-2" ]
	[ "$(ls_ --columns id --sort -port,id | paste -sd' ')" = "web-10 db-2 web-2" ]
	[ "$(ls_ --columns id --sort state:os --retired | paste -sd' ')" = "db-1 db-2 web-10 web-2" ]
	run ls_ --sort hots
	[ "$status" = 2 ]
	[[ $output == *"did you mean host"* ]]
}
