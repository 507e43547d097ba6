#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SIGKILL behind every step of a start in the foreground, of its end, and of a
# later command in a container; of runner, guard and first process alike.
# Networks: kill.bats. In the background: kill_detached.bats.

# Functions are called by name.
# shellcheck disable=SC2317
load lib
load kill

@test "ctrun, with limits, volumes, a filter and a file for its pid" {
	mkdir "$BATS_TEST_TMPDIR/volume"
	mkdir "$BATS_TEST_TMPDIR/made"
	# nobody is told of a pid file by its record: who asked for it has it removed
	end()
	{
		rm -f "$BATS_TEST_TMPDIR/made/pid"
	}
	dies_everywhere -f true end ctrun --name one --memory 64M --pids 20 --init \
		-v "$BATS_TEST_TMPDIR/volume:/mnt" --tmpfs /scratch \
		--pidfile "$BATS_TEST_TMPDIR/made/pid" --rootfs "$ROOTFS" true
}

@test "ct exec: the container does not notice" {
	start one --memory 64M
	dies_everywhere true true ct exec one true
	is_running one
	gives 0 ct exec one true
}
