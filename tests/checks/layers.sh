#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The rules of docs/HACKING.md that a compiler does not know: who may include
# whom, who owns a system call, what nobody may call, where variables may live,
# how large a file may be. Each rule is a line of a table; an exemption is a
# file name in it.
# shellcheck source=tests/checks/lib.sh
. "${0%/*}/lib.sh"
status=0

complain()
{
	printf '%s\n    rule: %s\n' "$1" "$2"
	status=1
}

# FILE:LINE: of a C file without comments and strings
code()
{
	perl -0777 -ne '
		s{/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"}{ (my $t = $&) =~ s/[^\n]//g; substr($&, 0, 1) eq "\"" ? "\"\"" : $t }gse;
		my $n = 0;
		print "$ARGV:" . ++$n . ":$_\n" for split /\n/;' "$@"
}

# core/tools runs on the build machine and is no part of the program
mapfile -t sources < <(find core net cli -name '*.[ch]' -not -path 'core/tools/*' | sort)
mkdir -p "$build_dir/checks"
code "${sources[@]}" >"$build_dir/checks/code" || exit 1

# ---- who includes whom: LAYER | what its includes begin with -----------------
while IFS='|' read -r layer allowed; do
	while read -r hit; do
		complain "$hit" "$layer includes only $allowed"
	done < <(printf '%s\n' "${sources[@]}" | grep -P "$layer" |
		xargs grep -HnP "^#\s*include \"(?!$allowed)")
done <<'TABLE'
^core/base/|core/base/
^core/(?!base/)|core/|seccomp_default\.inc
^net/|net/|core/base/
TABLE

# ---- who may use it: REGEX | FILES (regex; none: nobody) | why -----------------
while IFS='~' read -r regex owners why; do
	while read -r hit; do
		complain "$hit" "$why"
	done < <(grep -P "^[^:]*:\d+:.*$regex" "$build_dir/checks/code" |
		grep -vP "^(${owners:-nobody}):")
done <<'TABLE'
\b(AF_NETLINK|mnl_socket_open2?)\b~net/nl\.c|net/static/mnl\.c~netlink sockets are made in net/nl.c
\bsetns\s*\(~net/netns\.c|core/ns\.c~namespaces are entered in net/netns.c and core/ns.c
\b(fork|vfork|clone|clone3|posix_spawnp?|SYS_clone3?|__NR_clone3?)\b\s*[(,]~core/spawn\.c|core/base/proc\.c~processes are made in core/spawn.c and core/base/proc.c
(?<![_\w])exit\s*\(~cli/\w+\.c~only cli ends the program (a child uses _exit)
\b(printf|puts|putchar|vprintf)\s*\(|\bstdout\b~cli/\w+\.c~only cli prints
\bstderr\b|\bperror\s*\(~cli/\w+\.c|core/base/log\.c~errors travel in struct err; notices go through log
\b(system|popen|strcpy|strcat|stpcpy|sprintf|vsprintf|gets|strtok|strtok_r|alloca|mktemp|tmpnam|tempnam)\s*\(~~see STYLE in docs/HACKING.md: no shell, no unbounded copies, no hidden state
\b(atoi|atol|atoll|atof|sscanf|rand|srand)\s*\(~~numbers are parsed by core/base/parse.h, which notices nonsense; random ones come from getrandom
\bsignal\s*\((?!.*\bSIG_(DFL|IGN)\b)~~handlers are set with sigaction(2), whose semantics are the same everywhere
TABLE

# ---- no variables outside cli and log ---------------------------------------
for archive in "$build_dir"/libct{base,core,net}.a; do
	[ -e "$archive" ] || continue
	while read -r hit; do
		complain "${archive##*/}: $hit" "no mutable globals (or const is missing) outside cli and log"
	done < <(objdump -t "$archive" |
		awk '/file format/ { file = $1 } $0 ~ / O \.(data|bss|tbss|tdata)\t/ { print file, $NF }' |
		grep -v '^log\.c\.o:')
done

# ---- what cleans up after itself is initialised before anything can return ------
while read -r hit; do
	complain "$hit" "initialise it before the first return: what cleans it up does not ask"
done < <(printf '%s\n' "${sources[@]}" | xargs perl -0777 -ne '
	while (/\n\t+(_cleanup_[^;=]*?\b(\w+)(?:\[[^\]]*\])?);\n/g) {
		my ($what, $name, $line) = ($1, $2, 2 + (substr($_, 0, $-[0]) =~ tr/\n//));
		my ($rest) = substr($_, $+[0]) =~ /\A(.*?)\n\}\n/s;
		my ($before) = $rest =~ /\A(.*?)init\w*\(&$name\b/s;
		print "$ARGV:$line: $what\n" if !defined $before || $before =~ /\breturn\b/;
	}')

# ---- sizes: a larger file is two nouns, unless it is a table ------------------
readonly tables='^core/seccomp_default'
while read -r lines file; do
	limit=500
	[[ $file != *.h ]] || limit=200
	[[ $file != tests/* ]] || limit=700
	[[ $file != total && ! $file =~ $tables && $lines -gt $limit ]] &&
		complain "$file: $lines lines" "at most $limit; a file that outgrows it is two nouns"
done < <(files '*.c' '*.h' | xargs wc -l)

# ---- text --------------------------------------------------------------------
for file in $(files '*.c' '*.h' '*.sh' '*.bash' '*.bats' '*.cmake'); do
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' ||
		complain "$file" "the licence stands on the first line"
done
while read -r hit; do
	complain "${hit:0:120}" "no trailing blanks"
done < <(files '*.[ch]' '*.sh' '*.bash' '*.bats' '*.cmake' '*.md' '*.[1-9]' | xargs grep -nE '[[:blank:]]+$')
while read -r hit; do
	complain "$hit" "lines end at column 100"
done < <(files '*.[ch]' | xargs perl -ne '
	my $l = $_; chomp $l; 1 while $l =~ s/\t/" " x (8 - $-[0] % 8)/e;
	print "$ARGV:$.: " . length($l) . " columns\n" if length($l) > 100; close ARGV if eof')
exit $status
