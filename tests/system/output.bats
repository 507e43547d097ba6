#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a command writes arrives, all of it, whoever carries it; and what happens
# when nobody reads any more, or there is nothing to read.

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

readonly TEN_MB=10000000
# ten million bytes at once, and the end
# shellcheck disable=SC2016
readonly MUCH='head -c 10000000 /dev/zero | tr "\0" x'

# bytes COMMAND... - how many it writes
bytes()
{
	timeout 60 "$@" 2>"$BATS_TEST_TMPDIR/err" 3>&- | wc -c
}

@test "10 MB and an end: a pipe, a terminal, with a reaper, a later command" {
	equal "$(bytes ctrun --rootfs "$ROOTFS" sh -c "$MUCH")" $TEN_MB
	equal "$(bytes ctrun -t --rootfs "$ROOTFS" sh -c "$MUCH" </dev/null)" $TEN_MB
	equal "$(bytes ctrun -t --init --rootfs "$ROOTFS" sh -c "$MUCH" </dev/null)" $TEN_MB
	start one
	equal "$(bytes ct exec one sh -c "$MUCH")" $TEN_MB
	equal "$(bytes ct exec -t one sh -c "$MUCH" </dev/null)" $TEN_MB
	bg_end
	ctnet gc
}

@test "10 MB and an end: the log, of a pipe and of a terminal" {
	local tty
	for tty in no yes; do
		gives 0 ctrun -d --tty=$tty --log-opt max-size=40M --name one --rootfs "$ROOTFS" \
			sh -c "$MUCH | fold -w 999"
		gives 0 ct wait one
		equal "$(ct logs one | tr -cd x | wc -c)" $TEN_MB
		gives 0 ct rm one
	done
}

@test "10 MB and an end: who is attached" {
	gives 0 ctrun -d -i --name one --rootfs "$ROOTFS" sh -c "read x; $MUCH"
	equal "$(echo go | bytes ct attach one)" $TEN_MB
	gives 0 ctrun -d -t --name two --rootfs "$ROOTFS" sh -c "stty -echo; echo ready; read x; $MUCH"
	wait_for 10 eval 'ct logs two | grep ready'
	# the terminal is open until the end
	mkfifo "$BATS_TEST_TMPDIR/in"
	exec 8<>"$BATS_TEST_TMPDIR/in"
	echo go >&8
	equal "$(bytes ct attach two <&8)" $TEN_MB
	exec 8>&-
}

@test "stdin that is closed, empty, or ends" {
	run --separate-stderr sh -c 'exec timeout 20 ctrun --rootfs "$ROOTFS" cat <&-'
	[ "$status" -lt 124 ] || fail "it does not end"
	gives 0 timeout 20 ctrun --rootfs "$ROOTFS" cat </dev/null
	equal "$(echo x | timeout 20 ctrun --rootfs "$ROOTFS" cat)" x
	equal "$(echo x | timeout 20 ctrun -t --rootfs "$ROOTFS" cat | tr -d '\r' | tail -n 1)" x
	start one
	run --separate-stderr sh -c 'exec timeout 20 ct exec one cat <&-'
	[ "$status" -lt 124 ] || fail "it does not end"
	equal "$(echo x | timeout 20 ct exec one cat)" x
	bg_end
	ctnet gc
}

# headed STATUS COMMAND... - into a reader that goes away after a line
headed()
{
	local want=$1 got
	shift
	got=$(
		set +o pipefail
		timeout 20 "$@" 2>"$BATS_TEST_TMPDIR/err" 3>&- </dev/null | head -n 1 |
			tr -d '\r' >"$BATS_TEST_TMPDIR/line"
		echo "${PIPESTATUS[0]}"
	)
	equal "$(cat "$BATS_TEST_TMPDIR/line")" y
	equal "$got" "$want"
}

quietly()
{
	equal "$(cat "$BATS_TEST_TMPDIR/err")" ""
}

@test "into head: it ends, by SIGPIPE" {
	headed 141 ctrun --init --rootfs "$ROOTFS" yes
	quietly
	headed 141 ctrun -t --rootfs "$ROOTFS" yes
	quietly
	headed 141 ctrun -t --init --rootfs "$ROOTFS" yes
	quietly
	headed 141 ctrun --rootfs "$ROOTFS" sh -c 'yes; exit $?'
	quietly
	start one
	headed 141 ct exec one yes
	quietly
	headed 141 ct exec -t one yes
	quietly
	bg_end
	ctnet gc
	gives 0 ctrun -d --name two --rootfs "$ROOTFS" yes
	wait_for 10 eval '[ -n "$(ct logs --tail 1 two)" ]'
	headed 141 ct logs -f two
	headed 141 ct attach --no-stdin two
	is_running two
}

# The kernel sends pid 1 of a pid namespace no SIGPIPE: its own words, and its own status.
@test "into head, pid 1 itself: it ends, and we say nothing" {
	headed 1 ctrun --rootfs "$ROOTFS" yes
	! grep -q '^ctrun' "$BATS_TEST_TMPDIR/err" || fail "$(cat "$BATS_TEST_TMPDIR/err")"
}
