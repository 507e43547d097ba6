#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Whether bridged frames pass the firewall (net.bridge.bridge-nf-call-iptables,
# -ip6tables) makes no difference to who reaches whom: connectivity, isolation
# and published ports in each setting, over IPv4 and IPv6, TCP and UDP.

load lib
load attack

setup_file()
{
	[ -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || skip "no br_netfilter here"
	make_rootfs
	world
}

teardown_file()
{
	[ ! -e /run/netns/lan ] || world_end
}

teardown()
{
	bg_end
	remove_networks
	[ ! -e /run/netns/evil ] || evil_end
	bridge_nf 1
}

declare -gA HOST=([4]=192.0.2.1 [6]=2001:db8:1::1) FAR=([4]=198.51.100.2 [6]=2001:db8:2::2)

# A network of each kind: plain (a, b), kept apart (p, q), internal (i, j), open (o)
stage()
{
	evil
	ctnet create plain --subnet 10.99.0.0/24 --subnet fd99::/64
	ctnet create apart --subnet 10.98.0.0/24 --subnet fd98::/64 --no-icc
	ctnet create quiet --subnet 10.97.0.0/24 --subnet fd97::/64 --internal
	ctnet create opened --subnet 10.96.0.0/24 --subnet fd96::/64 --open
	box a --net plain -p 8080:80 -p 8080:80/udp
	box b --net plain
	box p --net apart -p 8081:80 -p 8081:80/udp
	box q --net apart
	box i --net quiet
	box j --net quiet
	box o --net opened
	local who
	for who in a p i o; do
		answer $who 80
	done
}

connected()
{
	local host=${HOST[$1]} far=${FAR[$1]}
	all "pings a $far" "pings p $far" "pings o $far" \
		"pings a $(addr b "$1")" "pings b $(addr a "$1")" "pings host $(addr p "$1")" \
		"reaches b $(addr a "$1") 80 a" "reaches a $(addr a "$1") 80 a" \
		"reaches j $(addr i "$1") 80 i" "reaches b $(addr o "$1") 80 o" \
		"pings q $host"
}

# published 4|6 [isolated] - members that the bridge keeps apart, though frames of
# this family pass the firewall, do not reach what they publish (ctnet(8), --no-icc)
published()
{
	local host=${HOST[$1]} who what=()
	for who in lan host evil a b p q; do
		what+=("reaches $who $host 8080 a")
		[[ $who$2 == [pq]isolated ]] || what+=("reaches $who $host 8081 p")
	done
	all "${what[@]}"
}

apart()
{
	local far=${FAR[$1]}
	all "kept_from q $(addr p "$1") 80" "no_ping q $(addr p "$1")" "no_ping p $(addr q "$1")" \
		"kept_from b $(addr p "$1") 80" "kept_from q $(addr a "$1") 80" \
		"kept_from o $(addr a "$1") 80" "no_ping o $(addr b "$1")" \
		"kept_from b $(addr i "$1") 80" "kept_from i $(addr a "$1") 80" \
		"no_ping i $far" "no_ping evil $(addr b "$1")" \
		"kept_from evil $(addr a "$1") 80" "kept_from evil $(addr i "$1") 80" \
		"kept_from evil $(addr o "$1") 80"
}

# as_ever [FAMILY] - which alone is filtered
as_ever()
{
	local v
	for v in 4 6; do
		all "connected $v" "published $v $([ "${1-}" != $v ] || echo isolated)"
	done
	all 'apart 4' 'apart 6'
	all 'reaches host 127.0.0.1 8080 a' 'reaches host ::1 8080 a'
}

in_setting()
{
	bridge_nf "$1" "$2"
	stage
	as_ever "${3-}"
}

@test "bridged frames pass no firewall" {
	in_setting 0 0
}

@test "bridged frames pass the firewall" {
	in_setting 1 1
}

@test "bridged frames of IPv4 alone pass the firewall" {
	in_setting 1 0 4
}

@test "bridged frames of IPv6 alone pass the firewall" {
	in_setting 0 1 6
}

@test "a setting that is changed while containers run is followed by the next reload" {
	bridge_nf 0
	stage
	bridge_nf 1
	ctnet reload
	as_ever
	bridge_nf 0
	ctnet reload
	as_ever
}

@test "what keeps them apart is the firewall where frames pass it, and the bridge where not" {
	local v port
	bridge_nf 1
	stage
	nft flush chain inet ctnet filter_fwd
	for v in 4 6; do
		all "reaches q $(addr p $v) 80 p" "reaches b $(addr p $v) 80 p" \
			"reaches evil $(addr a $v) 80 a" "reaches o $(addr a $v) 80 a"
	done
	rearm
	bridge_nf 0
	rearm
	port=$(ctnet inspect -j apart | jq -r '.[0].containers[] | select(.name == "p").host_ifname')
	bridge link set dev "$port" isolated off
	for v in 4 6; do
		reaches q "$(addr p $v)" 80 p
	done
	ctnet reload
	all "kept_from q $(addr p 4) 80" "kept_from q $(addr p 6) 80"
}
