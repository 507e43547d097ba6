#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --sysctl: settings of a container's own namespaces, and nobody else's.

load lib

setup_file()
{
	make_rootfs
}

teardown()
{
	bg_end
	remove_networks
}

# The host's own values of everything a test here touches
host_values()
{
	cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/{shmmax,sem,domainname,core_pattern} \
		/proc/sys/net/core/somaxconn /proc/sys/kernel/shm_rmid_forced
}

@test "settings of network, IPC and host name, in either form" {
	local before
	before=$(host_values)
	gives 0 in_box --sysctl net.ipv4.ip_forward=1 --sysctl net/core/somaxconn=77 \
		--sysctl kernel.shmmax=12345 --sysctl 'kernel.sem=10 100 10 10' --sysctl kernel.domainname=a=b \
		--sysctl fs.mqueue.msg_max=20 --sysctl kernel/shm_rmid_forced=1 \
		sh -c 'cd /proc/sys; cat net/ipv4/ip_forward net/core/somaxconn kernel/shmmax kernel/sem \
			kernel/domainname fs/mqueue/msg_max kernel/shm_rmid_forced'
	equal "$(tr '\t' ' ' <<<"$output")" $'1\n77\n12345\n10 100 10 10\na=b\n20\n1'
	equal "$(host_values)" "$before"
	# read-only for the command all the same
	denied in_box --sysctl net.ipv4.ip_forward=1 sh -c 'echo 0 >/proc/sys/net/ipv4/ip_forward'
}

@test "with networks joined, and with a user who is not root" {
	ctnet create net0 --subnet 10.9.0.0/24
	gives 0 in_box --net net0 --user 1000 --init --sysctl net.ipv4.conf.eth0.rp_filter=1 \
		cat /proc/sys/net/ipv4/conf/eth0/rp_filter
	equal "$output" 1
}

@test "the host's settings are refused, however they are written (CVE-2022-0811)" {
	local before word
	before=$(host_values)
	for word in kernel.core_pattern=x kernel/core_pattern=x vm.overcommit_memory=1 fs.file-max=9 \
		net/../kernel/core_pattern=x net/ipv4/../../kernel/core_pattern=x /kernel/core_pattern=x \
		'kernel.shm_rmid_forced+kernel.core_pattern=x' $'kernel.shm_rmid_forced=1\nkernel.core_pattern=x' \
		=x x '' kernel.shmmaxx=1 net.=1; do
		refuses 125 -- in_box --sysctl "$word" true
	done
	# the first '=' ends the name: what follows is a value, and no good one
	refuses 125 'kernel/shm_rmid_forced=1.kernel.core_pattern=' \
		in_box --sysctl 'kernel.shm_rmid_forced=1+kernel.core_pattern=x' true
	refuses 125 'that is --hostname|not set in this way' in_box --sysctl kernel.hostname=x true
	equal "$(host_values)" "$before"
}

@test "a namespace that is not the container's own is not written to" {
	local before
	before=$(host_values)
	refuses 125 'no network namespace of its own' in_box --net host --sysctl net.ipv4.ip_forward=1 true
	start one
	refuses 125 'no network namespace of its own' in_box --net container:one --sysctl net.core.somaxconn=7 true
	gives 0 ct exec one cat /proc/sys/net/core/somaxconn
	[ "$output" != 7 ] || fail "another's was set"
	refuses 125 'no user namespace of its own' in_box --sysctl user.max_net_namespaces=3 true
	equal "$(host_values)" "$before"
}

@test "what the kernel does not have or take is said, and ends the start" {
	refuses 125 'no such setting' in_box --sysctl net.ipv4.no_such_thing=1 true
	refuses 125 'Invalid argument' in_box --sysctl net.ipv4.ip_forward=maybe true
	equal "$(ls -A /run/ctnet/containers)" ""
}

@test "an image's /proc has no say in it (CVE-2019-16884, CVE-2025-52881)" {
	cp -a "$ROOTFS" "$BATS_TEST_TMPDIR/evil"
	mkdir -p "$BATS_TEST_TMPDIR/evil/proc/sys/net/ipv4"
	ln -s "$BATS_TEST_TMPDIR/victim" "$BATS_TEST_TMPDIR/evil/proc/sys/net/ipv4/ip_forward"
	gives 0 ctrun --rootfs "$BATS_TEST_TMPDIR/evil" --sysctl net.ipv4.ip_forward=1 cat /proc/sys/net/ipv4/ip_forward
	equal "$output" 1
	[ ! -e "$BATS_TEST_TMPDIR/victim" ] || fail "written outside"
}
