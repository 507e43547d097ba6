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

# Every attack on a runner that a test has in its name stands in a row of that table.
rows=$(sed -n '/^## Attacks on runners/,/^## Rules/p' docs/TESTING.md)
[ -n "$rows" ] || { echo "docs/TESTING.md has no table of attacks on runners"; exit 1; }
while IFS= read -r number; do
	grep -qF "$number" <<<"$rows" && continue
	echo "docs/TESTING.md: no row for $number, which a test is named after"
	status=1
done < <(grep -h '^@test' tests/system/{runner,attacks_runner,caps,init,sysctl}.bats | grep -oE 'CVE-[0-9]+-[0-9]+' | sort -u)
[ "$n" -gt 0 ] || { echo "docs/TESTING.md names no test"; exit 1; }
exit $status
