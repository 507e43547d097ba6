#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a wire is told to do to packets, measured: rates, losses, delays. Alone on the
# machine, since bytes are counted by the second.

load lib
load labs

teardown()
{
	labs_end
}

# wires KEY VALUE... - a lab of two nodes and a wire for each value, in $lab; what
# its tests are follows
wires()
{
	local key=$1 n=0 value
	shift
	lab=$BATS_TEST_TMPDIR/wires.ini
	printf '[node.a]\n[node.b]\n' >"$lab"
	for value; do
		printf '[link.w%s]\nends = a:eth%s b:eth%s\nsubnet = 10.0.%s.0/30\n%s = %s\n' \
			$n $n $n $n "$key" "$value" >>"$lab"
		n=$((n + 1))
	done
}

# measures N TYPE EXPECT [KEY=VALUE...] - a test of wire N
measures()
{
	local n=$1 word
	printf '[test.w%s-%s]\ntype = %s\nfrom = a:eth%s\nto = b:eth%s\nexpect = %s\n' \
		"$n" "$2" "$2" "$n" "$n" "$3" >>"$lab"
	shift 3
	for word; do
		printf '%s\n' "${word/=/ = }" >>"$lab"
	done
}

holds()
{
	gives 0 ctlab test "$lab" --tap "$BATS_TEST_TMPDIR/tap"
	passes "$BATS_TEST_TMPDIR/tap"
}

# A machine that had something else to do is asked again: a wire that is wrong stays so.
@test "rates from 256 kbit to 1 gbit, within 10 %" {
	wires rate 256kbit 1mbit 10mbit 100mbit 1gbit
	# TCP takes seconds to find so low a rate
	measures 0 tcp-rate "231kbit..281kbit" seconds=12 wait=40s
	measures 1 tcp-rate "900kbit..1.1mbit" seconds=3 wait=40s
	measures 2 tcp-rate "9mbit..11mbit" seconds=2 wait=40s
	measures 3 tcp-rate "90mbit..110mbit" seconds=2 wait=40s
	# address and undefined behaviour sanitizers do not copy a gigabit a second
	[ -n "${CT_SANITIZED-}" ] || measures 4 tcp-rate "900mbit..1.1gbit" seconds=2 wait=40s
	holds
}

@test "rates of datagrams, within 10 %" {
	wires rate 256kbit 10mbit 100mbit
	measures 0 udp-rate "231kbit..281kbit" seconds=4 wait=40s
	measures 1 udp-rate "9mbit..11mbit" seconds=2 wait=40s
	measures 2 udp-rate "90mbit..110mbit" seconds=2 wait=40s
	holds
}

# 99 of 100 measurements lie within 2.576 sqrt(p (1 - p) / n) of p; with `wait` a
# second one is made where the first does not, so that one run in ten thousand fails.
@test "losses, within the interval in which 99 % of all measurements lie" {
	wires loss.ab 0.5% 5% 25% 60%
	measures 0 loss "0.5% +-0.41%" count=2000 wait=30s
	measures 1 loss "5% +-1.26%" count=2000 wait=30s
	measures 2 loss "25% +-2.5%" count=2000 wait=30s
	measures 3 loss "60% +-2.83%" count=2000 wait=30s
	holds
}

@test "round trips, from nothing to 1.5 ms above the sum of the delays" {
	wires delay 2ms 20ms 60ms
	gives 0 ctlab lint "$lab"
	measures 0 rtt "4ms..5.5ms" count=20
	measures 1 rtt "40ms..41.5ms" count=20
	measures 2 rtt "120ms..121.5ms" count=20
	run --separate-stderr ctlab up "$lab"
	[ "$status" != 3 ] || skip "needs netem: ${stderr_lines[0]}"
	equal "$status" 0
	gives 0 ctlab test wires --tap "$BATS_TEST_TMPDIR/tap"
	passes "$BATS_TEST_TMPDIR/tap"
}

@test "directions are apart" {
	wires rate.ab 10mbit
	printf 'rate.ba = 2mbit\n' >"$BATS_TEST_TMPDIR/ba"
	sed -i "/rate.ab/r $BATS_TEST_TMPDIR/ba" "$lab"
	measures 0 tcp-rate "9mbit..11mbit" seconds=2 wait=40s
	printf '[test.back]\ntype = tcp-rate\nfrom = b\nto = a\nseconds = 2\nexpect = 1.8mbit..2.2mbit\n' >>"$lab"
	holds
}
