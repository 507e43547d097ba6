#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ct events: what happens to containers, as it happens and from the records.

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

# watch WORD... - ct events -j in the background, watching when this returns
watch()
{
	bg events ct events "$@"
	events=$BATS_TEST_TMPDIR/events.out
	wait_for 10 watching "$bg_pid"
}

watching()
{
	[ "$(find "/proc/$1/fd" -lname 'anon_inode:inotify' | wc -l)" = 1 ] &&
		[ "$(ps -o stat= -p "$1" | cut -c1)" = S ]
}

told()
{
	jq -se "any(.[]; $1)" "$events"
}

words()
{
	jq -r .event "$events" | xargs
}

@test "a life: create, start, die, destroy" {
	watch -j
	start web
	wait_for 10 told '.event == "start"'
	kill "$bg_pid"
	wait_for 10 told '.event == "destroy"'
	equal "$(words)" "create start die destroy"
	equal "$(jq -r '.name' "$events" | uniq)" web
	equal "$(jq -r '.id' "$events" | uniq | wc -l)" 1
	told '.event == "start" and .pid > 1'
	equal "$(jq -s 'all(.[]; .time | test("^[0-9-]+T[0-9:]+\\.[0-9]{6}Z$"))' "$events")" true
}

@test "lines, filters, and an end by signal or by the reader" {
	watch -f event=start -f event=die -f container=web
	local events_pid=$bg_pid
	start other
	start web
	wait_for 10 grep -q ' start ' "$events"
	kill "$bg_pid"
	wait_for 10 grep -q ' die ' "$events"
	[[ $(head -n 1 "$events") =~ ^[0-9-]+T[0-9:.]+Z\ container\ start\ [0-9a-f]{12}\ \(name=web,\ pid=[0-9]+\)$ ]] ||
		fail "$(head -n 1 "$events")"
	! grep -qE 'other|create' "$events"
	kill -INT "$events_pid"
	local got=0
	wait "$events_pid" || got=$?
	equal "$got" 0
	refuses 2 'neither container=NAME' ct events -f colour=blue
	refuses 2 'neither container=NAME' ct events -f event=birth
}

@test "--since tells what the records know; --until ends it" {
	start web
	gives 0 ct events --since 1h --until 0s -j
	equal "$(jq -r '.event + " " + .name' <<<"$output" | head -n 1)" "create web"
	gives 0 ct events --since "$(date -u +%Y-%m-%dT%H:%M:%SZ -d 'now + 1 hour')" --until 0s
	equal "$output" ""
	gives 0 timeout 20 ct events --until "$(date +%s.%N -d 'now + 1 second')"
	refuses 2 'is no time' ct events --since yesterday
	refuses 2 'is no time' ct events --until 2026-13-01
}

@test "rename, pause, unpause, restart, health and want of memory" {
	ctrun --help | grep -q -- '--detach' || skip "there are no detached containers yet"
	watch -j
	gives 0 ctrun -d --name web --rootfs "$ROOTFS" sleep 1000
	gives 0 ct rename web site
	gives 0 ct pause site
	gives 0 ct unpause site
	gives 0 ct stop site
	gives 0 ct rm site
	wait_for 10 told '.event == "destroy"'
	equal "$(words)" "create start rename pause unpause die destroy"
	told '.event == "rename" and .name == "site" and .old_name == "web"'
	told '.event == "die" and .exit_code == 143'
}
