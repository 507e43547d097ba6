#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SIGKILL after every step of every change. The sanitized programs count their
# steps (core/base/crash.h) and die at the one that is named; then `ctnet gc`
# must bring back exactly what was there before, and the same command succeed.
# How many die at once, and where nobody chose: many.bats.

# Functions are called by name.
# shellcheck disable=SC2317
load lib
load kill

teardown()
{
	bg_end
	[ -n "${CT_SANITIZED-}" ] || return 0
	remove_networks
	# a guard may still be at it, and would be in the next one's world
	wait_for 10 eval 'ctnet gc && ! groups_now | grep .'
}

groups_now()
{
	find /sys/fs/cgroup -path "*/$CT_CGROUP_PARENT/ctnet/*" -type d 2>/dev/null || true
}

# world_now - what the tests compare: links of the host, rules and elements,
# files of the state, mounts, processes of ours
world_now()
{
	ip -o link show | sed 's/^[0-9]*: //; s/@.*//; s/:.*//' | sort
	nft -s list ruleset
	# What only says where to go on, or is there once the first command ran, is no
	# trace of anybody.
	find /run/ctnet /etc/ctnet \( -name lock -o -name .lock -o -name generation \
		-o -name spare -o -name .count -o -path '*/cursor/*' -o -path '*/drain/*' \) -prune \
		-o ! -type d -print |
		sed 's|\(ports/[^/]*\)/[0-9.]*$|\1/PORT|' | sort
	grep ctnet /proc/self/mountinfo | sed 's/^[0-9 ]*//'
	# names of more than 15 characters are none to pgrep, and so is such a pattern
	{
		pgrep -lx ct-ports
		pgrep -lx dnsmasq
	} | sed 's/^[0-9]* //'
	groups_now
}

same_world()
{
	[ "$(world_now)" = "$1" ]
}

# killed_everywhere UNDO COMMAND... - runs the command, dying at its first step,
# at its second, ..., until it is through. UNDO is a function that makes the
# world after its success the one before again. Behind the last change a command
# that died has done its work, and gc leaves it at that.
killed_everywhere()
{
	local undo=$1 log=$BATS_TEST_TMPDIR/points n status before after at
	shift
	before=$(world_now)
	"$@" >/dev/null 2>&1 3>&- </dev/null
	after=$(world_now)
	"$undo"
	settles || fail "undone:" "$(diff <(echo "$before") <(world_now))"
	for ((n = PART_FIRST; n < 200; n += PARTS)); do
		rm -f "$log"
		status=0
		CT_CRASH_LOG=$log CT_CRASH_AT=$n "$@" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- </dev/null ||
			status=$?
		at="step $n, $(tail -n 1 "$log")"
		if [ "$(wc -l <"$log")" -lt "$n" ]; then
			[ "$status" = 0 ] || fail "not killed, and failed: $(cat "$BATS_TEST_TMPDIR/out")"
			"$undo"
			break
		fi
		ctnet gc
		if ! same_world "$after" || [ "$after" = "$before" ]; then
			settles ||
				fail "after $at:" "$(diff <(echo "$before") <(world_now))"
			"$@" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- </dev/null ||
				fail "again, after $at: $(cat "$BATS_TEST_TMPDIR/out")"
		fi
		"$undo"
		settles ||
			fail "after success behind $at:" "$(diff <(echo "$before") <(world_now))"
	done
	((n > 3)) || fail "only $n points: $*"
}

# settles - to what it was $before; what dies with its namespace takes a moment
settles()
{
	wait_for 10 swept
}

swept()
{
	ctnet gc && same_world "$before"
}

@test "ctnet create" {
	gives 0 ctnet gc
	undo()
	{
		ctnet rm bridge0
	}
	killed_everywhere undo ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
}

@test "ctrun: attach, publish, detach" {
	ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
	gives 0 in_box --net bridge0 true
	gives 0 ctnet gc
	killed_everywhere true ctrun --name one --net bridge0:ip=10.99.0.9 -p 8080:80 \
		-p 127.0.0.1:9000-9002:9000/udp --rootfs "$ROOTFS" true
}

@test "ctnet connect, to a container that stays" {
	ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
	start one
	# what a first visit leaves as long as the container lives is no trace of a second
	ctnet connect bridge0 one
	ctnet disconnect bridge0 one
	gives 0 ctnet gc
	undo()
	{
		ctnet disconnect bridge0 one
	}
	killed_everywhere undo ctnet connect bridge0 one --ip 10.99.0.9 --ip6 fd99::9
}

@test "ctnet disconnect" {
	ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
	start one
	ctnet connect bridge0 one
	ctnet disconnect bridge0 one
	gives 0 ctnet gc
	local before
	before=$(world_now)
	disconnect_it()
	{
		(unset CT_CRASH_LOG CT_CRASH_AT
			ctnet connect bridge0 one --ip 10.99.0.9 --ip6 fd99::9 >/dev/null)
		ctnet disconnect bridge0 one
	}
	local log=$BATS_TEST_TMPDIR/points n
	for ((n = PART_FIRST; n < 100; n += PARTS)); do
		rm -f "$log"
		CT_CRASH_LOG=$log CT_CRASH_AT=$n disconnect_it >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- && break
		# half gone is not gone: the same command ends it
		run --separate-stderr ctnet disconnect bridge0 one
		ctnet gc
		settles || fail "after step $n:" "$(diff <(echo "$before") <(world_now))"
	done
	((n > PARTS)) || fail "no points"
}

@test "ctnet publish and unpublish, live" {
	ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
	start one --net bridge0
	gives 0 ctnet gc
	undo()
	{
		ctnet unpublish one 8080:80
	}
	killed_everywhere undo ctnet publish one 8080:80
}

@test "ctnet rm" {
	gives 0 ctnet gc
	local before log=$BATS_TEST_TMPDIR/points n
	before=$(world_now)
	for ((n = PART_FIRST; n < 100; n += PARTS)); do
		ctnet create bridge0 --subnet 10.99.0.0/24 --subnet fd99::/64
		rm -f "$log"
		CT_CRASH_LOG=$log CT_CRASH_AT=$n ctnet rm bridge0 2>/dev/null && break
		ctnet gc
		! ctnet inspect bridge0 >/dev/null 2>&1 || ctnet rm bridge0
		same_world "$before" || fail "after step $n:" "$(diff <(echo "$before") <(world_now))"
	done
	((n > PARTS)) || fail "no points"
	same_world "$before" || fail "after the last step:" "$(diff <(echo "$before") <(world_now))"
}
