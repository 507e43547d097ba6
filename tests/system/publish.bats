#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Published ports: who reaches them and who does not, who may have one, and what
# is left of them. Over IPv4 and IPv6, with br_netfilter in the way and without.

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
	rm -f /etc/ctnet/ctnet.conf
	bridge_nf 1
	ctnet gc
	ip -n lan route flush 10.99.0.0/24
	ip -n lan -6 route flush fd99::/64
	remove_networks
	equal "$(elements)" 0
	equal "$(keepers)" 0
	equal "$(records)" 0
}

bridge_nf()
{
	sysctl -qw net.bridge.bridge-nf-call-iptables="$1" net.bridge.bridge-nf-call-ip6tables="$1"
}

# What publishing leaves in the firewall, as processes, as files
elements()
{
	local map
	for map in p4any p4ip p4rng p6any p6ip p6rng; do
		nft -j list map inet ctnet "$map" 2>/dev/null |
			jq '[.nftables[] | .map // empty | .elem // [] | length] | add // 0'
	done | jq -s 'add // 0'
}

keepers()
{
	pgrep -cx ct-ports || true
}

no_keepers()
{
	[ "$(keepers)" = 0 ]
}

records()
{
	find /run/ctnet/net/*/ports -mindepth 1 -maxdepth 1 -not -name '.*' 2>/dev/null | wc -l
}

# web NAME [OPTION...] - a container that answers at port 80, tcp and udp, both
# families: its name, and the address it sees the client come from
web()
{
	local name=$1
	shift
	# shellcheck disable=SC2016
	bg "$name" ctrun --name "$name" "$@" -- sh -c '
		for v in TCP4-LISTEN:80,reuseaddr TCP6-LISTEN:80,ipv6only=1,reuseaddr \
			UDP4-RECVFROM:80 UDP6-RECVFROM:80,ipv6only=1; do
			socat "$v,fork" "SYSTEM:read -r line; echo $0 \$SOCAT_PEERADDR" &
		done
		wait' "$name"
	local runner=${bg_pid:?}
	wait_for 15 eval "is_running $name || is_gone $runner"
	is_running "$name" || fail "$name did not start: $(cat "$BATS_TEST_TMPDIR/$name.err")"
	wait_for 10 answers "$name"
}

# all four servers of it
answers()
{
	[ "$(ct exec "$1" ss -Hlntu 'sport = :80' | wc -l)" = 4 ]
}

# ask WHERE tcp|udp ADDRESS PORT - what the server says within $PATIENCE seconds;
# WHERE: host, a named namespace, or a container
ask()
{
	local in=() addr=$3 patience=${PATIENCE-2} wait=
	case $1 in
	host) ;;
	lan | far) in=(ip netns exec "$1") ;;
	*) in=(ct exec "$1") ;;
	esac
	[[ $addr != *:* ]] || addr="[$addr]"
	[ "$2" = udp ] || wait=,connect-timeout=$patience
	# it ends with the answer: over UDP there is no other end
	# shellcheck disable=SC2016
	timeout $((patience + 3)) "${in[@]}" socat -lf /dev/null -t 0.05 -T "$patience" "$2:$addr:$4$wait" \
		'SYSTEM:echo; read -r line && echo "$line" >&2' 3>&1 >/dev/null 2>&3 3>&-
}

# reaches WHERE ADDRESS PORT [NAME] - tcp and udp
reaches()
{
	local proto
	for proto in tcp udp; do
		[[ $(PATIENCE=10 ask "$1" "$proto" "$2" "$3") == "${4-web} "* ]] ||
			fail "$1 does not reach $2 port $3/$proto"
	done
}

# silent WHERE tcp|udp ADDRESS PORT - nobody answers there
silent()
{
	equal "$(ask "$@")" ""
}

# no_reach WHERE ADDRESS PORT - tcp and udp
no_reach()
{
	all "silent $1 tcp $2 $3" "silent $1 udp $2 $3"
}

everywhere()
{
	web web --net bridge0 -p 8080:80 -p 8080:80/udp
	web peer --net bridge0
	local host
	for host in 192.0.2.1 2001:db8:1::1; do
		reaches lan "$host" 8080
		reaches host "$host" 8080
		reaches peer "$host" 8080
		reaches web "$host" 8080
	done
	for host in 127.0.0.1 ::1 10.99.0.1 fd99::1; do
		reaches host "$host" 8080
	done
	reaches peer 10.99.0.1 8080
	reaches peer fd99::1 8080
	# who asks is not hidden
	equal "$(PATIENCE=10 ask lan tcp 192.0.2.1 8080)" "web 192.0.2.2"
	[[ $(PATIENCE=10 ask lan tcp 2001:db8:1::1 8080) == *2001:0db8:0001:*:0002* ]]
}

@test "a published port is reached from everywhere, with br_netfilter" {
	bridge_nf 1
	everywhere
}

@test "a published port is reached from everywhere, without br_netfilter" {
	bridge_nf 0
	everywhere
}

no_icc()
{
	ctnet create apart --subnet 10.98.0.0/24 --subnet fd98::/64 --no-icc
	web web --net apart -p 8080:80 -p 8080:80/udp
	web peer --net apart
	for host in 192.0.2.1 2001:db8:1::1; do
		reaches peer "$host" 8080
		reaches web "$host" 8080
	done
	all "no_reach peer $(address web 4) 80" "no_reach peer $(address web 6) 80"
}

@test "members that are kept apart reach each other's published ports, with br_netfilter" {
	bridge_nf 1
	no_icc
}

@test "members that are kept apart reach each other's published ports, without br_netfilter" {
	bridge_nf 0
	no_icc
}

@test "a neighbour who routes to the container reaches nothing of it" {
	web web --net bridge0 -p 8080:80 -p 8080:80/udp
	ip -n lan route add 10.99.0.0/24 via 192.0.2.1
	ip -n lan -6 route add fd99::/64 via 2001:db8:1::1
	all "no_reach lan $(address web 4) 80" "no_reach lan $(address web 6) 80"
}

@test "a port published on 127.0.0.1 is not for neighbours, whatever their routes" {
	web web --net bridge0 -p 127.0.0.1:8080:80 -p 127.0.0.1:8080:80/udp
	reaches host 127.0.0.1 8080
	all 'no_reach lan 192.0.2.1 8080' 'no_reach host 192.0.2.1 8080'
	ip netns exec lan sysctl -qw net.ipv4.conf.all.route_localnet=1
	ip -n lan rule add to 127.0.0.0/8 lookup 100 pref 0
	ip -n lan rule add lookup local pref 10
	ip -n lan rule del pref 0 lookup local
	ip -n lan route add 127.0.0.0/8 via 192.0.2.1 table 100
	no_reach lan 127.0.0.1 8080
	ip -n lan rule add lookup local pref 0
	ip -n lan rule del pref 10
	ip -n lan rule del to 127.0.0.0/8 lookup 100 pref 0
}

@test "a published port opens nothing of the host's own loopback to containers" {
	serve "" local TCP4-LISTEN:7777,bind=127.0.0.1
	web web --net bridge0 -p 8080:80 --cap-add NET_ADMIN
	ct exec web ip rule add to 127.0.0.0/8 lookup 100 pref 0 || skip "no rule can be set inside"
	ct exec web ip route add 127.0.0.0/8 via 10.99.0.1 table 100
	all 'silent web tcp 127.0.0.1 7777' 'silent web tcp 10.99.0.1 7777'
}

@test "one address of the host, in its family only" {
	web web --net bridge0 -p 192.0.2.1:8080:80 -p 192.0.2.1:8080:80/udp \
		-p '[2001:db8:1::1]:8081:80' -p '[2001:db8:1::1]:8081:80/udp'
	reaches lan 192.0.2.1 8080
	all 'no_reach lan 2001:db8:1::1 8080' 'no_reach host 127.0.0.1 8080' \
		'no_reach host 10.99.0.1 8080'
	reaches lan 2001:db8:1::1 8081
	all 'no_reach lan 192.0.2.1 8081' 'no_reach host ::1 8081'
}

@test "0.0.0.0 and :: are every address of their family" {
	web web --net bridge0 -p 0.0.0.0:8080:80 -p 0.0.0.0:8080:80/udp \
		-p '[::]:8081:80' -p '[::]:8081:80/udp'
	reaches lan 192.0.2.1 8080
	reaches host 127.0.0.1 8080
	all 'no_reach lan 2001:db8:1::1 8080' 'no_reach host ::1 8080'
	reaches lan 2001:db8:1::1 8081
	reaches host ::1 8081
	all 'no_reach lan 192.0.2.1 8081' 'no_reach host 127.0.0.1 8081'
	refuses 125 '8080/tcp is published by container web' \
		in_box --net bridge0 -p 192.0.2.1:8080:1 true
	refuses 125 '8081/tcp is published by container web' in_box --net bridge0 -p 8081:1 true
}

@test "::1 alone" {
	web web --net bridge0 -p '[::1]:8080:80' -p '[::1]:8080:80/udp'
	reaches host ::1 8080
	all 'no_reach host 127.0.0.1 8080' 'no_reach lan 2001:db8:1::1 8080'
}

@test "a container without IPv6 answers at localhost in both families" {
	ctnet create v4 --subnet 10.97.0.0/24
	web web --net v4 -p 8080:80 -p 8080:80/udp
	reaches host 127.0.0.1 8080
	reaches host ::1 8080
	reaches lan 192.0.2.1 8080
	# and is refused where it is not published, not reset after an answer
	gives 1 ip netns exec lan timeout 5 socat -u /dev/null 'tcp:[2001:db8:1::1]:8080'
	complains 'refused'
}

@test "packets to others pass: the port is published on the host, not on its way" {
	web web --net bridge0 -p 5353:80 -p 5353:80/udp
	web peer --net bridge0
	local v
	for v in 4 6; do
		# it reads before it answers and ends: what nobody read would reset the answer
		# shellcheck disable=SC2016
		bg "lantcp$v" ip netns exec lan socat "TCP$v-LISTEN:5353$([ $v = 4 ] || echo ,ipv6only=1),reuseaddr,fork" \
			'SYSTEM:read -r line; echo $SOCAT_PEERADDR'
		wait_for 10 ip netns exec lan sh -c "ss -Hltn$v 'sport = :5353' | grep -q ."
	done
	[[ $(PATIENCE=10 ask peer tcp 192.0.2.2 5353) == 192.0.2.1 ]]
	[[ $(PATIENCE=10 ask peer tcp 2001:db8:1::2 5353) == *2001:* ]]
	[[ $(PATIENCE=10 ask host tcp 192.0.2.2 5353) == 192.0.2.1 ]]
}

@test "the administrator's chain decides first" {
	web web --net bridge0 -p 8080:80 -p 8080:80/udp
	reaches lan 192.0.2.1 8080
	nft add rule inet ctnet user iifname lan0 drop
	all 'no_reach lan 192.0.2.1 8080' 'no_reach lan 2001:db8:1::1 8080'
	nft flush chain inet ctnet user
	reaches lan 192.0.2.1 8080
}

@test "ranges: onto the same ports and onto others" {
	web web --net bridge0 -p 80-90:80 -p 80-90:80/udp -p 9075-9085:75 -p 9075-9085:75/udp
	reaches lan 192.0.2.1 80
	reaches lan 2001:db8:1::1 80
	reaches host ::1 80
	reaches lan 192.0.2.1 9080
	reaches lan 2001:db8:1::1 9080
	reaches host ::1 9080
	no_reach lan 192.0.2.1 9081
	equal "$(nft -j list map inet ctnet p4rng | jq '[.nftables[] | .map // empty | .elem | length] | add')" 2
	gives 0 ct ps
	[[ ${lines[1]} == *' 0.0.0.0:80-90->80-90/tcp, 0.0.0.0:80-90->80-90/udp, 0.0.0.0:9075-9085->75-85/tcp, '* ]] ||
		fail "ct ps does not show them"
	gives 0 ct ps -j
	equal "$(jq '.[0].ports | length' <<<"$output")" 44
	equal "$(jq -c '.[0].ports[22]' <<<"$output")" \
		'{"host_ip":"","host_port":9075,"port":75,"protocol":"tcp"}'
}

@test "published and taken back while the container runs" {
	web web --net bridge0
	no_reach lan 192.0.2.1 8080
	gives 0 ctnet publish web 8080:80 8080:80/udp
	equal "${lines[0]}" '8080->80/tcp'
	equal "${lines[1]}" '8080->80/udp'
	reaches lan 192.0.2.1 8080
	reaches lan 2001:db8:1::1 8080
	reaches host ::1 8080
	gives 0 ctnet -j publish web 127.0.0.1:9000-9001:90
	equal "$(jq -c . <<<"$output")" '[{"host_ip":"127.0.0.1","host_port":9000,"port":90,"protocol":"tcp"},{"host_ip":"127.0.0.1","host_port":9001,"port":91,"protocol":"tcp"}]'
	equal "$(ct ps -j | jq '.[0].ports | length')" 4
	equal "$(keepers)" 1
	gives 0 ctnet unpublish web 8080:80/udp
	equal "$(ask lan udp 192.0.2.1 8080)" ""
	equal "$(PATIENCE=10 ask lan tcp 192.0.2.1 8080)" "web 192.0.2.2"
	gives 0 ctnet unpublish web 8080:80 127.0.0.1:9000-9001:90
	all 'no_reach lan 192.0.2.1 8080' 'no_reach host ::1 8080'
	equal "$(ct ps -j | jq '.[0].ports | length')" 0
	equal "$(elements)" 0
	wait_for 5 no_keepers
	equal "$(records)" 0
	refuses 1 'does not publish 8080/tcp to port 80' ctnet unpublish web 8080:80
}

@test "host port 0 is a free one, and told" {
	web web --net bridge0 -p 0:80 -p 0:80/udp
	local tcp udp
	tcp=$(ct ps -j | jq '.[0].ports[] | select(.protocol == "tcp").host_port')
	udp=$(ct ps -j | jq '.[0].ports[] | select(.protocol == "udp").host_port')
	((tcp > 1023 && udp > 1023)) || fail "no port was chosen"
	equal "$(PATIENCE=10 ask lan tcp 192.0.2.1 "$tcp")" "web 192.0.2.2"
	equal "$(PATIENCE=10 ask lan udp 192.0.2.1 "$udp")" "web 192.0.2.2"
	gives 0 ctnet publish web 0:80
	[[ $output =~ ^([0-9]+)-\>80/tcp$ ]] || fail "not told"
	equal "$(PATIENCE=10 ask lan tcp 192.0.2.1 "${BASH_REMATCH[1]}")" "web 192.0.2.2"
	gives 0 ctnet unpublish web 0:80/udp
	equal "$(ask lan udp 192.0.2.1 "$udp")" ""
}

@test "a port belongs to one container: ranges, addresses, families, protocols" {
	start one --net bridge0 -p 8000-8010:80 -p 127.0.0.1:9000:80 -p '[2001:db8:1::1]:9001:80'
	start two --net bridge0
	refuses 1 'port 8005/tcp is published by container one' ctnet publish two 8005:80
	refuses 1 'port 192.0.2.1:8005/tcp is published by container one' \
		ctnet publish two 192.0.2.1:8005:80
	refuses 1 'port 8000/tcp is published by container one' ctnet publish two 7990-8001:80
	refuses 1 'port 9000/tcp is published by container one' ctnet publish two 9000:80
	refuses 1 'port 9001/tcp is published by container one' ctnet publish two 9001:80
	refuses 1 'port 7000/tcp is asked for twice' ctnet publish two 7000:80 6999-7001:80
	refuses 125 'port 8005/tcp is published by container one' \
		in_box --net bridge0 -p 8005:80 true
	gives 0 ctnet publish two 8005:80/udp 192.0.2.1:9000:80 '[::1]:9001:80' 192.0.2.1:9001:80
	# of what was refused nothing is left
	equal "$(ct ps -j | jq '.[] | select(.name == "two").ports | length')" 4
	gives 0 ctnet publish two 7990:80 7000:80
}

@test "a port that a program of the host has is refused by its name, before anything is built" {
	serve "" hosttcp TCP-LISTEN:8080
	bg hostudp socat UDP4-RECVFROM:8081,bind=192.0.2.1,fork SYSTEM:true
	local udp=$bg_pid
	wait_for 5 eval 'ss -Hlnu "sport = :8081" | grep -q .'
	local before
	before=$(ip -o link | wc -l)
	refuses 125 "port 8080/tcp is in use by socat \(pid [0-9]+\)" \
		in_box --net bridge0 -p 8080:80 true
	refuses 125 "port 8081/udp is in use by socat \(pid $udp\)" \
		in_box --net bridge0 -p 8081:80/udp true
	equal "$(ip -o link | wc -l)" "$before"
	equal "$(find /run/ctnet/net/*/attach -type f 2>/dev/null | wc -l)" 0
	equal "$(records)" 0
	gives 0 in_box --net bridge0 -p 8080:80/udp -p 127.0.0.1:8081:80/udp true
}

@test "nobody of the host gets a port while it is published, everybody afterwards" {
	start web --net bridge0 -p 8080:80 -p 8080:80/udp
	local addr
	for addr in TCP4-LISTEN:8080 TCP6-LISTEN:8080 TCP4-LISTEN:8080,bind=127.0.0.1; do
		gives 1 timeout 5 socat -u "$addr,reuseaddr" -
		complains 'Address already in use'
	done
	gives 1 timeout 5 socat -u UDP4-RECVFROM:8080,reuseaddr -
	complains 'Address already in use'
	gives 0 ctnet unpublish web 8080:80
	serve "" own TCP-LISTEN:8080
	# shellcheck disable=SC2016 # evaluated when it is tried
	wait_for 5 eval '[ "$(PATIENCE=10 ask host tcp 127.0.0.1 8080)" = 127.0.0.1 ]'
}

@test "the next container gets the port as soon as the first has ended" {
	for _ in 1 2 3; do
		gives 0 in_box --net bridge0 -p 8080:80 -p 8080:80/udp -p 9000-9100:80 true
	done
}

@test "publishing keeps neither the caller's output nor its terminal open" {
	start web --net bridge0
	gives 0 timeout 10 sh -c 'ctnet publish web 8080:80 8080:80/udp | cat'
	equal "$(readlink "/proc/$(pgrep -x ct-ports)/fd/0" "/proc/$(pgrep -x ct-ports)/fd/2" | sort -u)" /dev/null
	equal "$(pgrep -cx ct-ports)" 1
}

@test "networks that cannot publish say why, before anything is built" {
	ctnet create closed --subnet 10.96.0.0/24 --internal
	refuses 125 'network closed cannot publish ports: it is internal' \
		in_box --net closed -p 8080:80 true
	ctnet create mv --driver macvlan --parent lan0 --subnet 10.95.0.0/24
	refuses 125 'network mv cannot publish ports: its packets do not pass the host' \
		in_box --net mv -p 8080:80 true
	refuses 125 'without a network cannot be published' in_box -p 8080:80 true
	refuses 125 'with --net host cannot be published' in_box --net host -p 8080:80 true
	start lone
	refuses 1 'container lone has no network' ctnet publish lone 8080:80
	refuses 1 'has no IPv6 address' eval 'ctnet create v4 --subnet 10.94.0.0/24 >/dev/null; \
		ctnet connect v4 lone >/dev/null; ctnet publish lone "[2001:db8:1::1]:8080:80"'
	refuses 1 '192.0.2.77 is not an address of this host' ctnet publish lone 192.0.2.77:8080:80
	refuses 2 'is not \[HOSTIP:\]HOSTPORT' ctnet publish lone 8080
	refuses 1 'no container' ctnet publish nobody 8080:80
	# the first that can
	web web --net closed --net bridge0 -p 8080:80 -p 8080:80/udp
	reaches lan 192.0.2.1 8080
}

@test "a routed port publishes, too" {
	ctnet create routed --driver ptp --subnet 10.93.0.0/24 --subnet fd93::/64
	web web --net routed -p 8080:80 -p 8080:80/udp
	for host in 192.0.2.1 2001:db8:1::1; do
		reaches lan "$host" 8080
		reaches host "$host" 8080
		reaches web "$host" 8080
	done
	reaches host 127.0.0.1 8080
	reaches host ::1 8080
}

@test "[publish] address is where ports go that name none" {
	printf '[publish]\naddress = 127.0.0.1 ::1\n' >/etc/ctnet/ctnet.conf
	web web --net bridge0 -p 8080:80 -p 8080:80/udp
	reaches host 127.0.0.1 8080
	reaches host ::1 8080
	all 'no_reach lan 192.0.2.1 8080' 'no_reach lan 2001:db8:1::1 8080'
	gives 0 ctnet unpublish web 8080:80
	printf '[publish]\naddress = 127.0.0.300\n' >/etc/ctnet/ctnet.conf
	refuses 1 'ctnet.conf:2.*127.0.0.300' ctnet publish web 8082:80
}

# talk SOCAT-ADDRESS FILE - a client that sends every tenth of a second from one port
talk()
{
	export TALK=$BATS_TEST_TMPDIR/$2
	# shellcheck disable=SC2016
	bg talk ip netns exec lan socat -T 30 "$1,bind=:4444" \
		'SYSTEM:exec 3<&0; cat <&3 >"$TALK" & while echo; do sleep 0.1; done'
}

heard()
{
	grep -q "^$2 " "$BATS_TEST_TMPDIR/$1"
}

stale()
{
	ctnet create two --subnet 10.92.0.0/24 --subnet fd92::/64
	# before there is anybody
	talk "$1" heard
	wait_for 5 eval "is_bound 4444"
	web web --net bridge0 -p 7070:80/udp
	wait_for 3 heard heard web
	ctnet unpublish web 7070:80/udp
	web other --net two -p 7070:80/udp
	wait_for 3 heard heard other
}

is_bound()
{
	ip netns exec lan ss -Huan "sport = :$1" | grep -q .
}

@test "a client that never stops sending reaches whoever has the port now, over IPv4" {
	stale UDP4-DATAGRAM:192.0.2.1:7070
}

@test "a client that never stops sending reaches whoever has the port now, over IPv6" {
	stale 'UDP6-DATAGRAM:[2001:db8:1::1]:7070'
}

@test "a client that never stops sending reaches the successor of a container that was killed" {
	web web --net bridge0 -p 7070:80/udp
	local runner=$bg_pid
	talk UDP4-DATAGRAM:192.0.2.1:7070 heard
	wait_for 3 heard heard web
	kill -KILL "$runner"
	wait_for 10 is_gone "$runner"
	web other --net bridge0 -p 7070:80/udp
	wait_for 3 heard heard other
}

@test "a connection to ::1 ends one way at a time" {
	# shellcheck disable=SC2016
	bg sum ctrun --name sum --net bridge0 -p 8080:80 -- \
		socat TCP6-LISTEN:80,ipv6only=0,fork,reuseaddr 'EXEC:md5sum'
	wait_for 10 is_running sum
	wait_for 10 eval 'ct exec sum ss -Hlnt "sport = :80" | grep -q .'
	head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/data"
	local want
	want=$(md5sum <"$BATS_TEST_TMPDIR/data")
	equal "$(timeout 10 socat -t 5 - 'TCP:[::1]:8080' <"$BATS_TEST_TMPDIR/data")" "$want"
	equal "$(timeout 10 socat -t 5 - 'TCP:127.0.0.1:8080' <"$BATS_TEST_TMPDIR/data")" "$want"
	run ct exec sum pkill socat # the first process goes, and this one with it
	wait_for 5 no_keepers
}

@test "a runner that was killed leaves no element, no record and no keeper" {
	web web --net bridge0 -p 8080:80 -p 8080:80/udp -p 127.0.0.1:9000-9010:80
	local runner=$bg_pid
	(($(elements) > 0)) || fail "nothing was published"
	kill -KILL "$runner"
	wait_for 10 is_gone "$runner"
	wait_for 10 no_keepers
	gives 0 ctnet gc
	equal "$(elements)" 0
	equal "$(records)" 0
	gives 0 in_box --net bridge0 -p 8080:80 -p 8080:80/udp -p 127.0.0.1:9000-9010:80 true
}

@test "ports of a container go with its network" {
	web web --net bridge0 -p 8080:80 -p 8080:80/udp
	gives 0 ctnet disconnect bridge0 web
	equal "$(elements)" 0
	equal "$(records)" 0
	equal "$(keepers)" 0
	equal "$(ct ps -j | jq '.[0].ports | length')" 0
	gives 0 ctnet rm bridge0
}

@test "a network is removed with what its dead published" {
	web web --net bridge0 -p 8080:80
	local runner=$bg_pid
	kill -KILL "$runner"
	wait_for 10 is_gone "$runner"
	gives 0 ctnet rm -f bridge0
	equal "$(records)" 0
}

@test "127.0.0.1 is let through on a bridge only while somebody publishes there" {
	equal "$(sysctl -n net.ipv4.conf.bridge0.route_localnet)" 0
	web one --net bridge0 -p 8080:80
	web two --net bridge0 -p 8081:80
	equal "$(sysctl -n net.ipv4.conf.bridge0.route_localnet)" 1
	gives 0 ctnet unpublish one 8080:80
	equal "$(sysctl -n net.ipv4.conf.bridge0.route_localnet)" 1
	gives 0 ctnet unpublish two 8081:80
	equal "$(sysctl -n net.ipv4.conf.bridge0.route_localnet)" 0
}

@test "after somebody flushed all rules, reload brings published ports back" {
	web web --net bridge0 -p 8080:80 -p 8080:80/udp
	nft flush ruleset
	no_reach lan 192.0.2.1 8080
	gives 0 ctnet gc
	reaches lan 192.0.2.1 8080
	reaches lan 2001:db8:1::1 8080
}

@test "curl from a neighbour to a published httpd" {
	start web --net bridge0 -p 8080:80 -- sh -c 'echo served >/tmp/page; httpd -f -p 80 -h /tmp'
	wait_for 5 ip netns exec lan curl -sf -m 2 http://192.0.2.1:8080/page
	equal "$(ip netns exec lan curl -sf -m 5 http://192.0.2.1:8080/page)" served
	equal "$(ip netns exec lan curl -gsf -m 5 'http://[2001:db8:1::1]:8080/page')" served
	equal "$(curl -gsf -m 5 'http://[::1]:8080/page')" served
	equal "$(curl -sf -m 5 http://localhost:8080/page)" served
}

@test "ten thousand ports in one go, and one more" {
	start web --net bridge0
	gives 0 ctnet -q publish web 20000-29999:30000 30000-39999:30000/udp
	gives 0 ctnet publish web 8080:80
	equal "$(ct ps -j | jq '.[0].ports | length')" 20001
	refuses 1 'port 25000/tcp is published by container web' ctnet publish web 25000:80
	gives 0 ctnet unpublish web 20000-29999:30000
	gives 0 ctnet publish web 25000:80
}

# listening N FIRST LAST - so many of these ports at [::1]
listening()
{
	[ "$(ss -Hltn6 "src [::1] and sport >= :$2 and sport <= :$3" | wc -l)" = "$1" ]
}

@test "many ports are spread over as many keepers as their limit of open files asks for" {
	start web --net bridge0
	gives 0 prlimit --nofile=256:256 ctnet -q publish web 20000-20199:30000
	equal "$(keepers)" 4
	wait_for 5 listening 200 20000 20199
	# one more where there is room
	gives 0 ctnet -q publish web 8080:80
	equal "$(keepers)" 4
	gives 1 timeout 5 socat -u TCP-LISTEN:20199,reuseaddr -
	complains 'Address already in use'
	gives 0 ctnet unpublish web 20000-20199:30000 8080:80
	wait_for 5 no_keepers
}

# Connections that the host made itself keep their ports of 32768 and above for a minute.
@test "every port of the host at once" {
	start web --net bridge0
	gives 0 ctnet -q publish web 1-32767:1 1-65535:1/udp
	refuses 1 'port 65535/udp is published by container web' ctnet publish web 65535:80/udp
	equal "$(elements)" 4
	gives 0 ctnet unpublish web 1-65535:1/udp 1-32767:1
	wait_for 5 no_keepers
	equal "$(records)" 0
}

@test "what the kernel does not speak is refused, and what provides it is told" {
	start web --net bridge0
	if ctnet -q publish web 8080:80/sctp 2>/dev/null; then
		skip "this kernel has sctp"
	fi
	refuses 1 'this kernel has no sctp' ctnet publish web 8080:80/sctp
	complains 'modprobe sctp'
	refuses 1 'this kernel has no sctp' ctnet publish web 8080:80 8080:80/sctp
	equal "$(records)" 0
	wait_for 5 no_keepers
}

# bats test_tags=vm
@test "sctp, where the kernel speaks it" {
	start web --net bridge0
	ctnet -q publish web 8080:80/sctp 2>/dev/null || skip "this kernel has no sctp (CONFIG_IP_SCTP)"
	# -u: the end of what is read here would end the association, which has no half of it
	local client=(socat -u -T 2 SCTP4:192.0.2.1:8080 -)
	bg server nsenter -t "$(pid_of web)" -n socat SCTP4-LISTEN:80,fork,reuseaddr SYSTEM:'echo web'
	wait_for 10 eval "ip netns exec lan ${client[*]} </dev/null | grep -qx web"
	gives 0 "${client[@]}" </dev/null
	equal "$output" web
	gives 0 ctnet unpublish web 8080:80/sctp
	run --separate-stderr ip netns exec lan "${client[@]}" </dev/null
	equal "$output" ""
}

@test "a bridge that was deleted by hand is, once healed, a way from 127.0.0.1 again" {
	local setting=/proc/sys/net/ipv4/conf/bridge0/route_localnet
	start web --net bridge0 -p 127.0.0.1:8080:80
	equal "$(<$setting)" 1
	ip link del bridge0
	gives 0 ctnet reload
	equal "$(<$setting)" 1
	gives 0 ctnet unpublish web 127.0.0.1:8080:80
	equal "$(<$setting)" 0
	ip link del bridge0
	gives 0 ctnet reload
	equal "$(<$setting)" 0
}
