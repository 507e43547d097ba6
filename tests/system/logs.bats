#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ct logs: what containers wrote, as it is and as it comes.

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

ended()
{
	ct ps -a -j | jq -e --arg n "$1" '.[] | select(.name == $n) | .status == "exited"' >/dev/null
}

# ran NAME COMMAND... - detached, and over when this returns
ran()
{
	detached "$@"
	wait_for 10 ended "$1"
}

has_line()
{
	grep -q "$1" "$BATS_TEST_TMPDIR/$2"
}

@test "stdout to stdout, stderr to stderr" {
	ran d sh -c 'echo out; echo err >&2; printf "no end"'
	gives 0 ct logs d
	equal "$output" $'out\nno end'
	equal "$stderr" err
}

@test "bytes as they are, long lines, no line at all" {
	# shellcheck disable=SC2016
	ran d sh -c 'printf "\001\377\r\n"; head -c 100000 /dev/zero | tr "\0" x; echo; echo last'
	ct logs d >"$BATS_TEST_TMPDIR/out"
	[ "$(wc -c <"$BATS_TEST_TMPDIR/out")" = $((4 + 100001 + 5)) ]
	[ "$(head -c 4 "$BATS_TEST_TMPDIR/out" | od -An -tx1 | tr -d ' ')" = 01ff0d0a ]
	ran e true
	gives 0 ct logs e
	equal "$output" ""
}

@test "--tail, --timestamps, -j" {
	ran d sh -c 'for i in 1 2 3 4; do echo line $i; done; echo bad >&2'
	gives 0 ct logs --tail 2 d
	equal "$output" "line 4"
	gives 0 ct logs -n 0 d
	equal "$output" ""
	gives 0 ct logs --tail all -t d
	prints '^20[0-9-]+T[0-9:]+\.[0-9]{9}Z line 1'
	gives 0 ct logs -j d
	[ "${#lines[@]}" = 5 ]
	equal "$(jq -r .line <<<"${lines[1]}")" "line 2"
	equal "$(jq -r .stream <<<"${lines[4]}")" stderr
	jq -e '.time | test("^20.*Z$")' <<<"${lines[0]}"
}

@test "--since and --until: a time, seconds, how long ago" {
	ran d sh -c 'echo one; sleep 1.1; echo two'
	local at
	at=$(ct logs -j d | jq -r 'select(.line == "two").time')
	gives 0 ct logs --since "$at" d
	equal "$output" two
	gives 0 ct logs --until "$(date -ud "$at - 0.5 seconds" +%s.%N)" d
	equal "$output" one
	gives 0 ct logs --since 1h d
	equal "$output" $'one\ntwo'
	gives 0 ct logs --until 1h d
	equal "$output" ""
	refuses 2 "is no time" ct logs --since yesterday d
}

@test "-f ends with the container and misses nothing" {
	detached d sh -c 'i=0; while [ $i -lt 300 ]; do echo $i; i=$((i + 1)); done; sleep 0.3; echo end'
	gives 0 ct logs -f d
	[ "${#lines[@]}" = 301 ]
	equal "${lines[299]}" 299
	equal "${lines[300]}" end
}

@test "-f shows what comes, a prompt too" {
	detached d -i sh -c 'printf "prompt> "; read x; echo got'
	bg follow ct logs -f d
	wait_for 10 has_line 'prompt>' follow.out
}

@test "-f of one that has ended: what there is" {
	ran d echo over
	gives 0 ct logs -f d
	equal "$output" over
}

@test "-f ends when nobody reads it" {
	detached d sh -c 'echo first; exec sleep 1000'
	run timeout 10 bash -c "ct logs -f d | head -n 1"
	equal "$output" first
	[ "$status" = 0 ]
}

@test "rotation by size: the last lines are there, files no larger, followed through" {
	# shellcheck disable=SC2016
	detached d --log-opt max-size=4k --log-opt max-file=3 sh -c \
		'read x; i=0; while [ $i -lt 1000 ]; do echo "line $i of this log"; i=$((i + 1)); done' -i
	wait_for 10 ended d
	ct rm d
	# shellcheck disable=SC2016
	detached d --log-opt max-size=4k --log-opt max-file=3 sh -c \
		'i=0; while [ $i -lt 1000 ]; do echo "line $i of this log"; i=$((i + 1)); done'
	wait_for 10 ended d
	gives 0 ct logs d
	equal "${lines[-1]}" "line 999 of this log"
	[ "${#lines[@]}" -gt 100 ]
	[ "${#lines[@]}" -lt 300 ]
	local dir
	dir=/run/ctnet/files/$(ct ps -aq)
	[ "$(find "$dir" -name 'log.*' | wc -l)" = 3 ]
	[ -z "$(find "$dir" -name 'log.*' -size +4k)" ]
}

@test "--log-driver none, and a container in the foreground: no log" {
	ran d --log-driver none echo lost
	refuses 1 "has no log" ct logs d
	start f
	refuses 1 "has no log" ct logs f
}

@test "a full disk costs lines, and the container goes on" {
	local root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root"
	mount -t tmpfs -o size=256k,mode=700 tmpfs "$root"
	ctrun --root "$root" -d --name d --rootfs "$ROOTFS" --log-opt max-size=10m sh -c \
		'head -c 2000000 /dev/zero | tr "\0" "x" | fold -w 100; sleep 1000' >/dev/null
	wait_for 10 eval '[ "$(df --output=avail "'"$root"'" | tail -n 1)" -lt 16 ]'
	# it got through all it had to write
	local pid
	pid=$(ct --root "$root" ps -j | jq '.[0].pid')
	wait_for 10 grep -q '^sleep' "/proc/$pid/comm"
	kill -KILL "$pid"
	wait_for 10 eval '[ "$(ct --root "'"$root"'" ps -aj | jq -r ".[0].status")" = exited ]'
	ct --root "$root" rm d
	umount "$root"
}
