#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a terminal: job control, signals from keys, window size.

load lib
load terminal

setup_file()
{
	make_rootfs
}

setup()
{
	terminal
}

teardown()
{
	terminal_end
	bg_end
	[ -z "$(ct ps -aq)" ] || ct rm -f "$(ct ps -aq)" >/dev/null || true
	ctnet gc
}

@test "Ctrl-C ends ctrun sleep 100, status 130" {
	type_line "ctrun --name s --rootfs $ROOTFS sleep 100"
	wait_for 10 is_running s
	keys C-c
	wait_for 10 not is_running s
	at_prompt
	type_line 'echo "status: $?"'
	see 'status: 130'
}

@test "Ctrl-Z stops it, fg goes on, Ctrl-C ends it" {
	type_line "ctrun --name s --rootfs $ROOTFS sleep 100"
	wait_for 10 pgrep '^ct-keeper'
	keys C-z
	see 'Stopped'
	type_line 'jobs'
	see '\[1\]\+'
	type_line 'fg'
	wait_for 10 pgrep '^ct-keeper'
	keys C-c
	wait_for 10 not is_running s
	at_prompt
	type_line 'echo "status: $?"'
	see 'status: 130'
}

@test "a stopped container does not run" {
	type_line "ctrun --name s --rootfs $ROOTFS sh -c 'while :; do :; done'"
	wait_for 10 is_running s
	local pid
	pid=$(ct ps -j | jq -r '.[0].pid')
	wait_for 10 pgrep '^ct-keeper'
	keys C-z
	see 'Stopped'
	wait_for 10 eval "ticks_still $pid"
	type_line 'kill %1; fg'
	wait_for 10 not is_running s
}

# ticks_still PID - whether it uses no CPU for a while
ticks_still()
{
	local before
	before=$(awk '{ print $14 + $15 }' "/proc/$1/stat")
	sleep 0.3
	[ "$before" = "$(awk '{ print $14 + $15 }' "/proc/$1/stat")" ]
}

@test "an interactive shell has job control and its own terminal" {
	type_line "ctrun --name s --rootfs $ROOTFS sh"
	wait_for 10 is_running s
	type_line 'tty; echo "pid: $$"'
	see '/dev/(pts/0|console)'
	see 'pid: 1'
	! shows "can't access tty" || fail "no job control: $(screen)"
	type_line 'sleep 100'
	in_foreground '^sleep 100$'
	keys C-z
	see 'Stopped'
	type_line 'clear; bg; jobs'
	see 'sleep 100'
	type_line 'fg'
	in_foreground '^sleep 100$'
	keys C-c
	wait_for 10 not pgrep -f '^sleep 100$'
	type_line 'exit 5'
	wait_for 10 not is_running s
	at_prompt
	type_line 'echo "status: $?"'
	see 'status: 5'
}

@test "Ctrl-C in an interactive shell ends its command, not the shell" {
	type_line "ctrun --name s --rootfs $ROOTFS sh"
	wait_for 10 is_running s
	type_line 'sleep 100'
	in_foreground '^sleep 100$'
	keys C-c
	wait_for 10 not pgrep -f '^sleep 100$'
	type_line 'echo still $((40 + 2))'
	see 'still 42'
	keys C-d
	wait_for 10 not is_running s
}

@test "the window's size arrives, and follows" {
	type_line "ctrun --name s --rootfs $ROOTFS sh"
	wait_for 10 is_running s
	type_line 'stty size'
	see '24 80'
	resize 100 30
	wait_for 10 eval 'type_line "clear; stty size"; see "30 100" 2'
	type_line exit
	wait_for 10 not is_running s
}

@test "the terminal is as it was afterwards" {
	type_line 'stty -a >/tmp/before'
	type_line "ctrun --rootfs $ROOTFS sh -c 'stty -echo -icanon'; echo ret''urned"
	see 'returned'
	type_line 'stty -a >/tmp/after; echo do''ne'
	see 'done'
	cmp /tmp/before /tmp/after
}

@test "ct exec has a terminal, too" {
	start s
	type_line "ct exec s sh"
	type_line 'tty && echo "size: $(stty size)"'
	see 'size: 24 80'
	keys C-d
	at_prompt # what is typed before that is the container's, and goes with it
	type_line 'echo ba''ck'
	see 'back'
}

@test "no terminal with --tty=no, nor when stdin is none" {
	type_line "ctrun --tty=no --rootfs $ROOTFS sh -c 'test -c /dev/pts/0 || echo none'"
	see 'none'
	run in_box tty
	prints 'not a tty'
}

@test "TIOCSTI cannot push keys into the caller's terminal" {
	command -v perl >/dev/null || skip "perl is not installed"
	# Through the inherited terminal, with the host's root for its perl.
	type_line "ctrun --tty=no perl -e 'ioctl(STDIN, 0x5412, \"x\") or print \"refused: \$!\\n\"'"
	see 'refused: '
}

@test "a job in the background runs, and takes the terminal when it comes to the front" {
	type_line "ctrun --name s --rootfs $ROOTFS sh -c 'echo up; read x; echo \"got \$x\"; exit 5' &"
	see $'\n(user> )?up'
	type_line 'jobs; echo "the shell''s"'
	see 'Running'
	type_line 'fg; echo "status $?"'
	wait_for 10 pgrep '^ct-keeper' # bash tells a running job nothing: it looks for itself
	type_line 'word'
	see 'got word'
	see 'status 5'
	type_line "ctrun --name s --rootfs $ROOTFS sleep 1000"
	wait_for 10 pgrep '^ct-keeper'
	keys C-z
	see 'Stopped'
	type_line 'clear; bg; sleep 0.5; jobs'
	see 'Running'
	type_line 'kill %1; wait %1; echo "status $?"'
	see 'status 143'
}

# cooked - what the terminal is, as another process sees it
cooked()
{
	local tty
	tty=$(terminal_of pane_tty)
	stty -a -F "$tty" | grep -q ' icanon' && stty -a -F "$tty" | grep -q ' echo '
}

raw()
{
	! cooked
}

# typed_then_killed LINE NAME - a script that reads after LINE, which is killed: no
# shell with line editing hides what the terminal is
typed_then_killed()
{
	cat >/tmp/script <<-END
		$1
		echo "status: \$?"
		read -r word
		echo "got \$word"
	END
	type_line 'clear; sh /tmp/script'
	wait_for 10 raw
	local pid
	pid=$(pgrep -oxf "$2") # its children have the same words
	kill -KILL "$pid"
	see 'status: 137'
	wait_for 10 cooked
	wait_for 10 not pgrep '^ct-keeper'
	type_line 'word'
	see 'got word'
}

@test "a raw terminal is as it was when kill -9 ended who made it raw: ctrun, ct exec, ct attach" {
	typed_then_killed "ctrun --name s --rootfs $ROOTFS sleep 424242" \
		"ctrun --name s --rootfs $ROOTFS sleep 424242"
	wait_for 10 not pgrep -xf 'sleep 424242'
	start s
	typed_then_killed "ct exec s sleep 424242" "ct exec s sleep 424242"
	wait_for 10 not pgrep -xf 'sleep 424242'
	ctrun -d -t --name d --rootfs "$ROOTFS" sleep 1000
	typed_then_killed "ct attach d" "ct attach d"
	is_running d
	ct rm -f d
	bg_end
	ctnet gc
}

@test "kill -9 of a whole job: the terminal is as it was, too" {
	type_line "ctrun --name s --rootfs $ROOTFS sleep 424242"
	wait_for 10 raw
	local pid
	pid=$(pgrep -oxf "ctrun --name s --rootfs $ROOTFS sleep 424242")
	kill -KILL -- "-$pid"
	see 'Killed'
	wait_for 10 not pgrep '^ct-keeper'
	type_line 'echo lives''.on'
	see 'lives.on'
	ctnet gc
}

@test "no keeper stays behind, nor while it is stopped or in the background" {
	type_line "ctrun --name s --rootfs $ROOTFS sleep 424242"
	wait_for 10 pgrep '^ct-keeper'
	keys C-z
	see 'Stopped'
	wait_for 10 not pgrep '^ct-keeper'
	type_line fg
	wait_for 10 pgrep '^ct-keeper'
	keys C-c
	wait_for 10 not is_running s
	wait_for 10 not pgrep '^ct-keeper'
}

@test "with --init: Ctrl-C, Ctrl-Z and fg" {
	type_line "ctrun --init --name s --rootfs $ROOTFS sleep 424242"
	wait_for 10 is_running s
	wait_for 10 pgrep '^ct-keeper'
	keys C-z
	see 'Stopped'
	type_line 'fg'
	wait_for 10 pgrep '^ct-keeper'
	keys C-c
	wait_for 10 not is_running s
	at_prompt
	type_line 'echo "status: $?"'
	see 'status: 130'
}

@test "ct exec: Ctrl-Z and fg, Ctrl-C, and the window's size follows" {
	start s
	type_line 'ct exec s sleep 424242'
	wait_for 10 pgrep '^ct-keeper'
	keys C-z
	see 'Stopped'
	type_line 'fg'
	wait_for 10 pgrep '^ct-keeper'
	keys C-c
	wait_for 10 not pgrep -xf 'sleep 424242'
	at_prompt
	type_line 'echo "status: $?"'
	see 'status: 130'
	type_line "clear; ct exec s sh -c 'trap \"stty size\" WINCH; echo u''p; while :; do sleep 0.1; done'"
	see up
	resize 100 30
	see '30 100'
	keys C-c
	see 'user> *$'
	bg_end
	ctnet gc
}

@test "ct attach: the window's size follows, Ctrl-C goes in" {
	ctrun -d -t --name d --rootfs "$ROOTFS" sh -c \
		'trap "stty size" WINCH; trap "exit 4" INT; while :; do echo up; sleep 0.1; done'
	type_line 'ct attach d; echo "status: $?"'
	see $'\nup'
	resize 100 30
	see '30 100'
	keys C-c
	see 'status: 4'
	ct rm d
}
