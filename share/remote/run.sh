# In front of every command that mroom runs: makes it findable, so that it can be stopped.
# $1: a nonce, $2: the command line, for the user's own shell as ssh would run it.
#
# Says "NONCE PGID" on the first line, PGID being the process group that holds the command and all
# its children; a second channel can then stop all of it. OpenSSH starts every command as the leader of
# its own session; where the server does not (dropbear), setsid or perl makes a group; PGID 0 says there is none.
# Standard input belongs to the command. The lines are also valid joined by blanks: see lib/wire/remote.c.
run='printf "%s %s\n" "$1" "$3"; exec "${SHELL:-/bin/sh}" -c "$2"';
own='set -- "$1" "$2" "$$"; '"$run";
{ read -r p c s u g x </proc/$$/stat; } 2>/dev/null || g=$(ps -o pgid= -p $$ 2>/dev/null);
if [ "${g##* }" = "$$" ]; then
set -- "$1" "$2" "$$"; unset -v p c s u g x own; eval "unset -v run; $run";
elif command -v setsid >/dev/null 2>&1; then
exec setsid sh -c "$own" mroom "$1" "$2";
elif command -v perl >/dev/null 2>&1; then
exec perl -e 'setpgrp; exec @ARGV' sh -c "$own" mroom "$1" "$2";
else
set -- "$1" "$2" 0; eval "$run";
fi
