#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tidy.sh SOURCE BUILD PREFIX... [--not PREFIX...] - clang-tidy (.clang-tidy)
# over the files that were built and whose paths begin so. What was found clean
# before is not looked at again, as long as nothing that it consists of changed:
# BUILD/checks/tidy.clean has an empty file for each, named by a hash of that.
# shellcheck source=tests/checks/lib.sh
. "${0%/*}/lib.sh"
need clang-tidy
need jq
work=$build_dir/checks/tidy.$$
trap 'rm -rf "$work"' EXIT
plain_commands "$work" || exit 1

# chosen PATH PREFIX... - whether PATH begins with one of them and with none after --not
chosen()
{
	local path=$1 want=0 result=1
	shift
	for prefix; do
		if [ "$prefix" = --not ]; then
			want=1
		elif [[ $path == "$prefix"* ]]; then
			result=$want
		fi
	done
	return $result
}

# What all depend on.
common=$(clang-tidy --version | cat - .clang-tidy tests/checks/analyser.h tests/checks/tidy.sh | sha256sum)
clean=$build_dir/checks/tidy.clean
mkdir -p "$clean"

# digest FILE COMMAND - where it is noted that FILE is clean: a hash of all that the
# compiler sees, macros and comments (NOLINT) included; fails where it sees nothing
digest()
{
	set -o pipefail
	{ echo "$common $1" && bash -c "${2% -o *} -E -CC -dD $1"; } 2>/dev/null | sha256sum | cut -d ' ' -f 1
}

# run OPTION... - over lines of file and command, some files at a time
run()
{
	local file command sum bad=0
	local -a some=() sums=()
	while IFS=$'\t' read -r file command; do
		sum=$(digest "$file" "$command") || sum=unknown.$$
		[ ! -e "$clean/$sum" ] || continue
		some+=("$file") sums+=("$clean/$sum")
		[ ${#some[@]} = 4 ] || continue
		look "$@" || bad=1
		some=() sums=()
	done
	[ ${#some[@]} = 0 ] || look "$@" || bad=1
	rm -f "$clean/unknown.$$"
	return $bad
}

# look OPTION... - at the files of run()
look()
{
	clang-tidy --quiet -p "$work" "$@" "${some[@]}" 2>>"$work/log" </dev/null && touch "${sums[@]}"
}

jq -r '.[] | [.file, .command] | join("\t")' "$work/compile_commands.json" | sort -u -t $'\t' -k 1,1 |
	while IFS=$'\t' read -r file command; do
		! chosen "${file#"$source_dir/"}" "$@" || printf '%s\t%s\n' "$file" "$command"
	done >"$work/files"
# analyser.h redefines what err.c defines.
status=0
grep -v '^[^	]*/core/base/err\.c	' "$work/files" |
	run --extra-arg=-include --extra-arg="$source_dir/tests/checks/analyser.h" || status=1
grep '^[^	]*/core/base/err\.c	' "$work/files" | run || status=1
# stderr is only "N warnings generated" unless something went wrong
[ $status = 0 ] || grep -v 'warnings\? generated' "$work/log"
exit $status
