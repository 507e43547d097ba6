#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Which address is whose: subnets chosen and given, ranges, exclusions, requests,
# pools that run out, and leases that come back whatever ends a container.

load lib

setup_file()
{
	make_rootfs
}

teardown()
{
	bg_end
	remove_networks
	ip link del side0 2>/dev/null || true
	ip route del unreachable 10.88.0.0/16 2>/dev/null || true
	rm -f "$BATS_TEST_TMPDIR"/*.conf
}

leased()
{
	ctnet inspect -j "$1" | jq '[.[0].subnets[].leased] | add'
}

chosen()
{
	ctnet inspect -j "$1" | jq -r '.[0].subnets[0].subnet'
}

# addresses_in ARG... - what a container gets there, sorted, without link-local ones
addresses_in()
{
	in_box "$@" ip -o addr show eth0 | awk '$4 !~ /^fe80/ { print $4 }' | sort | paste -sd' '
}

@test "a chosen subnet keeps away from every address and route of the host" {
	ip link add side0 type veth peer name side1
	ip addr add 10.88.0.77/25 dev side0
	ip link set side0 up
	ip route add unreachable 10.88.1.0/24
	ip route add 10.88.2.0/23 dev side0
	ip route add 0.0.0.0/1 dev side0
	ctnet create net1
	equal "$(chosen net1)" 10.88.4.0/24
	refuses 1 'overlaps the route 10\.88\.2\.0/23 of link side0' \
		ctnet create net2 --subnet 10.88.3.0/24
	refuses 1 'overlaps .*10\.88\.0\.0/25.* of link side0' \
		ctnet create net2 --subnet 10.88.0.0/24
	refuses 1 'overlaps .*10\.88\.1\.0/24' ctnet create net2 --subnet 10.88.1.128/25
	refuses 1 'overlaps 10\.88\.4\.0/24 of network net1' ctnet create net2 --subnet 10.88.0.0/13
	ip route del unreachable 10.88.1.0/24
}

@test "a route of a VPN that covers the pool is kept away from, in each family" {
	ip link add side0 type veth peer name side1
	ip link set side0 up
	ip route add 10.88.0.0/16 dev side0
	ip -6 route add fd12:3456::/32 dev side0
	ctnet create net1 --ipv6
	equal "$(chosen net1)" 10.89.0.0/24
	refuses 1 'overlaps the route fd12:3456::/32' ctnet create net2 --subnet fd12:3456:7::/64
}

@test "several subnets of a family: one address of each family, of the first with room" {
	local got
	ctnet create many --subnet 10.99.0.0/30 --subnet 10.99.1.0/24 --subnet fd99::/126 \
		--subnet fd99:1::/64
	start a --net many
	equal "$(address a 4)" 10.99.0.2
	equal "$(address a 6)" fd99::2
	got=$(addresses_in --net many)
	equal "$got" "10.99.1.2/24 fd99::3/126"
	start b --net many
	gives 0 ct exec a ping -c 1 -W 5 "$(address b 4)"
	gives 0 ct exec a ping -c 1 -W 5 "$(address b 6)"
	equal "$(addresses_in --net many:ip=10.99.1.9,ip6=fd99:1::9)" "10.99.1.9/24 fd99:1::9/64"
}

@test "ranges and exclusions hold for what is chosen, in both families" {
	local i got=''
	ctnet create net1 --subnet 10.99.0.0/24 --ip-range 10.99.0.10-10.99.0.13 \
		--exclude 10.99.0.11 --subnet fd99::/64 --ip-range fd99::10-fd99::13 \
		--exclude fd99::12-fd99::13
	for i in 1 2; do
		got+=$(addresses_in --net net1)' '
	done
	equal "$got" "10.99.0.10/24 fd99::10/64 10.99.0.12/24 fd99::11/64 "
}

@test "a request: taken, refused with the reason when it is no address of the network or in use" {
	ctnet create net1 --subnet 10.99.0.0/24 --exclude 10.99.0.40 --subnet fd99::/64
	start a --net net1:ip=10.99.0.9,ip6=fd99::9
	equal "$(address a 4)" 10.99.0.9
	equal "$(address a 6)" fd99::9
	gives 125 in_box --net net1:ip=10.99.0.9 true
	complains '10\.99\.0\.9.*(in use|used|held|leased|taken)'
	gives 125 in_box --net net1:ip6=fd99::9 true
	complains 'fd99::9'
	gives 125 in_box --net net1:ip=10.98.0.9 true
	complains '10\.98\.0\.9'
	gives 125 in_box --net net1:ip=10.99.0.1 true
	complains '10\.99\.0\.1'
	gives 125 in_box --net net1:ip=10.99.0.40 true
	complains '10\.99\.0\.40'
	gives 125 in_box --net net1:ip=10.99.0.255 true
	equal "$(leased net1)" 2
}

@test "a pool that runs out says so, and is as full as before" {
	local driver i
	for driver in bridge ptp; do
		ctnet create small --driver $driver --subnet 10.99.0.0/29
		for i in 1 2 3 4 5; do
			start "c$i" --net small
		done
		gives 125 in_box --net small true
		complains 'no (free )?address|used up|full|left'
		equal "$(leased small)" 5
		bg_end
		wait_for 10 eval '[ "$(leased small)" = 0 ]'
		gives 0 in_box --net small true
		ctnet rm -f small
	done
}

@test "the pools of the configuration run out with a clear error" {
	local conf=$BATS_TEST_TMPDIR/ctnet.conf
	cp /etc/ctnet/ctnet.conf "$conf"
	printf '[ipam]\npools = 10.70.0.0/23\n' >>"$conf"
	ctnet --config "$conf" create net1
	ctnet --config "$conf" create net2
	gives 1 ctnet --config "$conf" create net3
	complains 'no free subnet'
	complains 'hint: .*pools'
	ctnet --config "$conf" rm net1 net2
}

@test "leases come back from a runner that was killed, a namespace that went, a lost record" {
	local driver
	for driver in bridge ptp; do
		ctnet create one --driver $driver --subnet 10.99.0.0/30 --subnet fd99::/126
		start a --net one
		kill -KILL "$bg_pid"
		wait_for 10 is_gone "$bg_pid"
		wait_for 10 in_box --net one:ip=10.99.0.2 true
		start b --net one
		rm -f /run/ctnet/net/*/attach/*
		bg_end
		gives 0 ctnet gc
		wait_for 10 eval 'ctnet gc; [ "$(leased one)" = 0 ]'
		gives 0 in_box --net one:ip=10.99.0.2,ip6=fd99::2 true
		ctnet rm -f one
	done
}

@test "a container that starts while 20 others do has an address of its own" {
	local i
	ctnet create net1 --subnet 10.99.0.0/24 --subnet fd99::/64
	for i in $(seq 20); do
		bg "c$i" ctrun --name "c$i" --rootfs "$ROOTFS" --net net1 -- sleep 1000
	done
	wait_for 20 eval '[ "$(ct ps -j | jq "[.[] | select(.status == \"running\")] | length")" = 20 ]'
	gives 0 ct ps -j
	equal "$(jq '[.[].networks[0].addresses[]] | length' <<<"$output")" 40
	equal "$(jq '[.[].networks[0].addresses[]] | unique | length' <<<"$output")" 40
}

@test "an address that is free again rests before it is given out again" {
	local i got=''
	ctnet create net1 --subnet 10.99.0.0/24
	for i in 1 2 3; do
		got+=$(addresses_in --net net1)' '
	done
	equal "$got" "10.99.0.2/24 10.99.0.3/24 10.99.0.4/24 "
}

@test "names and paths that are no names are refused, and touch nothing" {
	local name
	for name in ../x a/b .. . '' -x "$(printf 'a%.0s' {1..16})" 'a b' $'a\nb' lo host; do
		gives 2 ctnet create -- "$name"
	done
	refuses any 'interface|name' ctnet create x --port ../eth0
	refuses any 'name' ctnet create x --driver macvlan --parent a/b --subnet 192.0.2.0/24
	equal "$(ls /etc/ctnet/networks 2>/dev/null)" ""
}
