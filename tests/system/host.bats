#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What networks do to the host, and what the host's settings do to them:
# forwarding, sysctl, rp_filter, router advertisements, MAC addresses, MTU.

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

teardown()
{
	bg_end
	remove_networks
	rm -f /etc/sysctl.d/50-test.conf
	sysctl -qw net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.lan0.rp_filter=0 net.ipv6.conf.lan0.accept_ra=1
	ip -n lan route del 203.0.113.0/24 2>/dev/null || true
	ip -n lan -6 route del 2001:db8:f::/64 2>/dev/null || true
	ip netns del transit 2>/dev/null || true
	ip link set lan0 mtu 1500
	ip -n lan link set eth0 mtu 1500
	# a router's own default route comes and goes with the tests
	ip -6 route replace default via 2001:db8:1::2
}

forwarding()
{
	cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding | tr -d '\n'
}

host_link()
{
	ctnet inspect -j "$1" | jq -r '.[0].containers[0].host_ifname'
}

# ---- forwarding ------------------------------------------------------------

@test "forwarding goes on with the first network that needs it, is told, and off with the last" {
	equal "$(forwarding)" 00
	gives 0 ctnet create inner --internal --ipv6
	equal "$(forwarding)" 00
	equal "$stderr" ""
	gives 0 ctnet create v4
	complains 'turned on net\.ipv4\.ip_forward'
	equal "$(forwarding)" 10
	gives 0 ctnet create v6 --ipv6
	complains 'turned on net\.ipv6\.conf\.all\.forwarding'
	equal "$(forwarding)" 11
	ctnet rm v4 v6 inner
	equal "$(forwarding)" 00
	gives 0 ctnet -q create v4
	equal "$stderr" ""
	equal "$(forwarding)" 10
}

@test "forwarding that was on before is nobody's to turn off" {
	echo 1 >/proc/sys/net/ipv4/ip_forward
	gives 0 ctnet create v4
	equal "$stderr" ""
	[ ! -e /run/sysctl.d/zz-ctnet.conf ] || fail "it is not ours"
	ctnet rm v4
	equal "$(cat /proc/sys/net/ipv4/ip_forward)" 1
	echo 0 >/proc/sys/net/ipv4/ip_forward
}

@test "with forwarding turned on by us, the host is no router for its neighbours" {
	ip netns add transit
	ip link add tr0 type veth peer name eth0 netns transit
	wire "" tr0 203.0.113.1/24 2001:db8:f::1/64
	wire transit eth0 203.0.113.2/24 2001:db8:f::2/64
	ip -n transit route add default via 203.0.113.1
	ip -n transit -6 route add default via 2001:db8:f::1
	ip -n lan route add 203.0.113.0/24 via 192.0.2.1
	ip -n lan -6 route add 2001:db8:f::/64 via 2001:db8:1::1
	ctnet create v6 --ipv6
	equal "$(forwarding)" 11
	all 'gives 1 ip netns exec lan ping -c 1 -W 1 203.0.113.2' \
		'gives 1 ip netns exec lan ping -c 1 -W 1 2001:db8:f::2'
	ctnet rm v6
	# and one that forwarded before still does
	echo 1 >/proc/sys/net/ipv4/ip_forward
	echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
	ctnet create v6 --ipv6
	gives 0 ip netns exec lan ping -c 1 -W 5 203.0.113.2
	gives 0 ip netns exec lan ping -c 1 -W 5 2001:db8:f::2
	ctnet rm v6
	equal "$(forwarding)" 11
	echo 0 >/proc/sys/net/ipv4/ip_forward
	echo 0 >/proc/sys/net/ipv6/conf/all/forwarding
}

@test "bridges of others go on carrying frames, whatever br_netfilter shows us of them" {
	local n addr
	ip link add foreign0 type bridge
	ip link set foreign0 up
	for n in 1 2; do
		ip netns add "f$n"
		ip link add "fp$n" master foreign0 type veth peer name eth0 netns "f$n"
		ip link set "fp$n" up
		wire "f$n" eth0 "203.0.113.$n/24" "2001:db8:e::$n/64"
	done
	ctnet create v6 --ipv6
	equal "$(forwarding)" 11
	for n in 1 0; do
		sysctl -qw net.bridge.bridge-nf-call-iptables=$n net.bridge.bridge-nf-call-ip6tables=$n
		for addr in 203.0.113.2 2001:db8:e::2; do
			gives 0 ip netns exec f1 ping -c 1 -W 5 "$addr"
		done
	done
	sysctl -qw net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1
	ip netns del f1
	ip netns del f2
	ip link del foreign0
}

@test "sysctl --system does not take it away" {
	mkdir -p /etc/sysctl.d
	printf 'net.ipv4.ip_forward = 0\nnet.ipv6.conf.all.forwarding = 0\n' \
		>/etc/sysctl.d/50-test.conf
	ctnet create v6 --ipv6
	start c --net v6
	sysctl --system >/dev/null 2>&1 || true
	equal "$(forwarding)" 11
	gives 0 ct exec c ping -c 1 -W 5 198.51.100.2
	gives 0 ct exec c ping -c 1 -W 5 2001:db8:2::2
	bg_end
	ctnet rm -f v6
	[ ! -e /run/sysctl.d/zz-ctnet.conf ] || fail "the file is left"
	sysctl --system >/dev/null 2>&1 || true
	equal "$(forwarding)" 00
}

@test "sysctl --system in another network namespace than the machine's is not ours to feed" {
	unshare -n ctnet create other
	[ ! -e /run/sysctl.d/zz-ctnet.conf ] || fail "it would be the machine's"
	rm -f /etc/ctnet/networks/other.conf
}

@test "who turned forwarding off meanwhile: the next command turns it on again" {
	ctnet create v6 --ipv6
	echo 0 >/proc/sys/net/ipv4/ip_forward
	echo 0 >/proc/sys/net/ipv6/conf/all/forwarding
	ctnet ls
	equal "$(forwarding)" 11
}

# ---- router advertisements ---------------------------------------------------

# advertise NETNS-PID - a router advertisement with a prefix, from inside there
advertise()
{
	# RFC 4861 4.2 and 4.6.2: lifetime 1800 s; 2001:db8:bad::/64, on link, autonomous
	printf '%b' '\x86\x00\x00\x00\x40\x00\x07\x08\x00\x00\x00\x00\x00\x00\x00\x00' \
		'\x03\x04\x40\xc0\x00\x00\x0e\x10\x00\x00\x0e\x10\x00\x00\x00\x00' \
		'\x20\x01\x0d\xb8\x0b\xad\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00' |
		nsenter -t "$1" -n socat -u - \
			'IP6-SENDTO:[ff02::1%eth0]:58,setsockopt-int=41:18:255'
}

init_of()
{
	ct ps -j | jq -r --arg n "$1" '.[] | select(.name == $n) | .pid'
}

believes()
{
	[ -n "$(ip -6 -o addr show to 2001:db8:bad::/64)" ]
}

@test "no host and no container believes a container that plays router" {
	local driver i
	for driver in bridge ptp; do
		ctnet create net6 --driver $driver --ipv6 --no-spoof-guard
		start a --net net6
		start b --net net6
		for ((i = 0; i < 3; i++)); do
			advertise "$(init_of a)"
		done
		# what is answered later was seen later
		gives 0 ct exec a ping -c 1 -W 5 "$(address b 6)"
		believes && fail "the host has an address of it ($driver)"
		gives 0 ct exec b ip -6 addr
		! [[ $output =~ bad ]] || fail "the other container has an address of it"
		! ip -6 route | grep -q 'default.*ra' || fail "the host has a route of it"
		bg_end
		ctnet rm -f net6
	done
	# one that does believe routers takes the very same message
	ctnet create net6 --ipv6 --no-spoof-guard
	start a --net net6
	echo 2 >/proc/sys/net/ipv6/conf/net6/accept_ra
	advertise "$(init_of a)"
	wait_for 5 believes
}

@test "a default route learned from a router outlives IPv6 forwarding" {
	ip -6 route del default
	echo 1 >/proc/sys/net/ipv6/conf/lan0/accept_ra
	ip -6 route add default via 2001:db8:1::2 dev lan0 proto ra
	gives 0 ctnet create v6 --ipv6
	complains 'accept_ra to 2'
	equal "$(cat /proc/sys/net/ipv6/conf/lan0/accept_ra)" 2
	grep -q 'net/ipv6/conf/lan0/accept_ra = 2' /run/sysctl.d/zz-ctnet.conf
	ctnet rm v6
	equal "$(cat /proc/sys/net/ipv6/conf/lan0/accept_ra)" 1
	ip -6 route del default proto ra
}

# ---- links -------------------------------------------------------------------

@test "both ends of a container's link have MAC addresses that are given, not drawn" {
	local driver
	for driver in bridge ptp; do
		ctnet create net4 --driver $driver
		start c --net net4
		equal "$(cat "/sys/class/net/$(host_link net4)/addr_assign_type")" 3
		gives 0 ctrun --net container:c cat /sys/class/net/eth0/addr_assign_type
		equal "$output" 3
		bg_end
		ctnet rm -f net4
	done
	ctnet create net4
	equal "$(cat /sys/class/net/net4/addr_assign_type)" 3
}

@test "a v4-only network has no IPv6 on the host's side either" {
	local driver name
	for driver in bridge ptp; do
		ctnet create net4 --driver $driver
		start c --net net4
		gives 0 ct exec c ip -6 addr show eth0
		equal "$output" ""
		name=$(host_link net4)
		equal "$(ip -6 -o addr show dev "$name")" ""
		[ $driver = bridge ] ||
			equal "$(cat "/proc/sys/net/ipv6/conf/$name/disable_ipv6")" 1
		bg_end
		ctnet rm -f net4
	done
}

@test "strict rp_filter on the host: a container on two networks reaches all, by each" {
	sysctl -qw net.ipv4.conf.default.rp_filter=1
	ctnet create net1 --subnet 10.98.0.0/24
	ctnet create net2 --subnet 10.99.0.0/24
	ctnet create net3 --driver ptp --subnet 10.97.0.0/24
	start c --net net1 --net net2 --net net3
	gives 0 ct exec c ping -c 1 -W 5 10.98.0.1
	gives 0 ct exec c ping -c 1 -W 5 10.99.0.1
	gives 0 ct exec c ping -c 1 -W 5 10.97.0.1
	gives 0 ct exec c ping -c 1 -W 5 198.51.100.2
	gives 0 ping -c 1 -W 5 10.99.0.2
	gives 0 ping -c 1 -W 5 10.97.0.2
	equal "$(cat /proc/sys/net/ipv4/conf/net1/rp_filter)" 2
}

# ---- MTU ---------------------------------------------------------------------

@test "the MTU is that of the way out, for each driver, and packets of that size pass whole" {
	local driver
	ip link set lan0 mtu 1400
	ip -n lan link set eth0 mtu 1400
	for driver in bridge ptp 'vxlan --vni 9'; do
		# shellcheck disable=SC2086
		ctnet create net6 --driver $driver --ipv6
		start c --net net6
		gives 0 ct exec c cat /sys/class/net/eth0/mtu
		if [ "$driver" = 'vxlan --vni 9' ]; then
			equal "$output" 1350
		else
			equal "$output" 1400
			gives 0 nsenter -t "$(init_of c)" -n \
				ping -M 'do' -s 1372 -c 1 -W 5 192.0.2.2
			gives 0 nsenter -t "$(init_of c)" -n \
				ping -M 'do' -s 1352 -c 1 -W 5 2001:db8:1::2
		fi
		bg_end
		ctnet rm -f net6
	done
}

@test "an MTU changed in the definition reaches the bridge and who is on it" {
	ctnet create net4 --mtu 1400
	start c --net net4
	sed -i 's/^mtu = .*/mtu = 1300/' /etc/ctnet/networks/net4.conf
	ctnet ls
	equal "$(cat /sys/class/net/net4/mtu)" 1300
	equal "$(cat "/sys/class/net/$(host_link net4)/mtu")" 1300
	gives 0 ct exec c cat /sys/class/net/eth0/mtu
	equal "$output" 1300
	gives 0 in_box --net net4 cat /sys/class/net/eth0/mtu
	equal "$output" 1300
}
