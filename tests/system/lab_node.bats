#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A node taken out of a running lab and put back, and its daemons restarted.

load lib
load lab

# three [LINES] - a, r, b in a row, r a router with a daemon; LINES are keys of r
three()
{
	LAB=$(lab_file three <<-END
		[lab]
		name = three
		[node.a]
		route.1 = default via 10.0.1.2
		[node.r]
		kind = router
		lo = 10.9.9.9
		$(printf '%s\n' "$@")
		[node.b]
		route.1 = default via 10.0.2.1
		[node.s]
		kind = switch
		[net.lan]
		subnet = 10.1.0.0/24
		members = a:lan=.1 r:lan=.2
		[links]
		ar = a:eth0 r:eth0 ip=10.0.1.1/24,10.0.1.2/24
		rb = r:eth1 b:eth0 ip=10.0.2.1/24,10.0.2.2/24 rate=1mbit
		rs = r:port s:port
		END
	)
}

pinged()
{
	in_node three a ping -c 1 -W 1 10.0.2.2 >/dev/null
}

# what a neighbour has: addresses, routes
settings()
{
	in_node three "$1" ip -o -4 addr show
	in_node three "$1" ip -4 route show | sed 's/ linkdown//'
}

@test "stop: its processes and namespaces end, neighbours keep addresses and routes, without carrier" {
	local a b pid addrs
	three 'exec.1 = "touch /run/began"' 'daemon.1 = "exec sleep 1000"'
	gives 0 ctlab up "$LAB"
	pinged
	a=$(node_pid three a)
	b=$(node_pid three b)
	pid=$(node_pid three r)
	addrs=$(settings a)
	gives 0 ctlab node three r stop
	[ ! -e "/proc/$pid" ] || fail "it runs"
	equal "$(node_pid three r)" ""
	equal "$(settings a)" "$addrs"
	equal "$(in_node three a ip -o link show eth0 | grep -c LOWER_UP)" 0
	# on a LAN the interface stays as it is: its bridge is there
	equal "$(in_node three a ip -o link show lan | grep -c LOWER_UP)" 1
	equal "$(node_pid three a) $(node_pid three b)" "$a $b"
	# once more is no error
	gives 0 ctlab node three r stop

	gives 0 ctlab node three r start
	wait_for 10 pinged
	equal "$(node_pid three a) $(node_pid three b)" "$a $b"
	equal "$(settings a)" "$addrs"
	gives 0 in_node three r ping -c 1 -W 5 10.1.0.1
	gives 0 in_node three r ip -o addr show lo
	prints '10.9.9.9/32'
	gives 0 nsenter -t "$(node_pid three r)" -m test -e /run/began
	gives 0 pgrep -P "$(node_pid three r)" -x sleep
	gives 0 ctlab node three r start
}

@test "stop and start five times: the wires are shaped as before, nothing gathers" {
	local links shaped word
	three
	gives 0 ctlab up "$LAB"
	links=$(nsenter -t "$(supervisor_of three)" -n ip -o link | wc -l)
	shaped=$(nsenter -t "$(supervisor_of three)" -n tc qdisc show | grep -c 'tbf.*rate 1Mbit')
	[ "$shaped" -gt 0 ] || fail "the wire is not shaped"
	for word in stop start stop start stop start stop start stop start; do
		gives 0 ctlab node three r "$word"
	done
	wait_for 10 pinged
	equal "$(nsenter -t "$(supervisor_of three)" -n ip -o link | wc -l)" "$links"
	equal "$(nsenter -t "$(supervisor_of three)" -n tc qdisc show | grep -c 'tbf.*rate 1Mbit')" "$shaped"
}

@test "both ends of a wire stopped, started in either order" {
	three
	gives 0 ctlab up "$LAB"
	gives 0 ctlab node three r stop
	gives 0 ctlab node three b stop
	gives 0 ctlab node three b start
	gives 0 ctlab node three r start
	wait_for 10 pinged
	gives 0 ctlab node three b stop
	gives 0 ctlab node three r stop
	gives 0 ctlab node three b start
	gives 0 ctlab node three r start
	wait_for 10 pinged
}

@test "stop.N runs, and a node that died by itself can be started" {
	local log=$BATS_TEST_TMPDIR/log
	mkdir "$log"
	three "mount.1 = $log:/mnt:rw" 'stop.1 = "echo bye >/mnt/said"'
	gives 0 ctlab up "$LAB"
	gives 0 ctlab node three r stop
	equal "$(<"$log/said")" bye
	gives 0 ctlab node three r start
	kill -KILL "$(node_pid three r)"
	gives 0 ctlab node three a stop
	gives 0 ctlab node three a start
	gives 0 ctlab node three r start
	wait_for 10 pinged
}

@test "a start that fails says why, and the node is as stopped as before" {
	local log=$BATS_TEST_TMPDIR/log
	mkdir "$log"
	three "mount.1 = $log:/mnt:rw" 'exec.1 = "test ! -e /mnt/bad"'
	gives 0 ctlab up "$LAB"
	gives 0 ctlab node three r stop
	touch "$log/bad"
	refuses 1 'node r: exec\.1' ctlab node three r start
	equal "$(node_pid three r)" ""
	rm "$log/bad"
	gives 0 ctlab node three r start
	wait_for 10 pinged
}

@test "a node with a direct wire is not stopped: wire = stitched" {
	local file
	file=$(lab_file three <<-'END'
		[node.a]
		[node.b]
		[node.c]
		[links]
		ab = a:eth0 b:eth0 wire=direct
		bc = b:eth1 c:eth0
		END
	)
	gives 0 ctlab up "$file"
	refuses 1 'link ab is a direct wire' ctlab node three b stop
	complains 'hint: wire = stitched'
	refuses 1 'link ab' ctlab node three a stop
	gives 0 ctlab node three c stop
	gives 0 ctlab node three c start
}

@test "restart: one daemon, all of them; others and the node go on" {
	local node
	three 'daemon.1 = "exec sleep 1001"' 'daemon.2 = "exec sleep 1002"'
	gives 0 ctlab up "$LAB"
	node=$(node_pid three r)
	pids() { for t in 1001 1002; do pgrep -P "$node" -f "^sleep $t"; done; }
	wait_for 5 pgrep -P "$node" -f "sleep 1002"
	read -r -d '' one two < <(pids) || true
	gives 0 ctlab restart three r 2
	wait_for 5 pgrep -P "$node" -f "^sleep 1002"
	equal "$(pids | head -1)" "$one"
	[ "$(pids | tail -1)" != "$two" ] || fail "it is the same process"
	gives 0 ctlab restart three r
	wait_for 5 pgrep -P "$node" -f "^sleep 1002"
	[ "$(pids | head -1)" != "$one" ] || fail "it is the same process"
	equal "$(node_pid three r)" "$node"
	gives 0 ctlab restart three r daemon.1
	refuses 1 'no daemon\.7' ctlab restart three r 7
	refuses 1 'node a has no daemons' ctlab restart three a
}

@test "what cannot be meant" {
	three
	gives 0 ctlab up "$LAB"
	refuses 1 "lab three has no node rr" ctlab node three rr stop
	complains "did you mean 'r'"
	refuses 1 'a switch' ctlab node three s stop
	refuses 2 'neither start nor stop' ctlab node three r restart
	refuses 2 'daemon' ctlab restart three r x
	refuses 1 'no lab tree' ctlab node tree r stop
	gives 0 ctlab node three r stop
	refuses 1 'node r does not run' ctlab restart three r
	complains 'ctlab node three r start'
	gives 2 ctlab node three r
}

@test "who asks for a stop or a start is killed: the lab goes on, and the next question is answered" {
	local word
	three 'exec.1 = "sleep 0.2"'
	gives 0 ctlab up "$LAB"
	for word in stop start stop start stop start stop start; do
		ctlab node three r "$word" &
		kill -KILL $!
		wait $! 2>/dev/null || true
	done
	gives 0 ctlab node three r start
	wait_for 10 pinged
}
