#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What containers meet when the host runs short: a full disk under the state, the
# log or the writable layer, a root that vanishes, control groups that are full,
# records that somebody deleted. A clear error or a clean recovery; nothing left.

load lib

setup_file()
{
	make_rootfs
}

setup()
{
	SMALL=$BATS_TEST_TMPDIR/small
	mkdir "$SMALL"
}

teardown()
{
	bg_end
	remove_containers
	ctnet gc
	! mountpoint -q "$SMALL" || umount "$SMALL"
}

# small - a file system of 64 KiB and 40 inodes
small()
{
	mount -t tmpfs -o size=64k,nr_inodes=40 small "$SMALL"
}

# Until not one block is free.
fill()
{
	cat /dev/zero >"$SMALL/fill" 2>/dev/null || true
}

# groups_left - of containers
groups_left()
{
	find /sys/fs/cgroup/*/"$CT_CGROUP_PARENT"/ctnet /sys/fs/cgroup/"$CT_CGROUP_PARENT"/ctnet \
		-mindepth 1 -type d 2>/dev/null
}

nothing_left()
{
	wait_for 10 eval '[ -z "$(groups_left)" ]'
	wait_for 10 not pgrep '^ct-'
	equal "$(find "${1-/run/ctnet}" -path '*/containers/*' -o -path '*/names/*' ! -name .lock \
		-o -path '*/files/*')" ""
}

here()
{
	ct --root "$SMALL/root" "$@"
}

@test "a disk that is full under the state: an error that says so, and nothing half there" {
	small
	mkdir "$SMALL/root"
	chmod 700 "$SMALL/root"
	fill
	refuses 125 'No space left' ctrun --root "$SMALL/root" --rootfs "$ROOTFS" true
	complains 'hint: .*--root'
	refuses 125 'No space left' ctrun --root "$SMALL/root" -d --name one --rootfs "$ROOTFS" true
	nothing_left "$SMALL/root"
	rm "$SMALL/fill"
	gives 0 ctrun --root "$SMALL/root" --name one --rootfs "$ROOTFS" true
}

@test "no inode is left under the state" {
	small
	mkdir "$SMALL/root"
	chmod 700 "$SMALL/root"
	local n
	for n in {1..50}; do
		: >"$SMALL/$n" || break
	done 2>/dev/null
	refuses 125 'No space left' ctrun --root "$SMALL/root" --name one --rootfs "$ROOTFS" true
	refuses 125 'No space left' ctrun --root "$SMALL/root" -d --name one --rootfs "$ROOTFS" true
	rm "$SMALL"/[0-9]*
	gives 0 ctrun --root "$SMALL/root" --name one --rootfs "$ROOTFS" true
}

@test "a disk that becomes full while it runs: it is stopped, listed and removed all the same" {
	small
	gives 0 ctrun --root "$SMALL/root" -d --name one --rootfs "$ROOTFS" sleep 1000
	fill
	gives 0 here stop -t 0 one
	equal "$(here ps -a -j | jq -r '.[0].status')" exited
	gives 0 here rm one
	equal "$(here ps -aq)" ""
	nothing_left "$SMALL/root"
}

@test "a disk that is full under the log costs lines, not the container" {
	small
	gives 0 ctrun --root "$SMALL/root" -d --name one --rootfs "$ROOTFS" sh -c \
		'echo before; until [ -e /go ]; do sleep 0.05; done
		i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i+1)); done; touch /done
		until [ -e /on ]; do sleep 0.05; done; echo after; sleep 1000'
	wait_for 10 eval 'here logs one | grep before'
	fill
	gives 0 here exec one touch /go
	wait_for 20 here exec one test -e /done
	rm "$SMALL/fill"
	gives 0 here exec one touch /on
	wait_for 10 eval 'here logs one | grep after'
	gives 0 here rm -f one
}

@test "--upper on a disk that is full" {
	small
	mkdir "$SMALL/upper"
	local n
	for n in {1..50}; do
		: >"$SMALL/$n" || break
	done 2>/dev/null
	refuses 125 'No space left' in_box --upper "$SMALL/upper" true
	rm "$SMALL"/[0-9]*
	# full of bytes: that is the command's own to meet
	fill
	gives 1 in_box --upper "$SMALL/upper" sh -c 'head -c 100000 /dev/zero >/f'
	rm "$SMALL/fill"
	gives 0 in_box --upper "$SMALL/upper" sh -c 'echo here >/g'
	equal "$(find "$SMALL/upper" -name g -exec cat {} +)" here
	nothing_left
}

@test "a root that is gone before, while it runs, and between two starts" {
	refuses 125 '/nowhere: No such file' ctrun --rootfs "$BATS_TEST_TMPDIR/nowhere" true
	cp -a "$ROOTFS" "$BATS_TEST_TMPDIR/root"
	gives 0 ctrun -d --name one --rootfs "$BATS_TEST_TMPDIR/root" sleep 1000
	gives 0 ctrun -d --name two --restart always --rootfs "$BATS_TEST_TMPDIR/root" sleep 1000
	rm -r "$BATS_TEST_TMPDIR/root"
	gives 127 ct exec one true
	complains 'not found'
	gives 0 ct stop -t 0 one
	gives 0 ct rm one
	kill -KILL "$(pid_of two)"
	wait_for 10 eval 'ct inspect two -j | grep "No such file"'
	gives 0 ct rm -f two
	nothing_left
}

# limit FILE VALUE - of the group above all containers; false: no such controller here
limit()
{
	local dir
	for dir in /sys/fs/cgroup/*/"$CT_CGROUP_PARENT" /sys/fs/cgroup/"$CT_CGROUP_PARENT"; do
		[ ! -w "$dir/$1" ] || echo "$2" >"$dir/$1" && [ -e "$dir/$1" ] && return
	done
	return 1
}

# bats test_tags=vm
@test "a group above that holds as many processes as it may" {
	# makes the groups
	gives 0 in_box --pids 20 true
	limit pids.max 1 || skip "no pids controller"
	run --separate-stderr in_box --pids 20 sh -c '/bin/true; /bin/true'
	local own=$status
	run --separate-stderr in_box --pids 20 --init true
	limit pids.max max
	[ "$own" != 0 ] || fail "it made processes"
	equal "$status" 125
	complains 'Resource temporarily unavailable'
	complains 'hint: .*pids.max'
	gives 0 in_box --pids 20 --init sh -c '/bin/true; /bin/true'
	nothing_left
}

# bats test_tags=vm
@test "a memory limit that not even a start fits into" {
	run --separate-stderr in_box --memory 4K true
	[ "$status" = 125 ] || fail "a start within 4 KiB"
	complains 'hint: .*--memory'
	[ "${#stderr_lines[@]}" -le 2 ] || fail "more than a line and a hint"
	run --separate-stderr in_box -d --name one --memory 4K true
	[ "$status" = 125 ] || fail "a start within 4 KiB"
	equal "$(ct ps -aq)" ""
	nothing_left
}

# bats test_tags=vm
@test "a group above that may have no more groups" {
	gives 0 in_box true
	limit cgroup.max.descendants 0 || skip "no cgroup v2"
	refuses 125 'make cgroup' in_box true
	complains 'hint: cgroup.max.descendants'
	refuses 125 'make cgroup' in_box -d --name one true
	limit cgroup.max.descendants max
	gives 0 in_box --name one true
	nothing_left
}

@test "records that somebody deleted: the container lives on, and leaves nothing" {
	local monitor init
	gives 0 ctrun -d --name one --memory 64M --rootfs "$ROOTFS" sleep 1000
	init=$(pid_of one)
	monitor=$(pgrep '^ct-monitor')
	rm -r /run/ctnet/containers /run/ctnet/names /run/ctnet/files
	equal "$(ct ps -aq)" ""
	# its name is free, and its groups are not taken for anybody's
	gives 0 in_box --name one true
	gives 0 ctnet gc
	kill -0 "$init"
	kill -KILL "$init"
	wait_for 10 is_gone "$monitor"
	nothing_left
}

@test "the record of one in the foreground deleted: its status comes home" {
	bg one ctrun --name one --rootfs "$ROOTFS" sh -c 'until [ -e /go ]; do sleep 0.05; done; exit 7'
	wait_for 15 is_running one
	local init
	init=$(pid_of one)
	rm -r /run/ctnet
	touch "/proc/$init/root/go"
	local status=0
	wait "$bg_pid" || status=$?
	equal "$status" 7
	equal "$(cat "$BATS_TEST_TMPDIR/one.err")" ""
	nothing_left
}

# own_kib PID... - of their memory alone
own_kib()
{
	local pid
	for pid; do
		cat "/proc/$pid/smaps_rollup"
	done | awk '$1 == "Pss:" { s += $2 } END { print s }'
}

small_enough()
{
	[ "$(own_kib "$@")" -le 1024 ]
}

@test "one in the background that is idle costs at most 1 MiB: monitor, guard and reaper" {
	[ -z "${CT_SANITIZED-}" ] || skip "a sanitizer has a shadow of its own"
	gives 0 ctrun -d --init --name one --rootfs "$ROOTFS" sleep 1000
	local ours
	ours="$(pgrep '^ct-monitor') $(pgrep '^ct-guard') $(pid_of one)"
	# shellcheck disable=SC2086
	wait_for 15 small_enough $ours || fail "$(own_kib $ours) KiB"
	gives 0 ct rm -f one
	# the terminal's way and a watched one, too
	gives 0 ctrun -d -t --health-cmd true --health-interval 1h --name two --rootfs "$ROOTFS" sleep 1000
	ours="$(pgrep '^ct-monitor') $(pgrep '^ct-guard')"
	# shellcheck disable=SC2086
	wait_for 15 small_enough $ours || fail "$(own_kib $ours) KiB"
}

@test "a hundred in the background, one after the other, and all are gone again" {
	local n ids
	for n in {1..100}; do
		ctrun -d --rootfs "$ROOTFS" sleep 1000 >>"$BATS_TEST_TMPDIR/ids" || fail "number $n"
	done
	equal "$(ct ps -j | jq '[.[] | select(.status == "running")] | length')" 100
	mapfile -t ids <"$BATS_TEST_TMPDIR/ids"
	gives 0 ct rm -f "${ids[@]}"
	equal "$(ct ps -aq)" ""
	nothing_left
}
