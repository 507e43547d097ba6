#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Containers that lie to their neighbours and to the host on one link: as
# another, as the gateway, as a router, as a DHCP server. With the tools of
# whoever would do it, with br_netfilter in the way and without; and without the
# guard each of them has its way. Frames byte by byte: isolation.bats.

load lib
load attack

setup_file()
{
	make_rootfs
}

teardown()
{
	bg_end
	remove_networks
	bridge_nf 1
	rm -f "$ROOTFS/bin/lease"
}

# stage [OPTION...] - network g: a, who lies, and b
stage()
{
	ctnet create g --subnet 10.92.0.0/24 --subnet fd92::/64 "$@"
	box a --net g:ip=10.92.0.5,ip6=fd92::5
	box b --net g:ip=10.92.0.6,ip6=fd92::6
}

unstage()
{
	bg_end
	ctnet rm -f g
}

# guarded FUNCTION - on a guarded network, bridged frames filtered and not
guarded()
{
	local nf
	for nf in 0 1; do
		bridge_nf $nf
		stage
		"$1"
		unstage
	done
}

# say ESCAPES WHO-ADDRESS - a sends that, as one packet
say()
{
	printf '%b' "$1" >"$BATS_TEST_TMPDIR/packet"
	at a socat -u "OPEN:$BATS_TEST_TMPDIR/packet" "$2"
}

# an ICMPv6 message to the link, as if by a neighbour (RFC 4861: hop limit 255)
say6()
{
	say "$1" 'IP6-SENDTO:[ff02::1%eth0]:58,setsockopt-int=41:18:255'
}

# ---- addresses ---------------------------------------------------------------

# reaches_as ADDRESS TO - what went before may have left a question about TO open,
# which is given up first
reaches_as()
{
	wait_for 10 at a ping -c 1 -W 1 -I "$1" "$2"
}

# believes WHO ADDRESS LINK MAC - its neighbour table has that
believes()
{
	at "$1" ip neigh show "$2" dev "$3" | grep -q "lladdr $4"
}

# usurp - a takes the addresses of the gateway and of b, and tells everybody
usurp()
{
	local addr
	for addr in 10.92.0.1 10.92.0.6; do
		at a ip addr replace $addr/32 dev eth0
		at a busybox arping -q -U -c 1 -I eth0 -s $addr $addr || true
		at a busybox arping -q -A -c 1 -I eth0 -s $addr $addr || true
	done
	for addr in 01 06; do
		# RFC 4861 4.4: override; the target's link-layer address is a's
		say6 "\x88\0\0\0\x20\0\0\0\xfd\x92\0\0\0\0\0\0\0\0\0\0\0\0\0\x$addr\x02\x01$(
			mac a eth0 | sed 's/^\|:/\\x/g')"
	done
}

# usurped - who has been taken in, of b and the host, by which address
usurped()
{
	local liar
	liar=$(mac a eth0)
	believes b 10.92.0.1 eth0 "$liar" && believes b fd92::1 eth0 "$liar" &&
		believes host 10.92.0.6 g "$liar" && believes host fd92::6 g "$liar"
}

acquaint()
{
	local addr
	for addr in 10.92.0.1 fd92::1; do
		pings b $addr
	done
	for addr in 10.92.0.6 fd92::6; do
		pings host $addr
	done
}

usurp_in_vain()
{
	local gateway victim
	acquaint
	gateway=$(mac host g) victim=$(mac b eth0)
	for _ in 1 2 3; do
		usurp
	done
	# this comes behind it
	reaches_as 10.92.0.5 10.92.0.1
	for addr in 10.92.0.1 fd92::1; do
		believes b $addr eth0 "$gateway" || fail "b believes a about $addr"
	done
	for addr in 10.92.0.6 fd92::6; do
		believes host $addr g "$victim" || fail "the host believes a about $addr"
	done
}

@test "nobody believes a container that says it is the gateway, or another container" {
	guarded usurp_in_vain
	stage --no-spoof-guard
	acquaint
	wait_for 15 eval 'usurp; usurped'
}

other_address()
{
	at a ip addr add 10.92.0.77/24 dev eth0
	at a ip -6 addr add fd92::77/64 dev eth0 nodad
}

other_address_in_vain()
{
	other_address
	all "no_ping_as 10.92.0.77 10.92.0.6" "no_ping_as fd92::77 fd92::6" \
		"no_ping_as 10.92.0.77 10.92.0.1" "no_ping_as fd92::77 fd92::1"
	reaches_as 10.92.0.5 10.92.0.6
	reaches_as fd92::5 fd92::6
}

no_ping_as()
{
	! at a ping -c 1 -W 1 -I "$1" "$2" >/dev/null || fail "a is taken for $1"
}

# bats test_tags=vm
@test "a container uses no address but its own" {
	local to
	guarded other_address_in_vain
	stage --no-spoof-guard
	other_address
	for to in 10.92.0.6 10.92.0.1; do
		wait_for 10 at a ping -c 1 -W 1 -I 10.92.0.77 $to
	done
	for to in fd92::6 fd92::1; do
		wait_for 10 at a ping -c 1 -W 1 -I fd92::77 $to
	done
}

other_mac_in_vain()
{
	local own
	own=$(mac a eth0)
	pings a 10.92.0.6
	pings a fd92::6
	at a ip link set eth0 address 02:00:00:00:00:77
	all "no_ping a 10.92.0.6" "no_ping a fd92::6" "no_ping a 10.92.0.1" "no_ping a fd92::1"
	at a ip link set eth0 address "$own"
	reaches_as 10.92.0.5 10.92.0.6
	reaches_as fd92::5 fd92::6
}

@test "a container uses no MAC address but its own" {
	local to
	guarded other_mac_in_vain
	stage --no-spoof-guard
	at a ip link set eth0 address 02:00:00:00:00:77
	for to in 10.92.0.6 fd92::6 10.92.0.1 fd92::1; do
		wait_for 15 at a ping -c 1 -W 1 "$to"
	done
}

# ---- routers -----------------------------------------------------------------

# advertise - a is a router for 2001:db8:bad::/64 (RFC 4861 4.2, 4.6.2)
advertise()
{
	local router='\x86\0\0\0\x40\0\x07\x08\0\0\0\0\0\0\0\0'
	local prefix='\x20\x01\x0d\xb8\x0b\xad\0\0\0\0\0\0\0\0\0\0'
	say6 "$router"'\x03\x04\x40\xc0\0\0\x0e\x10\0\0\x0e\x10\0\0\0\0'"$prefix"
}

has_prefix()
{
	at "$1" ip -6 -o addr show to 2001:db8:bad::/64 | grep -q .
}

# somebody on the link who does listen to routers: it is the guard that must hold
credulous()
{
	at b sysctl -qw net.ipv6.conf.eth0.accept_ra=2 net.ipv6.conf.eth0.autoconf=1
	sysctl -qw net.ipv6.conf.g.accept_ra=2 net.ipv6.conf.g.autoconf=1
}

advertise_in_vain()
{
	credulous
	for _ in 1 2 3; do
		advertise
	done
	pings a fd92::6
	pings a fd92::1
	! has_prefix b || fail "b has an address by a's advertisement"
	! has_prefix host || fail "the host has an address by a's advertisement"
}

@test "a container's router advertisements reach nobody, not even who would believe" {
	guarded advertise_in_vain
	stage --no-spoof-guard
	credulous
	wait_for 10 eval 'advertise; has_prefix b && has_prefix host'
}

# checksum HEX - RFC 1071, four digits
checksum()
{
	local i sum=0
	for ((i = 0; i < ${#1}; i += 4)); do
		sum=$((sum + 0x${1:i:4}))
	done
	sum=$(((sum & 0xffff) + (sum >> 16)))
	printf %04x $(((sum & 0xffff) + (sum >> 16) ^ 0xffff))
}

# redirect - a, as the gateway, tells b that 198.51.100.2 is behind a (RFC 792);
# about an echo reply of b's, for which Linux asks no socket
redirect()
{
	local rest=0a5c00054500001c00010000400100000a5c0006c63364020000000000010001
	at a ip addr replace 10.92.0.1/32 dev eth0
	echo "0501$(checksum "05010000$rest")$rest" >"$BATS_TEST_TMPDIR/redirect"
	say "$(sed 's/../\\x&/g' "$BATS_TEST_TMPDIR/redirect")" IP4-SENDTO:10.92.0.6:1,bind=10.92.0.1
}

redirected()
{
	at b ip route get 198.51.100.2 | grep -q 'via 10\.92\.0\.5'
}

heeds_redirects()
{
	at b sysctl -qw net.ipv4.conf.all.accept_redirects=1 net.ipv4.conf.eth0.accept_redirects=1 \
		net.ipv4.conf.all.secure_redirects=0 net.ipv4.conf.eth0.secure_redirects=0
	pings b 10.92.0.5
}

redirect_in_vain()
{
	for _ in 1 2 3; do
		redirect
	done
	reaches_as 10.92.0.5 10.92.0.6
	! redirected || fail "b sends to a what is for the gateway"
}

guarded_redirect()
{
	heeds_redirects
	redirect_in_vain
}

@test "a container redirects nobody's packets to itself" {
	guarded guarded_redirect
	# without the guard it is what a container's sysctls are
	stage --no-spoof-guard
	redirect_in_vain
	equal "$(at b sysctl -n net.ipv6.conf.eth0.accept_redirects)" 0
	heeds_redirects
	wait_for 10 eval 'redirect; redirected'
}

# others WHO - of all on its link, who answer it
others()
{
	local own
	own=$(at "$1" ip -j -6 addr show eth0 | jq -r '.[0].addr_info[].local')
	at "$1" ping -c 2 -i 0.3 -W 1 ff02::1%eth0 | grep 'bytes from' | grep -vF "$own"
}

@test "a network without IPv6 has none that a container could use" {
	ctnet create four --subnet 10.91.0.0/24
	box a --net four --cap-add NET_ADMIN
	box b --net four
	equal "$(at a ip -6 addr show eth0)$(at b ip -6 addr show eth0)" ""
	equal "$(ip -6 addr show dev four)" ""
	denied ct exec a ip -6 addr add fe80::5/64 dev eth0
	denied ct exec a sh -c 'echo 0 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6'
	# who had it nevertheless would be alone with it
	at a sysctl -qw net.ipv6.conf.eth0.accept_dad=0 net.ipv6.conf.eth0.disable_ipv6=0
	at a ip -6 addr add fd91::5/64 dev eth0 nodad
	wait_for 5 eval 'at a ip -6 addr show eth0 | grep fe80'
	! others a || fail "somebody answers"
	# on one with IPv6 they do
	ctnet create six --subnet 10.93.0.0/24 --subnet fd93::/64
	box d --net six
	box e --net six
	others d
}

# ---- DHCP --------------------------------------------------------------------

# serve_dhcp WHO LINK - both families, with addresses of the network's
serve_dhcp()
{
	local in
	where "$1"
	bg dhcp "${in[@]}" dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file --port=0 \
		--user=root --interface="$2" --except-interface=lo --bind-dynamic --dhcp-authoritative \
		--no-ping --dhcp-leasefile="$BATS_TEST_TMPDIR/leases" \
		--dhcp-range=10.92.0.100,10.92.0.110,255.255.255.0 --dhcp-range=fd92::100,fd92::110,64 \
		"${@:3}"
	wait_for 10 eval "[ \"\$(at $1 ss -Hlnu 'sport = :67 or sport = :547' | wc -l)\" = 2 ]"
}

lease4()
{
	printf '#!/bin/sh\necho "$1 $ip"\n' >"$BATS_TEST_TMPDIR/script"
	chmod +x "$BATS_TEST_TMPDIR/script"
	at b busybox udhcpc -i eth0 -f -n -q -t 2 -T 1 -s "$BATS_TEST_TMPDIR/script" 2>/dev/null |
		grep '^bound'
}

# What is answered to a DHCPv6 Solicit (RFC 8415 8, 21.2, 21.4), in hex
lease6()
{
	printf '%b' '\x01\x12\x34\x56' '\0\x01\0\x0a\0\x03\0\x01\x02\0\0\0\0\x06' \
		'\0\x03\0\x0c\0\0\0\x01\0\0\0\0\0\0\0\0' >"$BATS_TEST_TMPDIR/solicit"
	at b socat -t 1 -T 1 - 'UDP6-DATAGRAM:[ff02::1:2%eth0]:547,bind=:546' \
		<"$BATS_TEST_TMPDIR/solicit" |
		od -An -v -tx1 | tr -d ' \n' | grep '^02123456'
}

no_lease4()
{
	! lease4 || fail "b has a lease of a"
}

no_lease6()
{
	! lease6 || fail "b has an offer of a"
}

dhcp_in_vain()
{
	serve_dhcp a eth0
	all no_lease4 no_lease6
}

@test "a container is nobody's DHCP server" {
	need dnsmasq
	guarded dhcp_in_vain
	stage --no-spoof-guard
	serve_dhcp a eth0
	wait_for 10 lease4
	wait_for 10 lease6
}

@test "a DHCP client in a container gets its lease from the host, checksums and all" {
	need dnsmasq
	local options
	printf '#!/bin/sh\necho "$1 $ip"\n' >"$ROOTFS/bin/lease"
	chmod +x "$ROOTFS/bin/lease"
	for options in "" --no-host; do
		# shellcheck disable=SC2086
		ctnet create g --subnet 10.92.0.0/24 --subnet fd92::/64 $options
		serve_dhcp host g --dhcp-host=02:00:5e:00:00:07,10.92.0.7
		gives 0 in_box --net g:ip=10.92.0.7,mac=02:00:5e:00:00:07 --cap-add NET_RAW \
			udhcpc -i eth0 -f -n -q -t 5 -T 1 -s /bin/lease
		prints 'bound 10\.92\.0\.7'
		bg_end
		ctnet rm g
	done
}
