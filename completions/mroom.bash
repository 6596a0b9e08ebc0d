# bash completion for mroom(1). It knows nothing itself: mroom-complete(1) asks the tools and the store, at the moment
# it is needed.

# Words as the user sees them, up to the cursor: readline has split them at : = and @ as well.
# Sets _mroom_words, without quotes; its last element is the word to complete.
_mroom_join_words() {
	local rest=${COMP_LINE:0:COMP_POINT} piece trimmed i
	_mroom_words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		piece=${COMP_WORDS[i]}
		trimmed=${rest#"${rest%%[![:space:]]*}"}
		((i < COMP_CWORD)) || piece=$trimmed
		if ((i == 0)) || [[ $trimmed != "$rest" ]]; then
			_mroom_words+=("$piece")
		else
			_mroom_words[-1]+=$piece
		fi
		rest=${trimmed#"$piece"}
	done
	# Between quotes readline splits nothing, and keeps the quote to itself.
	[[ ${_mroom_words[-1]} = [\"\']* ]] && _mroom_quoted=1
	_mroom_words=("${_mroom_words[@]//[\"\']/}")
}

# A line that begins with a tab asks for files: file or dir, and what is in front of the path.
_mroom_files() {
	local IFS=$'\n' kind front cur=${_mroom_words[-1]} action=-f
	kind=${1#$'\t'}
	front=${kind#*$'\t'}
	[[ ${kind%%$'\t'*} != dir ]] || action=-d
	compopt -o filenames 2>/dev/null
	mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen "$action" -P "$front" -- "${cur#"$front"}")
}

# Readline replaces only what stands behind the last : or = of the word, or from its last @ on: what is
# before that must not come twice.
_mroom_trim() {
	local cur=${_mroom_words[-1]} breaks=${COMP_WORDBREAKS//[\"\'[:space:]]/} front i
	[[ ! $_mroom_quoted && $breaks && $cur = *["$breaks"]* ]] || return 0
	front=${cur%"${cur##*["$breaks"]}"}
	for i in "${!COMPREPLY[@]}"; do
		COMPREPLY[i]=${COMPREPLY[i]#"${front%@}"}
	done
}

_mroom() {
	local mroom _mroom_words _mroom_quoted='' answer IFS=$'\n' line
	COMPREPLY=()
	_mroom_join_words
	mroom=${_mroom_words[0]/#\~\//$HOME/}
	type -P "$mroom" >/dev/null || mroom=mroom
	_mroom_words[0]=$mroom
	answer=$("$mroom" complete -- "${_mroom_words[@]}" </dev/null 2>/dev/null) || return 0
	if [[ $answer = *$'\t'* ]]; then
		while read -r line; do
			case $line in
			$'\t'*) _mroom_files "$line" ;;
			?*) COMPREPLY+=("${line%%$'\t'*}") ;;
			esac
		done <<<"$answer"
	else
		# Names alone, perhaps ten thousand of them; they hold nothing that the shell would expand.
		set -f
		# shellcheck disable=SC2206
		COMPREPLY=($answer)
		set +f
	fi
	# A value or a number follows at once.
	[[ ${#COMPREPLY[@]} != 1 || $COMPREPLY != *[:=] ]] || compopt -o nospace 2>/dev/null
	_mroom_trim
}

complete -F _mroom mroom
