#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# docs/tour-networks.md, block by block: what it tells the reader to type is
# typed, by hand and with ctnet, and what it shows is what is seen.

load lib
load tour

DOC=$CT_TESTS/../docs/tour-networks.md

setup_file()
{
	# that of the document
	# shellcheck disable=SC2016 # the backquotes are those of its fences
	bash -euo pipefail -c "$(sed -n '/^```sh world$/,/^```$/{ /^```/d; p }' "$DOC")"
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

# tours SECTION SIDE
tours()
{
	local dir=$BATS_TEST_TMPDIR want

	tour_script "$DOC" "$1" "$2" "$dir" >"$dir/script"
	grep -q . "$dir/script" || fail "nothing to type in section $1: $2"
	# what a document shows leaves no time between two commands
	gives 0 bash -euo pipefail "$dir/script" 3>&-
	for want in "$dir"/*.want; do
		diff -u "$want" "${want%.want}.got" || fail "section $1, $2: not what the document shows"
	done
}

@test "every section and side of the document is run here" {
	local n side

	for n in $(tour_sections "$DOC"); do
		for side in $(tour_sides "$DOC" "$n"); do
			grep -q "^	tours $n $side\$" "$BATS_TEST_FILENAME" || fail "not run: $n $side"
		done
	done
	# and every fence is one of ours
	equal "$(grep -Ec '^```' "$DOC")" \
		"$(($(grep -Ec '^```(sh (world|look|(hand|iptables|ctnet)( look| undo)?)|text)$' "$DOC") * 2))"
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
