#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who must not reach whom, and who may not say what: networks, their members,
# the host, a neighbour that routes to containers, and containers that lie
# about where their packets come from. Everything over IPv4 and IPv6.

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

# dial COMMAND-PREFIX... ADDRESS PORT - what a server there says
dial()
{
	local port=${*: -1} addr=${*: -2:1}
	[[ $addr != *:* ]] || addr="[$addr]"
	"${@:1:$#-2}" socat -T 2 - "TCP:$addr:$port,connect-timeout=${WITHIN-5}" </dev/null 2>&1
}

answers()
{
	run dial "$@"
	[ "$status" = 0 ] || fail "no answer: $*"
	[ -n "$output" ] || fail "an empty answer: $*"
}

silent()
{
	WITHIN=1 run dial "$@"
	[ "$status" != 0 ] || fail "answered: $*"
}

pings()
{
	gives 0 ct exec "$1" ping -c 1 -W 5 "$2"
}

no_ping()
{
	[ -n "${2-}" ] || fail "no address to ping"
	gives 1 ct exec "$1" ping -c 1 -W 1 "$2"
}

# both VERB FROM TO - over IPv4 and IPv6
both()
{
	all "$1 $2 $(address "$3" 4)" "$1 $2 $(address "$3" 6)"
}

# bridge_nf 0|1 - whether bridged frames pass the firewall
bridge_nf()
{
	local key
	for key in iptables ip6tables; do
		[ ! -e "/proc/sys/net/bridge/bridge-nf-call-$key" ] ||
			echo "$1" >"/proc/sys/net/bridge/bridge-nf-call-$key"
	done
}

net2()
{
	ctnet create "$1" --subnet "10.$2.0.0/24" --subnet "fd$2::/64" "${@:3}"
}

@test "networks are apart, unless one is open" {
	net2 two 98
	net2 open0 97 --open
	start a --net bridge0
	start b --net two
	start c --net open0
	all 'both no_ping a b' 'both no_ping b a' 'both pings a c' 'both no_ping c a'
}

@test "an internal network: no way out, none in, and its members reach each other" {
	local nf
	for nf in 0 1; do
		bridge_nf "$nf"
		net2 quiet 96 --internal
		start a --net quiet
		start b --net quiet
		start c --net bridge0
		all 'both pings a b' 'both no_ping a c' 'both no_ping c a' 'no_ping a 198.51.100.2'
		bg_end
		ctnet rm quiet
	done
}

@test "--no-icc keeps members apart, with bridged frames filtered or not" {
	local nf
	for nf in 0 1; do
		bridge_nf "$nf"
		net2 apart 95 --no-icc
		start a --net apart
		start b --net apart
		all 'both no_ping a b' 'pings a 10.95.0.1' 'pings a fd95::1' 'pings a 198.51.100.2'
		bg_end
		ctnet rm apart
	done
}

@test "an open network without icc is open to others only" {
	bridge_nf 1
	net2 both0 94 --open --no-icc
	start a --net both0
	start b --net both0
	start c --net bridge0
	all 'both no_ping a b' 'both pings c a'
}

@test "a container on two networks is no router between them" {
	net2 two 98
	start a --net bridge0
	start b --net two
	start m --net bridge0 --net two
	in_net a ip route add 10.98.0.0/24 via "$(address m 4)"
	in_net a ip -6 route add fd98::/64 via "$(address m 6)"
	in_net b ip route add 10.99.0.0/24 via "$(ct exec m ip -4 -o addr show eth1 | grep -o '10\.98\.0\.[0-9]*' | head -n 1)"
	in_net b ip -6 route add fd99::/64 via "$(ct exec m ip -6 -o addr show eth1 | grep -o 'fd98::[0-9a-f]*' | head -n 1)"
	all 'both pings a m' 'both no_ping a b' 'both no_ping b a'
}

@test "--no-host: of the host DNS on its gateway and ICMP, and what others publish" {
	local host shut=()
	net2 shy 93 --no-host
	start a --net shy
	start b --net bridge0
	start web --net bridge0 -p 8080:80
	bg www nsenter -t "$(pid_of web)" -n socat TCP4-LISTEN:80,reuseaddr,fork SYSTEM:'echo www'
	serve "" four TCP4-LISTEN:7000
	serve "" six TCP6-LISTEN:7001,ipv6only
	serve "" dns4 TCP4-LISTEN:53
	serve "" dns6 TCP6-LISTEN:53,ipv6only
	answers in_net b 10.99.0.1 7000
	answers in_net b fd99::1 7001
	for host in 10.93.0.1 192.0.2.1; do
		shut+=("silent in_net a $host 7000" "pings a $host")
	done
	for host in fd93::1 2001:db8:1::1; do
		shut+=("silent in_net a $host 7001" "pings a $host")
	done
	all "${shut[@]}" 'silent in_net a 192.0.2.1 53' 'silent in_net a 2001:db8:1::1 53'
	# names are asked of its own gateway, another network's would be a way out
	answers in_net a 10.93.0.1 53
	answers in_net a fd93::1 53
	wait_for 10 dial in_net a 192.0.2.1 8080
	# the way out is open, and the host reaches the container
	pings a 198.51.100.2
	ping -c 1 -W 5 "$(address a 4)"
	ping -c 1 -W 5 "$(address a 6)"
}

@test "a neighbour that routes to a container reaches neither published nor other ports" {
	start web --net bridge0 -p 8080:80
	bg four nsenter -t "$(pid_of web)" -n socat TCP4-LISTEN:80,reuseaddr,fork SYSTEM:'echo four'
	bg six nsenter -t "$(pid_of web)" -n socat TCP6-LISTEN:80,ipv6only,reuseaddr,fork SYSTEM:'echo six'
	bg five nsenter -t "$(pid_of web)" -n socat TCP4-LISTEN:83,reuseaddr,fork SYSTEM:'echo five'
	ip -n lan route add 10.99.0.0/24 via 192.0.2.1
	ip -n lan -6 route add fd99::/64 via 2001:db8:1::1
	wait_for 10 dial ip netns exec lan 192.0.2.1 8080
	wait_for 10 dial ip netns exec lan 2001:db8:1::1 8080
	wait_for 10 dial "$(address web 4)" 83
	all "silent ip netns exec lan $(address web 4) 80" "silent ip netns exec lan $(address web 6) 80" \
		"silent ip netns exec lan $(address web 4) 83" \
		"gives 1 ip netns exec lan ping -c 1 -W 1 $(address web 4)" \
		"gives 1 ip netns exec lan ping -c 1 -W 1 $(address web 6)"
}

@test "what a container sends to another host's port is not published to itself" {
	start web --net bridge0 -p 5353:80
	start c --net bridge0
	bg own nsenter -t "$(pid_of web)" -n socat TCP4-LISTEN:80,reuseaddr,fork SYSTEM:'echo hijacked'
	serve lan lan4 TCP4-LISTEN:5353
	serve lan lan6 TCP6-LISTEN:5353,ipv6only
	wait_for 10 dial in_net c 192.0.2.1 5353
	answers in_net c 192.0.2.2 5353
	[[ $output != *hijacked* ]] || fail "transit was taken"
	answers in_net c 2001:db8:1::2 5353
	[[ $output != *hijacked* ]] || fail "transit was taken"
}

@test "a drop in the administrator's chain wins over a published port" {
	start web --net bridge0 -p 8080:80
	bg four nsenter -t "$(pid_of web)" -n socat TCP4-LISTEN:80,reuseaddr,fork SYSTEM:'echo four'
	bg six nsenter -t "$(pid_of web)" -n socat TCP6-LISTEN:80,ipv6only,reuseaddr,fork SYSTEM:'echo six'
	wait_for 10 dial ip netns exec lan 192.0.2.1 8080
	wait_for 10 dial ip netns exec lan 2001:db8:1::1 8080
	nft add rule inet ctnet user ct status dnat drop
	all 'silent ip netns exec lan 192.0.2.1 8080' 'silent ip netns exec lan 2001:db8:1::1 8080'
	nft flush chain inet ctnet user
	answers ip netns exec lan 192.0.2.1 8080
}

# ---- the spoof guard: frames byte by byte ----------------------------------

# hex TEXT, hex4 ADDRESS, hexmac MAC, hex6 fdXX::N or fe80 ones, written out
hex()
{
	printf %s "$1" | od -An -v -tx1 | tr -d ' \n'
}

hex4()
{
	# shellcheck disable=SC2046,SC2086
	printf '%02x%02x%02x%02x' ${1//./ }
}

# ip4 SRC DST PROTO L4 - a packet, without a checksum nobody looks at here
ip4()
{
	printf '4500%04x0000000040%02x0000%s%s%s' $((20 + ${#4} / 2)) "$3" "$(hex4 "$1")" "$(hex4 "$2")" "$4"
}

# summed PACKET - of ip4, with the checksum of its header, as routers want it (RFC 1071)
summed()
{
	local sum=0 i
	for ((i = 0; i < 40; i += 4)); do
		sum=$((sum + 0x${1:i:4}))
	done
	printf '%s%04x%s' "${1:0:20}" $((~(sum % 65536 + sum / 65536) & 65535)) "${1:24}"
}

# ip6 SRC DST PROTO L4 - addresses as 32 digits
ip6()
{
	printf '60000000%04x%02xff%s%s%s' $((${#4} / 2)) "$3" "$1" "$2" "$4"
}

# udp SPORT DPORT DATA
udp()
{
	printf '%04x%04x%04x0000%s' "$1" "$2" $((8 + ${#3} / 2)) "$3"
}

# send HEX - out of container a, as it stands
send()
{
	# by way of a file: a pipe would be cut at each 0a, where the shell flushes
	# shellcheck disable=SC2001,SC2059
	printf "$(sed 's/../\\x&/g' <<<"$1")" >"$BATS_TEST_TMPDIR/frame"
	nsenter -t "${SENDER-$(pid_of a)}" -n socat -u - INTERFACE:eth0 <"$BATS_TEST_TMPDIR/frame"
}

seen()
{
	grep -aqF "<$1>" "$BATS_TEST_TMPDIR/rx.out"
}

# guard_world [OPTION...] - a, whose frames b records; $A4 $A6 $AMAC and b's
guard_world()
{
	bridge_nf 0
	net2 g 92 "$@"
	start a --net g:ip=10.92.0.5,ip6=fd92::5
	start b --net g:ip=10.92.0.6,ip6=fd92::6
	AMAC=$(ct exec a cat /sys/class/net/eth0/address | tr -d :)
	BMAC=$(ct exec b cat /sys/class/net/eth0/address | tr -d :)
	A6=fd920000000000000000000000000005 B6=fd920000000000000000000000000006
	FAKE6=fd920000000000000000000000000099
	LL6=fe80000000000000$(printf '%02x' $((0x${AMAC:0:2} ^ 2)))${AMAC:2:4}fffe${AMAC:6:6}
	FAKEMAC=02c799999999
	bg rx nsenter -t "$(pid_of b)" -n socat -u INTERFACE:eth0 -
	# shellcheck disable=SC2016 # evaluated when it is tried
	wait_for 10 eval 'send "$BMAC$AMAC"0800"$(ip4 10.92.0.5 10.92.0.6 17 "$(udp 9 9 "$(hex "<up>")")")"; seen up'
}

# host_end NAME - the link on the host that leads to it
host_end()
{
	ctnet inspect -j g | jq -er --arg n "$1" '.[0].containers[] | select(.name == $n) | .host_ifname'
}

# frames - NAME FRAME, one a line: what a may say, and what it may not
allowed()
{
	local to4=10.92.0.6 m
	m=$(hex '<v4>') && echo "v4 $BMAC${AMAC}0800$(ip4 10.92.0.5 "$to4" 17 "$(udp 9 9 "$m")")"
	m=$(hex '<v6>') && echo "v6 $BMAC${AMAC}86dd$(ip6 "$A6" "$B6" 17 "$(udp 9 9 "$m")")"
	m=$(hex '<linklocal>') && echo "linklocal $BMAC${AMAC}86dd$(ip6 "$LL6" "$B6" 17 "$(udp 9 9 "$m")")"
	m=$(hex '<dad>') && echo "dad $BMAC${AMAC}86dd$(ip6 "$(printf '%032d' 0)" "$B6" 58 "8700000000000000$A6$m")"
	m=$(hex '<na>') && echo "na $BMAC${AMAC}86dd$(ip6 "$A6" "$B6" 58 "8800000020000000$A6$m")"
	m=$(hex '<arp>') && echo "arp $BMAC${AMAC}0806000108000604000${ARP_OP-1}$AMAC$(hex4 10.92.0.5)000000000000$(hex4 10.92.0.6)$m"
	m=$(hex '<probe>') && echo "probe $BMAC${AMAC}08060001080006040001${AMAC}00000000000000000000$(hex4 10.92.0.5)$m"
	m=$(hex '<frag6>') && echo "frag6 $BMAC${AMAC}86dd$(ip6 "$A6" "$B6" 44 "1100000100000002$(udp 9 9 "$m")")"
	m=$(hex '<rest6>') && echo "rest6 $BMAC${AMAC}86dd$(ip6 "$A6" "$B6" 44 "1100002000000002$m")"
	m=$(hex '<discover>') && echo "discover ffffffffffff${AMAC}0800$(ip4 0.0.0.0 255.255.255.255 17 "$(udp 68 67 "$m")")"
}

forbidden()
{
	local to4=10.92.0.6 m
	m=$(hex '<mac>') && echo "mac $BMAC${FAKEMAC}0800$(ip4 10.92.0.5 "$to4" 17 "$(udp 9 9 "$m")")"
	m=$(hex '<ip4>') && echo "ip4 $BMAC${AMAC}0800$(ip4 10.92.0.99 "$to4" 17 "$(udp 9 9 "$m")")"
	m=$(hex '<zero4>') && echo "zero4 $BMAC${AMAC}0800$(ip4 0.0.0.0 "$to4" 17 "$(udp 9 9 "$m")")"
	m=$(hex '<ip6>') && echo "ip6 $BMAC${AMAC}86dd$(ip6 "$FAKE6" "$B6" 17 "$(udp 9 9 "$m")")"
	m=$(hex '<zero6>') && echo "zero6 $BMAC${AMAC}86dd$(ip6 "$(printf '%032d' 0)" "$B6" 17 "$(udp 9 9 "$m")")"
	m=$(hex '<ll6>') && echo "ll6 $BMAC${AMAC}86dd$(ip6 "fe80${FAKE6:4}" "$B6" 17 "$(udp 9 9 "$m")")"
	m=$(hex '<arpip>') && echo "arpip $BMAC${AMAC}08060001080006040002$AMAC$(hex4 10.92.0.1)$BMAC$(hex4 10.92.0.6)$m"
	m=$(hex '<arpmac>') && echo "arpmac $BMAC${AMAC}08060001080006040002$FAKEMAC$(hex4 10.92.0.5)$BMAC$(hex4 10.92.0.6)$m"
	m=$(hex '<arpzero>') && echo "arpzero $BMAC${AMAC}08060001080006040002${AMAC}00000000$BMAC$(hex4 10.92.0.6)$m"
	m=$(hex '<ra>') && echo "ra $BMAC${AMAC}86dd$(ip6 "$LL6" "$B6" 58 "86000000400000000000000000000000$m")"
	m=$(hex '<redirect6>') && echo "redirect6 $BMAC${AMAC}86dd$(ip6 "$LL6" "$B6" 58 "8900000000000000$A6$B6$m")"
	m=$(hex '<nafake>') && echo "nafake $BMAC${AMAC}86dd$(ip6 "$A6" "$B6" 58 "8800000020000000$FAKE6$m")"
	m=$(hex '<redirect4>') && echo "redirect4 $BMAC${AMAC}0800$(ip4 10.92.0.5 10.92.0.6 1 "0501000000000000$m")"
	m=$(hex '<offer>') && echo "offer $BMAC${AMAC}0800$(ip4 10.92.0.5 "$to4" 17 "$(udp 67 68 "$m")")"
	m=$(hex '<offer6>') && echo "offer6 $BMAC${AMAC}86dd$(ip6 "$A6" "$B6" 17 "$(udp 547 546 "$m")")"
	m=$(hex '<type>') && echo "type $BMAC${AMAC}88cc$m"
	# behind a VLAN tag, even one that the receiver takes off and forgets
	m=$(hex '<vlan>') && echo "vlan $BMAC${AMAC}810000070800$(ip4 10.92.0.5 "$to4" 17 "$(udp 9 9 "$m")")"
	m=$(hex '<vlan0>') && echo "vlan0 $BMAC${AMAC}8100000086dd$(ip6 "$A6" "$B6" 17 "$(udp 9 9 "$m")")"
	# a first fragment that ends before the UDP header (nexthdr, 0, more to come, number; options)
	m=$(hex '<frag>') && echo "frag $BMAC${AMAC}86dd$(ip6 "$A6" "$B6" 44 "3c00000100000001110001$(printf '%02x' $((${#m} / 2)))$m")"
}

@test "a container sends from nothing but what it was leased" {
	local name frame
	guard_world
	while read -r name frame; do
		send "$frame"
	done < <(forbidden)
	while read -r name frame; do
		# shellcheck disable=SC2016
		wait_for 5 eval 'send "$frame"; seen "$name"'
	done < <(allowed)
	# the allowed ones came behind
	while read -r name frame; do
		not seen "$name" || fail "$name passed"
	done < <(forbidden)
	[ "$(allowed | wc -l) $(forbidden | wc -l)" = "10 19" ]
}

# learned_of_b - the bridge believes b to be where a is
learned_of_b()
{
	bridge fdb show dev "$(host_end a)" | tr -d : | grep -q "^$BMAC"
}

@test "a frame to the bridge itself does not bring a neighbour's frames" {
	local last frame
	guard_world
	# LLDP and its like (IEEE 802.1Q, table 8-1), as if sent by b
	for last in 00 01 02 03 0e 0f; do
		frame=0180c20000$last${BMAC}88cc$(printf '%092d' 0)
		send "$frame"
	done
	# shellcheck disable=SC2016 # evaluated when it is tried; it came behind
	wait_for 5 eval 'send "$(allowed | sed -n "s/^v4 //p")"; seen v4'
	not learned_of_b || fail "the bridge has learned it"
	ip link set g type bridge no_linklocal_learn 0
	send "$frame"
	wait_for 5 learned_of_b
}

@test "--stp: a container has no part in the spanning tree" {
	local mac frame
	net2 g 92 --stp
	start a --net g:ip=10.92.0.5,ip6=fd92::5
	mac=$(ct exec a cat /sys/class/net/eth0/address | tr -d :)
	# of a bridge of priority 0, which every other would follow (IEEE 802.1D, 9.3.1)
	frame=0180c2000000${mac}00264242030000000000000000${mac}000000000000${mac}80010000140002000f00
	send "$frame"
	# shellcheck disable=SC2016 # evaluated when it is tried
	wait_for 5 eval 'ip -d link show "$(host_end a)" | grep -q "state disabled"'
	equal "$(cat /sys/class/net/g/bridge/root_port)" 0
}

# closed COMMAND... - of what a may say and may not, nothing passes; and all of it
# does after the command, which takes the guard away. $SENDER and $HONEST are process
# numbers, since whoever asks ctnet has it mend and sweep.
closed()
{
	local name frame
	# whose own answers may not pass either
	nsenter -t "$HONEST" -n ip neigh replace 10.92.0.6 dev eth0 lladdr "$(sed 's/../&:/g; s/:$//' <<<"$BMAC")"
	while read -r name frame; do
		send "$frame"
	done < <(
		allowed
		forbidden
	)
	# shellcheck disable=SC2016 # evaluated when it is tried; it came behind
	wait_for 5 eval 'echo "<behind>" | nsenter -t "$HONEST" -n socat -u - UDP4:10.92.0.6:9; seen behind'
	while read -r name frame; do
		not seen "$name" || fail "$name passed"
	done < <(
		allowed
		forbidden
	)
	"$@"
	while read -r name frame; do
		# shellcheck disable=SC2016
		wait_for 5 eval 'send "$frame"; seen "$name"'
	done < <(
		allowed
		forbidden
	)
}

knows_port()
{
	nft list table bridge ctnet | grep -qF "\"$1\""
}

@test "who shares the namespace of a container that ended has no port any more" {
	guard_world
	local port
	port=$(host_end a)
	start b2 --net g
	start heir --net container:a
	knows_port "$port"
	SENDER=$(pid_of heir) HONEST=$(pid_of b2)
	kill -KILL "$(pid_of a)"
	wait_for 10 not knows_port "$port"
	[ -e "/sys/class/net/$port" ] || fail "the link went too"
	closed nft flush chain bridge ctnet guard
}

@test "ptp: who shares the namespace of a container that ended has no link any more" {
	net2 g 92 --driver ptp
	start a --net g
	start heir --net container:a
	local port heir
	port=$(host_end a) heir=$(pid_of heir)
	gives 0 nsenter -t "$heir" -n ping -c 1 -W 5 10.92.0.1
	kill -KILL "$(pid_of a)"
	# shellcheck disable=SC2016 # evaluated when it is tried
	wait_for 10 eval '! nft list set inet ctnet ptp | grep -qF "\"$port\""'
	[ -e "/sys/class/net/$port" ] || fail "the link went too"
	all "gives 1 nsenter -t $heir -n ping -c 1 -W 1 10.92.0.1" \
		"gives 1 nsenter -t $heir -n ping -c 1 -W 1 fd92::1"
	nft flush chain inet ctnet raw_pre
	for addr in 10.92.0.1 fd92::1; do
		gives 0 nsenter -t "$heir" -n ping -c 1 -W 5 $addr
	done
}

# bats test_tags=vm
@test "a set of the guard that was flushed closes the ports" {
	guard_world
	start b2 --net g:ip=10.92.0.7
	local set port mac
	SENDER=$(pid_of a) HONEST=$(pid_of b2)
	port=$(host_end b2) mac=$(ct exec b2 cat /sys/class/net/eth0/address)
	for set in $(nft -j list sets bridge | jq -r '.nftables[].set.name | strings'); do
		nft flush set bridge ctnet "$set"
	done
	nft add element bridge ctnet port_mac "{ $port . $mac }"
	nft add element bridge ctnet port_ip4 "{ $port . $mac . 10.92.0.7 }"
	closed nft flush chain bridge ctnet guard
}

@test "--no-spoof-guard lets everything pass, and sends nothing to the guard" {
	local name frame
	guard_world --no-spoof-guard
	while read -r name frame; do
		# shellcheck disable=SC2016
		wait_for 5 eval 'send "$frame"; seen "$name"'
	done < <(forbidden)
	gives 0 nft list table bridge ctnet
	! [[ $output =~ elements ]] || fail "guarded all the same"
}

@test "ptp: who may lie about its address does not get into other networks by that" {
	local mac host four six
	ctnet create open --driver ptp --subnet 10.93.0.0/24 --subnet fd93::/64 --no-spoof-guard
	ctnet create g --driver ptp --subnet 10.92.0.0/24 --subnet fd92::/64
	start a --net open
	start b --net g:ip=10.92.0.6,ip6=fd92::6
	start c --net g:ip=10.92.0.7,ip6=fd92::7
	bg rx nsenter -t "$(pid_of b)" -n socat -u INTERFACE:eth0 -
	mac=$(ct exec a cat /sys/class/net/eth0/address | tr -d :)
	host=$(tr -d : <"/sys/class/net/$(ctnet inspect -j open | jq -r '.[0].containers[0].host_ifname')/address")
	# as if by c, who is a member
	four=$host${mac}0800$(summed "$(ip4 10.92.0.7 10.92.0.6 17 "$(udp 9 9 "$(hex '<four>')")")")
	six=$host${mac}86dd$(ip6 fd920000000000000000000000000007 fd920000000000000000000000000006 17 \
		"$(udp 9 9 "$(hex '<six>')")")
	send "$four"
	send "$six"
	# shellcheck disable=SC2016 # evaluated when it is tried
	wait_for 5 eval 'echo "<up>" | in_net c socat -u - UDP4:10.92.0.6:9; seen up'
	not seen four || fail "it got in by IPv4"
	not seen six || fail "it got in by IPv6"
	nft insert rule inet ctnet filter_fwd iifname @ptp accept
	# shellcheck disable=SC2016
	wait_for 5 eval 'send "$four"; send "$six"; seen four && seen six'
}

@test "the guard knows a container from its start to its end" {
	start a --net bridge0
	local pid
	gives 0 nft list table bridge ctnet
	prints "elements = \\{ \"ve[0-9a-f]*\""
	pid=$(pid_of a)
	kill -KILL "$pid"
	wait_for 10 eval '! is_running a'
	ctnet gc
	gives 0 nft list table bridge ctnet
	! [[ $output =~ elements ]] || fail "an element was left"
}

@test "a router advertisement of a container changes nothing, guarded or not" {
	local guard
	for guard in "" --no-spoof-guard; do
		guard_world $guard
		send "333300000001${AMAC}86dd$(ip6 "$LL6" "ff020000000000000000000000000001" 58 \
			"86000000400007080000000000000000030440c00000708000000708000000002001db80000000990000000000000000")"
		# shellcheck disable=SC2016
		wait_for 5 eval 'send "$(allowed | sed -n "s/^v6 //p")"; seen v6'
		gives 0 ip -6 route
		! [[ $output =~ 'proto ra' ]] || fail "the host believes it"
		gives 0 ct exec b ip -6 route
		! [[ $output =~ 2001:db8:0:99 ]] || fail "a neighbour believes it"
		bg_end
		ctnet rm g
	done
}
