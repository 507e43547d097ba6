#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who reaches whom: containers, the host, a neighbour, a host two hops away;
# by address and by name; over IPv4 and IPv6.

load lib

setup_file()
{
	make_rootfs
	world
}

teardown_file()
{
	world_end
}

setup()
{
	ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
}

teardown()
{
	bg_end
	ip -n lan route flush 10.99.0.0/24
	ip -n lan -6 route flush fd99::/64
	remove_networks
}

# reach CONTAINER ADDRESS, and its contrary, quick about it
reach()
{
	gives 0 ct exec "$1" ping -c 1 -W 5 "$2"
}

no_reach()
{
	[ -n "${2-}" ] || fail "no address to ping"
	gives 1 ct exec "$1" ping -c 1 -W 1 "$2"
}

# bats test_tags=vm
@test "addresses, routes and link of a container" {
	gives 0 in_box --net bridge0 ip addr
	prints 'eth0.*UP,LOWER_UP.*mtu 1500'
	prints 'inet 10\.99\.0\.2/24'
	prints 'inet6 fd99::2/64 scope global'
	# busybox calls nodad "flags 02"; the kernel makes its own link-local address
	# usable in a work queue, without looking for another, which is soon but not now
	! grep 'scope global' <<<"$output" | grep tentative || fail "an address is not usable yet"
	prints 'lo: <LOOPBACK,UP'
	gives 0 in_box --net bridge0 timeout 15 sh -c 'while ip addr | grep -q tentative; do :; done'
	gives 0 in_box --net bridge0 ip route
	prints 'default via 10\.99\.0\.1 dev eth0'
	gives 0 in_box --net bridge0 ip -6 route
	prints 'default via fd99::1 dev eth0'
}

@test "a link has one queue in each direction, however many CPUs there are" {
	gives 0 in_box --net bridge0 ls /sys/class/net/eth0/queues
	[ "$output" = "rx-0
tx-0" ]
}

@test "without --net there is lo alone, and it works" {
	gives 0 in_box sh -c 'ip -o link | wc -l; ping -c 1 127.0.0.1'
	equal "${lines[0]}" 1
	gives 0 in_box --net none ping -c 1 ::1
}

@test "--net host is the host's network" {
	gives 0 in_box --net host ip -o link show bridge0
}

# bats test_tags=vm
@test "two containers by address and by name, both families" {
	start one --net bridge0
	start two --net bridge0
	reach one "$(address two 4)"
	reach two "$(address one 4)"
	reach one "$(address two 6)"
	reach one two
	reach two one
	gives 0 ct exec one ping -6 -c 1 -W 5 two
	# A container knows itself, too.
	reach one one
}

@test "a name resolves from the first instruction on, and no longer than its container" {
	start one --net bridge0
	gives 0 in_box --net bridge0 ping -c 1 -W 5 one
	gives 0 ct exec one cat /etc/hosts
	prints '10\.99\.0\.[0-9]+[[:space:]]+one'
	start two --net bridge0
	gives 0 ct exec one cat /etc/hosts
	prints 'two'
	kill "$bg_pid"
	wait_for 10 not is_running two
	wait_for 5 eval '! ct exec one grep -w two /etc/hosts'
}

@test "aliases, static addresses, MAC and interface name" {
	start web --net bridge0:ip=10.99.0.77,ip6=fd99::77,mac=02:00:5e:00:00:77,ifname=wan,alias=www
	equal "$(address web 4)" 10.99.0.77
	equal "$(address web 6)" fd99::77
	gives 0 ct exec web ip link show wan
	prints '02:00:5e:00:00:77'
	start one --net bridge0
	reach one www
	refuses 125 '10\.99\.0\.77' in_box --net bridge0:ip=10.99.0.77 true
	refuses 125 '10\.98' in_box --net bridge0:ip=10.98.0.1 true
	refuses 125 '10\.99\.0\.1' in_box --net bridge0:ip=10.99.0.1 true
}

# bats test_tags=vm
@test "the host two hops away answers, and sees the host's address" {
	serve far s4 TCP4-LISTEN:7
	serve far s6 TCP6-LISTEN:8
	start one --net bridge0
	reach one 198.51.100.2
	reach one 2001:db8:2::2
	gives 0 ct exec one nc -w 5 198.51.100.2 7
	equal "$output" 192.0.2.1
	gives 0 ct exec one nc -w 5 2001:db8:2::2 8
	equal "$output" '[2001:0db8:0001:0000:0000:0000:0000:0001]'
}

@test "--no-masquerade keeps the container's address on the wire" {
	ctnet create open0 --subnet 10.97.0.0/24 --no-masquerade
	start one --net open0
	bg dump ip netns exec lan tcpdump -l -n -c 1 -i eth0 icmp
	wait_for 10 grep -q listening "$BATS_TEST_TMPDIR/dump.err"
	ct exec one ping -c 1 -W 1 198.51.100.2 || true
	wait_for 10 is_gone "$bg_pid"
	grep -q '10\.97\.0\.2 > 198\.51\.100\.2' "$BATS_TEST_TMPDIR/dump.out"
}

@test "the host reaches the container" {
	start one --net bridge0 -- sh -c 'while :; do echo hello | nc -l -p 80; done'
	ping -c 1 -W 5 "$(address one 4)"
	ping -c 1 -W 5 "$(address one 6)"
	wait_for 10 eval "[ \"\$(socat -T 2 - TCP4:$(address one 4):80)\" = hello ]"
}

# bats test_tags=vm
@test "a neighbour that routes to the subnet through the host does not" {
	start one --net bridge0
	ip -n lan route add 10.99.0.0/24 via 192.0.2.1
	ip -n lan -6 route add fd99::/64 via 2001:db8:1::1
	# The path itself is good: the bridge's address answers.
	gives 0 ip netns exec lan ping -c 1 -W 5 10.99.0.1
	all "gives 1 ip netns exec lan ping -c 1 -W 1 $(address one 4)" \
		"gives 1 ip netns exec lan ping -c 1 -W 1 $(address one 6)"
	# What refuses is our rule and nothing else: without it, it would.
	local ip
	ip=$(address one 4)
	nft delete table inet ctnet
	gives 0 ip netns exec lan ping -c 1 -W 5 "$ip"
}

@test "the container reaches the host on the gateway's address" {
	start one --net bridge0
	reach one 10.99.0.1
	reach one fd99::1
	reach one 192.0.2.1
}

# bats test_tags=vm
@test "networks do not reach each other, unless --open" {
	ctnet create two --subnet 10.98.0.0/24
	ctnet create open0 --subnet 10.97.0.0/24 --open
	start a --net bridge0
	start b --net two
	start c --net open0
	all "no_reach a $(address b 4)" "no_reach b $(address a 4)" \
		"reach a $(address c 4)" "no_reach c $(address a 4)"
}

@test "an internal network has no way out and none in" {
	ctnet create quiet --subnet 10.96.0.0/24 --internal
	start a --net quiet
	start b --net quiet
	reach a b
	ip -n lan route add 10.96.0.0/24 via 192.0.2.1
	all 'no_reach a 198.51.100.2' \
		"gives 1 ip netns exec lan ping -c 1 -W 1 $(address a 4)"
	ip -n lan route del 10.96.0.0/24
}

# bridge_nf 0|1 - whether bridged frames pass the firewall; the sysctls are the namespace's
bridge_nf()
{
	local key
	for key in iptables ip6tables; do
		[ ! -e "/proc/sys/net/bridge/bridge-nf-call-$key" ] ||
			echo "$1" >"/proc/sys/net/bridge/bridge-nf-call-$key"
	done
}

@test "--no-icc: containers reach the world and not each other" {
	local nf
	for nf in 0 1; do
		bridge_nf "$nf"
		ctnet create apart --subnet 10.95.0.0/24 --subnet fd95::/64 --no-icc
		start a --net apart
		start b --net apart
		all "no_reach a $(address b 4)" "no_reach a $(address b 6)" \
			'reach a 10.95.0.1' 'reach a 198.51.100.2'
		bg_end
		ctnet rm -f apart
	done
}

@test "a container on two networks" {
	ctnet create two --subnet 10.98.0.0/24
	start a --net bridge0
	start b --net two
	start both --net bridge0 --net two
	reach both a
	reach both b
	reach a both
	reach b both
	gives 0 ct exec both ip route
	prints 'default via 10\.99\.0\.1 dev eth0'
	prints '10\.98\.0\.0/24 dev eth1'
	# It is no router between them.
	no_reach a "$(address b 4)"
}

@test "--net container: shares another's network" {
	start one --net bridge0
	gives 0 in_box --net container:one ip -4 -o addr show eth0
	prints "$(address one 4)"
}

@test "a v4-only network gives no IPv6 address" {
	ctnet create four --subnet 10.94.0.0/24
	gives 0 in_box --net four ip -6 addr show eth0
	equal "$output" ""
}

@test "large packets pass whole" {
	start one --net bridge0
	start two --net bridge0
	gives 0 ping -M "do" -s 1472 -c 1 -W 5 "$(address one 4)"
}

@test "resolv.conf has servers that can be reached, and no search domain" {
	[ -e /etc/resolv.conf ] || skip "no /etc/resolv.conf to stand in for"
	printf 'nameserver 127.0.0.53\nnameserver 192.0.2.2\nsearch example.org\n' \
		>"$BATS_TEST_TMPDIR/resolv.conf"
	mount --bind "$BATS_TEST_TMPDIR/resolv.conf" /etc/resolv.conf
	run --separate-stderr in_box --net bridge0 cat /etc/resolv.conf
	umount /etc/resolv.conf
	equal "$status" 0
	equal "$(grep -v '^#' <<<"$output")" "nameserver 192.0.2.2"
	gives 0 in_box --net bridge0 --dns 192.0.2.99 cat /etc/resolv.conf
	prints 'nameserver 192\.0\.2\.99'
}

@test "--add-host is a line of /etc/hosts" {
	gives 0 in_box --net bridge0 --add-host db:10.99.0.200 cat /etc/hosts
	prints '10\.99\.0\.200[[:space:]]+db'
}
