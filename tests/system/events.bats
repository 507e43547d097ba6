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
	remove_containers
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
	equal "$(grep -cE 'other|create' "$events")" 0
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

@test "a detached container: rename, pause, unpause, an end with its status" {
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

@test "one that is started again, and one whose memory was not enough" {
	watch -j
	gives 0 ctrun -d --name web --restart on-failure:2 --rootfs "$ROOTFS" sh -c 'sleep 0.3; exit 3'
	wait_for 20 eval '[ "$(ct ps -a -j | jq -r ".[0].status")" = exited ]'
	wait_for 10 eval '[ "$(jq -r .event "$events" | grep -c die)" = 3 ]'
	equal "$(words)" "create start die start restart die start restart die"
	told '.event == "die" and .exit_code == 3'
	gives 0 ct events --since 1h --until 0s -j -f event=die
	equal "$(jq -r '.exit_code' <<<"$output")" 3
	gives 0 ct rm web
	# shellcheck disable=SC2016
	gives 0 ctrun -d --name big --memory 16M --rootfs "$ROOTFS" \
		sh -c 'x=$(head -c 1000000 /dev/zero | tr "\0" a); while :; do x=$x$x; done'
	wait_for 20 told '.name == "big" and .event == "die"'
	told '.name == "big" and .event == "oom"'
	told '.name == "big" and .event == "die" and .oom_killed'
	gives 0 ct inspect big
	equal "$(jq -r '.[0] | .oom_killed, .status, .process, (.namespaces | length)' <<<"$output" | xargs)" \
		"true exited null 0"
	jq -e '.[0] | .memory_peak > 8000000 and .finished != null and .started != null' <<<"$output"
	refuses 1 'not running' ct top big
	refuses 1 'not running' ct stats big
	refuses 1 'not running' ct cp big:/etc/passwd "$BATS_TEST_TMPDIR"
	complains 'hint'
	gives 0 ct rm big
}

@test "health" {
	watch -j -f event=health_status
	gives 0 ctrun -d --name web --rootfs "$ROOTFS" --health-cmd 'test -e /tmp/well' \
		--health-interval 200ms --health-retries 2 sleep 1000
	wait_for 15 told '.health == "unhealthy"'
	gives 0 ct exec web touch /tmp/well
	wait_for 15 told '.health == "healthy"'
	gives 0 ct rm -f web
}
