#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# System calls that the kernel, or a filter around us, does not have (ENOSYS), one by one:
# what is needed is named at once, before anything is made; what is not needed is not missed.

# shellcheck disable=SC2317 # functions are called by name
load lib
load lab

# What Linux 5.12 has, and the program does not do without.
readonly NEEDED="renameat2 getrandom memfd_create execveat statx pidfd_send_signal open_tree
	move_mount fsopen fsconfig fsmount pidfd_open openat2 clone3 close_range mount_setattr"
# What is younger, or has something else in its place.
readonly SPARE="fspick pidfd_getfd faccessat2 process_madvise epoll_pwait2 copy_file_range kcmp
	443-"

setup_file()
{
	make_rootfs
}

setup()
{
	"$CT_TESTS/system/without" kcmp true || skip "no filter of system calls can be made here"
}

teardown()
{
	bg_end
	remove_containers
	ctlab down --all
	remove_networks
}

lacking()
{
	"$CT_TESTS/system/without" "$@"
}

# What is there of containers, networks and labs.
world_now()
{
	lab_world
	find /run/ctnet /etc/ctnet ! -name lock ! -name .lock ! -name spare -print 2>/dev/null | sort
	ip netns list
}

# stops_at_once STATUS COMMAND... - without each of them, and the world is as it was
stops_at_once()
{
	local want=$1 call
	shift
	for call in $NEEDED; do
		refuses "$want" "(the system call $call is refused by a seccomp filter|has no system call $call,)" \
			lacking "$call" "$@"
		complains 'hint: '
	done
	[ "$(world_now)" = "$before" ] || fail "$1: $(diff <(echo "$before") <(world_now))"
}

@test "ctnet create, ctrun: what is missing is named, and nothing is made" {
	ctnet create bridge0 --subnet 10.99.0.0/24
	in_box --net bridge0 true
	# its link goes with its namespace, a moment later
	wait_for 10 eval '! ip -o link show type veth | grep -q .'
	before=$(world_now)
	stops_at_once 1 ctnet create other --subnet 10.98.0.0/24
	stops_at_once 125 ctrun --rootfs "$ROOTFS" --net bridge0 true
	stops_at_once 125 ctrun -d --rootfs "$ROOTFS" sleep 1000
}

@test "ct exec, ct stop: what is missing is named, and the container goes on" {
	detach one
	before=$(world_now)
	stops_at_once 125 ct exec one true
	stops_at_once 1 ct stop one
	is_running one
	gives 0 ct stop -t 0 one
}

@test "ctlab up, test, down: what is missing is named, and labs are as they were" {
	a_lab
	ctnet gc
	before=$(world_now)
	stops_at_once 1 ctlab up "$LAB"
	ctlab up "$LAB"
	before=$(world_now)
	stops_at_once 1 ctlab test killed
	stops_at_once 1 ctlab down killed
	gives 0 ctlab down killed
}

# a_life CALL - of a network, containers and a lab, where it is missing
a_life()
{
	local here=("$CT_TESTS/system/without" "$1")
	gives 0 "${here[@]}" ctnet create bridge0 --subnet 10.99.0.0/24
	gives 0 "${here[@]}" ctrun --rootfs "$ROOTFS" --net bridge0 ip -4 addr show eth0
	prints 'inet 10\.99\.0\.'
	gives 0 "${here[@]}" ctrun -d --name one --rootfs "$ROOTFS" --net bridge0 -p 8080:80 sleep 1000
	gives 0 "${here[@]}" ct exec one echo inside
	equal "$output" inside
	gives 0 "${here[@]}" ct cp one:/etc/passwd "$BATS_TEST_TMPDIR/passwd"
	gives 0 "${here[@]}" ct stop -t 0 one
	gives 0 "${here[@]}" ct rm one
	gives 0 "${here[@]}" ctnet rm bridge0
	gives 0 "${here[@]}" ctlab up "$LAB"
	gives 0 "${here[@]}" ctlab exec killed a true
	gives 0 "${here[@]}" ctlab test killed
	gives 0 "${here[@]}" ctlab down killed
	equal "$(ls /run/ctnet/labs /run/ctnet/containers)" "$(printf '/run/ctnet/containers:\n\n/run/ctnet/labs:')"
}

@test "what came after Linux 5.12, and what has a substitute, is not missed" {
	local call
	a_lab
	printf '[test.wire]\ntype = pingall\n' >>"$LAB"
	for call in $SPARE; do
		a_life "$call"
	done
}
