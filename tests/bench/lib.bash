# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the benchmarks share, in their sandbox: what they measure goes, as it comes,
# into $values, a line of NAME, tab, NUMBER for each round; what a machine lacks
# into $values.skipped, NAME, tab, REASON. bench_report judges them.

# ---- ahead of other load ---------------------------------------------------

# Before everything else that runs: ahead of whatever else the machine does, for the
# floors and for what is compared with them alike, since it is inherited. Another
# program that gets the cpu in the middle of a run would be counted as its cost,
# and hits the longer run more often.
bench_first()
{
	chrt -f -p 1 $$ 2>/dev/null || bench_first_fair
}

# The same without real time, which a control group for cpu does not take in. Among
# sessions the niceness of a process counts for nothing, but for that of its session:
# this has to be one of its own (setsid).
bench_first_fair()
{
	renice -n -20 $$ >/dev/null 2>&1 && echo -20 2>/dev/null >/proc/self/autogroup ||
		echo "not ahead of other load: no right to a higher priority"
}

# ---- measuring -------------------------------------------------------------

# bench_begin BENCH - what it measured before is forgotten
bench_begin()
{
	values=$build/bench/$1.values
	: >"$values"
	: >"$values.skipped"
}

# value NAME NUMBER
value()
{
	printf '%s\t%s\n' "$1" "$2" >>"$values"
}

# skipped NAME REASON
skipped()
{
	printf '%s\t%s\n' "$1" "$2" >>"$values.skipped"
}

# took NAME COMMAND... - its milliseconds are a value, and $ms
took()
{
	local name=$1 start=$EPOCHREALTIME end us
	shift
	"$@" >"$BATS_FILE_TMPDIR/output" 2>&1 || { cat "$BATS_FILE_TMPDIR/output" >&2; exit 1; }
	end=$EPOCHREALTIME
	us=$((${end/./} - ${start/./}))
	printf -v ms '%d.%03d' $((us / 1000)) $((us % 1000))
	value "$name" "$ms"
}

# bench_rounds N PAUSE NAME COMMAND... [-- NAME COMMAND...]... - whole processes against
# each other, tests/bench/rounds.c
bench_rounds()
{
	"$build/bench/bench_rounds" "$@" >"$BATS_FILE_TMPDIR/rounds" || return
	jq -r 'to_entries[] | .key as $name | .value.rounds[] | [$name, .] | @tsv' \
		"$BATS_FILE_TMPDIR/rounds" >>"$values"
}

# ---- judging ---------------------------------------------------------------

# bench_report BENCH TITLE - its tables, and BUILD/bench/BENCH.json; fails where a
# target is missed, unless $judge is 0
bench_report()
{
	local json=$build/bench/$1.json
	jq -Rn --arg bench "$1" --arg title "$2" --argjson judge "$judge" \
		--rawfile targets "$source_dir/tests/bench/targets" \
		--rawfile skipped "$values.skipped" \
		-f "$source_dir/tests/bench/report.jq" "$values" >"$json"
	bench_print "$json"
	[ "$judge" = 0 ] || jq -e 'all(.ratios[]; .met != false)' "$json" >/dev/null
}

# bench_print JSON... - as tables
bench_print()
{
	jq -r '.title, "", (["", "median", "p10", "p90", "min", "rounds"] | @tsv),
		(.values | to_entries[]
			| [.key, (.value | .median, .p10, .p90, .min, .rounds)] | @tsv),
		(select(.ratios != []) | "", (["of", "to", "", "target", ""] | @tsv)),
		(.ratios[] | [.of, .to, .ratio // "-", .asked, .verdict] | @tsv),
		(.skipped[] | "not measured: \(.name): \(.reason)")' "$@" |
		awk -F'\t' 'NF < 2 { print; next }
			NF == 5 { printf "%-32s %-32s %9s  %-14s %s\n", $1, $2, $3, $4, $5; next }
			{ printf "%-34s %9s %9s %9s %9s %7s\n", $1, $2, $3, $4, $5, $6 }'
}
