#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ctlab plan and apply: a running lab is made what its file says, and nothing else is touched.

load lib
load lab

# version N - $LAB: stdin as the lab's file
version()
{
	LAB=$(lab_file "lab$1")
	sed -i '1i [lab]\nname = lab' "$LAB"
}

# applies - what it prints is what plan printed, in whatever order; then nothing is left
applies()
{
	local planned
	gives 0 ctlab plan "$LAB"
	planned=$(sort <<<"$output")
	gives 0 ctlab apply "$LAB"
	equal "$(sort <<<"$output")" "$planned"
	[ -n "$planned" ] || fail "there was nothing to do"
	gives 0 ctlab plan "$LAB"
	equal "$output" ""
	gives 0 ctlab apply "$LAB"
	equal "$output" ""
}

# tells LINE... - among what plan has printed
tells()
{
	local line
	gives 0 ctlab plan "$LAB"
	for line; do
		grep -qxF -- "$line" <<<"$output" || fail "it does not say: $line"
	done
}

reaches()
{
	in_node lab "$1" ping -c 1 -W 1 "$2" >/dev/null 2>&1
}

pids()
{
	local node
	for node; do
		node_pid lab "$node"
	done
}

no_node()
{
	[ -z "$(node_pid lab "$1")" ]
}

# pings NODE ADDRESS - in the background, fifty a second; lost says whether none was lost
pings()
{
	bg ping nsenter -t "$(node_pid lab "$1")" -n ping -i 0.02 "$2"
	wait_for 5 grep -q icmp_seq=3 "$BATS_TEST_TMPDIR/ping.out"
}

none_lost()
{
	# shellcheck disable=SC2154
	kill -INT "$bg_pid"
	wait "$bg_pid" || true
	grep -q ' 0% packet loss' "$BATS_TEST_TMPDIR/ping.out" ||
		fail "$(tail -3 "$BATS_TEST_TMPDIR/ping.out")"
}

fabric()
{
	nsenter -t "$(supervisor_of lab)" -n "$@"
}

three()
{
	version "$1" <<-'END'
		[node.a]
		route.1 = default via 10.0.1.2
		[node.r]
		kind = router
		[node.b]
		route.1 = default via 10.0.2.1
		[links]
		ar = a:eth0 r:eth0 ip=10.0.1.1/24,10.0.1.2/24
		rb = r:eth1 b:eth0 ip=10.0.2.1/24,10.0.2.2/24
	END
}

@test "plan: what up would make, then nothing, then what differs; as JSON" {
	three 1
	tells '+ node a: host' '+ node r: router' '+ link ar: a:eth0 r:eth0'
	equal "$(wc -l <<<"$output")" 5
	gives 0 ctlab -j plan "$LAB"
	equal "$(jq -r '.[] | select(.text == "node r: router") | .change' <<<"$output")" add-node
	gives 0 ctlab up "$LAB"
	gives 0 ctlab plan "$LAB"
	equal "$output" ""
	gives 0 ctlab -j plan "$LAB"
	equal "$output" "[]"
	echo 'rb2 = r:eth2 b:eth2' >>"$LAB"
	gives 0 ctlab plan - <"$LAB"
	equal "$output" "+ link rb2: r:eth2 b:eth2"
	# it only tells
	gives 0 ctlab -q plan "$LAB"
	equal "$output" ""
	gives 1 in_node lab r ip link show eth2
}

@test "apply: what there is none of, and what is wrong" {
	three 1
	refuses 1 'lab lab does not run' ctlab apply "$LAB"
	complains "hint: ctlab up $LAB"
	[ ! -e /run/ctnet/labs/lab ]
	gives 0 ctlab up "$LAB"
	echo nonsense >>"$LAB"
	run --separate-stderr ctlab apply "$LAB"
	equal "$status" 2
	run --separate-stderr ctlab plan "$LAB"
	equal "$status" 2
	three 2
	sed -i 's/^rb = .*/& delay=10ms/' "$LAB"
	run --separate-stderr ctlab apply "$LAB"
	[ "$status" = 3 ] || skip "this kernel has netem"
	complains 'lab2.ini:[0-9]*:[0-9]*: link rb: delay'
	sed -i '/^name/a unsupported = warn' "$LAB"
	gives 0 ctlab apply "$LAB"
	complains 'left out'
	equal "$(ctlab ls -j | jq '.[0].unapplied | length')" 1
	gives 0 ctlab apply "$LAB"
	wait_for 5 reaches a 10.0.2.2
}

@test "nodes, links and LANs come and go; the others keep their processes, and lose no packet" {
	local kept
	three 1
	gives 0 ctlab up "$LAB"
	kept=$(pids a r b)
	pings a 10.0.2.2
	version 2 <<-'END'
		[node.a]
		route.1 = default via 10.0.1.2
		[node.r]
		kind = router
		lo = 10.9.9.9
		route.1 = 10.7.0.0/16 via 10.0.3.2
		[node.b]
		route.1 = default via 10.0.2.1
		[node.c]
		route.1 = default via 10.0.3.1
		[node.sw]
		kind = switch
		[net.lan]
		subnet = 10.1.0.0/24 fd01::/64
		members = a:lan=.1 b:lan=.2 c:lan=.3
		[links]
		ar = a:eth0 r:eth0 ip=10.0.1.1/24,10.0.1.2/24
		rb = r:eth1 b:eth0 ip=10.0.2.1/24,10.0.2.2/24
		rc = r:eth2 c:eth0 ip=10.0.3.1/24,10.0.3.2/24
		as = a:sw sw:a ip=10.4.0.1/24,
		cs = c:sw sw:c ip=10.4.0.3/24,
	END
	tells '+ node c: host' '+ node sw: switch' '+ net lan' '+ member b:lan of net lan' \
		'+ link rc: r:eth2 c:eth0' '~ node r: lo 10.9.9.9/32 added' \
		'~ node r: route 10.7.0.0/16 via 10.0.3.2 added' '~ names in /etc/hosts'
	applies
	equal "$(pids a r b)" "$kept"
	reaches a 10.1.0.3
	reaches b fd01::1
	reaches c 10.4.0.1
	reaches a 10.9.9.9
	gives 0 in_node lab r ip route show 10.7.0.0/16
	prints 'via 10.0.3.2'
	# names are known to those that ran
	gives 0 ctlab exec lab a getent ahostsv4 c
	prints '10[.]1[.]0[.]3'
	three 3
	tells '- node c' '- node sw' '- net lan' '- link rc' '- member a:lan of net lan'
	applies
	equal "$(pids a r b c)" "$kept"
	gives 0 in_node lab a ip -br link
	equal "$(wc -l <<<"$output")" 2
	gives 0 in_node lab r ip route show 10.7.0.0/16
	equal "$output" ""
	equal "$(fabric ip -br link | wc -l)" 5
	none_lost
}

@test "impairments, cables, MTUs change in place: not one packet is lost" {
	local kept rate
	three 1
	sed -i 's/^ar = .*/& rate=50mbit/' "$LAB"
	gives 0 ctlab up "$LAB"
	kept=$(pids a r b)
	pings a 10.0.2.2
	for rate in 40 30 20; do
		sed -i "s/rate=.*/rate=${rate}mbit/" "$LAB"
		applies
		equal "$(fabric tc qdisc show | grep -c "rate ${rate}Mbit")" 2
	done
	sed -i "s/rate=.*/& mtu=1400/" "$LAB"
	tells '~ a:eth0: mtu default -> 1400'
	applies
	gives 0 in_node lab a ip link show eth0
	prints 'mtu 1400'
	equal "$(fabric ip -o link | grep -c 'mtu 1400')" 2
	none_lost
	sed -i "s/ rate=.*/ state=down/" "$LAB"
	tells '~ link ar: rate 20mbit -> none' '~ link ar: up -> down'
	applies
	gives 0 in_node lab a ip link show eth0
	prints 'NO-CARRIER'
	prints 'mtu 1500'
	sed -i "s/ state=down//" "$LAB"
	applies
	equal "$(pids a r b)" "$kept"
	wait_for 5 reaches a 10.0.2.2
}

@test "addresses, routes and sysctls change in place" {
	local kept
	three 1
	gives 0 ctlab up "$LAB"
	kept=$(pids a r b)
	sed -i -e 's/10.0.2.1/10.0.5.1/g' -e 's/10.0.2.2/10.0.5.2/g' \
		-e '/^kind = router/a sysctl.1 = net.ipv4.conf.all.send_redirects=0\nlo = 10.8.8.8 fd08::8' "$LAB"
	applies
	equal "$(pids a r b)" "$kept"
	reaches a 10.0.5.2
	reaches b 10.8.8.8
	equal "$(in_node lab r cat /proc/sys/net/ipv4/conf/all/send_redirects)" 0
	not reaches a 10.0.2.2
	gives 0 in_node lab b ip -o -4 addr show eth0
	equal "$(wc -l <<<"$output")" 1
	three 2
	applies
	equal "$(pids a r b)" "$kept"
	reaches a 10.0.2.2
	gives 0 in_node lab r ip -o addr show lo
	not grep -q '10.8.8.8\|fd08' <<<"$output"
}

@test "a LAN and a switch: STP, MTU, members, impairments" {
	local kept
	version 1 <<-'END'
		[node.a]
		[node.b]
		[node.sw]
		kind = switch
		[net.lan]
		subnet = 10.1.0.0/24
		members = a:eth0=.1 b:eth0=.2
		[links]
		as = a:eth1 sw:a ip=10.4.0.1/24,
		bs = b:eth1 sw:b ip=10.4.0.2/24,
	END
	gives 0 ctlab up "$LAB"
	kept=$(pids a b)
	sed -i -e 's/^\(members.*\)/\1\nmtu = 1400\nrate = 5mbit/' -e 's/^kind = switch/&\nstp = yes/' "$LAB"
	tells '~ net lan: mtu default -> 1400' '~ node sw: stp no -> yes' '~ net lan: rate none -> 5mbit' \
		'~ b:eth0: mtu default -> 1400'
	applies
	equal "$(pids a b)" "$kept"
	equal "$(fabric ip -d -o link show type bridge | grep -c 'stp_state 1')" 1
	equal "$(fabric ip -o link show type bridge | grep -c 'mtu 1400')" 1
	fabric tc qdisc show | grep -q 'rate 5Mbit' || fail "it is not shaped"
	reaches a 10.1.0.2
	sed -i -e '/^mtu/d' -e '/^rate/d' -e '/^stp/d' -e 's/=\.2/=.7/' "$LAB"
	applies
	equal "$(pids a b)" "$kept"
	reaches a 10.1.0.7
	wait_for 10 reaches a 10.4.0.2
	sed -i -e 's/ b:eth0=.7//' "$LAB"
	applies
	equal "$(pids a b)" "$kept"
	gives 1 in_node lab b ip link show eth0
}

@test "a switch that is a member of a net: two LANs are one, from the beginning and later" {
	version 1 <<-'END'
		[node.a]
		[node.b]
		[node.sw]
		kind = switch
		[net.lan]
		subnet = 10.1.0.0/24
		members = a:eth0=.1 sw:lan
		[links]
		bs = b:eth0 sw:b ip=10.1.0.2/24,
	END
	gives 0 ctlab up "$LAB"
	gives 0 ctlab plan "$LAB"
	equal "$output" ""
	wait_for 5 reaches a 10.1.0.2
	sed -i 's/ sw:lan//' "$LAB"
	applies
	not reaches a 10.1.0.2
	sed -i -e 's/^members.*/& sw:lan/' -e '/^subnet/a rate = 5mbit' "$LAB"
	applies
	wait_for 5 reaches a 10.1.0.2
	[ "$(fabric tc qdisc show | grep -c 'rate 5Mbit')" -gt 2 ]
	sed -i -e 's/node.sw/node.sx/' -e 's/ sw:/ sx:/' "$LAB"
	applies
	wait_for 5 reaches a 10.1.0.2
}

@test "commands: exec that is new runs once; daemons and stop.N are others" {
	local log=$BATS_TEST_TMPDIR/log kept
	mkdir "$log"
	version 1 <<-END
		[node.a]
		mount.1 = $log:/mnt:rw
		exec.1 = "echo one >>/mnt/log"
		daemon.1 = "exec sleep 424201"
		daemon.2 = "exec sleep 424202"
		stop.1 = "echo bye >>/mnt/log"
	END
	gives 0 ctlab up "$LAB"
	kept=$(pids a)
	one=$(pgrep -f '^sleep 424201')
	sed -i -e '/^exec.1/a exec.2 = "echo two >>/mnt/log"' -e '/^daemon.2/d' \
		-e '/^daemon.1/a daemon.3 = "exec sleep 424203"' -e 's/echo bye/echo farewell/' "$LAB"
	tells '~ node a: exec.2 none -> "echo two >>/mnt/log"' '~ node a: daemon.2 "exec sleep 424202" -> none' \
		'~ node a: daemon.3 none -> "exec sleep 424203"'
	applies
	equal "$(pids a)" "$kept"
	equal "$(tr -d '\n' <"$log/log")" onetwo
	equal "$(pgrep -f '^sleep 424201')" "$one"
	not pgrep -f '^sleep 424202'
	wait_for 5 pgrep -f '^sleep 424203'
	sed -i -e '/^exec.1/d' -e 's/424201/424204/' "$LAB"
	tells '~ node a: exec.1 "echo one >>/mnt/log" -> none: what it did stays'
	applies
	equal "$(pids a)" "$kept"
	not pgrep -f '^sleep 424201'
	wait_for 5 pgrep -f '^sleep 424204'
	gives 0 ctlab down lab
	equal "$(tr -d '\n' <"$log/log")" onetwofarewell
}

@test "limits change in place; who had none starts anew" {
	local kept group
	three 1
	sed -i '/^\[node.a\]/a memory = 64M\npids = 50' "$LAB"
	gives 0 ctlab up "$LAB"
	kept=$(pids a)
	group=$(find /sys/fs/cgroup -path "*$CT_CGROUP_PARENT*-a" -name '*-a' -type d | sed -n '/memory/p')
	sed -i -e 's/^memory.*/memory = 128M/' -e '/^pids/d' "$LAB"
	applies
	equal "$(pids a)" "$kept"
	[ -z "$group" ] || equal "$(<"$group/memory.limit_in_bytes")" $((128 * 1024 * 1024))
	sed -i '/^\[node.b\]/a pids = 30' "$LAB"
	tells '! node b: starts anew: it had no limits'
	applies
	equal "$(pids a)" "$kept"
	wait_for 5 reaches a 10.0.2.2
}

@test "a node that starts anew: neighbours and wires stay, their packets flow again" {
	local r a b old addrs
	three 1
	gives 0 ctlab up "$LAB"
	old=$(pids r)
	a=$(pids a) b=$(pids b)
	addrs=$(in_node lab a ip -o addr show)
	sed -i '/^kind = router/a env.1 = WHO=me' "$LAB"
	tells '! node r: starts anew: env.1 none -> "WHO=me"'
	equal "$(wc -l <<<"$output")" 1
	applies
	r=$(pids r)
	[ "$r" != "$old" ] || fail "it is the same process"
	equal "$(pids a) $(pids b)" "$a $b"
	equal "$(in_node lab a ip -o addr show)" "$addrs"
	wait_for 5 reaches a 10.0.2.2
	# a host becomes a switch: other wires
	version 2 <<-'END'
		[node.a]
		[node.r]
		kind = switch
		[node.b]
		[links]
		ar = a:eth0 r:eth0 ip=10.0.1.1/24,
		rb = r:eth1 b:eth0 ip=,10.0.1.2/24
	END
	applies
	equal "$(pids a r b)" "$a"$'\n'"$b"
	wait_for 5 reaches a 10.0.1.2
}

@test "direct wires: made, taken away, made anew with a node" {
	local a
	three 1
	sed -i 's/^rb = .*/& wire=direct/' "$LAB"
	gives 0 ctlab up "$LAB"
	reaches a 10.0.2.2
	a=$(pids a)
	sed -i 's/^ar = .*/& wire=direct/' "$LAB"
	tells '- link ar: stitched -> direct'
	applies
	wait_for 5 reaches a 10.0.2.2
	equal "$(fabric ip -br link | wc -l)" 1
	sed -i '/^kind = router/a hostname = router' "$LAB"
	applies
	wait_for 5 reaches a 10.0.2.2
	sed -i '/^rb/d; /^\[node.b/,/^route/d' "$LAB"
	applies
	gives 1 in_node lab r ip link show eth1
	sed -i 's/ wire=direct//' "$LAB"
	applies
	equal "$(pids a)" "$a"
	wait_for 5 reaches a 10.0.1.2
}

@test "what was changed by hand is put back: impairments, cables, nodes stopped and left out" {
	three 1
	sed -i 's/^ar = .*/& rate=50mbit/' "$LAB"
	gives 0 ctlab up --only a,r "$LAB"
	tells '! node b: starts, it is stopped'
	applies
	wait_for 5 reaches a 10.0.2.2
	gives 0 ctlab impair lab ar rate=1mbit loss=1%
	gives 0 ctlab link lab rb down
	gives 0 ctlab node lab b stop
	tells '~ link ar: rate 1mbit -> 50mbit, loss 1% -> none' '~ link rb: down -> up' \
		'! node b: starts, it is stopped'
	applies
	wait_for 5 reaches a 10.0.2.2
	equal "$(fabric tc qdisc show | grep -c "rate 50Mbit")" 2
	kill -KILL "$(node_pid lab r)"
	wait_for 5 no_node r
	applies
	wait_for 5 reaches a 10.0.2.2
}

@test "an exec that fails: it is named, the rest is done, the next apply runs it and nothing else" {
	local log=$BATS_TEST_TMPDIR/log kept
	mkdir "$log"
	version 1 <<-END
		[node.a]
		mount.1 = $log:/mnt:rw
		[node.b]
		[links]
		ab = a:eth0 b:eth0 ip=10.0.1.1/24,10.0.1.2/24
	END
	gives 0 ctlab up "$LAB"
	kept=$(pids a b)
	sed -i -e '/^mount.1/a exec.1 = "echo ran >>/mnt/log; test -e /mnt/good"\nexec.2 = "echo 2 >>/mnt/log"' \
		-e 's/^ab.*/& rate=1mbit/' -e '/^\[node.b\]/a lo = 10.9.9.9' "$LAB"
	gives 1 ctlab apply "$LAB"
	complains 'node a: exec\.1 .*exit status 1'
	prints '~ link ab: rate none -> 1mbit'
	prints '~ node a: exec.2'
	gives 0 ctlab plan "$LAB"
	equal "$output" '~ node a: exec.1 "" -> "echo ran >>/mnt/log; test -e /mnt/good"'
	touch "$log/good"
	applies
	equal "$(tr -d '\n' <"$log/log")" ran2ran
	equal "$(pids a b)" "$kept"
	gives 0 in_node lab b ip addr show lo
	prints 10.9.9.9
}

@test "an interface that its node has deleted: what cannot change is named, and is to be done still" {
	version 1 <<-'END'
		[node.a]
		[node.b]
		[node.s]
		kind = switch
		[net.n]
		subnet = 10.2.0.0/24
		members = a:eth2 b:eth2
		[links]
		x = a:eth0 b:eth0 subnet=10.0.0.0/24
		y = a:eth1 s:p1
	END
	gives 0 ctlab up "$LAB"
	gives 0 ctlab exec lab a ip link del eth0
	sed -i -e 's/^x = .*/& mtu=1400/' -e 's/^members = .*/&\nmtu = 1300\nrate = 1mbit/' "$LAB"
	gives 1 ctlab apply "$LAB"
	complains 'a:eth0: mtu default -> 1400: .*No such device'
	equal "$(sort <<<"$output")" "$(sort <<-'END'
		~ a:eth2: mtu default -> 1300
		~ b:eth0: mtu default -> 1400
		~ b:eth2: mtu default -> 1300
		~ net n: mtu default -> 1300
		~ net n: rate none -> 1mbit
	END
	)"
	gives 0 ctlab exec lab a ip link del eth2
	gives 0 fabric ip link del "$(fabric ip -j link | jq -r '.[] | select(.ifalias == "lab.s") | .ifname')"
	sed -i -e 's/^x = .*/& state=down/' -e 's/^rate = .*/rate = 2mbit/' \
		-e 's/^kind = switch/&\nstp = yes/' "$LAB"
	gives 1 ctlab apply "$LAB"
	complains 'net n: rate 1mbit -> 2mbit: .*No such device'
	complains 'link x: up -> down: .*No such device'
	complains 'node s: stp no -> yes: .*No such device'
	equal "$output" ""
	tells '~ node s: stp no -> yes' '~ a:eth0: mtu default -> 1400' \
		'~ net n: rate 1mbit -> 2mbit' '~ link x: up -> down'
}

@test "new nodes start all or none; the lab that was goes on, the next apply does the rest" {
	local kept log=$BATS_TEST_TMPDIR/log
	mkdir "$log"
	three 1
	gives 0 ctlab up "$LAB"
	kept=$(pids a r b)
	sed -i "/^\[links\]/i [node.c]\nmount.1 = $log:/mnt:rw\nexec.1 = \"test -e /mnt/good\"\n[node.d]" "$LAB"
	cat >>"$LAB" <<-'END'
		rc = r:eth2 c:eth0 ip=10.0.3.1/24,10.0.3.2/24
		rd = r:eth3 d:eth0 ip=10.0.4.1/24,10.0.4.2/24
	END
	sed -i -e 's/^ar = .*/& rate=10mbit/' \
		-e '/^\[node.b\]/a exec.1 = "touch /run/ran"\ndaemon.1 = "exec sleep 424205"' "$LAB"
	pings a 10.0.2.2
	gives 1 ctlab apply "$LAB"
	complains 'node c: exec\.1'
	equal "$(pids a r b c d)" "$kept"
	wait_for 5 pgrep -f '^sleep 424205'
	gives 1 ctlab exec lab b test -e /run/ran
	tells '! node c: starts, it is stopped' '! node d: starts, it is stopped'
	gives 1 ctlab apply "$LAB"
	touch "$log/good"
	applies
	equal "$(pids a r b)" "$kept"
	gives 0 ctlab exec lab b test -e /run/ran
	wait_for 5 reaches c 10.0.3.1
	wait_for 5 reaches d 10.0.4.1
	none_lost
}

@test "two hundred nodes beside it: fifty come, fifty go" {
	local kept
	version 1 <<-'END'
		[gen.g]
		type = star
		n = 100
	END
	gives 0 ctlab up "$LAB"
	kept=$(pids h1 h50)
	sed -i 's/^n = .*/n = 150/' "$LAB"
	applies
	reaches h1 10.0.0.150
	sed -i 's/^n = .*/n = 60/' "$LAB"
	applies
	equal "$(pids h1 h50)" "$kept"
	reaches h1 10.0.0.60
	equal "$(pgrep -c -P "$(supervisor_of lab)")" 60
}

@test "who asks is killed at any moment: the lab goes on, and the next apply is through" {
	local one two delay
	three 1
	one=$LAB
	gives 0 ctlab up "$one"
	sed '/^kind = router/a lo = 10.9.9.9' "$one" >"$BATS_TEST_TMPDIR/two.ini"
	two=$BATS_TEST_TMPDIR/two.ini
	cat >>"$two" <<-'END'
		rb2 = r:eth2 b:eth2 ip=10.0.3.1/24,10.0.3.2/24
		[node.c]
		[net.lan]
		subnet = 10.1.0.0/24
		members = a:lan=.1 c:lan=.2
	END
	pings a 10.0.2.2
	for delay in 000 005 010 020 030 050 080; do
		ctlab apply "$two" >/dev/null 2>&1 3>&- &
		sleep "0.$delay"
		kill -KILL $! 2>/dev/null || true
		wait $! 2>/dev/null || true
		LAB=$two
		# the lock is gone with it; what it asked for is done first
		gives 0 ctlab apply "$LAB"
		gives 0 ctlab plan "$LAB"
		equal "$output" ""
		reaches a 10.1.0.2
		gives 0 ctlab apply "$one"
	done
	none_lost
}
