#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Attacks that come by way of routing: a neighbour whose routes lead through the
# host, and containers that use theirs. Each over IPv4 and IPv6, TCP and UDP,
# each seen to work once what stops it is taken away.

load lib
load attack

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
	evil
	ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
}

teardown()
{
	bg_end
	ctnet gc
	remove_networks
	evil_end
	bridge_nf 1
}

# ---- loopback ----------------------------------------------------------------

# loopback_thief WHO - what it sends to 127.0.0.0/8 and ::1 goes by its default
# route, and answers from there are taken
loopback_thief()
{
	at "$1" sysctl -qw net.ipv4.conf.all.route_localnet=1
	at "$1" ip addr flush dev lo
	at "$1" ip route flush table local dev lo
	at "$1" ip -6 route flush table local dev lo
	at "$1" ip route add 127.0.0.0/8 via "$2"
	at "$1" ip -6 route add ::1 via "$3" dev eth0
}

# what of that comes to the host, told by the host
count_loopback()
{
	nft -f - <<-EOT
		table inet count {
			counter four { }
			counter six { }
			chain in {
				type filter hook prerouting priority -500;
				iifname "$1" ip daddr 127.0.0.0/8 counter name four
				iifname "$1" ip6 daddr ::1 counter name six
			}
		}
	EOT
}

counted()
{
	nft -j list counter inet count "$1" | jq '.nftables[] | .counter // empty | .packets'
}

@test "a neighbour that routes 127.0.0.1 to the host does not get to a port published there" {
	box web --net bridge0 -p 127.0.0.1:8080:80 -p 127.0.0.1:8080:80/udp
	answer web 80
	reaches host 127.0.0.1 8080 web
	loopback_thief evil 203.0.113.1 2001:db8:3::1
	count_loopback evil0
	all 'kept_from evil 127.0.0.1 8080' 'kept_from evil 203.0.113.1 8080'
	(($(counted four) > 1)) || fail "nothing was sent"
	disarm raw_pre 'iifname != "lo" ip daddr 127.0.0.0/8 drop'
	reaches evil 127.0.0.1 8080 web
	rearm
	kept_from evil 127.0.0.1 8080
	nft delete table inet count
}

@test "a neighbour that routes ::1 to the host does not get to a port published there" {
	box web --net bridge0 -p '[::1]:8080:80' -p '[::1]:8080:80/udp'
	answer web 80
	reaches host ::1 8080 web
	loopback_thief evil 203.0.113.1 2001:db8:3::1
	count_loopback evil0
	kept_from evil 2001:db8:3::1 8080
	# the kernel drops it before any rule (RFC 4291 2.5.3): it cannot even be counted
	bg dump tcpdump -l -n -c 1 -i evil0 dst host ::1
	wait_for 10 grep -q listening "$BATS_TEST_TMPDIR/dump.err"
	kept_from evil ::1 8080
	wait_for 10 is_gone "$bg_pid"
	equal "$(counted six)" 0
	nft delete table inet count
}

@test "a container that routes loopback to the host does not get to the host's own services" {
	box c --net bridge0 -p 8080:80
	answer host 7777 127.0.0.1 ::1
	loopback_thief c 10.99.0.1 fd99::1
	# published ports need it on the bridge: without, the attack had no chance
	equal "$(sysctl -n net.ipv4.conf.bridge0.route_localnet)" 1
	all 'kept_from c 127.0.0.1 7777' 'kept_from c ::1 7777' 'kept_from c 10.99.0.1 7777'
	disarm raw_pre 'iifname != "lo" ip daddr 127.0.0.0/8 drop'
	reaches c 127.0.0.1 7777 host
	rearm
	kept_from c 127.0.0.1 7777
}

# ---- direct routing ----------------------------------------------------------

# evil, whose default route is the host, asks by web's own addresses, published
# ports and others
routed_away()
{
	local v what=()
	for v in 4 6; do
		what+=("kept_from evil $(addr web $v) 80" "kept_from evil $(addr web $v) 83"
			"no_ping evil $(addr web $v)")
	done
	all "${what[@]}"
}

@test "a neighbour that routes to containers reaches no port, published or not" {
	local driver v
	for driver in bridge ptp; do
		ctnet create $driver --driver $driver --subnet 10.98.0.0/24 --subnet fd98::/64
		box web --net $driver -p 8080:80 -p 8080:80/udp
		answer web 80
		answer web 83
		reaches evil 203.0.113.1 8080 web
		reaches evil 2001:db8:3::1 8080 web
		routed_away
		disarm filter_fwd 'oifgroup 4242 drop'
		for v in 4 6; do
			reaches evil "$(addr web $v)" 80 web
			reaches evil "$(addr web $v)" 83 web
			pings evil "$(addr web $v)"
		done
		rearm
		routed_away
		bg_end
		ctnet rm -f $driver
	done
}

# sent WHO PROTO ADDRESS PORT PID - asks once more; whether that process has ended
sent()
{
	ask "${@:1:4}" || true
	is_gone "$5"
}

@test "a neighbour reaches nothing of an internal network, whatever its routes" {
	local v
	ctnet create quiet --subnet 10.97.0.0/24 --subnet fd97::/64 --internal
	box web --net quiet
	answer web 80
	answer web 83
	routed_away
	nft flush chain inet ctnet filter_fwd
	for v in 4 6; do
		# it has no route to answer by: its packets come through all the same
		bg dump nsenter -t "$(<"$BATS_TEST_TMPDIR/pid.web")" -n tcpdump -l -n -c 1 -i eth0 \
			src host 203.0.113.2 or src host 2001:db8:3::2
		wait_for 10 grep -q listening "$BATS_TEST_TMPDIR/dump.err"
		wait_for 10 sent evil tcp "$(addr web $v)" 80 "$bg_pid" || fail "$(at host ip neigh)" \
			"$(at evil ip neigh; nft list chain inet ctnet filter_fwd)"
	done
	rearm
	routed_away
}

# ---- published ports -----------------------------------------------------------

@test "what containers send to other hosts is not taken by a port published here" {
	local v to=([4]=192.0.2.2 [6]=2001:db8:1::2)
	box dns --net bridge0 -p 53:80 -p 53:80/udp
	box c --net bridge0
	answer dns 80
	answer lan 53
	reaches evil 203.0.113.1 53 dns
	reaches evil 2001:db8:3::1 53 dns
	for v in 4 6; do
		reaches c "${to[v]}" 53 lan
		reaches host "${to[v]}" 53 lan
	done
	# a translation that does not ask whose address it is takes everybody's
	nft insert rule inet ctnet nat_pre meta nfproto ipv4 jump publish
	nft insert rule inet ctnet nat_pre meta nfproto ipv6 jump publish6
	for v in 4 6; do
		reaches c "${to[v]}" 53 dns
	done
	rearm
	for v in 4 6; do
		reaches c "${to[v]}" 53 lan
	done
}

# seen PROTO ADDRESS PORT - as whom evil is seen there, 8 groups of IPv6 cut short
seen()
{
	ask evil "$1" "$2" "$3" | sed 's/^web //; s/^\[//; s/\]$//; s/:0*\([0-9a-f]\)/:\1/g'
}

@test "a container sees the address of who asks, not the host's" {
	local proto driver
	for driver in bridge ptp; do
		ctnet create $driver --driver $driver --subnet 10.98.0.0/24 --subnet fd98::/64
		box web --net $driver -p 8080:80 -p 8080:80/udp
		answer web 80
		reaches evil 203.0.113.1 8080 web
		for proto in tcp udp; do
			equal "$(seen $proto 203.0.113.1 8080)" 203.0.113.2
			equal "$(seen $proto 2001:db8:3::1 8080)" 2001:db8:3:0:0:0:0:2
		done
		bg_end
		ctnet rm -f $driver
	done
}

# ---- others' firewalls -----------------------------------------------------------

# every_way - who may, may; and who may not, does not
every_way()
{
	reaches evil 203.0.113.1 8080 web
	reaches evil 2001:db8:3::1 8080 web
	reaches host 127.0.0.1 8081 web
	pings web 198.51.100.2
	pings web 2001:db8:2::2
	all routed_away 'kept_from evil 203.0.113.1 8081' 'kept_from evil 2001:db8:3::1 8081' \
		"kept_from other $(addr web 4) 80" "kept_from other $(addr web 6) 80"
}

@test "after somebody flushed all rules a reload brings every defence back" {
	local v
	ctnet create two --subnet 10.98.0.0/24 --subnet fd98::/64
	box web --net bridge0 -p 8080:80 -p 8080:80/udp -p 127.0.0.1:8081:80 -p 127.0.0.1:8081:80/udp
	box other --net two
	answer web 80
	answer web 83
	every_way
	nft flush ruleset
	for v in 4 6; do
		reaches evil "$(addr web $v)" 83 web
		reaches other "$(addr web $v)" 80 web
	done
	ctnet reload
	every_way
}

@test "a firewall that replaces its own table leaves ours alone" {
	ctnet create two --subnet 10.98.0.0/24 --subnet fd98::/64
	box web --net bridge0 -p 8080:80 -p 8080:80/udp -p 127.0.0.1:8081:80 -p 127.0.0.1:8081:80/udp
	box other --net two
	answer web 80
	answer web 83
	local before
	before=$(nft -s list table inet ctnet)
	# as firewalld does it: one transaction, every chain of its own
	for _ in 1 2; do
		nft -f - <<-'EOT'
			table inet firewalld
			delete table inet firewalld
			table inet firewalld {
				chain filter_FORWARD {
					type filter hook forward priority filter + 10; policy accept;
					ct state { established, related } accept
					ct status dnat accept
				}
			}
		EOT
		equal "$(nft -s list table inet ctnet)" "$before"
		every_way
	done
	nft delete table inet firewalld
}

@test "firewalld --reload leaves every defence in place" {
	need firewall-cmd
	skip "it needs a system bus, which the sandbox has not"
}

# ---- connections -----------------------------------------------------------------

# connections ADDRESS... - entries of connection tracking that have one of them
connections()
{
	local a n=0 expanded
	for a; do
		# as the kernel writes it: eight groups of four digits
		expanded=$a
		[[ $a != *:* ]] || expanded=$(printf 'fd99:0000:0000:0000:0000:0000:0000:%04x' "0x${a##*:}")
		n=$((n + $(grep -cE "(src|dst)=$expanded( |$)" /proc/net/nf_conntrack || true)))
	done
	echo $n
}

@test "connections of a container end with it, so that nobody inherits them" {
	[ -e /proc/net/nf_conntrack ] || skip "this kernel does not show /proc/net/nf_conntrack"
	local how runner four six
	answer far 7
	for how in TERM KILL; do
		box web --net bridge0 -p 8080:80 -p 8080:80/udp
		runner=$bg_pid
		four=$(addr web 4) six=$(addr web 6)
		answer web 80
		reaches evil 203.0.113.1 8080 web
		reaches evil 2001:db8:3::1 8080 web
		reaches web 198.51.100.2 7 far
		reaches web 2001:db8:2::2 7 far
		pings web 198.51.100.2
		pings web 2001:db8:2::2
		(($(connections "$four") >= 5)) || fail "connections of $four are not tracked"
		(($(connections "$six") >= 5)) || fail "connections of $six are not tracked"
		kill -$how "$runner"
		wait_for 10 is_gone "$runner"
		[ $how = TERM ] || ctnet gc
		wait_for 5 eval "[ \"\$(connections $four $six)\" = 0 ]"
	done
}

# heard NAME N - that many answers of it among the last ten
heard()
{
	[ "$(tail -n 10 "$BATS_TEST_TMPDIR/talk" | grep -c "^$1 ")" -ge "$2" ]
}

@test "a client that never stops sending stays with whom it had, unless it is made to forget" {
	local v to=([4]=203.0.113.1 [6]=2001:db8:3::1) any=([4]=p4any [6]=p6any)
	box one --net bridge0
	box two --net bridge0
	answer one 80
	answer two 80
	for v in 4 6; do
		ctnet publish one 7070:80/udp
		: >"$BATS_TEST_TMPDIR/talk"
		TALK=$BATS_TEST_TMPDIR/talk bg talker$v ip netns exec evil socat -T 30 \
			"UDP$v-DATAGRAM:[${to[v]}]:7070,bind=:444$v" \
			'SYSTEM:exec 3<&0; cat <&3 >>"$TALK" & while echo; do sleep 0.05; done'
		wait_for 10 heard one 10
		# by hand: a new element alone changes nothing for this client
		nft delete element inet ctnet "${any[v]}" "{ udp . 7070 }"
		nft add element inet ctnet "${any[v]}" "{ udp . 7070 : $(addr two $v) . 80 }"
		says evil udp "${to[v]}" 7070 two
		: >"$BATS_TEST_TMPDIR/talk"
		wait_for 10 heard one 10
		ctnet reload
		ctnet unpublish one 7070:80/udp
		ctnet publish two 7070:80/udp
		wait_for 3 heard two 10
		ctnet unpublish two 7070:80/udp
	done
}
