#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ctlab down: nothing is left, and while a lab runs the host's network is as it was.

load lib
load lab

teardown()
{
	bg_end
	ctlab down --all
}

# what a lab without uplink must not touch
host_network()
{
	ip -o link show | awk -F': ' '{ print "link", $1, $2 }'
	nft -s list ruleset
	ls /run/netns 2>/dev/null
	sysctl -a --pattern '^net\.' 2>/dev/null | grep -v 'nf_conntrack_count\|stable_secret'
}

a_tree()
{
	TREE=$(lab_file tree <<-'END'
		[gen.t]
		type = tree
		depth = 2
		fanout = 3
		subnet = 10.0.0.0/16
		[node.extra]
		kind = router
		memory = 64M
		daemon.1 = "exec sleep 424242"
		[link.x]
		ends = extra:eth0 h1:eth1
		subnet = 10.1.0.0/30
		rate = 1mbit
		END
	)
}

@test "the host's network is the same before, during and after" {
	local before
	a_tree
	ctnet gc
	before=$(host_network)
	gives 0 ctlab up "$TREE"
	equal "$(host_network)" "$before"
	gives 0 in_node tree h1 ping -c 1 -W 5 10.0.0.9
	equal "$(host_network)" "$before"
	gives 0 ctlab down tree
	equal "$(host_network)" "$before"
}

@test "nothing is left once it returns" {
	local before
	a_tree
	ctnet gc
	before=$(lab_world)
	gives 0 ctlab up "$TREE"
	wait_for 10 pgrep -f '^sleep 424242'
	gives 0 ctlab down tree
	[ -z "$output$stderr" ] || fail "it talks"
	! pgrep -f '^sleep 424242' || fail "a daemon lives"
	same_lab_world "$before" || fail "$(diff <(echo "$before") <(lab_world))"
}

@test "by name, by file, several, all" {
	local name
	for name in one two three; do
		printf '[lab]\nname = %s\n[node.a]\n' "$name" >"$BATS_TEST_TMPDIR/$name.ini"
		gives 0 ctlab up "$BATS_TEST_TMPDIR/$name.ini"
	done
	gives 0 ctlab down "$BATS_TEST_TMPDIR/one.ini" two
	equal "$(ctlab ls -j | jq -r '.[].name')" three
	gives 0 ctlab down --all
	equal "$(ctlab ls -j)" "[]"
	gives 0 ctlab down --all
}

@test "what is no lab is an error, with what may have been meant" {
	two_hosts
	gives 0 ctlab up "$LAB"
	refuses 1 'there is no lab tow' ctlab down tow
	complains "did you mean 'two'"
	refuses 1 'there is no lab' ctlab down ../two
	refuses 2 'which lab' ctlab down
	refuses 2 'no names' ctlab down --all two
	gives 0 ctlab down two
	refuses 1 'there is no lab two' ctlab down two
	complains 'no lab runs'
}

@test "stop.N run in their order, while the network is there" {
	local dir=$BATS_TEST_TMPDIR/log
	mkdir "$dir"
	two_hosts "mount.1 = $dir:/mnt:rw" \
		'stop.1 = "ping -c 1 -W 5 10.0.0.2 >/dev/null && echo one >>/mnt/log"' \
		'stop.2 = "echo two >>/mnt/log"'
	gives 0 ctlab up "$LAB"
	[ ! -e "$dir/log" ]
	gives 0 ctlab down two
	equal "$(tr '\n' ' ' <"$dir/log")" "one two "
}

@test "a daemon that hears no signal ends all the same" {
	two_hosts 'daemon.1 = "trap : TERM INT HUP; while :; do sleep 424242; done"' 'stop.1 = true'
	gives 0 ctlab up "$LAB"
	wait_for 10 pgrep -f '^sleep 424242'
	gives 0 ctlab down two
	! pgrep -f '^sleep 424242' || fail "it lives"
}

@test "a hundred times up and down" {
	local n
	two_hosts
	for ((n = 0; n < 100; n++)); do
		ctlab up "$LAB" || fail "up $n"
		ctlab down two || fail "down $n"
	done
	equal "$(ctlab ls -j)" "[]"
}

@test "eight at once, up and down" {
	local n pids=() failed=0
	for n in 1 2 3 4 5 6 7 8; do
		printf '[lab]\nname = l%s\n[net.lan]\nsubnet = 10.0.0.0/24\nmembers = a:e b:e c:e\n[node.a]\n[node.b]\n[node.c]\n' \
			"$n" >"$BATS_TEST_TMPDIR/l$n.ini"
		ctlab up "$BATS_TEST_TMPDIR/l$n.ini" 3>&- &
		pids+=($!)
	done
	for n in "${pids[@]}"; do
		wait "$n" || failed=$((failed + 1))
	done
	equal "$failed" 0
	equal "$(ctlab ls -j | jq length)" 8
	for n in 1 2 3 4 5 6 7 8; do
		gives 0 in_node "l$n" a ping -c 1 -W 5 10.0.0.3
		ctlab down "l$n" 3>&- &
	done
	wait
	equal "$(ctlab ls -j)" "[]"
}
