#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ctnet reload: what was flushed, deleted or forgotten stands again, the
# administrator's rules with it, and no packet slips through meanwhile.

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
	rm -f /etc/ctnet/user.nft
	ip -n lan route flush 10.99.0.0/24
	ip -n lan -6 route flush fd99::/64
	remove_networks
}

# Elements in an order of their own: sorted lines are the ruleset.
ruleset()
{
	nft list ruleset | grep -o '[^{},]*' | sed 's/^[[:space:]]*//; s/[[:space:]]*$//' | sort
}

@test "after a flush everything is as it was" {
	local before
	start web --net bridge0 -p 8080:80 -p 9000-9010:9000
	before=$(ruleset)
	nft flush ruleset
	[ -z "$(ruleset)" ]
	gives 0 ctnet reload
	equal "$(ruleset)" "$before"
	gives 0 ctnet reload
	equal "$(ruleset)" "$before"
}

@test "a link that was deleted is there again, with its addresses" {
	start a --net bridge0
	ip link del bridge0
	gives 0 ctnet reload
	gives 0 ip addr show bridge0
	prints 'inet 10\.99\.0\.1/24'
	prints 'inet6 fd99::1/64'
	gives 0 ct exec a ping -c 1 -W 5 10.99.0.1
}

# guard_is yes|no - whether a's port is in the guard's group and has elements
guard_is()
{
	local port
	port=$(ctnet inspect -j bridge0 | jq -er '.[0].containers[0].host_ifname')
	local group=0 elements=0
	[ "$1" = no ] || group=4243 elements=1
	equal "$(ip -j link show "$port" | jq -r '.[0].group | if . == "default" then 0 else . end')" $group
	equal "$(nft list table bridge ctnet | grep -c "\"$port\" \. [0-9a-f:]* \. 10\.99")" $elements
	gives 0 ct exec a ping -c 1 -W 5 10.99.0.1
}

@test "a spoof guard that a definition gets, or loses, is that of running containers after a reload" {
	local definition=/etc/ctnet/networks/bridge0.conf
	# somebody who wants the guard is there all the time
	ctnet create two --subnet 10.98.0.0/24
	start b --net two
	start a --net bridge0
	guard_is yes
	echo 'spoof-guard = no' >>$definition
	ctnet reload
	guard_is no
	sed -i '/^spoof-guard/d' $definition
	ctnet reload
	guard_is yes
	# a bridge that was deleted takes its ports back as they were
	ip link del bridge0
	ctnet reload
	guard_is yes
}

@test "after a reboot every defined network is realised" {
	ctnet create two --subnet 10.98.0.0/24
	local state
	# what a reboot takes: the state, the links, the rules
	for state in /run/ctnet/net/*; do
		rm -r "$state"
	done
	ip link del bridge0
	ip link del two
	nft flush ruleset
	gives 0 ctnet reload
	gives 0 ip addr show bridge0
	prints 'inet 10\.99\.0\.1/24'
	gives 0 ip addr show two
	gives 0 nft list set inet ctnet routed
	prints 'bridge0'
	prints 'two'
}

@test "the administrator's chain stays, and user.nft fills it" {
	nft add rule inet ctnet user ip saddr 203.0.113.7 drop
	gives 0 ctnet reload
	gives 0 nft list chain inet ctnet user
	prints '203\.0\.113\.7 drop'
	printf '%s\n' 'flush chain inet ctnet user' \
		'add rule inet ctnet user ip saddr 203.0.113.9 drop' >/etc/ctnet/user.nft
	gives 0 ctnet reload
	gives 0 ctnet reload
	gives 0 nft list chain inet ctnet user
	equal "$(grep -c drop <<<"$output")" 1
	prints '203\.0\.113\.9 drop'
	# any command that makes the tables anew reads it
	nft flush ruleset
	gives 0 in_box --net bridge0 true
	gives 0 nft list chain inet ctnet user
	prints '203\.0\.113\.9 drop'
}

@test "a user.nft that nft refuses is an error, and ours stands all the same" {
	echo 'add rule inet ctnet nowhere drop' >/etc/ctnet/user.nft
	nft flush ruleset
	refuses 1 'load /etc/ctnet/user\.nft: nft refuses it' ctnet reload
	complains 'hint: .nft -c -f'
	gives 0 nft list set inet ctnet routed
	prints 'bridge0'
}

# What the neighbour's packets meet at the container: counted before everything.
count_at()
{
	nsenter -t "$(pid_of web)" -n nft -f - <<-'EOF'
		table inet count {
			counter seen4 { }
			counter seen6 { }
			chain in {
				type filter hook prerouting priority -500;
				meta nfproto ipv4 udp dport 4000 counter name seen4
				meta nfproto ipv6 udp dport 4000 counter name seen6
			}
		}
	EOF
}

# counted 4|6
counted()
{
	nsenter -t "$(pid_of web)" -n nft list counter inet count "seen$1" | grep -o 'packets [0-9]*' | cut -d' ' -f2
}

reloads()
{
	local i
	for ((i = 0; i < $1; i++)); do
		ctnet reload || fail "reload $i"
	done
}

@test "500 reloads under constant traffic let no packet through" {
	local to
	start web --net bridge0
	count_at
	ip -n lan route add 10.99.0.0/24 via 192.0.2.1
	ip -n lan -6 route add fd99::/64 via 2001:db8:1::1
	# sent to, not connected: an answer that nobody listens is no reason to stop;
	# behind other work of the machine, of which they would leave little
	for to in "UDP4-SENDTO:$(address web 4)" "UDP6-SENDTO:[$(address web 6)]"; do
		bg "flood${to%%:*}" nice -n 10 ip netns exec lan socat -u -b 64 OPEN:/dev/zero "$to:4000"
	done
	# each waits more than it works, and two at a time must not harm either
	all 'reloads 125' 'reloads 125' 'reloads 125' 'reloads 125'
	equal "$(counted 4) $(counted 6)" "0 0"
	# both still send, and are counted where nothing stops them
	nft insert rule inet ctnet filter_fwd udp dport 4000 accept
	# shellcheck disable=SC2016 # evaluated when it is tried
	wait_for 10 eval '(( $(counted 4) > 100 && $(counted 6) > 100 ))'
}
