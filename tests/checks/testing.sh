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

# Fuzzing: each target has a corpus of small files and a row, each row a target and files
# that are there; who reads what others wrote has a row, too.
complain()
{
	echo "$1"
	status=1
}

fuzzing=$(sed -n '/^## Fuzzing/,/^### For longer/p' docs/TESTING.md)
for target in tests/fuzz/fuzz_*.c; do
	target=${target##*/fuzz_} target=${target%.c}
	n=$(find "tests/fuzz/corpus/$target" -type f 2>/dev/null | wc -l)
	[ "$n" -gt 0 ] || complain "fuzz/$target has no corpus: tests/fuzz/corpus/$target"
	[ "$n" -le 250 ] || complain "fuzz/$target has $n seeds: tests/fuzz/run --merge picks"
	grep -qF "\`fuzz/$target\`" <<<"$fuzzing" || complain "docs/TESTING.md: no row for fuzz/$target"
done
while IFS= read -r file; do
	complain "$file: a seed has 4096 bytes at most"
done < <(find tests/fuzz/corpus -type f -size +4096c)
while IFS= read -r target; do
	[ -e "tests/fuzz/fuzz_$target.c" ] || complain "docs/TESTING.md: there is no fuzz/$target"
done < <(grep -oE 'fuzz/[a-z]+_[a-z_]+' <<<"$fuzzing" | sed 's|.*/||' | sort -u)
while IFS= read -r file; do
	compgen -G "$file" >/dev/null || complain "docs/TESTING.md: there is no $file"
done < <(grep -oE '`(core|net|cli)/[a-z_/*]+\.c`' <<<"$fuzzing" | tr -d '`' | sort -u)
reads='json_load|ini_load\(|ini_parse|nl_parse\(|nl_parse_nested|inroot_read\(|XML_Parse|fd_recv\(|[^_a-z]recv\(|recvmsg\(|mountinfo_next'
while IFS= read -r file; do
	grep -qF "\`$file\`" <<<"$fuzzing" || complain "docs/TESTING.md: no row for $file, which reads what others wrote"
done < <(grep -lE "$reads" core/base/*.c core/*.c net/*.c cli/*.c)
exit $status
