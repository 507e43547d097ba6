#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What connection tracking remembers goes with the container it was about.

# bats file_tags=vm

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
	remove_networks
}

# tracked ADDRESS - the entries that name it
tracked()
{
	local full
	full=$(python3 -c 'import ipaddress, sys; print(ipaddress.ip_address(sys.argv[1]).exploded)' "$1")
	grep -F "=$full " /proc/net/nf_conntrack
}

@test "connections of a container that left are forgotten, of both families and all protocols" {
	local addr
	[ -r /proc/net/nf_conntrack ] || skip "no /proc/net/nf_conntrack (CONFIG_NF_CONNTRACK_PROCFS)"
	start one --net bridge0:ip=10.99.0.9,ip6=fd99::9 -- sh -c "trap 'exit 0' TERM; while :; do sleep 0.1; done"
	for addr in 198.51.100.2 2001:db8:2::2; do
		gives 0 ct exec one ping -c 1 -W 5 "$addr"
		ct exec one nc -w 1 "$addr" 9 || true
	done
	tracked 10.99.0.9 || fail "nothing was tracked"
	tracked fd99::9 || fail "nothing was tracked"
	ct exec one kill -TERM 1
	wait_for 5 is_gone "$bg_pid"
	wait_for 5 not tracked 10.99.0.9
	wait_for 5 not tracked fd99::9
	wait_for 5 eval '! find /run/ctnet -path "*/stale/*" ! -name .lock | grep .'
}

@test "who is killed leaves what the next sweep forgets" {
	start one --net bridge0:ip=10.99.0.9,ip6=fd99::9
	gives 0 ct exec one ping -c 1 -W 5 198.51.100.2
	kill -KILL "$bg_pid"
	wait_for 5 is_gone "$bg_pid"
	gives 0 ctnet gc
	wait_for 5 not tracked 10.99.0.9
}

@test "other containers keep theirs" {
	start one --net bridge0:ip=10.99.0.9
	start two --net bridge0:ip=10.99.0.10
	gives 0 ct exec one ping -c 1 -W 5 198.51.100.2
	gives 0 ct exec two ping -c 1 -W 5 198.51.100.2
	kill -KILL "$(head -n 1 "$BATS_TEST_TMPDIR/pids")"
	wait_for 5 eval '! is_running one'
	gives 0 ctnet gc
	wait_for 5 not tracked 10.99.0.9
	tracked 10.99.0.10 || fail "forgotten too"
}

# A container that ends at once, and of whose addresses nothing was noted.
leaves_nothing()
{
	find /run/ctnet -name stale -exec rm -r {} +
	in_box --net bridge1 true && [ ! "$(find /run/ctnet -name stale)" ]
}

@test "one that has sent and received nothing starts no look" {
	ctnet create bridge1 --subnet 10.98.0.0/24
	gives 0 ping -c 1 -W 5 198.51.100.2
	[ "$(cat /proc/sys/net/netfilter/nf_conntrack_count)" -gt 0 ] || fail "nothing is tracked"
	# a bridge that is new tells its ports who it is
	wait_for 20 leaves_nothing
	gives 0 in_box --net bridge1 ping -c 1 -W 5 198.51.100.2
	[ "$(find /run/ctnet -name stale)" ] || fail "nothing was looked for"
}
