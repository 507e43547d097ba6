#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A host without control groups: containers run, what needs a group says so, and
# the processes of a container are found by its pid namespace.

load lib

setup_file()
{
	make_rootfs
}

# bare FUNCTION - one of this file, in a bash where no control groups are mounted; what
# is mounted over them here may have more below it
bare()
{
	run --separate-stderr unshare -m bash -c '
		while umount -l -R /sys 2>/dev/null; do :; done
		mount -t sysfs sysfs /sys
		"$1"' - "$1"
	[ "$status" = 0 ] || fail "$1"
}

runs()
{
	set -e
	ctrun -d --name one --rootfs "$ROOTFS" sh -c 'sleep 1001 & exec sleep 1000' >/dev/null
	ct exec -d one sleep 1002 >/dev/null
	ctrun -d --name other --rootfs "$ROOTFS" sleep 1003 >/dev/null
	until [ "$(ct top one -j | jq length)" = 3 ]; do sleep 0.05; done
	ct top one -o args | sort
	ct stats --no-stream -j one | jq -r '.pids, .memory > 100000, .memory_limit'
	ct rm -f one other >/dev/null
	ct ps -aq
}
export -f runs

@test "a container runs, and its processes are its own" {
	bare runs
	equal "$output" $'COMMAND\nsleep 1000\nsleep 1001\nsleep 1002\n3\ntrue\nnull'
}

lacks()
{
	ctrun --pids 5 --rootfs "$ROOTFS" true
	echo "run $?"
	ctrun -d --name one --rootfs "$ROOTFS" sleep 1000 >/dev/null
	ct pause one
	echo "pause $?"
	ct update --pids 5 one
	echo "update $?"
	ct rm -f one >/dev/null
}
export -f lacks

@test "what needs a group says so" {
	bare lacks
	equal "$output" $'run 125\npause 1\nupdate 1'
	complains '--pids: the pids controller is mounted nowhere'
	complains 'hint: mount -t cgroup2 none /sys/fs/cgroup, or run without --pids'
	complains 'pause one: '
	complains 'hint: it is in no control group: a writable cgroup v2 or freezer is needed'
	complains 'container one is in no control group'
}
