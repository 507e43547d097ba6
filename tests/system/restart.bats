#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# --restart: whether, how often, and what is the same afterwards.

load lib

setup_file()
{
	make_rootfs
}

teardown()
{
	bg_end
	remove_containers
	remove_networks
}

# of NAME KEY - of its record
of()
{
	local id
	id=$(ct ps -a -j | jq -r --arg n "$1" '.[] | select(.name == $n) | .id')
	jq -r ".$2" "/run/ctnet/containers/$id"
}

is()
{
	[ "$(of "$1" "$2")" = "$3" ]
}

@test "on-failure: until it succeeds" {
	mkdir "$BATS_TEST_TMPDIR/v"
	detached d --restart on-failure -v "$BATS_TEST_TMPDIR/v:/v" sh -c \
		'echo x >>/v/n; [ "$(wc -l </v/n)" -gt 2 ]'
	wait_for 15 is d status exited
	is d exit_code 0
	is d restarts 2
	[ "$(wc -l <"$BATS_TEST_TMPDIR/v/n")" = 3 ]
}

@test "on-failure:N: no more than that" {
	detached d --restart on-failure:2 sh -c 'echo once; exit 5'
	wait_for 15 is d status exited
	is d exit_code 5
	is d restarts 2
	gives 0 ct logs d
	equal "$output" $'once\nonce\nonce'
}

@test "always, killed: whole anew, with its name, id and address" {
	ctnet create b0
	detached d --restart always --net b0 sh -c 'ls /new; touch /new; exec sleep 1000'
	local id ip pid
	id=$(of d id)
	ip=$(address d 4)
	pid=$(of d init.pid)
	kill -KILL "$pid"
	wait_for 15 is d restarts 1
	wait_for 15 is d status running
	[ "$(of d id)" = "$id" ]
	equal "$(address d 4)" "$ip"
	[ "$(of d init.pid)" != "$pid" ]
	# its root is new
	wait_for 10 eval '[ "$(ct logs d 2>&1 | grep -c "No such file")" = 2 ]'
	ct rm -f d
}

@test "ct stop ends it, running or between two starts" {
	detached d --restart always sleep 1000
	ct stop -t 5 d
	is d status exited
	detached e --restart always false
	wait_for 15 is e status restarting
	ct stop -t 5 e
	wait_for 10 is e status exited
	wait_for 10 not pgrep ct-monitor
}

@test "what cannot start at all again says why" {
	mkdir "$BATS_TEST_TMPDIR/gone"
	cp -a "$ROOTFS/." "$BATS_TEST_TMPDIR/gone"
	ctrun -d --name d --restart on-failure:2 --rootfs "$BATS_TEST_TMPDIR/gone" sh -c \
		'sleep 0.5; exit 1' >/dev/null
	rm -r "$BATS_TEST_TMPDIR/gone"
	wait_for 15 is d status exited
	is d exit_code 125
	[[ $(of d error) == *gone* ]]
}

@test "logs -f follows through restarts" {
	detached d --restart on-failure:2 sh -c 'echo line; exit 1'
	gives 0 ct logs -f d
	equal "$output" $'line\nline\nline'
}

@test "policies that are none" {
	refuses 125 "always" in_box -d --restart sometimes true
	refuses 125 "" in_box -d --restart on-failure:0 true
}
