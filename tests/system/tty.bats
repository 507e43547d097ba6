#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# On a terminal: job control, signals from keys, window size. A tmux server is
# the terminal; its screen is polled for what a user would see.

load lib

setup_file()
{
	make_rootfs
}

setup()
{
	command -v tmux >/dev/null || skip "tmux is not installed"
	export TERMINAL=ctnet-$BATS_TEST_NUMBER
	tmux -L "$TERMINAL" -f /dev/null new-session -d -x 80 -y 24 \
		"env PS1='user> ' bash --norc --noprofile" 3>&-
	wait_for 10 shows 'user>$'
}

teardown()
{
	tmux -L "$TERMINAL" kill-server 2>/dev/null || true
	bg_end
}

screen()
{
	tmux -L "$TERMINAL" capture-pane -p
}

# shows REGEX - the screen, blank lines at the end aside
shows()
{
	[[ "$(screen)" =~ $1 ]]
}

# type KEYS... - words as tmux send-keys knows them
keys()
{
	tmux -L "$TERMINAL" send-keys "$@"
}

type_line()
{
	keys -l "$1"
	keys Enter
}

see()
{
	wait_for "${2:-10}" shows "$1" || fail "the screen: $(screen)"
}

@test "Ctrl-C ends ctrun sleep 100, status 130" {
	type_line "ctrun --name s --rootfs $ROOTFS sleep 100"
	wait_for 10 is_running s
	keys C-c
	wait_for 10 not is_running s
	type_line 'echo "status: $?"'
	see 'status: 130'
}

@test "Ctrl-Z stops it, fg goes on, Ctrl-C ends it" {
	type_line "ctrun --name s --rootfs $ROOTFS sleep 100"
	wait_for 10 is_running s
	keys C-z
	see 'Stopped'
	type_line 'jobs'
	see '\[1\]\+'
	type_line 'fg'
	see 'fg'
	wait_for 10 is_running s
	keys C-c
	wait_for 10 not is_running s
	type_line 'echo "status: $?"'
	see 'status: 130'
}

@test "a stopped container does not run" {
	type_line "ctrun --name s --rootfs $ROOTFS sh -c 'while :; do :; done'"
	wait_for 10 is_running s
	local pid
	pid=$(ct ps -j | jq -r '.[0].pid')
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
	see 'sleep 100'
	wait_for 10 pgrep -f '^sleep 100$'
	keys C-z
	see 'Stopped'
	type_line 'bg; jobs'
	see 'sleep 100'
	type_line 'fg'
	keys C-c
	type_line 'kill %1; exit 5'
	wait_for 10 not is_running s
	type_line 'echo "status: $?"'
	see 'status: 5'
}

@test "Ctrl-C in an interactive shell ends its command, not the shell" {
	type_line "ctrun --name s --rootfs $ROOTFS sh"
	wait_for 10 is_running s
	type_line 'sleep 100'
	wait_for 10 pgrep -f '^sleep 100$'
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
	tmux -L "$TERMINAL" resize-window -x 100 -y 30
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
	sleep 0.5 # bash tells a running job nothing: it looks for itself
	type_line 'word'
	see 'got word'
	see 'status 5'
	type_line "ctrun --name s --rootfs $ROOTFS sleep 1000"
	wait_for 10 is_running s
	keys C-z
	see 'Stopped'
	type_line 'clear; bg; sleep 0.5; jobs'
	see 'Running'
	type_line 'kill %1; wait %1; echo "status $?"'
	see 'status 143'
}
