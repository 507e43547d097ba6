# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# SIGKILL behind every step of what the runner does. The sanitized programs count
# their steps (core/base/crash.h) and whichever process comes to the one that is
# named dies there: the runner, a monitor, the guard, the first process. Load lib
# first. CT_PART=K/N: of every N steps one, beginning with step K; the others are
# those of other runs of the same file (system_parts in tests/system.cmake).

readonly PART=${CT_PART:-1/1}
readonly PART_FIRST=${PART%/*} PARTS=${PART#*/}

# For setup() and teardown() of a file that has no more to do there.
setup_file()
{
	make_rootfs
}

setup()
{
	needs_points
}

teardown()
{
	bg_end
	[ -z "${CT_SANITIZED-}" ] || gone
	[ -z "${CT_SANITIZED-}" ] || ctnet gc
}

needs_points()
{
	[ -n "${CT_SANITIZED-}" ] || skip "only the sanitized programs have points to die at"
}

# runner_world - what is compared: processes, mounts, control groups, files
runner_world()
{
	ps -o comm= --sort comm -C ct,ctrun,ctnet,ctlab,ct-lab,sleep,ct-guard,ct-monitor,ct-init,ct-keeper
	cut -d' ' -f 4- /proc/self/mountinfo
	find /sys/fs/cgroup/"$CT_CGROUP_PARENT" /sys/fs/cgroup/*/"$CT_CGROUP_PARENT" \
		-mindepth 2 -type d 2>/dev/null
	# the blank file for the next record, and what locks, are nobody's
	find /run/ctnet /var/cache/ctnet "$BATS_TEST_TMPDIR/made" -path '*/root/bin' -prune -o \
		! -type d ! -name lock ! -name .lock ! -name spare ! -name generation ! -name .count \
		-print 2>/dev/null | sort
}

same_runner_world()
{
	[ "$(runner_world)" = "$1" ]
}

swept_runner_world()
{
	ctnet gc && same_runner_world "$1"
}

# back_to WORLD WHEN
back_to()
{
	same_runner_world "$1" || wait_for 10 swept_runner_world "$1" ||
		fail "$2:" "$(diff <(echo "$1") <(runner_world))"
}

# one_line FILE WHEN - an error is a line and at most one hint, notes aside, and no
# program's trace
one_line()
{
	# bash tells of the death itself
	[ "$(grep -vc '^hint: \| Killed \|: note: ' "$1")" -le 1 ] || fail "$2:" "$(cat "$1")"
	! grep -q 'Sanitizer\|runtime error' "$1" || fail "$2:" "$(cat "$1")"
}

# dies_everywhere [-f] BEGIN END COMMAND... - BEGIN makes the world in which COMMAND
# is run, END takes its work away again, whether it was done or not; both are
# functions. COMMAND dies at its first step, at its second, ...; `ctnet gc` and END
# bring the world before back, and the same command succeeds. With -f the points
# inside the container are counted too, by an inherited descriptor; with -n N it
# begins with step N, where those before are another test's.
dies_everywhere()
{
	local log=$BATS_TEST_TMPDIR/points err=$BATS_TEST_TMPDIR/err by n status before at first=1
	by=$log
	[ "$1" != -f ] || { by=/proc/self/fd/9 && shift; }
	[ "$1" != -n ] || { first=$2 && shift 2; }
	local begin=$1 end=$2
	shift 2
	# what only a first time makes
	"$begin"
	"$@" >/dev/null 2>"$err" 3>&- </dev/null || fail "without a death: $(cat "$err")"
	"$end"
	gives 0 ctnet gc
	before=$(runner_world)
	for ((n = first + PART_FIRST - 1; n < 200; n += PARTS)); do
		"$begin"
		: >"$log"
		status=0
		CT_CRASH_LOG=$by CT_CRASH_AT=$n "$@" >/dev/null 2>"$err" 3>&- </dev/null 9<>"$log" ||
			status=$?
		at="step $n, $(sed -n "${n}p" "$log")"
		if [ "$(wc -l <"$log")" -lt "$n" ]; then
			[ "$status" = 0 ] || fail "not killed, and failed: $(cat "$err")"
			"$end"
			break
		fi
		one_line "$err" "$at, status $status"
		ctnet gc
		"$end"
		back_to "$before" "after $at, status $status, $(cat "$err")"
		"$begin"
		"$@" >/dev/null 2>"$err" 3>&- </dev/null || fail "again, after $at: $(cat "$err")"
		"$end"
	done
	back_to "$before" "after all of them"
	echo "# $(wc -l <"$log") points, part $PART: $*" >&3
	((n > first + PARTS)) || fail "only $n points: $*"
}

# lived COMMAND... - a start in the background whose end is waited for
lived()
{
	"$@" || return
	# whoever waits is not to die
	(unset CT_CRASH_LOG CT_CRASH_AT
		wait_for 15 eval '! ct ps -q --filter status=running --filter status=restarting | grep .')
}

# gone - for an end: whatever became of them, they are listed and can be removed
gone()
{
	remove_containers
}

# made - for a begin
made()
{
	ctrun -d --name one --rootfs "$ROOTFS" sleep 1000 >/dev/null
}
