#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ctlab link and impair: a wire changed while it is in use.

load lib
load lab

# pair [KEY=VALUE...] - the lab "pair": nodes a and b with a link; the words are its keys
pair()
{
	LAB=$(lab_file pair <<-END
		[lab]
		name = pair
		[node.a]
		exec.1 = "ip route add 192.0.2.0/24 via 10.0.0.2"
		[node.b]
		[node.s]
		kind = switch
		[link.ab]
		ends = a:eth0 b:eth0
		subnet = 10.0.0.0/30 fd00::/64
		$(printf '%s\n' "$@")
		[links]
		hard = a:eth1 b:eth1 subnet=10.0.1.0/30 wire=direct
		sa = a:eth2 s:p1 ip=10.2.0.1/24,
		sb = b:eth2 s:p2 ip=10.2.0.2/24,
	END
	)
	ctlab up "$LAB"
}

# what is in force on link ab, as JSON
impairments()
{
	ctlab status -j pair | jq -c '.[0].links[] | select(.name == "ab") | .impairments'
}

# in_fabric COMMAND... - in the network namespace of the wires
in_fabric()
{
	nsenter -t "$(supervisor_of pair)" -n "$@"
}

# queues - all queueing disciplines and filters of the fabric, without their counters
queues()
{
	local dev
	in_fabric tc qdisc show
	for dev in $(in_fabric ip -o link show | awk -F'[ :@]+' '{ print $2 }'); do
		in_fabric tc filter show dev "$dev" ingress
		in_fabric tc filter show dev "$dev" egress
	done
}

# answered COUNT ADDRESS - how many of so many echoes
answered()
{
	ctlab exec pair a ping -qc "$1" -i 0.005 -W 1 "$2" |
		sed -n 's/.* \([0-9]*\) received.*/\1/p'
}

@test "a cable cut: no carrier, addresses and routes stay on both ends" {
	pair
	local node before_a before_b
	before_a=$(ctlab exec pair a sh -c 'ip -o addr show dev eth0; ip route; ip -6 route' | sed 's/ linkdown//; s/ proto.*//')
	before_b=$(ctlab exec pair b sh -c 'ip -o addr show dev eth0; ip route; ip -6 route' | sed 's/ linkdown//; s/ proto.*//')
	ctlab exec pair a ping -qc 1 -W 5 10.0.0.2
	ctlab link pair ab down
	for node in a b; do
		equal "$node $(ctlab exec pair $node cat /sys/class/net/eth0/carrier)" "$node 0"
		# up still: it is the cable that is out
		ctlab exec pair $node ip -o link show eth0 | grep -q 'NO-CARRIER.*UP'
	done
	run ctlab exec pair a ping -qc 1 -W 1 10.0.0.2
	[ "$status" != 0 ] || fail "a cut cable carries packets"
	equal "$(ctlab exec pair a sh -c 'ip -o addr show dev eth0; ip route; ip -6 route' |
		sed 's/ linkdown//; s/ proto.*//')" "$before_a"
	equal "$(ctlab exec pair b sh -c 'ip -o addr show dev eth0; ip route; ip -6 route' |
		sed 's/ linkdown//; s/ proto.*//')" "$before_b"
	# again is no error
	ctlab link pair ab down
	ctlab link pair ab up
	for node in a b; do
		wait_for 5 eval "[ \"\$(ctlab exec pair $node cat /sys/class/net/eth0/carrier)\" = 1 ]"
	done
	wait_for 5 ctlab exec pair a ping -qc 1 -W 1 10.0.0.2
	wait_for 5 ctlab exec pair a ping -qc 1 -W 1 fd00::2
	ctlab exec pair a ip route show 192.0.2.0/24 | grep -q 'via 10.0.0.2'
}

@test "a cable between a node and a switch" {
	pair
	ctlab exec pair a ping -qc 1 -W 5 10.2.0.2
	ctlab link pair sa down
	equal "$(ctlab exec pair a cat /sys/class/net/eth2/carrier)" 0
	equal "$(ctlab exec pair b cat /sys/class/net/eth2/carrier)" 1
	ctlab link pair sa up
	wait_for 5 ctlab exec pair a ping -qc 1 -W 1 10.2.0.2
}

@test "loss, live: within the 99 % interval; back to nothing" {
	pair
	equal "$(answered 50 10.0.0.2)" 50
	ctlab impair pair ab loss.ab=30%
	equal "$(impairments)" '{"ab":{"loss":"30%"},"ba":{}}'
	# of 400 with 30 % lost: 280 expected, 9.2 is sigma, 2.58 of them are 99 %; 4 here, for
	# a test that is run often
	local n
	n=$(answered 400 10.0.0.2)
	((n > 243 && n < 317)) || fail "$n of 400 answered"
	ctlab impair pair ab loss=100%
	run ctlab exec pair a ping -qc 2 -i 0.01 -W 1 10.0.0.2
	equal "$status" 1
	ctlab impair pair ab none
	equal "$(impairments)" '{"ab":{},"ba":{}}'
	equal "$(answered 50 10.0.0.2)" 50
}

@test "rate, live: no faster than that, and as fast as before without" {
	pair
	bg sink ctlab exec pair b socat -u TCP-LISTEN:5001,fork,reuseaddr OPEN:/dev/null
	wait_for 10 eval 'ctlab exec pair b ss -Hltn "sport = :5001" | grep -q .'
	ctlab impair pair ab rate=4mbit
	equal "$(impairments)" '{"ab":{"rate":"4mbit"},"ba":{"rate":"4mbit"}}'
	local from to
	from=$(date +%s%N)
	# 1 MB are 2 s; the bucket and the queue let some pass at once
	ctlab exec pair a sh -c 'head -c 1000000 /dev/zero | socat -u - TCP:10.0.0.2:5001'
	# what is in the queue has yet to pass
	wait_for 20 eval '(($(ctlab status -j pair | jq ".[0].links[0].traffic.ab.bytes") > 1000000))'
	to=$(date +%s%N)
	((to - from > 1600000000)) || fail "1 MB in $((to - from)) ns at 4 mbit"
	# another rate, in place; then one direction without
	ctlab impair pair ab rate=100mbit
	ctlab impair pair ab rate.ba=0
	equal "$(impairments)" '{"ab":{"rate":"100mbit"},"ba":{}}'
}

@test "one parameter without resetting the others; none, and none with more" {
	pair rate=50mbit loss=1%
	equal "$(impairments)" '{"ab":{"rate":"50mbit","loss":"1%"},"ba":{"rate":"50mbit","loss":"1%"}}'
	ctlab impair pair ab loss.ba=2%
	equal "$(impairments)" '{"ab":{"rate":"50mbit","loss":"1%"},"ba":{"rate":"50mbit","loss":"2%"}}'
	ctlab impair pair ab rate=20mbit queue=100p
	equal "$(impairments)" '{"ab":{"rate":"20mbit","loss":"1%","queue":"100p"},"ba":{"rate":"20mbit","loss":"2%","queue":"100p"}}'
	ctlab impair pair ab loss=0 rate.ab=0
	equal "$(impairments)" '{"ab":{"queue":"100p"},"ba":{"rate":"20mbit","queue":"100p"}}'
	ctlab impair pair ab none loss=5%
	equal "$(impairments)" '{"ab":{"loss":"5%"},"ba":{"loss":"5%"}}'
}

@test "back to nothing leaves no queueing discipline and no filter" {
	pair
	local before
	before=$(queues)
	ctlab impair pair ab rate=10mbit loss=3%
	[ "$(queues)" != "$before" ] || fail "nothing was set"
	ctlab impair pair ab rate=20mbit loss.ba=0
	ctlab impair pair ab none
	equal "$(queues)" "$before"
	ctlab impair pair sa rate=10mbit loss=3%
	ctlab impair pair sa none
	equal "$(queues)" "$before"
}

@test "a change of the rate loses no packet" {
	pair rate=50mbit
	bg ping ctlab exec pair a ping -qc 200 -i 0.01 -W 2 10.0.0.2
	local ping=$bg_pid rate
	while ! is_gone "$ping"; do
		for rate in 40mbit 60mbit 45mbit 55mbit; do
			ctlab impair pair ab rate=$rate
		done
	done
	grep -q ' 200 received' "$BATS_TEST_TMPDIR/ping.out" || fail "$(cat "$BATS_TEST_TMPDIR/ping.out")"
}

@test "a cut wire that is impaired comes back impaired" {
	pair
	ctlab link pair ab down
	ctlab impair pair ab loss=100%
	ctlab link pair ab up
	run ctlab exec pair a ping -qc 2 -i 0.01 -W 1 10.0.0.2
	equal "$status" 1
	ctlab impair pair ab none
	wait_for 5 ctlab exec pair a ping -qc 1 -W 1 10.0.0.2
}

@test "what a node that is stopped had is there when it is back" {
	LAB=$(lab_file pair <<-'END'
		[lab]
		name = pair
		[node.a]
		[node.b]
		[link.ab]
		ends = a:eth0 b:eth0
		subnet = 10.0.0.0/30
	END
	)
	ctlab up "$LAB"
	ctlab impair pair ab loss=100%
	ctlab node pair b stop
	ctlab node pair b start
	equal "$(impairments)" '{"ab":{"loss":"100%"},"ba":{"loss":"100%"}}'
	run ctlab exec pair a ping -qc 2 -i 0.01 -W 1 10.0.0.2
	equal "$status" 1
	ctlab impair pair ab none
	wait_for 5 ctlab exec pair a ping -qc 1 -W 1 10.0.0.2
}

@test "what is refused, before anything changes" {
	pair rate=10mbit
	local before
	before=$(impairments)
	refuses 2 "'los' is nothing that a link does.*did you mean loss" ctlab impair pair ab los=1%
	refuses 2 "'loss' has no value" ctlab impair pair ab loss
	refuses 2 'loss: "5" is not a share' ctlab impair pair ab loss=5
	refuses 2 'rate: "5" is not a rate' ctlab impair pair ab rate=20mbit rate=5
	refuses 2 "'loss.cd' is nothing" ctlab impair pair ab loss.cd=1%
	refuses 2 "." ctlab impair pair ab
	refuses 1 "link ab: jitter without a delay.*hint: give a delay" ctlab impair pair ab jitter=5ms
	refuses 1 "has no link ba.*did you mean 'ab'" ctlab impair pair ba none
	refuses 1 "link hard is a direct wire.*wire = stitched" ctlab impair pair hard loss=1%
	refuses 1 "link hard is a direct wire.*wire = stitched" ctlab link pair hard down
	refuses 2 "'off' is neither up nor down" ctlab link pair ab off
	refuses 1 "has no link x" ctlab link pair x up
	equal "$(impairments)" "$before"
	# where the kernel has netem it is no lack
	if ! ctlab impair pair ab delay=5ms 2>/dev/null; then
		refuses 1 "the kernel cannot do: delay 5ms.*hint: .*netem" ctlab impair pair ab delay=5ms
		equal "$(impairments)" "$before"
	fi
}

# bats test_tags=vm
@test "delay and jitter, where the kernel has netem" {
	pair
	ctlab impair pair ab delay=20ms || skip "no netem"
	# there and back
	local rtt
	rtt=$(ctlab exec pair a ping -qc 5 -i 0.05 10.0.0.2 | sed -n 's|.*= \([0-9]*\)\..*|\1|p')
	((rtt >= 40 && rtt < 50)) || fail "a round trip of $rtt ms"
	ctlab impair pair ab loss=1%
	equal "$(impairments | jq -c .ab)" '{"delay":"20ms","loss":"1%"}'
	ctlab impair pair ab none
	rtt=$(ctlab exec pair a ping -qc 5 -i 0.05 10.0.0.2 | sed -n 's|.*= \([0-9]*\)\..*|\1|p')
	((rtt < 20)) || fail "a round trip of $rtt ms"
}
