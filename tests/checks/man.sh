#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every command and option that the program knows is in its manual page, and
# every page is well-formed. The program itself lists them, from the table that
# parses the line.
# shellcheck source=tests/checks/lib.sh
. "${0%/*}/lib.sh"
need mandoc
ct=$build_dir/bin/ct
[ -x "$ct" ] || { echo "skipped: $ct is not built"; exit 77; }
status=0

complain()
{
	echo "$*"
	status=1
}

# described PAGE MACRO WORD - the page has the word behind the macro (Cm create, Fl -subnet)
described()
{
	local word=${3//-/\\-}

	grep -Eq "(^|[[:space:].])$2 (([^ ]+ )*)$word([[:space:]]|\$)" "docs/man/$1"
}

# check PAGE WORD... - the command WORD... and each of its options are described
check()
{
	local page=$1 option
	shift

	# a link has no command word of its own
	[ $# -lt 2 ] || described "$page" Cm "${*: -1}" || complain "$page: no .Cm ${*: -1}"
	while read -r option; do
		# the common ones are told once, in ctnet.8
		described "$page" Fl "${option#-}" || described ctnet.8 Fl "${option#-}" ||
			complain "$page: $* $option is not described"
	done < <("$ct" __complete "$@" --)
}

# walk PAGE WORD... - every command of a group
walk()
{
	local page=$1 name
	shift

	while read -r name; do
		case $name in
		run) check ctrun.8 ctrun ;;
		net) walk ctnet.8 ct net ;;
		lab) walk ctlab.8 ct lab ;;
		ns) walk "$page" "$@" ns ;;
		*) check "$page" "$@" "$name" ;;
		esac
	done < <("$ct" __complete "$@" '')
}

walk ct.8 ct
mandoc -Tlint -W warning docs/man/* || status=1
exit $status
