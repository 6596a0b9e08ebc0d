# The last of several scripts that are functions: calls the one that the arguments begin with.
"$@"
