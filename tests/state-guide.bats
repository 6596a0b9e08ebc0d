#!/usr/bin/env bats
# What the guide of the Python MachineRoom does with its server database, and with the flags of health checks,
# deployments and configurations, as lines of shell. Each line stands in mroom-state(1), and is run here.

load lib/lab

bats_require_minimum_version 1.5.0

setup_file() { lab_sshd_start; }
teardown_file() { lab_sshd_stop; }

setup() {
	lab_home
	lab_room 2
	cd "$BATS_TEST_TMPDIR" || return
	# The page as a reader sees it, without the line breaks that a narrow terminal would make.
	mandoc -T utf8 -O width=400 "$MROOM_TOP/man/mroom-state.1" | sed 's/.\x08//g; s/^ *//' >page
}

# Runs a line of the page: the guide's Python, which is for the reader, then the shell that does it.
does() {
	local guide=$1 line=$2
	grep -qxF -- "$line" page || {
		echo "not in mroom-state(1), for $guide: $line"
		return 1
	}
	bash -o pipefail -c "$line" </dev/null
}

@test "the server database: an entry, fields of one's own, the certificate's flag" {
	[ "$(does 'db.set_server_id("web-01"); db.has_this_server()' \
		'mroom inventory show web-01 --columns id')" = web-01 ]
	does 'db.update_res_kv("custom_field", "value")' \
		'mroom state set web-01 custom_field value'
	does 'db.update_res_kv("deployment_status", "completed")' \
		'mroom state set web-01 deployment_status completed'
	[ "$(does 'db.is_cert_installed()' \
		'mroom state has web-01 identity_cert_installed || echo no certificate yet')" = "no certificate yet" ]
	does 'db.cert_install()' \
		'mroom state flag web-01 identity_cert_installed'
	[ -z "$(does 'db.is_cert_installed()' \
		'mroom state has web-01 identity_cert_installed || echo no certificate yet')" ]
	[ "$(mroom state ls web-01 | cut -f2,3)" = "custom_field	value
deployment_status	completed
identity_cert_installed	true" ]
}

@test "health checks: values of every server, and the report" {
	does 'health_data["disk_usage"] = c.run("df -h /")' \
		"mroom exec -a -o tsv -- \"df -h / | awk 'NR == 2 { print \\\$5 }'\" | mroom state set -w - health_check.disk_usage"
	does 'health_data["memory_usage"] = c.run("free -h")' \
		"mroom exec -a -o tsv -- \"free -h | awk '/^Mem/ { print \\\$3 }'\" | mroom state set -w - health_check.memory_usage"
	does 'health_data["process_count"] = c.run("ps aux | wc -l")' \
		"mroom exec -a -o tsv -- 'ps ax | wc -l' | mroom state set -w - health_check.process_count"
	does 'health_data["network_ok"] = c.run("ping -c 1 8.8.8.8").ok' \
		"mroom exec -a -o tsv -- 'ping -c 1 127.0.0.1 >/dev/null && echo true || echo false' | mroom state set -w - health_check.network_ok"
	does 'for server_id, data in self.health_results.items()' \
		'mroom state get -a health_check --json' >report
	[ "$(jq -r '.id' report | paste -sd' ')" = "web-01 web-02" ]
	[ "$(jq -r '.value | keys | join(" ")' report | sort -u)" = "disk_usage memory_usage network_ok process_count" ]
	[ "$(jq -r '.value.process_count | type' report | sort -u)" = number ]
	[ "$(jq -r '.value.network_ok | type' report | sort -u)" = boolean ]
	does 'data["network_ok"]' 'mroom state has -a health_check.network_ok' >up || true
	[ "$(jq -r 'select(.value.network_ok) | .id' report)" = "$(cat up)" ]
}

@test "deployments: only where it was not done yet" {
	does 'if get_res_kv(f"{app_name}_deployed")' \
		'mroom state set -a my-web-app_deployed false --if-absent' >fresh
	[ "$(paste -sd' ' fresh)" = "web-01 web-02" ]
	mroom state flag web-02 my-web-app_deployed
	does 'update_res_kv(f"{app_name}_deployed", True)' \
		"mroom state sql \"SELECT id FROM v_state WHERE key = 'my-web-app_deployed' AND text = 'false'\" | mroom exec --pass -- true | mroom state flag -w - my-web-app_deployed"
	[ "$(mroom state has -a my-web-app_deployed | paste -sd' ')" = "web-01 web-02" ]
	[ "$(mroom log show --columns id)" = web-01 ]
	does 'update_res_kv(f"{app_name}_version", "2.1.0")' \
		'mroom state set -a my-web-app_version 2.1.0'
	[ "$(does 'get_res_kv(f"{app_name}_version")' \
		'mroom state get -a my-web-app_version' | paste -sd' ')" = "web-01	2.1.0 web-02	2.1.0" ]
}

@test "configurations and stages of one's own" {
	[ "$(does 'get_member_res(...)["custom_port"]' \
		'mroom state get web-01 custom_port --default 80')" = 80 ]
	does 'update_res_kv("custom_port", 8080)' \
		'mroom state set web-01 custom_port 8080'
	[ "$(does 'str(server_data["custom_port"])' \
		'mroom state get web-01 custom_port --default 80')" = 8080 ]
	does 'update_res_kv("config_applied", True)' 'mroom state flag -a config_applied'
	does 'update_res_kv("config_version", "2.1.0")' 'mroom state set -a config_version 2.1.0'
	does 'if not get_res_kv("custom_app_installed")' \
		'mroom state has web-01 custom_app_installed || mroom state flag web-01 custom_app_installed'
	does 'update_res_kv("monitoring_installed", True)' \
		'mroom state flag -a monitoring_installed backup_installed'
	[ "$(mroom state has -a backup_installed | paste -sd' ')" = "web-01 web-02" ]
	[ "$(mroom state has -a custom_app_installed)" = web-01 ]
}

@test "every example of the page runs" {
	awk '/^EXAMPLES/ { on = 1; next } /^SEE ALSO/ { on = 0 } on && /^mroom / { print }' page >lines
	[ "$(wc -l <lines)" -ge 20 ]
	while IFS= read -r line; do
		status=0
		bash -o pipefail -c "$line" </dev/null >out 2>&1 || status=$?
		# 1 is the answer no; anything above is a mistake in the page.
		[ "$status" -le 1 ] || {
			echo "$line"
			cat out
			return 1
		}
	done <lines
}
