#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The network of a lab's nodes as it is inside: addresses of all forms, routes, settings in
# their order, names, translation without an uplink.

load lib
load lab

teardown()
{
	ctlab down --all
}

# addresses NODE LINK - without what the kernel adds, in order
addresses()
{
	in_node l "$1" ip -j addr show dev "$2" |
		jq -r '[.[0].addr_info[] | select(.local | test("^fe80|^127|^::1$") | not) |
			"\(.local)/\(.prefixlen)"] | join(" ")'
}

# route NODE ARG... - lines as ip has them, without blanks at their ends
route()
{
	local node=$1
	shift
	in_node l "$node" ip route show "$@" | sed 's/ *$//'
}

lab()
{
	LAB=$(lab_file l)
	gives 0 ctlab up "$LAB"
}

@test "addresses: .k, given ones, automatic ones, /31 and /127, lo, both families" {
	lab <<-'END'
		[lab]
		name = l
		[node.a]
		lo = 10.255.0.1 fd99:ff::1
		[node.b]
		[node.c]
		[net.n]
		subnet = 10.1.0.0/24 fd99:1::/64
		members = a:eth0=.10 b:eth0=10.1.0.77,fd99:1::77 c:eth0
		[links]
		p = a:eth1 b:eth1 subnet=10.0.0.0/31,fd99:2::/127
		q = a:eth2 c:eth1 ip=172.16.0.1/12,172.31.0.2/12,192.168.7.1/24,192.168.7.2/24
		u = b:eth2 c:eth2 subnet=none
	END
	equal "$(addresses a lo)" "10.255.0.1/32 fd99:ff::1/128"
	equal "$(addresses a eth0)" "10.1.0.10/24 fd99:1::a/64"
	equal "$(addresses b eth0)" "10.1.0.77/24 fd99:1::77/64"
	equal "$(addresses c eth0)" "10.1.0.1/24 fd99:1::1/64"
	equal "$(addresses a eth1)" "10.0.0.0/31 fd99:2::/127"
	equal "$(addresses b eth1)" "10.0.0.1/31 fd99:2::1/127"
	equal "$(addresses c eth1)" "172.31.0.2/12 192.168.7.2/24"
	equal "$(addresses b eth2)" ""
	gives 0 in_node l a ping -c 1 -W 5 10.0.0.1
	gives 0 in_node l a ping -c 1 -W 5 fd99:2::1
	gives 0 in_node l c ping -c 1 -W 5 fd99:1::a
	gives 0 in_node l c ping -c 1 -W 5 192.168.7.1
}

@test "routes: of many hops, of none, by another's link-local address, preferred, of a gateway" {
	lab <<-'END'
		[lab]
		name = l
		[node.r]
		kind = router
		lo = 10.255.0.1
		mac.eth1 = 02:00:00:00:00:01
		route.1 = 10.9.0.0/16 nexthop via 10.0.1.2 weight 3 nexthop via 10.0.2.2
		route.2 = fd99:9::/64 nexthop via fd99:1::2 nexthop via fd99:2::2
		route.3 = blackhole 10.66.0.0/16
		route.4 = default via 10.0.1.2 src 10.255.0.1 metric 50
		route.5 = 10.8.0.0/16 via fe80::ff:fe00:2 dev eth1
		route.6 = fd99:8::/64 via fe80::ff:fe00:2 dev eth1
		[node.s]
		kind = router
		lo = 10.8.0.1 fd99:8::1
		mac.eth1 = 02:00:00:00:00:02
		[node.h]
		[net.lan]
		subnet = 10.1.0.0/24 fd99:10::/64
		members = r:eth0=.1 h:eth0=.10
		gateway = r
		[links]
		one = r:eth1 s:eth1 subnet=10.0.1.0/30,fd99:1::/126
		two = r:eth2 s:eth2 subnet=10.0.2.0/30,fd99:2::/126
	END
	gives 0 in_node l r ip route show 10.9.0.0/16
	prints 'nexthop via 10\.0\.1\.2 dev eth1 weight 3'
	prints 'nexthop via 10\.0\.2\.2 dev eth2 weight 1'
	gives 0 in_node l r ip -6 route show fd99:9::/64
	prints 'nexthop via fd99:1::2 dev eth1'
	prints 'nexthop via fd99:2::2 dev eth2'
	equal "$(route r 10.66.0.0/16)" "blackhole 10.66.0.0/16"
	equal "$(route r default)" "default via 10.0.1.2 dev eth1 src 10.255.0.1 metric 50"
	equal "$(route h default)" "default via 10.1.0.1 dev eth0"
	gives 0 in_node l h ip -6 route show default
	prints 'default via fd99:10::1 dev eth0'
	# over a neighbour's link-local address alone, both families, at once
	gives 0 in_node l r ping -c 1 -W 5 10.8.0.1
	gives 0 in_node l r ping -c 1 -W 5 fd99:8::1
	refuses_ping r 10.66.0.1
}

refuses_ping()
{
	not in_node l "$1" ping -c 1 -W 1 "$2"
}

@test "a route the kernel refuses is named, and nothing is left" {
	LAB=$(lab_file l <<-'END'
		[lab]
		name = l
		[node.a]
		# a lab's file cannot tell what its commands will bring
		exec.1 = true
		route.1 = 10.9.0.0/16 via 10.77.0.1
	END
	)
	gives 4 ctlab up "$LAB"
	complains 'a: .*add route 10\.9\.0\.0/16 via 10\.77\.0\.1: .*Network is unreachable'
	equal "$(ctlab ls -j)" "[]"
}

@test "link-local addresses are there and usable before the first command" {
	lab <<-'END'
		[lab]
		name = l
		[node.a]
		mac.eth0 = 02:00:00:00:00:0a
		exec.1 = "ip -6 -o addr show dev eth0 scope link > /tmp/first"
		exec.2 = "! grep -q tentative /tmp/first && grep -q fe80::ff:fe00:a/64 /tmp/first"
		exec.3 = "timeout 0.2 socat -u TCP6-LISTEN:7,bind=[fe80::ff:fe00:a%eth0] -; [ $? = 124 ]"
		[node.b]
		[links]
		x = a:eth0 b:eth0
	END
}

@test "settings: ours by kind, the file's for new interfaces before they are there" {
	lab <<-'END'
		[lab]
		name = l
		[node.h]
		sysctl.1 = net.ipv4.conf.default.rp_filter=1
		sysctl.2 = net.ipv6.conf.eth0.hop_limit=33
		sysctl.3 = net.ipv4.tcp_rmem=4096 8192 16384
		[node.r]
		kind = router
		[links]
		x = h:eth0 r:eth0
	END
	set_in()
	{
		in_node l "$1" sysctl -n "$2"
	}
	equal "$(set_in h net.ipv4.conf.eth0.rp_filter)" 1
	equal "$(set_in h net.ipv6.conf.eth0.hop_limit)" 33
	equal "$(set_in h net.ipv4.tcp_rmem)" "4096	8192	16384"
	equal "$(set_in h net.ipv4.ip_forward)" 0
	equal "$(set_in h net.ipv6.conf.eth0.accept_ra)" 0
	equal "$(set_in r net.ipv4.ip_forward)" 1
	equal "$(set_in r net.ipv4.conf.eth0.forwarding)" 1
	equal "$(set_in r net.ipv6.conf.eth0.forwarding)" 1
	equal "$(set_in r net.ipv4.conf.all.rp_filter)" 0
	equal "$(set_in r net.ipv4.conf.eth0.rp_filter)" 0
}

@test "settings: one that is none, one the kernel lacks" {
	two_hosts "sysctl.1 = kernel.shmmax=1"
	gives 2 ctlab up "$LAB"
	complains 'two.ini:[0-9]+:.*no setting of the network'
	two_hosts "sysctl.7 = net.ipv4.nosuch=1"
	gives 4 ctlab up "$LAB"
	complains 'node a: .*sysctl.7: sysctl net/ipv4/nosuch: No such file'
}

@test "names of all nodes are in each" {
	lab <<-'END'
		[lab]
		name = l
		[node.a]
		lo = 10.255.0.1
		exec.1 = "getent ahostsv4 b | grep -q 10.0.0.2 && getent ahostsv6 b | grep -q fd00::2"
		exec.2 = "ping -c 1 -W 5 b"
		[node.b]
		exec.1 = "getent ahostsv4 a | grep -q 10.255.0.1"
		exec.2 = "getent hosts localhost"
		[links]
		x = a:eth0 b:eth0 subnet=10.0.0.0/30,fd00::/126
	END
}

@test "nat without an uplink: what its prefixes send elsewhere" {
	lab <<-'END'
		[lab]
		name = l
		[node.in]
		route.1 = default via 192.168.0.1
		daemon.1 = "exec socat TCP4-LISTEN:80,reuseaddr,fork SYSTEM:'echo in \$SOCAT_PEERADDR'"
		ready = "ss -Hltn | grep -q ':80 '"
		[node.in2]
		route.1 = default via 192.168.1.1
		[node.home]
		kind = nat
		masquerade = 192.168.0.0/16 192.168.1.0/24
		publish.1 = 8080:in:80
		[node.isp]
		[links]
		a = home:eth0 in:eth0 ip=192.168.0.1/24,192.168.0.2/24
		b = home:eth1 in2:eth0 ip=192.168.1.1/24,192.168.1.2/24
		w = home:wan isp:eth0 ip=203.0.113.2/24,203.0.113.1/24
	END
	# isp has no route back to 192.168/16
	gives 0 in_node l in ping -c 1 -W 5 203.0.113.1
	# between its prefixes the source stays
	gives 0 in_node l in ping -c 1 -W 5 192.168.1.2
	# a published port is the node's own for whoever is in the lab, and nobody else's
	equal "$(in_node l isp socat -T 5 - TCP4:203.0.113.2:8080 </dev/null)" "in 203.0.113.1"
	not in_node l in2 socat - TCP4:203.0.113.1:8080,connect-timeout=2
	gives 0 in_node l home nft list table inet lab
	prints 'ip saddr @masq4 ip daddr != @masq4 masquerade'
	# what it printed it takes again
	in_node l home nft list table inet lab | in_node l home nft -c -f -
}

@test "a lab built in part: what it has is addressed, what is missing is passed over" {
	LAB=$(lab_file l <<-'END'
		[lab]
		name = l
		[node.a]
		route.1 = 10.5.0.0/16 via 10.0.0.2
		route.2 = 10.6.0.0/16 via 10.0.1.2
		[node.b]
		[node.c]
		[links]
		x = a:eth0 b:eth0 subnet=10.0.0.0/30
		y = a:eth1 c:eth0 subnet=10.0.1.0/30
	END
	)
	gives 0 ctlab up --only a,b "$LAB"
	equal "$(addresses a eth0)" 10.0.0.1/30
	equal "$(route a 10.5.0.0/16)" "10.5.0.0/16 via 10.0.0.2 dev eth0"
	equal "$(route a 10.6.0.0/16)" ""
	gives 0 in_node l a ping -c 1 -W 5 10.0.0.2
}

@test "a wire too narrow for IPv6 carries IPv4" {
	LAB=$(lab_file narrow <<-'END'
		[node.a]
		[node.b]
		[links]
		l = a:eth0 b:eth0 subnet=10.0.0.0/30 mtu=1000
		[test.v4]
		type = pmtu
		from = a
		to = b
		expect = 1000
	END
	)
	run -0 ctlab test "$LAB"
}

@test "rootfs = /: all of the host's files, which the node may change and the host keeps" {
	LAB=$(lab_file whole <<-'END'
		[node.a]
		rootfs = /
		exec.1 = "echo changed >/usr/ctnet-whole"
	END
	)
	ctlab up "$LAB"
	[ "$(ctlab exec whole a cat /usr/ctnet-whole)" = changed ]
	[ ! -e /usr/ctnet-whole ]
}
