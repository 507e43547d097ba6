#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# rate-in= and rate-out=: measured by transfers of a second and more, on the
# side that receives.

load lib

setup_file()
{
	make_rootfs
}

setup()
{
	tc qdisc add dev lo root tbf rate 1mbit burst 10k latency 50ms ||
		skip "this kernel has no tbf (CONFIG_NET_SCH_TBF)"
	tc qdisc del dev lo root
	ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
}

teardown()
{
	bg_end
	remove_networks
}

need_ifb()
{
	ip link add rateprobe type ifb || skip "this kernel has no ifb (CONFIG_IFB)"
	ip link del rateprobe
}

# bits_per_s BYTES COMMAND... - runs it; what it prints in a second, which is
# to be so many bytes in all
bits_per_s()
{
	local want=$1 begin end got
	shift
	begin=$(date +%s%N)
	got=$("$@" | wc -c)
	end=$(date +%s%N)
	[ "$got" = "$want" ] || fail "$got bytes came of $want" || return 1
	echo $((want * 8 * 1000000000 / (end - begin)))
}

# towards NAME HOST BYTES - the host sends to the container
towards()
{
	local listen=TCP-LISTEN
	[[ $2 != *:* ]] || listen=TCP6-LISTEN
	bg source socat -u "SYSTEM:head -c $3 /dev/zero" \
		"$listen:5000,bind=$(in_brackets "$2"),reuseaddr"
	wait_for 10 listens "" 5000 || return 1
	bits_per_s "$3" ct exec "$1" nc "$2" 5000
}

# from NAME ADDRESS BYTES - the container sends to the host
from()
{
	bg sender ct exec "$1" sh -c "head -c $3 /dev/zero | nc -l -p 5001"
	wait_for 10 ct exec "$1" sh -c 'netstat -ltn | grep -q :5001' || return 1
	bits_per_s "$3" socat -u "TCP:$(in_brackets "$2"):5001" -
}

in_brackets()
{
	[[ $1 == *:* ]] && echo "[$1]" || echo "$1"
}

# is_about WANT TOWARDS|FROM... - within a quarter; a busy machine may be slower
# than the limit, and gets another chance, but nothing is ever faster
is_about()
{
	local want=$1 got=0 try
	shift
	for try in 1 2 3; do
		got=$("$@") || return 1
		echo "# $*: $got bit/s of $want, try $try" >&2
		((got * 4 <= want * 5)) || fail "$got bit/s where the limit is $want"
		((got * 4 < want * 3)) || return 0
	done
	fail "$got bit/s where $want are allowed"
}

is_free()
{
	local limit=$1 got
	shift
	got=$("$@") || return 1
	((got > limit * 3)) || fail "$got bit/s, though nothing limits it"
}

no_ifb()
{
	! ip -o link show type ifb | grep 'ctnet:\|: ib'
}

@test "rate-in limits what goes to the container, over IPv4 and IPv6, and nothing else" {
	start one --net bridge0:rate-in=20mbit
	start two --net bridge0
	is_about 20000000 towards one 10.99.0.1 3000000
	is_about 20000000 towards one fd99::1 3000000
	is_free 20000000 from one "$(address one 4)" 3000000
	is_free 20000000 towards two 10.99.0.1 3000000
	no_ifb
}

@test "rate-out limits what comes from the container, over IPv4 and IPv6, and nothing else" {
	need_ifb
	start one --net bridge0:rate-out=20mbit
	start two --net bridge0
	is_about 20000000 from one "$(address one 4)" 3000000
	is_about 20000000 from one "$(address one 6)" 3000000
	is_free 20000000 towards one 10.99.0.1 3000000
	is_free 20000000 from two "$(address two 4)" 3000000
}

@test "a slow link and a fast one keep to their rates too" {
	need_ifb
	start slow --net bridge0:rate-in=1mbit,rate-out=2mbit
	start fast --net bridge0:rate-in=300mbit,rate-out=200mbit
	is_about 1000000 towards slow 10.99.0.1 200000
	is_about 2000000 from slow "$(address slow 4)" 400000
	is_about 300000000 towards fast 10.99.0.1 50000000
	is_about 200000000 from fast "$(address fast 4)" 35000000
}

@test "a container that may configure its network cannot lift its limit" {
	need_ifb
	start one --net bridge0:rate-out=10mbit --cap-add NET_ADMIN
	run ct exec one sh -c 'tc qdisc del dev eth0 root; tc qdisc del dev eth0 ingress
		ip link set eth0 txqueuelen 10000; ip link set eth0 mtu 9000'
	is_about 10000000 from one "$(address one 4)" 1500000
}

@test "what a limit needs on the host ends with the container" {
	need_ifb
	start one --net bridge0:rate-in=20mbit,rate-out=20mbit
	ip -o link show type ifb | grep ctnet:bridge0: || fail "no ifb with our mark"
	kill -TERM "$bg_pid"
	wait_for 10 is_gone "$bg_pid"
	no_ifb
}

@test "what a limit needs on the host ends with a disconnection" {
	need_ifb
	start two --net bridge0:rate-out=20mbit
	gives 0 ctnet disconnect bridge0 two
	no_ifb
}

@test "kill -9 of the runner leaves an ifb until the next sweep, and no longer" {
	need_ifb
	start one --net bridge0:rate-out=20mbit
	kill -KILL "$bg_pid"
	wait_for 10 is_gone "$bg_pid"
	gives 0 ctnet gc
	no_ifb
}

@test "an ifb that no record explains is swept, somebody else's is not" {
	need_ifb
	ip link add ibdeadbeef0000 type ifb
	ip link set ibdeadbeef0000 alias ctnet:bridge0:deadbeef0000:eth0
	ip link add mine type ifb
	gives 0 ctnet gc
	no_ifb
	ip link del mine
}

@test "a rate that is none is refused" {
	refuses 125 "rate-in" in_box --net bridge0:rate-in=0 true
	refuses 125 "rate-out" in_box --net bridge0:rate-out=fast true
}

@test "a network whose links have no end on the host refuses a limit" {
	ip link add par0 type veth peer name par1
	ip link set par0 up
	ip link set par1 up
	if ! ip link add link par0 name mvprobe type macvlan; then
		ip link del par0
		skip "this kernel has no macvlan (CONFIG_MACVLAN)"
	fi
	ip link del mvprobe
	gives 0 ctnet create mv --driver macvlan --parent par0 --subnet 10.98.0.0/24
	refuses 125 "macvlan have no end on the host" in_box --net mv:rate-in=1mbit true
	refuses 125 "macvlan have no end on the host" in_box --net mv:rate-out=1mbit true
	gives 0 ctnet rm mv
	ip link del par0
}

@test "limits hold on a network without a bridge" {
	need_ifb
	ctnet create p0 --driver ptp --subnet 10.98.0.0/24
	start one --net p0:rate-in=20mbit,rate-out=10mbit
	is_about 20000000 towards one 10.98.0.1 3000000
	is_about 10000000 from one "$(address one 4)" 1500000
}
