#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tests that docs/TESTING.md names, in tables whose last two columns are
# `system/NOUN` and the names in it, <br> between them, are there.
# shellcheck source=tests/checks/lib.sh
. "${0%/*}/lib.sh"
status=0 n=0

while IFS='|' read -r _ _ file names _; do
	file=$(grep -o 'system/[a-z_]*' <<<"$file") || continue
	while IFS= read -r name; do
		n=$((n + 1))
		grep -qF "@test \"$name\" {" "tests/$file.bats" && continue
		echo "docs/TESTING.md: no test in tests/$file.bats: $name"
		status=1
	done < <(sed 's/^ *//; s/ *$//; s/<br>/\n/g' <<<"$names")
done < <(grep -E '^\|[^|]*\| `system/[a-z_]*` \|' docs/TESTING.md)
[ "$n" -gt 0 ] || { echo "docs/TESTING.md names no test"; exit 1; }
exit $status
