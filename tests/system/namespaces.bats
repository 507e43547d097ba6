#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Whose namespaces a container has: the host's, another's, those kept at files.

# shellcheck disable=SC2317,SC2154
load lib

setup_file()
{
	make_rootfs
}

teardown()
{
	bg_end
	ctnet gc
}

inode()
{
	readlink "/proc/$1/ns/$2"
}

init_of()
{
	ct ps -j | jq -r --arg n "$1" '.[] | select(.name == $n) | .pid'
}

@test "--pid, --ipc, --uts, --cgroupns host" {
	local kind option
	for kind in pid ipc uts cgroup; do
		option=--$kind
		[ "$kind" != cgroup ] || option=--cgroupns
		start c "$option" host
		equal "$(inode "$(init_of c)" "$kind")" "$(inode self "$kind")"
		bg_end
		gives 0 ctnet gc
	done
	refuses 125 'needs a uts namespace' in_box --uts host --hostname x true
	gives 0 in_box --uts host hostname
	equal "$output" "$(hostname)"
}

@test "container:NAME is joined, and its kind is looked at" {
	start a
	local kind option pid
	for kind in pid ipc uts cgroup; do
		option=--$kind
		[ "$kind" != cgroup ] || option=--cgroupns
		gives 0 in_box "$option" container:a readlink "/proc/self/ns/$kind"
		equal "$output" "$(inode "$(init_of a)" "$kind")"
	done
	pid=$(init_of a)
	gives 0 in_box --uts "ns:/proc/$pid/ns/uts" hostname
	equal "$output" a
	refuses 125 'is a namespace of kind ipc, not uts' in_box --uts "ns:/proc/$pid/ns/ipc" true
	refuses 125 'no namespace that you may join' in_box --uts ns:/nowhere true
	refuses 125 'no namespace that you may join' in_box --uts ns:/etc/passwd true
	refuses 125 "host, private, container:NAME or ns:PATH" in_box --uts other true
	refuses 125 'container' in_box --pid container:nobody true
}

# bats test_tags=vm
@test "in the host's pid namespace everything still ends with the container" {
	gives 0 in_box --pid host sh -c 'setsid sleep 4242 >/dev/null 2>&1 & exit 0'
	wait_for 10 not pgrep -f 'sleep 4242'
	start c --pid host -- sh -c 'setsid sleep 4243 & sleep 4243'
	wait_for 10 pgrep -f 'sleep 4243'
	kill -KILL "$bg_pid"
	wait_for 10 not pgrep -f 'sleep 4243'
	gives 0 ctnet gc
}

# bats test_tags=vm
@test "in another container's pid namespace, too" {
	start a
	gives 0 in_box --pid container:a sh -c 'setsid sleep 4244 >/dev/null 2>&1 & exit 0'
	wait_for 10 not pgrep -f 'sleep 4244'
}

@test "--only: just the named ones are new" {
	local kind
	gives 0 ctrun --only uts,pid sh -c 'readlink /proc/self/ns/*; hostname inner; echo $$'
	for kind in ipc mnt net cgroup user; do
		prints "$kind:.*"
		[[ $output == *"$(inode self "$kind")"* ]] || fail "$kind is new"
	done
	for kind in uts pid; do
		[[ $output != *"$(inode self "$kind")"* ]] || fail "$kind is not new"
	done
	equal "$(tail -n 1 <<<"$output")" 1
	[ "$(hostname)" != inner ]
	# without mnt these are the caller's files
	gives 0 ctrun --only uts cat "$BATS_TEST_FILENAME"
	refuses 125 "without mnt in --only" ctrun --only uts -v /tmp:/x true
	refuses 125 "without mnt in --only" ctrun --only uts --rootfs "$ROOTFS" true
	refuses 125 "is not one of" ctrun --only uts,nope true
	gives 0 ctrun --only user sh -c 'id -u; readlink /proc/self/ns/user'
	[[ $output != *"$(inode self user)"* ]]
}

@test "--persist keeps a namespace at a file, to be joined" {
	local at=$BATS_TEST_TMPDIR/uts net=$BATS_TEST_TMPDIR/net
	gives 0 in_box --hostname kept --persist "uts=$at" --persist "net=$net" true
	equal "$(stat -f -c %T "$at")" nsfs
	gives 0 in_box --uts "ns:$at" hostname
	equal "$output" kept
	equal "$(nsenter "--uts=$at" hostname)" kept
	refuses 125 'of kind uts, not ipc' in_box --ipc "ns:$at" true
	umount "$at" "$net"
	refuses 125 'no namespace that you may join' in_box --uts "ns:$at" true
	refuses 125 'is not KIND=FILE' in_box --persist nonsense true
	# all or none
	refuses 125 'keep the mnt namespace|make /nowhere' in_box --persist "uts=$at" \
		--persist mnt=/nowhere/x true
	[ "$(stat -f -c %T "$at")" != nsfs ]
}

@test "--persist keeps a mount namespace too, with what is mounted in it" {
	local at=$BATS_TEST_TMPDIR/mnt
	run --separate-stderr in_box --persist "mnt=$at" sh -c 'echo x >/tmp/kept'
	# Linux refuses one that it takes for older than the caller's (fs/namespace.c,
	# mnt_ns_loop); 6.18 was seen to take a new one for that now and then
	[[ $stderr != *"Invalid argument"* ]] || skip "the kernel takes the new namespace for an older one"
	equal "$status" 0
	gives 0 nsenter --mount="$at" /bin/busybox cat /tmp/kept
	equal "$output" x
	umount "$at"
}
