#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ct update: limits of a running container, seen from its control groups.

# bats file_tags=vm

load lib

setup_file()
{
	make_rootfs
}

teardown()
{
	bg_end
	remove_containers
}

# group_file NAME FILE... - the first of these that the container's groups have
group_file()
{
	local path file dir
	path=$(ct inspect "$1" | jq -r '.[0].cgroup')
	shift
	for file in "$@"; do
		for dir in /sys/fs/cgroup /sys/fs/cgroup/*; do
			[ ! -f "$dir/$path/$file" ] || {
				cat "$dir/$path/$file"
				return 0
			}
		done
	done
	fail "no $*"
}

limit()
{
	ct inspect "$1" | jq ".[0].config.limits.$2"
}

@test "memory, pids and cpu of one that has such limits" {
	detach a --memory 32M --pids 10 --cpus 0.5
	gives 0 ct update --memory 64M --pids 20 --cpus 0.25 a
	equal "$output" a
	equal "$(group_file a memory.limit_in_bytes memory.max)" $((64 << 20))
	equal "$(group_file a pids.max)" 20
	[[ $(group_file a cpu.cfs_quota_us cpu.max) =~ ^25000 ]]
	equal "$(limit a memory) $(limit a pids) $(limit a cpus_milli)" "67108864 20 250"
	gives 0 ct update -m 48M a
	equal "$(limit a memory) $(limit a pids)" "50331648 20"
}

@test "limits of one that had none" {
	detach a
	gives 0 ct update --pids 5 --cpu-shares 512 a
	equal "$(group_file a pids.max)" 5
	equal "$(limit a cpu_shares)" 512
	# a sixth process is refused
	run ct exec a sh -c 'for i in 1 2 3 4 5 6; do sleep 0.1 & done; wait'
	prints "fork"
}

@test "groups that a limit needed go with a foreground container" {
	start a
	gives 0 ct update --pids 5 a
	equal "$(group_file a pids.max)" 5
	gives 0 ct stop a
	wait_for 5 is_gone "$bg_pid"
	equal "$(find /sys/fs/cgroup -path "*/$CT_CGROUP_PARENT/ctnet/*" -type d)" ""
}

@test "several at once; one that is not there or has exited stops no other" {
	detach a
	detach b
	detach c -- true
	wait_for 5 eval '[ "$(ct ps -q -f status=exited)" ]'
	gives 1 ct update --pids 7 a nobody c b
	equal "$output" $'a\nb'
	complains "no container nobody"
	complains "c does not run"
	equal "$(group_file a pids.max) $(group_file b pids.max)" "7 7"
}

@test "two updates at once: both count" {
	detach a --pids 50 --memory 32M
	local i
	for i in 1 2 3 4 5; do
		ct update --pids $((100 + i)) a >/dev/null 3>&- &
		ct update --memory $((64 + i))M a >/dev/null 3>&- &
	done
	wait
	equal "$(limit a pids)" "$(group_file a pids.max)"
	equal "$(limit a memory)" "$(group_file a memory.limit_in_bytes memory.max)"
	(($(limit a pids) > 100 && $(limit a memory) > 64 << 20))
}

@test "what is wrong is refused, and nothing changes" {
	detach a --memory 32M
	refuses 2 "no limit is given" ct update a
	refuses 2 "" ct update --memory nonsense a
	refuses 2 "" ct update --memory 64M
	gives 0 ct pause a
	gives 0 ct update --memory 40M a
	equal "$(group_file a memory.limit_in_bytes memory.max)" $((40 << 20))
}
