# bash completion for mroom(1). It knows nothing itself: commands, options, servers, rooms and settings
# are asked from the tools, at the moment they are needed.

# Runs mroom for an answer; what goes wrong is not for the prompt.
_mroom_ask() {
	"$_mroom" "$@" </dev/null 2>/dev/null
}

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

# Candidates, one a line on standard input, that begin with $1; $2 goes in front of each.
_mroom_offer() {
	local IFS=$'\n'
	mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -P "$2" -W "$(</dev/stdin)" -- "$1")
}

_mroom_files() {
	local IFS=$'\n'
	compopt -o filenames 2>/dev/null
	mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen "$1" -P "$3" -- "$2")
}

# Offers ids that begin with $1; $2 goes in front. The store looks for them, which is quick where there are many.
_mroom_offer_ids() {
	[[ $1 != *[!A-Za-z0-9._-]* && $1 != -* ]] || return 0
	local IFS=$'\n'
	# Not mapfile, which reads a pipe byte by byte. Ids hold nothing that the shell would expand.
	# shellcheck disable=SC2207
	COMPREPLY=($(_mroom_ask inventory ls -o tsv --columns id ${1:+-w "$1*"}))
	[[ ! $2 ]] || COMPREPLY=("${COMPREPLY[@]/#/"$2"}")
}

_mroom_rooms() {
	_mroom_ask inventory ls -o tsv --columns room,tags | tr ',\t' '\n' | sort -u | sed '/^$/d'
}

_mroom_commands() {
	_mroom_ask --list-commands
	_mroom_ask --list-aliases | cut -f1
}

# Offers values of a kind (the "complete" of an option, or its choices a|b|c) for $2; $3 goes in front.
_mroom_values() {
	local kind=$1 cur=$2 front=$3
	case $kind in
	targets | rooms | outcomes | columns)
		# The last of a comma-separated list.
		[[ $cur != *,* ]] || front+=${cur%,*},
		cur=${cur##*,}
		;;
	esac
	case $kind in
	targets)
		case $cur in
		@*) _mroom_offer "$cur" "$front" < <(_mroom_rooms | sed 's/^/@/') ;;
		^*) _mroom_files -f "${cur#^}" "$front^" ;;
		*) _mroom_offer_ids "$cur" "$front" ;;
		esac
		;;
	servers) _mroom_offer_ids "$cur" "$front" ;;
	rooms) _mroom_offer "$cur" "$front" < <(_mroom_rooms) ;;
	settings) _mroom_offer "$cur" "$front" < <(_mroom_ask config list -o tsv --columns setting) ;;
	commands) _mroom_offer "$cur" "$front" < <(_mroom_commands) ;;
	outcomes)
		_mroom_offer "$cur" "$front" <<-'END'
			ok
			failed
			timeout
			unreachable
			denied
			hostkey
			cancelled
			skipped
		END
		;;
	file) _mroom_files -f "$cur" "$front" ;;
	dir) _mroom_files -d "$cur" "$front" ;;
	*"|"*) _mroom_offer "$cur" "$front" <<<"${kind//|/$'\n'}" ;;
	esac
}

# Whether a foreign tool may be asked for its options: one that speaks of --list-options. Others might do
# their work instead.
_mroom_answers() {
	local path
	path=$(type -P "mroom-$1") && grep -qs -e --list-options -- "$path"
}

# Completes the words from index $1 on by the options that the rest of the arguments, a command, lists.
_mroom_options() {
	local at=$1 cur=${_mroom_words[-1]} last=$((${#_mroom_words[@]} - 1))
	local line letter name type _arg kind _help word
	local -A kinds=() valued=()
	local names=() operand='' verbs=() value_of=''
	shift
	while IFS= read -r line; do
		# Tabs are blanks to read, which would join empty fields.
		IFS=$'\037' read -r letter name type _arg kind _help <<<"${line//$'\t'/$'\037'}"
		if [[ $letter = verb ]]; then
			verbs+=("$name")
			continue
		elif [[ $type = operand ]]; then
			operand=$kind
			continue
		fi
		for word in ${letter:+"-$letter"} ${name:+"--$name"}; do
			names+=("$word")
			kinds[$word]=$kind
			case $type in
			flag | count) ;;
			maybe) valued[$word]=own ;;
			*) valued[$word]=next ;;
			esac
		done
	done < <(_mroom_ask "$@" --list-options)

	if ((${#verbs[@]})); then
		_mroom_verb "$at" "$@"
		return
	fi
	for (( ; at < last; at++)); do
		word=${_mroom_words[at]}
		if [[ $value_of ]]; then
			value_of=''
		elif [[ $word = -- ]]; then
			_mroom_operand "$operand" "$cur"
			return
		elif [[ ${valued[$word]-} = next ]]; then
			value_of=$word
		elif [[ $word != -?* && ! $operand ]]; then
			return # the words of a remote command
		fi
	done
	if [[ $value_of ]]; then
		_mroom_values "${kinds[$value_of]}" "$cur" ''
	elif [[ $cur = --*=* ]]; then
		_mroom_values "${kinds[${cur%%=*}]-}" "${cur#*=}" "${cur%%=*}="
	elif [[ $cur = -[!-]?* && ${valued[${cur:0:2}]-} ]]; then
		_mroom_values "${kinds[${cur:0:2}]}" "${cur:2}" "${cur:0:2}"
	elif [[ $cur = -* ]]; then
		_mroom_offer "$cur" '' < <(printf '%s\n' "${names[@]}")
	else
		_mroom_operand "$operand" "$cur"
	fi
}

_mroom_operand() {
	[[ ! $1 ]] || _mroom_values "$1" "$2" ''
}

# The verbs of a tool are known to the caller, _mroom_options: one is completed, or followed.
_mroom_verb() {
	local at=$1
	shift
	if ((at == ${#_mroom_words[@]} - 1)); then
		_mroom_offer "${_mroom_words[at]}" '' < <(printf '%s\n' "${verbs[@]}" --help)
	else
		_mroom_options $((at + 1)) "$@" "${_mroom_words[at]}"
	fi
}

# Replaces an alias at index $1 by the words it stands for.
_mroom_expand_alias() {
	local name meaning
	while IFS=$'\t' read -r name meaning; do
		if [[ $name = "${_mroom_words[$1]}" ]]; then
			read -ra meaning <<<"$meaning"
			_mroom_words=("${_mroom_words[@]:0:$1}" "${meaning[@]}" "${_mroom_words[@]:$1+1}")
			return
		fi
	done < <(_mroom_ask --list-aliases)
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

_mroom_complete() {
	local at=1 last command own
	_mroom_join_words
	_mroom=${_mroom_words[0]/#\~\//$HOME/}
	type -P "$_mroom" >/dev/null || _mroom=mroom
	last=$((${#_mroom_words[@]} - 1))
	while ((at < last)) && [[ ${_mroom_words[at]} = -* ]]; do
		((at++))
	done
	command=${_mroom_words[at]}
	if ((at == last)) && [[ $command = -* ]]; then
		_mroom_options "$at"
	elif ((at == last)); then
		_mroom_offer "$command" '' < <(_mroom_commands)
	elif [[ $command = help ]]; then
		_mroom_values commands "${_mroom_words[-1]}" ''
	else
		own=$(_mroom_ask --exec-path)
		if [[ ! -x $own/mroom-$command ]]; then
			_mroom_expand_alias "$at"
			command=${_mroom_words[at]}
		fi
		if [[ -x $own/mroom-$command ]] || _mroom_answers "$command"; then
			_mroom_options $((at + 1)) "$command"
		fi
	fi
	_mroom_trim
}

_mroom() {
	local _mroom _mroom_words _mroom_quoted=''
	COMPREPLY=()
	_mroom_complete
}

complete -F _mroom mroom
