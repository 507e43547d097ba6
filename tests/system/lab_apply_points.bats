#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SIGKILL behind every step of a change of a running lab: of who asks for it, then the lab
# goes on; of its supervisor, then nothing of it is left.

load lib
load lab
load kill

teardown()
{
	[ -z "${CT_SANITIZED-}" ] || ctlab down --all
	[ -z "${CT_SANITIZED-}" ] || ctnet gc
}

# two_versions - $ONE and $TWO: of one lab; of everything something goes, comes and changes
two_versions()
{
	ONE=$(lab_file one <<-'END'
		[lab]
		name = lab
		[node.a]
		pids = 50
		daemon.1 = "exec sleep 424242"
		[node.b]
		[node.gone]
		[net.lan]
		subnet = 10.1.0.0/24
		members = a:lan=.1 gone:lan=.3
		[net.old]
		subnet = none
		members = b:old
		[links]
		ab = a:eth0 b:eth0 ip=10.0.0.1/24,10.0.0.2/24 rate=10mbit
		bg = b:eth1 gone:eth1
		END
	)
	TWO=$(lab_file two <<-'END'
		[lab]
		name = lab
		[node.a]
		pids = 60
		daemon.2 = "exec sleep 424243"
		stop.1 = "true"
		[node.b]
		hostname = b2
		exec.1 = "true"
		[node.new]
		exec.1 = "ping -c 1 -W 5 10.0.0.1 >/dev/null"
		[net.lan]
		subnet = 10.1.0.0/24
		members = a:lan=.7 new:lan=.3
		stp = yes
		[links]
		ab = a:eth0 b:eth0 ip=10.0.0.1/24,10.0.0.2/24 rate=20mbit mtu=1400
		an = a:eth1 new:eth1 ip=10.2.0.1/24,10.2.0.2/24
		END
	)
	sed -i '/^\[node.new\]/a route.1 = 10.0.0.0/24 via 10.2.0.1' "$TWO"
}

quiet()
{
	"$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- </dev/null
}

# points LOG - names of what was passed since
points()
{
	sed -n "$1p" "$BATS_TEST_TMPDIR/log/points"
}

# the kernel ends the others before the first of them is gone
no_lab()
{
	[ "$(ctlab ls -j)" = "[]" ]
}

is_whole()
{
	gives 0 ctlab plan "$TWO"
	equal "$output" ""
	gives 0 in_node lab new ping -c 1 -W 5 10.0.0.1
	gives 0 ctlab exec lab b hostname
	equal "$output" b2
}

@test "who asks dies behind each of its steps: the lab goes on, the next apply does the rest" {
	local n log=$BATS_TEST_TMPDIR/log/points died=0
	two_versions
	mkdir "$BATS_TEST_TMPDIR/log"
	gives 0 ctlab up "$ONE"
	for ((n = 1; n < 50; n++)); do
		: >"$log"
		! CT_CRASH_LOG=$log CT_CRASH_AT=$n quiet ctlab apply "$TWO" || break
		died=$((died + 1))
		gives 0 ctlab apply "$TWO"
		is_whole
		gives 0 ctlab apply "$ONE"
		gives 0 in_node lab a ping -c 1 -W 5 10.0.0.2
	done
	echo "# $died points" >&3
	((died > 10)) || fail "only $died points"
	is_whole
}

@test "the supervisor dies behind each step of a change: nothing of the lab is left" {
	local n log=$BATS_TEST_TMPDIR/log/points dir=$BATS_TEST_TMPDIR/log before
	two_versions
	ctnet gc
	before=$(runner_world)
	for ((n = 1; n < 100; n++)); do
		rm -rf "$dir"
		# while the directory is not there the supervisor counts nothing
		CT_CRASH_LOG=$log CT_CRASH_AT=$n quiet ctlab up "$ONE"
		mkdir "$dir"
		if quiet ctlab apply "$TWO"; then
			is_whole
			quiet ctlab down lab
			break
		fi
		grep -q 'supervisor of lab lab is gone' "$BATS_TEST_TMPDIR/err" ||
			fail "point $n, $(points "$n"): $(cat "$BATS_TEST_TMPDIR/err")"
		one_line "$BATS_TEST_TMPDIR/err" "point $n, $(points "$n")"
		wait_for 10 no_lab
		back_to "$before" "after point $n, $(points "$n")"
	done
	echo "# $((n - 1)) points" >&3
	((n > 10)) || fail "only $n points"
	back_to "$before" "after all of them"
}
