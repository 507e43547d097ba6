#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# docs/tour-networks.md, block by block: what it tells the reader to type is
# typed, by hand and with ctnet, and what it shows is what is seen.

load lib
load tour

export DOC=$CT_TESTS/../docs/tour-networks.md

setup_file()
{
	tour_world
	for ns in "" lan desk; do
		ip ${ns:+-n "$ns"} link set lo up
	done
}

teardown_file()
{
	ip netns del lan
	ip netns del desk
	wait_for 10 not ip link show lan0
	wait_for 10 not ip link show nic1
}

# for what a side that failed halfway left
teardown()
{
	remove_networks
	# the next container with that address has another MAC
	ip -n desk neigh flush dev eth0
	for ns in a b ns1; do
		[ ! -e "/run/netns/$ns" ] || ip netns del "$ns"
	done
}

@test "every section and side of the document is run here" {
	tour_is_whole 'hand|iptables|ctnet'
}

@test "two namespaces and a wire, by hand" {
	tours 1 hand
}

@test "two namespaces and a wire, with ctnet" {
	tours 1 ctnet
}

@test "a bridge, by hand" {
	tours 2 hand
}

@test "a bridge, with ctnet" {
	tours 2 ctnet
}

@test "a NIC of the host as a port, by hand" {
	tours 3 hand
}

@test "a NIC of the host as a port, with ctnet" {
	tours 3 ctnet
}

@test "out to the world and in by a port, with iptables" {
	tours 4 iptables
}

@test "out to the world and in by a port, with nft" {
	tours 4 hand
}

@test "out to the world and in by a port, with ctnet" {
	tours 4 ctnet
}
