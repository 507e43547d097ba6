#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --health-cmd: starting, healthy, unhealthy; and what it costs who is not asked.

load lib

setup_file()
{
	make_rootfs
}

teardown()
{
	remove_containers
}

detached()
{
	ctrun -d --name d --rootfs "$ROOTFS" "$@" >/dev/null
}

health()
{
	[ "$(ct ps -j | jq -r '.[0].health')" = "$1" ]
}

@test "starting, healthy, unhealthy, healthy" {
	detached --health-cmd 'test -e /tmp/well' --health-interval 100ms --health-retries 2 sleep 1000
	health starting
	ct exec d touch /tmp/well
	wait_for 10 health healthy
	ct exec d rm /tmp/well
	wait_for 10 health unhealthy
	ct exec d touch /tmp/well
	wait_for 10 health healthy
}

@test "within the start period failures do not count" {
	detached --health-cmd 'echo failed >>/tmp/n; false' --health-interval 50ms \
		--health-retries 1 --health-start-period 4s sh -c 'while :; do sleep 0.1; done'
	wait_for 10 ct exec d sh -c '[ $(wc -l </tmp/n) -ge 4 ]'
	health starting
	wait_for 10 health unhealthy
}

@test "one that hangs is killed and counts as a failure" {
	detached --health-cmd 'exec sleep 1234' --health-interval 50ms --health-timeout 200ms \
		--health-retries 1 sleep 1000
	wait_for 10 health unhealthy
	wait_for 10 not ct exec d pgrep -f 'sleep 12345'
}

@test "it runs inside, as the container does" {
	detached --user 1000 --health-cmd '{ id -u; hostname; } >/tmp/w; mv /tmp/w /tmp/who' \
		--health-interval 50ms --hostname inside sleep 1000
	wait_for 10 health healthy
	[ "$(ct exec d cat /tmp/who)" = $'1000\ninside' ]
}

@test "without it there is nothing" {
	detached sleep 1000
	[ "$(ct ps -j | jq -r '.[0].health')" = null ]
	ct rm -f d
	run ! pgrep ct-health
}
