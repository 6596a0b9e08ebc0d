# In front of every command that mroom runs: makes it findable, so that it can be stopped.
# $1: a nonce, $2: "line" or "sh", $3: a command line, for the user's own shell as ssh would run it; or a script of
# ours, whose arguments follow: this very shell goes on with it.
#
# Says "NONCE PGID" on the first line, PGID being the process group that holds the command and all
# its children; a second channel can then stop all of it. OpenSSH starts every command as the leader of
# its own session; where the server does not (dropbear), setsid or perl makes a group; PGID 0 says there is none.
# Standard input belongs to the command. The lines are also valid joined by blanks: see lib/wire/remote.c.
# shellcheck disable=SC2016 # for the shell that evaluates it
run='printf "%s %s\n" "$1" "$g"; unset -v p c s u g x own run;
if [ "$2" = sh ]; then eval "shift 3; $3"; else exec "${SHELL:-/bin/sh}" -c "$3"; fi';
own='g=$$; '"$run";
# shellcheck disable=SC2034 # only the fifth field counts
{ read -r p c s u g x </proc/$$/stat; } 2>/dev/null || g=$(ps -o pgid= -p $$ 2>/dev/null);
if [ "${g##* }" = "$$" ]; then
eval "$own";
elif command -v setsid >/dev/null 2>&1; then
exec setsid sh -c "$own" mroom "$@";
elif command -v perl >/dev/null 2>&1; then
exec perl -e 'setpgrp; exec @ARGV' sh -c "$own" mroom "$@";
else
g=0; eval "$run";
fi
