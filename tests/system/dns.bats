#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The name server of a network: what it answers, to whom it listens, whom it
# asks, when it lives.

load lib

setup_file()
{
	command -v dig >/dev/null || skip "dig (bind9-dnsutils) is not there"
	command -v dnsmasq >/dev/null || skip "dnsmasq (dnsmasq-base) is not there"
	make_rootfs
	world
	cp /etc/resolv.conf "$BATS_FILE_TMPDIR/resolv.conf"
	echo 'nameserver 192.0.2.2' >/etc/resolv.conf
}

teardown_file()
{
	cat "$BATS_FILE_TMPDIR/resolv.conf" >/etc/resolv.conf
	world_end
}

setup()
{
	server=10.99.0.1
	upstream_log=$BATS_TEST_TMPDIR/upstream.log
}

teardown()
{
	bg_end
	remove_networks
}

make_net()
{
	gives 0 ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64 --dns-server "$@"
}

# A server on the LAN that knows www.example.com and notes who asked for what.
upstream()
{
	: >"$upstream_log"
	chmod 666 "$upstream_log"
	bg upstream ip netns exec lan dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file \
		--no-resolv --no-hosts --bind-interfaces --listen-address=192.0.2.2 --log-queries \
		--log-facility="$upstream_log" --host-record=www.example.com,198.51.100.80 "$@"
	wait_for 10 listens lan 53
}

# inside CONTAINER COMMAND... - the host's command in the container's network
inside()
{
	local pid
	pid=$(ct ps -j | jq -er --arg n "$1" '.[] | select(.name == $n) | .pid')
	nsenter -t "$pid" -n "${@:2}"
}

# ask WORD... - a question from container one (or $from); "STATUS ANSWER..." in $output
ask()
{
	gives 0 inside "${from:-one}" dig +tries=1 +time=5 +noall +comments +answer "@$server" "$@"
	output=$(awk '/status:/ { sub(/,.*/, "", $6); printf "%s", $6 }
		/^[^;]/ { printf " %s", $5 } END { print "" }' <<<"$output")
}

answers()
{
	local want=$1
	shift
	ask "$@"
	equal "$output" "$want"
}

# Of the one dnsmasq that is ours: nobody else's has such a record.
server_pid()
{
	jq -er .pid /run/ctnet/net/*/dns/bridge0
}

no_server()
{
	[ -z "$(ss -Hlntu src "$server" sport = :53)" ] &&
		[ -z "$(find /run/ctnet/net/*/dns /run/ctnet/net/*/dns-local -type f)" ]
}

@test "names, aliases and addresses of containers, over IPv4 and IPv6, UDP and TCP" {
	make_net
	start one --net bridge0
	start two --net bridge0:alias=db
	local how
	for server in 10.99.0.1 fd99::1; do
		for how in +notcp +tcp; do
			answers 'NOERROR 10.99.0.2' $how one A
			answers 'NOERROR fd99::3' $how two AAAA
			answers 'NOERROR 10.99.0.3' $how db A
			answers 'NOERROR two.' $how -x 10.99.0.3
			answers 'NOERROR two.' $how -x fd99::3
		done
	done
	from=two answers 'NOERROR 10.99.0.2' one A
}

@test "a container asks the gateways, as it is" {
	make_net
	start one --net bridge0
	gives 0 ct exec one cat /etc/resolv.conf
	equal "$(grep ^nameserver <<<"$output")" $'nameserver 10.99.0.1\nnameserver fd99::1'
	! grep -q '^search' <<<"$output" || fail "a search domain"
	gives 0 ct exec one nslookup one
	prints '10\.99\.0\.2'
	gives 0 in_box --net bridge0 --dns 9.9.9.9 cat /etc/resolv.conf
	equal "$(grep ^nameserver <<<"$output")" 'nameserver 9.9.9.9'
}

@test "with several networks their name servers stand first" {
	make_net --internal
	gives 0 ctnet create plain0
	gives 0 ctnet create other0 --subnet 10.98.0.0/24 --dns-server
	gives 0 in_box --net bridge0 --net plain0 cat /etc/resolv.conf
	equal "$(grep ^nameserver <<<"$output")" \
		$'nameserver 10.99.0.1\nnameserver fd99::1\nnameserver 192.0.2.2'
	gives 0 in_box --net plain0 --net other0 cat /etc/resolv.conf
	equal "$(grep ^nameserver <<<"$output")" 'nameserver 10.98.0.1'
}

@test "a name is known when its container is, and not after it" {
	make_net
	start one --net bridge0
	local turn
	for turn in 1 2 3; do
		answers 'NXDOMAIN' two A
		answers 'NXDOMAIN' -x 10.99.0.$((turn + 2))
		# No waiting: the first thing that two does is to ask for itself.
		gives 0 in_box --name two --net bridge0 nslookup -type=a two 10.99.0.1
		prints "10\.99\.0\.$((turn + 2))"
	done
	answers 'NXDOMAIN' two A
}

@test "the world's names come from the host's servers, ours never go there" {
	upstream
	make_net
	start one --net bridge0:alias=web.example.org
	answers 'NOERROR 198.51.100.80' www.example.com A
	answers 'NOERROR 198.51.100.80' +tcp www.example.com A
	# names we have, with types we have not; names we have not; addresses nobody has
	answers 'NOERROR' one MX
	answers 'NXDOMAIN' nobody A
	answers 'NXDOMAIN' nobody TXT
	answers 'NOERROR 10.99.0.2' web.example.org A
	answers 'NOERROR' web.example.org MX
	answers 'NXDOMAIN' more.web.example.org A
	answers 'NXDOMAIN' -x 10.99.0.77
	answers 'NXDOMAIN' -x fd99::77
	answers 'NOERROR 127.0.0.1' localhost A
	equal "$(grep -o 'query\[.*\] [^ ]*' "$upstream_log" | sort -u)" 'query[A] www.example.com'
}

@test "a dotted name leaves with its container" {
	upstream --host-record=web.example.org,198.51.100.81
	make_net
	start one --net bridge0
	answers 'NOERROR 198.51.100.81' web.example.org A
	start two --net bridge0:alias=web.example.org
	answers 'NOERROR 10.99.0.3' web.example.org A
	gives 0 ct exec two true
	bg_end_one two
	answers 'NOERROR 198.51.100.81' web.example.org A
}

# Ends a container that start made, and waits for its runner.
bg_end_one()
{
	local runner
	runner=$(pgrep -of "ctrun --name $1 ")
	kill -TERM "$runner"
	wait_for 10 is_gone "$runner"
}

@test "servers of the configuration are asked in place of the host's" {
	echo 'nameserver 192.0.2.99' >/etc/resolv.conf
	cp /etc/ctnet/ctnet.conf "$BATS_TEST_TMPDIR/ctnet.conf"
	printf '[dns]\nservers = 192.0.2.2\n' >>/etc/ctnet/ctnet.conf
	upstream
	make_net
	start one --net bridge0
	ask www.example.com A
	cat "$BATS_TEST_TMPDIR/ctnet.conf" >/etc/ctnet/ctnet.conf
	echo 'nameserver 192.0.2.2' >/etc/resolv.conf
	equal "$output" 'NOERROR 198.51.100.80'
}

@test "an internal network answers its own names and refuses the world's" {
	upstream
	make_net --internal
	start one --net bridge0
	local how
	for server in 10.99.0.1 fd99::1; do
		for how in +notcp +tcp; do
			answers 'NOERROR 10.99.0.2' $how one A
			answers 'REFUSED' $how www.example.com A
			answers 'REFUSED' $how www.example.com TXT
		done
	done
	equal "$(grep -c query "$upstream_log")" 0
}

@test "an internal network does not reach another network's name server" {
	upstream
	make_net
	start one --net bridge0
	gives 0 ctnet create inner0 --internal --subnet 10.98.0.0/24 --subnet fd98::/64
	start two --net inner0
	inside two ip route add default via 10.98.0.1
	inside two ip -6 route add default via fd98::1
	local how vain=()
	for server in 10.99.0.1 fd99::1; do
		answers 'NOERROR 198.51.100.80' www.example.com A
		for how in +notcp +tcp; do
			vain+=("gives 9 inside two dig $how +tries=1 +time=1 @$server www.example.com A")
		done
	done
	all "${vain[@]}"
}

@test "containers of routed ports are served, also when they reach nothing else" {
	gives 0 ctnet create ptp0 --driver ptp --internal --subnet 10.98.0.0/24 --subnet fd98::/64 \
		--dns-server
	start one --net ptp0
	start two --net ptp0
	for server in 10.98.0.1 fd98::1; do
		answers 'NOERROR 10.98.0.3' two A
		from=two answers 'NOERROR fd98::2' one AAAA
		answers 'REFUSED' www.example.com A
	done
}

@test "it listens on the gateways and nowhere else, and can do nothing else" {
	make_net
	start one --net bridge0
	local pid
	pid=$(server_pid)
	equal "$(ss -Hlntup | grep "pid=$pid," | awk '{ print $1, $5 }' | sort)" \
		"$(printf '%s\n' 'tcp 10.99.0.1:53' 'tcp [fd99::1]:53' 'udp 10.99.0.1:53' 'udp [fd99::1]:53')"
	gives 0 cat "/proc/$pid/status"
	! [[ $output =~ Uid:[[:space:]]+0 ]] || fail "it is root"
	prints 'CapPrm:[[:space:]]+0000000000000000'
	prints 'CapEff:[[:space:]]+0000000000000000'
	prints 'NoNewPrivs:[[:space:]]+1'
	# its /tmp is its own
	equal "$(ls "/proc/$pid/root/tmp")" $'hosts\nlocal'
}

@test "it starts with the first container and ends with the last" {
	make_net
	no_server || fail "a server without containers"
	start one --net bridge0
	local pid runner=$bg_pid
	pid=$(server_pid)
	gives 0 in_box --net bridge0 true
	equal "$(server_pid)" "$pid"
	start two --net bridge0
	# it survives the command that started it
	kill -TERM "$runner"
	wait_for 10 is_gone "$runner"
	equal "$(server_pid)" "$pid"
	from=two answers 'NXDOMAIN' one A
	from=two answers 'NOERROR 10.99.0.4' two A
	bg_end_one two
	no_server || fail "a server without containers"
	is_gone "$pid" || fail "the process is left"
}

@test "a killed runner leaves it to gc" {
	make_net
	start one --net bridge0
	local pid
	pid=$(server_pid)
	kill -KILL "$bg_pid"
	wait_for 10 is_gone "$bg_pid"
	gives 0 ctnet gc
	no_server || fail "a server without containers"
	is_gone "$pid" || fail "the process is left"
}

@test "a killed server comes back with the next container, and with gc" {
	make_net
	start one --net bridge0
	local pid
	pid=$(server_pid)
	# a child of its own that holds a connection must not hold the port
	bg tcp inside one socat -u TCP:10.99.0.1:53 -
	wait_for 10 pgrep -P "$pid"
	kill -KILL "$pid"
	wait_for 10 is_gone "$pid"
	gives 0 in_box --net bridge0 nslookup -type=a one 10.99.0.1
	prints '10\.99\.0\.2'
	answers 'NOERROR 10.99.0.2' one A
	pid=$(server_pid)
	kill -KILL "$pid"
	wait_for 10 is_gone "$pid"
	gives 0 ctnet gc
	answers 'NOERROR 10.99.0.2' one A
}

@test "removing the network by force ends it" {
	make_net
	start one --net bridge0
	local pid
	pid=$(server_pid)
	gives 0 ctnet rm -f bridge0
	no_server || fail "it is left"
	is_gone "$pid" || fail "the process is left"
}

@test "one who holds a TCP connection blocks nobody" {
	make_net
	start one --net bridge0
	start two --net bridge0
	bg hold inside one socat -u TCP:10.99.0.1:53 -
	wait_for 10 pgrep -P "$(server_pid)"
	from=two answers 'NOERROR 10.99.0.2' one A
	from=two answers 'NOERROR 10.99.0.2' +tcp one A
}

hangup_waits()
{
	(($(awk '/^ShdPnd/ { print "0x" $2 }' "/proc/$(server_pid)/status") & 1))
}

@test "a container does not begin before the server has heard of it" {
	make_net
	start one --net bridge0
	kill -STOP "$(server_pid)"
	bg two ctrun --name two --rootfs "$ROOTFS" --net bridge0 sh -c 'echo begun; sleep 1000'
	wait_for 10 hangup_waits
	# as long as hardly anything else takes, and the waiting for it does
	sleep 0.3
	[ ! -s "$BATS_TEST_TMPDIR/two.out" ] || fail "it has begun"
	kill -CONT "$(server_pid)"
	wait_for 10 grep -q begun "$BATS_TEST_TMPDIR/two.out"
	answers 'NOERROR 10.99.0.3' two A
}

@test "containers that start together all have their names" {
	make_net
	start one --net bridge0
	local i
	for i in 1 2 3 4 5 6 7 8; do
		bg "c$i" ctrun --name "c$i" --rootfs "$ROOTFS" --net bridge0 sleep 1000
	done
	for i in 1 2 3 4 5 6 7 8; do
		wait_for 15 is_running "c$i"
		ask "c$i" A
		[[ $output == 'NOERROR 10.99.0.'* ]] || fail "c$i: $output"
	done
	for i in 1 2 3 4 5 6 7 8; do
		bg_end_one "c$i"
	done
	for i in 1 2 3 4 5 6 7 8; do
		answers 'NXDOMAIN' "c$i" A
	done
}

@test "without dnsmasq the network is refused, with the cure" {
	refuses 1 'dnsmasq is not installed' unshare -m sh -c "
		mount --bind /dev/null $(readlink -f "$(command -v dnsmasq)") &&
		exec ctnet create bridge0 --dns-server"
	complains 'apt install dnsmasq-base'
	equal "$(ctnet ls -j | jq length)" 0
}

@test "another server on the gateway's port is named, and nothing is left" {
	make_net
	bg other socat UDP-RECVFROM:53,bind=10.99.0.1 -
	wait_for 10 eval 'ss -Hlnu src 10.99.0.1 sport = :53 | grep -q .'
	refuses 125 '10\.99\.0\.1.*Address already in use' in_box --net bridge0 true
	complains 'ss -lnptu'
	bg_end
	no_server || fail "something is left"
	equal "$(ctnet inspect -j bridge0 | jq '.[0].containers | length')" 0
	gives 0 in_box --net bridge0 true
}

@test "killed at any of its steps, it leaves nothing that gc does not find" {
	[ -n "${CT_SANITIZED-}" ] || skip "only the sanitized twin has points to die at"
	local log=$BATS_TEST_TMPDIR/points points i
	make_net
	CT_CRASH_LOG=$log in_box --net bridge0 true
	mapfile -t points < <(grep -n '^dns: ' "$log" | cut -d: -f1)
	[ "${#points[@]}" -ge 3 ] || fail "points of dns: ${#points[@]}"
	for i in "${points[@]}"; do
		rm -f "$log"
		CT_CRASH_LOG=$log CT_CRASH_AT=$i in_box --net bridge0 true || true
		gives 0 ctnet gc
		wait_for 5 no_server || fail "left after point $i"
		gives 0 in_box --net bridge0 nslookup -type=a localhost 10.99.0.1
	done
}
