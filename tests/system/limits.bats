#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Limits, read where the kernel keeps them, and felt from inside. What a hierarchy
# of the host's version calls it is in the tables here: v1 name, v2 name.

# bats file_tags=vm

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

# group NAME CONTROLLER - the directory of the container's group
group()
{
	local id dir
	id=$(ct ps -j | jq -er --arg n "$1" '.[] | select(.name == $n) | .id')
	# v1 first: the v2 group beside it has files of pressure for every controller
	for dir in /sys/fs/cgroup/{"$2","$2",*,*,"$2",unified,.}/"$CT_CGROUP_PARENT/ctnet/$id"; do
		compgen -G "$dir/$2.*" >/dev/null || continue
		echo "$dir"
		return
	done
	return 1
}

# says NAME CONTROLLER V1FILE V2FILE WANT1 [WANT2] - the file there has this text
says()
{
	local dir want=$5
	dir=$(group "$1" "$2") || fail "no $2 group of $1"
	if [ -e "$dir/$3" ]; then
		equal "$(cat "$dir/$3")" "$want"
	else
		equal "$(cat "$dir/$4")" "${6-$5}"
	fi
}

# has CONTROLLER - the host has it, in either version
has()
{
	awk -v c="$1" '$1 == c { found = $4 } END { exit !found }' /proc/cgroups || return 1
	grep -qsw "$1" /sys/fs/cgroup/cgroup.controllers /sys/fs/cgroup/unified/cgroup.controllers ||
		grep -q " cgroup .*[ ,]$1\(,\|\$\)" /proc/self/mountinfo
}

disk()
{
	local name
	for name in /sys/block/*; do
		name=${name##*/}
		case $name in loop* | ram*) continue ;; esac
		[ ! -b "/dev/$name" ] || { echo "/dev/$name"; return; }
	done
	return 1
}

@test "--memory, --memory-swap, --memory-reservation" {
	start one --memory 64M --memory-reservation 32M
	says one memory memory.limit_in_bytes memory.max 67108864
	says one memory memory.soft_limit_in_bytes memory.low 33554432
	start two --memory 64M --memory-swap 96M
	start three --memory 64M --memory-swap -1
	if [ -e "$(group one memory)/memory.memsw.limit_in_bytes" ] ||
		[ -e "$(group one memory)/memory.swap.max" ]; then
		says one memory memory.memsw.limit_in_bytes memory.swap.max 67108864 0
		says two memory memory.memsw.limit_in_bytes memory.swap.max 100663296 33554432
		says three memory memory.memsw.limit_in_bytes memory.swap.max 9223372036854771712 max
	fi
	refuses 125 'hint: give --memory too' in_box --memory-swap 64M true
	refuses 125 'memory and swap together' in_box --memory 64M --memory-swap 32M true
	refuses 125 'neither -1 nor' in_box --memory 64M --memory-swap 0 true
}

@test "a command over --memory is killed, and it is said why" {
	gives 137 in_box --memory 32M sh -c 'exec tail -c 100000000 /dev/zero'
	complains 'killed by the memory limit of 32M'
	# a process of it, and the command goes on
	gives 7 in_box --memory 32M sh -c 'tail -c 100000000 /dev/zero; exit 7'
	complains 'a process was killed by the memory limit of 32M'
	# who ends otherwise was not
	gives 137 in_box --memory 32M sh -c 'kill -KILL $$; sh -c "kill -KILL $$"; exit 137'
	[[ $stderr != *limit* ]] || fail "blamed on the limit"
}

@test "a limit that is too small to start with: an error, and nothing left" {
	refuses 125 'hint: .*--memory' in_box --memory 4K true
	gives 0 in_box --pids 1 true
	gives 2 in_box --pids 1 sh -c '/bin/true; exit 3'
	complains "can't fork"
	equal "$(ls -A /run/ctnet/containers)" ""
}

@test "a command in a container whose pids are used up" {
	start full --pids 3 -- sh -c 'sleep 1000 & sleep 1000 & exec sleep 1000'
	wait_for 5 grep -qx 3 "$(group full pids)/pids.current"
	run --separate-stderr ct exec full true
	# v1 lets who joins in and refuses what that forks; v2 refuses the birth
	[ "$status" = 0 ] || complains 'pids'
	run --separate-stderr ct exec full sh -c '/bin/true; exit 3'
	[ "$status" != 3 ] || fail "more than --pids"
	is_running full
}

@test "--cpus, --cpu-shares" {
	start one --cpus 0.5 --cpu-shares 512
	says one cpu cpu.cfs_quota_us cpu.max 50000 "50000 100000"
	says one cpu cpu.shares cpu.weight 512 20
	refuses 125 'not between 2 and 262144' in_box --cpu-shares 1 true
}

@test "a real-time process over --cpus: the kernel takes it, or the error says what to do" {
	run --separate-stderr chrt --fifo 1 ctrun --rootfs "$ROOTFS" --cpus 1 true
	[ "$status" = 0 ] || complains 'hint: .*chrt --other 0 ctrun'
	[ "$status" = 0 ] || equal "$status" 125
	gives 0 chrt --fifo 1 chrt --other 0 ctrun --rootfs "$ROOTFS" --cpus 1 true
}

@test "--cpuset-cpus, --cpuset-mems" {
	has cpuset || skip "the kernel has no cpuset controller"
	gives 0 in_box --cpuset-cpus 0 --cpuset-mems 0 grep -E '^(Cpus|Mems)_allowed_list' /proc/self/status
	prints 'Cpus_allowed_list:[[:space:]]*0'$'\n'
	prints 'Mems_allowed_list:[[:space:]]*0$'
	gives 0 in_box --cpuset-mems 0 nproc
	equal "$output" "$(nproc)"
	refuses 125 'not a list of CPUs' in_box --cpuset-cpus 0- true
	gives 125 in_box --cpuset-cpus 4095 true
	complains '--cpuset-cpus'
}

@test "--pids, --pids-limit" {
	start one --pids 20
	says one pids pids.max pids.max 20
	start two --pids-limit 21
	says two pids pids.max pids.max 21
	start three --pids-limit -1
	says three pids pids.max pids.max max
	refuses 125 'pids' in_box --pids 0 true
}

@test "--io-weight, --blkio-weight" {
	has blkio || has io || skip "the kernel has no controller of block devices"
	run --separate-stderr in_box --io-weight 300 true
	[ "$status" = 0 ] || { complains '--io-weight'; skip "this kernel has no weights"; }
	start one --io-weight 300
	start two --blkio-weight 10
	local name controller=blkio
	group one blkio >/dev/null || controller=io
	for name in blkio.weight blkio.bfq.weight io.bfq.weight; do
		[ -e "$(group one $controller)/$name" ] || continue
		equal "$(sed 's/default //' "$(group one $controller)/$name")" 300
		equal "$(sed 's/default //' "$(group two $controller)/$name")" 10
	done
	refuses 125 'not between 1 and 1000' in_box --io-weight 1001 true
}

@test "--io-max, --device-read-bps and the others" {
	local disk number
	has blkio || has io || skip "the kernel has no controller of block devices"
	disk=$(disk) || skip "there is no disk here"
	number=$(printf '%d:%d' "0x$(stat -c %t "$disk")" "0x$(stat -c %T "$disk")")
	start one --device-read-bps "$disk:1mb" --device-write-bps "$disk:2M" \
		--device-read-iops "$disk:30" --device-write-iops "$disk:40"
	start two --io-max "$disk:rbps=1M,wbps=2M,riops=30,wiops=40"
	start three --io-max "$number:rbps=1M"
	if group one blkio >/dev/null; then
		local who
		for who in one two; do
			says $who blkio blkio.throttle.read_bps_device - "$number 1048576"
			says $who blkio blkio.throttle.write_bps_device - "$number 2097152"
			says $who blkio blkio.throttle.read_iops_device - "$number 30"
			says $who blkio blkio.throttle.write_iops_device - "$number 40"
		done
		says three blkio blkio.throttle.read_bps_device - "$number 1048576"
	else
		says one io - io.max "$number rbps=1048576 wbps=2097152 riops=30 wiops=40"
		says two io - io.max "$number rbps=1048576 wbps=2097152 riops=30 wiops=40"
		says three io - io.max "$number rbps=1048576 wbps=max riops=max wiops=max"
	fi
	refuses 125 'is no block device' in_box --io-max /dev/null:rbps=1M true
	refuses 125 'No such file' in_box --device-read-bps /dev/no-such-disk:1M true
	refuses 125 'did you mean rbps' in_box --io-max "$disk:rbp=1M" true
	refuses 125 'is not DEVICE:RATE' in_box --device-read-iops 30 true
}

@test "--hugetlb" {
	has hugetlb || skip "the kernel has no hugetlb controller"
	[ -d /sys/kernel/mm/hugepages/hugepages-2048kB ] || skip "no huge pages of 2M"
	start one --hugetlb 2M=64M
	says one hugetlb hugetlb.2MB.limit_in_bytes hugetlb.2MB.max 67108864
	refuses 125 'hugetlb.32MB' in_box --hugetlb 32M=64M true
	refuses 125 'not the size of a huge page' in_box --hugetlb 3M=64M true
}

@test "--cgroup: a file of the kernel's" {
	start one --cgroup pids.max=33 --cgroup cpu.idle=1
	says one pids pids.max pids.max 33
	says one cpu cpu.idle cpu.idle 1
	# said last, it wins
	start two --pids 9 --cgroup pids.max=34
	says two pids pids.max pids.max 34
	refuses 125 'pids.max.*Invalid' in_box --cgroup pids.max=nonsense true
	refuses 125 'no pids.nothing' in_box --cgroup pids.nothing=1 true
	local key
	for key in cgroup.procs cgroup.kill cgroup.subtree_control tasks release_agent freezer.state; do
		refuses 125 'is no limit' in_box --cgroup "$key=1" true
	done
	for key in ../pids.max pids/../x /pids.max .. pids..max; do
		refuses 125 'is not the name of a file' in_box --cgroup "$key=1" true
	done
	refuses 125 'belongs to no controller' in_box --cgroup nothing.max=1 true
}

@test "words that are no limits are told what would be" {
	refuses 125 'hint: .*nofile=1024:4096' in_box --ulimit nofile true
	refuses 125 'hint: getrlimit' in_box --ulimit frobnicate=1 true
	refuses 125 'hint: .*2M=64M' in_box --hugetlb foo true
	refuses 125 'hint: .*memory.high=64M' in_box --cgroup foo true
	refuses 125 'hint: .*at least 0.001' in_box --cpus 0 true
}

@test "--ulimit, --oom-score-adj" {
	gives 0 in_box --ulimit nofile=123:456 --ulimit core=0 sh -c 'ulimit -n; ulimit -Hn; ulimit -c'
	equal "${lines[*]}" "123 456 0"
	gives 0 in_box --oom-score-adj 300 cat /proc/self/oom_score_adj
	equal "$output" 300
	refuses 125 'not a number from -1000 to 1000' in_box --oom-score-adj 1001 true
	refuses 125 'not a number from -1000 to 1000' in_box --oom-score-adj x true
	local now
	now=$(cat /proc/self/oom_score_adj)
	run --separate-stderr in_box --oom-score-adj $((now - 1)) cat /proc/self/oom_score_adj
	if [ "$status" = 0 ]; then
		equal "$output" $((now - 1))
	else
		complains 'hint: lowering it needs CAP_SYS_RESOURCE'
	fi
}

@test "--oom-kill-disable" {
	if [ -d /sys/fs/cgroup/memory ]; then
		start one --memory 32M --oom-kill-disable
		gives 0 cat "$(group one memory)/memory.oom_control"
		prints 'oom_kill_disable 1'
		# who waits for memory dies all the same when the container ends
		start two --memory 32M --oom-kill-disable -- sh -c 'sleep 986429 & x=0123456789abcdef
			while :; do x=$x$x; done'
		wait_for 10 grep -q 'under_oom 1' "$(group two memory)/memory.oom_control"
		kill -KILL "$bg_pid"
		wait_for 5 not pgrep -f 'sleep 986429'
	else
		refuses 125 'version 2' in_box --memory 32M --oom-kill-disable true
	fi
}

@test "--cgroup-parent" {
	local id dirs
	start one --cgroup-parent "/$CT_CGROUP_PARENT/deep" --pids 5
	id=$(ct ps -j | jq -r '.[0].id')
	dirs=(/sys/fs/cgroup/"$CT_CGROUP_PARENT/deep/ctnet/$id" /sys/fs/cgroup/*/"$CT_CGROUP_PARENT/deep/ctnet/$id")
	# of version 2 alone, or of any hierarchy beside it
	[ -d "${dirs[0]}" ] || [ -d "${dirs[-1]}" ] || fail "not there"
	bg_end
	ctnet gc
	# the parent is the administrator's and stays
	for id in /sys/fs/cgroup/"$CT_CGROUP_PARENT" /sys/fs/cgroup/*/"$CT_CGROUP_PARENT"; do
		[ ! -d "$id/deep/ctnet" ] || wait_for 5 rmdir "$id/deep/ctnet"
		[ ! -d "$id/deep" ] || rmdir "$id/deep"
	done
	local parent
	for parent in .. a/../b ./a a//b; do
		refuses 125 'cgroup parent' in_box --cgroup-parent "$parent" true
	done
}

@test "a host where groups cannot be made: the error says for what they are needed, and the cure" {
	local mounts
	mounts=$(awk '/ - cgroup2? / { print $5 }' /proc/self/mountinfo | sort -u)
	export mounts
	gives 125 unshare -m sh -c 'for m in $mounts; do mount -o remount,bind,ro "$m"; done
		ctrun --rootfs "$ROOTFS" --pids 5 true'
	complains '--pids: make cgroup .*Read-only'
	complains 'hint: .* must be writable'
	gives 0 unshare -m sh -c 'for m in $mounts; do mount -o remount,bind,ro "$m"; done
		ctrun --rootfs "$ROOTFS" true'
}

@test "all of them at once, and nothing is left" {
	gives 0 in_box --memory 64M --memory-swap 80M --memory-reservation 32M --cpus 0.5 --cpu-shares 100 \
		--cpuset-cpus 0 --cpuset-mems 0 --pids 20 --ulimit nofile=100 --oom-score-adj 500 \
		--cgroup cpu.idle=0 sh -c 'cat /proc/self/oom_score_adj; ulimit -n'
	equal "${lines[*]}" "500 100"
	gives 0 find /sys/fs/cgroup -mindepth 2 -path "*/$CT_CGROUP_PARENT/ctnet/*" -type d
	equal "$output" ""
}
