#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Commands of a lab that do not end, and nodes that do nothing any more: whoever asked can
# go, and the lab can be ended by others.

load lib
load lab

# hangs EXEC - $LAB with a command more in a: "ctlab apply" waits for it in the background
hangs()
{
	two_hosts 'stop.1 = "true"'
	gives 0 ctlab up "$LAB"
	two_hosts 'stop.1 = "true"' 'exec.1 = "exec sleep 424242"'
	bg apply ctlab apply "$LAB"
	wait_for 15 pgrep -f '^sleep 424242'
}

no_process()
{
	[ -z "$(ps -o comm= -C ct,ctlab,ct-lab)" ] && ! pgrep -f '^sleep 424242' >/dev/null
}

@test "apply waits for a command: who asked goes, and the lab answers again" {
	hangs
	kill -TERM "$bg_pid"
	wait_for 5 is_gone "$bg_pid"
	gives 0 timeout 60 ctlab exec two a echo inside
	equal "$output" inside
	not pgrep -f '^sleep 424242'
	gives 0 ctlab down two
}

@test "apply waits for a command of a node that is new: who asked goes, and the lab answers" {
	two_hosts
	gives 0 ctlab up "$LAB"
	printf '[node.c]\nexec.1 = "exec sleep 424242"\n' >>"$LAB"
	bg apply ctlab apply "$LAB"
	wait_for 15 pgrep -f '^sleep 424242'
	kill -TERM "$bg_pid"
	gives 0 timeout 60 ctlab exec two a echo inside
	equal "$output" inside
	wait_for 10 not pgrep -f '^sleep 424242'
	# what did not come is still wanted
	sed -i '/^exec/d' "$LAB"
	gives 0 ctlab apply "$LAB"
	prints 'node c'
	gives 0 ctlab exec two c true
}

@test "apply waits for a command: down ends the lab all the same" {
	hangs
	gives 0 timeout 60 ctlab down two
	complains 'note: lab two is being changed, and that does not end'
	wait_for 10 is_gone "$bg_pid"
	wait_for 5 no_process
	grep -q 'supervisor of lab two' "$BATS_TEST_TMPDIR/apply.err"
}

@test "up waits for a command: down, and a signal, end it" {
	two_hosts 'exec.1 = "exec sleep 424242"'
	bg up ctlab up "$LAB"
	wait_for 15 pgrep -f '^sleep 424242'
	gives 0 timeout 60 ctlab down two
	wait_for 10 is_gone "$bg_pid"
	wait_for 5 no_process
	bg up ctlab up "$LAB"
	wait_for 15 pgrep -f '^sleep 424242'
	kill -TERM "$bg_pid"
	wait_for 10 is_gone "$bg_pid"
	wait_for 5 no_process
}

# Its time is the 2 s of its grace, and 5 more.
@test "a node that is stopped by a signal is killed when its time is over" {
	two_hosts 'stop.1 = "true"'
	gives 0 ctlab up "$LAB"
	kill -STOP "$(node_pid two a)"
	gives 0 timeout 60 ctlab node two a stop
	gives 0 ctlab node two a start
	kill -STOP "$(node_pid two a)"
	gives 0 timeout 60 ctlab down two
	wait_for 5 no_process
}
