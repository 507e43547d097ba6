#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# docs/tour-containers.md, block by block: what it tells the reader to type is
# typed, by hand and with ctrun, and what it shows is what is seen.

load lib
load tour

export DOC=$CT_TESTS/../docs/tour-containers.md

setup_file()
{
	tour_world
}

# for what a side that failed halfway left
teardown()
{
	local name

	for name in $(ct ps -q); do
		ct rm -f "$name"
	done
	[ ! -e /run/disks ] || umount -R /run/disks || true
	rm -rf /run/disks /run/kept /run/secret /run/filter /run/profile.json
}

needs_tool()
{
	command -v "$1" >/dev/null || skip "needs $1"
}

@test "every section and side of the document is run here" {
	tour_is_whole 'hand|chroot|v1|v2|ctrun'
}

@test "eight namespaces, by hand" {
	tours 1 hand
}

@test "eight namespaces, with ctrun" {
	tours 1 ctrun
}

@test "one namespace at a time, by hand" {
	tours 2 hand
}

@test "one namespace at a time, with ctrun" {
	tours 2 ctrun
}

@test "a root, with chroot" {
	tours 3 chroot
}

@test "a root, with pivot_root" {
	tours 3 hand
}

@test "a root, with ctrun" {
	tours 3 ctrun
}

@test "a root to write to, by hand" {
	tours 4 hand
}

@test "a root to write to, with ctrun" {
	tours 4 ctrun
}

@test "/proc and tmpfs, by hand" {
	tours 5 hand
}

@test "/proc and tmpfs, with ctrun" {
	tours 5 ctrun
}

@test "root inside, an ordinary user outside, by hand" {
	tours 6 hand
}

@test "root inside, an ordinary user outside, with ctrun" {
	tours 6 ctrun
}

@test "propagation, by hand" {
	tours 7 hand
}

@test "propagation, with ctrun" {
	tours 7 ctrun
}

@test "limits, by hand, version 1" {
	local controller

	for controller in cpu pids memory; do
		[ -e "/sys/fs/cgroup/$controller/cgroup.procs" ] ||
			skip "needs the $controller controller of version 1"
	done
	tours 8 v1
}

# bats test_tags=vm
@test "limits, by hand, version 2" {
	local controller

	for controller in cpu pids memory; do
		grep -qsw "$controller" /sys/fs/cgroup/cgroup.controllers ||
			skip "needs the $controller controller of version 2"
	done
	tours 8 v2
}

# bats test_tags=vm
@test "limits, with ctrun" {
	tours 8 ctrun
}

@test "a terminal, by hand" {
	tours 9 hand
}

@test "a terminal, with ctrun" {
	tours 9 ctrun
}

@test "capabilities, by hand" {
	tours 10 hand
}

@test "capabilities, with ctrun" {
	tours 10 ctrun
}

@test "system calls, by hand" {
	[ "$(uname -m)" = x86_64 ] || skip "the filter of the document is for x86_64"
	needs_tool bwrap
	tours 11 hand
}

@test "system calls, with ctrun" {
	tours 11 ctrun
}
