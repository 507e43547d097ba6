#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ct attach: terminals that come and go.

load lib
load terminal

setup_file()
{
	make_rootfs
}

teardown()
{
	terminal_end
	bg_end
	remove_containers
}

detached()
{
	ctrun -d --name d --rootfs "$ROOTFS" "$@" >/dev/null
}

ended()
{
	[ "$(ct ps -a -j | jq -r '.[0].status')" = exited ]
}

# a shell at its prompt, unlike attach, leaves Ctrl-C to the terminal
is_raw()
{
	stty -F "$(terminal_of pane_tty)" -a | grep -q -e '-isig'
}

has_line()
{
	grep -q "$1" "$BATS_TEST_TMPDIR/$2"
}

@test "a shell on a terminal: typed, its size, detached by keys, attached again, its status" {
	terminal
	detached -t sh
	type_line 'ct attach d; echo "status: $?"'
	wait_for 10 eval 'keys Enter; shows "/ #"'
	type_line 'stty size; echo in$((1+1))side'
	see '24 80'
	see 'in2side'
	keys C-p C-q
	see 'status: 0'
	type_line 'stty -a | grep -o "[-]*icanon"'
	see '[^-]icanon'
	[ "$(ct ps -j | jq -r '.[0].status')" = running ]
	resize 90 30
	type_line 'ct attach d; echo "status: $?"'
	wait_for 10 eval 'keys Enter; shows "/ # *$"'
	type_line 'stty size; exit 9'
	see '30 90'
	see 'status: 9'
}

@test "Ctrl-C in the terminal ends a command that is pid 1" {
	terminal
	detached -t sleep 1000
	type_line 'ct attach d; echo "status: $?"'
	wait_for 10 is_raw
	keys C-c
	see 'status: 130'
	ended
}

@test "a terminal is cooked again when attach is killed" {
	terminal
	detached -t sh
	type_line 'ct attach d'
	wait_for 10 eval 'keys Enter; shows "/ #"'
	pkill -TERM -f '^ct attach d' || kill "$(pgrep -f 'ct attach d')"
	see 'user> *$'
	type_line 'stty -a | grep -o "[-]*icanon"'
	see '[^-]icanon'
}

@test "without a terminal: stdout and stderr apart, what is typed arrives, the status" {
	detached -i sh -c 'while read -r x; do echo "out $x"; echo "err $x" >&2; [ "$x" != end ] || exit 4; done'
	mkfifo "$BATS_TEST_TMPDIR/in"
	ct attach d <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/a.out" 2>"$BATS_TEST_TMPDIR/a.err" 3>&- &
	local pid=$!
	exec 8>"$BATS_TEST_TMPDIR/in"
	echo one >&8
	wait_for 10 has_line 'out one' a.out
	wait_for 10 has_line 'err one' a.err
	run ! grep err "$BATS_TEST_TMPDIR/a.out"
	echo end >&8
	exec 8>&-
	local status=0
	wait "$pid" || status=$?
	equal "$status" 4
}

@test "several at once, one of which is dead to the world: none holds the container up" {
	detached -i sh -c 'read x; i=0; while [ $i -lt 20000 ]; do echo "line $i xxxxxxxxxxxxxxxxxxxxxxxxxx"; i=$((i+1)); done'
	bg a ct attach --no-stdin d
	bg dead ct attach --no-stdin d
	local dead=$bg_pid
	wait_for 10 eval '[ "$(ls /proc/'"$dead"'/fd | wc -l)" -gt 4 ]'
	sleep 0.2
	kill -STOP "$dead"
	echo go | timeout 20 ct attach d >/dev/null || true
	wait_for 20 ended
	[ "$(ct logs d | tail -n 1 | cut -d' ' -f2)" = 19999 ]
	wait_for 10 has_line 'line 19999' a.out
	[ "$(wc -l <"$BATS_TEST_TMPDIR/a.out")" = 20000 ]
	kill -CONT "$dead"
}

@test "signals go to the command that has no terminal, unless --sig-proxy=no" {
	detached sh -c 'trap "echo caught" USR1; while :; do echo tick; sleep 0.05; done'
	bg a ct attach --no-stdin d
	local pid=$bg_pid
	wait_for 10 has_line tick a.out
	kill -USR1 "$pid"
	wait_for 10 has_line caught a.out
	bg b ct attach --no-stdin --sig-proxy=no d
	wait_for 10 has_line tick b.out
	kill -TERM "$bg_pid"
	wait_for 10 is_gone "$bg_pid"
	run ! ended
}

@test "the socket is its own user's, at a path, in a directory of its own" {
	local root
	root=$BATS_TEST_TMPDIR/$(printf 'long%.0s' {1..30})/root
	mkdir -p "$root"
	ctrun --root "$root" -d --name d --rootfs "$ROOTFS" sh -c 'exec sleep 1000' >/dev/null
	local s
	s=$(find "$root" -type s)
	equal "$(stat -c %a "$s")" 600
	equal "$(stat -c %a "${s%/*}")" 700
	run ! grep -q '@.*ct' /proc/net/unix
	bg a ct --root "$root" attach --no-stdin d
	local pid=$bg_pid
	ct --root "$root" rm -f d
	wait_for 10 is_gone "$pid"
}

@test "what cannot be attached" {
	start f
	refuses 125 "foreground" ct attach f
	detached true
	wait_for 10 eval '[ "$(ct ps -a -j | jq -r ".[] | select(.name == \"d\").status")" = exited ]'
	refuses 125 "not running" ct attach d
	refuses 125 "is no key" ct attach --detach-keys ctrl-pq d
}
