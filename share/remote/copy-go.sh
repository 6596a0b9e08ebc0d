# Between copy-look.sh and copy-put.sh, when the two are one command: a round trip and a channel less.
# Of the first one's arguments, $10: what to say when all has been told, $11: a name for copy-put.sh's temporary
# directory, $12, $13: its suffix and force.
#
# Then standard input has a line "go NUMBER" and the stream; or it ends, and nothing is to be done.
printf '%s\n' "${10}"
read -r said number || exit 0
[ "$said" = go ] || exit 1
set -- "${place:-.}" "${11}" "${place:+make}" "$8" "${12}" "${13}" "$number" "$9"
