#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SIGKILL: of a lab's supervisor, of who makes it, of a node. The kernel takes processes,
# namespaces, links and mounts; ctnet gc takes the rest. Step by step: lab_points.bats.

load lib
load lab

teardown()
{
	bg_end
	ctlab down --all
}

no_process()
{
	[ -z "$(ps -o comm= -C ct,ctlab,ct-lab)" ] && ! pgrep -f '^sleep 424242' >/dev/null
}

@test "kill -9 of the supervisor: no process is left, and the next command nothing else" {
	a_lab
	local before
	ctnet gc
	before=$(lab_world)
	gives 0 ctlab up "$LAB"
	kill -KILL "$(supervisor_of killed)"
	wait_for 5 no_process
	gives 0 ctlab ls -j
	equal "$output" "[]"
	wait_for 5 same_lab_world "$before" ||
		fail "left: $(diff <(echo "$before") <(lab_world))"
}

@test "the name of a dead lab is free again" {
	a_lab
	gives 0 ctlab up "$LAB"
	kill -KILL "$(supervisor_of killed)"
	wait_for 5 no_process
	gives 0 ctlab up "$LAB"
	gives 0 in_node killed a ping -c 1 -W 5 10.1.0.2
}

@test "kill -9 of who makes it, at any moment" {
	a_lab
	local before delay pid
	ctnet gc
	before=$(lab_world)
	for delay in 0 2 4 6 8 10 12 15 20 25 30 40; do
		ctlab up "$LAB" 3>&- 2>/dev/null &
		pid=$!
		sleep "0.$(printf %03d "$delay")"
		kill -KILL "$pid" || true
		wait "$pid" || true
		# one that stood already stands; by its name it could be gone in between
		[ -z "$(ctlab ls -j | jq -r '.[] | select(.state == "running") | .name')" ] ||
			end_all
		wait_for 5 no_process
		gives 0 ctnet gc
		wait_for 5 same_lab_world "$before" ||
			fail "after $delay ms: $(diff <(echo "$before") <(lab_world))"
	done
}

@test "kill -9 of a node: the others go on" {
	a_lab
	gives 0 ctlab up "$LAB"
	local pid
	pid=$(node_pid killed b)
	kill -KILL "$pid"
	wait_for 5 is_gone "$pid"
	gives 0 ctlab ls -j
	equal "$(jq -r '.[0].state' <<<"$output")" running
	gives 0 in_node killed a ip -br link show eth0
	prints 'LOWERLAYERDOWN|DOWN'
	prints 'NO-CARRIER'
	gives 0 in_node killed a ip -4 addr show eth0
	prints '10\.0\.0\.1/30'
}

# The kernel takes the other end of a direct wire in its own time.
@test "kill -9 of a node: apply makes it again, at once, with all of its wires" {
	two_hosts
	sed -i 's/^subnet.*/&\nwire = direct/' "$LAB"
	gives 0 ctlab up "$LAB"
	for _ in 1 2 3 4 5 6; do
		kill -KILL "$(node_pid two b)"
		output=
		# nothing is to be done as long as nobody has heard of its end
		for ((try = 0; try < 1000 && ${#output} == 0; try++)); do
			gives 0 ctlab apply "$LAB"
		done
		prints 'node b'
		gives 0 in_node two a ping -c 1 -W 5 10.0.0.2
	done
}

@test "a record that cannot be read: the lab is not taken for dead, and can be ended" {
	a_lab
	gives 0 ctlab up "$LAB"
	local pid text
	pid=$(supervisor_of killed)
	for text in garbage '{}' '[]'; do
		echo "$text" >/run/ctnet/labs/killed/lab.json
		gives 0 ctnet gc
		kill -0 "$pid"
	done
	gives 0 ctlab down killed
	wait_for 5 no_process
	[ ! -e /run/ctnet/labs/killed ]
}

# Groups are left to a later sweep, as all are that nobody knows: this lab has none.
@test "files of a lab that somebody removed: ctnet gc ends it, and no other" {
	local other=$BATS_TEST_TMPDIR/other
	a_lab
	gives 0 ctlab --root "$other" up "$LAB"
	two_hosts 'daemon.1 = "exec sleep 434343"'
	gives 0 ctlab up "$LAB"
	rm -r /run/ctnet/labs
	gives 0 ctlab ls -j
	equal "$output" "[]"
	gives 0 ctnet gc
	complains 'note: lab two runs, and its files were removed'
	wait_for 10 not pgrep -f '^sleep 434343'
	gives 0 ctlab --root "$other" exec killed a true
	gives 0 ctlab --root "$other" down killed
	wait_for 5 no_process
	gives 0 ctnet gc
	equal "$stderr" ""
}
