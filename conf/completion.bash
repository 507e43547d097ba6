# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for ct, ctnet, ctrun and ctlab: the program itself knows the words.
_ctnet_complete()
{
	local IFS=$'\n'
	mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[0]##*/}" \
		"${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _ctnet_complete ct ctnet ctrun ctlab
