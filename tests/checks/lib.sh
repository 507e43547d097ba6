# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the checks share. Each check is called as SCRIPT SOURCE BUILD [ARG...]
# and exits 0, 1, or 77 when its tool is missing here.

set -u
# shellcheck disable=SC2034 # build: used by some of them
source_dir=$1 build_dir=$2
shift 2
cd "$source_dir" || exit 1

need()
{
	command -v "$1" >/dev/null && return
	echo "skipped: $1 is not installed"
	exit 77
}

# The project's own files; NAME... are patterns of find. A build directory
# inside the tree is not ours.
files()
{
	local args=() pattern
	for pattern; do
		args+=(-o -name "$pattern")
	done
	find core net cli tests conf docs .ci \( "${args[@]:1}" \) -type f | sort
}

scripts()
{
	{
		files '*.sh' '*.bash' '*.bats'
		grep -rlE '^#!(/usr)?/bin/((env|busybox) )?(ba)?sh' core net cli tests conf docs .ci
	} | sort -u
}

# plain_commands DIR - compile_commands.json of the plain variant alone, or each
# file would be analysed once a variant
plain_commands()
{
	mkdir -p "$1"
	jq '[.[] | select(.command | contains("-fsanitize") | not)]' \
		"$build_dir/compile_commands.json" >"$1/compile_commands.json.$$" &&
		mv "$1/compile_commands.json.$$" "$1/compile_commands.json"
}
