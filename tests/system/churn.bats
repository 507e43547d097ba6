#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Containers that start, stop, are renamed, paused and updated by many at once,
# while monitors, runners and first processes are killed where nobody chose.
# Afterwards nothing is left, and nobody waits for anybody.

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

# nothing_left - of any container: record, name, file, attachment, lease, mount, cgroup
nothing_left()
{
	gives 0 ctnet gc
	equal "$(ct ps -q)" ""
	equal "$(find /run/ctnet ! -name .lock \( -path '*/containers/*' -o -path '*/files/*' \
		-o -path '*/names/*' -o -path '*/attach/*' -o -path '*/leases/*/*' \))" ""
	wait_for 10 eval '[ -z "$(find /sys/fs/cgroup -path "*/$CT_CGROUP_PARENT/ctnet/*" -type d)" ]'
	equal "$(grep -c ' /run/ctnet' /proc/self/mountinfo)" 0
	wait_for 10 eval '! pgrep -f "^sleep 565656"'
	wait_for 10 eval '! pgrep "^ct-monitor"'
}

# pid_somewhere - of a runner or of a first process, drawn from the records
pid_somewhere()
{
	cat /run/ctnet/containers/* 2>/dev/null | jq -r '.runner.pid, .init.pid // empty' |
		grep -vx 0 | shuf -n 1
}

# In the sandbox's pid namespace all of them are ours.
kill_somewhere()
{
	local pid
	pid=$(pid_somewhere)
	[ -z "$pid" ] || [ "$pid" -le 1 ] || ! kill -KILL "$pid" 2>/dev/null ||
		echo "$pid" >>"$BATS_TEST_TMPDIR/killed"
}

# one_life N - whatever happens, each command comes back
one_life()
{
	local name=c$1 kind=$(($1 % 4))
	exec >/dev/null 2>&1 3>&- </dev/null
	case $kind in
	0) ctrun --name "$name" --rootfs "$ROOTFS" sleep 565656 & ;;
	1) ctrun -d --name "$name" --rootfs "$ROOTFS" sleep 565656 ;;
	2) ctrun -d --rm --name "$name" --rootfs "$ROOTFS" sleep 565656 ;;
	3) ctrun -d --init --name "$name" --restart always --net churn0 -p "127.0.0.1:$((20000 + $1)):80" \
		--rootfs "$ROOTFS" \
		sh -c 'exec sleep 565656' ;;
	esac
	ct rename "$name" "r$name"
	ct pause "r$name" && ct unpause "r$name"
	ct update --pids 20 "r$name"
	ct exec "r$name" true
	case $kind in
	0 | 2) ct stop -t 0 "r$name" "$name" ;;
	1) ct kill "r$name" ;;
	3) ct stop "r$name" ;;
	esac
	[ "$kind" != 0 ] || wait
	ct rm -f "r$name" || ct rm -f "$name"
	true
}

@test "100 lives at once, with deaths among them: nothing is left" {
	ctnet create churn0 --subnet 10.98.0.0/24
	local i pids=()
	for ((i = 0; i < 100; i++)); do
		one_life "$i" &
		pids+=($!)
		((i % 3)) || kill_somewhere
	done
	for i in "${pids[@]}"; do
		wait_for 60 is_gone "$i" || fail "one waits: $(ps -ef)"
		wait "$i" || true
	done
	(($(wc -l <"$BATS_TEST_TMPDIR/killed") >= 10)) || fail "too few were killed"
	# who was not there when it was to be stopped
	ids=$(ct ps -q)
	# shellcheck disable=SC2086
	[ -z "$ids" ] || gives 0 ct rm -f $ids
	nothing_left
}

@test "stop and rm of the same containers by many: each goal is reached once" {
	local i k pids=()
	for i in 1 2 3 4 5; do
		gives 0 ctrun -d --name "s$i" --rootfs "$ROOTFS" sleep 565656
	done
	for k in 1 2 3 4 5 6; do
		ct stop -t 0 s1 s2 s3 s4 s5 >/dev/null 2>"$BATS_TEST_TMPDIR/stop.$k" 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || fail "$(cat "$BATS_TEST_TMPDIR"/stop.*)"
	done
	equal "$(ct ps -j | jq -r '.[].status' | sort -u)" exited
	pids=()
	for k in 1 2 3 4; do
		ct rm -f s1 s2 s3 s4 s5 >/dev/null 2>&1 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || true # another was first
	done
	nothing_left
}

@test "a disk that is full: the record stays as it was, and the error says so" {
	mkdir -p "$BATS_TEST_TMPDIR/small"
	mount -t tmpfs -o size=64k,nr_inodes=60 small "$BATS_TEST_TMPDIR/small"
	local root=$BATS_TEST_TMPDIR/small/root
	gives 0 ctrun --root "$root" -d --log-driver none --name full --rootfs "$ROOTFS" sleep 565656
	head -c 100000 /dev/zero >"$BATS_TEST_TMPDIR/small/fill" 2>/dev/null || true
	local long
	long=$(printf 'v%.0s' {1..60})
	run --separate-stderr ct --root "$root" rename full "$long"
	if [ "$status" != 0 ]; then
		complains "No space left"
		gives 0 ct --root "$root" inspect full
	else
		gives 0 ct --root "$root" inspect "$long"
	fi
	gives 0 ct --root "$root" rm -f "$(ct --root "$root" ps -q)"
	equal "$(ct --root "$root" ps -q)" ""
	umount "$BATS_TEST_TMPDIR/small"
}
