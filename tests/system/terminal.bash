# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the tests on a terminal share, on top of lib.bash: a tmux server is the terminal,
# its keys are typed, its screen is polled for what a user would see. What is typed
# belongs to whoever reads at that moment, so who that is is waited for: see, at_prompt,
# in_foreground.

# terminal [COLUMNS LINES] - with a shell, which says "user> "
terminal()
{
	command -v tmux >/dev/null || skip "tmux is not installed"
	local file=${BATS_TEST_FILENAME##*/}
	export TERMINAL=${file%.bats}-$BATS_TEST_NUMBER
	tmux -L "$TERMINAL" -f /dev/null new-session -d -x "${1-80}" -y "${2-24}" \
		"env PS1='user> ' bash --norc --noprofile" 3>&-
	see 'user>'
}

# For teardown()
terminal_end()
{
	[ -z "${TERMINAL-}" ] || tmux -L "$TERMINAL" kill-server 2>/dev/null || true
}

resize()
{
	tmux -L "$TERMINAL" resize-window -x "$1" -y "$2"
}

# keys KEYS... - words as tmux send-keys knows them
keys()
{
	tmux -L "$TERMINAL" send-keys "$@"
}

type_line()
{
	keys -l "$1"
	keys Enter
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

# see REGEX [SECONDS]
see()
{
	wait_for "${2:-20}" shows "$1" || fail "the screen: $(screen)"
}

# terminal_of FORMAT - what tmux knows
terminal_of()
{
	tmux -L "$TERMINAL" display-message -p "#{$1}"
}

# The shell has the terminal again: nobody else takes what is typed now.
at_prompt()
{
	wait_for 20 eval '[ "$(terminal_of pane_current_command)" = bash ]' ||
		fail "the screen: $(screen)"
}

has_foreground()
{
	ps -o stat= -p "$(pgrep -f "$1")" | grep -q '^[SR].*+'
}

# in_foreground REGEX - a process with such a command line has its terminal, and runs
in_foreground()
{
	wait_for 20 has_foreground "$1" || fail "$(ps -eo pid,stat,args); the screen: $(screen)"
}
