#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Networks other than a plain bridge: host ports, macvlan, ipvlan, ptp, vxlan.
# What each makes, who reaches whom over IPv4 and IPv6, and what goes with it.

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
	ip link del spare0 2>/dev/null || true
	ip netns del far1 2>/dev/null || true
	ip netns del host2 2>/dev/null || true
	ip link set lan0 nomaster mtu 1500
	ip -n lan addr del 10.99.0.200/24 dev eth0 2>/dev/null || true
	ip -n lan addr del fd99::200/64 dev eth0 2>/dev/null || true
}

reach()
{
	gives 0 ct exec "$1" ping -c 1 -W 5 "$2"
}

no_reach()
{
	[ -n "${2-}" ] || fail "no address to ping"
	gives 1 ct exec "$1" ping -c 1 -W 1 "$2"
}

# neighbour_on SUBNET... - a machine at the other end of spare0
neighbour_on()
{
	local address
	ip netns add far1
	ip link add spare0 type veth peer name eth0 netns far1
	ip netns exec far1 sysctl -qw net.ipv6.conf.eth0.accept_dad=0
	ip -n far1 link set lo up
	for address; do
		ip -n far1 addr add "$address" dev eth0
	done
	ip -n far1 link set eth0 up
}

kernel_has()
{
	ip link add ctprobe0 link lan0 type "$1" 2>/dev/null && ip link del ctprobe0
}

# ---- options ---------------------------------------------------------------

@test "an option that means nothing to a driver is refused with the cure, and leaves nothing" {
	refuses 2 'driver bridge takes no --vni' ctnet create x --vni 7
	complains 'hint: --vni is for: vxlan'
	refuses 2 'driver macvlan needs --parent' ctnet create x --driver macvlan
	refuses 2 'driver macvlan needs --subnet' ctnet create x --driver macvlan --parent lan0
	refuses 2 'means nothing to driver macvlan' \
		ctnet create x --driver macvlan --parent lan0 --subnet 192.0.2.0/24 --no-icc
	complains 'mode private'
	refuses 2 'driver vxlan needs --vni' ctnet create x --driver vxlan
	refuses 2 'did you mean .*macvlan' ctnet create x --driver macvlam
	refuses any 'no such link' ctnet create x --port nolink0
	refuses any 'no such link' \
		ctnet create x --driver macvlan --parent nolink0 --subnet 192.0.2.0/24
	refuses any 'no such link' ctnet create x --driver vxlan --vni 7 --parent nolink0
	refuses any '1..16777215|0..16777215|16777215' ctnet create x --driver vxlan --vni 16777216
	equal "$(ls /etc/ctnet/networks)" ""
	! ip link show x 2>/dev/null || fail "a link is left"
}

# ---- bridge ----------------------------------------------------------------

@test "--port: a neighbour on the wire and the containers are one network" {
	neighbour_on 10.99.0.200/24 fd99::200/64
	ip link set spare0 down
	ctnet create br --subnet 10.99.0.0/24 --subnet fd99::/64 --port spare0
	equal "$(ip -j link show spare0 | jq -r '.[0].master')" br
	start c --net br
	reach c 10.99.0.200
	reach c fd99::200
	gives 0 ip netns exec far1 ping -c 1 -W 5 "$(address c 4)"
	gives 0 ip netns exec far1 ping -c 1 -W 5 "$(address c 6)"
	gives 0 ip netns exec far1 ping -c 1 -W 5 10.99.0.1
}

@test "--port: the interface is given back as it was, up or down" {
	neighbour_on
	ip link set spare0 down
	ctnet create br --port spare0
	[[ "$(ip -j link show spare0 | jq -r '.[0].flags[]')" == *UP* ]]
	ctnet rm br
	equal "$(ip -j link show spare0 | jq -r '.[0].master')" null
	[[ "$(ip -j link show spare0 | jq -r '.[0].flags[]')" != *UP* ]] || fail "it was down"
	ip link set spare0 up
	ctnet create br --port spare0
	ctnet rm br
	[[ "$(ip -j link show spare0 | jq -r '.[0].flags[]')" == *UP* ]] || fail "it was up"
}

@test "--port: one with an address is taken with a note, one of another bridge is refused" {
	neighbour_on
	ip addr add 10.98.0.1/24 dev spare0
	gives 0 ctnet create br --port spare0
	complains 'keeps its address 10\.98\.0\.1/24'
	equal "$(ip -j addr show spare0 | jq -r '.[0].addr_info[0].local')" 10.98.0.1
	refuses 1 'port spare0 belongs to br' ctnet create other --port spare0
	complains 'nomaster'
	[ ! -e /etc/ctnet/networks/other.conf ]
	equal "$(ip -j link show spare0 | jq -r '.[0].master')" br
}

@test "--port: a bridge that was deleted takes its ports again" {
	neighbour_on 10.99.0.200/24
	ctnet create br --subnet 10.99.0.0/24 --port spare0
	start c --net br
	ip link del dev br
	ctnet ls
	equal "$(ip -j link show spare0 | jq -r '.[0].master')" br
	reach c 10.99.0.200
}

@test "--port: the MTU of the network is no larger than the port's" {
	neighbour_on
	ip link set spare0 mtu 1300
	refuses 1 'spare0 has an MTU of 1300' ctnet create br --port spare0 --mtu 1500
	ctnet create br --port spare0
	equal "$(ip -j link show dev br | jq '.[0].mtu')" 1300
	gives 0 in_box --net br cat /sys/class/net/eth0/mtu
	prints '^1300$'
}

@test "--stp runs the spanning tree" {
	ctnet create br --stp
	equal "$(ip -j -d link show dev br | jq '.[0].linkinfo.info_data.stp_state')" 1
}

# bats test_tags=vm
@test "--vlan keeps the containers of two VLANs on one wire apart" {
	neighbour_on
	if ! ctnet create br --vlan 7 --port spare0; then
		refuses 1 'do not filter VLANs \(CONFIG_BRIDGE_VLAN_FILTERING\)' \
			ctnet create br --vlan 7
		[ ! -e /etc/ctnet/networks/br.conf ]
		! ip link show dev br 2>/dev/null || fail "a link is left"
		skip "bridges of this kernel do not filter VLANs (CONFIG_BRIDGE_VLAN_FILTERING)"
	fi
	start c --net br
	gives 0 bridge vlan show
	prints 'spare0 +7'
	reach c "$(ctnet inspect -j br | jq -r '.[0].subnets[0].gateway')"
}

# ---- macvlan ---------------------------------------------------------------

# Names are lan's: the neighbour at the other end of lan0.
macvlan()
{
	ctnet create mv --driver macvlan --parent lan0 --subnet 192.0.2.0/24 \
		--gateway 192.0.2.2 --subnet 2001:db8:1::/64 --gateway 2001:db8:1::2 "$@"
}

@test "macvlan: containers are on the parent's link and go out by its router" {
	macvlan
	start a --net mv
	start b --net mv
	reach a 192.0.2.2
	reach a 2001:db8:1::2
	reach a "$(address b 4)"
	reach a "$(address b 6)"
	ip -n far route add 192.0.2.0/24 via 198.51.100.1 2>/dev/null || true
	reach a 198.51.100.2
	reach a 2001:db8:2::2
	# what the far host sees is the container itself
	serve far seen TCP4-LISTEN:7000
	gives 0 ct exec a nc -w 3 198.51.100.2 7000
	prints "^$(address a 4)"
	gives 0 ctrun --net mv ip link show eth0
	prints 'alias ctnet:mv:'
}

@test "macvlan: nothing of it is on the host, and the host's own addresses are not leased" {
	local links
	links=$(ip -o link | wc -l)
	macvlan --ip-range 192.0.2.1-192.0.2.3
	gives 0 in_box --net mv ip -4 -o addr show eth0
	prints '192\.0\.2\.3/24'
	refuses 125 '192\.0\.2\.1' ctrun --rootfs "$ROOTFS" --net mv:ip=192.0.2.1 true
	equal "$(ip -o link | wc -l)" "$links"
	equal "$(cat /proc/sys/net/ipv4/ip_forward)" 0
	! nft list ruleset | grep -q 192.0.2 || fail "it is in the firewall"
}

@test "macvlan: private containers do not reach each other, but the link" {
	macvlan --mode private
	start a --net mv
	start b --net mv
	reach a 192.0.2.2
	all "no_reach a $(address b 4)" "no_reach a $(address b 6)"
}

@test "macvlan: every mode is what it says" {
	local mode
	for mode in bridge private vepa passthru; do
		neighbour_on
		ip link set spare0 up
		ctnet create mv --driver macvlan --mode $mode --parent spare0 --subnet 10.97.0.0/24
		gives 0 ctrun --net mv ip -d link show eth0
		prints "macvlan mode $mode"
		ctnet rm mv
		ip netns del far1
		wait_for 10 not ip link show spare0
	done
}

@test "macvlan: passthru has room for one, with the parent's MAC" {
	neighbour_on
	ip link set spare0 up
	ctnet create mv --driver macvlan --mode passthru --parent spare0 --subnet 10.97.0.0/24
	start a --net mv
	gives 0 ct exec a cat /sys/class/net/eth0/address
	equal "$output" "$(cat /sys/class/net/spare0/address)"
	gives 125 in_box --net mv true
	complains 'belongs to a'
	gives 125 in_box --net mv:mac=02:00:00:00:00:01 true
	complains "the MAC address is the parent's"
	bg_end
	wait_for 10 eval 'ctnet inspect -j mv | jq -e ".[0].containers == []"'
	gives 0 in_box --net mv true
}

@test "macvlan: a parent that is down, a port or lo is refused with the cure" {
	neighbour_on
	refuses 1 'parent spare0 is down' \
		ctnet create mv --driver macvlan --parent spare0 --subnet 10.97.0.0/24
	complains 'hint: .*ip link set spare0 up'
	ctnet create br --port spare0
	refuses 1 'spare0 is a port of br' \
		ctnet create mv --driver macvlan --parent spare0 --subnet 10.97.0.0/24
	complains 'parent br'
	refuses 1 'loopback' ctnet create mv --driver macvlan --parent lo --subnet 10.97.0.0/24
}

@test "macvlan: the MTU is the parent's, and no larger one is taken" {
	neighbour_on
	ip link set spare0 up mtu 1400
	ctnet create mv --driver macvlan --parent spare0 --subnet 10.97.0.0/24
	gives 0 in_box --net mv cat /sys/class/net/eth0/mtu
	equal "$output" 1400
	ctnet rm mv
	refuses 1 'spare0 has an MTU of 1400' \
		ctnet create mv --driver macvlan --parent spare0 --subnet 10.97.0.0/24 --mtu 1500
}

@test "macvlan: what a killed runner left is nobody's, and the address comes back" {
	macvlan --ip-range 192.0.2.77-192.0.2.77
	start a --net mv
	kill -KILL "$bg_pid"
	wait_for 10 is_gone "$bg_pid"
	wait_for 10 in_box --net mv true
	gives 0 ctnet gc
	equal "$(ctnet inspect -j mv | jq '.[0].subnets[0].leased')" 0
}

# ---- ipvlan ----------------------------------------------------------------

# bats test_tags=vm
@test "ipvlan: containers share the parent's MAC, in each mode" {
	local mode
	if ! kernel_has ipvlan; then
		refuses 1 'this kernel has no ipvlan \(CONFIG_IPVLAN\)' ctnet create iv \
			--driver ipvlan --parent lan0 --subnet 192.0.2.0/24 --gateway 192.0.2.2
		[ ! -e /etc/ctnet/networks/iv.conf ]
		skip "this kernel has no ipvlan (CONFIG_IPVLAN)"
	fi
	ipvlan_mode l2 --subnet 192.0.2.0/24 --gateway 192.0.2.2 \
		--subnet 2001:db8:1::/64 --gateway 2001:db8:1::2
	# nobody answers ARP for them in the others: the neighbour has a route to the host
	ip -n lan route add 198.18.0.0/24 via 192.0.2.1
	for mode in l3 l3s; do
		ipvlan_mode $mode --subnet 198.18.0.0/24 --subnet 2001:db8:66::/64
	done
	ip -n lan route del 198.18.0.0/24
}

# ipvlan_mode MODE OPTION... - two containers reach the neighbour and each other
ipvlan_mode()
{
	ctnet create iv --driver ipvlan --parent lan0 --mode "$@"
	start a --net iv
	start b --net iv
	equal "$(in_net a ip -j link show eth0 | jq -r '.[0].address')" \
		"$(ip -j link show lan0 | jq -r '.[0].address')"
	reach a 192.0.2.2
	reach a "$(address b 4)"
	reach a "$(address b 6)"
	bg_end
	ctnet rm -f iv
}

# ---- ptp -------------------------------------------------------------------

ptp()
{
	ctnet create p --driver ptp --subnet 10.99.0.0/24 --subnet fd99::/64 "$@"
}

@test "ptp: each container is alone on its link; all reach the gateway, each other, the world" {
	ptp
	start a --net p
	start b --net p
	gives 0 ct exec a ip -o addr show eth0
	prints '10\.99\.0\.2/32'
	prints 'fd99::2/128'
	equal "$(ctnet inspect -j p | jq -r '.[0].mtu')" "$(ct exec a cat /sys/class/net/eth0/mtu)"
	! grep 'scope global' <<<"$output" | grep tentative || fail "an address is not usable yet"
	reach a 10.99.0.1
	reach a fd99::1
	reach a "$(address b 4)"
	reach a "$(address b 6)"
	reach a 198.51.100.2
	reach a 2001:db8:2::2
	reach a b
	serve far seen TCP4-LISTEN:7000
	gives 0 ct exec a nc -w 3 198.51.100.2 7000
	prints '^192\.0\.2\.1'
	gives 0 ping -c 1 -W 5 "$(address a 4)"
	gives 0 ping -c 1 -W 5 "$(address a 6)"
	! ip link show type bridge | grep -q . || fail "there is a bridge"
}

@test "ptp: host ends are in the group of the firewall and do not believe routers" {
	local host
	ptp
	start a --net p
	host=$(ctnet inspect -j p | jq -r '.[0].containers[0].host_ifname')
	equal "$(ip -j link show "$host" | jq -r '.[0].group')" 4242
	equal "$(cat "/proc/sys/net/ipv6/conf/$host/accept_ra")" 0
	equal "$(cat "/proc/sys/net/ipv4/conf/$host/forwarding")" 1
	bg_end
	wait_for 10 not ip link show "$host"
	! ip route | grep -q 10.99.0 || fail "a route is left"
}

@test "ptp: strict rp_filter and arp_ignore on the host do not matter" {
	sysctl -qw net.ipv4.conf.default.rp_filter=1 net.ipv4.conf.all.arp_ignore=1
	ptp
	start a --net p
	start b --net p
	reach a 198.51.100.2
	reach a "$(address b 4)"
	sysctl -qw net.ipv4.conf.default.rp_filter=0 net.ipv4.conf.all.arp_ignore=0
}

@test "ptp: a neighbour that routes to the subnet through the host reaches nobody" {
	ptp
	start a --net p
	ip -n lan route add 10.99.0.0/24 via 192.0.2.1
	ip -n lan -6 route add fd99::/64 via 2001:db8:1::1
	all "gives 1 ip netns exec lan ping -c 1 -W 1 $(address a 4)" \
		"gives 1 ip netns exec lan ping -c 1 -W 1 $(address a 6)"
	ip -n lan route flush 10.99.0.0/24
	ip -n lan -6 route flush fd99::/64
}

@test "ptp: internal containers have no way out, and reach each other" {
	ptp --internal
	start a --net p
	start b --net p
	gives 0 ct exec a ip route
	! [[ $output =~ default ]] || fail "there is a default route"
	reach a "$(address b 4)"
	reach a "$(address b 6)"
	gives 1 ct exec a ping -c 1 -W 1 198.51.100.2
}

@test "ptp: no-icc containers reach the world and not each other" {
	# addresses of their own: no connection of another test is remembered
	ctnet create p --driver ptp --subnet 10.96.0.0/24 --subnet fd96::/64 --no-icc
	start a --net p
	start b --net p
	reach a 198.51.100.2
	all "no_reach a $(address b 4)" "no_reach a $(address b 6)"
}

@test "ptp: beside a bridge, the two networks do not reach each other" {
	ptp
	ctnet create br --subnet 10.98.0.0/24
	start a --net p
	start b --net br
	all "no_reach a $(address b 4)" "no_reach b $(address a 4)"
}

# ---- vxlan -----------------------------------------------------------------

# on2 COMMAND... - the second host: a network namespace and a state of its own
on2()
{
	# not by ip(8), which would cover the control groups
	nsenter --net=/run/netns/host2 "$@"
}

# two_hosts UNDERLAY1 UNDERLAY2 - hosts on one wire, with those addresses
two_hosts()
{
	ip netns add host2
	ip link add spare0 type veth peer name eth0 netns host2
	sysctl -qw net.ipv6.conf.spare0.accept_dad=0
	on2 sysctl -qw net.ipv6.conf.eth0.accept_dad=0
	ip addr add "$1" dev spare0
	ip -n host2 addr add "$2" dev eth0
	ip link set spare0 up
	ip -n host2 link set eth0 up
	ip -n host2 link set lo up
	mkdir -p "$BATS_TEST_TMPDIR/host2/networks"
	cp /etc/ctnet/ctnet.conf "$BATS_TEST_TMPDIR/host2/ctnet.conf"
}

ctnet2()
{
	on2 ctnet --root "$BATS_TEST_TMPDIR/host2/run" \
		--config "$BATS_TEST_TMPDIR/host2/ctnet.conf" "$@"
}

start2()
{
	bg c2 nsenter --net=/run/netns/host2 ctrun --root "$BATS_TEST_TMPDIR/host2/run" \
		--config "$BATS_TEST_TMPDIR/host2/ctnet.conf" --rootfs "$ROOTFS" "$@" -- sleep 1000
	wait_for 15 eval "is_up2 || is_gone $bg_pid"
	is_up2 || fail "it did not start: $(cat "$BATS_TEST_TMPDIR/c2.err")"
}

is_up2()
{
	on2 ct --root "$BATS_TEST_TMPDIR/host2/run" \
		--config "$BATS_TEST_TMPDIR/host2/ctnet.conf" ps -j |
		jq -e '.[0].status == "running"'
}

# spans OPTION... - a network on both hosts, and containers that reach each other
spans()
{
	local -a first=() second=()
	local option
	for option; do
		first+=("${option//@peer@/$peer2}")
		option=${option//@peer@/$peer1}
		second+=("${option//@parent@/eth0}")
	done
	ctnet create vx --driver vxlan --vni 42 --subnet 10.99.0.0/24 --gateway 10.99.0.1 \
		--ip-range 10.99.0.10-10.99.0.99 --subnet fd99::/64 --gateway fd99::1 \
		--ip-range fd99::10-fd99::99 "${first[@]//@parent@/spare0}"
	ctnet2 create vx --driver vxlan --vni 42 --subnet 10.99.0.0/24 --gateway 10.99.0.2 \
		--ip-range 10.99.0.100-10.99.0.199 --subnet fd99::/64 --gateway fd99::2 \
		--ip-range fd99::100-fd99::199 "${second[@]}"
	start c1 --net vx
	start2 --net vx
	reach c1 10.99.0.100
	reach c1 fd99::100
	reach c1 10.99.0.2
	gives 0 ctnet2 inspect -j vx
	equal "$(jq -r '.[0].containers[0].addresses[0]' <<<"$output")" 10.99.0.100/24
}

end2()
{
	bg_end
	ctnet2 rm -f vx
	equal "$(ip -n host2 -o link | wc -l)" 2
}

@test "vxlan: containers of two hosts are one network, with peers over IPv4" {
	local peer1=203.0.113.1 peer2=203.0.113.2
	two_hosts 203.0.113.1/24 203.0.113.2/24
	spans --peer @peer@
	equal "$(ip -j link show vx | jq '.[0].mtu')" 1450
	gives 0 ct exec c1 cat /sys/class/net/eth0/mtu
	equal "$output" 1450
	gives 0 ct exec c1 ping -c 1 -W 5 -s 1422 10.99.0.100
	end2
}

@test "vxlan: with peers over IPv6" {
	local peer1=2001:db8:9::1 peer2=2001:db8:9::2
	two_hosts 2001:db8:9::1/64 2001:db8:9::2/64
	spans --peer @peer@ --parent @parent@
	equal "$(ip -j link show vx | jq '.[0].mtu')" 1430
	end2
}

@test "vxlan: with a multicast group, both families" {
	local peer1='' peer2=''
	two_hosts 203.0.113.1/24 203.0.113.2/24
	spans --group 239.1.1.1 --parent @parent@
	end2
	ctnet rm -f vx
	ip netns del host2
	wait_for 10 not ip link show spare0
	two_hosts 2001:db8:9::1/64 2001:db8:9::2/64
	spans --group ff05::4242 --parent @parent@
	end2
}

@test "vxlan: it is made again as a whole, and goes as a whole" {
	local port
	ctnet create vx --driver vxlan --vni 42 --peer 192.0.2.2
	port=$(ip -j -d link show type vxlan | jq -r '.[0].ifname')
	ip link del "$port"
	ctnet ls
	gives 0 bridge fdb show dev "$port"
	prints '00:00:00:00:00:00 dst 192\.0\.2\.2'
	ip link del dev vx
	ctnet ls
	equal "$(ip -j link show "$port" | jq -r '.[0].master')" vx
	rm /etc/ctnet/networks/vx.conf
	ctnet gc
	! ip link show "$port" 2>/dev/null || fail "the port is left"
	! ip link show vx 2>/dev/null || fail "the bridge is left"
}

@test "vxlan: a VNI that is taken on the host is refused, and so is an MTU that does not fit" {
	ctnet create vx --driver vxlan --vni 42 --peer 192.0.2.2
	refuses 1 'add link .* type vxlan' ctnet create vy --driver vxlan --vni 42 --peer 192.0.2.9
	[ ! -e /etc/ctnet/networks/vy.conf ]
	! ip link show vy 2>/dev/null || fail "a link is left"
	refuses 1 'MTU of 1500 does not fit' \
		ctnet create vy --driver vxlan --vni 43 --parent lan0 --mtu 1500
	complains 'give --mtu 1450'
}

# ---- several networks, of several drivers -----------------------------------

@test "a container on a bridge, a ptp and a macvlan network reaches all of them" {
	ctnet create br --subnet 10.98.0.0/24
	ptp
	macvlan
	start a --net br --net p --net mv
	start b --net br
	start c --net p
	gives 0 ct exec a ip -o -4 addr
	prints 'eth0 .*10\.98\.0\.2/24'
	prints 'eth1 .*10\.99\.0\.2/32'
	prints 'eth2 .*192\.0\.2\.[0-9]+/24'
	equal "$(ct exec a ip route | grep -c default)" 1
	reach a "$(address b 4)"
	reach a "$(address c 4)"
	reach a 192.0.2.2
	reach a 198.51.100.2
}

@test "--net host, none, container: and ns: beside them" {
	ptp
	start a --net p
	gives 0 in_box --net container:a ip -o addr show eth0
	prints '10\.99\.0\.2/32'
	gives 0 in_box --net host ip -o link show lan0
	gives 0 in_box --net none ping -c 1 127.0.0.1
	gives 0 in_box --net ns:lan ip -o addr show eth1
	prints '198\.51\.100\.1'
}
