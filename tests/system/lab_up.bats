#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ctlab up: what stands, in which order it is made, and what is left when it fails.

load lib
load lab

setup()
{
	before=$(lab_world)
}

teardown()
{
	bg_end
	ctlab down --all
}

# fails REGEX FILE - it is undone: status 4, one line, nothing left
fails()
{
	refuses 4 "$1" ctlab up "$2"
	[ -z "$(ls /run/ctnet/labs)" ] || fail "files are left: $(find /run/ctnet/labs)"
	wait_for 5 same_lab_world "$before" ||
		fail "left: $(diff <(echo "$before") <(lab_world))"
}

# bats test_tags=vm
@test "two hosts on a wire reach each other" {
	two_hosts
	gives 0 ctlab up "$LAB"
	[ -z "$output" ] || fail "it talks"
	gives 0 in_node two a ping -c 1 -W 5 10.0.0.2
	gives 0 in_node two a ping -c 1 -W 5 fd00::2
	gives 0 ctlab ls -j
	equal "$(jq -r '.[] | "\(.name) \(.state) \(.nodes)"' <<<"$output")" "two running 2"
}

@test "a lab comes from the standard input" {
	two_hosts
	gives 0 ctlab up - <"$LAB"
	gives 0 in_node two a ping -c 1 -W 5 10.0.0.2
	equal "$(cat /run/ctnet/labs/two/lab.ini)" "$(cat "$LAB")"
}

# bats test_tags=vm
@test "nets, switches, trunks and direct wires" {
	local file
	file=$(lab_file wires <<-'END'
		[node.a]
		[node.b]
		[node.c]
		[node.d]
		[node.s1]
		kind = switch
		[node.s2]
		kind = switch
		[net.lan]
		subnet = 10.1.0.0/24
		members = a:lan=.1 b:lan=.2
		[links]
		b-s1 = b:sw s1:p1 ip=10.2.0.1/24,
		s1-s2 = s1:t s2:t
		s2-c = s2:p1 c:sw ip=,10.2.0.2/24
		c-d = c:x d:x subnet=10.3.0.0/30 wire=direct
		END
	)
	gives 0 ctlab up "$file"
	gives 0 in_node wires a ping -c 1 -W 5 10.1.0.2
	gives 0 in_node wires b ping -c 1 -W 5 10.2.0.2
	gives 0 in_node wires d ping -c 1 -W 5 10.3.0.1
	# the host does not see any of it
	gives 0 ip -o link show
	[[ ! $output =~ veth|: ]] || [ "$(wc -l <<<"$output")" = "$(grep -c link <<<"$before")" ]
}

@test "after: nodes run in the order that is asked for, each once the other is ready" {
	local file log=$BATS_TEST_TMPDIR/log
	mkdir "$log"
	file=$(lab_file order <<-END
		[defaults.node]
		mount.1 = $log:/mnt:rw
		[node.a]
		exec.1 = "echo a >>/mnt/log"
		after = b c
		[node.b]
		exec.1 = "sleep 0.3; echo b >>/mnt/log"
		[node.c]
		exec.1 = "echo c >>/mnt/log"
		daemon.1 = "sleep 0.3; touch /mnt/up; exec sleep 1000"
		ready = "test -e /mnt/up"
		after = b
		[node.d]
		exec.1 = "test -e /mnt/up; echo d >>/mnt/log"
		after = a
		END
	)
	gives 0 ctlab up "$file"
	equal "$(tr -d '\n' <"$log/log")" bcad
}

@test "commands run when all nodes are wired" {
	two_hosts 'exec.1 = "ping -c 1 -W 5 10.0.0.2 >/dev/null"'
	gives 0 ctlab up "$LAB"
}

@test "a limit that cannot be: the node and the key" {
	two_hosts 'cpuset = 4000'
	fails 'node a: cpuset: ' "$LAB"
	[[ $stderr != *--* ]] || fail "an option of ctrun"
}

# bats test_tags=vm
@test "a node's commands make a vrf: whose links are in it reach each other alone" {
	ip link add vrfprobe type vrf table 7 2>/dev/null || skip "this kernel has no vrf (CONFIG_NET_VRF)"
	ip link del vrfprobe
	local file
	file=$(lab_file apart <<-'END'
		[node.r]
		kind = router
		exec.1 = "ip link add red up type vrf table 10"
		exec.2 = "ip route add unreachable default metric 4278198272 table 10"
		exec.3 = "ip link set ra master red && ip link set rb master red"
		[node.a]
		route.1 = default via 10.0.1.1
		[node.b]
		route.1 = default via 10.0.2.1
		[node.c]
		route.1 = default via 10.0.3.1
		[links]
		ab = r:ra a:eth0 subnet=10.0.1.0/24
		bb = r:rb b:eth0 subnet=10.0.2.0/24
		cb = r:rc c:eth0 subnet=10.0.3.0/24
		END
	)
	gives 0 ctlab up "$file"
	gives 0 in_node apart a ping -q -c 1 -W 5 10.0.2.2
	gives 1 in_node apart a ping -q -c 1 -W 5 10.0.3.2
	prints 'errors'
	# what keeps them apart is the vrf
	gives 0 in_node apart r sh -c 'ip link set ra nomaster && ip link set rb nomaster'
	gives 0 in_node apart a ping -q -c 1 -W 5 10.0.3.2
}

@test "--only builds the nodes that are named, and the wires between them" {
	local file
	file=$(lab_file part <<-'END'
		[gen.line]
		type = line
		n = 4
		subnet = 10.0.0.0/16
		END
	)

	gives 0 ctlab up "$file" --only r2,r3
	equal "$(ctlab ls -j | jq '.[0].nodes')" 2
	equal "$(pgrep -c -P "$(supervisor_of part)")" 2
	gives 0 in_node part r2 ip -o link
	equal "$(wc -l <<<"$output")" 2
	refuses 2 "r9" ctlab up "$file" --only r9
}

@test "a lab that is up already is not touched" {
	two_hosts
	gives 0 ctlab up "$LAB"
	local pid
	pid=$(supervisor_of two)
	refuses 1 'up already' ctlab up "$LAB"
	complains 'ctlab down two'
	equal "$(supervisor_of two)" "$pid"
	gives 0 in_node two a ping -c 1 -W 5 10.0.0.2
}

@test "a file that is wrong makes nothing, and status 2" {
	two_hosts nonsense=1
	refuses 2 'two.ini:4:1: unknown key' ctlab up "$LAB"
	[ ! -e /run/ctnet/labs/two ]
	refuses 2 'No such file' ctlab up /nowhere.ini
	refuses 2 'name of the lab file is empty' ctlab up ''
	refuses 2 'depth: 0 is not between' ctlab import tree,0,2
}

@test "what the kernel lacks is told before anything is made, a line each, and status 3" {
	local file
	file=$(lab_file lacks <<-'END'
		[node.a]
		[node.b]
		[link.ab]
		ends = a:eth0 b:eth0
		delay = 10ms
		[link.cd]
		ends = a:eth1 b:eth1
		delay = 20ms
		END
	)
	run --separate-stderr ctlab up "$file"
	[ "$status" = 3 ] || skip "this kernel has netem"
	equal "$(grep -c "lacks.ini:[0-9]*:[0-9]*: link" <<<"$stderr")" 2
	[ ! -e /run/ctnet/labs/lacks ]
	sed -i '1i [lab]\nunsupported = warn' "$file"
	gives 0 ctlab up "$file"
	complains 'left out'
	equal "$(ctlab ls -j | jq '.[0].unapplied | length')" 2
	gives 0 in_node lacks a ip link show eth1
}

# ---- failures ----

@test "a command that fails: which node, which command, and its last line" {
	two_hosts 'exec.1 = true' 'exec.2 = "echo so it is >&2; exit 3"'
	fails 'node a: .*exec\.2.*so it is' "$LAB"
}

@test "an address that the kernel refuses, in its own words" {
	two_hosts 'sysctl.1 = net.ipv6.conf.all.disable_ipv6=1'
	fails 'node a: .*(kernel: |denied)' "$LAB"
}

@test "a sysctl that is none" {
	two_hosts 'sysctl.1 = net.ipv4.nonsense=1'
	fails 'a: .*nonsense' "$LAB"
}

@test "a mount whose source is not there" {
	two_hosts 'mount.1 = /nowhere/at/all:/mnt'
	fails 'a.*: .*/nowhere/at/all' "$LAB"
}

@test "a root that is none" {
	two_hosts 'rootfs = /nowhere/at/all'
	fails 'a: .*/nowhere/at/all' "$LAB"
}

@test "a node that is never ready" {
	two_hosts 'ready = "exit 1"' 'ready-wait = 300ms'
	fails 'a: .*ready' "$LAB"
}

@test "a network that does not exist as uplink" {
	an_exit 'uplink = nonet' 'masquerade = 10.0.0.0/8'
	fails 'nonet' "$LAB"
}

@test "interrupted: it is undone" {
	two_hosts 'exec.1 = "echo $$ >/run/begun; sleep 1000"'
	local sig
	for sig in INT TERM HUP; do
		bg up ctlab up "$LAB"
		wait_for 10 pgrep -f 'sleep 1000'
		kill -s "$sig" "$bg_pid"
		status=0
		wait "$bg_pid" || status=$?
		equal "$status" 4
		grep -q interrupted "$BATS_TEST_TMPDIR/up.err"
		wait_for 5 same_lab_world "$before" ||
			fail "left: $(diff <(echo "$before") <(lab_world))"
	done
}

@test "one that is being made is nobody else's" {
	two_hosts 'exec.1 = "sleep 1000"'
	bg up ctlab up "$LAB"
	wait_for 10 pgrep -f 'sleep 1000'
	refuses 1 'another command|being made' ctlab up "$LAB"
	gives 0 ctlab ls -j
	equal "$(jq -r '.[0].state' <<<"$output")" starting
	# but it can be ended
	gives 0 ctlab down two
	status=0
	wait "$bg_pid" || status=$?
	equal "$status" 4
	wait_for 5 same_lab_world "$before"
}

@test "200 hosts on one switch" {
	local file
	file=$(lab_file many <<-'END'
		[gen.star]
		type = star
		n = 200
		subnet = 10.0.0.0/16
		END
	)
	gives 0 ctlab up "$file"
	equal "$(pgrep -c -P "$(supervisor_of many)")" "$(ctlab ls -j | jq '.[0].nodes')"
	gives 0 ctlab down many
	wait_for 5 same_lab_world "$before"
}

@test "a capability that does not exist is an error of the file" {
	two_hosts 'caps = +SYS_TIME -NET_ROW'
	refuses 2 "two.ini:3:2: node a: caps: unknown capability 'NET_ROW'" ctlab up "$LAB"
	complains 'NET_RAW'
	two_hosts 'caps = +SYS_TIME -NET_RAW'
	gives 0 ctlab up "$LAB"
	gives 0 ctlab exec two a sh -c 'grep CapBnd /proc/self/status'
	equal "$((0x${output##*[!0-9a-f]} >> 25 & 1)) $((0x${output##*[!0-9a-f]} >> 13 & 1))" "1 0"
}
