# fish completion for mroom(1). It knows nothing itself: mroom-complete(1) asks the tools and the store, at the moment
# it is needed.

function __mroom_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    # What was typed is still quoted; a lone quote stands for none.
    set current (string trim --left --chars '\'"' -- $current)
    set -l mroom $words[1]
    type -q -- $mroom; or set mroom mroom
    set words[1] $mroom
    for line in ($mroom complete -- $words "$current" </dev/null 2>/dev/null)
        set -l field (string split \t -- $line)
        if test -n "$field[1]"
            echo $line
            continue
        end
        # A line that begins with a tab asks for files: file or dir, and what is in front of the path.
        set -l path (string sub --start (math 1 + (string length -- "$field[3]")) -- "$current")
        if test "$field[2]" = dir
            string replace -r '^' -- "$field[3]" (__fish_complete_directories "$path" '')
        else
            string replace -r '^' -- "$field[3]" (__fish_complete_path "$path" '')
        end
    end
end

complete -c mroom -f -a '(__mroom_complete)'
