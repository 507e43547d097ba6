#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The test bed itself: what it builds is as the other files believe, and what a
# test leaves behind is found.

load lib

teardown()
{
	bg_end
}

@test "the world: far answers the host and knows no other subnet" {
	world
	ping -c 1 -W 5 198.51.100.2
	ping -c 1 -W 5 2001:db8:2::2
	serve far peer4 TCP4-LISTEN:7
	serve far peer6 TCP6-LISTEN:8
	equal "$(socat -T 5 - TCP4:198.51.100.2:7)" 192.0.2.1
	equal "$(socat -T 5 - 'TCP6:[2001:db8:2::2]:8')" '[2001:0db8:0001:0000:0000:0000:0000:0001]'
	ip addr add 10.99.0.1/32 dev lo
	run ! ping -c 1 -W 1 -I 10.99.0.1 198.51.100.2
	ip addr del 10.99.0.1/32 dev lo
	bg_end
	world_end
}

left_by()
{
	SANDBOX_POLL=5 run "$CT_TESTS/system/sandbox" "$CT_BINDIR" bash -c "$1"
	[ "$status" -eq 90 ] || fail "not noticed: $1"
	prints "$2"
}

@test "the sandbox notices what a test leaves" {
	left_by 'sleep 100 & :' 'process .*sleep'
	left_by 'ip link add left0 type bridge' 'link left0'
	left_by 'mount -t tmpfs tmpfs /mnt' 'mount /mnt'
	left_by 'mkdir -p /run/ctnet/containers/0123456789ab' '/run/ctnet/containers/0'
	left_by 'nft "table inet x { set s { type mark; elements = { 1 }; }; }"' 'elements'
	left_by 'mkdir -p "$(echo /sys/fs/cgroup/{*/,}cgroup.procs | cut -d" " -f1 |
		xargs dirname)/$CT_CGROUP_PARENT/ctnet/x"' 'cgroups left'
}

@test "the sandbox gives the status of its command, and empty private places" {
	local sandbox=$CT_TESTS/system/sandbox
	run -7 "$sandbox" "$CT_BINDIR" sh -c 'exit 7'
	touch /tmp/of-the-caller /run/of-the-caller
	run -0 "$sandbox" "$CT_BINDIR" sh -c '! ls /tmp/of-the-caller && ! ls /run/of-the-caller'
	run -0 "$sandbox" "$CT_BINDIR" sh -c 'cat /etc/ctnet/ctnet.conf'
	prints "parent = ctnet-test-"
}
