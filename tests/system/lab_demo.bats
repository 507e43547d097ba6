#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A lab that uses most of the format (demo.ini): three routers in a triangle, four
# hosts, a way out through the host, a published port, tests, a scripted failure.

load lib
load labs

setup()
{
	demo_lab
	world
}

teardown()
{
	labs_end
	world_end
}

needs_programs()
{
	command -v python3 >/dev/null || skip "needs python3"
	command -v curl >/dev/null || skip "needs curl"
}

@test "lint tells what it does to the host" {
	gives 0 ctlab lint "$DEMO"
	prints 'lab demo: 8 nodes, 4 links, 3 nets, 9 tests'
	prints 'uplink host'
	prints 'publish 8080:h3:80/tcp'
}

# bats test_tags=vm
@test "up, the world in by the published port and the lab out to the world, test, down" {
	local before
	needs_programs
	before=$(host_all)
	gives 0 ctlab up "$DEMO"
	# a neighbour of the host's, and the host
	ip netns exec lan curl -sf --max-time 5 -o /dev/null http://192.0.2.1:8080/
	curl -sf --max-time 5 -o /dev/null http://127.0.0.1:8080/
	# far has no route to anything but the host's own wire
	ctlab exec demo h4 ping -c 1 -W 2 198.51.100.2
	gives 0 ctlab test demo --tap "$BATS_TEST_TMPDIR/tap" --junit "$BATS_TEST_TMPDIR/junit"
	passes "$BATS_TEST_TMPDIR/tap"
	equal "$(grep -c '^ok ' "$BATS_TEST_TMPDIR/tap")" 10
	# what is shaped by netem alone, and nothing else, is skipped where there is none
	equal "$(grep -c '# SKIP' "$BATS_TEST_TMPDIR/tap")" \
		"$(ctlab status -j demo | jq '.[0].unapplied | length | if . > 0 then 2 else 0 end')"
	gives 0 ctlab apply "$DEMO"
	gives 0 ctlab down demo
	run ! ip netns exec lan curl -sf --max-time 1 -o /dev/null http://192.0.2.1:8080/
	# the rules of its network may stay, without elements, as after any other
	nft flush ruleset
	same "$(sed '/ip_forward\|forwarding\|^table\|^}/d' <<<"$before")" host_all_but_forwarding
}

# Forwarding was turned on for the uplink and is nobody's to turn off.
host_all_but_forwarding()
{
	host_all | sed '/ip_forward\|forwarding\|^table\|^}/d'
}

@test "test FILE is up, test, down" {
	needs_programs
	gives 0 ctlab test "$DEMO" --tap "$BATS_TEST_TMPDIR/tap"
	passes "$BATS_TEST_TMPDIR/tap"
	equal "$(ctlab ls -j)" "[]"
	equal "$(find /run/ctnet/labs -mindepth 1 2>/dev/null)" ""
}
