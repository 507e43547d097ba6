#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ctlab capture: files that tcpdump opens, from every kind of wire, without the nodes noticing.

load lib
load lab

setup()
{
	FILE=$BATS_TEST_TMPDIR/x.pcap
}

teardown()
{
	bg_end
	ctlab down --all
}

# wires - $LAB: one of each kind
wires()
{
	LAB=$(lab_file wires <<-'END'
		[lab]
		name = wires
		[node.a]
		[node.b]
		[node.s]
		kind = switch
		[net.lan]
		subnet = 10.1.0.0/24
		members = a:lan=.1 b:lan=.2
		[links]
		plain = a:eth0 b:eth0 subnet=10.0.0.0/30,fd00::/64
		lossy = a:eth1 b:eth1 subnet=10.0.1.0/30 loss.ab=100%
		hard = a:eth2 b:eth2 subnet=10.0.2.0/30 wire=direct
		sa = a:eth3 s:p1 ip=10.2.0.1/24,
		sb = b:eth3 s:p2 ip=10.2.0.2/24,
	END
	)
	ctlab up "$LAB"
}

# capture ARG... - in the background, once it listens; $capture
capture()
{
	bg capture ctlab capture "$@"
	capture=$bg_pid
	wait_for 10 grep -q '^listening to' "$BATS_TEST_TMPDIR/capture.err"
}

# ends STATUS - by Ctrl-C
ends()
{
	kill -INT "$capture" 2>/dev/null || true
	wait_for 10 is_gone "$capture"
	local status=0
	wait "$capture" || status=$?
	equal "$status" "$1"
}

# packets FILTER - how many of the file
packets()
{
	tcpdump -nr "$FILE" "$1" 2>/dev/null | wc -l
}

ping_b()
{
	ctlab exec wires a ping -qc "$2" -i 0.01 -W 1 "$1"
}

@test "a link, in both directions, until Ctrl-C: a whole file and a count" {
	command -v tcpdump >/dev/null || skip "no tcpdump"
	wires
	capture -w "$FILE" wires plain
	grep -qx 'listening to link plain at a:eth0' "$BATS_TEST_TMPDIR/capture.err"
	ping_b 10.0.0.2 5
	ends 0
	equal "$(packets 'icmp[icmptype] == icmp-echo and src 10.0.0.1')" 5
	equal "$(packets 'icmp[icmptype] == icmp-echoreply and src 10.0.0.2')" 5
	# it reads to its end without a complaint, and has as many as were told
	run --separate-stderr tcpdump -nr "$FILE"
	equal "$status" 0
	[[ $stderr != *truncated* ]] || fail "cut off"
	grep -qx "${#lines[@]} packets of link plain at a:eth0 captured" "$BATS_TEST_TMPDIR/capture.err"
	# times to the nanosecond, which are those of now
	gives 0 tcpdump -nr "$FILE" --nano -tt -c 1
	prints '^[0-9]{10}\.[0-9]{9} '
	local at=${output%%.*} now
	now=$(date +%s)
	((now - at < 60 && at <= now)) || fail "of $at, now is $now"
}

@test "every kind of wire, by link and by NODE:IF" {
	command -v tcpdump >/dev/null || skip "no tcpdump"
	wires
	local what address
	while read -r what address; do
		capture -w "$FILE" wires "$what"
		ping_b "$address" 3
		ends 0
		equal "$what $(packets icmp)" "$what 6"
	done <<-'END'
		b:eth0 10.0.0.2
		hard 10.0.2.2
		b:eth2 10.0.2.2
		a:lan 10.1.0.2
		sb 10.2.0.2
		a:eth3 10.2.0.2
		a:lo 10.0.0.1
	END
}

@test "before what is done to packets at one end, behind it at the other" {
	command -v tcpdump >/dev/null || skip "no tcpdump"
	wires
	capture -w "$FILE" wires a:eth1
	ctlab exec wires a ping -qc 3 -i 0.01 -W 1 10.0.1.2 || true
	ends 0
	((0 < $(packets 'arp or icmp'))) || fail "what a sends is not there"
	capture -w "$FILE" wires b:eth1
	ctlab exec wires a ping -qc 3 -i 0.01 -W 1 10.0.1.2 || true
	ends 0
	equal "$(packets 'src 10.0.1.1 or arp src 10.0.1.1')" 0
}

@test "the node notices nothing" {
	wires
	local before
	before=$(in_node wires a ip -d link show eth0; in_node wires a ss -0 -a)
	capture -w "$FILE" wires plain
	equal "$(in_node wires a ip -d link show eth0; in_node wires a ss -0 -a)" "$before"
	in_node wires a ip -d link show eth0 | grep -q 'promiscuity 0'
	ends 0
}

@test "-c ends by itself, --snaplen cuts, a count of one has one packet" {
	command -v tcpdump >/dev/null || skip "no tcpdump"
	wires
	capture -w "$FILE" -c 4 wires plain
	bg ping ctlab exec wires a ping -i 0.05 -s 1200 10.0.0.2
	wait_for 10 is_gone "$capture"
	equal "$(packets '')" 4
	grep -q '^4 packets of' "$BATS_TEST_TMPDIR/capture.err"
	capture -w "$FILE" -c 1 --snaplen 60 wires plain
	wait_for 10 is_gone "$capture"
	# whichever it is: what a node of IPv6 says by itself is longer, too
	equal "$(packets '')" 1
	grep -q '^1 packet of' "$BATS_TEST_TMPDIR/capture.err"
	equal "$(stat -c %s "$FILE")" $((24 + 16 + 60))
}

@test "a pipe: seen while it goes on, and its end is the capture's" {
	command -v tcpdump >/dev/null || skip "no tcpdump"
	wires
	bg pipe bash -c 'set -o pipefail; ctlab capture wires plain | tcpdump -nlr - -c 2 icmp'
	wait_for 10 grep -q '^listening to' "$BATS_TEST_TMPDIR/pipe.err"
	local pipe=$bg_pid
	bg ping ctlab exec wires a ping -i 0.05 10.0.0.2
	wait_for 10 is_gone "$pipe"
	equal "$(grep -c 'ICMP echo' "$BATS_TEST_TMPDIR/pipe.out")" 2
	wait "$pipe" || fail "status $?: $(cat "$BATS_TEST_TMPDIR/pipe.err")"
	# -w - is the same
	ctlab capture -w - -c 1 wires plain 2>/dev/null >"$FILE"
	equal "$(packets '')" 1
}

@test "what goes on: a cut; what ends it: the lab" {
	command -v tcpdump >/dev/null || skip "no tcpdump"
	wires
	capture -w "$FILE" wires plain
	ping_b 10.0.0.2 2
	ctlab link wires plain down
	ctlab link wires plain up
	wait_for 10 ping_b 10.0.0.2 2
	ends 0
	(($(packets icmp) >= 8)) || fail "$(packets icmp) packets"
	# a lab that is ended does not wait for it, nor it for the lab
	capture -w "$FILE" wires plain
	ping_b 10.0.0.2 2
	ctlab down wires
	wait_for 10 is_gone "$capture"
	wait "$capture"
	equal "$(packets icmp)" 4
}

@test "an interface that goes ends it with an error" {
	wires
	in_node wires a ip link add br9 type bridge
	in_node wires a ip link set br9 up
	capture -w "$FILE" wires a:br9
	in_node wires a ip link del br9
	wait_for 10 is_gone "$capture"
	grep -q 'interface br9 is gone' "$BATS_TEST_TMPDIR/capture.err"
}

@test "kill -9 of the lab ends it, and the file is whole" {
	command -v tcpdump >/dev/null || skip "no tcpdump"
	wires
	capture -w "$FILE" wires hard
	ping_b 10.0.2.2 3
	kill -KILL "$(supervisor_of wires)"
	wait_for 10 is_gone "$capture"
	equal "$(packets icmp)" 6
	ctnet gc
}

@test "what is refused" {
	wires
	refuses 1 "has no link plainx.*did you mean 'plain'" ctlab capture -w "$FILE" wires plainx
	refuses 1 "has no link lan.*lan is a net; its wires are a:lan" ctlab capture -w "$FILE" wires lan
	refuses 1 "eth77" ctlab capture -w "$FILE" wires a:eth77
	refuses 1 "no node x" ctlab capture -w "$FILE" wires x:eth0
	refuses 1 "no lab wire" ctlab capture -w "$FILE" wire plain
	refuses 1 "No such file" ctlab capture -w "$BATS_TEST_TMPDIR/no/dir" wires plain
	refuses 2 "." ctlab capture -c 0 -w "$FILE" wires plain
	refuses 2 "." ctlab capture --snaplen 0 -w "$FILE" wires plain
	[ ! -e "$FILE" ] || fail "a file was made"
	# a full disk
	bg flood ctlab exec wires a ping -qf 10.0.0.2
	refuses_full
}

# refuses_full - the disk is full: an error, not a success
refuses_full()
{
	[ -e /dev/full ] || return 0
	run --separate-stderr ctlab -q capture -w /dev/full wires plain
	equal "$status" 1
	complains 'No space left'
}

@test "packets are not for a terminal" {
	command -v script >/dev/null || skip "no script"
	wires
	run script -qec "ctlab capture wires plain" /dev/null
	equal "$status" 2
	[[ $output =~ "not for a terminal" ]] || fail "not told"
}
