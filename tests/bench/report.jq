# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes one object of what a benchmark measured: its medians, and its ratios as
# judged by tests/bench/targets.
#
# Input: lines of NAME, tab, NUMBER, one for each round. Arguments: $bench and
# $title of the benchmark, $targets the file, $skipped lines of NAME, tab, REASON, and
# $judge, 0 where too little is measured for that.
#
# Of a target that is not judged `met` is null, which is not missed.

def at($part): sort | .[length * $part | floor];
def median: at(1 / 2);
def round3: . * 1000 | round / 1000;

def cells: split("|") | map(sub("^\\s+"; "") | sub("\\s+$"; ""));

def lines($text): $text | split("\n") | map(select(test("^[^#]")));

def ratio($all):
	if $all[.of] == null or (.to != "-" and $all[.to] == null) then null
	elif .to == "-" then $all[.of] | median | round3
	elif ($all[.of] | length) == ($all[.to] | length) then
		[$all[.of], $all[.to]] | transpose | map(.[0] / .[1]) | median | round3
	else ($all[.of] | median) / ($all[.to] | median) | round3
	end;

def met:
	if .ratio == null or .limit == null or $judge == 0 then null
	elif .kind == "most" then .ratio <= .limit
	else .ratio >= .limit
	end;

def verdict:
	if .limit == null then "" elif .met == null then "not judged"
	elif .met then "met" else "MISSED" end;

(reduce (inputs | split("\t")) as [$name, $value] ({}; .[$name] += [$value | tonumber])) as $all
| {
	bench: $bench,
	title: $title,
	values: ($all | map_values({
		median: (median | round3), p10: (at(0.1) | round3), p90: (at(0.9) | round3),
		min: (min | round3), rounds: length })),
	ratios: (lines($targets) | map(cells | select(.[0] == $bench)
		| { of: .[1], to: .[2], kind: .[3], limit: (.[4] | tonumber? // null) }
		| .ratio = ratio($all)
		| .met = met
		| .asked = (if .limit then "at \(.kind) \(.limit)" else "-" end)
		| .verdict = verdict)),
	skipped: (lines($skipped) | map(split("\t") | { name: .[0], reason: .[1] }))
}
