#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A lab and the firewall of the host it runs on have nothing to do with each other.

load lib
load labs

teardown()
{
	labs_end
	iptables -P FORWARD ACCEPT
	nft flush ruleset
}

needs_iptables()
{
	command -v iptables >/dev/null || skip "needs iptables"
}

@test "FORWARD dropped and bridged frames shown to iptables: nothing changes inside" {
	local lab
	needs_iptables
	iptables -P FORWARD DROP
	iptables -I FORWARD -j DROP
	[ ! -e /proc/sys/net/bridge/bridge-nf-call-iptables ] ||
		echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
	for lab in router-on-a-stick two-hosts nat-home; do
		gives 0 ctlab test "$LABS/$lab.ini" --tap "$BATS_TEST_TMPDIR/tap"
		passes "$BATS_TEST_TMPDIR/tap"
	done
	# not one packet came by
	iptables -nvxL FORWARD | awk '$3 == "DROP" && $1 != 0 { exit 1 }'
}

@test "an nftables table that drops everything, in every family" {
	local family
	for family in inet bridge; do
		nft "add table $family shut; add chain $family shut f { type filter hook forward priority -300; policy drop; }"
		nft "add chain $family shut i { type filter hook input priority -300; policy drop; }"
	done
	gives 0 ctlab test "$LABS/router-on-a-stick.ini" --tap "$BATS_TEST_TMPDIR/tap"
	passes "$BATS_TEST_TMPDIR/tap"
}

@test "no trace of a lab in the host's network while it runs" {
	local before
	before=$(host_network)
	gives 0 ctlab up "$LABS/nat-home.ini"
	equal "$(host_network)" "$before"
	# nor in the files by which others find namespaces
	equal "$(ls /run/netns /var/run/docker/netns 2>/dev/null)" ""
	gives 0 ctlab down nat-home
	equal "$(host_network)" "$before"
}

@test "forwarding on the host does not make routers of hosts" {
	local before
	before=$(cat /proc/sys/net/ipv4/ip_forward)
	echo 1 >/proc/sys/net/ipv4/ip_forward
	gives 0 ctlab up "$LABS/two-hosts.ini"
	equal "$(ctlab exec two-hosts a cat /proc/sys/net/ipv4/ip_forward)" 0
	equal "$(ctlab exec two-hosts a cat /proc/sys/net/ipv6/conf/all/forwarding)" 0
	gives 0 ctlab down two-hosts
	equal "$(cat /proc/sys/net/ipv4/ip_forward)" 1
	echo "$before" >/proc/sys/net/ipv4/ip_forward
}
