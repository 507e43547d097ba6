#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --net phys:IF. A veth plays the card; a real one is not to be had in a
# sandbox, and what the kernel does with it when a runner is killed is played
# by hand in tests/wire/net_phys.c.

load lib

setup_file()
{
	make_rootfs
}

setup()
{
	ip netns add lan
	ip link add nic0 address 02:00:00:00:00:01 mtu 1400 type veth peer name eth0 netns lan
	ip link set nic0 alias uplink
	ip link set nic0 up
	ip -n lan addr add 192.0.2.2/24 dev eth0
	ip -n lan addr add 2001:db8::2/64 dev eth0 nodad
	ip -n lan link set eth0 up
}

teardown()
{
	bg_end
	remove_networks
	ip netns del lan
	wait_for 10 not ip link show nic0
}

# as_it_was - nic0 is on the host again, with all that is kept
as_it_was()
{
	ip -o link show nic0 | grep -q 'mtu 1400 .*link/ether 02:00:00:00:00:01' &&
		ip -o link show nic0 | grep -q '[<,]UP[,>]' &&
		ip link show nic0 | grep -q 'alias uplink' &&
		[ -z "$(find /run/ctnet -path '*/phys/*')" ]
}

# bats test_tags=vm
@test "an interface of the host is in the container while it runs, and then back as it was" {
	local at='ip addr add 192.0.2.1/24 dev nic0 && ip addr add 2001:db8::1/64 dev nic0'
	# accept_dad is off in a container: the address is usable at once
	start one --net phys:nic0,move-virtual --cap-add NET_ADMIN -- sh -c "$at && sleep 1000"
	not ip link show nic0
	wait_for 5 ct exec one ping -c 1 -W 1 192.0.2.2
	wait_for 5 ct exec one ping -c 1 -W 1 2001:db8::2
	gives 0 ct exec one ip -o link show lo
	prints 'UP'
	gives 0 ct exec one sh -c 'ip link set nic0 down; ip link set nic0 name x1; ip link set x1 mtu 1000'
	kill -TERM "$bg_pid"
	wait_for 10 is_gone "$bg_pid"
	as_it_was || fail "$(ip -d link)"
}

@test "an interface gets the name it is given, beside a network" {
	ctnet create bridge0 --subnet 10.99.0.0/24
	gives 0 in_box --net bridge0 --net phys:nic0,move-virtual,ifname=wan \
		sh -c 'cat /sys/class/net/wan/address; ip -o addr show eth0'
	prints '02:00:00:00:00:01'
	prints '10\.99\.0\.'
	as_it_was
}

@test "an interface that would not survive is lent only when told so" {
	refuses 125 'nic0 is virtual \(veth\)' in_box --net phys:nic0 true
	complains 'hint:.*phys:nic0,move-virtual'
	as_it_was
}

@test "what cannot be lent is refused by name, and stays" {
	local word
	ctnet create bridge0 --subnet 10.99.0.0/24
	refuses 125 'nothere' in_box --net phys:nothere,move-virtual true
	refuses 125 'loopback' in_box --net phys:lo,move-virtual true
	refuses 125 'bridge0 belongs to ctnet' in_box --net phys:bridge0,move-virtual true
	ip link add br0 type bridge
	ip link set nic0 master br0
	refuses 125 'nic0 is a port of br0' in_box --net phys:nic0,move-virtual true
	ip link set nic0 nomaster
	for word in phys: phys:nic0,fast phys:nic0,ifname=a/b; do
		refuses 125 '.' in_box --net "$word" true
	done
	refuses 125 'cannot be combined' in_box --net host --net phys:nic0 true
	ip link del br0
	as_it_was
}

@test "an interface is lent to one container at a time" {
	start one --net phys:nic0,move-virtual
	refuses 125 'nic0 is lent to container' in_box --net phys:nic0,move-virtual true
	kill -KILL "$bg_pid"
	wait_for 10 is_gone "$bg_pid"
	# a virtual one went with its namespace: nothing of it is left
	gives 0 ctnet gc
	[ -z "$(find /run/ctnet -path '*/phys/*')" ]
	wait_for 10 not ip link show nic0
}

@test "a start that fails gives the interface back" {
	gives 127 in_box --net phys:nic0,move-virtual nosuchcommand
	as_it_was
	refuses 125 'there is a link lo already' in_box --net phys:nic0,move-virtual,ifname=lo true
	as_it_was
}

# bats test_tags=vm
@test "a dummy is lent and comes back" {
	ip link add dum0 address 02:00:00:00:00:02 mtu 1300 type dummy 2>/dev/null ||
		skip "this kernel has no dummy (CONFIG_DUMMY)"
	refuses 125 'dum0 is virtual \(dummy\)' in_box --net phys:dum0 true
	gives 0 in_box --net phys:dum0,move-virtual,ifname=eth0 --cap-add NET_ADMIN sh -c '
		ip addr add 198.18.0.1/24 dev eth0 && ping -q -c 1 198.18.0.77 -I 198.18.0.1 -W 1
		cat /sys/class/net/eth0/address /sys/class/net/eth0/mtu'
	equal "$(tail -n 2 <<<"$output")" $'02:00:00:00:00:02\n1300'
	# it took what nobody answers
	prints '1 packets transmitted, 0 packets received'
	ip -o link show dum0 | grep -q 'mtu 1300 .*link/ether 02:00:00:00:00:02' || fail "$(ip -d link)"
	ip link del dum0
}

# bats test_tags=vm
@test "a tunnel is lent: its inside is the container's, its outside stays on the host" {
	command -v wg >/dev/null || skip "needs wg (wireguard-tools)"
	ip link add wg0 type wireguard 2>/dev/null ||
		skip "this kernel has no wireguard (CONFIG_WIREGUARD)"
	local dir=$BATS_TEST_TMPDIR at='ip addr add 10.9.0.1/24 dev wg0'
	umask 077
	wg genkey >"$dir/here"
	wg genkey >"$dir/there"
	ip addr add 192.0.2.1/24 dev nic0
	wg set wg0 private-key "$dir/here" peer "$(wg pubkey <"$dir/there")" \
		allowed-ips 10.9.0.2/32 endpoint 192.0.2.2:51820
	ip -n lan link add wg0 type wireguard
	ip netns exec lan wg set wg0 private-key "$dir/there" listen-port 51820 \
		peer "$(wg pubkey <"$dir/here")" allowed-ips 10.9.0.1/32
	ip -n lan addr add 10.9.0.2/24 dev wg0
	ip -n lan link set wg0 up
	start one --net phys:wg0,move-virtual --cap-add NET_ADMIN -- sh -c "$at && sleep 1000"
	wait_for 10 ct exec one ping -c 1 -W 2 10.9.0.2
	gives 0 ct exec one ls /sys/class/net
	equal "$output" $'lo\nwg0'
	kill -TERM "$bg_pid"
	wait_for 10 is_gone "$bg_pid"
	equal "$(wg show wg0 peers)" "$(wg pubkey <"$dir/there")"
	ip link del wg0
}
