#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The labs of conf/labs: each is right, goes up, passes its own tests, needs no change
# when it is applied again, and goes down without a trace. Those that take a while to
# agree on their ways are in labs_protocols.bats.

load lib
load labs

teardown()
{
	labs_end
}

@test "every lab is tried" {
	local file
	for file in "$LABS"/*.ini; do
		grep -q "^	lives \"\$LABS/${file##*/}\"\$" "$CT_TESTS"/system/labs*.bats || fail "not tried: $file"
	done
}

@test "every lab begins with what it shows, has tests, and expands to itself" {
	local file
	for file in "$LABS"/*.ini; do
		[[ $(head -n 1 "$file") == "# $(basename "$file" .ini) - "* ]] || fail "$file: no title"
		equal "$(ctlab lint -j "$file" | jq '.[0] | .ok and .tests > 0 and .problems == []')" true
		ctlab expand "$file" >"$BATS_TEST_TMPDIR/once.ini"
		ctlab expand "$BATS_TEST_TMPDIR/once.ini" | diff "$BATS_TEST_TMPDIR/once.ini" -
	done
}

@test "two-hosts: two hosts and a wire: the smallest lab there is" {
	lives "$LABS/two-hosts.ini"
}

# bats test_tags=vm
@test "router-on-a-stick: three LANs on one switch, and a router with a single port" {
	lives "$LABS/router-on-a-stick.ini"
}

@test "triangle: three routers, a second way for each, and what a cut cable does" {
	lives "$LABS/triangle.ini"
}

@test "nat-home: two homes behind address translation, a provider, a server" {
	lives "$LABS/nat-home.ini"
}

@test "dual-stack: IPv4 and IPv6 over wires that have neither" {
	lives "$LABS/dual-stack.ini"
}

@test "clos: a data centre in small: four spines, three leaves, every way used" {
	lives "$LABS/clos.ini"
}

@test "load-balancer: one address, three servers, and nftables that deals the connections" {
	lives "$LABS/load-balancer.ini"
}

# bats test_tags=vm
@test "traffic-control: wires with a rate, a delay, losses, and one that changes" {
	lives "$LABS/traffic-control.ini"
}

@test "tree-200: a tree of two hundred: 15 switches, 196 hosts" {
	lives "$LABS/tree-200.ini"
}

@test "the lab of the README" {
	sed -n '/^    # wan.ini/,/^[^ ]/{ s/^    //p }' "$CT_TESTS/../README.md" >"$BATS_TEST_TMPDIR/wan.ini"
	lives "$BATS_TEST_TMPDIR/wan.ini"
}
