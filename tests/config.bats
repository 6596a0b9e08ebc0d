#!/usr/bin/env bats
# mroom config: what is set, and where it came from; what a settings file may not hold.

bats_require_minimum_version 1.5.0
load lib/lab

setup() {
	lab_home
	ini=$MROOM_HOME/config.ini
}

# Writes the settings file; \n and the like are read as printf does.
settings() {
	# shellcheck disable=SC2059
	printf "$1" >"$ini"
}

# The settings are refused with these words, the file's name left out.
refused() {
	run --separate-stderr mroom config list
	[ "$status" = 2 ]
	[ "$output" = "" ]
	[ "${stderr//"$ini"/config.ini}" = "$1" ] || {
		echo "$stderr"
		return 1
	}
}

@test "without a file every setting has its default" {
	run mroom config list
	[ "$status" = 0 ]
	[ "$(cut -f3 <<<"$output" | sort -u)" = default ]
	[ "$(grep ^exec.fanout <<<"$output")" = "exec.fanout	64	default" ]
	[ "$(grep ^require.ram_gb <<<"$output")" = "require.ram_gb	4	default" ]
	[ "$(grep ^identity.public_key <<<"$output")" = "identity.public_key	$HOME/.ssh/id_ed25519.pub	default" ]
	[ ! -e "$ini" ]
}

@test "every setting of the first MachineRoom has a successor" {
	local key
	for key in identity.public_key identity.key_dir identity.key_feature paths.remote_workspace \
		paths.local_workspace require.ram_gb require.disk_gb docker.compose_version \
		docker.log_max_size docker.log_max_file deploy.stages deploy.workers deploy.timeout \
		deploy.retries log.debug; do
		mroom config get "$key"
	done
	[ "$(mroom config get deploy.stages)" = cert,docker,env ]
	[ "$(mroom config get require.disk_gb)" = 100 ]
	[ "$(mroom config get docker.log_max_size)" = 10m ]
}

@test "the file overrides the default, a variable overrides the file, and list says so" {
	settings '[exec]\nfanout = 7\n\n[ssh]\nuser = joe\n'
	export MROOM_SSH_USER=jim
	run mroom config list
	[ "$(grep ^exec.fanout <<<"$output")" = "exec.fanout	7	$ini:2" ]
	[ "$(grep ^ssh.user <<<"$output")" = "ssh.user	jim	MROOM_SSH_USER" ]
}

@test "the shipped config.ini is the table of defaults" {
	local share=$MROOM_TOP/share/config.ini
	cp "$share" "$ini"
	run --separate-stderr mroom config list
	[ "$stderr" = "" ]
	[ "$(cut -f1,2 <<<"$output")" = "$(MROOM_HOME=$BATS_TEST_TMPDIR/none mroom config list | cut -f1,2)" ]
	[ "$(cut -f3 <<<"$output" | grep -vc "^$ini:")" = 0 ]
}

@test "FANOUT counts where nothing of mroom's says otherwise" {
	[ "$(FANOUT=9 mroom config get exec.fanout)" = 9 ]
	[ "$(FANOUT=9 MROOM_EXEC_FANOUT=8 mroom config get exec.fanout)" = 8 ]
	settings '[exec]\nfanout = 7\n'
	[ "$(FANOUT=9 mroom config get exec.fanout)" = 7 ]
}

@test "a bad variable is named" {
	MROOM_EXEC_FANOUT=many refused \
		"mroom config list: MROOM_EXEC_FANOUT: [exec] fanout: 'many' is not a number from 1 to 65535"
	MROOM_SSH_HOSTKEY=strict refused \
		"mroom config list: MROOM_SSH_HOSTKEY: there is no such setting (did you mean MROOM_SSH_HOST_KEY?)"
}

@test "reserved and foreign variables are no settings" {
	MROOM_EXEC_PATH=$(mroom --exec-path) MROOM_SHARE=$MROOM_TOP/share MROOM_FOO_BAR=1 MROOM_TEST=2 \
		mroom config list >/dev/null
}

@test "all problems of a file are reported, each with its line" {
	settings '[exec]\nfanot = 3\nfanout = 0\nwhat\n[shh]\nuser = x\n  port = 1\n'
	refused "mroom config list: config.ini:2: unknown setting 'fanot' in [exec] (did you mean fanout?)
mroom config list: config.ini:3: [exec] fanout: '0' is not a number from 1 to 65535
mroom config list: config.ini:4: 'what' is neither [section], key = value, nor # comment
mroom config list: config.ini:5: unknown section [shh] (did you mean ssh?)
mroom config list: config.ini:7: the line is indented, so that it would continue the one before (begin it at the margin)"
}

@test "other tools name the first problem and refuse to work" {
	settings '[exec]\nfanout = 0\nwhat\n'
	run --separate-stderr mroom inventory ls
	[ "$status" = 2 ]
	[[ $stderr == *"config.ini:2: [exec] fanout: '0' is not a number from 1 to 65535 (and 1 more: mroom config list shows them)" ]]
}

@test "what inih would cut is refused" {
	settings "[ssh]\nuser = a ; b\n"
	refused "mroom config list: config.ini:2: '; b' would be lost: a value ends at ' ;' (a comment needs a line of its own)"
	settings "[ssh]\nuser = $(printf '%0200d' 0)\n"
	refused "mroom config list: config.ini:2: the line is 207 bytes long, 190 is the most"
	settings "[$(printf '%060d' 0)]\nx = 1\n"
	refused "mroom config list: config.ini:1: the section's name is longer than 49 bytes"
	settings "[ssh] # servers\nuser = a\n"
	refused "mroom config list: config.ini:1: text behind [ssh] would be lost"
}

@test "duplicates are errors" {
	settings '[ssh]\nport = 1\n[exec]\n[ssh]\nport = 2\n[alias]\na = b\na = c\n'
	refused "mroom config list: config.ini:5: 'port' is set twice (first on line 2)
mroom config list: config.ini:8: alias 'a' is defined twice (first on line 7)"
}

@test "a byte order mark, CRLF and a missing last newline are fine" {
	settings '\xef\xbb\xbf[exec]\r\n# c\r\nfanout = 5\r\n[ssh]\r\nuser = j\xc3\xb6rg'
	[ "$(mroom config get exec.fanout ssh.user)" = "5
jörg" ]
}

@test "binary, wrongly encoded, huge and hostile files are refused in one clear line each" {
	settings '[ssh]\nus\0er = 1\n'
	refused "mroom config list: config.ini:2: a control byte, 0x00, has no place in settings"
	settings '\xff\xfe[\0s\0\n'
	refused "mroom config list: config.ini:1: byte 0xff is not UTF-8 (is this a text file?)"
	settings '[ssh]\nuser = \33[31mred\n'
	refused "mroom config list: config.ini:2: a control byte, 0x1b, has no place in settings"
	head -c 2000000 /dev/zero >"$ini"
	refused "mroom config list: config.ini: larger than the limit of 1048576 bytes"
	head -c 1000000 /dev/zero | tr '\0' x >"$ini"
	refused "mroom config list: config.ini:1: the line is 1000000 bytes long, 190 is the most"
	head -c 100000 /bin/ls >"$ini"
	run --separate-stderr mroom config list
	[ "$status" = 2 ]
	[ "$(grep -c . <<<"$stderr")" -le 100 ]
}

@test "a file that cannot be read, or that everybody can write to, is refused" {
	mkdir "$ini"
	refused "mroom config list: config.ini: Is a directory"
	rmdir "$ini"
	settings ''
	chmod 666 "$ini"
	refused "mroom config list: config.ini: everybody can write to these settings (try: chmod 600 config.ini)"
	[ "$(id -u)" = 0 ] && skip "root reads everything"
	chmod 000 "$ini"
	refused "mroom config list: config.ini: Permission denied"
}

@test "get prints bare values, one a line" {
	settings '[alias]\nup = exec -a -- uptime\n'
	[ "$(mroom config get exec.fanout alias.up)" = "64
exec -a -- uptime" ]
}

@test "get of an unknown setting says what may be meant" {
	run --separate-stderr mroom config get exec.fanot
	[ "$status" = 2 ]
	[ "$output" = "" ]
	[ "$stderr" = "mroom config get: no setting 'exec.fanot' (did you mean exec.fanout?)" ]
	run --separate-stderr mroom config get alias.up
	[ "$status" = 2 ]
	run --separate-stderr mroom config get
	[ "$status" = 2 ]
	[ "$stderr" = "mroom config get: no setting named (such as exec.fanout)" ]
}

@test "path prints where the file is or would be, whatever it holds" {
	[ "$(mroom config path)" = "$ini" ]
	settings 'nonsense\n'
	[ "$(mroom config path)" = "$ini" ]
	[ "$(cd "$BATS_TEST_TMPDIR" && MROOM_HOME=home mroom config path)" = "$ini" ]
	unset MROOM_HOME
	[ "$(mroom config path)" = "$HOME/.machineroom/config.ini" ]
}

@test "without any home it says so" {
	run --separate-stderr env -u HOME -u MROOM_HOME mroom config path
	[ "$status" = 2 ]
	[ "$stderr" = "mroom: no home: neither HOME nor MROOM_HOME is set (try: MROOM_HOME=/path/to/.machineroom)" ]
}

@test "list speaks JSON and shows columns on demand" {
	[ "$(mroom config list --json | grep '"exec.fanout"')" = \
		'{"setting":"exec.fanout","value":"64","source":"default"}' ]
	[ "$(mroom config list --columns setting,default | head -1)" = "paths.local_workspace	" ]
	[ "$(mroom config list -H | head -1)" = "#setting	value	source" ]
}

@test "a full disk is an error" {
	[ -c /dev/full ] || skip "needs /dev/full"
	run --separate-stderr sh -c 'mroom config list >/dev/full'
	[ "$status" = 6 ]
	run --separate-stderr sh -c 'mroom config get exec.fanout >/dev/full'
	[ "$status" = 6 ]
}
