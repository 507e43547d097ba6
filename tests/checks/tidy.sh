#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tidy.sh SOURCE BUILD PREFIX... [--not PREFIX...] - clang-tidy (.clang-tidy)
# over the files that were built and whose paths begin so
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

# analyser.h redefines what err.c defines.
run()
{
	xargs -r -n 4 clang-tidy --quiet -p "$work" "$@" 2>>"$work/log"
}

jq -r '.[].file' "$work/compile_commands.json" | sort -u | while read -r file; do
	! chosen "${file#"$source_dir/"}" "$@" || echo "$file"
done >"$work/files"
status=0
grep -v '/core/base/err\.c$' "$work/files" |
	run --extra-arg=-include --extra-arg="$source_dir/tests/checks/analyser.h" || status=1
grep '/core/base/err\.c$' "$work/files" | run || status=1
# stderr is only "N warnings generated" unless something went wrong
[ $status = 0 ] || grep -v 'warnings\? generated' "$work/log"
exit $status
