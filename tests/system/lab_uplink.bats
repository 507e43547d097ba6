#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What of a lab is on the host: uplinks, published ports, lent interfaces; and that they end
# with it, however it ends.

load lib
load lab

setup()
{
	world
}

teardown()
{
	bg_end
	ctlab down --all
	remove_networks
	world_end
	ip link del nic0 2>/dev/null || true
}

# exit_lab [KEY=VALUE...] - $LAB: h behind exit, a nat node; the words are keys of exit
exit_lab()
{
	LAB=$(lab_file out <<-END
		[lab]
		name = out
		[node.exit]
		kind = nat
		$(printf '%s\n' "$@")
		[node.h]
		route.1 = default via 10.1.0.1
		route.2 = default via fd99:1::1
		daemon.1 = "exec socat TCP4-LISTEN:80,reuseaddr,fork SYSTEM:'echo web \$SOCAT_PEERADDR'"
		daemon.2 = "exec socat TCP6-LISTEN:81,ipv6only=1,reuseaddr,fork SYSTEM:'echo web6'"
		ready = "ss -Hltn | grep -q ':80 ' && ss -Hltn | grep -q ':81 '"
		[links]
		l = exit:eth0 h:eth0 ip=10.1.0.1/24,10.1.0.2/24,fd99:1::1/64,fd99:1::2/64
		END
	)
}

# host_world - what labs may not leave on the host
host_world()
{
	ip -o link show | awk -F': ' '{ print $2 }'
	ip route
	nft -s list ruleset | grep elements || true
	ls /etc/ctnet/networks
	[ ! -d /run/ctnet/labs ] || ls /run/ctnet/labs
	find /run/ctnet/net -type f -path '*/attach/*' -o -type f -path '*/phys/*' \
		-o -path '*/leases/*/*' -o -path '*/ports/*/*'
	ss -Hltn
	pgrep -a ct-ports || true
}

same_host_world()
{
	[ "$(host_world)" = "$1" ]
}

back_to()
{
	wait_for 10 same_host_world "$1" || fail "left: $(diff <(echo "$1") <(host_world))"
}

ask()
{
	timeout 5 socat -T 5 - "$1" </dev/null
}

says()
{
	local want=$1
	shift
	[ "$("$@")" = "$want" ]
}

dies()
{
	local pid
	pid=$(supervisor_of "$1")
	kill -KILL "$pid"
	wait_for 10 is_gone "$pid"
}

# ---- uplinks -------------------------------------------------------------------

@test "uplink = host: a machine far away sees the host's address" {
	local before
	exit_lab "uplink = host" "masquerade = 10.0.0.0/8 fd99::/16"
	serve far peer4 TCP4-LISTEN:7000
	serve far peer6 TCP6-LISTEN:7001,ipv6only=1
	serve "" here TCP4-LISTEN:7002
	ctnet gc
	before=$(host_world)
	gives 0 ctlab up "$LAB"
	equal "$(in_node out h timeout 5 socat - TCP4:198.51.100.2:7000)" 192.0.2.1
	equal "$(in_node out exit timeout 5 socat - TCP4:198.51.100.2:7000)" 192.0.2.1
	equal "$(in_node out h timeout 5 socat - 'TCP6:[2001:db8:2::2]:7001')" \
		"[2001:0db8:0001:0000:0000:0000:0000:0001]"
	# the host itself sees the node: nobody outside knows the lab's addresses
	gives 0 in_node out exit ip -j -4 addr show uplink0
	local addr
	addr=$(jq -r '.[0].addr_info[0].local' <<<"$output")
	equal "$(in_node out h timeout 5 socat - TCP4:192.0.2.1:7002)" "$addr"
	gives 0 ctnet ls -j
	equal "$(jq -r '.[0] | "\(.driver) \(.labels.lab)"' <<<"$output")" "ptp out"
	gives 0 ctlab down out
	back_to "$before"
}

@test "uplink = NETWORK: a member as containers are, and containers reach it" {
	exit_lab "uplink = lan" "masquerade = 10.1.0.0/16"
	gives 0 ctnet create lan --subnet 10.99.0.0/24
	gives 0 ctlab up "$LAB"
	gives 0 ctnet inspect -j lan
	equal "$(jq -r '.[0].containers[] | "\(.name) \(.ifname)"' <<<"$output")" "exit.out uplink0"
	serve far peer TCP4-LISTEN:7000
	equal "$(in_node out h timeout 5 socat - TCP4:198.51.100.2:7000)" 192.0.2.1
	gives 0 ctrun --net lan ping -c 1 -W 5 exit.out
	refuses 1 'exit.out' ctnet rm lan
	gives 0 ctlab down out
	gives 0 ctnet rm lan
}

@test "a network that is not there: rolled back" {
	local before
	exit_lab "uplink = nosuch"
	ctnet gc
	before=$(host_world)
	gives 4 ctlab up "$LAB"
	complains 'uplink of node exit: .*nosuch'
	back_to "$before"
}

@test "without prefixes all that leaves by the uplink is masqueraded, else what they say" {
	exit_lab "uplink = host"
	serve far peer TCP4-LISTEN:7000
	gives 0 ctlab up "$LAB"
	equal "$(in_node out h timeout 5 socat - TCP4:198.51.100.2:7000)" 192.0.2.1
	gives 0 ctlab down out
	exit_lab "uplink = host" "masquerade = 10.2.0.0/16"
	gives 0 ctlab up "$LAB"
	gives 1 in_node out h socat - TCP4:198.51.100.2:7000,connect-timeout=1
}

@test "the file's own default route wins over the uplink's" {
	exit_lab "uplink = host" "route.9 = default via 10.1.0.2"
	gives 0 ctlab up "$LAB"
	gives 0 in_node out exit ip -4 route show default
	equal "${lines[*]}" "default via 10.1.0.2 dev eth0 "
}

@test "the lab's own network keeps away from the lab's addresses" {
	LAB=$(lab_file near <<-'END'
		[lab]
		name = near
		[node.exit]
		kind = nat
		uplink = host
		[node.h]
		[links]
		l = exit:eth0 h:eth0 subnet=10.88.0.0/23
		END
	)
	gives 0 ctlab up "$LAB"
	gives 0 ctnet ls -j
	equal "$(jq -r '.[0].subnets[0].subnet' <<<"$output")" 10.88.2.0/24
}

# ---- published ports -------------------------------------------------------------

@test "a published port: from the host, from a neighbour, its source kept" {
	local before
	exit_lab "uplink = host" "masquerade = 10.0.0.0/8" "publish.1 = 8080:h:80" \
		"publish.2 = 127.0.0.1:9090:h:80/tcp"
	ctnet gc
	before=$(host_world)
	gives 0 ctlab up "$LAB"
	[[ $(ask TCP4:127.0.0.1:8080) == web* ]]
	[[ $(ask TCP4:127.0.0.1:9090) == web* ]]
	equal "$(ip netns exec lan timeout 5 socat - TCP4:192.0.2.1:8080 </dev/null)" "web 192.0.2.2"
	gives 1 ip netns exec lan socat - TCP4:192.0.2.1:9090,connect-timeout=1
	gives 0 ctlab down out
	back_to "$before"
}

@test "a port of the nat node itself, and a range" {
	exit_lab "uplink = host" "publish.1 = 8022:22" "publish.2 = 8100-8102:h:80" \
		"daemon.1 = \"exec socat TCP4-LISTEN:22,reuseaddr,fork SYSTEM:'echo own'\""
	gives 0 ctlab up "$LAB"
	wait_for 10 says own ask TCP4:127.0.0.1:8022
	[[ $(ask TCP4:127.0.0.1:8100) == web* ]]
}

@test "over IPv6, by the address of the host and by [::1]" {
	exit_lab "uplink = host" "masquerade = fd99::/16" "publish.1 = 8081:h:81"
	gives 0 ctlab up "$LAB"
	equal "$(ip netns exec lan timeout 5 socat - 'TCP6:[2001:db8:1::1]:8081' </dev/null)" web6
	equal "$(ask 'TCP6:[::1]:8081')" web6
}

@test "a port that is taken: rolled back, and whoever has it keeps it" {
	local before
	exit_lab "uplink = host" "publish.1 = 7002:h:80"
	serve "" here TCP4-LISTEN:7002
	ctnet gc
	before=$(host_world)
	gives 4 ctlab up "$LAB"
	complains '7002'
	back_to "$before"
	equal "$(ask TCP4:127.0.0.1:7002)" 127.0.0.1
}

@test "what cannot be reached is refused: no uplink, one port for two" {
	LAB=$(lab_file none <<-'END'
		[lab]
		name = none
		[node.a]
		publish.1 = 8080:80
		END
	)
	gives 4 ctlab up "$LAB"
	complains 'node a: ports of a node without uplink'
	complains 'hint: kind = nat'
	exit_lab "uplink = host" "publish.1 = 80:h:80" "publish.2 = 8080:80"
	gives 4 ctlab up "$LAB"
	complains 'publish.1 and publish.2 both take port 80'
}

@test "apply: ports, prefixes and the network change under nodes that go on" {
	local before pids
	exit_lab "uplink = host" "masquerade = 10.0.0.0/8" "publish.1 = 8080:h:80"
	gives 0 ctnet create lan --subnet 10.99.0.0/24
	ctnet gc
	before=$(host_world)
	gives 0 ctlab up "$LAB"
	pids="$(node_pid out h) $(node_pid out exit)"
	exit_lab "uplink = host" "masquerade = 10.0.0.0/8" "publish.1 = 8088:h:80"
	gives 0 ctlab apply "$LAB"
	[[ $(ask TCP4:127.0.0.1:8088) == web* ]]
	gives 1 socat - TCP4:127.0.0.1:8080,connect-timeout=2
	exit_lab "uplink = lan" "publish.1 = 8088:h:80"
	gives 0 ctlab apply "$LAB"
	[[ $(ask TCP4:127.0.0.1:8088) == web* ]]
	gives 0 in_node out exit ip -br -4 addr show uplink0
	prints '10\.99\.0\.'
	serve far peer TCP4-LISTEN:7000
	equal "$(in_node out h timeout 5 socat - TCP4:198.51.100.2:7000)" 192.0.2.1
	exit_lab
	gives 0 ctlab apply "$LAB"
	gives 1 in_node out exit ip link show uplink0
	gives 0 ctlab apply "$LAB"
	equal "$(node_pid out h) $(node_pid out exit)" "$pids"
	gives 0 ctlab down out
	back_to "$before"
}

# ---- lent interfaces -------------------------------------------------------------

nic()
{
	ip link add nic0 type veth peer name cable netns far
	ip -n far link set cable up
	ip -n far addr add 203.0.113.2/24 dev cable
	ip link set nic0 address 02:00:00:00:77:01 mtu 1400 up
}

nic_is_back()
{
	gives 0 ip -j link show nic0
	equal "$(jq -r '.[0] | "\(.address) \(.mtu) \(.flags | index("UP") != null)"' <<<"$output")" \
		"02:00:00:00:77:01 1400 true"
	[ -z "$(find /run/ctnet -path '*/phys/*')" ]
}

# phys_lab WORDS - $LAB: nic0 is wan of node r
phys_lab()
{
	LAB=$(lab_file lent <<-END
		[lab]
		name = lent
		[node.r]
		phys.1 = nic0:wan$1
		exec.1 = "ip addr add 203.0.113.1/24 dev wan"
		exec.2 = "ping -c 1 -W 5 203.0.113.2"
		END
	)
}

@test "phys: an interface of the host goes in and comes back as it was" {
	nic
	phys_lab ,move-virtual
	gives 0 ctlab up "$LAB"
	not ip link show nic0
	gives 0 in_node lent r ip -br addr show wan
	prints '203\.0\.113\.1/24'
	gives 0 ctlab down lent
	nic_is_back
	# as often as one likes, and with a node that is stopped
	gives 0 ctlab up "$LAB"
	gives 0 ctlab node lent r stop
	nic_is_back
	gives 0 ctlab node lent r start
	not ip link show nic0
	gives 0 ctlab down lent
	nic_is_back
}

@test "phys: one that would be destroyed wants the word, and a failed up gives it back" {
	nic
	phys_lab ""
	gives 4 ctlab up "$LAB"
	complains 'phys.1: interface nic0 is virtual'
	complains 'hint:.*phys.1 = nic0:wan,move-virtual'
	nic_is_back
	phys_lab ",fast"
	gives 2 ctlab up "$LAB"
	complains 'move-virtual'
	phys_lab ,move-virtual
	sed -i 's/^exec.2.*/exec.2 = false/' "$LAB"
	gives 4 ctlab up "$LAB"
	nic_is_back
}

@test "uplink of a net: the interface is a port of its bridge until the end" {
	nic
	LAB=$(lab_file wired <<-'END'
		[lab]
		name = wired
		[node.a]
		[net.lan]
		subnet = 203.0.113.0/24
		members = a:eth0=.7
		uplink = nic0,move-virtual
		END
	)
	gives 0 ctlab up "$LAB"
	gives 0 in_node wired a ping -c 1 -W 5 203.0.113.2
	gives 0 ctlab down wired
	nic_is_back
	sed -i 's/,move-virtual//' "$LAB"
	gives 4 ctlab up "$LAB"
	complains 'uplink of net lan: .*virtual'
	complains 'hint:.*uplink = nic0,move-virtual'
	nic_is_back
}

# ---- however it ends ---------------------------------------------------------------

@test "kill -9 of the supervisor, then ctnet gc: nothing is left" {
	local before
	exit_lab "uplink = host" "masquerade = 10.0.0.0/8 fd99::/16" "publish.1 = 8080:h:80"
	ctnet gc
	before=$(host_world)
	gives 0 ctlab up "$LAB"
	dies out
	gives 0 ctnet gc
	back_to "$before"
	# and its name, ports and addresses are free
	gives 0 ctlab up "$LAB"
	[[ $(ask TCP4:127.0.0.1:8080) == web* ]]
}

@test "kill -9, and the interface that was lent with it is gone: so is its record" {
	nic
	phys_lab ,move-virtual
	gives 0 ctlab up "$LAB"
	dies lent
	wait_for 10 not ip -n far link show cable
	gives 0 ctnet gc
	[ -z "$(find /run/ctnet -path '*/phys/*')" ]
	[ -z "$(ls -A /run/ctnet/labs)" ]
}

@test "of a lab whose records are gone the network's definition goes too, but of no other" {
	exit_lab "uplink = host"
	gives 0 ctlab up "$LAB"
	dies out
	rm -r /run/ctnet/labs/out
	# a network that only looks like one
	gives 0 ctnet create labaaaaaaaaaaaa --subnet 10.77.0.0/24
	gives 0 ctnet gc
	equal "$(ls /etc/ctnet/networks)" labaaaaaaaaaaaa.conf
	# another lab's that runs
	gives 0 ctlab up "$LAB"
	gives 0 ctnet gc
	equal "$(find /etc/ctnet/networks -name "lab*.conf" | wc -l)" 2
	serve far peer TCP4-LISTEN:7000
	equal "$(in_node out h timeout 5 socat - TCP4:198.51.100.2:7000)" 192.0.2.1
}
