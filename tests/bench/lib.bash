# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the benchmarks share, in their sandbox.

# Before everything else that runs: ahead of whatever else the machine does, for the
# floors and for what is compared with them alike, since it is inherited. Another
# program that gets the cpu in the middle of a run would be counted as its cost,
# and hits the longer run more often.
bench_first()
{
	chrt -f -p 1 $$ 2>/dev/null || bench_first_fair
}

# The same without real time, which a control group for cpu does not take in.
bench_first_fair()
{
	renice -n -20 $$ >/dev/null 2>&1 ||
		echo "not ahead of other load: no right to a higher priority"
}
