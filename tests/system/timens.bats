#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Clocks of a container's own.

load lib

setup_file()
{
	make_rootfs
}

setup()
{
	[ -e /proc/self/ns/time ] || skip "this kernel has no time namespaces (CONFIG_TIME_NS)"
}

teardown()
{
	bg_end
	ctnet gc
}

# uptime_of ARG... - seconds since boot, in a container with these options
uptime_of()
{
	in_box "$@" cut -d. -f1 /proc/uptime
}

near()
{
	(($1 - $2 < 60 && $2 - $1 < 60)) || fail "$1 is not about $2"
}

@test "--timens: offsets of either clock, forward and back" {
	local now
	now=$(cut -d. -f1 /proc/uptime)
	near "$(uptime_of --timens +3d)" $((now + 3 * 86400))
	near "$(uptime_of --timens boottime=2h)" $((now + 7200))
	near "$(uptime_of --timens monotonic=2h)" "$now"
	near "$(uptime_of --timens 1h,boottime=4h)" $((now + 4 * 3600))
	near "$(uptime_of --timens=-10s)" $((now - 10))
	near "$(uptime_of --userns auto --timens +1d)" $((now + 86400))
	near "$(uptime_of)" "$now"
	near "$(cut -d. -f1 /proc/uptime)" "$now"
}

@test "the namespace is new, holds what was asked for, and is nobody else's" {
	gives 0 in_box --timens monotonic=+90s,boottime=-1500ms sh -c \
		'readlink /proc/self/ns/time; cat /proc/self/timens_offsets'
	[[ $output != *"$(readlink /proc/self/ns/time)"* ]]
	prints 'monotonic +90 +0'
	prints 'boottime +-2 +500000000'
	refuses 125 "no clock can be set before its own start|out of range" in_box --timens=-9000d true
	refuses 125 'is not a offset|is not an offset|offset' in_box --timens soon true
}

@test "ct exec has the container's clocks, and --timens container:NAME too" {
	start a --timens +5d
	local now
	now=$(cut -d. -f1 /proc/uptime)
	near "$(ct exec a cut -d. -f1 /proc/uptime)" $((now + 5 * 86400))
	near "$(uptime_of --timens container:a)" $((now + 5 * 86400))
}
