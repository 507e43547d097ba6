#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SIGKILL behind every step of the commands that change a container or end it.

# Functions are called by name.
# shellcheck disable=SC2317
load lib
load kill

@test "ct rename: it has one name or the other" {
	renamed()
	{
		ct rename one two || ct inspect two >/dev/null
	}
	named()
	{
		[ "$(ct ps -aq)" = "" ] || ct inspect one two >/dev/null 2>&1 ||
			ct inspect one >/dev/null 2>&1 || ct inspect two >/dev/null
		gone
	}
	dies_everywhere made named renamed
}

@test "ct update, in groups that are there and in new ones" {
	dies_everywhere made gone ct update --memory 64M --pids 30 one
}

@test "ct pause" {
	dies_everywhere made gone ct pause one
}

@test "ct unpause" {
	paused()
	{
		made
		ct pause one >/dev/null
	}
	dies_everywhere paused gone ct unpause one
}

@test "ct stop" {
	dies_everywhere made gone ct stop -t 0 one
}

@test "ct rm -f: what is half removed is removed by who comes next" {
	removed()
	{
		ct rm -f one || ! ct inspect one >/dev/null 2>&1
	}
	dies_everywhere made removed_all removed
}

# Not by `ct rm`: gc alone does it, or a name leads to it.
removed_all()
{
	local name
	for name in $(ct ps -a -j | jq -r '.[].name'); do
		ct rm -f "$name" >/dev/null
	done
}

@test "ctnet gc: what one that dies leaves is the next one's" {
	dead()
	{
		made
		kill -KILL "$(cat /run/ctnet/containers/* | jq -r .runner.pid)"
		wait_for 10 not pgrep '^ct-guard'
	}
	dies_everywhere dead gone ctnet gc
}
