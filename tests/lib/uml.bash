# shellcheck shell=bash
# What tests load besides lib/lab that need a machine of user-mode-linux (tests/lib/uml/boot).
#
#   uml_boot JOB...    for setup_file: boots one and runs these words there, as a line of bash
#   uml_row NAME       a row of that job (uml/rows.bash) was as it must be; shows what was said in it

uml_boot() {
	echo "$*" >"$BATS_FILE_TMPDIR/job"
	chmod 755 "$BATS_FILE_TMPDIR"
	"$MROOM_TOP/tests/lib/uml/boot" "$BATS_FILE_TMPDIR/job" 3>&- | tr -d '\r' >"$BATS_FILE_TMPDIR/said"
}

uml_row() {
	sed -n "/^row $1\$/,/^at /p" "$BATS_FILE_TMPDIR/said" | grep . || tail -n 20 "$BATS_FILE_TMPDIR/said"
	grep -qx "ok $1" "$BATS_FILE_TMPDIR/said"
}
