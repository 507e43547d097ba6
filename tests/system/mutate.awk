# SPDX-License-Identifier: GPL-2.0-or-later
#
# awk -v seed=N -v count=N -v dir=DIR -f mutate.awk FILE... - files with small things
# wrong: DIR/0001.ini ... Each is one of FILE, changed in one to three places: a line
# gone, twice, or elsewhere; a value of another line; a character gone, other or new;
# a number of another size; the rest cut off. The same seed makes the same files.

# Park and Miller's generator: awks do not agree on rand().
function below(n)
{
	seed = seed * 16807 % 2147483647
	return seed % n
}

function split_at(line, at, with, skip)
{
	return substr(line, 1, at) with substr(line, at + 1 + skip)
}

# an odd character, with which parsers have trouble
function odd()
{
	return substr(odds, below(length(odds)) + 1, 1)
}

# a number that is too large, too small, or none
function number()
{
	return numbers[below(n_numbers) + 1]
}

function mutate(n,    what, at, other, tmp, eq)
{
	what = below(11)
	at = below(n) + 1
	other = below(n) + 1
	eq = index(line[other], "=")
	if (what == 0)
		line[at] = "\001"	# gone
	else if (what == 1)
		line[at] = line[at] "\n" line[at]
	else if (what == 2) {
		tmp = line[at]
		line[at] = line[other]
		line[other] = tmp
	} else if (what == 3 && eq && index(line[at], "="))
		line[at] = substr(line[at], 1, index(line[at], "=")) substr(line[other], eq + 1)
	else if (what == 4)
		line[at] = split_at(line[at], below(length(line[at]) + 1), "", 1)
	else if (what == 5)
		line[at] = split_at(line[at], below(length(line[at]) + 1), odd(), 0)
	else if (what == 6)
		line[at] = split_at(line[at], below(length(line[at]) + 1), odd(), 1)
	else if (what == 7 && match(line[at], /[0-9]+/))
		line[at] = substr(line[at], 1, RSTART - 1) number() substr(line[at], RSTART + RLENGTH)
	else if (what == 8)
		cut = at
	else if (what == 9)
		line[at] = line[at] " " line[other]
	else
		line[at] = substr(line[at], 1, below(length(line[at]) + 1))
}

FNR == 1 { files++ }
{ text[files, FNR] = $0; lines[files] = FNR }

END {
	odds = "=[].:;#,/\\\"' \t-+%0aZ\177\377"
	n_numbers = split("0 1 -1 65536 4294967296 99999999999999999999 1e9 0x10 1.5 007", numbers, " ")
	seed += 1
	for (i = 0; i < count; i++) {
		file = i % files + 1
		n = lines[file]
		cut = n
		for (k = 1; k <= n; k++)
			line[k] = text[file, k]
		for (k = below(3); k >= 0; k--)
			mutate(n)
		out = sprintf("%s/%04d.ini", dir, i + 1)
		for (k = 1; k <= cut; k++)
			if (line[k] != "\001")
				print line[k] >out
		printf "" >out
		close(out)
	}
}
